"""Which layout a file has, told from its content, and its reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cpis_analysis.errors import Problem
from cpis_analysis.intake.files.delimited import read_delimited
from cpis_analysis.intake.files.delivered import Delivered
from cpis_analysis.intake.files.qualtrics import is_qualtrics, without_extra_headers
from cpis_analysis.intake.files.redcap import is_redcap
from cpis_analysis.plan.schema import Source

__all__ = ["NAMES", "read_file"]

NAMES = {
    "csv": "delimited text",
    "redcap": "REDCap export",
    "qualtrics": "Qualtrics export",
    "spss": "SPSS data file",
    "stata": "Stata data file",
    "excel": "Excel workbook",
}
_LIKE = {
    "csv": "delimited text",
    "spss": "an SPSS data file",
    "stata": "a Stata data file",
    "excel": "an Excel workbook",
}
_TEXT = ("csv", "redcap", "qualtrics")


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
        return None, [Problem("there is no such file", file=source.file)]
    except OSError as error:
        return None, [Problem(f"cannot be opened: {error.strerror}", file=source.file)]
    found = _layout(start)
    wanted = source.format
    if wanted != "auto" and (found if found not in _TEXT else "text") != (wanted if wanted not in _TEXT else "text"):
        message = f"is no {NAMES[wanted]}"
        hint = f"it looks like {_LIKE[found]}" if start.strip() else "the file is empty"
        return None, [Problem(message, file=source.file, hint=hint)]
    if source.sheet is not None and found != "excel":
        return None, [Problem("the plan names a sheet, but this is no Excel workbook", file=source.file)]
    if source.header_line is not None and found in ("spss", "stata"):
        return None, [Problem(f"the plan names a header_line, but {_LIKE[found]} has none", file=source.file)]
    if found == "excel":
        from cpis_analysis.intake.files.excel import read_workbook

        return read_workbook(path, source, known)
    if found in ("spss", "stata"):
        from cpis_analysis.intake.files.spss_stata import read_labelled

        return read_labelled(path, source.file, found)
    delivered, problems = read_delimited(path, source, known)
    return (None, problems) if delivered is None else _text_layout(delivered, source, problems)


def _text_layout(
    delivered: Delivered, source: Source, problems: list[Problem]
) -> tuple[Delivered | None, list[Problem]]:
    wanted = source.format
    if wanted == "qualtrics" or (wanted == "auto" and is_qualtrics(delivered)):
        if not is_qualtrics(delivered):
            return None, [Problem("is no Qualtrics export: the third line has no import identifiers", source.file, 3)]
        return without_extra_headers(delivered), problems
    if wanted == "redcap" or (wanted == "auto" and is_redcap(delivered)):
        return replace(delivered, format="redcap"), problems
    return delivered, problems


def _layout(start: bytes) -> str:
    if start[:4] in (b"$FL2", b"$FL3"):
        return "spss"
    if start.startswith(b"<stata_dta>") or (
        len(start) > 4 and 102 <= start[0] <= 115 and start[1] in (1, 2) and start[2] == 1 and start[3] == 0
    ):
        return "stata"
    return "excel" if start.startswith(b"PK\x03\x04") else "csv"
