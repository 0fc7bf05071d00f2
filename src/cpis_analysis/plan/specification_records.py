"""Specifications as plain values and as canonical JSON, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any

from cpis_analysis.errors import PlanError
from cpis_analysis.imputation.item_score import item_score_from_record
from cpis_analysis.plan.specification import AnalysisSpec, BalanceSpec, ContrastSpec, ImputationSpec, OptimalSpec

_ALWAYS = frozenset(
    (
        "condition",
        "derived",
        "contrasts",
        "outcome_type",
        "low",
        "high",
        "link",
        "correlation",
        "correction",
        "tipping_point",
    )
)
"""Settings that a record holds though they are not used."""
_BY_OUTCOME = ("name", "formula", "baseline", "followup")
"""Fields that hold the outcome's name; in JSON it is written {outcome}, so that outcomes share them."""


def specs_to_json(specs: Iterable[AnalysisSpec]) -> str:
    """Canonical JSON: the same specifications give the same text, whatever the order in the plan.

    What all outcomes of a model share is written once, so that a hundred outcomes fit on a command line.
    """
    by_model: dict[str, list[dict[str, Any]]] = {}
    for spec in sorted(specs, key=lambda spec: spec.name):
        by_model.setdefault(spec.model, []).append(_template(spec))
    groups = []
    for model in sorted(by_model):
        records = by_model[model]
        first = records[0]
        shared = {
            key: value
            for key, value in first.items()
            # a setting that one outcome does not use is in its record not at all, and then not shared
            if key != "outcome" and all(key in record and record[key] == value for record in records)
        }
        groups.append(
            {
                "shared": shared,
                "analyses": [{key: value for key, value in record.items() if key not in shared} for record in records],
            }
        )
    return json.dumps(groups, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def specs_from_json(text: str) -> list[AnalysisSpec]:
    """Inverse of `specs_to_json`, sorted by name."""
    try:
        specs = [_filled(group["shared"] | record) for group in json.loads(text) for record in group["analyses"]]
        return sorted(specs, key=lambda spec: spec.name)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PlanError(f"The analysis specification can't be read: {error}") from None


def spec_record(spec: AnalysisSpec) -> dict[str, Any]:
    """Plain values of a specification, without the settings that it does not use.

    So what other analyses depend on keeps its text, and nothing of them is fitted again.
    """
    kind: Any = type(spec)
    values = vars(spec)
    record = {name: _plain(values[name]) for name, unused in _settings(kind) if values[name] != unused}
    if spec.imputation and not spec.imputation.scores:
        del record["imputation"]["scores"]
    return record


@cache
def _settings(kind: type[AnalysisSpec]) -> tuple[tuple[str, Any], ...]:
    """Each setting with the value at which it is not used; told once, as a plan has a thousand specifications."""
    return tuple((one.name, MISSING if one.name in _ALWAYS else one.default) for one in fields(kind))


def _plain(value: Any) -> Any:
    """What JSON would keep of a setting."""
    if value is None or isinstance(value, (str, float, int)):
        return value
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)} if is_dataclass(value) else value


def spec_from_record(record: Mapping[str, Any]) -> AnalysisSpec:
    """A specification from plain values, as `spec_record` gives them and JSON keeps them."""
    known: dict[str, Any] = {
        name: tuple(record[name]) if isinstance(record[name], list) else record[name]
        for name, _ in _settings(AnalysisSpec)
        if name in record
    }
    known["where"] = tuple((variable, tuple(codes)) for variable, codes in record["where"])
    known["derived"] = tuple((name, condition) for name, condition in record.get("derived", ()))
    known["contrasts"] = tuple(
        ContrastSpec(part["kind"], tuple(part["terms"]), part["moderator"], tuple(part["at"]))
        for part in record.get("contrasts", ())
    )
    if record.get("optimal") is not None:
        known["optimal"] = OptimalSpec(**record["optimal"])
    if record.get("imputation") is not None:
        of = record["imputation"]
        listed = {name: tuple(of[name]) for name in ("auxiliary", "ordinal")}
        scores = tuple(item_score_from_record(one) for one in of.get("scores", ()))
        known["imputation"] = ImputationSpec(**of | listed | {"scores": scores})
    if record.get("balance") is not None:
        known["balance"] = BalanceSpec(**record["balance"] | {"variables": tuple(record["balance"]["variables"])})
    return AnalysisSpec(**known)


def _template(spec: AnalysisSpec) -> dict[str, Any]:
    """Plain values with {outcome} in the place of the outcome's name."""
    record = spec_record(spec)
    word = _word(spec.outcome)
    return record | {key: word.sub("{outcome}", record[key]) for key in _BY_OUTCOME if record[key] is not None}


@lru_cache(maxsize=1024)
def _word(outcome: str) -> re.Pattern[str]:
    """Where texts name an outcome."""
    return re.compile(rf"(?<![A-Za-z0-9_{{]){re.escape(outcome)}")


def _filled(record: dict[str, Any]) -> AnalysisSpec:
    outcome = record["outcome"]
    named = {key: record[key].replace("{outcome}", outcome) for key in _BY_OUTCOME if record[key] is not None}
    return spec_from_record(record | named)
