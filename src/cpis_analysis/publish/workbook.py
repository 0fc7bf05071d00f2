"""All tables as one accessible workbook.

Follows the UK Government Analysis Function's guidance on releasing statistics in spreadsheets: a cover sheet, a
table of contents, one header row a table, no merged or empty header cells, notes in words, nothing told by colour
alone. Cells say what the report prints: the same decimals, the same suppression, and one number a cell
(`workbook_columns`).
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cpis_analysis.publish.blocks import DataTable, Document
from cpis_analysis.publish.cell_parts import Part
from cpis_analysis.publish.data_table import Cell
from cpis_analysis.publish.shown import as_shown
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.table import neutralised
from cpis_analysis.publish.workbook_columns import Slot, column_heads, split_columns

_CREATED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Any fixed time: a workbook must be the same for the same tables."""
_WIDEST = 60


@dataclass(frozen=True)
class Sheet:
    """One sheet: a name of at most 31 letters, a title, and tables one below the other."""

    name: str
    title: str
    tables: tuple[DataTable, ...]


def sheets_of(tables: Mapping[str, DataTable], outcomes: Mapping[str, str]) -> list[Sheet]:
    """One sheet a table; the details of all analyses of an outcome share one.

    Parameters
    ----------
    tables : mapping of str to DataTable
        By id, in order.
    outcomes : mapping of str to str
        Label of an outcome by the beginning of the ids of its tables, such as ``model-score-``.
    """
    sheets: dict[str, Sheet] = {}
    for name, table in tables.items():
        owner = next((key for key in sorted(outcomes, key=len, reverse=True) if name.startswith(key)), None)
        key = (owner or name).strip("-")
        title = f"All analyses in detail: {outcomes[owner]}" if owner else table.caption
        known = sheets[key].tables if key in sheets else ()
        sheets[key] = Sheet(key, title, (*known, table))
    names = _short_names(list(sheets))
    return [Sheet(names[key], sheet.title, sheet.tables) for key, sheet in sheets.items()]


