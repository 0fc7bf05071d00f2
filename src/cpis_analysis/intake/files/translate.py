"""A vendor's codes into the dictionary's: counted, and refused where file and dictionary contradict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered, MissingCodes, as_column
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.intake.values.written_numbers import codes_of_number, is_plain_number, number_code, plain_text
from cpis_analysis.plan.file_formats import file_format

TRANSLATION_COLUMNS = ("source", "file", "column", "variable", "delivered", "label", "becomes", "meaning", "cells")
_YEARS = range(1900, 2101)
_CHECKED = {"1": "yes", "0": "no", "checked": "yes", "unchecked": "no"}


@dataclass(frozen=True)
class Translation:
    """What one value of a column became, and in how many cells.

    Attributes
    ----------
    delivered, label : str
        The value in the file and the file's label of it.
    becomes : str
        The dictionary's code; empty for missing.
    meaning : {'label', 'code', 'missing', 'date'}
    cells : int
    """

    column: str
    variable: str
    delivered: str
    label: str
    becomes: str
    meaning: str
    cells: int


def translate(
    delivered: Delivered, at: int, column: str, variable: Variable, file: str, is_key: bool
) -> tuple[np.ndarray, list[Translation], list[Problem]]:
    """Cells of a column in the dictionary's codes.

    Parameters
    ----------
    delivered : Delivered
    at : int
        Position of the column.
    column : str
        Name under which it is known.
    variable : Variable
    file : str
        What messages call the file.
    is_key : bool
        A participant number: nothing is translated.

    Notes
    -----
    Only what the file's layout defines is translated here: value labels, declared missing values, REDCap's 1 and 0,
    day numbers of a workbook. Misspellings are left to cleaning, which leaves an audit line for each.
    """
    cells = delivered.columns[at]
    labels = delivered.value_labels.get(at, {})
    missing = delivered.missing.get(at)
    if is_key or (delivered.format == "csv"):
        return cells, [], []
    codes, texts = pd.factorize(cells)
    counts = np.bincount(codes, minlength=len(texts))
    targets, lines, problems = [], [], []
    for text, count in zip(texts, counts, strict=True):
        label = labels.get(text, "")
        target, meaning, fault = _target(text.strip(), label, missing, variable, delivered)
        if fault:
            problems.append(
                Problem(fault, file, variable=column, value=text, allowed=variable.allowed, count=int(count))
            )
        if meaning and (target != text or meaning == "missing"):
            lines.append(Translation(column, variable.name, text, label, target, meaning, int(count)))
        targets.append(target if meaning else text)
    if not len(texts):
        return cells, [], []
    return as_column(targets)[codes], sorted(lines, key=lambda line: line.delivered), problems


def _target(
    text: str, label: str, missing: MissingCodes | None, variable: Variable, delivered: Delivered
) -> tuple[str, str, str]:
    """New text, what was translated (empty: nothing), and what contradicts the dictionary."""
    if not text:
        return text, "", ""
    code = _missing_code(text, label, variable)
    if missing is not None and missing.holds(text):
        if code is None and _is_valid(text, variable):
            return text, "", "the file declares the value missing, the dictionary allows it"
        return (code or ""), "missing", ""
    if variable.is_categorical:
        return _category(text, label, code, variable, delivered)
    if label and code is not None and code != text:
        return code, "missing", ""
    if variable.type == "date" and delivered.day_zero is not None and is_plain_number(text):
        days = float(text)
        # 2018 in a column of dates is a year more often than 10 July 1905: it is asked about
        if days == int(days) and 0 < days < 100_000 and text not in variable.missing and days not in _YEARS:
            return (delivered.day_zero + timedelta(days=int(days))).isoformat(), "date", ""
    return text, "", ""


def _category(
    text: str, label: str, missing: str | None, variable: Variable, delivered: Delivered
) -> tuple[str, str, str]:
    by_label: dict[str, list[str]] = {}
    for code, own in variable.choices.items():
        by_label.setdefault(folded(own), []).append(code)
    meant = by_label.get(folded(label), []) if label else []
    if text in variable.choices:
        if label and meant and text not in meant and folded(label) != folded(text):
            own = variable.choices[text]
            return text, "", f"the file calls the code '{label}', the dictionary calls it '{own}'"
        return text, "", ""
    if missing is not None:
        return (missing, "missing", "") if missing != text else (text, "", "")
    if len(meant) == 1:
        return meant[0], "label", ""
    if label and folded(label) in {folded(code) for code in variable.choices}:
        return next(code for code in variable.choices if folded(code) == folded(label)), "label", ""
    return _unlabelled(text, by_label, variable, delivered)


def _unlabelled(
    text: str, by_label: Mapping[str, Sequence[str]], variable: Variable, delivered: Delivered
) -> tuple[str, str, str]:
    """A category of which neither the code nor the file's label says which it is."""
    number = number_code(text)
    ticked = _CHECKED.get(text.lower() if number is None else plain_text(number))
    if variable.type == "yesno" and file_format(delivered.format).coded_truth and ticked:
        return tuple(variable.choices)[0 if ticked == "yes" else 1], "code", ""
    if file_format(delivered.format).labels and text in variable.choices.values():
        codes = by_label[folded(text)]
        if len(codes) == 1:
            return codes[0], "label", ""
    same = codes_of_number(text, variable.choices)
    if len(same) == 1:
        return same[0], "code", ""
    return text, "", ""


def _missing_code(text: str, label: str, variable: Variable) -> str | None:
    """The dictionary's missing code that a value is, by code or by label."""
    for code, meaning in variable.missing.items():
        if text == code or codes_of_number(text, [code]):
            return code
        if label and folded(label) == folded(meaning):
            return code
    return None


def _is_valid(text: str, variable: Variable) -> bool:
    if variable.is_categorical:
        return text in variable.choices
    if not variable.is_numeric or not is_plain_number(text) or (variable.low is None and variable.high is None):
        return False
    return variable.within(float(text))


def translation_rows(source: str, file: str, lines: list[Translation]) -> list[Mapping[str, object]]:
    """Lines of translations.csv."""
    return [
        {
            "source": source,
            "file": file,
            "column": line.column,
            "variable": line.variable,
            "delivered": line.delivered,
            "label": line.label,
            "becomes": line.becomes,
            "meaning": line.meaning,
            "cells": line.cells,
        }
        for line in lines
    ]
