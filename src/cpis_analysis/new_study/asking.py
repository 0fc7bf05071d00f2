"""How what is proposed becomes settled: a terminal asks, a script takes what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Asker", "NobodyAsked"]


class Asker(Protocol):
    """Somebody who can be asked."""

    def one(self, question: str, proposed: str, reason: str, allowed: Sequence[str], empty: str = "") -> str:
        """One of some answers; `empty` is the word for none of them, where none is an answer."""

    def several(self, question: str, proposed: Sequence[str], reason: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Some of them, in the order in which they were given."""

    def yes(self, question: str, proposed: bool, reason: str) -> bool:
        """Yes or no."""


@dataclass
class NobodyAsked:
    """Takes what is proposed.

    Attributes
    ----------
    taken : list of str
        Questions that were not asked, for a script that wants to know.
    """

    taken: list[str] = field(default_factory=list)

    def one(self, question: str, proposed: str, reason: str, allowed: Sequence[str], empty: str = "") -> str:
        self.taken.append(question)
        return proposed

    def several(self, question: str, proposed: Sequence[str], reason: str, allowed: Sequence[str]) -> tuple[str, ...]:
        self.taken.append(question)
        return tuple(proposed)

    def yes(self, question: str, proposed: bool, reason: str) -> bool:
        self.taken.append(question)
        return proposed
