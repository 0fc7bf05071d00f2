"""Blocks with drawings of marks: charts, charts that are tables, flow diagrams, the verdict, tiles."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.publish.chart.drawing_marks import Drawing
from cpis_analysis.publish.lines import Line


@dataclass(frozen=True)
class KeyEntry:
    """What a mark or a shade means; the sample is 1.75 em wide, 0.9 em high and centred."""

    sample: Drawing
    text: str


@dataclass(frozen=True)
class Chart:
    """A drawing by itself.

    Attributes
    ----------
    id : str
        Anchor, which begins with ``figure-``.
    number : str
        "Figure 1"; empty for none.
    title : str
        The takeaway, 15 words at most.
    sub : str
        Measure, unit, who, when.
    name : str
        The drawing in one sentence, for a screen reader and as alternative text on paper.
    drawing : Drawing
    key : tuple of KeyEntry
    note : str
    """

    id: str
    number: str
    title: str
    sub: str
    name: str
    drawing: Drawing
    key: tuple[KeyEntry, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class ChartRow:
    """A row of a chart that is a table: label, drawing, number.

    Attributes
    ----------
    label, value : str
    drawing : Drawing or None
        Centred; None for a row that is a heading.
    note, value_note : str
        Small second lines under label and number.
    strong : bool
        The row that counts most.
    group : bool
        It is the heading of the rows that follow.
    """

    label: str
    value: str = ""
    drawing: Drawing | None = None
    note: str = ""
    value_note: str = ""
    strong: bool = False
    group: bool = False


@dataclass(frozen=True)
class RowChart:
    """A chart that is a table: what is drawn stands beside its mark in letters, so no reader needs the drawing.

    On a phone label and number share a line and the drawing takes the next one.

    Attributes
    ----------
    id, number, title, sub, key, note
        See `Chart`.
    rows : tuple of ChartRow
    axis : Drawing or None
        Stands under the drawings, from the top.
    heads : (str, str, str)
        Heads of the columns; the second is what the drawings show.
    shares : (float, float, float)
        Widths of the columns in per cent; the drawing has 45 at least.

    Raises
    ------
    ValueError
        If the drawings get less than 45 per cent of the width.
    """

    id: str
    number: str
    title: str
    sub: str
    rows: tuple[ChartRow, ...]
    axis: Drawing | None = None
    heads: tuple[str, str, str] = ("", "", "")
    key: tuple[KeyEntry, ...] = ()
    note: str = ""
    shares: tuple[float, float, float] = (27.0, 49.0, 24.0)

    def __post_init__(self) -> None:
        if self.shares[1] < 45:
            raise ValueError(f"{self.id}: the drawings get {self.shares[1]:g}% of the width, and need 45 at least")


@dataclass(frozen=True)
class FlowBox:
    """A box of a flow diagram.

    Attributes
    ----------
    lines : tuple of str
        The first stands out.
    loss : bool
        It tells of those who leave here, and stands beside the line that goes on.
    """

    lines: tuple[str, ...]
    loss: bool = False


@dataclass(frozen=True)
class FlowChart:
    """A flow diagram of boxes with text: one trunk, which parts into as many branches as there are groups.

    Its words are text in every form, so they break at any width, have the reader's size, and are read branch by branch.

    Attributes
    ----------
    id, number, title, sub, note
        See `Chart`.
    trunk : tuple of FlowBox
    branches : tuple of tuple of (FlowBox or None)
        From top to bottom, the reference first; boxes of the same place stand beside each other, None leaves it free.

    Raises
    ------
    ValueError
        If there is no branch, or one is empty, or the branches have different numbers of places.
    """

    id: str
    number: str
    title: str
    sub: str
    trunk: tuple[FlowBox, ...]
    branches: tuple[tuple[FlowBox | None, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        lengths = {len(branch) for branch in self.branches}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError(f"{self.id}: branches of {sorted(lengths)} places don't stand beside each other")

    @property
    def levels(self) -> list[tuple[FlowBox | None, ...]]:
        """What stands beside each other below the trunk, from top to bottom; places that nobody has are left out."""
        return [level for level in zip(*self.branches, strict=True) if any(level)]

    def ends(self, branch: int, place: int) -> bool:
        """Whether a branch has no box at a place of `levels` nor below it."""
        return not any(level[branch] for level in self.levels[place:])


@dataclass(frozen=True)
class Verdict:
    """The answer to one question: the heading is the answer, the picture shows its size.

    Attributes
    ----------
    question, answer : str
    lede : tuple of Run
        The size in one sentence.
    picture : Chart or None
    later : tuple of Line
        Certainty.
    caution : Line
        What the answer is not; beside the picture where there is room.
    """

    question: str
    answer: str
    lede: Line
    picture: Chart | None = None
    later: tuple[Line, ...] = ()
    caution: Line = ()


@dataclass(frozen=True)
class Tile:
    """A short answer beside others on the first screen.

    Attributes
    ----------
    question : str
        "Was it implemented?"
    answer : str
        One sentence without a full stop, about 15 words at most.
    text : tuple of Line
        Two or three sentences with the numbers, 45 words at most; each line is a paragraph.
    drawing : Drawing or None
        4 em high, not centred.
    name : str
        The drawing in one sentence.
    slot : str
        What the authors have not written yet, and where; empty for nothing.
    """

    question: str
    answer: str
    text: tuple[Line, ...] = ()
    drawing: Drawing | None = None
    name: str = ""
    slot: str = ""


@dataclass(frozen=True)
class Tiles:
    """Answers side by side."""

    tiles: tuple[Tile, ...]
