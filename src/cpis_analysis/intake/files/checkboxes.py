"""Checkboxes in files: columns that say a checkbox is not known, and several answers in one cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.account.working_tables import Notice
from cpis_analysis.intake.dictionary.conditions import checkbox_name
from cpis_analysis.intake.dictionary.variable import Box, Variable
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.intake.values.written_numbers import codes_of_number, number_code, plain_text

REDCAP_MISSING_CODES = frozenset("INV UNK NASK ASKU NAVU MSK UNC DER PINF NINF".split())
"""Missing-data codes that REDCap offers for a project, without those that are likely options (NA, OTH)."""
_TICKED = {
    "1": True,
    "0": False,
    "checked": True,
    "unchecked": False,
    "yes": True,
    "no": False,
    "true": True,
    "false": False,
    "": False,
}
_SEPARATORS = ",;|\n"
_BETWEEN = re.compile(r"\s*[,;|\n]\s*")
_SEPARATOR = re.compile(r"([,;|\n])")

_IN_THE_FILE = "Correct it where it was entered, and deliver the file anew."
"""How a question about several cells of a checkbox is answered: an answer of the workbook belongs to one cell."""


@dataclass(frozen=True)
class Checkbox:
    """The columns of a file that belong to one checkbox, at one wave.

    Attributes
    ----------
    field, title : str
        Name and label.
    boxes : mapping of str to Variable
        Options by column.
    suffix : str
        What columns of a wide file end in.
    """

    field: str
    title: str
    boxes: Mapping[str, Variable]
    suffix: str = ""

    @property
    def missing(self) -> Mapping[str, str]:
        """Labels of the checkbox's missing codes."""
        return next(iter(self.boxes.values())).missing

    @property
    def options(self) -> Mapping[str, Box]:
        """What each column's box stands for."""
        return {column: variable.box for column, variable in self.boxes.items() if variable.box is not None}

    def column_of(self, code: str) -> str:
        """REDCap's column for a missing code."""
        return checkbox_name(self.field, code) + self.suffix


def checkboxes_in(known: Mapping[str, Variable]) -> list[Checkbox]:
    """Checkboxes of which columns may stand in a file."""
    found: dict[tuple[str, str, str], dict[str, Variable]] = {}
    for column, variable in known.items():
        if variable.box is not None:
            suffix = column.removeprefix(variable.name)
            found.setdefault((variable.box.field, suffix, variable.box.title), {})[column] = variable
    return [Checkbox(field, title, boxes, suffix) for (field, suffix, title), boxes in found.items()]


def ticked(texts: np.ndarray) -> np.ndarray | None:
    """(n,) bool: where a box is ticked; None if the column is none of a checkbox."""
    found = np.zeros(len(texts), dtype=bool)
    for at, text in enumerate(texts):
        number = number_code(text)
        truth = _TICKED.get(text.strip().casefold() if number is None else plain_text(number))
        if truth is None:
            return None
        found[at] = truth
    return found


def unknown_notices(
    checkbox: Checkbox, unknown: np.ndarray, label: str, cells: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, Notice]]:
    """By column of a checkbox: the boxes that are not known where its missing code is ticked."""
    blank = as_column([""] * len(unknown))
    for column, variable in checkbox.boxes.items():
        if column not in cells:
            continue
        both = unknown & (cells[column] == next(iter(variable.choices)))
        question = (
            f"{variable.label}: the box is ticked, and so is '{label}', which says that the boxes are not "
            f"known. Which is right? {_IN_THE_FILE}"
        )
        yield column, Notice(unknown & ~both, blank, "missing_code", label)
        yield column, Notice(both, blank, "ticked_and_unknown", f"'{label}' is ticked as well", question)


