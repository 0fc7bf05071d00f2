"""What differs between two resolved plans, and which analyses a difference can touch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from cpis_analysis.plan.reading.versions import of_current_version
from cpis_analysis.plan.schema import PlanFile

_LABELS = {"label", "short_label", "minimal_important_difference_source"}
_STUDY_LABELS = {"name", "short_name", "notice", "description", "source", "synthetic", "randomised"}
_COUNTED = {"expected", "team_characteristics"}
_EVERYTHING = {"data", "design", "cleaning"}


@dataclass(frozen=True)
class PlanChange:
    """One key whose value differs.

    Attributes
    ----------
    path : tuple of str
        Keys from the top, such as ``("models", "ancova", "formula")``.
    kind : str
        ``changed``, ``added`` or ``removed``; what is added or removed as a whole is one change.
    before, after : plain value or None
    members : tuple of str
        Of a key of a family: the outcomes that are in it before or after.
    """

    path: tuple[str, ...]
    kind: str
    before: Any
    after: Any
    members: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The path as it is written in messages."""
        return ".".join(self.path)


def plan_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[PlanChange]:
    """Every key that differs, in the order of the later plan; lists count as one value.

    Reasons for deviations are notes about the plan and no part of it.
    """
    return [
        change if change.path[0] != "families" else replace(change, members=_family(change.path[1:2], before, after))
        for change in _changes(before, after, ())
        if change.path[0] != "deviations"
    ]


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> list[PlanChange]:
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        here = (*path, str(key))
        if key not in before:
            found.append(PlanChange(here, "added", None, after[key]))
        elif key not in after:
            found.append(PlanChange(here, "removed", before[key], None))
        elif isinstance(before[key], Mapping) and isinstance(after[key], Mapping):
            found += _changes(before[key], after[key], here)
        elif before[key] != after[key]:
            found.append(PlanChange(here, "changed", before[key], after[key]))
    return found


def is_presentation(change: PlanChange) -> bool:
    """Whether a change can alter no number: labels, texts, and how the report looks."""
    path = change.path
    # a model, outcome or population may itself be called "label": only a key of a named part is a label
    label = (len(path) == 3 and path[-1] in _LABELS) or _labels_of_levels(change)
    return path[0] in ("report", "deviations") or label or (path[0] == "study" and path[-1] in _STUDY_LABELS)


def _labels_of_levels(change: PlanChange) -> bool:
    """Whether the clusters are the same and only what they are called differs."""
    if change.path != ("design", "levels") or change.kind != "changed":
        return False
    before, after = ([level["variable"] for level in levels] for levels in (change.before, change.after))
    return bool(before == after)


def touches(change: PlanChange, spec: Mapping[str, Any]) -> bool:
    """Whether a change can move the numbers of an analysis.

    Parameters
    ----------
    change : PlanChange
    spec : mapping
        The analysis's specification as a record.
    """
    if is_presentation(change):
        return False
    top, name = change.path[0], change.path[1] if len(change.path) > 1 else ""
    if top in _EVERYTHING:
        return name not in _COUNTED
    if top == "outcomes":
        return name == spec["outcome"] and _lists(change, spec["model"])
    if top == "models":
        return name == spec["model"]
    if top == "populations":
        return name == spec["population"]
    if top == "families":
        return spec["outcome"] in change.members
    if top == "study":
        return name == "seed"
    if top == "inference":
        return spec.get("optimal") is not None
    words = set(re.findall(r"\w+", json.dumps(spec, ensure_ascii=False)))
    mentioned = set(re.findall(r"\w+", json.dumps([change.before, change.after], ensure_ascii=False)))
    if top == "scoring":
        return any(word == name or word.startswith(f"{name}_") for word in words)
    return name in words or bool(mentioned & words)


def shown_value(value: Any, longest: int = 160) -> str:
    """A value of a plan in one line."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def as_template(text: str, outcome: str) -> str:
    """A text of one outcome as the plan's template has it, so that outcomes of one model share a line."""
    return re.sub(rf"\b{re.escape(outcome)}(?=_|\b)", "{outcome}", text)


def todays_form(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A resolved plan with the defaults of today's schema, so that a new key is no change; else as it is."""
    try:
        return PlanFile.model_validate(of_current_version(plan)).model_dump(mode="json")
    except ValidationError:
        return dict(plan)


def _lists(change: PlanChange, model: str) -> bool:
    """Whether a changed list of models bears on one of them: it enters, leaves, or the headline is another."""
    if change.path[-1] != "models" or change.kind != "changed":
        return True
    before, after = change.before, change.after
    return (model in before) != (model in after) or before[:1] != after[:1]


def _family(name: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Outcomes of a family in either plan; of all families where the change is of the whole mapping."""
    found: dict[str, None] = {}
    for plan in (before, after):
        for family, part in (plan.get("families") or {}).items():
            if not name or family in name:
                found |= dict.fromkeys(str(item) for item in part.get("outcomes", ()))
    return tuple(found)
