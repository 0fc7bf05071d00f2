"""results/contrasts.json: what the names of contrasts in other files stand for, as codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from cpis_analysis.analyses.contrast import Contrast, contrast_from_record, contrast_to_record
from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.files import write_json

__all__ = ["StoredContrasts", "read_contrasts", "write_contrasts"]

StoredContrasts = dict[str, dict[str, Contrast]]
"""By analysis, then by name."""


def write_contrasts(path: str, results: Iterable[AnalysisResult]) -> None:
    """Write the contrasts of every analysis by its name, in the order of its estimates."""
    write_json(
        path,
        {
            result.spec.name: [contrast_to_record(one.contrast) for one in (result.estimate, *result.contrasts)]
            for result in sorted(results, key=lambda result: result.spec.name)
        },
    )


def read_contrasts(path: str) -> StoredContrasts:
    """Inverse of `write_contrasts`."""
    stored = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        analysis: {str(one): one for one in map(contrast_from_record, records)} for analysis, records in stored.items()
    }
