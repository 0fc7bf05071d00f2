"""The keys of the plan on which one analysis depends, with their values: where a statistician would change it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.publish.format import one_line

_OF_OUTCOME = (
    "variable",
    "event",
    "type",
    "higher_is",
    "low",
    "high",
    "minimal_important_difference",
    "equivalence",
    "on_scale",
)
"""What an outcome sets beside its labels and its list of models."""
_WRITTEN: dict[str, str] = {}
"""Values as YAML, by what Python writes for them."""


def set_keys(plan: PlanFile) -> dict[str, Any]:
    """The keys that the plan sets to something else than their default; the same for all its analyses."""
    return plan.model_dump(mode="json", exclude_defaults=True)


def plan_keys(keys: dict[str, Any], spec: AnalysisSpec) -> list[str]:
    """Lines such as ``models.ancova.formula: ...``, those on which an analysis depends.

    Parameters
    ----------
    keys : dict
        Of `set_keys`.
    spec : AnalysisSpec
        Of the same plan.

    Returns
    -------
    list of str
        Keys, not line numbers: these would be wrong as soon as a comment is added, which runs nothing again.
    """
    return [f"{key}: {_value(value)}" for key, value in _keys(keys, spec)]


def _keys(plan: dict[str, Any], spec: AnalysisSpec) -> Iterator[tuple[str, Any]]:
    outcome = plan.get("outcomes", {}).get(spec.outcome, {})
    for key in _OF_OUTCOME:
        if key in outcome:
            yield f"outcomes.{spec.outcome}.{key}", outcome[key]
    for key, value in (outcome.get("overrides", {}).get(spec.model) or {}).items():
        yield f"outcomes.{spec.outcome}.overrides.{spec.model}.{key}", value
    model = plan.get("models", {}).get(spec.model, {})
    yield from ((f"models.{spec.model}.{key}", value) for key, value in model.items() if key != "label")
    yield from _named_parts(plan, model, spec)
    for name, family in plan.get("families", {}).items():
        if spec.outcome in family.get("outcomes", ()):
            yield f"families.{name}", family


def _named_parts(plan: dict[str, Any], model: dict[str, Any], spec: AnalysisSpec) -> Iterator[tuple[str, Any]]:
    """Lists of covariates, populations and derived variables that the analysis names."""
    named: dict[str, list[Any]] = {
        "covariates": [model.get("covariates")],
        "populations": [spec.population],
        "derived": [name for name, _ in spec.derived],
    }
    for part, names in named.items():
        for name in names:
            if name in plan.get(part, {}):
                value = plan[part][name]
                yield f"{part}.{name}", value["where"] if isinstance(value, dict) and "where" in value else value


def _value(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    # the same few values stand behind many analyses, and to write one takes a millisecond
    known = repr(value)
    if known not in _WRITTEN:
        text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
        _WRITTEN[known] = one_line(re.sub(r"\n\.\.\.\n$", "", text))
    return _WRITTEN[known]
