"""Columns of a workbook: one number a cell, where the report sets several beside each other.

"0.87 (−1.77 to 3.50)" becomes three columns, "14.1 (6.4)" and "46 (60%)" two, so that a spreadsheet can compute with
each. What is no number, such as a withheld count, stays the word that the report prints.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cpis_analysis.publish.format import MINUS

NUMBER = re.compile(rf"[{MINUS}-]?(\d{{1,3}}(,\d{{3}})+|\d+)(\.(\d+))?%?")
_ONE = rf"[{MINUS}-]?\d[\d,]*(?:\.\d+)?"
_INTERVAL = re.compile(rf"({_ONE}) \(({_ONE}) to ({_ONE})\)")
_RANGE = re.compile(rf"({_ONE}) \(({_ONE})\); ({_ONE}) to ({_ONE})")
_SHARE = re.compile(rf"({_ONE}(?:/{_ONE})?) \(({_ONE}%)\)")
_BRACKETS = re.compile(rf"({_ONE}) \(({_ONE})\)")
_LEVEL = re.compile(r"\s*\(([\d.]+% CI)\)$")


def split_columns(labels: Sequence[str], lines: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Labels and rows with every number in a cell of its own.

    Parameters
    ----------
    labels : sequence of str
    lines : sequence of sequence of str
        Cells of each row; one that has fewer than there are labels ends in empty ones.

    Returns
    -------
    labels, lines
        A column of which some cell holds several numbers is followed by columns for the second of a pair (standard
        deviation or per cent), and for the lower and upper end; where a row has none of these they are empty. The
        first column, which names the rows, stays.
    """
    made: list[str] = []
    columns: list[list[str]] = []
    for place, label in enumerate(labels):
        cells = [line[place] if place < len(line) else "" for line in lines]
        parts = [_parts(cell) if place else (cell, "", "", "") for cell in cells]
        used = [any(part[at] for part in parts) for at in range(4)]
        found = _LEVEL.search(label)
        base = _LEVEL.sub("", label) if found else label
        ends = found[1] if found else f"{label},"
        brackets = "per cent" if all(part[1].endswith("%") for part in parts if part[1]) else "SD or per cent"
        names = (base, f"{base}, {brackets}", f"{ends} low", f"{ends} high")
        if found and ": " in base:
            group = base.rpartition(": ")[0]
            names = (base, names[1], f"{group}: {ends} low", f"{group}: {ends} high")
        for at in range(4):
            if at == 0 or used[at]:
                made.append(names[at])
                columns.append([part[at] for part in parts])
    return made, [list(line) for line in zip(*columns, strict=True)] if lines else []


def _parts(cell: str) -> tuple[str, str, str, str]:
    """Value, second of a pair, lower end, upper end; empty where the cell has none."""
    if found := _INTERVAL.fullmatch(cell):
        return found[1], "", found[2], found[3]
    if found := _RANGE.fullmatch(cell):
        return found[1], found[2], found[3], found[4]
    if found := _SHARE.fullmatch(cell) or _BRACKETS.fullmatch(cell):
        return found[1], found[2], "", ""
    return cell, "", "", ""
