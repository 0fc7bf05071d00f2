"""The scale on which an outcome is analysed: what a difference of a model means, and what it may be judged by.

A formula may transform its outcome (``log1p(days_6m) ~ ...``). Its differences are then none of points: margins, the
minimal important difference, standard deviations and axes of points say nothing of them, unless the plan gives them on
that scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

from cpis_analysis.errors import CpisError
from cpis_analysis.formula.parse import Operand, parse_formula
from cpis_analysis.methods import method_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.publish.sources.sourced_columns import exp, noted

if TYPE_CHECKING:
    from cpis_analysis.plan.schema_outcomes import Outcome

_LINKS = {
    "log": ("logarithmic", "logarithm"),
    "log1p": ("logarithmic (value plus one)", "logarithm of (value plus one)"),
    "sqrt": ("square-root", "square root"),
    "exp": ("exponential", "exponential"),
    "square": ("squared", "square"),
    "cube": ("cubed", "cube"),
    "scale": ("z-score", "z score"),
    "logit": ("log-odds", "log odds"),
    "cumulative logit": ("log-odds", "log odds of a higher answer"),
    "log rate": ("log-rate", "logarithm of the rate"),
    "log cluster rate": ("log-rate", "logarithm of the cluster's rate"),
    "log hazard": ("log-hazard", "logarithm of the hazard"),
    "log risk": ("log-risk", "logarithm of the risk"),
}
_RATIOS = {"log": "", "log1p": " of (value plus one)"}
"""Transformations whose differences have an exact back-transformation, and of what the geometric mean is."""
_COMPARED = {
    "logit": ("odds", "odds", "odds ratio"),
    "cumulative logit": ("odds of a higher answer", "odds of a higher answer", "common odds ratio"),
    "log rate": ("rate", "rates", "rate ratio"),
    "log cluster rate": ("average cluster's rate", "cluster rates", "ratio of cluster rates"),
    "log hazard": ("hazard", "hazards", "hazard ratio"),
    "log risk": ("risk", "risks", "risk ratio"),
}
"""Links of models whose differences are logarithms of ratios: of one, of several, and what the ratio is called."""


@dataclass(frozen=True)
class Scale:
    """What a difference between arms is a difference of.

    Attributes
    ----------
    name : str
        ``points``, ``risk``, the transformation: ``log``, ``log1p``, ``sqrt``, ``log(sqrt)``, or what a generalised
        model compares: ``odds``, ``common_odds``, ``rate``, ``cluster_rate``, ``hazard``, ``risk_ratio``.
    link : str
        What the model takes the outcome, or its mean, by: ``identity``, the transformation, or the link.
    unit : str
        ``point``, ``risk``, or empty where a difference has no unit of its own.
    back : str
        ``exp`` where the exponential of a difference is a ratio of geometric means, odds or rates; else empty.
    per : float
        How many of the units that are printed make one of the model's: proportions are printed as percentage points.
    """

    name: str
    link: str
    unit: str
    back: str = ""
    per: float = 1.0

    @property
    def natural(self) -> bool:
        """Whether it is the outcome's own scale, on which the plan gives margins and standard deviations stand."""
        return self.link == "identity"

    @property
    def is_ratio(self) -> bool:
        return self.back == "exp"

    @property
    def phrase(self) -> str:
        """ "on the square-root scale"."""
        known = _LINKS.get(self.link)
        return f"on the {known[0]} scale" if known else f"on the scale of {self.link}"

    @property
    def of_value(self) -> str:
        """What the model takes of a value: "square root", "log(sqrt)"."""
        known = _LINKS.get(self.link)
        return known[1] if known else self.link

    @property
    def means(self) -> str:
        """What a ratio is a ratio of: "geometric means", "geometric means of (value plus one)", "odds"."""
        if self.link in _COMPARED:
            return _COMPARED[self.link][1]
        return f"geometric means{_RATIOS.get(self.link, '')}"

    @property
    def mean(self) -> str:
        """What is compared, as the subject of a sentence: "geometric mean", "rate", "odds", which have no singular."""
        return _COMPARED[self.link][0] if self.link in _COMPARED else f"geometric mean{_RATIOS.get(self.link, '')}"

    @property
    def mean_is_many(self) -> bool:
        """Whether `mean` has no singular, as odds."""
        return self.of_model and self.mean == self.means

    @property
    def of_model(self) -> bool:
        """Whether the link of a generalised model makes it, not a transformation of the outcome."""
        return self.link in _COMPARED

    @property
    def difference(self) -> str:
        """What a difference is called: "odds ratio", "ratio of geometric means", "difference on the log scale"."""
        if self.of_model:
            return _COMPARED[self.link][2]
        if self.is_ratio:
            return f"ratio of {self.means}"
        natural = {"point": "difference in means", "risk": "difference in risk"}
        return natural.get(self.unit, f"difference in means {self.phrase}")

    @property
    def within_clusters(self) -> bool:
        """Whether a ratio of a generalised model is one for people of the same clusters."""
        return self.of_model and self.name not in ("hazard", "cluster_rate", "risk_ratio")

    def effect(self, effect: str) -> str:
        """What a reported effect is called: that of an interaction is a ratio of ratios."""
        return f"ratio of ratios of {self.means}" if self.is_ratio and ":" in effect else self.difference

    @overload
    def in_units(self, value: None) -> None: ...

    @overload
    def in_units(self, value: float) -> float: ...

    def in_units(self, value: float | None) -> float | None:
        """A number on the scale of the model, such as a standard error, in the units that are printed and drawn."""
        return value if self.per == 1.0 or value is None else self.per * value

    def shown(self, value: float) -> float:
        """A difference as it is printed: of logarithms its exponential, the ratio."""
        if not self.is_ratio:
            return self.in_units(value)
        try:
            return exp(value)
        except OverflowError:
            return math.inf

    def at_tick(self, drawn: float) -> float:
        """What stands at a place of an axis in units: a ratio where its logarithm is drawn."""
        return self.shown(drawn) if self.is_ratio else drawn


