"""A table as plain data: what it says in which row and column, without how it looks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.publish.blocks import Cell, DataTable, TableRow
from cpis_analysis.publish.cell_parts import Part, Printed, parts_of
from cpis_analysis.publish.plain_record import record_of
from cpis_analysis.publish.sources.ledger import unmarked

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d+)?%?")
_DANGEROUS = "=+-@＝＋－＠\t\r\n|"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    label : str
        Header.
    group : str
        Header over several neighbouring columns; empty for none.
    align : str
        ``left``, ``right`` or ``centre``.
    width : float
        Share of the width, relative to the other columns.
    """

    label: str
    group: str = ""
    align: str = "right"
    width: float = 1.0


@dataclass(frozen=True)
class Row:
    """One row; the first cell is its header.

    Attributes
    ----------
    cells : tuple of str
        As many as there are columns.
    indent : int
        Depth of the header: 1 for the levels of a variable.
    strong : bool
        Set apart, such as a headline model or a total.
    """

    cells: tuple[str, ...]
    indent: int = 0
    strong: bool = False


@dataclass(frozen=True)
class RowGroup:
    """Rows under a common header; an empty label has none."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A table without layout.

    Attributes
    ----------
    id : str
        Letters, digits and hyphens; unique in a document.
    caption : str
    columns : tuple of Column
    groups : tuple of RowGroup
    notes : tuple of str
        Footnotes: statistics, methods, abbreviations.
    phone : str
        How a narrow screen shows its rows (`publish.data_table.DataTable`).

    Raises
    ------
    CpisError
        If a row has another number of cells than there are columns.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    notes: tuple[str, ...] = ()
    phone: str = ""

    def __post_init__(self) -> None:
        wrong = [
            Problem(
                "a row has another number of cells than there are columns",
                variable=row.cells[0],
                value=str(len(row.cells)),
                allowed=str(len(self.columns)),
            )
            for row in self.rows
            if len(row.cells) != len(self.columns)
        ]
        if wrong or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", self.id):
            raise CpisError(f"The table {self.id!r} can't be drawn.", wrong)

    @property
    def rows(self) -> list[Row]:
        """All rows, in order."""
        return [row for group in self.groups for row in group.rows]

    def record(self) -> dict[str, Any]:
        """The table for a JSON file, without the parts of its cells."""
        record: dict[str, Any] = record_of(self)
        return record

    def parts(self) -> list[list[Any]]:
        """For a JSON file: line (0 is the head), column, and the parts of each cell that has some."""
        lines = [[column.label for column in self.columns], *(row.cells for row in self.rows)]
        return [
            [at, place, [part.record() for part in parts]]
            for at, line in enumerate(lines)
            for place, text in enumerate(line)
            if (parts := parts_of(text))
        ]

    @classmethod
    def of_record(cls, record: Mapping[str, Any], parts: Iterable[Sequence[Any]] = ()) -> Table:
        """The table that `record` describes, and the parts of its cells as `parts` gives them."""
        known = {(at, place): tuple(Part(*part) for part in found) for at, place, found in parts}
        lines = count()

        def printed(texts: Sequence[str]) -> tuple[str, ...]:
            at = next(lines)
            return tuple(
                Printed(text, known[at, place]) if (at, place) in known else text for place, text in enumerate(texts)
            )

        labels = printed([column["label"] for column in record["columns"]])
        columns = tuple(
            Column(**column | {"label": label}) for label, column in zip(labels, record["columns"], strict=True)
        )
        groups = tuple(
            RowGroup(group["label"], tuple(Row(**row | {"cells": printed(row["cells"])}) for row in group["rows"]))
            for group in record["groups"]
        )
        return cls(record["id"], record["caption"], columns, groups, tuple(record["notes"]), record.get("phone", ""))

    def block(self, number: str = "") -> DataTable:
        """The table as a block of a report: headers over columns, headers over rows, widths.

        Parameters
        ----------
        number : str
            Such as "Table 1"; empty for none.
        """
        return DataTable(
            id=f"table-{self.id}",
            number=number,
            caption=self.caption,
            head=tuple(self._head()),
            rows=tuple(row for place, group in enumerate(self.groups) for row in self._body(group, place > 0)),
            notes=self.notes,
            widths=tuple(column.width for column in self.columns),
            phone=self.phone,
        )

    def to_csv(self) -> str:
        """CSV with one header line; cells that a spreadsheet would run as a formula are made text.

        Row groups become a first column, "group"; the notes stand in the HTML only, so that the file stays
        a rectangle.
        """
        grouped = any(group.label for group in self.groups)
        head = [f"{column.group}: {column.label}" if column.group else column.label for column in self.columns]
        lines = [["group", *head] if grouped else head]
        for group in self.groups:
            lines += [[group.label, *row.cells] if grouped else list(row.cells) for row in group.rows]
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([neutralised(unmarked(cell)) for cell in line] for line in lines)
        return stream.getvalue()

    def to_text(self) -> str:
        """Aligned plain text, for terminals and for snapshots in tests."""
        lines = [[_stacked(column) for column in self.columns]]
        marks: list[str | None] = [None]
        for group in self.groups:
            if group.label:
                lines.append([group.label] + [""] * (len(self.columns) - 1))
                marks.append("group")
            for row in group.rows:
                lines.append(["  " * row.indent + row.cells[0], *row.cells[1:]])
                marks.append("row")
        widths = [
            max(len(line[place]) for line, mark in zip(lines, marks, strict=True) if mark != "group" or place)
            for place in range(len(self.columns))
        ]
        text = [self.caption]
        for line in lines:
            cells = [
                cell.ljust(width) if column.align == "left" else cell.rjust(width)
                for cell, width, column in zip(line, widths, self.columns, strict=True)
            ]
            text.append(" | ".join(cells).rstrip())
        return unmarked("\n".join([*text, *self.notes]) + "\n")

    def _head(self) -> Iterator[tuple[Cell, ...]]:
        if not any(column.group for column in self.columns):
            yield tuple(Cell.of(column.label, column.align, header=True) for column in self.columns)
            return
        upper, lower = [], []
        for label, run in groupby(self.columns, key=lambda column: column.group):
            members = list(run)
            if label:
                upper.append(Cell(label, "centre", columns=len(members), header=True))
                lower += [Cell.of(column.label, column.align, header=True) for column in members]
            else:
                upper += [Cell.of(column.label, column.align, rows=2, header=True) for column in members]
        yield from (tuple(upper), tuple(lower))

    def _body(self, group: RowGroup, later: bool) -> Iterator[TableRow]:
        if group.label:
            yield TableRow((Cell(group.label, columns=len(self.columns), header=True),), group=True)
        for place, row in enumerate(group.rows):
            cells = (
                Cell.of(text, column.align, header=at == 0)
                for at, (column, text) in enumerate(zip(self.columns, row.cells, strict=True))
            )
            begins = later and place == 0 and not group.label
            yield TableRow(tuple(cells), row.indent, row.strong, begins=begins)


def neutralised(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula (OWASP, CSV injection)."""
    begins = cell.lstrip(" \u00a0\ufeff")
    if begins[:1] and begins[0] in _DANGEROUS and not (_NUMBER.fullmatch(begins) and any(map(str.isdigit, begins))):
        return "'" + cell
    return cell


def _stacked(column: Column) -> str:
    return f"{column.group}: {column.label}" if column.group else column.label
