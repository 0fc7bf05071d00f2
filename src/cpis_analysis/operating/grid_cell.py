"""Which cells a simulation has, and which analyses; asked at each start of a run, so nothing large is loaded here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["Cell", "simulable"]


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
    return [
        one
        for one in specs
        if one.rows == "wide"
        and len(one.levels) <= 2
        and one.outcome_type == "continuous"
        and scale_of(one).natural
        and one.effect == one.arm
        and not (one.imputation or one.predictors or one.balance)
        and method_of(one).many
        # the fits of many responses would tell of the method that stands beside the bootstrap
        and not (degrees_of(one).resampled and degrees_of(one).beside)
    ]
