"""Where a function of one number passes zero, by Brent's method.

SciPy has the same (`scipy.optimize.brentq`, to the last bit), but loading it takes a third of a second: longer than
all fits of most edited models, which wait for nothing else.

References
----------
Brent RP (1973). Algorithms for Minimization without Derivatives, ch. 4. Prentice-Hall.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_STEPS = 100


def crossing(function: Callable[[float], float], low: float, high: float, *, absolute: float, relative: float) -> float:
    """A zero between two numbers at which the function has different signs.

    Each step goes where a line through the last two points, or a curve through the last three, meets zero; where that
    would leave the bracket or gains too little, the bracket is halved.

    Parameters
    ----------
    function : callable
    low, high : float
        Ends of the bracket.
    absolute, relative : float
        The zero lies within ``absolute + relative * |zero|`` of what is returned.

    Raises
    ------
    ValueError
        If the function has one sign at both ends, or somewhere no value.
    """
    # the point before, the best point, and one beyond the zero
    before, at_before = low, function(low)
    best, at_best = high, function(high)
    if at_before == 0.0:
        return before
    if not (at_best == 0.0 or at_before < 0.0 < at_best or at_best < 0.0 < at_before):
        raise ValueError("The function does not pass zero between the ends.")
    beyond, at_beyond = before, at_before
    last = step = best - before
    for _ in range(_STEPS):
        if at_before != 0.0 and at_best != 0.0 and (at_before < 0.0) != (at_best < 0.0):
            beyond, at_beyond = before, at_before
            last = step = best - before
        if abs(at_beyond) < abs(at_best):
            before, best, beyond = best, beyond, best
            at_before, at_best, at_beyond = at_best, at_beyond, at_best
        near = (absolute + relative * abs(best)) / 2.0
        half = (beyond - best) / 2.0
        if at_best == 0.0 or abs(half) < near:
            return best
        guess = math.inf
        if abs(last) > near and abs(at_best) < abs(at_before):
            guess = _step_to_zero((before, best, beyond), (at_before, at_best, at_beyond))
        last, step = (step, guess) if 2.0 * abs(guess) < min(abs(last), 3.0 * abs(half) - near) else (half, half)
        before, at_before = best, at_best
        best += step if abs(step) > near else math.copysign(near, half)
        at_best = function(best)
        if math.isnan(at_best):
            raise ValueError(f"The function has no value at {best}.")
    raise ValueError(f"The zero was not found in {_STEPS} steps.")


def _step_to_zero(points: tuple[float, float, float], values: tuple[float, float, float]) -> float:
    """From the best point (the second) to where the line, or the curve, through the points meets zero."""
    (before, best, beyond), (at_before, at_best, at_beyond) = points, values
    if before == beyond:
        return -at_best * (best - before) / (at_best - at_before)
    slope_before = (at_before - at_best) / (before - best)
    slope_beyond = (at_beyond - at_best) / (beyond - best)
    bend = slope_beyond * slope_before * (at_beyond - at_before)
    return -at_best * (at_beyond * slope_beyond - at_before * slope_before) / bend if bend else math.inf