PER_CENT = 100.0
POINTS, RISK = Scale("points", "identity", "point"), Scale("risk", "identity", "risk", per=PER_CENT)
_NAMED = {
    "points": POINTS,
    "risk": RISK,
    "odds": Scale("odds", "logit", "", "exp"),
    "common_odds": Scale("common_odds", "cumulative logit", "", "exp"),
    "rate": Scale("rate", "log rate", "", "exp"),
    "cluster_rate": Scale("cluster_rate", "log cluster rate", "", "exp"),
    "hazard": Scale("hazard", "log hazard", "", "exp"),
    "risk_ratio": Scale("risk_ratio", "log risk", "", "exp"),
}


def scale_of(spec: AnalysisSpec) -> Scale:
    """The scale of an analysis, from the link of its model or the left side of its formula."""
    name = method_of(spec).scales.get(spec.family)
    return scale_named(name) if name else scale_of_formula(spec.formula, spec.outcome_type == "binary")


@lru_cache(maxsize=4096)
def scale_of_formula(formula: str, binary: bool = False) -> Scale:
    """The scale of a formula's outcome; that of a formula that can't be read is the outcome's own."""
    try:
        response = parse_formula(formula).response
    except CpisError:
        return RISK if binary else POINTS
    return scale_named(_name(response)) if _name(response) else RISK if binary else POINTS


def scale_named(name: str) -> Scale:
    """The scale of this name."""
    return _NAMED.get(name) or Scale(name, name, "", "exp" if name in _RATIOS else "")


def _name(response: Operand) -> str:
    """The transformation as the column `scale` writes it; centring in the end moves no difference."""
    names = list(response.transforms)
    while names and names[-1] == "center":
        names.pop()
    text = ""
    for name in names:
        text = f"{name}({text})" if text else name
    return text


@dataclass(frozen=True)
class Judged:
    """Margins and important difference on one scale of an outcome, each None where the plan has none.

    Attributes
    ----------
    low, high : float or None
        Margins of equivalence on the model's scale.
    shown_low, shown_high : float or None
        The same as they are printed: ratios for `log` and `log1p`, percentage points for risks.
    source : str or None
    important, shown_important : float or None
        Minimal important difference, above zero on the model's scale.
    important_source : str or None
    """

    low: float | None = None
    high: float | None = None
    shown_low: float | None = None
    shown_high: float | None = None
    source: str | None = None
    important: float | None = None
    shown_important: float | None = None
    important_source: str | None = None


def judged_on(outcome: Outcome, scale: Scale) -> Judged:
    """What the plan judges differences of an outcome by on a scale; on another scale than given, nothing."""
    part: Any = outcome if scale.natural else outcome.on_scale.get(scale.name)
    if part is None:
        return Judged()
    margins, important = part.equivalence, part.minimal_important_difference
    low, high = (margins.low, margins.high) if margins else (None, None)
    return Judged(
        _on_model(low, scale),
        _on_model(high, scale),
        _printed(low, scale),
        _printed(high, scale),
        margins.source if margins else None,
        _on_model(important, scale),
        _printed(important, scale),
        part.minimal_important_difference_source,
    )


def important_of(outcome: Mapping[str, Any], scale: str) -> float | None:
    """Minimal important difference of a plan's outcome, as plain values, on the model's scale of this name."""
    of = scale_named(scale)
    part = outcome if of.natural else (outcome.get("on_scale") or {}).get(scale) or {}
    value = part.get("minimal_important_difference")
    return _on_model(value, of) if isinstance(value, int | float) else None


def _printed(value: float | None, scale: Scale) -> float | None:
    """A margin as it is printed: ratios are, as the plan writes them."""
    return value if value is None or scale.is_ratio else scale.in_units(value)


def _on_model(value: float | None, scale: Scale) -> float | None:
    return noted(math.log(value), "log", value) if value is not None and scale.is_ratio else value