def to_workbook(sheets: Sequence[Sheet], front: Document) -> bytes:
    """Write the workbook; the same bytes for the same tables.

    Parameters
    ----------
    sheets : sequence of Sheet
    front : Document
        Title, authors, notice.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties(
        {
            "title": f"{front.title}: tables",
            "author": ", ".join(front.authors),
            "created": _CREATED,
            "comments": front.notice,
        }
    )
    writer = _Writer(book, front)
    writer.cover()
    writer.contents(sheets)
    for sheet in as_shown(tuple(sheets)):
        writer.sheet(sheet)
    book.close()
    return buffer.getvalue()


class _Writer:
    """Puts words into sheets; knows the formats of the book."""

    def __init__(self, book: Any, front: Document) -> None:
        self.book, self.front = book, front
        letters = {"font_name": "Arial", "font_size": 11}
        self.text = book.add_format(letters | {"text_wrap": True, "valign": "top"})
        self.line = book.add_format(letters)
        self.title = book.add_format(letters | {"bold": True, "font_size": 15})
        self.subtitle = book.add_format(letters | {"bold": True, "font_size": 12})
        self.head = book.add_format(letters | {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.link = book.get_default_url_format()
        self.right = book.add_format(letters | {"align": "right", "valign": "top"})
        self._letters = letters
        self._numbers: dict[tuple[bool, int, bool, bool], Any] = {}

    def cover(self) -> None:
        sheet = self.book.add_worksheet("Cover")
        sheet.set_column(0, 0, 100)
        lines = [front for front in (self.front.notice, ", ".join(self.front.authors)) if front]
        lines += [
            "This workbook holds every table of the findings report, with the same words, decimals and suppression; a "
            "number with its interval or share takes a column for each.",
            "Each sheet has one table, or several below each other; notes stand under each table.",
            "Estimates with full precision are in results/estimates.csv.",
        ]
        sheet.write_string(0, 0, _safe(f"{self.front.title}: {self.front.subtitle}, tables"), self.title)
        for place, words in enumerate(lines, start=1):
            sheet.write_string(place, 0, _safe(words), self.text)

    def contents(self, sheets: Sequence[Sheet]) -> None:
        page = self.book.add_worksheet("Contents")
        page.set_column(0, 0, 34)
        page.set_column(1, 1, 90)
        page.write_string(0, 0, "Contents", self.title)
        page.write_string(1, 0, "Sheet", self.head)
        page.write_string(1, 1, "What it holds", self.head)
        for place, sheet in enumerate(sheets, start=2):
            page.write_url(place, 0, f"internal:'{sheet.name}'!A1", self.link, sheet.name)
            page.write_string(place, 1, _safe(sheet.title), self.line)

    def sheet(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(sheet.name)
        page.hide_gridlines(2)
        page.write_string(0, 0, _safe(sheet.title), self.title)
        row = 1
        if self.front.notice:
            page.write_string(row, 0, _safe(self.front.notice), self.line)
            row += 1
        several = len(sheet.tables) > 1
        if several:
            page.write_string(row, 0, f"This sheet holds {len(sheet.tables)} tables, one below the other.", self.line)
            row += 1
        widths: list[int] = []
        for place, table in enumerate(sheet.tables):
            if several:
                page.write_string(row + 1, 0, _safe(_named(table)), self.subtitle)
                row += 2
            row = self._table(page, row, table, f"{sheet.name}_{place + 1}", widths)
        for place, width in enumerate(widths):
            page.set_column(place, place, min(width + 2, _WIDEST))

    def _table(self, page: Any, row: int, table: DataTable, name: str, widths: list[int]) -> int:
        groups = any(line.group for line in table.rows)
        rows: list[tuple[Cell, ...]] = []
        parts, part = [], ""
        for line in table.rows:
            if line.group:
                part = line.cells[0].text
                continue
            # the indent of a row is told in words by the part it stands in and by leading spaces
            first = line.cells[0]
            first = replace(first, text="    " * line.indent + first.text) if line.indent else first
            rows.append((first, *line.cells[1:]))
            parts.append(part)
        labels, lines = split_columns(column_heads(table), rows)
        if groups:
            labels, lines = ["Part", *labels], [[part, *line] for part, line in zip(parts, lines, strict=True)]
        last = row + max(len(lines), 1)
        page.add_table(
            row,
            0,
            last,
            len(labels) - 1,
            {
                "name": "Table_" + re.sub(r"\W", "_", name),
                "autofilter": False,
                "style": None,
                "columns": [{"header": label, "header_format": self.head} for label in _distinct(labels)],
            },
        )
        for place, cells in enumerate(lines, start=row + 1):
            for column, content in enumerate(cells):
                self._cell(page, place, column, content, column > (1 if groups else 0))
        for column, label in enumerate(labels):
            longest = max([len(label) // 2, *(len(_words(line[column])) for line in lines)])
            widths += [0] * (column + 1 - len(widths))
            widths[column] = max(widths[column], longest, 8)
        row = last + 1
        for note in table.notes:
            page.write_string(row, 0, _safe(note), self.line)
            row += 1
        return row

    def _cell(self, page: Any, row: int, column: int, content: Slot, figures: bool) -> None:
        if isinstance(content, Part) and content.number is not None:
            page.write_number(row, column, content.number / (100 if content.percent else 1), self._number(content))
        else:
            page.write_string(row, column, _safe(_words(content)), self.right if figures else self.text)

    def _number(self, part: Part) -> Any:
        look = abs(part.number or 0) >= 1000, part.decimals, part.percent, part.signed
        if look not in self._numbers:
            thousands, decimals, percent, signed = look
            code = ("#,##0" if thousands else "0") + "." * bool(decimals) + "0" * decimals + "%" * percent
            code = f"+{code};-{code};{code}" if signed else code
            self._numbers[look] = self.book.add_format(self._letters | {"num_format": code, "valign": "top"})
        return self._numbers[look]


def _words(content: Slot) -> str:
    return unmarked(content.text) if isinstance(content, Part) else content


def _named(table: DataTable) -> str:
    return f"{table.number}. {table.caption}" if table.number else table.caption


def _plain(words: str) -> str:
    return words.replace("\u00a0", " ")


def _safe(words: str) -> str:
    """Text that stays text, even when the sheet is saved as CSV and opened again."""
    return neutralised(_plain(words))


def _distinct(labels: Iterable[str]) -> Iterator[str]:
    """Labels of which no two are the same without regard to case, as a table in a workbook asks."""
    seen: dict[str, int] = {}
    for label in labels:
        words = _safe(label)
        seen[words.lower()] = seen.get(words.lower(), 0) + 1
        yield words if seen[words.lower()] == 1 else f"{words} ({seen[words.lower()]})"


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """Names of at most 31 letters, no two the same."""
    names: dict[str, str] = {}
    for key in keys:
        name = key[:31]
        while name.lower() in {known.lower() for known in names.values()}:
            number = sum(known.startswith(key[:27]) for known in names.values()) + 1
            name = f"{key[:27]}-{number}"
        names[key] = name
    return names
