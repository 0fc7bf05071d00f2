"""Cells of the result files beside estimates.csv: how many differ between two runs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class FileChange:
    """A result file that is not the same in two runs.

    Attributes
    ----------
    file : str
        Relative to the results folder.
    kind : str
        ``changed``, ``entered`` or ``left``.
    n_cells : int
        Cells that differ, or that only one of the runs has.
    """

    file: str
    kind: str
    n_cells: int


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileChange]:
    """Compare files cell by cell.

    1. A CSV file is a cell for each row and column, a JSON file one for each leaf, any other file a cell for each line.
    2. Numbers that differ by less than a billionth of the larger one are rounding of sums.

    Parameters
    ----------
    before, after : mapping of str to str
        Content by name of the file.
    """
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        a, b = _cells(name, old or ""), _cells(name, new or "")
        differ = sum(not _same(a.get(key), b.get(key)) for key in {*a, *b})
        kind = "entered" if old is None else "left" if new is None else "changed"
        if differ or kind != "changed":
            found.append(FileChange(name, kind, differ))
    return found


def _cells(name: str, text: str) -> dict[tuple[Any, ...], str]:
    if name.endswith(".csv"):
        return {
            (line, column): value
            for line, row in enumerate(csv.DictReader(io.StringIO(text)))
            for column, value in row.items()
            if isinstance(value, str)
        }
    if name.endswith(".json"):
        try:
            return dict(_leaves(json.loads(text), ()))
        except ValueError:
            pass
    return {(line,): value for line, value in enumerate(text.splitlines())}


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _leaves(part, (*path, place))
    else:
        yield path, json.dumps(value)


def _same(old: str | None, new: str | None) -> bool:
    if old == new:
        return True
    try:
        a, b = float(old or "x"), float(new or "x")
    except ValueError:
        return False
    return math.isclose(a, b, rel_tol=_NEGLIGIBLE, abs_tol=0.0)
