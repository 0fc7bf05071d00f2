"""The files of the blinded study: dictionary and clean data under new names, in an order that tells nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from cpis_analysis.blinding.new_names import NewNames, group_label
from cpis_analysis.blinding.telling import CleanData
from cpis_analysis.files import csv_text
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.variable import TRUE_FALSE, Variable, bound_text
from cpis_analysis.plan.dictionary_columns import CHOICES, COLUMNS, VALIDATION
from cpis_analysis.plan.naming import code_of
from cpis_analysis.plan.schema_design import Design

_KINDS = {
    "integer": ("text", "integer"),
    "number": ("text", "number"),
    "date": ("text", "date_ymd"),
    "category": ("radio", ""),
    "text": ("text", ""),
}


def dictionary_text(dictionary: Dictionary, design: Design, variables: Iterable[str], names: NewNames) -> str:
    """Dictionary of the design and of the variables that stay, in the order of the original.

    Notes, section headers, missing-value codes (the clean data have none left) and form names are not taken over.
    A checkbox becomes one yes/no question an option.
    """
    arm, people = design.arm.variable, design.participant
    renamed = {arm: {letter: group_label(letter) for letter in sorted(names.arms.values())}}
    renamed |= {variable: {label: label for label in labels.values()} for variable, labels in names.clusters.items()}
    wanted = {people, *renamed, *variables}
    own = [Variable(name, "people", name) for name in (people, *renamed) if name not in dictionary]
    rows = [_row(one, renamed.get(one.name), wanted) for one in [*own, *dictionary.values()] if one.name in wanted]
    return csv_text(pd.DataFrame(rows, columns=list(COLUMNS), dtype=object))


def participants_text(data: CleanData, design: Design, variables: Iterable[str], names: NewNames) -> str:
    """The recruitment log, in the order of the new numbers."""
    frame = data.participants
    made = {design.participant: _renamed(frame[design.participant], names.people)} | _places(frame, design, names)
    made |= {name: _cells(frame[name]) for name in frame.columns if name in set(variables)}
    return _text(pd.DataFrame(made), [design.participant])


def interviews_text(
    data: CleanData, wave: str, dictionary: Dictionary, design: Design, variables: Iterable[str], names: NewNames
) -> str:
    """Interviews of a wave, in the order of the new numbers. Arm and clusters stand in the log alone."""
    frame = data.interviews[data.interviews["wave"].astype(str) == wave]
    asked = {name for name in variables if wave in dictionary[name].waves and name not in data.participants}
    made = {design.participant: _renamed(frame[design.participant], names.people)}
    made |= {name: _cells(frame[name]) for name in frame.columns if name in asked}
    return _text(pd.DataFrame(made), [design.participant])


def teams_text(data: CleanData, design: Design, names: NewNames) -> str:
    """The list of teams: which they are and to which group they belong."""
    if data.teams is None:
        raise ValueError("there is no list of teams")
    return _text(pd.DataFrame(_places(data.teams, design, names)), list(design.clusters))


def _places(frame: pd.DataFrame, design: Design, names: NewNames) -> dict[str, list[str]]:
    found = {
        variable: _renamed(frame[variable], names.clusters[variable])
        for variable in design.clusters
        if variable in frame
    }
    if design.arm.variable in frame:
        found[design.arm.variable] = _renamed(frame[design.arm.variable], names.arms)
    return found


def _renamed(values: pd.Series, names: Mapping[str, str]) -> list[str]:
    return ["" if pd.isna(value) else names[code_of(value)] for value in values.astype(object)]


def _cells(values: pd.Series) -> list[str]:
    """Cells as an export has them: empty where nothing is known, whole numbers without decimals."""
    return [_cell(value) for value in values.astype(object)]


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return code_of(value) if value.is_integer() else repr(float(value))
    return str(value)


def _text(frame: pd.DataFrame, keys: list[str]) -> str:
    return csv_text(frame.sort_values(keys, kind="stable"))


def _row(variable: Variable, choices: Mapping[str, str] | None, wanted: set[str]) -> dict[str, str]:
    """A row of a dictionary in REDCap's layout."""
    shown = dict(variable.choices) if choices is None else dict(choices)
    if choices is None and variable.type == "yesno":
        field, validation = ("truefalse" if shown == TRUE_FALSE else "yesno"), ""
    else:
        field, validation = _KINDS["category" if choices is not None else variable.type]
    condition = variable.branching
    # names of a database's events are not known where its export is not
    known = condition is not None and all(one.variable in wanted and not one.event for one in condition.references())
    return dict.fromkeys(COLUMNS, "") | {
        "Variable / Field Name": variable.name,
        "Form Name": "interview" if variable.waves else "people",
        "Field Type": field,
        "Field Label": variable.name.capitalize() if choices is not None else variable.label,
        CHOICES: ""
        if field in ("yesno", "truefalse")
        else " | ".join(f"{code}, {label}" for code, label in shown.items()),
        VALIDATION: validation,
        "Text Validation Min": bound_text(variable.low),
        "Text Validation Max": bound_text(variable.high),
        "Branching Logic (Show field only if...)": condition.text if condition is not None and known else "",
        "Waves": ";".join(variable.waves),
    }
