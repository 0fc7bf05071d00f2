"""How people are weighted so that the arms are alike in what was known of them before: overlap, entropy balancing.

Li F, Morgan KL, Zaslavsky AM (2018), J Am Stat Assoc 113:390; Hainmueller J (2012), Political Analysis 20:25.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cpis_analysis.methods.method import listed
from cpis_analysis.study_words import PERSON


class Balanced(Protocol):
    """What is asked of a specification of weights."""

    @property
    def method(self) -> str: ...

    @property
    def variables(self) -> Sequence[str]: ...

    @property
    def target(self) -> str | None: ...


@dataclass(frozen=True)
class Balancing:
    """One way to balance.

    Attributes
    ----------
    name : str
        Value of the key ``method`` of ``balance``.
    about : str
        What it is; no full stop.
    short : str
        In a list of choices.
    targets : tuple of str
        To whom the arms may be made alike, a name of `TARGETS`; the first is the one that the plan need not name. Empty
        where the weights themselves say to whom.
    people : callable
        (settings) -> about whom the weighted difference is, as a clause after "people".
    """

    name: str
    about: str
    short: str
    targets: tuple[str, ...]
    people: Callable[[Balanced], str]


TARGETS = {
    "everyone": "everybody analysed, of both arms",
    "reference": "those of the reference arm",
    "compared": "those of the arm that is compared with the reference",
}
"""Value of the key ``target`` -> whom the weighted people of an arm are like on average."""

OVERLAP = Balancing(
    "overlap",
    f"overlap weights: each {PERSON} counts by the chance, given the covariates, of having been in the other arm "
    "(logistic model of main terms), so that the arms' means are equal and those of whom "
    "both arms have some count most",
    "overlap weights",
    (),
    lambda spec: f"such as both arms have, by {listed(spec.variables)}",
)
ENTROPY = Balancing(
    "entropy",
    "entropy balancing: the weights nearest to equal ones that make the arms' means equal",
    "entropy balancing",
    tuple(TARGETS),
    lambda spec: f"like {TARGETS[str(spec.target)]}, by {listed(spec.variables)}",
)
BALANCINGS = {one.name: one for one in (OVERLAP, ENTROPY)}


def balancing_of(spec: Balanced) -> Balancing:
    """How a specification of weights balances."""
    return BALANCINGS[spec.method]
