"""Words of a drawing as one element each while it is read: three of four elements of a figure are letters."""

from __future__ import annotations

import re
from typing import NamedTuple

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
WORD = "data-word"
"""Attribute of the element that stands for a word: its number."""
_SPACES = (f'xmlns="{SVG}"', f'xmlns:xlink="{XLINK}"')
_WORD = re.compile(r'(<g\b[^<>]*>)((?:<use xlink:href="#[^"<>&]*"(?: x="-?\d+")?/>){2,})</g>')
_LETTER = re.compile(r'href="#([^"]*)"(?: x="(-?\d+)")?')


class Letter(NamedTuple):
    """The name of an outline, and its place; empty at the beginning of a word."""

    name: str
    x: str


def fold_words(svg: str) -> tuple[str, list[list[Letter]]]:
    """A drawing with one element in the place of the letters of each word, and the letters of each.

    A word is all that a group holds. A drawing that is written otherwise has none, and stays as it is.
    """
    if WORD in svg or not all(space in svg for space in _SPACES):
        return svg, []
    words: list[list[Letter]] = []

    def fold(found: re.Match[str]) -> str:
        words.append([Letter(*letter) for letter in _LETTER.findall(found[2])])
        return f'{found[1]}<use {WORD}="{len(words) - 1}"/></g>'

    return _WORD.sub(fold, svg), words
