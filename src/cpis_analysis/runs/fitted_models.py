"""What the last fits left in results/models, read without the libraries that a fit needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_from_record


def recorded_results(root: Path) -> dict[str, list[dict[str, Any]]]:
    """Records of results/models, by model; unreadable files are left out."""
    found = {}
    for path in sorted((root / "results" / "models").glob("*.json")):
        try:
            found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return found


def recorded_specs(root: Path) -> dict[str, dict[str, Any]]:
    """Specifications that were fitted last, by the name of the analysis."""
    return {record["spec"]["name"]: record["spec"] for records in recorded_results(root).values() for record in records}


def as_specification(recorded: dict[str, Any]) -> AnalysisSpec | None:
    """A recorded specification with the defaults of today; None where it can't be read any more."""
    try:
        return spec_from_record(recorded)
    except (KeyError, TypeError, ValueError):
        return None


def same_spec(spec: AnalysisSpec, recorded: dict[str, Any]) -> bool:
    """Whether a recorded specification is this one."""
    return as_specification(recorded) == spec
