"""What fits say of a result, which know no plan, in the words of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.analyses.rows.fit_warnings import reworded
from cpis_analysis.plan.naming import Noun
from cpis_analysis.plan.speaking import speaking_of


def spoken_of(result: AnalysisResult, person: Noun) -> AnalysisResult:
    """A result whose warnings, messages and reasons have the study's word for a person, such as pupil.

    Numbers stay as they are; so do the texts where the plan calls them people.
    """
    return replace(
        result,
        estimate=_spoken(result.estimate, person),
        contrasts=tuple(_spoken(one, person) for one in result.contrasts),
        messages=_texts(result.messages, person),
    )


def _spoken(estimate: Estimate, person: Noun) -> Estimate:
    return replace(estimate, reason=speaking_of(estimate.reason, person), warnings=_texts(estimate.warnings, person))


def _texts(texts: Sequence[str], person: Noun) -> tuple[str, ...]:
    return tuple(reworded(text, speaking_of(text, person)) for text in texts)
