"""Which cells a simulation has, and which analyses; asked at each start of a run, so nothing large is loaded here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import AnalysisSpec


@dataclass(frozen=True)
class Cell:
    """A cell of the grid.

    Attributes
    ----------
    icc_trust, icc_team : float
        Shares of the residual variance.
    loss : float
        Share of the people analysed who are lost beside those who were.
    allocation : str
        ``observed``, ``within`` (trusts have both arms) or ``between`` (the arm is a property of the trust).
    departure : str
        Of `drawn_outcomes.DEPARTURES`.
    """

    icc_trust: float
    icc_team: float
    loss: float = 0.0
    allocation: str = "observed"
    departure: str = "normal"

    @property
    def name(self) -> str:
        """Stands in seeds and names of files."""
        parts = [f"{self.icc_trust:g}", f"{self.icc_team:g}", f"{self.loss:g}", self.allocation, self.departure]
        return "_".join(parts)


def simulable(specs: Iterable[AnalysisSpec]) -> list[AnalysisSpec]:
    """Analyses that can be simulated: one row a person, a numeric outcome, an estimator that takes many responses.

    Outcomes are drawn with two levels of clusters at most. No parametric bootstrap: it would draw responses for each.
    """
    return [one for one in specs if _many(one) and one.outcome_type == "continuous" and scale_of(one).natural]


def simulable_over_time(specs: Iterable[AnalysisSpec]) -> list[AnalysisSpec]:
    """Mixed models of several waves that can be simulated: the arm's difference at a wave against the first one."""
    return [one for one in specs if one.rows == "long" and not _why_not(one)]


def not_simulated(specs: Iterable[AnalysisSpec]) -> dict[str, str]:
    """Models of the primary outcome's analyses that the declared grid leaves out, and why."""
    left = [one for one in specs if one not in simulable([one]) and one not in simulable_over_time([one])]
    return {one.model: _why_not(one) for one in left}


def _why_not(spec: AnalysisSpec) -> str:
    """Why an analysis of a continuous outcome is not simulated; empty where it is."""
    if spec.outcome_type != "continuous" or not scale_of(spec).natural:
        return "outcomes are drawn on their own scale, and this analysis has another one"
    if len(spec.levels) > 2:
        return "outcomes are drawn with two levels of clusters at most"
    if spec.imputation:
        return "each outcome would have imputations of its own, a hundred times the work: docs/missing_outcomes.md"
    if not method_of(spec).many or (degrees_of(spec).resampled and degrees_of(spec).beside):
        return "each outcome would have resamples or a search of its own: docs/inference.md, The panel of tests"
    if spec.rows == "long" and spec.effect != f"{spec.arm}:wave":
        return "its effect is not that of the arm, without which outcomes are drawn"
    if spec.rows == "long" and (spec.covariance or spec.residual_by):
        return "refits of residuals with a covariance of their own are not offered"
    return ""


def simulable_answers(specs: Iterable[AnalysisSpec]) -> list[AnalysisSpec]:
    """The same of events, answers in order, bounded sums and counts at follow-up, as they are or by a ratio."""
    return [
        one
        for one in specs
        if _many(one)
        and one.outcome_type in ("binary", "ordinal", "bounded_count", "count")
        and one.effect == one.arm
        and one.formula.split("~")[0].strip() == one.followup
        and (scale_of(one).natural or scale_of(one).of_model)
        and one.family in ("", *_BATCHED)
        and one.quadrature <= 1
        and not degrees_of(one).by_pseudo_likelihood
        and one.separation == "refuse"
    ]


_BATCHED = ("binomial", "poisson")
"""Families of which many responses are fitted together."""


def _many(spec: AnalysisSpec) -> bool:
    """Whether an estimator takes many responses of this analysis."""
    return bool(
        spec.rows == "wide"
        and len(spec.levels) <= 2
        and not spec.imputation
        and method_of(spec).many
        # the fits of many responses would tell of the method that stands beside the bootstrap
        and not (degrees_of(spec).resampled and degrees_of(spec).beside)
    )
