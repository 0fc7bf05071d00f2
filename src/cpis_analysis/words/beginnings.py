"""What labels of a list begin with in common is said once, above them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from cpis_analysis.publish.format import capital


def shared_beginning(labels: Sequence[str]) -> str:
    """Words with which all labels begin, without a colon behind them; empty where one would have nothing left."""
    words = [label.split(" ") for label in labels]
    return " ".join(words[0][: _shared(words)]).rstrip(":") if labels else ""


def without_shared_beginning(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels without the words with which all of them begin: "Barrier: social anxiety" becomes "Social anxiety".

    They stay as they are where there is only one, or where one would have nothing left.
    """
    words = [label.split(" ") for label in labels]
    shared = _shared(words)
    return tuple(capital(" ".join(own[shared:])) for own in words) if shared else tuple(labels)


def _shared(words: Sequence[Sequence[str]]) -> int:
    shared = len(list(takewhile(lambda same: len(set(same)) == 1, zip(*words, strict=False))))
    return 0 if len(words) < 2 or any(len(own) == shared for own in words) else shared
