"""Names in the results of a study: of files, headers of columns, keys, and values that name one of these."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["names_in"]

_NAMING = ("level", "cluster", "table", "why", "row", "rows", "column", "exhibit", "id", "frame")
"""Keys and columns whose values name a level, a frame, a cell or an exhibit."""


def names_in(results: Path) -> Iterator[tuple[str, str]]:
    """(file, name) of every name; the code that a manifest lists and the plan in it are none of the study's."""
    for path in sorted(results.rglob("*")):
        if path.is_dir():
            continue
        file = path.relative_to(results).as_posix()
        yield file, file
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.reader(stream))
            yield from ((file, name) for name in rows[0])
            shown = [place for place, name in enumerate(rows[0]) if name in _NAMING]
            yield from ((file, row[place]) for row in rows[1:] for place in shown if place < len(row))
        elif path.suffix == ".json":
            record = json.loads(path.read_text(encoding="utf-8"))
            if path.name == "manifest.json":
                record = {key: part for key, part in record.items() if key not in ("plan", "code", "versions")}
            yield from ((file, name) for name in _names(record))


def _names(record: Any) -> Iterator[str]:
    if isinstance(record, dict):
        for key, part in record.items():
            yield key
            # a frame of the summaries keeps the cells of a column below its name
            cells = part["values"] if isinstance(part, dict) and "values" in part else part
            if key in _NAMING:
                yield from (str(cell) for cell in (cells if isinstance(cells, list) else [cells]))
            yield from _names(part)
    elif isinstance(record, list):
        for part in record:
            yield from _names(part)
