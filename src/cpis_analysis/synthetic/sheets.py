"""Raw files as sheets of text in which rows keep their identity while rows are added."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.synthetic.dirt_kinds import DIRT_COLUMNS, DIRT_KINDS
from cpis_analysis.synthetic.parameters import Design
from cpis_analysis.synthetic.variable_rows import FILES, columns_of


@dataclass
class Sheet:
    """``rows`` are cells of text by row identity; ``position`` sorts them as they stand in the file."""

    name: str
    columns: tuple[str, ...]
    rows: dict[int, dict[str, str]]
    position: dict[int, float] = field(init=False)

    def __post_init__(self) -> None:
        self.position = {row: float(row) for row in self.rows}

    def add(self, values: dict[str, str], position: float) -> int:
        """Add a row; of equal positions the later addition stands below."""
        row = len(self.rows)
        self.rows[row] = {column: values.get(column, "") for column in self.columns}
        self.position[row] = position
        return row

    def order(self) -> list[int]:
        """Row identities as they stand in the file."""
        return sorted(self.position, key=lambda row: (self.position[row], row))

    def lines(self) -> dict[int, int]:
        """Line in the file of each row; the header is line 1."""
        return {row: line for line, row in enumerate(self.order(), start=2)}

    def column(self, name: str) -> np.ndarray:
        """Cells of a column in the order of row identities."""
        return np.array([cells[name] for cells in self.rows.values()], dtype=object)

    def finished(self) -> pd.DataFrame:
        """The file as it is written."""
        return pd.DataFrame([self.rows[row] for row in self.order()], columns=list(self.columns), dtype="object")


@dataclass
class Log:
    """What was done to which cell; ``touched`` guards cells and rows against a second change."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    touched: set[tuple[str, int, str]] = field(default_factory=set)
    reserved: set[tuple[str, int]] = field(default_factory=set)

    def is_free(self, file: str, row: int, variable: str) -> bool:
        """Whether a cell may still be soiled."""
        return (file, row, variable) not in self.touched and (file, row) not in self.reserved

    def note(
        self,
        kind: str,
        sheet: Sheet,
        row: int,
        variable: str = "",
        raw: str = "",
        true: str = "",
        clean: str = "",
        action: str | None = None,
    ) -> None:
        """Record one piece of dirt; an empty variable stands for the whole row."""
        self.touched.add((sheet.name, row, variable))
        self.entries.append(
            {
                "file": sheet.name,
                "row": row,
                "participant": sheet.rows[row].get("participant_id", ""),
                "variable": variable,
                "kind": kind,
                "raw_value": raw,
                "true_value": true,
                "clean_value": clean,
                "action": action or DIRT_KINDS[kind].action,
            }
        )

    def table(self, sheets: dict[str, Sheet]) -> pd.DataFrame:
        """The dirt with file names and line numbers, in the order of files, lines and columns."""
        lines = {name: sheet.lines() for name, sheet in sheets.items()}
        rows = []
        for entry in self.entries:
            kind = DIRT_KINDS[entry["kind"]]
            file = entry["file"]
            at = ("", *sheets[file].columns).index(entry["variable"])
            key = (list(sheets).index(file), lines[file][entry["row"]], at)
            row = {
                **entry,
                "file": f"{file}.csv",
                "line": key[1],
                "decidable": "yes" if kind.decidable else "no",
                "query": "yes" if kind.query else "no",
                "rule": kind.rule,
            }
            rows.append((key, [row[column] for column in DIRT_COLUMNS]))
        rows.sort(key=lambda pair: pair[0])
        return pd.DataFrame([row for _, row in rows], columns=list(DIRT_COLUMNS))


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Clean values as they are written: whole numbers, codes, ISO dates, nothing where missing."""
    columns = {}
    for name, values in frame.items():
        missing = values.isna().to_numpy()
        if values.dtype.kind == "f":
            text = np.where(missing, 0.0, values.to_numpy()).astype(int).astype("U21").astype(object)
        elif values.dtype.kind == "M":
            text = values.dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
        else:
            text = values.to_numpy(dtype=object).copy()
        text[missing] = ""
        columns[name] = text
    return pd.DataFrame(columns, dtype="object", index=frame.index)


def clean_files(truth: dict[str, pd.DataFrame], design: Design) -> dict[str, pd.DataFrame]:
    """Files as text without dirt; interviews are entered in the order in which they were held."""
    interviews = truth["interviews"]
    frames = {"participants": truth["participants"], "teams": truth["teams"], "focus_groups": truth["themes"]}
    for file, wave in (("baseline", "0m"), ("six_months", "6m")):
        held = interviews[interviews["wave"] == wave]
        frames[file] = held.sort_values(["interview_date", "participant_id"], kind="stable")
    return {name: as_text(frames[name][list(columns_of(name, design))]).reset_index(drop=True) for name in FILES}


def make_sheets(files: dict[str, pd.DataFrame]) -> dict[str, Sheet]:
    """Sheets of clean files, ready to be soiled."""
    sheets = {}
    for name, frame in files.items():
        columns = tuple(frame.columns)
        rows = (dict(zip(columns, cells, strict=True)) for cells in frame.itertuples(index=False, name=None))
        sheets[name] = Sheet(name, columns, dict(enumerate(rows)))
    return sheets
