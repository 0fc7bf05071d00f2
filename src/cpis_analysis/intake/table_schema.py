"""The dictionary as Frictionless Table Schema, for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.expected_columns import person_level, team_keys
from cpis_analysis.intake.dictionary.variable import Variable, bound_text
from cpis_analysis.intake.typed_frames import OUTSIDE_WINDOW
from cpis_analysis.plan.schema import Data
from cpis_analysis.plan.schema_design import Design

_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
# Clean numbers are doubles, written 42.0, which the standard's integer is not; wholeNumbers says which are whole.
_TYPES = {"integer": "number", "number": "number", "date": "date"}
_PLACE: dict[str, dict[str, Any]] = {
    "source": {"name": "source", "type": "string", "title": "Source of the plan in which the row stands"},
    "line": {"name": "line", "type": "integer", "title": "Line of that file", "constraints": {"minimum": 1}},
}
_OUTSIDE = {"name": OUTSIDE_WINDOW, "type": "boolean", "title": "Follow-up that was held too early or too late"}


def table_schema(
    variables: Iterable[Variable],
    key: Iterable[str],
    waves: Iterable[str] = (),
    more: Iterable[dict[str, Any]] = (),
    columns: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Table Schema (Data Package 2.0) of clean data.

    Parameters
    ----------
    variables : iterable of Variable
        Identifiers are left out, because clean data don't have them.
    key : iterable of str
        Columns of the primary key.
    waves : iterable of str
        Names of the waves; empty where a row is none.
    more : iterable of dict
        Fields that cleaning adds.
    columns : sequence of str, optional
        Columns of the data, which the schema then describes one by one in their order; else it describes those that
        are certain and says that there can be more.

    Notes
    -----
    Missing-value codes are those that raw files may hold; in the clean data a missing value is an empty cell. What
    the dictionary requires can be missing all the same (and is a query), so only the key is required.
    """
    waves, key = list(waves), list(key)
    fields = {v.name: _field(v, v.name in key) for v in variables if not v.identifier or v.name in key}
    if waves:
        fields["wave"] = {"name": "wave", "type": "string", "constraints": {"required": True, "enum": waves}}
    fields |= {field["name"]: field for field in (*more, *_PLACE.values())}
    if columns is None:
        order = [key[0], *(["wave"] if waves else []), *fields]
        return {
            "$schema": _PROFILE,
            "fields": [fields[name] for name in dict.fromkeys(order)],
            "fieldsMatch": "subset",
            "missingValues": [""],
            "primaryKey": key,
        }
    return {
        "$schema": _PROFILE,
        "fields": [fields.get(name, {"name": name, "type": "any"}) for name in columns],
        "missingValues": [""],
        "primaryKey": key,
    }


def data_schemas(
    dictionary: Dictionary, data: Data, design: Design, columns: Mapping[str, Sequence[str]] | None = None
) -> dict[str, dict[str, Any]]:
    """Schemas of the clean data of people, and of what each has at a wave.

    ``columns`` are those of the clean data, by name of the table, where they are there.
    """
    columns = columns or {}
    person = [dictionary[name] for name in person_level(dictionary, data, design)]
    asked = [variable for variable in dictionary.values() if variable.waves]
    key = dictionary[design.participant]
    pseudonym = data.privacy.pseudonym
    added = [{"name": pseudonym.variable, "type": "string", "title": "Pseudonym"}] if pseudonym else []
    flag = [_OUTSIDE] if design.interview_date else []
    places = [dictionary[name] for name in team_keys(design)] if "measurements" in columns else []
    return {
        "participants": table_schema(person, [design.participant], (), added, columns.get("participants")),
        "measurements": table_schema(
            [key, *places, *(v for v in asked if v is not key)],
            [design.participant, "wave"],
            [wave.name for wave in design.waves],
            flag,
            columns.get("measurements"),
        ),
    }


def _field(variable: Variable, is_key: bool) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": variable.name,
        "type": _TYPES.get(variable.type, "string"),
        "title": variable.label,
    }
    constraints: dict[str, Any] = {"required": True} if is_key else {}
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
    extra = {
        "wholeNumbers": variable.type == "integer",
        "requiredWhenAsked": variable.required,
        "waves": list(variable.waves),
        "rawMissingValues": dict(variable.missing),
        "askedOnlyIf": variable.branching.text if variable.branching else "",
    }
    return field | {name: value for name, value in extra.items() if value}


def _plain(value: Any) -> int | float:
    return int(value) if float(value) == int(value) else float(value)
