"""A report as plain data: the one tree from which page, Word, PDF, workbook and numbers.json are written.

Texts stand here as they are: what a reader is shown of a text, and how it is escaped, is for the writers; see
`publish.shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cpis_analysis.publish.chart_blocks import (
    Chart,
    ChartRow,
    FlowBox,
    FlowChart,
    KeyEntry,
    RowChart,
    Tile,
    Tiles,
    Verdict,
)
from cpis_analysis.publish.data_table import Cell, DataTable, TableRow
from cpis_analysis.publish.drawn import Drawn
from cpis_analysis.publish.lines import Line, Run, plain

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Chart",
    "ChartRow",
    "DataTable",
    "Document",
    "Explorer",
    "Facts",
    "FlowBox",
    "FlowChart",
    "Folded",
    "Heading",
    "KeyEntry",
    "Line",
    "Listing",
    "OnScreen",
    "Paragraph",
    "Picture",
    "Point",
    "RowChart",
    "Run",
    "Section",
    "TableRow",
    "Tile",
    "Tiles",
    "Verdict",
    "blocks_in",
    "plain",
    "points",
    "said",
]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part of the document."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Attributes
    ----------
    line : tuple of Run
    kind : str
        ``body``, ``lede``, ``note``, ``notice``; ``alert``, in red, for what makes a result doubtful; ``slot`` for a
        place that the authors have not filled yet;
        ``paper`` for one that a screen does not show.
    """

    line: Line
    kind: str = "body"


@dataclass(frozen=True)
class Bullets:
    """A list without numbers; kind is empty, ``findings`` or ``versions``."""

    lines: tuple[Line, ...]
    kind: str = ""


@dataclass(frozen=True)
class Facts:
    """Terms with what is said of each; kind is ``made``, ``counts`` or ``models``."""

    pairs: tuple[tuple[str, Line], ...]
    kind: str = "made"


@dataclass(frozen=True)
class Picture:
    """A figure: number, caption, the text that stands in for it, and the drawing.

    A small one takes at most half a page.
    """

    id: str
    number: str
    caption: str
    alt: str
    drawn: Drawn
    small: bool = False


@dataclass(frozen=True)
class Listing:
    """Lines that are kept as they stand, such as a plan; the label names them for a screen reader."""

    text: str
    label: str = ""


@dataclass(frozen=True)
class Point:
    """What the explorer draws of one row: numbers as they stand in files."""

    outcome: str
    estimate: str
    low: str
    high: str


@dataclass(frozen=True)
class Explorer:
    """A table from whose rows the page lets readers pick and draw; documents have the table.

    Attributes
    ----------
    table : DataTable
    choices : tuple of int
        Columns in which rows differ by choice.
    points : tuple of Point
        One a row.
    """

    table: DataTable
    choices: tuple[int, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Folded:
    """What the page shows when it is unfolded, and the technical report in its appendix.

    Attributes
    ----------
    summary : str
        What stands there while it is folded.
    blocks : tuple of Block
    of : str
        Goes on with the summary for those who don't see what it stands under.
    kind : str
        ``how``; ``screen`` for one that the page leaves out on paper; ``explorer``; ``plain`` within another.
    """

    summary: str
    blocks: tuple[Block, ...]
    of: str = ""
    kind: str = "how"


@dataclass(frozen=True)
class OnScreen:
    """What only the page on a screen shows."""

    blocks: tuple[Block, ...]


Block = (
    Heading
    | Paragraph
    | Bullets
    | Facts
    | DataTable
    | Picture
    | Chart
    | RowChart
    | FlowChart
    | Verdict
    | Tiles
    | Listing
    | Explorer
    | Folded
    | OnScreen
)


@dataclass(frozen=True)
class Section:
    """A part of the report under a title of its own; its headings begin at level 2.

    Attributes
    ----------
    id, title : str
    blocks : tuple of Block
    first : bool
        It is the first screen: over the whole width, its title for screen readers only.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    first: bool = False


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
        Of the kinds that paper can hold: nothing folded, nothing for the screen alone.
    contents : bool
        Whether it begins with a table of contents.
    properties : tuple of (name, text)
        Key numbers that a Word document carries by name.
    shown : bool
        Every text is as a reader is shown it already (`shown.as_shown`).
    """

    title: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    notice: str = ""
    running: str = ""
    blocks: tuple[Block, ...] = field(default=())
    contents: bool = False
    properties: tuple[tuple[str, str], ...] = ()
    shown: bool = False


def said(sentences: Iterable[str], kind: str = "body") -> Iterator[Paragraph]:
    """Sentences as one paragraph; nothing where there are none."""
    text = " ".join(sentences)
    if text:
        yield Paragraph((Run(text),), kind)


def points(texts: Iterable[str]) -> Iterator[Bullets]:
    """Texts as a list; nothing where there are none."""
    lines = tuple((Run(text),) for text in texts)
    if lines:
        yield Bullets(lines)


def blocks_in(document: Document, kind: type) -> Iterator[Any]:
    """Blocks of one kind, in order."""
    return (block for block in document.blocks if isinstance(block, kind))
