"""Text cells while they are being cleaned, and what became of each row.

A ``Table`` is one raw file. Rules see it through a ``Stack``: the recruitment log,
the interviews of one wave, the team list, whichever files and columns (``pd_bl`` of
a wide file) hold them. All cells are text; the empty text is a missing value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from cpis_analysis.intake.dictionary.dictionary import Variable


@dataclass(frozen=True)
class Aside:
    """Rows that are known not to belong before any rule looks at them.

    Attributes
    ----------
    rows : (n,) bool array
    rule, reason : str
    question : str
        Asked once about all of these rows; empty: nothing is asked.
    """

    rows: np.ndarray
    rule: str
    reason: str
    question: str = ""


@dataclass(frozen=True)
class Notice:
    """Cells about which the file says more than their text, or leaves open what they mean.

    Attributes
    ----------
    rows : (n,) bool array
    after : (n,) object array
        What they become; the empty text for missing.
    rule, reason : str
        What the audit trail says.
    question : str
        Asked once about all of these cells; empty: nothing is asked.
    """

    rows: np.ndarray
    after: np.ndarray
    rule: str
    reason: str
    question: str = ""

    def of(self, rows: np.ndarray) -> Notice:
        """The notice for some of the rows ((n,) bool)."""
        return replace(self, rows=self.rows[rows], after=self.after[rows])


@dataclass
class Table:
    """One raw file.

    Attributes
    ----------
    source : str
        Name of the source in the plan.
    file : str
        What messages call the file.
    holds : str
        participants, interviews, wide, teams or themes.
    wave : str or None
    lines : (n,) int array
        Line of the file on which each row starts.
    raw : dict of (n,) object arrays
        Cells as delivered, by column; never changed.
    variables : dict
        What each column is.
    decimal_comma : bool
        The file separates columns by something else, so that a comma can only be decimal.
    format : str
        Layout of the file, as `Delivered.format`.
    shared : bool
        The file holds several waves; this table is its rows of one.
    private : dict of (n,) object arrays
        Identifiers: looked at for derived variables and pseudonyms, and never written.
    asides : list of Aside
    notices : list of (str, Notice)
        By column.
    numbers_like : str
        A participant number as the log writes it, where the file lost its zeros or letters; empty otherwise.
    cells : dict of (n,) object arrays
        Cells as cleaned so far.
    kept : (n,) bool array
        False for rows that were set aside.
    settled : (n,) bool array
        Rows of which an answer says whose they are.
    unread : dict of (n,) bool arrays
        By column: cells in which something was written that is asked about.
    """

    source: str
    file: str
    holds: str
    wave: str | None
    lines: np.ndarray
    raw: dict[str, np.ndarray]
    variables: dict[str, Variable]
    decimal_comma: bool = False
    format: str = "csv"
    shared: bool = False
    private: dict[str, np.ndarray] = field(default_factory=dict)
    asides: list[Aside] = field(default_factory=list)
    notices: list[tuple[str, Notice]] = field(default_factory=list)
    numbers_like: str = ""
    cells: dict[str, np.ndarray] = field(init=False)
    kept: np.ndarray = field(init=False)
    settled: np.ndarray = field(init=False)
    unread: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.unread = {}
        self.cells = dict(self.raw)
        self.kept = np.ones(len(self.lines), dtype=bool)
        self.settled = np.zeros(len(self.lines), dtype=bool)

    def __len__(self) -> int:
        return len(self.lines)

    def of(self, rows: np.ndarray) -> Table:
        """The file as if it had only some of its rows ((n,) bool), before any rule changed a cell."""
        return replace(
            self,
            lines=self.lines[rows],
            raw={name: cells[rows] for name, cells in self.raw.items()},
            private={name: cells[rows] for name, cells in self.private.items()},
            asides=[replace(aside, rows=aside.rows[rows]) for aside in self.asides],
            notices=[(column, notice.of(rows)) for column, notice in self.notices],
        )

    def note_unread(self, column: str, rows: np.ndarray) -> None:
        """Remember cells that are asked about, where anything was written in them."""
        marks = self.unread.setdefault(column, np.zeros(len(self), dtype=bool))
        marks[rows] |= self.raw[column][rows] != ""

    def write(self, column: str, rows: np.ndarray, values: np.ndarray) -> None:
        """Put values into cells; the raw cells stay as they are."""
        if self.cells[column] is self.raw[column]:
            self.cells[column] = self.raw[column].copy()
        self.cells[column][rows] = values


@dataclass(frozen=True)
class Part:
    """The columns of a table that hold one thing.

    Attributes
    ----------
    table : Table
    columns : mapping
        Column of the file by variable.
    if_any : tuple of str
        Variables of which one at least must have a value for a row to count
        (an interview in a wide file exists if anything was answered); empty: every row counts.
    is_row : bool
        A row is one thing of this kind and no other; False in wide files, where the row is the person.
    """

    table: Table
    columns: Mapping[str, str]
    if_any: tuple[str, ...] = ()
    is_row: bool = True

    def present(self) -> np.ndarray:
        """(n,) bool: kept rows that count."""
        if not self.if_any:
            return self.table.kept.copy()
        found = np.zeros(len(self.table), dtype=bool)
        for variable in self.if_any:
            column = self.columns[variable]
            found |= self.table.cells[column] != ""
            # what can't be read was an answer all the same
            if column in self.table.unread:
                found |= self.table.unread[column]
        return found & self.table.kept


class Stack:
    """Rows of one kind from one or more files, numbered through.

    Parameters
    ----------
    parts : list of Part
    participant : str
        Variable that identifies a person.
    """

    def __init__(self, parts: list[Part], participant: str) -> None:
        self.parts = parts
        self.participant = participant
        self.offsets = np.cumsum([0, *(len(part.table) for part in parts)])

    def __len__(self) -> int:
        return int(self.offsets[-1])

    def __contains__(self, variable: str) -> bool:
        return any(variable in part.columns for part in self.parts)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of all variables that any part holds."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.columns))

    def variable(self, name: str) -> Variable:
        """What a variable of the stack is."""
        part = next(part for part in self.parts if name in part.columns)
        return part.table.variables[part.columns[name]]

    def text(self, variable: str) -> np.ndarray:
        """(n,) object: cells of a variable, empty where a file does not have it."""
        return self._joined(variable, [part.table.cells for part in self.parts])

    def delivered(self, variable: str) -> np.ndarray:
        """(n,) object: cells of a variable as delivered, empty where a file does not have it."""
        return self._joined(variable, [part.table.raw for part in self.parts])

    def _joined(self, variable: str, tables: Sequence[Mapping[str, np.ndarray]]) -> np.ndarray:
        pieces = [
            cells[part.columns[variable]] if variable in part.columns else np.full(len(part.table), "", dtype=object)
            for part, cells in zip(self.parts, tables, strict=True)
        ]
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=object)

    def present(self) -> np.ndarray:
        """(n,) bool: rows that were kept and count."""
        pieces = [part.present() for part in self.parts]
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=bool)

    def ids(self) -> np.ndarray:
        """(n,) object: participants."""
        return self.text(self.participant)

    def split(self, rows: np.ndarray) -> list[tuple[Part, np.ndarray, np.ndarray]]:
        """Rows of the stack by part: part, rows of its table, positions in ``rows``."""
        pieces = []
        for part, start, end in zip(self.parts, self.offsets[:-1], self.offsets[1:], strict=True):
            where = np.flatnonzero((rows >= start) & (rows < end))
            if where.size:
                pieces.append((part, rows[where] - start, where))
        return pieces
