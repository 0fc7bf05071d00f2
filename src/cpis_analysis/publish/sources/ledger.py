"""Which printed number stands for which value: marks in a text, and the ledger that knows them.

While a ledger is open, a number with a source is printed with a mark behind it: a character for private use, which a
text carries along through any joining, cutting and capitals. Whoever writes a text out leaves the marks behind
(`unmarked`); numbers.json is written from them. Without a ledger there are no marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from cpis_analysis.publish.sources.derivation import expression_of
from cpis_analysis.publish.sources.source import Cell, Listing, Made, Source
from cpis_analysis.publish.sources.sourced import source_of
from cpis_analysis.publish.sources.tokens import find_numbers

Record = dict[str, Any]

# the last plane for private use says which block of the one before it is meant, where one block is not enough
_LOW, _HIGH, _ROOM = 0xF0000, 0x100000, 0xFFF0
_MARK = re.compile("[\U00100000-\U0010ffff]?[\U000f0000-\U000fffff]")
_DIGIT = re.compile(r"\d")
_HOLDING = (dict, list, tuple)
"""What holds other parts, of what JSON can hold."""
_ANY = re.compile("[\U000f0000-\U0010ffff]")


class Ledger:
    """The numbers that were printed, in order.

    Parameters
    ----------
    written : callable, optional
        What a cell is called in its file, where that is not what the program calls it.
    """

    def __init__(self, written: Callable[[Cell], Cell] | None = None) -> None:
        self._written = written
        self._records: list[Record | None] = []
        self._values: list[tuple[Any, ...]] = []
        self._printed: list[str] = []
        self._known: dict[Any, str] = {}

    def mark(self, printed: str, values: tuple[Any, ...]) -> str:
        """The mark of a number that was printed from these values: one, or the part and the whole of a share."""
        key = (printed, *((float(value), source_of(value)) for value in values))
        if key not in self._known:
            self._known[key] = self._added(printed, values, None)
        return self._known[key]

    def mark_text(self, printed: str, cell: Cell) -> str:
        """The mark of a number in a text that is taken over as it stands in a cell."""
        key = (printed, cell)
        if key not in self._known:
            self._known[key] = self._added(
                printed, (), {"printed": printed, "class": "quoted", "source": _stands(self._in_file(cell))}
            )
        return self._known[key]

    def mark_stored(self, record: Mapping[str, Any]) -> str:
        """The mark of a number that another step printed."""
        return self._added(record["printed"], (), dict(record))

    def record(self, mark: str) -> Record:
        """What is known of a number: ``printed``, ``class``, ``value`` and where it stands or how it follows."""
        place = self._place(mark)
        found = self._records[place]
        if found is None:
            found = self._records[place] = {"printed": self._printed[place]} | _written(
                [(value, self._in_file(source_of(value))) for value in self._values[place]]
            )
        return found

    def source(self, mark: str) -> tuple[Source | None, ...]:
        """Sources of the values behind a mark."""
        return tuple(source_of(value) for value in self._values[self._place(mark)])

    def _added(self, printed: str, values: tuple[Any, ...], record: Record | None) -> str:
        self._printed.append(printed)
        self._values.append(values)
        self._records.append(record)
        block, low = divmod(len(self._printed) - 1, _ROOM)
        return (chr(_HIGH + block) if block else "") + chr(_LOW + low)

    def _in_file(self, source: Source | None) -> Any:
        if source is None or self._written is None:
            return source
        if isinstance(source, Cell):
            return self._written(source)
        if isinstance(source, Listing):
            return replace(source, cells=tuple(map(self._written, source.cells)))
        return replace(source, parts=tuple((value, self._in_file(part)) for value, part in source.parts))

    @staticmethod
    def _place(mark: str) -> int:
        block = ord(mark[0]) - _HIGH if len(mark) == 2 else 0
        return block * _ROOM + ord(mark[-1]) - _LOW


_open: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def open_ledger(written: Callable[[Cell], Cell] | None = None) -> Iterator[Ledger]:
    """Mark every number with a source that is printed within; the argument is that of `Ledger`."""
    ledger = Ledger(written)
    token = _open.set(ledger)
    try:
        yield ledger
    finally:
        _open.reset(token)


def opened() -> Ledger | None:
    """The ledger that is open, if there is one."""
    return _open.get()


def marked(text: str, *values: Any) -> str:
    """A printed number with its mark, if a ledger is open and the source of every value is known."""
    ledger = _open.get()
    if ledger is None:
        return text
    for value in values:
        if source_of(value) is None:
            return text
    return text + ledger.mark(text, values)


def quoted(text: str, file: str, row: str, column: str) -> str:
    """A text that is taken over from a file, with marks behind its numbers if a ledger is open."""
    ledger = _open.get()
    if ledger is None or not _DIGIT.search(text):
        return text
    cell = Cell(file, row, column)
    ends = ((token.start + len(token.text), token.text) for token in find_numbers(text))
    return replace_marks(text, [(end, ledger.mark_text(printed, cell)) for end, printed in ends])


def is_mark(character: str) -> bool:
    """Whether a character is one of those of which marks are made."""
    return character >= chr(_LOW)


def unmarked(text: str) -> str:
    """A text as it is to be read."""
    return text if text.isascii() else _ANY.sub("", text)


def split_marks(text: str) -> tuple[str, list[tuple[int, str]]]:
    """A text without its marks, and the marks, each with its place in what is left."""
    if text.isascii():
        return text, []
    found, gone = [], 0
    for one in _MARK.finditer(text):
        found.append((one.start() - gone, one[0]))
        gone += len(one[0])
    return _ANY.sub("", text), found


def replace_marks(text: str, marks: Sequence[tuple[int, str]]) -> str:
    """Inverse of `split_marks`."""
    parts, last = [], 0
    for place, mark in marks:
        parts += [text[last:place], mark]
        last = place
    return "".join([*parts, text[last:]])


def texts_in(record: Any) -> list[str]:
    """Every text of what JSON can hold, in order; keys are none."""
    found: list[str] = []
    _gather(record, found)
    return found


def _gather(record: Any, found: list[str]) -> None:
    if isinstance(record, str):
        found.append(record)
    elif isinstance(record, _HOLDING):
        for part in record.values() if isinstance(record, dict) else record:
            # most parts are texts or numbers, which are looked at where they stand
            if isinstance(part, str):
                found.append(part)
            elif isinstance(part, _HOLDING):
                _gather(part, found)


def with_texts(record: Any, made: Callable[[list[str]], Iterable[str]]) -> Any:
    """What JSON can hold with other texts in place of its own.

    Parameters
    ----------
    record : any
    made : callable
        Texts, in order -> as many others.
    """
    return _filled(record, iter(made(texts_in(record))))


def _filled(record: Any, texts: Iterator[str]) -> Any:
    if isinstance(record, str):
        return next(texts)
    if isinstance(record, dict):
        return {
            key: next(texts) if isinstance(part, str) else _filled(part, texts) if isinstance(part, _HOLDING) else part
            for key, part in record.items()
        }
    if isinstance(record, list | tuple):
        return [
            next(texts) if isinstance(part, str) else _filled(part, texts) if isinstance(part, _HOLDING) else part
            for part in record
        ]
    return record


def _written(values: Sequence[tuple[Any, Source | None]]) -> Record:
    if len(values) == 2:
        (part, of_part), (whole, of_whole) = values
        ends = {"source": _at(of_part), "source_of_whole": _at(of_whole)}
        return {
            "class": "share",
            "value": float(part) / float(whole),
            "part": float(part),
            "whole": float(whole),
        } | ends
    value, source = values[0]
    if isinstance(source, Cell):
        # what stands for a small count says nothing of it
        shown = {} if source.kind == "suppressed" else {"value": float(value)}
        return {"class": source.kind} | shown | {"source": _at(source)}
    return {"class": "derived", "value": float(value)} | _at(source)


def _at(source: Source | None) -> Record:
    if not isinstance(source, Made):
        return _stands(source)
    expression, names = expression_of(source)
    parts = {
        name: _stands(at) | ({} if isinstance(at, Listing) else {"value": known}) for name, (known, at) in names.items()
    }
    return {"derived": expression, "from": parts}


def _stands(at: Any) -> Record:
    if isinstance(at, Cell):
        return {"file": at.file, "row": at.row, "column": at.column}
    first, cells = at.cells[0], at.cells
    if at.described:
        return _stands(first)
    if all((cell.file, cell.column) == (first.file, first.column) for cell in cells):
        return {"file": first.file, "rows": [cell.row for cell in cells], "column": first.column}
    return {"cells": [_stands(cell) for cell in cells]}
