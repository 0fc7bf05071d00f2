"""A table as plain data, and its two forms: accessible HTML and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from cpis_analysis.errors import CpisError, Problem

__all__ = ["Column", "Row", "RowGroup", "Table", "neutralised"]

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

    def to_html(self) -> str:
        """One ``<table>``: caption, column groups, headers with scope, row groups, notes in the foot."""
        parts = [f'<table id="{self.id}" class="results">', f"<caption>{escape(self.caption)}</caption>"]
        parts += [self._colgroup(), self._head()]
        parts += [self._body(group) for group in self.groups]
        if self.notes:
            notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
            parts.append(f'<tfoot><tr><td colspan="{len(self.columns)}">{notes}</td></tr></tfoot>')
        return "\n".join([*parts, "</table>"]) + "\n"

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
        writer.writerows([neutralised(cell) for cell in line] for line in lines)
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
        return "\n".join([*text, *self.notes]) + "\n"

    def _colgroup(self) -> str:
        total = sum(column.width for column in self.columns)
        columns = "".join(f'<col style="width:{100 * column.width / total:.2f}%" />' for column in self.columns)
        return f"<colgroup>{columns}</colgroup>"

    def _head(self) -> str:
        if not any(column.group for column in self.columns):
            cells = "".join(self._header(column) for column in self.columns)
            return f"<thead><tr>{cells}</tr></thead>"
        upper, lower = [], []
        for label, members in _runs(self.columns):
            if label:
                upper.append(f'<th scope="colgroup" colspan="{len(members)}" class="group">{escape(label)}</th>')
                lower += [self._header(column) for column in members]
            else:
                upper += [self._header(column, rows=2) for column in members]
        return f"<thead><tr>{''.join(upper)}</tr><tr>{''.join(lower)}</tr></thead>"

    @staticmethod
    def _header(column: Column, rows: int = 1) -> str:
        span = f' rowspan="{rows}"' if rows > 1 else ""
        return f'<th scope="col"{span} class="{_class(column)}">{escape(column.label)}</th>'

    def _body(self, group: RowGroup) -> str:
        lines = []
        if group.label:
            lines.append(
                f'<tr class="group"><th scope="rowgroup" colspan="{len(self.columns)}">{escape(group.label)}</th></tr>'
            )
        for row in group.rows:
            classes = [f"indent-{row.indent}"] * bool(row.indent) + ["strong"] * row.strong
            opening = f'<tr class="{" ".join(classes)}">' if classes else "<tr>"
            header = f'<th scope="row" class="{_class(self.columns[0])}">{escape(row.cells[0])}</th>'
            cells = [
                f'<td class="{_class(column)}">{escape(cell)}</td>'
                for column, cell in zip(self.columns[1:], row.cells[1:], strict=True)
            ]
            lines.append(opening + header + "".join(cells) + "</tr>")
        return "<tbody>\n" + "\n".join(lines) + "\n</tbody>"


def neutralised(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula (OWASP, CSV injection)."""
    begins = cell.lstrip(" \u00a0\ufeff")
    if begins[:1] and begins[0] in _DANGEROUS and not (_NUMBER.fullmatch(begins) and any(map(str.isdigit, begins))):
        return "'" + cell
    return cell


def _runs(columns: Sequence[Column]) -> Iterable[tuple[str, list[Column]]]:
    return [(label, list(members)) for label, members in groupby(columns, key=lambda column: column.group)]


def _class(column: Column) -> str:
    return {"left": "left", "right": "number", "centre": "centre"}[column.align]


def _stacked(column: Column) -> str:
    return f"{column.group}: {column.label}" if column.group else column.label
