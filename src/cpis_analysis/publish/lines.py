"""Text in its styles: what paragraphs, lists and cells of a report are made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Line", "Run", "plain"]


@dataclass(frozen=True)
class Run:
    """Text in one style.

    Attributes
    ----------
    text : str
    style : str
        ``""``, ``strong``, ``emphasis`` or ``code``; ``break`` is a space at which the page begins a new line.
    target : str
        Anchor within the document that the text leads to; empty for none.
    file : str
        File beside the page, or address, that the text leads to on the page; empty for none.
    """

    text: str
    style: str = ""
    target: str = ""
    file: str = ""


Line = tuple[Run, ...]


def plain(line: Line) -> str:
    """The words of a line without their styles."""
    return "".join(run.text for run in line)
