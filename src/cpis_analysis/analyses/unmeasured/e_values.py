"""E-values: how strongly something unmeasured would have to go with arm and outcome to explain a difference away.

Of a risk ratio RR of one or more the E-value is RR + sqrt(RR (RR - 1)), of one below one that of its inverse. Something
unmeasured that goes with both the arm and the outcome by risk ratios of that size each, above what was adjusted for,
could explain the whole difference; something weaker could not. Other measures are first made risk ratios,
approximately:

- standardised differences d: RR = exp(0.91 d), the limits alike, so that the interval keeps the degrees of freedom of
  its analysis (with none, 0.91 of an interval's 1.96 standard errors are the 1.78 of the published formula);
- odds ratios: themselves where the event is rare, else their square root;
- hazard ratios: themselves where the event is rare, else (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR));
- rate ratios and risk ratios: themselves.

References
----------
VanderWeele TJ, Ding P (2017). Ann Intern Med 167:268-274, table 2 and appendix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RARE = 0.15
"""Share of people with an event below which it counts as rare."""

RATIOS = {
    "odds": ("odds", "odds ratio"),
    "common_odds": ("odds", "odds ratio"),
    "hazard": ("hazard", "hazard ratio"),
    "rate": ("rate", "rate ratio"),
    "risk_ratio": ("risk_ratio", "risk ratio"),
}
"""Scale of an analysis -> how its ratios are made risk ratios, and what they are called."""

_D = 0.91


@dataclass(frozen=True)
class AsRiskRatio:
    """An estimate made a risk ratio, with its E-values.

    Attributes
    ----------
    ratio, low, high : float
    e_value : float
        Of the estimate.
    e_value_limit : float
        Of the end of the interval nearer to one; one where the interval holds one.
    by : str
        How it was made: ``smd``, ``risk ratio``, ``rate ratio``, ``odds ratio, rare``, ``odds ratio, common``, ``hazard
        ratio, rare`` or ``hazard ratio, common``.
    """

    ratio: float
    low: float
    high: float
    e_value: float
    e_value_limit: float
    by: str


def e_value(ratio: float) -> float:
    """The E-value of a risk ratio."""
    away = max(ratio, 1.0 / ratio) if ratio > 0 else math.inf
    return away + math.sqrt(away * (away - 1.0)) if math.isfinite(away) else math.inf


def e_value_of_limit(ratio: float, low: float, high: float) -> float:
    """The E-value of the end of an interval nearer to one; one where the interval holds one."""
    if not low > 1.0 and not high < 1.0:
        return 1.0
    return e_value(low if ratio > 1.0 else high)


def as_risk_ratio(measure: str, value: float, rare: bool = False) -> float:
    """A measure as a risk ratio, approximately.

    Parameters
    ----------
    measure : str
        ``smd``, ``odds``, ``hazard``, ``rate`` or ``risk_ratio``.
    value : float
        A standardised difference, or a ratio.
    rare : bool
        Of odds and hazards: whether fewer than `RARE` have the event.
    """
    if measure == "smd":
        return _exponential(_D * value)
    if rare or measure in ("rate", "risk_ratio"):
        return value
    if measure == "odds":
        return math.sqrt(value)
    if not 0 < value < math.inf:
        return value
    return (1.0 - 0.5 ** math.sqrt(value)) / (1.0 - 0.5 ** math.sqrt(1.0 / value))


def _exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def e_values(scale: str, ends: Sequence[float], sd: float | None = None, *, rare: bool = False) -> AsRiskRatio | None:
    """An estimate and its interval as a risk ratio with E-values.

    Parameters
    ----------
    scale : str
        ``points``, or a key of `RATIOS`.
    ends : (estimate, low, high)
        On the scale of the model: points, or logarithms of ratios.
    sd : float, optional
        Of points.
    rare : bool

    Returns
    -------
    AsRiskRatio or None
        None for other scales, points without a standard deviation, and numbers that are missing.
    """
    if any(math.isnan(value) for value in ends):
        return None
    if scale == "points" and sd is not None:
        measure, by, values = "smd", "smd", [value / sd for value in ends]
    elif scale in RATIOS:
        measure, name = RATIOS[scale]
        by = name + (f", {'rare' if rare else 'common'}" if measure in ("odds", "hazard") else "")
        values = [_exponential(value) for value in ends]
    else:
        return None
    ratio, low, high = (as_risk_ratio(measure, value, rare) for value in values)
    return AsRiskRatio(ratio, low, high, e_value(ratio), e_value_of_limit(ratio, low, high), by)
