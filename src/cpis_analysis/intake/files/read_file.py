"""Which layout a file has, told from its content, and its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.files.delimited import read_delimited
from cpis_analysis.intake.files.matrix import from_matrix
from cpis_analysis.intake.files.qualtrics import is_qualtrics, without_extra_headers
from cpis_analysis.intake.files.redcap import is_redcap
from cpis_analysis.late import late_choice
from cpis_analysis.plan.file_formats import FILE_FORMATS, file_format, format_of_bytes
from cpis_analysis.plan.schema import Source

_Reader = Callable[[Path, Source, frozenset[str]], tuple[Delivered | None, list[Problem]]]


def read_file(
    path: Path, source: Source, known: frozenset[str] = frozenset()
) -> tuple[Delivered | None, list[Problem]]:
    """Read a file of any layout.

    Parameters
    ----------
    path : Path
        Where the file is; messages call it as the plan does.
    source : Source
        May name the layout, which is then required.
    known : frozenset of str
        Names that its columns may have, folded, by which a header below a title is found.

    Returns
    -------
    delivered : Delivered or None
    problems : list of Problem
        Why the file cannot be used; never an exception for what stands in a file.
    """
    try:
        with open(path, "rb") as stream:
            start = stream.read(512)
    except FileNotFoundError:
        return None, [
            Problem("there is no such file", file=source.file, hint="put it there, or correct the path in data.sources")
        ]
    except OSError as error:
        return None, [
            Problem(
                f"cannot be opened: {error.strerror}",
                file=source.file,
                hint="see who owns the file, and whether another program has it open",
            )
        ]
    if source.cases:
        # a matrix has other names in its header than the table that is made of it
        matrix, problems = _read(path, source.model_copy(update={"ignore": []}), frozenset(), start)
        return (None, problems) if matrix is None else from_matrix(matrix, source)
    return _read(path, source, known, start)


def _read(path: Path, source: Source, known: frozenset[str], start: bytes) -> tuple[Delivered | None, list[Problem]]:
    found = format_of_bytes(start)
    wanted = None if source.format == "auto" else file_format(source.format)
    # which kind of text it is, is told from its header
    if wanted is not None and wanted is not found and not (wanted.is_text and found.is_text):
        hint = f"it looks like {found.looks_like}" if start.strip() else "the file is empty"
        return None, [Problem(f"is no {wanted.words}", file=source.file, hint=hint)]
    if source.sheet is not None and not found.sheets:
        return None, [
            Problem(
                "the plan names a sheet, but this is no Excel workbook",
                file=source.file,
                hint="remove sheet from the source",
            )
        ]
    if source.header_line is not None and not found.header_line:
        return None, [
            Problem(
                f"the plan names a header_line, but {found.looks_like} has none",
                file=source.file,
                hint="remove header_line from the source",
            )
        ]
    if found.reader:
        read: _Reader = late_choice(FILE_FORMATS, "reader", __package__, found.name)
        return read(path, source, known)
    delivered, problems = read_delimited(path, source, known)
    return (None, problems) if delivered is None else _text_layout(delivered, source, problems)


def _text_layout(
    delivered: Delivered, source: Source, problems: list[Problem]
) -> tuple[Delivered | None, list[Problem]]:
    wanted = source.format
    if wanted == "qualtrics" or (wanted == "auto" and is_qualtrics(delivered)):
        if not is_qualtrics(delivered):
            return None, [
                Problem(
                    "is no Qualtrics export: the third line has no import identifiers",
                    source.file,
                    3,
                    hint="export it from Qualtrics with all three lines of heads, or take format out of the source",
                )
            ]
        return without_extra_headers(delivered), problems
    if wanted == "redcap" or (wanted == "auto" and is_redcap(delivered)):
        return replace(delivered, format="redcap"), problems
    return delivered, problems
