"""The dictionary of a settled study: a row for each variable, drafted from its cells and put right by its role."""

from __future__ import annotations

from collections.abc import Iterable

from cpis_analysis.intake.dictionary_draft import choice_pairs, draft_row
from cpis_analysis.new_study.raw_files import Column, together
from cpis_analysis.new_study.settled import Settled
from cpis_analysis.new_study.shape import Shape, Variable
from cpis_analysis.plan.dictionary_columns import CHOICES, NOTE, VALIDATION

_MOST_CODES = 30


def dictionary_rows(study: Settled, shape: Shape) -> list[dict[str, str]]:
    """Rows in the layout of a dictionary; the person first.

    Types and codes are drafted from the cells (`intake.dictionary_draft`). The arm, events, answers in order and
    clusters of which there are few are categories, whatever the cells look like, as their numbers are codes.
    """
    rows = [_person(study, shape)]
    events = {one.title for one in study.outcomes if one.is_event}
    orders = {one.title: (*one.categories, *one.not_given) for one in study.outcomes if one.kind == "ordinal"}
    counts = {one.title for one in study.outcomes if one.kind == "count"}
    numbers = {one.title for one in study.outcomes if one.kind == "continuous"}
    numbers |= {one.beside.title for one in study.outcomes if one.beside}
    for title, variable in shape.variables.items():
        if title == study.person:
            continue
        row = _drafted(study, variable)
        column = together(study.files, variable.columns)
        if title in orders:
            row |= _category(column, orders[title])
        elif title in (study.arm, *events) or (title in study.clusters and _few_codes(column)):
            row |= _category(column, column.values)
        elif title in study.clusters:
            row |= {"Field Type": "text", VALIDATION: "", CHOICES: "", NOTE: ""}
        elif title in (*counts, *numbers) and row["Field Type"] != "text":
            row |= {"Field Type": "text", VALIDATION: "integer" if title in counts else "number", CHOICES: ""}
        elif title in study.characteristics and set(column.values) == {"0", "1"} and not row[CHOICES]:
            row |= {"Field Type": "yesno", VALIDATION: "", CHOICES: "", NOTE: ""}
        if title in (study.arm, *study.clusters, *events, *orders, *counts, *numbers, *study.characteristics):
            # a column that looks like an identifier, and is used, is meant to reach the clean data
            row["Identifier?"] = ""
        rows.append(row)
    return rows


def _person(study: Settled, shape: Shape) -> dict[str, str]:
    row = dict.fromkeys(draft_row([(study.files[0].delivered, 0)], "x", "x"), "")
    return row | {
        "Variable / Field Name": shape.person,
        "Form Name": _form(study),
        "Field Type": "text",
        "Field Label": study.person or "Person",
        NOTE: "" if study.person else "made from file and line; the file names nobody",
        "Identifier?": "y",
    }


def _form(study: Settled) -> str:
    return study.files[0].path.stem.replace(" ", "_")


def _drafted(study: Settled, variable: Variable) -> dict[str, str]:
    places = [
        (file.delivered, file.delivered.header.index(column))
        for column in dict.fromkeys(variable.columns.values())
        for file in study.files
        if column in file
    ]
    row = draft_row(places, variable.name, _form(study))
    if len(set(variable.columns.values())) > 1 and not any(file.labels[at] for file, at in places):
        row["Field Label"] = next(
            (one.title for one in study.outcomes if one.columns == variable.columns), variable.name
        )
    return row | {"Waves": ";".join(variable.waves)}


def _few_codes(column: Column) -> bool:
    return len(column.counts) <= _MOST_CODES and not any(sign in text for text in column.spellings for sign in ",|")


def _category(column: Column, codes: Iterable[str]) -> dict[str, str]:
    return {
        "Field Type": "radio",
        VALIDATION: "",
        CHOICES: choice_pairs({value: column.words_of(value) for value in codes}),
        NOTE: "",
        "Missing Codes": "",
    }
