"""Files and keys from which the words and limits of the report are read, as sources of what is printed."""

from __future__ import annotations

from typing import Any

from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.sources.source import Cell
from cpis_analysis.publish.sources.sourced import setting, sourced_part

PLAN_FILE = "config.yaml"
"""Name of the plan's file."""
SUMMARIES = "results/summaries.json"
"""Where codes stand that the dictionary does not have, such as the numbers of clusters."""


def judged_with_sources(content: PlanFile) -> PlanFile:
    """The plan, with sources of the numbers by which outcomes are judged."""
    changed = {}
    for name, part in content.outcomes.items():
        on_scale = {
            scale: _with_sources(own, f"outcomes.{name}.on_scale.{scale}") for scale, own in part.on_scale.items()
        }
        changed[name] = _with_sources(part, f"outcomes.{name}").model_copy(update={"on_scale": on_scale})
    return content.model_copy(update={"outcomes": changed})


def _with_sources(part: Any, key: str) -> Any:
    known: dict[str, Any] = {}
    for name in ("minimal_important_difference", "equivalence", "tipping_point"):
        value = getattr(part, name, None)
        if isinstance(value, float | int):
            known[name] = setting(value, PLAN_FILE, f"{key}.{name}")
        elif value is not None:
            inner = {
                own: sourced_part(number, lambda path: Cell(PLAN_FILE, "", path, "setting"), f"{key}.{name}.{own}")
                for own, number in value
            }
            known[name] = value.model_copy(update=inner)
    return part.model_copy(update=known)
