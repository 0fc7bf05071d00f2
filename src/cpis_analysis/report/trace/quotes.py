"""Numbers that are part of a text which the report takes over as it stands: labels, warnings, notes, formulas.

Such a number was not rounded by the report. What is known of it is where its text stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import one_line
from cpis_analysis.publish.sources.source import below
from cpis_analysis.publish.sources.tokens import find_numbers

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Quote:
    """A text with numbers.

    Attributes
    ----------
    text : str
    file, row, column : str
        Where it stands.
    owner : str
        Analysis that it belongs to; empty for none.
    """

    text: str
    file: str
    row: str
    column: str
    owner: str = ""


class Quotes:
    """Texts by the numbers in them."""

    def __init__(self) -> None:
        # number -> text -> (where the number begins in it, the quotes with that text)
        self._known: dict[str, dict[tuple[str, int], list[Quote]]] = {}

    def add(self, quotes: Iterable[Quote]) -> None:
        """Take texts in; those without letters say nothing and are left out."""
        for quote in quotes:
            text = flat(quote.text)
            if any(character.isalpha() for character in text):
                for token in find_numbers(text):
                    self._known.setdefault(token.text, {}).setdefault((text, token.start), []).append(quote)

    def find(self, text: str, printed: str, start: int, exhibit: str = "") -> Quote | None:
        """The longest known text that stands in `text` round the number which begins at `start`.

        Parameters
        ----------
        text : str
            Made by `flat`.
        printed : str
        start : int
        exhibit : str
            Id of the table or figure: of several places with the same text, that of its analysis is taken.
        """
        best: tuple[str, int] | None = None
        for known, at in self._known.get(printed, ()):
            begin = start - at
            if (
                begin >= 0
                and text.startswith(known, begin)
                and (best is None or len(known) > len(best[0]))
                and _alone(text, begin, begin + len(known))
            ):
                best = known, at
        if best is None:
            return None
        found = self._known[printed][best]
        return next((quote for quote in found if quote.owner and exhibit.endswith(f"-{slug(quote.owner)}")), found[0])


def flat(text: str) -> str:
    """Text without regard to capitals and kinds of spaces; every character stays where it is."""
    return text.lower() if text.isascii() else text.translate(_LOW)


def quotes_in(file: str, record: Any, row: str, column: str = "", owner: str = "") -> Iterator[Quote]:
    """Texts of nested mappings and lists; the column is the path to the text."""
    if isinstance(record, str):
        if _DIGIT.search(record):
            yield Quote(one_line(record), file, row, column, owner)
    elif isinstance(record, dict):
        for key, value in record.items():
            # most values are numbers, or texts without any
            if isinstance(value, dict | list | tuple | str):
                yield from quotes_in(file, value, row, below(column, str(key)), owner)
    elif isinstance(record, list | tuple):
        for place, value in enumerate(record):
            yield from quotes_in(file, value, row, f"{column}[{place}]", owner)


class _Low(dict[int, str]):
    """What becomes of each character, noted when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        small = character.lower()
        found = self[code] = " " if character == "\u00a0" else small if len(small) == 1 else character
        return found


_LOW = _Low()


def _alone(text: str, begin: int, end: int) -> bool:
    """Whether a text is no part of longer words."""
    return not (text[begin - 1 : begin].isalnum() and text[begin].isalnum()) and not (
        text[end : end + 1].isalnum() and text[end - 1].isalnum()
    )
