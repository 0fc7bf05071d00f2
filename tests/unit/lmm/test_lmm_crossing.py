"""Brent's method, held against SciPy's."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import brentq

from cpis_analysis.lmm.refits.crossing import crossing

FUNCTIONS = {
    "line": lambda x, k: x - k,
    "cube": lambda x, k: (x - k) ** 3 + 0.01 * (x - k),
    "flat": lambda x, k: (x - k) ** 9,
    "root of a deviance": lambda x, k: math.copysign(math.sqrt(abs(x - k)), x - k) - 0.1 * k,
    "steep": lambda x, k: math.atan(40 * (x - k)) + 0.05 * k,
    "tiny": lambda x, k: 1e-200 * (x - k) ** 3,
    "same value on one side": lambda x, k: max(min(x - k, 0.5), -0.25),
    "step": lambda x, k: -1.0 if x < k else 1.0,
    "exponential": lambda x, k: math.exp(x) - math.exp(k),
    "infinite at one end": lambda x, k: math.inf if x > k + 2 else x - k,
    "zero within reach": lambda x, k: max(x - k, -0.5) if x < k else 0.0,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_crossing_equals_that_of_scipy_to_the_last_bit_with_the_same_points(name):
    random = np.random.default_rng(7)
    compared = 0
    for _ in range(300):
        k, low, high = float(random.uniform(-2, 2)), *sorted(random.uniform(-6, 6, 2).tolist())
        low, high = (low, high) if random.random() < 0.5 else (high, low)
        asked: list[float] = []

        def function(x, k=k, asked=asked):
            asked.append(x)
            return FUNCTIONS[name](x, k)

        try:
            expected = brentq(function, low, high, xtol=1e-8, rtol=1e-10)
        except (ValueError, RuntimeError):
            with pytest.raises(ValueError, match="zero"):
                crossing(function, low, high, absolute=1e-8, relative=1e-10)
            continue
        points = asked.copy()
        asked.clear()
        assert crossing(function, low, high, absolute=1e-8, relative=1e-10) == expected
        assert asked == points
        compared += 1
    assert compared > 60


def test_crossing_at_an_end_is_that_end():
    assert crossing(lambda x: x, 0.0, 3.0, absolute=1e-8, relative=1e-10) == 0.0
    assert crossing(lambda x: x, -3.0, 0.0, absolute=1e-8, relative=1e-10) == 0.0


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x: x * x + 1.0, "does not pass zero"),
        (lambda x: math.nan, "does not pass zero"),
        (lambda x: x if abs(x) > 0.9 else math.nan, "no value"),
    ],
)
def test_crossing_that_is_not_there_is_an_error(function, why):
    with pytest.raises(ValueError, match=why):
        crossing(function, -1.0, 1.0, absolute=1e-8, relative=1e-10)


def test_models_are_fitted_without_loading_what_takes_longer_than_a_fit():
    code = "import sys; import cpis_analysis.steps.fit_models; print('scipy.optimize' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
