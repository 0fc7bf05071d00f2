"""Text in its styles: what paragraphs, lists and cells of a report are made of."""

from __future__ import annotations

from dataclasses import dataclass

BESIDE = ("annex.html", "findings.html", "summary.html")
"""Pages that have a Word document and a PDF of the same name beside them: a link to one leads from these to these."""


@dataclass(frozen=True)
class Run:
    """Text in one style.

    Attributes
    ----------
    text : str
    style : str
        ``""``, ``strong``, ``emphasis`` or ``code``; ``break`` is a space at which the page begins a new line.
    target : str
        Anchor that the text leads to, within the document or within `file`; empty for none.
    file : str
        File beside the page, or address, that the text leads to; empty for none. On paper only files of `BESIDE` are
        links.
    title : str
        What an abbreviation stands for, which the page says to a pointer; empty for none.
    """

    text: str
    style: str = ""
    target: str = ""
    file: str = ""
    title: str = ""


Line = tuple[Run, ...]


def plain(line: Line) -> str:
    """The words of a line without their styles."""
    return "".join(run.text for run in line)
