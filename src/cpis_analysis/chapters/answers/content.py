"""What there is of an outcome that is an answer or a count: its headline, and the analysis that gives a ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.methods import method_of
from cpis_analysis.plan.contrast import STANDARDISED, STANDARDISED_RATIO
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import by_outcome


@dataclass(frozen=True)
class Answered:
    """One outcome.

    Attributes
    ----------
    head : AnalysisResult
        The headline.
    ratio : AnalysisResult or None
        The first analysis of a ratio of odds or rates that gave one; the headline itself where it is one.
    """

    head: AnalysisResult
    ratio: AnalysisResult | None

    @property
    def outcome(self) -> str:
        return self.head.spec.outcome

    @property
    def risk_ratio(self) -> Estimate | None:
        """The standardised ratio of risks."""
        return self._beside(STANDARDISED_RATIO)

    @property
    def risk_difference(self) -> Estimate | None:
        """The standardised difference of risks or means."""
        return self._beside(STANDARDISED)

    def _beside(self, kind: str) -> Estimate | None:
        return next((one for one in self.ratio.contrasts if one.contrast.kind == kind), None) if self.ratio else None


def is_answer(outcome: str, labels: Labels) -> bool:
    """Whether an outcome stands among the answers: an event, an answer in order or a count that is exploratory, or of
    which a model gives a ratio. The primary outcome stands with the scores, whatever it is."""
    plan = labels.content
    part = plan.outcomes.get(outcome)
    if part is None or part.role in ("primary", "negative_control") or part.type not in ("binary", "ordinal", "count"):
        return False
    return part.role == "exploratory" or any(method_of(plan.model_of(outcome, model)).families for model in part.models)


def answered(results: Sequence[AnalysisResult], labels: Labels) -> list[Answered]:
    """Every such outcome that has results, in the plan's order."""
    found = []
    for outcome, rows in by_outcome(results, labels).items():
        if is_answer(outcome, labels):
            head = next((row for row in rows if row.spec.model == labels.headline(outcome)), rows[0])
            ratios = [row for row in rows if row.scale.of_model and row.estimable]
            found.append(Answered(head, head if head in ratios else next(iter(ratios), None)))
    return found
