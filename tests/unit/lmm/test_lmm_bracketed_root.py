"""The root between two ends, against the library that has the method."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from cpis_analysis.lmm.refits.bracketed_root import bracketed_root

FUNCTIONS: dict[str, tuple[Callable[[float], float], float, float]] = {
    "cubic": (lambda x: x**3 - 2.0 * x - 5.0, 1.0, 4.0),
    "cosine": (lambda x: math.cos(x) - x, -1.0, 2.0),
    "flat": (lambda x: (x - 0.3) ** 5, -1.0, 2.0),
    "steep": (lambda x: math.tanh(1e4 * (x - 0.123)), 3.0, -4.0),
    "step": (lambda x: 1.0 if x > 0.7 else -1.0, 0.0, 1.0),
    "endless": (lambda x: math.inf if x > 1.5 else x - 1.0, 0.0, 9.0),
    "tiny": (lambda x: 1e-200 * (x**3 - 0.2), 0.0, 1.0),
    "at the lower end": (lambda x: x, 0.0, 1.0),
    "at the upper end": (lambda x: x - 1.0, 0.0, 1.0),
}


def noted(f: Callable[[float], float], places: list[float]) -> Callable[[float], float]:
    """The function, which notes where it is asked."""

    def asked(x: float) -> float:
        places.append(x)
        return f(x)

    return asked


@pytest.mark.parametrize("name", FUNCTIONS)
def test_root_is_that_of_scipy_to_the_last_bit(name: str) -> None:
    f, low, high = FUNCTIONS[name]
    for absolute, relative in ((1e-8, 1e-10), (2e-12, 8.9e-16), (1e-3, 1e-3)):
        here: list[float] = []
        theirs: list[float] = []
        found = bracketed_root(noted(f, here), low, high, absolute=absolute, relative=relative)
        assert found == brentq(noted(f, theirs), low, high, xtol=absolute, rtol=relative)
        assert here == theirs


def test_roots_of_drawn_polynomials_are_those_of_scipy() -> None:
    rng = np.random.default_rng(7)
    seen = 0
    for _ in range(300):
        weights = rng.normal(size=5).tolist()

        def f(x: float, weights: list[float] = weights) -> float:
            return weights[0] + x * (weights[1] + x * (weights[2] + x * (weights[3] + x * weights[4])))

        low, high = rng.uniform(-3, 0), rng.uniform(0, 3)
        if f(low) * f(high) < 0:
            seen += 1
            assert bracketed_root(f, low, high, absolute=1e-8, relative=1e-10) == brentq(
                f, low, high, xtol=1e-8, rtol=1e-10
            )
    assert seen > 80


def test_same_signs_are_refused() -> None:
    with pytest.raises(ValueError, match="same sign"):
        bracketed_root(lambda x: x * x + 1.0, -1.0, 1.0, absolute=1e-8, relative=1e-10)


def test_a_function_that_is_no_number_ends() -> None:
    with pytest.raises(ArithmeticError, match="hundred steps"):
        bracketed_root(lambda x: -1.0 if x == 0.0 else math.nan, 0.0, 1.0, absolute=0.0, relative=1e-300)
