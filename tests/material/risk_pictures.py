"""The picture of the first screen for differences of two risks."""

from __future__ import annotations

import itertools
from dataclasses import replace

from cpis_analysis.chapters.verdict.picture import verdict_picture
from cpis_analysis.chapters.verdict.state import judgement
from report_material import result, team_plan, wording

RISKS = (0.01, 0.05, 0.08, 0.3, 0.45, 0.5, 0.52, 0.8, 0.92, 0.96, 0.99)
HALVES = (0.03, 0.12, 0.3)


def risk_pictures():
    """Pictures of every pair of risks, with narrow and wide intervals."""
    made = team_plan()
    changed = {"type": "binary", "minimal_important_difference": 0.1, "low": None, "high": None}
    outcome = type(made.outcomes["score"]).model_validate(made.outcomes["score"].model_dump() | changed)
    of = made.model_copy(update={"outcomes": {**made.outcomes, "score": outcome}})
    words, plain = wording(of), result(plan=of)
    for usual, new, half in itertools.product(RISKS, RISKS, HALVES):
        size = new - usual
        estimate = replace(
            plain.estimate, measure="risk difference", estimate=size, ci_low=size - half, ci_high=size + half
        )
        found = replace(
            plain,
            spec=replace(plain.spec, outcome_type="binary"),
            estimate=estimate,
            adjusted_means=[
                {"arm": "usual", "wave": None, "estimate": usual},
                {"arm": "new", "wave": None, "estimate": new},
            ],
        )
        yield (usual, new, half), verdict_picture(judgement(found, words), words).drawing
