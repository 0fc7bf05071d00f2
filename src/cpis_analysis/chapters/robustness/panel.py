"""The panel: the same question to the same people by tests that take different things for granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.rows.fit_warnings import TOO_OPTIMISTIC, key_of
from cpis_analysis.chapters.robustness.choices import same_question
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.methods.handling import OBSERVED, handling_of
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.scales import one_scale


@dataclass(frozen=True)
class Panel:
    """The tests of one outcome.

    Attributes
    ----------
    tests : tuple of AnalysisResult
        Those that are valid on this design, the headline first.
    left_out : tuple of (AnalysisResult, str)
        Those that are not, each with the reason, without a full stop.
    """

    tests: tuple[AnalysisResult, ...]
    left_out: tuple[tuple[AnalysisResult, str], ...]

    def compared(self, comparable: bool = True) -> list[AnalysisResult]:
        """Tests whose p-values compare with those of others, or the others: their p-values are a few levels only."""
        return [one for one in self.tests if bool(degrees_of(one.spec).tabled) != comparable]

    @property
    def outcome(self) -> str:
        """Its name."""
        return self.tests[0].spec.outcome


def panel_of(results: Sequence[AnalysisResult], labels: Labels) -> Panel | None:
    """The panel of one outcome; None where no resampling test is planned, or the headline has no result.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All of the outcome, the headline first.
    labels : Labels
    """
    head = results[0]
    if not head.estimable or not any(degrees_of(one.spec).resampled for one in results):
        return None
    same, _ = one_scale(results, labels)
    asked = [
        one
        for one in same
        if method_of(one.spec).granted(one.spec)
        and one.estimate.measure == head.estimate.measure
        and handling_of(one.spec) is OBSERVED
        and same_question(one, head, labels)
    ]
    reasons = [(one, _unfit(one)) for one in asked]
    return Panel(
        tuple(one for one, why in reasons if not why or one is head),
        tuple((one, why) for one, why in reasons if why and one is not head),
    )


def panels_of(results: Mapping[str, Sequence[AnalysisResult]], labels: Labels) -> list[Panel]:
    """Panels of the outcomes that have one, in the order given."""
    found = [panel_of(of, labels) for of in results.values()]
    return [panel for panel in found if panel is not None and len(panel.tests) > 1]


def _unfit(one: AnalysisResult) -> str:
    """Why the design does not allow a test; empty where it does."""
    if not one.estimable:
        return one.estimate.reason
    return next((text.rstrip(".") for text in one.estimate.warnings if key_of(text) == TOO_OPTIMISTIC), "")
