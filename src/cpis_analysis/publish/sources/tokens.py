"""Numbers in a printed text, as a reader sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# what hangs on a letter is part of a name (EQ-5D-5L, CR2, rguk_6m), and so is what has more than one point (3.11.2)
_TOKEN = re.compile(
    r"(?<![\w.,/:])(?<!\w-)[−+<>]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?(?![\w/])(?!\.\d)(?!,\d{3})(?!-[A-Za-z0-9])"
)


class Token(NamedTuple):
    """A number as printed, with sign and per cent, and where it begins."""

    text: str
    start: int


def find_numbers(text: str) -> Iterator[Token]:
    """Numbers in a text, in order; names that contain digits are not numbers."""
    for found in _TOKEN.finditer(text.replace("\u00a0", " ")):
        yield Token(found[0], found.start())