def split_answers(
    delivered: Delivered, at: int, checkbox: Checkbox, file: str
) -> tuple[np.ndarray, list[tuple[str, Notice]], list[Problem]]:
    """Boxes from a column that holds all answers of a checkbox.

    Returns
    -------
    texts : (n,) object array
        Cells as delivered, which are the raw cells of each box.
    notices : list of (str, Notice)
        By box: yes or no where something is written; missing, and asked, where it can't be told what is.
    problems : list of Problem
        If most of what is written can't be told.

    Notes
    -----
    Codes or labels stand between commas, semicolons, bars or line breaks; labels may hold such signs themselves. A cell
    is read if there is one way to read it. A blank cell leaves all boxes missing: whether nothing was ticked or nothing
    was asked can't be told.
    """
    texts = as_column(text.strip() for text in delivered.columns[at])
    written = [text for text in dict.fromkeys(texts) if text]
    answers = {text: _answers(text, checkbox) for text in written}
    unread = [text for text in written if answers[text] is None]
    if 2 * len(unread) > len(written):
        hint = "export it with a column for each answer (Qualtrics: 'Split multi-value fields into columns')"
        labels = ", ".join(f"{box.code} ({box.label})" for box in checkbox.options.values())
        return (
            texts,
            [],
            [
                Problem(
                    "the column holds the answers of a checkbox in one cell, which can't be told apart",
                    file,
                    variable=delivered.header[at],
                    value=unread[0],
                    allowed=labels,
                    hint=hint,
                )
            ],
        )
    notices: list[tuple[str, Notice]] = []
    gaps = {text: checkbox.missing[found] for text, found in answers.items() if isinstance(found, str)}
    question = (
        f"{checkbox.title or checkbox.field}: these answers are not all among "
        f"{', '.join(box.label for box in checkbox.options.values())}. What is right? {_IN_THE_FILE}"
    )
    for place, (column, variable) in enumerate(checkbox.boxes.items()):
        yes, no = variable.choices
        read = {text: yes if column in found else no for text, found in answers.items() if isinstance(found, frozenset)}
        rows = np.array([text in read for text in texts], dtype=bool)
        after = as_column(read.get(text, "") for text in texts)
        notices.append((column, Notice(rows, after, "several_answers", f"answers of '{checkbox.field}' in one cell")))
        for text, label in gaps.items():
            notices.append((column, Notice(texts == text, after, "missing_code", label)))
        lost = np.isin(texts, unread)
        notices.append(
            (column, Notice(lost, after, "unknown_code", "answers that can't be told", question if not place else ""))
        )
    return texts, notices, []


def _answers(text: str, checkbox: Checkbox) -> frozenset[str] | str | None:
    """Columns of the boxes that are ticked, a missing code, or None if it can't be told."""
    codes = {box.code: column for column, box in checkbox.options.items()}
    spellings: dict[tuple[str, ...], set[str]] = {}
    for column, box in checkbox.options.items():
        for written in (box.code, box.label):
            for spelling in ((folded(written),), _spelling(written)):
                spellings.setdefault(spelling, set()).add(column)
    for code, label in checkbox.missing.items():
        same = "," not in text and bool(codes_of_number(text, [code]))
        if text == code or same or folded(text) == folded(label):
            return code

    def one(piece: str) -> str | None:
        if piece in codes:
            return codes[piece]
        if number_code(piece) is not None:
            same = codes_of_number(piece, codes) if "," not in piece else []
            return codes[same[0]] if len(same) == 1 else None
        found = spellings.get(_spelling(piece), set()) if folded(piece) else set()
        return next(iter(found)) if len(found) == 1 else None

    found = {frozenset(pieces) for pieces in _readings(text, one)}
    return found.pop() if len(found) == 1 else None


def _spelling(text: str) -> tuple[str, ...]:
    """Separators, and what stands between them, folded: "1, 1" is not the label 11, "1, a" not the label "1; a"."""
    parts = _SEPARATOR.split(text)
    return tuple(filter(None, (part if part in _SEPARATORS else folded(part) for part in parts)))


def _readings(text: str, one: Callable[[str], str | None], depth: int = 0) -> Iterable[list[str]]:
    """All ways to read a text as answers between separators, the longest first piece last."""
    whole = one(text)
    if whole is not None:
        yield [whole]
    if depth > 60:
        return
    for between in _BETWEEN.finditer(text):
        first = one(text[: between.start()])
        if first is not None:
            for rest in _readings(text[between.end() :], one, depth + 1):
                yield [first, *rest]
