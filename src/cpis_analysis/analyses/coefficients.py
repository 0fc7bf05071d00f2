"""What the coefficients of a design stand for: variables and levels, beside the names that are made of them."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from cpis_analysis.lmm.columns import FactorCoding
from cpis_analysis.lmm.design import Design

__all__ = ["Part", "coefficient_parts"]


class Part(NamedTuple):
    """One factor of a coefficient: an operand of the formula such as ``age`` or ``log(age)``, and a factor's level."""

    operand: str
    level: str | None = None


def coefficient_parts(design: Design) -> dict[str, tuple[Part, ...]]:
    """Parts of every column of a design, by its name; the intercept has none."""
    found: list[tuple[Part, ...]] = []
    for term in design.coding.terms:
        choices = []
        for operand, full in term:
            coding = design.codings[operand]
            if isinstance(coding, FactorCoding):
                levels = coding.levels if full else coding.levels[1:]
                choices.append([Part(str(operand), str(level)) for level in levels])
            else:
                choices.append([Part(str(operand))])
        # the first operand varies fastest, as in the matrix
        found += [tuple(reversed(combination)) for combination in itertools.product(*reversed(choices))]
    return dict(zip(design.term_names, found, strict=True))
