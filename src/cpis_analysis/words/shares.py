"""Shares in words: one fixed ladder, so that the same share is called the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from cpis_analysis.publish.sources.ledger import quoted

_HERE = "src/cpis_analysis/words/shares.py"
_LADDER = (
    (Fraction(1, 10), "fewer than 1 in 10"),
    (Fraction(1, 5), "fewer than 1 in 5"),
    (Fraction(1, 4), "fewer than 1 in 4"),
    (Fraction(3, 10), "about 1 in 4"),
    (Fraction(19, 50), "about 1 in 3"),
    (Fraction(9, 20), "fewer than half"),
    (Fraction(11, 20), "about half"),
    (Fraction(31, 50), "more than half"),
    (Fraction(18, 25), "about 2 in 3"),
    (Fraction(4, 5), "about 3 in 4"),
    (Fraction(9, 10), "at least 4 in 5"),
    (Fraction(1), "at least 9 in 10"),
)
"""Below which share which words; each is true of every share of its rung."""


def share_words(part: Any, whole: Any) -> str:
    """A share of people in words; the number stands in the same block.

    Parameters
    ----------
    part, whole : int
        Shares are compared exactly.
    """
    return quoted(_rung(part, whole), _HERE, "", "_LADDER")


def share_range_words(shares: Sequence[tuple[Any, Any]]) -> str:
    """Several shares at once: the words of their rung, or of the lowest and "or more"; empty where neither is true."""
    words = {_rung(*pair) for pair in shares}
    lowest = _rung(*min(shares, key=lambda pair: Fraction(int(pair[0]), int(pair[1]))))
    if len(words) == 1:
        return quoted(lowest, _HERE, "", "_LADDER")
    open_above = not lowest.startswith(("fewer", "nobody", "at least"))
    return quoted(f"{lowest} or more", _HERE, "", "_LADDER") if open_above else ""


def _rung(part: Any, whole: Any) -> str:
    if part == 0:
        return "nobody"
    if part == whole:
        return "everybody"
    share = Fraction(int(part), int(whole))
    return next(words for limit, words in _LADDER if share < limit)


def band_words(low: str, high: str, first: bool, last: bool) -> str:
    """A band in words, of printed ends: "under 4 in 10", "4 to 6 in 10", "over 6 in 10"."""
    ten = quoted("10", _HERE, "", "band_words")
    if first:
        return f"under {high} in {ten}"
    return f"over {low} in {ten}" if last else f"{low} to {high} in {ten}"
