"""The dictionary as Frictionless Table Schema, for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cpis_analysis.intake.dictionary import Dictionary
from cpis_analysis.intake.variable import Variable, bound_text
from cpis_analysis.plan.schema import Data, Design

__all__ = ["data_schemas", "table_schema"]

_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
_TYPES = {"integer": "integer", "number": "number", "date": "date"}


def table_schema(variables: Iterable[Variable], key: Iterable[str], waves: Iterable[str] = ()) -> dict[str, Any]:
    """Table Schema (Data Package 2.0) of clean data.

    Identifiers are left out, because clean data don't have them. Missing-value codes are those that raw files may
    hold; in the clean data a missing value is an empty cell.
    """
    waves = list(waves)
    key = list(key)
    fields = [_field(variable) for variable in variables if not variable.identifier or variable.name in key]
    if waves:
        fields.insert(1, {"name": "wave", "type": "string", "constraints": {"required": True, "enum": waves}})
    return {"$schema": _PROFILE, "fields": fields, "missingValues": [""], "primaryKey": key}


def data_schemas(dictionary: Dictionary, data: Data, design: Design) -> dict[str, dict[str, Any]]:
    """Schemas of the clean participants and interviews."""
    from cpis_analysis.intake.layout import person_level

    person = [dictionary[name] for name in person_level(dictionary, data, design)]
    asked = [variable for variable in dictionary.values() if variable.waves]
    key = dictionary[design.participant]
    return {
        "participants": table_schema(person, [design.participant]),
        "interviews": table_schema([key, *(v for v in asked if v is not key)], [design.participant, "wave"],
                                   [wave.name for wave in design.waves]),
    }


def _field(variable: Variable) -> dict[str, Any]:
    field: dict[str, Any] = {"name": variable.name, "type": _TYPES.get(variable.type, "string"),
                             "title": variable.label}
    constraints: dict[str, Any] = {"required": True} if variable.required and not variable.waves else {}
    if variable.is_categorical:
        field["categories"] = [{"value": code, "label": label} for code, label in variable.choices.items()]
        constraints["enum"] = list(variable.choices)
    for name, bound in (("minimum", variable.low), ("maximum", variable.high)):
        if bound is not None:
            constraints[name] = bound_text(bound) if variable.type == "date" else _plain(bound)
    if constraints:
        field["constraints"] = constraints
    if variable.note:
        field["description"] = variable.note
    extra = {"waves": list(variable.waves), "rawMissingValues": dict(variable.missing),
             "askedOnlyIf": variable.branching.text if variable.branching else ""}
    return field | {name: value for name, value in extra.items() if value}


def _plain(value: Any) -> int | float:
    return int(value) if float(value) == int(value) else float(value)
