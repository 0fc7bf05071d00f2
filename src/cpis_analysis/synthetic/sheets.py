"""Raw files as sheets of text in which rows keep their identity while rows are added."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cpis_analysis.synthetic.dirt_kinds import DIRT_COLUMNS, DIRT_KINDS
from cpis_analysis.synthetic.parameters import Design
from cpis_analysis.synthetic.variables import columns_of

__all__ = ["Log", "Sheet", "as_text", "make_sheets"]


@dataclass
class Sheet:
    """``cells`` is text, indexed by row identity; ``position`` sorts rows as they stand in the file."""

    name: str
    cells: pd.DataFrame
    position: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cells = self.cells.reset_index(drop=True)
        self.position = {row: float(row) for row in self.cells.index}

    def add(self, values: dict[str, str], position: float) -> int:
        """Add a row; of equal positions the later addition stands below."""
        row = max(self.position) + 1
        self.cells.loc[row] = [values.get(column, "") for column in self.cells.columns]
        self.position[row] = position
        return row

    def order(self) -> list[int]:
        return sorted(self.position, key=lambda row: (self.position[row], row))

    def lines(self) -> dict[int, int]:
        """Line in the file of each row; the header is line 1."""
        return {row: line for line, row in enumerate(self.order(), start=2)}

    def finished(self) -> pd.DataFrame:
        return self.cells.loc[self.order()].reset_index(drop=True)


@dataclass
class Log:
    """What was done to which cell; ``touched`` guards cells and rows against a second change."""

    entries: list[dict[str, object]] = field(default_factory=list)
    touched: set[tuple[str, int, str]] = field(default_factory=set)
    reserved: set[tuple[str, int]] = field(default_factory=set)

    def is_free(self, file: str, row: int, variable: str) -> bool:
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
        participant = ""
        if "participant_id" in sheet.cells.columns:
            participant = sheet.cells.at[row, "participant_id"]
        self.entries.append(
            {
                "file": sheet.name,
                "row": row,
                "participant": participant,
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
            columns = ["", *sheets[file].cells.columns]
            key = (list(sheets).index(file), lines[file][entry["row"]], columns.index(entry["variable"]))
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

    def text(value: object) -> str:
        if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
            return ""
        if isinstance(value, pd.Timestamp):
            return value.strftime("%Y-%m-%d")
        if isinstance(value, float):
            return str(int(value))
        return str(value)

    columns = {c: [text(v) for v in frame[c].astype(object)] for c in frame.columns}
    return pd.DataFrame(columns, dtype="object", index=frame.index)


def make_sheets(truth: dict[str, pd.DataFrame], design: Design) -> dict[str, Sheet]:
    """Clean files; interviews are entered in the order in which they were held."""
    interviews = truth["interviews"]
    frames = {"participants": truth["participants"], "teams": truth["teams"], "focus_groups": truth["themes"]}
    for file, wave in (("baseline", "0m"), ("six_months", "6m")):
        held = interviews[interviews["wave"] == wave]
        frames[file] = held.sort_values(["interview_date", "participant_id"], kind="stable")
    order = ("participants", "baseline", "six_months", "teams", "focus_groups")
    return {name: Sheet(name, as_text(frames[name][list(columns_of(name, design))])) for name in order}
