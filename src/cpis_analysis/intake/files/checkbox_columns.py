"""Columns of a file that belong to a checkbox and are none of its boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.files.checkboxes import REDCAP_MISSING_CODES, Checkbox, checkboxes_in, ticked
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.schema import Source


def checkbox_columns(
    names: list[str], known: Mapping[str, Variable], layout: str, taken: set[str]
) -> tuple[dict[int, Checkbox], dict[int, tuple[Checkbox, str]]]:
    """Columns with several answers in one cell, and columns that say that a checkbox is not known, by position."""
    several, gaps = {}, {}
    for checkbox in checkboxes_in(known):
        for code, label in checkbox.missing.items():
            titled = folded(f"{checkbox.title} choice {label}")
            for at, name in enumerate(names):
                if name == checkbox.column_of(code) or (layout == "redcap" and folded(name) == titled):
                    gaps[at] = (checkbox, label)
        if taken & set(checkbox.boxes) or set(names) & set(checkbox.boxes):
            continue
        called = {folded(checkbox.field + checkbox.suffix)}
        called |= {folded(checkbox.title)} if layout in ("redcap", "qualtrics") and not checkbox.suffix else set()
        found = [at for at, name in enumerate(names) if folded(name) in called - {""} and name not in known]
        if len(found) == 1:
            several[found[0]] = checkbox
    return several, gaps


def ignored_gaps(
    delivered: Delivered, names: list[str], source: Source, known: Mapping[str, Variable], dictionary: Dictionary
) -> Iterator[Problem]:
    """Columns that say that a checkbox is not known and that the plan ignores: its boxes would all be 'no'."""
    for at, name in enumerate(names):
        if delivered.header[at] not in source.ignore:
            continue
        for checkbox in checkboxes_in(known):
            declared = [code for code in checkbox.missing if checkbox.column_of(code) == name]
            hint = undeclared(name, [checkbox], dictionary)
            marked = ticked(delivered.columns[at]) if declared or hint else None
            if marked is not None and marked.any():
                message = (
                    f"the plan ignores '{name}', which says that the boxes of '{checkbox.field}' are not known; "
                    "they would be read as 'no'"
                )
                yield Problem(
                    message,
                    source.file,
                    int(delivered.lines[marked.argmax()]),
                    hint="; ".join(filter(None, ["take it out of ignore:", hint])),
                    count=int(marked.sum()),
                )


def undeclared(column: str, checkboxes: list[Checkbox], dictionary: Dictionary) -> str | None:
    """What to do about a column of a missing code that its checkbox does not have."""
    codes = dict.fromkeys(
        [*(code for variable in dictionary.values() for code in variable.missing), *sorted(REDCAP_MISSING_CODES)]
    )
    for checkbox in checkboxes:
        own = {box.code for box in checkbox.options.values()} | set(checkbox.missing)
        for code in codes:
            if code not in own and column == checkbox.column_of(code):
                return (
                    f"it seems to say that the boxes of '{checkbox.field}' are not known: give the checkbox the "
                    f"missing code '{code}' in the dictionary (Missing Codes)"
                )
    return None
