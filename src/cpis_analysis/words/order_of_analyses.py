"""The order in which analyses are shown."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.measure import measured
from cpis_analysis.methods import degrees_of
from cpis_analysis.publish.format import is_missing
from cpis_analysis.words.labels import Labels


def arm_differences(results: Sequence[AnalysisResult], *, estimated: bool = False) -> list[AnalysisResult]:
    """Analyses that answer the same question, the difference between the arms; not those of a moderator.

    Resampling tests beside another headline stand in the panel of tests (`chapters.robustness.panel`) and not here:
    they differ from other analyses in the test alone, and their intervals may have no ends.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of one outcome, the headline first.
    estimated : bool
        Only those that gave a number.
    """
    return [
        result
        for place, result in enumerate(results)
        if measured(result.estimate.measure).is_difference
        and not (estimated and is_missing(result.estimate.estimate))
        and not (place and degrees_of(result.spec).resampled)
    ]


def in_plan_order(results: Sequence[AnalysisResult], labels: Labels) -> list[AnalysisResult]:
    """Analyses by outcome, primary first, and within an outcome by the plan's list of models; others last."""
    places = {name: place for place, name in enumerate(labels.outcomes())}

    def place(result: AnalysisResult) -> tuple[int, int]:
        spec = result.spec
        if spec.outcome not in places:
            return len(places), 0
        models = labels.content.outcomes[spec.outcome].models
        return places[spec.outcome], models.index(spec.model) if spec.model in models else len(models)

    return sorted(results, key=place)


def by_outcome(results: Sequence[AnalysisResult], labels: Labels) -> dict[str, list[AnalysisResult]]:
    """All analyses of each outcome that has some, each once, both in the plan's order; primary outcome first."""
    found: dict[str, list[AnalysisResult]] = {name: [] for name in labels.outcomes()}
    for result in in_plan_order(results, labels):
        if result.spec.outcome in found:
            found[result.spec.outcome].append(result)
    return {outcome: rows for outcome, rows in found.items() if rows}


def headline_results(results: Sequence[AnalysisResult], labels: Labels) -> list[AnalysisResult]:
    """The headline analysis of each outcome, primary first; negative controls are no findings."""
    known = {name for name in labels.outcomes() if not labels.is_control(name)}
    return [
        result
        for result in in_plan_order(results, labels)
        if result.spec.outcome in known and result.spec.model == labels.headline(result.spec.outcome)
    ]
