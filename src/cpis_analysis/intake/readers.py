"""Raw files into tables of text, or one list of everything that makes them unusable."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.checksums import checksum_problems
from cpis_analysis.intake.dictionary import Dictionary
from cpis_analysis.intake.layout import Layout, columns_of, layout_problems
from cpis_analysis.intake.rows import Rows, decode_file, read_rows
from cpis_analysis.intake.tables import Table
from cpis_analysis.plan.schema import Cleaning, Data, Design, Source

__all__ = ["read_sources"]


def read_sources(
    data: Data, design: Design, cleaning: Cleaning, dictionary: Dictionary, root: Path
) -> list[Table]:
    """Read every raw file of the plan.

    Returns
    -------
    list of Table
        In the plan's order.

    Raises
    ------
    DataError
        With the structural faults of all files at once: missing, empty, header only,
        not text, another encoding, cut rows, missing, unknown or doubled columns,
        checksums that differ. Faults of single cells are no errors; cleaning deals with them.
    """
    problems = layout_problems(dictionary, data, design, cleaning)
    if problems:
        raise DataError("The dictionary does not fit the plan.", problems)
    tables: list[Table] = []
    for name, source in data.sources.items():
        layout = columns_of(name, source, dictionary, data, design)
        table, found = _read_source(name, source, layout, dictionary, root)
        problems += found
        if table is not None:
            tables.append(table)
    if data.checksums is not None:
        files = [source.file for source in data.sources.values()]
        problems += checksum_problems(data.checksums, [*files, data.dictionary], root)
    if problems:
        raise DataError("The raw data cannot be used as delivered.", problems)
    return tables


def _read_source(
    name: str, source: Source, layout: Layout, dictionary: Dictionary, root: Path
) -> tuple[Table | None, list[Problem]]:
    text, problems = decode_file(root / source.file, source.file, "utf-8" if source.encoding == "auto" else source.encoding)
    if text is None:
        return None, problems
    rows, problems = read_rows(text, source.file, "," if source.delimiter == "auto" else source.delimiter)
    if rows is None:
        return None, problems
    header = tuple(source.rename.get(column, column) for column in rows.header)
    for column in source.rename:
        if column not in rows.header:
            hint = did_you_mean(column, rows.header)
            problems.append(Problem(f"the plan renames '{column}', which is no column", source.file, 1, hint=hint))
    problems += _header_problems(header, source, layout, dictionary)
    if not rows.rows and not problems:
        problems.append(Problem("the file has a header and no rows", source.file))
    if problems:
        return None, problems
    return _table(name, source, layout, header, rows), []


def _header_problems(
    header: tuple[str, ...], source: Source, layout: Layout, dictionary: Dictionary
) -> list[Problem]:
    known = {**layout.required, **layout.optional}
    file = source.file
    other = [sign for sign in ",;\t|" if sign != ("," if source.delimiter == "auto" else source.delimiter) and len(header) == 1 and sign in header[0]]
    if other:
        shown = "a tab" if other[0] == "\t" else f"'{other[0]}'"
        return [Problem(f"the columns are separated by {shown}, not by '{source.delimiter}'", file, 1,
                        hint=f"set delimiter for '{file}'")]
    problems = []
    missing = [column for column in layout.required if column not in header]
    unknown = [column for column in dict.fromkeys(header) if column not in known]
    for column in missing:
        problems.append(Problem(f"the column '{column}' is missing", file, 1, hint=did_you_mean(column, unknown)))
    for column in unknown:
        if column in dictionary:
            variable = dictionary[column]
            where = f"wave {' and '.join(variable.waves)}" if variable.waves else f"form '{variable.form}'"
            message = f"the column '{column}' does not belong in this file: in the dictionary it is of {where}"
            problems.append(Problem(message, file, 1))
        elif column:
            hint = did_you_mean(column, missing or [name for name in known if name not in header])
            problems.append(Problem(f"the column '{column}' is not in the dictionary", file, 1, hint=hint))
        else:
            place = ", ".join(str(at + 1) for at, name in enumerate(header) if not name)
            problems.append(Problem(f"column {place} has no name", file, 1))
    for column in dict.fromkeys(header):
        if column and header.count(column) > 1:
            problems.append(Problem(f"the column '{column}' stands {header.count(column)} times", file, 1))
    return problems


def _table(name: str, source: Source, layout: Layout, header: tuple[str, ...], rows: Rows) -> Table:
    known = {**layout.required, **layout.optional}
    cells = zip(*(row for _, row in rows.rows), strict=True)
    return Table(
        source=name,
        file=source.file,
        holds=source.holds,
        wave=source.wave,
        lines=np.array([line for line, _ in rows.rows], dtype=np.int64),
        raw={column: _object_array(values) for column, values in zip(header, cells, strict=True)},
        variables={column: known[column] for column in header},
        decimal_comma=source.delimiter == ";",
    )


def _object_array(values: tuple[str, ...]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
