"""Formulas that differ in names alone: what one of them is made of tells what another one is made of.

A model is asked of a hundred outcomes, and to read its formula takes ten times as long as to put other names into what
was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cpis_analysis.formula.model_terms import CLUSTER_PARTS, TRANSFORMS, Formula, Operand, RandomTerm, Term

_SIMPLE = re.compile(r"[\w\s~+\-*/:()|]*\Z")
"""Without names that could end elsewhere than a word does."""
_NAME = re.compile(r"[^\W\d]\w*")


def by_shape(text: str, read: Callable[[str], Formula | None]) -> Formula | None:
    """The formula of a text, as `read` gives it of the first one of its shape; None where it has to be read itself.

    Parameters
    ----------
    text : str
    read : callable
        Text -> formula, or None for a text that cannot be read.
    """
    if not _SIMPLE.match(text):
        return None
    names: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        name = match[0]
        return name if name in TRANSFORMS else names.setdefault(name, f"v{len(names)}")

    shape = _NAME.sub(numbered, text)
    # means of clusters are columns whose names hold names
    if not names.keys().isdisjoint(CLUSTER_PARTS):
        return None
    known = read(shape)
    if known is None:
        return None
    own = {number: name for name, number in names.items()}

    def term(one: Term) -> Term:
        return tuple(operand(part) for part in one)

    def operand(one: Operand) -> Operand:
        # a word that is a transform elsewhere may be the name of a variable here
        return Operand(own.get(one.variable, one.variable), one.transforms)

    return Formula(
        operand(known.response),
        tuple(map(term, known.fixed_terms)),
        tuple(
            RandomTerm(tuple(map(term, one.terms)), tuple(own.get(name, name) for name in one.groups))
            for one in known.random_terms
        ),
        text.strip(),
    )
