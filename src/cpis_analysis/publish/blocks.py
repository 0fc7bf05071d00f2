"""A document as plain data: what Word and the PDF are both set from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = [
    "ROOM",
    "SMALL_FROM",
    "WIDE",
    "Block",
    "Bullets",
    "Cell",
    "DataTable",
    "Document",
    "Facts",
    "Heading",
    "Line",
    "Listing",
    "Paragraph",
    "Picture",
    "Run",
    "TableRow",
    "blocks_in",
    "plain",
]


@dataclass(frozen=True)
class Run:
    """Text in one style.

    Attributes
    ----------
    text : str
    style : str
        ``""``, ``strong``, ``emphasis`` or ``code``.
    target : str
        Anchor within the document that the text leads to; empty for none.
    """

    text: str
    style: str = ""
    target: str = ""


Line = tuple[Run, ...]

WIDE = 12
"""From this number of columns on a table stands on a landscape page."""
ROOM = 470.0
"""Width of the text on an upright A4 page in points."""
SMALL_FROM = 7
"""From this number of columns on a table is set in smaller letters."""
# a bold letter of Arial at either size, and the margins of a cell
_LETTER, _SMALL_LETTER, _MARGINS = 5.1, 4.5, 6.0


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part of the document."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; kind is ``body``, ``note`` or ``notice``."""

    line: Line
    kind: str = "body"


@dataclass(frozen=True)
class Bullets:
    """A list without numbers."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Facts:
    """Terms with what is said of each."""

    pairs: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text : str
    align : str
        ``left``, ``right`` or ``centre``.
    columns, rows : int
        How many columns and rows it covers.
    header : bool
        Names a row or a column.
    line : tuple of Run
        The text in its styles, where it has any or leads somewhere; else empty.
    """

    text: str
    align: str = "left"
    columns: int = 1
    rows: int = 1
    header: bool = False
    line: Line = ()


@dataclass(frozen=True)
class TableRow:
    """One row of a table's body; ``group`` marks a header over the rows that follow."""

    cells: tuple[Cell, ...]
    indent: int = 0
    strong: bool = False
    group: bool = False


@dataclass(frozen=True)
class DataTable:
    """A table.

    Attributes
    ----------
    id, number, caption : str
        Anchor, "Table 1", and the caption without the number.
    widths : tuple of float
        Share of the width of each column; they add up to one.
    head : tuple of tuple of Cell
        Rows of the header.
    rows : tuple of TableRow
    notes : tuple of str
    """

    id: str
    number: str
    caption: str
    widths: tuple[float, ...]
    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether it needs a page that lies on its side."""
        return len(self.widths) >= WIDE or sum(self._needed()) > ROOM

    @property
    def shares(self) -> tuple[float, ...]:
        """Widths, changed as little as it takes to keep every word of a cell on one line."""
        needed = self._needed()
        total = sum(needed)
        if total >= ROOM:
            return tuple(width / total for width in needed)
        wanted = [share * ROOM for share in self.widths]
        short = [max(least - width, 0.0) for least, width in zip(needed, wanted, strict=True)]
        spare = [max(width - least, 0.0) for least, width in zip(needed, wanted, strict=True)]
        given = sum(short) / sum(spare) if sum(spare) else 0.0
        widths = [w + lacks - given * has for w, lacks, has in zip(wanted, short, spare, strict=True)]
        return tuple(width / sum(widths) for width in widths)

    def _needed(self) -> list[float]:
        """Width in points that the longest word of each column takes."""
        longest = [1] * len(self.widths)
        free = [0] * len(self.widths)
        lines = [*self.head, *(row.cells for row in self.rows)]
        for line in lines:
            place = 0
            for cell in line:
                # a cell of the row before that reaches down takes its columns
                while place < len(free) and free[place]:
                    free[place] -= 1
                    place += 1
                if cell.columns == 1 and place < len(longest):
                    longest[place] = max(longest[place], *map(len, cell.text.replace("-", "- ").split(" ")))
                for covered in range(place, min(place + cell.columns, len(free))):
                    free[covered] = cell.rows - 1
                place += cell.columns
            for rest in range(place, len(free)):
                free[rest] = max(free[rest] - 1, 0)
        letter = _SMALL_LETTER if len(self.widths) >= SMALL_FROM else _LETTER
        return [letters * letter + _MARGINS for letters in longest]


@dataclass(frozen=True)
class Picture:
    """A figure: number, caption, the drawing (SVG) and the text that stands in for it.

    A small one takes at most half a page.
    """

    id: str
    number: str
    caption: str
    alt: str
    svg: str
    small: bool = False


@dataclass(frozen=True)
class Listing:
    """Lines that are kept as they stand, such as a plan."""

    text: str


Block = Heading | Paragraph | Bullets | Facts | DataTable | Picture | Listing


@dataclass(frozen=True)
class Document:
    """A whole document.

    Attributes
    ----------
    title, subtitle : str
    authors : tuple of str
    notice : str
        Stands under the title; empty for none.
    running : str
        Stands at the head of every page; empty for none.
    blocks : tuple of Block
    contents : bool
        Whether it begins with a table of contents.
    """

    title: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    notice: str = ""
    running: str = ""
    blocks: tuple[Block, ...] = field(default=())
    contents: bool = False


def plain(line: Line) -> str:
    """The words of a line without their styles."""
    return "".join(run.text for run in line)


def blocks_in(document: Document, kind: type) -> Iterator[Block]:
    """Blocks of one kind, in order."""
    return (block for block in document.blocks if isinstance(block, kind))
