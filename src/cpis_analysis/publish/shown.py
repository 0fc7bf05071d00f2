"""What a reader is shown of a text: the one way from the strings of a report to the ink of every writer."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import cache
from operator import is_
from typing import Any, TypeVar

from cpis_analysis.publish.blocks import Document, Listing
from cpis_analysis.publish.changed import changed
from cpis_analysis.publish.sources.ledger import unmarked

# control characters are no HTML; those that turn the direction of writing round could disguise a text
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile("[ \t\r\n\f]+")
# most texts have nothing of all that
_ODD = re.compile("[^ -~]|  ")
# Hebrew, Arabic and their neighbours are written from right to left
_TURNED = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_TURNED_RUN = re.compile(
    rf"[{_TURNED}](?:[{_TURNED}]|[ \u00a0]+(?=[{_TURNED}])|-(?=[{_TURNED}])"
    rf"| ?\((?=[^()A-Za-z]*[{_TURNED}])[^()A-Za-z]*\))*"
)
_LEFT_TO_RIGHT = "\u200e"
# an interval and a number of people stay on one line
_WHOLE = re.compile(r"\([^()]* to [^()]*\)|\([nN] = [^()]*\)")

_CODES = {"drawn", "align", "style", "kind"}
"""Fields that hold no words: drawings, which stay as they are, and words of the program."""
_NUMBERS = {"int", "bool", "float", "float | None", "tuple[int, ...]", "tuple[float, ...]", "tuple[Part, ...]"}
"""Types of fields that hold no texts of their own: the parts of a cell repeat its text."""

Part = TypeVar("Part")


def printable(text: str) -> str:
    """Text without control characters and without those that turn the direction of writing round."""
    return _UNPRINTABLE.sub("", text)


def as_shown(part: Part) -> Part:
    """A document, block or text with every string as a reader is shown it.

    Control characters and the marks of numbers go, and white space is folded, but for the lines of a listing. What
    stands behind a label that is written from right to left keeps its place. Every writer begins with this, so that
    no text reaches a reader by another way. Drawings stay as they are.
    """
    if not isinstance(part, Document):
        return _shown(part)
    # who writes it in several forms has asked for it once for all
    return part if part.shown else changed(_shown(part), {"shown": True})


def _shown(part: Any) -> Any:
    kind: Any = type(part)
    if isinstance(part, str):
        return part if kind is str and not _ODD.search(part) else _read(part)
    if isinstance(part, tuple):
        shown = tuple([_shown(one) for one in part])
        return part if all(map(is_, shown, part)) else shown
    # most parts are shown as they are, and to make one anew takes as long as to look at it
    others = {}
    for name in _texts(kind):
        was = getattr(part, name)
        # most fields are plain texts or empty, which are looked at where they stand
        if not was or (type(was) is str and not _ODD.search(was)):
            continue
        if (now := _shown(was)) is not was:
            others[name] = now
    if kind is Listing:
        others["text"] = printable(unmarked(part.text))
    return changed(part, others) if others else part


def _read(text: str) -> str:
    shown = in_order(_SPACE.sub(" ", printable(unmarked(text))))
    return text if shown == text and type(text) is str else shown


def in_order(text: str) -> str:
    """Text in which signs and numbers behind words from right to left stay behind them.

    By the rules of Unicode a comma and a number after a Hebrew or Arabic label would be drawn before it; a mark that is
    not seen tells that the English sentence goes on.
    """
    if text.isascii():
        return text

    def marked(found: re.Match[str]) -> str:
        return found[0] if found.end() == len(text) else found[0] + _LEFT_TO_RIGHT

    return _TURNED_RUN.sub(marked, text)


def unbroken(text: str) -> str:
    """Text whose intervals and numbers of people are not torn apart at the end of a line."""
    return _WHOLE.sub(lambda found: found[0].replace(" ", "\u00a0"), text) if "(" in text else text


@cache
def _texts(kind: type) -> tuple[str, ...]:
    """Fields that can hold texts; none of what has no fields."""
    if not is_dataclass(kind):
        return ()
    return tuple(part.name for part in fields(kind) if part.name not in _CODES and part.type not in _NUMBERS)
