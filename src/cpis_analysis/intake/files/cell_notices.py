"""What a file says about cells beyond their text: merged cells, true dates, answers in one cell, what is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.account.working_tables import Notice
from cpis_analysis.intake.files.checkboxes import split_answers, ticked, unknown_notices
from cpis_analysis.intake.files.date_cells import date_notice
from cpis_analysis.intake.files.header import Header
from cpis_analysis.intake.files.translate import translate
from cpis_analysis.plan.schema import Source


def notices_of(delivered: Delivered, header: Header, source: Source) -> tuple[list[tuple[str, Notice]], list[Problem]]:
    """By column: what the file says about cells beyond their text."""
    found = [(header.variables[at][0], notice) for at, notice in delivered.notices if at in header.variables]
    problems, said = [], dict(source.date_cells)
    for at, (column, variable) in header.variables.items():
        how = source.date_cells.get(variable.name)
        said.pop(variable.name, None)
        if variable.type != "date" or (how is None and at not in delivered.date_cells):
            if how is not None:
                problems.append(
                    Problem(
                        "the plan's date_cells names it, but it is no date",
                        source.file,
                        variable=variable.name,
                        hint="take it out of date_cells, or give it a type of dates in the dictionary",
                    )
                )
            continue
        stored = delivered.date_cells.get(at, np.zeros(len(delivered), dtype=bool))
        texts = translate(delivered, at, column, variable, source.file, False)[0]
        notice, problem = date_notice(texts, stored, variable, how, source.file, delivered.lines)
        found += [(column, notice)] if notice is not None else []
        problems += [problem] if problem is not None else []
    problems += [
        Problem(
            f"the plan's date_cells names '{name}', which is no column of this file",
            source.file,
            hint=did_you_mean(name, [column for column, _ in header.variables.values()]) or "remove it from date_cells",
        )
        for name in said
    ]
    return found, problems


def filled(delivered: Delivered, at: int) -> Delivered:
    """The file with a column filled as its notices say, for a column that no variable is in (the event)."""
    columns = list(delivered.columns)
    for where, notice in delivered.notices:
        if where == at:
            columns[at] = np.where(notice.rows, notice.after, columns[at])
    return replace(delivered, columns=tuple(columns))


def without_account(
    texts: np.ndarray, column: str, notices: list[tuple[str, Notice]], file: str
) -> tuple[np.ndarray, list[Problem]]:
    """Cells of an identifier as the notices say; they are never written, so they have no audit lines."""
    problems = []
    for name, notice in notices:
        if name == column and notice.question:
            problems.append(Problem(notice.question, file, variable=column, hint="say it in the plan: docs/formats.md"))
        elif name == column:
            texts = np.where(notice.rows, notice.after, texts)
    return texts, problems


def checkbox_cells(
    delivered: Delivered,
    header: Header,
    source: Source,
    cells: dict[str, np.ndarray],
    notices: list[tuple[str, Notice]],
) -> Iterator[Problem]:
    """Boxes from cells with several answers, and boxes that are not known, into ``cells`` and ``notices``."""
    for at, checkbox in header.several.items():
        texts, own, faults = split_answers(delivered, at, checkbox, source.file)
        cells.update(dict.fromkeys(checkbox.boxes, texts))
        notices += own
        yield from faults
    for at, (checkbox, label) in header.unknown.items():
        marked = ticked(delivered.columns[at])
        if marked is None:
            yield Problem(
                "the column does not say whether boxes are ticked",
                source.file,
                variable=delivered.header[at],
                allowed="0, 1",
            )
            continue
        notices += unknown_notices(checkbox, marked, label, cells)
