"""Shares in words: one fixed ladder, so that the same share is called the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from cpis_analysis.publish.sources.ledger import quoted

_HERE = "src/cpis_analysis/words/shares.py"
_LADDER = (
    (Fraction(1, 10), "fewer than 1 in 10", False),
    (Fraction(1, 5), "fewer than 1 in 5", False),
    (Fraction(1, 4), "fewer than 1 in 4", False),
    (Fraction(3, 10), "about 1 in 4", True),
    (Fraction(19, 50), "about 1 in 3", True),
    (Fraction(9, 20), "fewer than half", False),
    (Fraction(11, 20), "about half", True),
    (Fraction(31, 50), "more than half", True),
    (Fraction(18, 25), "about 2 in 3", True),
    (Fraction(4, 5), "about 3 in 4", True),
    (Fraction(9, 10), "at least 4 in 5", False),
    (Fraction(1), "at least 9 in 10", False),
)
"""Below which share which words, each true of every share of its rung; and whether "or more" can follow them."""


def share_words(part: Any, whole: Any) -> str:
    """A share of people in words; the number stands in the same block.

    Parameters
    ----------
    part, whole : int
        Shares are compared exactly.
    """
    return quoted(_rung(part, whole)[0], _HERE, "", "_LADDER")


def share_range_words(shares: Sequence[tuple[Any, Any]]) -> str:
    """Several shares at once: the words of their rung, or of the lowest and "or more"; empty where neither is true."""
    words = {_rung(*pair) for pair in shares}
    lowest, open_above = _rung(*min(shares, key=lambda pair: Fraction(int(pair[0]), int(pair[1]))))
    if len(words) == 1:
        return quoted(lowest, _HERE, "", "_LADDER")
    return quoted(f"{lowest} or more", _HERE, "", "_LADDER") if open_above else ""


def _rung(part: Any, whole: Any) -> tuple[str, bool]:
    if part == 0:
        return "nobody", False
    if part == whole:
        return "everybody", True
    share = Fraction(int(part), int(whole))
    return next((words, open_above) for limit, words, open_above in _LADDER if share < limit)


def band_words(low: str, high: str, first: bool, last: bool) -> str:
    """A band in words, of printed ends: "under 4 in 10", "4 to 6 in 10", "over 6 in 10"."""
    ten = quoted("10", _HERE, "", "band_words")
    if first:
        return f"under {high} in {ten}"
    return f"over {low} in {ten}" if last else f"{low} to {high} in {ten}"
