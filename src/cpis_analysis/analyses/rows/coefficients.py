"""What coefficients stand for: variables and levels, beside the names that are made of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cpis_analysis.formula.parse import Formula, Operand, Term

INTERCEPT = "(Intercept)"


class Part(NamedTuple):
    """One factor of a coefficient: an operand of the formula such as ``age`` or ``log(age)``, and a factor's level."""

    operand: str
    level: str | None = None

    def __str__(self) -> str:
        return self.operand if self.level is None else f"{self.operand}[{self.level}]"


Coefficients = Mapping[str, tuple[Part, ...]]
"""Parts of coefficients by their names."""


def named_coefficients(formula: Formula, levels: Callable[[Operand], Sequence[str]]) -> dict[str, tuple[Part, ...]]:
    """Parts of every coefficient that a formula can have, fixed or random, by its name; the intercept has none.

    Parameters
    ----------
    formula : Formula
    levels : callable
        Operand -> levels of a factor; none of a number.
    """
    found: dict[str, tuple[Part, ...]] = {INTERCEPT: ()}
    for term in dict.fromkeys(terms_of(formula)):
        found |= coefficients_of_term(term, levels)
    return found


def coefficients_of_term(term: Term, levels: Callable[[Operand], Sequence[str]]) -> dict[str, tuple[Part, ...]]:
    """The same of one term."""
    choices = [[Part(str(one), level) for level in levels(one)] or [Part(str(one))] for one in term]
    return {":".join(map(str, parts)): parts for parts in itertools.product(*choices) if parts}


def terms_of(formula: Formula) -> Iterator[Term]:
    """Terms of the fixed and of the random part."""
    parts: Iterable[Iterable[Term]] = (formula.fixed_terms, *(random.terms for random in formula.random_terms))
    return itertools.chain.from_iterable(parts)
