"""Steps to which averages of people are rounded before they leave."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal


def release_step(sd: float, n: float, unit: float = 0.0) -> float:
    """The step to which averages of a group are rounded.

    Parameters
    ----------
    sd : float
        Standard deviation of the variable, in everybody.
    n : float
        People in the group.
    unit : float
        The least step, a power of ten.

    Returns
    -------
    float
        The smallest of 1, 2 and 5 times a power of ten that is at least sd / (2 n), or `unit` if that is more; zero
        where there is no sd.

    Notes
    -----
    Somebody who has the mean of n people and that of n - 1 of them can compute the last one's value as
    n m - (n - 1) m'. With both means rounded to a step u this is known to within u (2 n - 1) / 2 on either side only,
    which is about half a standard deviation: no better than what is known of anybody in the study.
    """
    if not sd > 0 or not n > 0 or not math.isfinite(sd):
        return 0.0
    least = sd / (2 * n)
    power = math.floor(math.log10(least))
    step = next(
        part * 10.0**exponent
        for exponent in (power, power + 1)
        for part in (1, 2, 5)
        if part * 10.0**exponent >= least * (1 - 1e-9)
    )
    return max(float(f"{step:.1g}"), unit)


def to_step(value: float, step: float) -> float:
    """The nearest multiple of a step, halves away from zero, without the digits that floating point would add."""
    if step <= 0 or not math.isfinite(value):
        return value
    unit = Decimal(repr(step))
    return float((Decimal(repr(float(value))) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit)
