"""results/contrasts.json: what the names of contrasts and coefficients in other files stand for, as codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.result_records import Names
from cpis_analysis.analyses.rows.coefficients import Part
from cpis_analysis.files import write_json
from cpis_analysis.plan.contrast import contrast_from_record, contrast_to_record
from cpis_analysis.plan.specification import AnalysisSpec


def write_names(path: str, results: Iterable[AnalysisResult]) -> None:
    """Write the contrasts of every analysis, in the order of its estimates, and the coefficients of all."""
    ordered = sorted(results, key=lambda result: result.spec.name)
    write_json(
        path,
        {
            "contrasts": {
                result.spec.name: [contrast_to_record(one.contrast) for one in (result.estimate, *result.contrasts)]
                for result in ordered
            },
            "coefficients": {
                name: [list(part) for part in parts] for result in ordered for name, parts in result.parts.items()
            },
        },
    )


def read_names(path: str) -> Callable[[AnalysisSpec], Names]:
    """What the names of an analysis stand for, from the file that `write_names` left."""
    stored = json.loads(Path(path).read_text(encoding="utf-8"))
    coefficients = {
        name: tuple(Part(operand, level) for operand, level in parts) for name, parts in stored["coefficients"].items()
    }

    def names(spec: AnalysisSpec) -> Names:
        contrasts = map(contrast_from_record, stored["contrasts"].get(spec.name, ()))
        return Names({str(one): one for one in contrasts}, coefficients)

    return names
