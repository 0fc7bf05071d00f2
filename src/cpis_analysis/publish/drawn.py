"""What the pen hands on of a drawing: as a file, as it stands in a page, and what is written in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Word = tuple[Sequence[int], Sequence[float], Sequence[float]]
"""A line of text: of each letter the place of its outline, and how far to the right and up it stands in the line;
nothing of the latter where all stand on the base line."""


def letter_shift(x: float, y: float) -> str:
    """Attributes of a letter that stands to the right of where its line begins, or above it."""
    return (f' x="{x:g}"' if x else "") + (f' y="{y:g}"' if y else "")


@dataclass(frozen=True)
class PageDrawing:
    """A drawing as it stands in a page, which writes each letter and each word once for all its drawings.

    Attributes
    ----------
    outlines : sequence of str
        Paths of the letters, each once.
    words : sequence of Word
        Each line of text once.
    pieces : sequence of str and int
        SVG, and between two pieces of it the place of the word whose name is to stand there.
    """

    outlines: Sequence[str]
    words: Sequence[Word]
    pieces: Sequence[str | int]


class Drawn(Protocol):
    """A drawing that the pen has made, now or in an earlier run."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        ...

    @property
    def svg(self) -> str:
        """One ``<svg>`` element that needs nothing else."""
        ...

    @property
    def in_page(self) -> PageDrawing: ...

    @property
    def lines(self) -> Sequence[tuple[str, bool]]:
        """What is written in it, in its order, with the marks of numbers (`publish.sources.ledger`); and whether it is
        a mark on the scale of an axis.
        """
        ...
