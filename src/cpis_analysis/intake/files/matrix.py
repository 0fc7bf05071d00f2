"""Themes by cases: the matrix that a matrix coding query of NVivo exports, as a table of counts.

Rows are themes, columns cases (a focus group, a site, an answer of a classification), cells numbers of codings. Which
cluster and arm a column is of, the plan says (``cases``), for the matrix has nothing but names. NVivo numbers rows
("1 : Caseload") and letters columns ("A : North, new"); both are left out of the names where all of them have one, so
that no name of a study's own loses its beginning. Numbers of rows as other readers of such exports found them
(``import_coding_matrices`` of the R package novelqualcodes takes off digits, a colon and spaces).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.plan.schema import Source

_COLUMN = re.compile(r"^[A-Z]{1,3} : ")
_ROW = re.compile(r"^\d+\s*:\s*")
_COUNT = re.compile(r"\d+(?:\.0+)?")


def from_matrix(matrix: Delivered, source: Source) -> tuple[Delivered | None, list[Problem]]:
    """A table of counts, one row a theme and what cases have in common: columns of the same values are added up.

    Parameters
    ----------
    matrix : Delivered
        Themes in the first column.
    source : Source
        Its ``cases`` say what each column is of; ``ignore`` names columns and themes that are not read, such as totals.

    Returns
    -------
    delivered : Delivered or None
        theme, n_mentions, and the variables of the cases.
    problems : list of Problem
        Columns that the plan does not place, cases that the file does not have, cells that are no counts, themes that
        stand twice.
    """
    names = ["", *_without(_COLUMN, [str(text).strip() for text in matrix.header[1:]])]
    columns = [at for at, name in enumerate(names) if at and name and name not in source.ignore]
    themes = _without(_ROW, [str(text).strip() for text in matrix.columns[0]]) if matrix.columns else []
    rows = [at for at, theme in enumerate(themes) if theme and theme not in source.ignore]
    problems = [
        *_misplaced([names[at] for at in columns], source),
        *_twice([themes[at] for at in rows], matrix, rows, source.file),
        *_no_counts(matrix, names, columns, rows, source.file),
    ]
    if problems:
        return None, problems
    if not rows or not columns:
        return None, [
            Problem(
                "has no themes by cases", file=source.file, hint="export a matrix of themes (rows) by cases (columns)"
            )
        ]
    variables = list(dict.fromkeys(name for case in source.cases.values() for name in case))
    counts: dict[tuple[int, tuple[str, ...]], int] = {}
    for row in rows:
        for at in columns:
            place = tuple(source.cases[names[at]][name] for name in variables)
            cell = str(matrix.columns[at][row]).strip()
            counts[row, place] = counts.get((row, place), 0) + (int(float(cell)) if cell else 0)
    header = ("theme", "n_mentions", *variables)
    cells = [(themes[row], str(count), *place) for (row, place), count in counts.items()]
    return Delivered(
        format=matrix.format,
        header=header,
        columns=tuple(as_column(row[at] for row in cells) for at in range(len(header))),
        lines=np.array([matrix.lines[row] for row, _ in counts], dtype=np.int64),
        labels=("",) * len(header),
        remarks=(*matrix.remarks, f"a matrix of {len(rows)} themes by {len(columns)} cases"),
    ), []


def _without(prefix: re.Pattern[str], names: list[str]) -> list[str]:
    """Names without a prefix that every one of them has; else as they are."""
    named = [name for name in names if name]
    if not named or not all(map(prefix.match, named)):
        return names
    return [prefix.sub("", name) for name in names]


def _misplaced(found: list[str], source: Source) -> Iterator[Problem]:
    for name in found:
        if name not in source.cases:
            yield Problem(
                "the plan does not say whose this column is",
                file=source.file,
                variable=name,
                allowed=", ".join(source.cases),
                hint=did_you_mean(name, list(source.cases)) or "give it under cases:, or name it under ignore:",
            )
    for name in source.cases:
        if name not in found:
            yield Problem(
                "the matrix has no such case",
                file=source.file,
                value=name,
                allowed=", ".join(found),
                hint=did_you_mean(name, found),
            )
    for name in dict.fromkeys(name for name in found if found.count(name) > 1):
        yield Problem(
            "the case stands in several columns",
            file=source.file,
            variable=name,
            hint="export the matrix with one column a case",
        )


def _twice(themes: list[str], matrix: Delivered, rows: list[int], file: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for theme, row in zip(themes, rows, strict=True):
        if theme in seen:
            yield Problem(
                "the theme stands twice",
                file=file,
                line=int(matrix.lines[row]),
                value=theme,
                hint="rename one of the two themes, or merge them",
            )
        seen.add(theme)


def _no_counts(
    matrix: Delivered, names: list[str], columns: list[int], rows: list[int], file: str
) -> Iterator[Problem]:
    for row in rows:
        for at in columns:
            cell = str(matrix.columns[at][row]).strip()
            if cell and not _COUNT.fullmatch(cell):
                yield Problem(
                    "is no number of codings",
                    file=file,
                    line=int(matrix.lines[row]),
                    variable=names[at],
                    value=cell,
                    allowed="a whole number; export coding references and not shares",
                )
