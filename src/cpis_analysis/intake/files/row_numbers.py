"""Files that number rows and name nobody: row names that R writes, and numbers made for people who have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.schema import Source
from cpis_analysis.study_words import INTERVIEWS, PEOPLE, PERSON


def rows_of_people(
    delivered: Delivered, name: str, source: Source, participant: str
) -> tuple[Delivered, list[Problem]]:
    """A file without R's row names and, where the plan numbers its rows, with a column that names people.

    Parameters
    ----------
    delivered : Delivered
    name : str
        Name of the source; with the line of a row it is what the person is called.
    source : Source
    participant : str
        Variable that identifies a person.
    """
    delivered, file = without_row_names(delivered), source.file
    if not source.number_rows:
        return delivered, []
    there = next((one for one in delivered.header if folded(one) == folded(participant)), None)
    if there is not None:
        message = f"the plan numbers the rows, but the column '{there}' names {PEOPLE}"
        return delivered, [
            Problem(message, file, 1, hint="take number_rows out of the source, or the column with ignore:")
        ]
    numbers = as_column(f"{name}-{line}" for line in delivered.lines)
    made = replace(
        delivered,
        header=(*delivered.header, participant),
        columns=(*delivered.columns, numbers),
        labels=(*delivered.labels, ""),
        remarks=(*delivered.remarks, f"names nobody: {PEOPLE} are called by source and line"),
    )
    return made, []


def without_row_names(delivered: Delivered) -> Delivered:
    """A file without a first column that has no name and numbers the rows, as R writes it."""
    if len(delivered.header) < 2 or delivered.header[0].strip():
        return delivered
    cells = [str(cell).strip() for cell in delivered.columns[0]]
    if cells != [str(number) for number in range(1, len(cells) + 1)]:
        return delivered
    return replace(
        delivered,
        header=delivered.header[1:],
        columns=delivered.columns[1:],
        labels=delivered.labels[1:],
        value_labels={at - 1: labels for at, labels in delivered.value_labels.items() if at},
        missing={at - 1: codes for at, codes in delivered.missing.items() if at},
        notices=tuple((at - 1, notice) for at, notice in delivered.notices if at),
        date_cells={at - 1: cells for at, cells in delivered.date_cells.items() if at},
        remarks=(*delivered.remarks, "the first column has no name and numbers the rows; it is not read"),
    )


def number_rows_problems(sources: Mapping[str, Source], waves: int) -> Iterator[Problem]:
    """Where rows can't be people: several of them may be of one person, or several files of the same people."""
    people = [name for name, source in sources.items() if source.kind not in ("teams", "themes")]
    for source in sources.values():
        if not source.number_rows:
            continue
        if source.kind == "long" or (source.kind == "interviews" and waves > 1):
            yield Problem(
                f"number_rows makes each row another {PERSON}, so {INTERVIEWS} of one {PERSON} would never meet",
                source.file,
                allowed="wide files, and files of a study with one wave",
                hint=f"add a column with a number of the {PERSON} to the file, and take number_rows out",
            )
        elif source.kind in ("teams", "themes"):
            yield Problem(
                f"number_rows is for files of {PEOPLE}", source.file, hint="take number_rows out of the source"
            )
        elif len(people) > 1:
            yield Problem(
                f"number_rows can't be used where several files are about {PEOPLE}, as nothing links their rows",
                source.file,
                hint=f"join the files, or give both a number of the {PERSON}",
            )
