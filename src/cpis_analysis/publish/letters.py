"""Which fonts have the letters of a text: the shipped one, or one of this machine.

DejaVu Sans, which comes with Matplotlib, has Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters, so
that reports in these are the same bytes on every machine. Chinese, Japanese, Korean, Devanagari, Thai and others need a
font of the machine that draws; no font with them is small enough to be shipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cpis_analysis.publish.typeface import typeface

SHIPPED = "DejaVu Sans"
_FIRST_FOREIGN = "\u0250"
"""All letters before this one are in the shipped font."""
_LIKELY = ("cjk", "noto", "droid", "wenquanyi", "wqy", "hiragino", "pingfang", "yahei", "simsun", "malgun", "gothic")
"""Parts of the names of fonts that have many alphabets; they are looked into first."""


def foreign_letters(text: str) -> frozenset[str]:
    """Letters of a text that the shipped font lacks."""
    candidates = {letter for letter in set(text) if letter >= _FIRST_FOREIGN and letter.isprintable()}
    return frozenset(letter for letter in candidates if not typeface().number(letter))


def borrowed_families(text: str) -> tuple[str, ...]:
    """Families of this machine that have the letters which the shipped font lacks, as far as any has them."""
    return _found(foreign_letters(text)).families


def without_font(texts: Iterable[str]) -> str:
    """Letters that no font on this machine has, in their order in the alphabet; boxes would be drawn in their place."""
    return "".join(sorted(_found(foreign_letters("".join(texts))).missing))


@dataclass(frozen=True)
class _Found:
    families: tuple[str, ...]
    missing: frozenset[str]


@cache
def _found(letters: frozenset[str]) -> _Found:
    left, families = set(letters), []
    for path in _machine_fonts() if letters else ():
        if not left:
            break
        font = _font(path)
        has = {letter for letter in left if font is not None and ord(letter) in font.numbers}
        if font is not None and has:
            _make_known(path)
            families.append(font.family)
            left -= has
    return _Found(tuple(dict.fromkeys(families)), frozenset(left))


@dataclass(frozen=True)
class _Font:
    family: str
    numbers: frozenset[int]


@cache
def _machine_fonts() -> tuple[str, ...]:
    """Files of the fonts of this machine, those that are likely to have many letters first."""
    from matplotlib.font_manager import findSystemFonts

    def order(path: str) -> tuple[bool, bool, str]:
        name = Path(path).name.lower()
        return not any(part in name for part in _LIKELY), "regular" not in name, path

    # a font of last resort has a box for everything
    found = [path for path in findSystemFonts() if "lastresort" not in Path(path).name.lower()]
    return tuple(sorted(found, key=order))


@cache
def _font(path: str) -> _Font | None:
    """Name and letters of a font; None of a file that can't be read."""
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
        return _Font(str(font.family_name), frozenset(font.get_charmap()))
    except (OSError, RuntimeError, ValueError):
        return None


def _make_known(path: str) -> None:
    """Tell Matplotlib, whose own list may be older than the font."""
    from matplotlib.font_manager import fontManager

    if not any(entry.fname == path for entry in fontManager.ttflist):
        fontManager.addfont(path)
