"""How a derived number is written down: an expression in named cells, which `arithmetic` computes again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cpis_analysis.publish.sources.arithmetic import FUNCTIONS
from cpis_analysis.publish.sources.source import Cell, Listing, Made, Source

_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def expression_of(source: Made) -> tuple[str, dict[str, tuple[Any, Cell | Listing]]]:
    """The expression of a derived number, and what its names stand for.

    Returns
    -------
    (str, dict)
        Name -> (value, where it stands); each cell has one name, made of its column.
    """
    names: dict[Cell | Listing, str] = {}
    found: dict[str, tuple[Any, Cell | Listing]] = {}

    def name(value: Any, at: Cell | Listing) -> str:
        if at not in names:
            stem = _stem((at.cells[0] if isinstance(at, Listing) else at).column)
            taken = sum(known == stem or known.startswith(f"{stem}_n") for known in found)
            names[at] = f"{stem}_n{taken + 1}" if taken else stem
            found[names[at]] = value, at
        return names[at]

    return _text(source, name, 0), found


def _text(source: Made, name: Callable[[Any, Cell | Listing], str], rank: int, right: bool = False) -> str:
    def part(place: int, within: int, right: bool = False) -> str:
        value, at = source.parts[place]
        if at is None:
            return _constant(value)
        return _text(at, name, within, right) if isinstance(at, Made) else name(value, at)

    if source.by in _RANK and len(source.parts) == 2:
        column = _one_column(source)
        if column is not None:
            return f"sum({name(None, column)})"
        own = _RANK[source.by]
        text = f"{part(0, own)} {source.by} {part(1, own, True)}"
        return f"({text})" if own < rank or (own == rank and right) else text
    if source.by == "-":
        return f"(-{part(0, 3)})" if rank or right else f"-{part(0, 3)}"
    return f"{source.by}({', '.join(part(place, 0) for place in range(len(source.parts)))})"


def _constant(value: Any) -> str:
    text = f"{value:.0f}" if isinstance(value, float) and value == int(value) else repr(value)
    return f"({text})" if text.startswith("-") else text


def _one_column(source: Made) -> Listing | None:
    """The cells of a sum that all stand in one column, as a list."""
    cells: list[tuple[Any, Cell]] = []
    waiting: list[tuple[Any, Source | None]] = [(None, source)]
    while waiting:
        value, at = waiting.pop(0)
        if isinstance(at, Cell):
            cells.append((value, at))
        elif isinstance(at, Made) and at.by == "+":
            waiting = [*at.parts, *waiting]
        else:
            return None
    first = cells[0][1]
    alike = all(cell.file == first.file and _stem(cell.column) == _stem(first.column) for _, cell in cells)
    if len(cells) > 2 and alike:
        return Listing(tuple(cell for _, cell in cells), tuple(value for value, _ in cells))
    return None


def _stem(column: str) -> str:
    leaf = re.sub(r"\W+", "_", re.sub(r"\[[^\]]*\]$", "", column).rpartition(".")[2]).strip("_")
    return leaf if leaf and not leaf[0].isdigit() and leaf not in FUNCTIONS else f"x_{leaf}".rstrip("_")
