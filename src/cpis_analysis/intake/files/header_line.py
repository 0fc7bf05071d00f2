"""Where the header stands: files with a title, or labels, above the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.errors import Problem
from cpis_analysis.intake.values.codes import folded

MOST_LINES_ABOVE = 30
_FEWEST_CELLS = 3
_SHARE = 0.5

Record = tuple[int, list[str]]


def header_problem(records: Sequence[Record], known: frozenset[str], file: str, where: str = "") -> Problem | None:
    """Why the first row is no header; None if it may be one.

    Parameters
    ----------
    records : sequence of (int, list of str)
        The first rows, each with its line.
    known : frozenset of str
        Names that columns may have, folded; empty if none is known.
    file, where : str
        What messages call the file, and its sheet.

    Notes
    -----
    1. A later row that holds at least two known names, and more than twice as many as the first, is the header.
    2. Otherwise, a first row with a single cell above rows with several is a title, unless that cell is a known name.
    """
    records = [(line, [cell for cell in cells if cell.strip()]) for line, cells in records]
    records = [(line, cells) for line, cells in records if cells]
    if len(records) < 2:
        return None
    (first, cells), others = records[0], records[1:]
    hits = names_found(cells, known)
    best = max(others, key=lambda record: names_found(record[1], known))
    found = names_found(best[1], known)
    if not (found >= 2 and found > 2 * hits):
        wide = [record for record in others if len(record[1]) >= _FEWEST_CELLS]
        if len(cells) > 1 or hits or len(wide) < _SHARE * len(others):
            return None
        best = wide[0]
    return Problem(
        f"{where}line {first} is no header",
        file,
        first,
        value=" | ".join(cells[:4]),
        hint=f"the names of the columns seem to stand in line {best[0]}: set header_line: {best[0]}, or take the lines "
        "above away",
    )


def names_found(cells: list[str], known: frozenset[str]) -> int:
    """How many known names stand in a row."""
    return len({folded(cell) for cell in cells} & known)
