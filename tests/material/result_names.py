"""Names in the results of a study: of files, headers of columns, keys, and values that name one of these."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpis_analysis.study_words import is_marked

__all__ = ["names_in", "office_texts", "stand_beside_levels", "with_marked_words"]

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


def office_texts(results: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of every part of workbooks and Word documents that people read, their properties included."""
    for path in sorted((results / "report").glob("*.xlsx")) + sorted((results / "report").glob("*.docx")):
        with zipfile.ZipFile(path) as parts:
            for part in parts.namelist():
                if re.search(r"(sharedStrings|workbook|core|document|header\d*|footer\d*|sheet\d+)\.xml$", part):
                    text = parts.read(part).decode("utf-8")
                    # names of sheets stand in attributes
                    named = " ".join(re.findall(r'<sheet [^>]*name="([^"]*)"', text))
                    yield f"{path.name}/{part}", f"{named} {re.sub(r'<[^>]*>', ' ', text)}"


def with_marked_words(study: Path) -> list[str]:
    """Files for sharing, and tables and workbooks of private ones, that hold a word with its mark (`study_words`)."""
    forms = ("*.csv", "*.json", "*.html", "*.svg", "*.txt", "*.md")
    paths = [path for form in forms for path in (study / "results").rglob(form)]
    paths += [*(study / "data" / "processed").glob("*.csv"), *(study / "data" / "processed").glob("*.json")]
    found = [path.name for path in paths if is_marked(path.read_text(encoding="utf-8"))]
    zipped = [*(study / "results" / "report").glob("*.[xd]*x"), *(study / "data" / "processed").glob("*.xlsx")]
    for path in zipped:
        with zipfile.ZipFile(path) as parts:
            named = [name for name in parts.namelist() if name.endswith(".xml")]
            found += [f"{path.name}/{name}" for name in named if is_marked(parts.read(name).decode("utf-8"))]
    return found


def stand_beside_levels(results: Path) -> set[str]:
    """Names of columns, keys, frames and levels beside which those of levels of clusters stand."""

    def load(name: str) -> Any:
        return json.loads((results / name).read_text(encoding="utf-8"))

    found: set[str] = set()
    for file in ("estimates.csv", "error_rates.csv"):
        with (results / file).open(encoding="utf-8", newline="") as stream:
            found |= {name for name in next(csv.reader(stream)) if name.startswith(("n_", "icc_", "by_"))}
    summaries, flow, audit = load("summaries.json"), load("flow.json"), load("design_audit.json")
    found |= {*summaries, *flow, *flow.get("screening", {}), audit["level"]}
    found |= {name for frame in summaries.values() if "trust" in frame["columns"] for name in frame["columns"]}
    rows = [*flow["losses"], *flow.get("screening", {}).get("not_recruited", []), *flow["analyses"].values()]
    found |= {name for row in (*rows, *audit["arms"], *audit["cells"]) for name in row}
    for path in (results / "models").glob("*.json"):
        parts = (part for record in load(f"models/{path.name}") for part in record["variance_components"])
        found |= {part["level"].partition("-by-")[0] for part in parts if part.get("level")}
    return found


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
