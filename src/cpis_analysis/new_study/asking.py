"""How what is proposed becomes settled: a terminal asks, a script takes what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Asker(Protocol):
    """Somebody who can be asked.

    Attributes
    ----------
    answers : bool
        Whether answers come from a person, so that what was asked has been told.
    """

    answers: bool

    def one(self, question: str, proposed: str, reason: str, allowed: Sequence[str], empty: str = "") -> str:
        """One of some answers; `empty` is the word for none of them, where none is an answer."""

    def several(self, question: str, proposed: Sequence[str], reason: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Some of them, in the order in which they were given."""

    def yes(self, question: str, proposed: bool, reason: str) -> bool:
        """Yes or no."""

    def word(self, question: str, proposed: str, reason: str) -> str:
        """A word, or words."""


class NobodyAsked:
    """Takes what is proposed."""

    answers = False

    def one(self, question: str, proposed: str, reason: str, allowed: Sequence[str], empty: str = "") -> str:
        return proposed

    def several(self, question: str, proposed: Sequence[str], reason: str, allowed: Sequence[str]) -> tuple[str, ...]:
        return tuple(proposed)

    def yes(self, question: str, proposed: bool, reason: str) -> bool:
        return proposed

    def word(self, question: str, proposed: str, reason: str) -> str:
        return proposed
