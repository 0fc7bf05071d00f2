"""The root of a function of one number between two ends.

To load the library that has this method takes longer than to fit half a dozen models.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_MOST_STEPS = 100


def bracketed_root(f: Callable[[float], float], low: float, high: float, *, absolute: float, relative: float) -> float:
    """Where f is zero, by Brent's method: inverse quadratic steps, and halving where they would not do.

    Parameters
    ----------
    f : callable
        Continuous; called at both ends first.
    low, high : float
        f has different signs there, or is zero at one of them.
    absolute, relative : float
        The root is told to within ``absolute + relative * |root|``.

    Raises
    ------
    ValueError
        If f has the same sign at both ends.
    ArithmeticError
        If a hundred steps do not get there.

    Notes
    -----
    R. P. Brent (1973), Algorithms for minimization without derivatives, chapter 4. The steps are those of
    `scipy.optimize.brentq`, number for number.
    """
    before, here = low, high
    f_before, f_here = f(before), f(here)
    if f_before == 0.0:
        return before
    if f_here == 0.0:
        return here
    if (f_before < 0.0) == (f_here < 0.0):
        raise ValueError("the function has the same sign at both ends")
    other = f_other = last = step = 0.0
    for _ in range(_MOST_STEPS):
        if (f_before < 0.0) != (f_here < 0.0):
            other, f_other = before, f_before
            last = step = here - before
        if abs(f_other) < abs(f_here):
            before, here, other = here, other, here
            f_before, f_here, f_other = f_here, f_other, f_here
        near = (absolute + relative * abs(here)) / 2.0
        half = (other - here) / 2.0
        if f_here == 0.0 or abs(half) < near:
            return here
        trial = math.inf
        if abs(last) > near and abs(f_here) < abs(f_before):
            trial = _interpolated((before, f_before), (here, f_here), (other, f_other))
        # a step that is too long, or no number, is none
        good = 2.0 * abs(trial) < min(abs(last), 3.0 * abs(half) - near)
        last, step = (step, trial) if good else (half, half)
        before, f_before = here, f_here
        here += step if abs(step) > near else near if half > 0.0 else -near
        f_here = f(here)
    raise ArithmeticError("no root was found in a hundred steps")


def _interpolated(before: tuple[float, float], here: tuple[float, float], other: tuple[float, float]) -> float:
    """The step from the second point to the root of the line or of the inverse parabola through the points."""
    (x0, f0), (x1, f1), (x2, f2) = before, here, other
    if x0 == x2:
        return -f1 * (x1 - x0) / (f1 - f0)
    slope0, slope2 = (f0 - f1) / (x0 - x1), (f2 - f1) / (x2 - x1)
    below = slope2 * slope0 * (f2 - f0)
    return -f1 * (f2 * slope2 - f0 * slope0) / below if below else math.inf
