"""Which part of a design tells exactly what happened, so that coefficients grow without end.

A row wants its linear predictor to go up without end (side 1: all that could happen did), down (side -1: nothing did)
or to stay where it is (side 0). Coefficients have no finite estimate if there is a direction in which no row loses and
some row gains. Whether there is one is a linear programme, so the answer is exact. It holds with random effects as
without: the likelihood rises along such a direction whatever their values.

Albert & Anderson (1984), Biometrika 71:1; the linear programme: Konis (2007), Computational algorithms for detecting
separation in logistic regression, DPhil thesis, University of Oxford, ch. 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.formula.parse import Operand, Term
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.designs.design import Design

Array = NDArray[np.float64]

_NOTHING = 1e-7
"""A direction or a margin below this share of the columns' size is rounding."""


@dataclass(frozen=True)
class Sides:
    """Where rows want their linear predictor to go.

    Attributes
    ----------
    rising : (m, p)
        Rows, or sides of rows, with the sign in which growing never hurts.
    fixed : (k, p)
        Rows whose linear predictor must stay.
    always : int
        Leading columns that are no terms, such as thresholds, and take part in every model.
    """

    rising: Array
    fixed: Array
    always: int = 0

    @classmethod
    def of(cls, X: Array, side: Array) -> Sides:
        """Sides of rows (n, p) that want to go up (1), down (-1), or to stay (0)."""
        return cls(side[side != 0, None] * X[side != 0], X[side == 0])

    def only(self, columns: Sequence[int]) -> Sides:
        """Of a model of these columns, counted without those that always take part."""
        places = [*range(self.always), *(self.always + column for column in columns)]
        return Sides(self.rising[:, places], self.fixed[:, places], self.always)


@dataclass(frozen=True)
class UniformLevel:
    """A level of a factor, or a cell of several, whose rows are all on one side.

    Attributes
    ----------
    variables, levels : tuple of str
    rows : int
    side : int
        1 or -1.
    """

    variables: tuple[str, ...]
    levels: tuple[str, ...]
    rows: int
    side: int


def growing_columns(sides: Sides) -> list[int]:
    """Columns whose coefficients can grow for ever, but those that always take part; none where nothing separates."""
    from scipy.optimize import linprog

    scale = np.maximum(np.abs(np.vstack([sides.rising, sides.fixed])).max(axis=0, initial=0.0), 1e-300)
    # rows that stand twice say nothing new, but count in the sum
    rows, counts = np.unique(sides.rising / scale, axis=0, return_counts=True)
    fixed = np.unique(sides.fixed / scale, axis=0)
    if not len(rows):
        return []
    found = linprog(
        -(counts[:, None] * rows).sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)),
        A_eq=fixed if len(fixed) else None, b_eq=np.zeros(len(fixed)) if len(fixed) else None,
        bounds=(-1.0, 1.0), method="highs",
    )  # fmt: skip
    if found.status != 0 or -found.fun <= _NOTHING * counts.sum():
        return []
    places = np.flatnonzero(np.abs(found.x) > _NOTHING) - sides.always
    return [int(place) for place in places if place >= 0]


def separating_terms(design: Design, sides: Sides, columns: Sequence[int]) -> list[Term]:
    """Terms, other than the intercept, of which a coefficient can grow for ever in a model of these columns of X."""
    terms, of_column = design.formula.fixed_terms, design.coding.term_of_column
    growing = {of_column[columns[place]] for place in growing_columns(sides.only(columns))}
    return [terms[place] for place in sorted(growing) if terms[place]]


def fewest_terms(design: Design, sides: Sides, terms: list[Term]) -> list[Term]:
    """Terms without those that separation does not need."""
    for term in reversed(terms):
        rest = [one for one in terms if one != term]
        columns = [
            at
            for at, place in enumerate(design.coding.term_of_column)
            if not design.formula.fixed_terms[place] or design.formula.fixed_terms[place] in rest
        ]
        if rest and separating_terms(design, sides, columns):
            terms = rest
    return terms


def uniform_levels(design: Design, terms: Sequence[Term], side: Array) -> list[UniformLevel]:
    """Levels (cells of an interaction) of these terms whose rows are all on one side.

    Terms that hold a number with more than two values, or more variables than one that has been named already, are left
    out.
    """
    out: list[UniformLevel] = []
    for term in terms:
        columns = {operand.variable: _levels(design, operand) for operand in term}
        if any(set(one.variables) < set(columns) for one in out):
            continue
        named = {name: column for name, column in columns.items() if column is not None}
        if len(named) < len(columns):
            continue
        codes = np.column_stack([column[0] for column in named.values()])
        cells, place = np.unique(codes, axis=0, return_inverse=True)
        for at, cell in enumerate(cells):
            here = side[place.reshape(-1) == at]
            if here[0] != 0 and (here == here[0]).all():
                levels = tuple(column[1][code] for column, code in zip(named.values(), cell, strict=True))
                out.append(UniformLevel(tuple(named), levels, len(here), int(here[0])))
    return sorted(out, key=lambda one: (len(one.variables), one.variables, one.levels))


def _levels(design: Design, operand: Operand) -> tuple[NDArray[np.intp], list[str]] | None:
    """Codes of rows and names of levels; a number with two values is a factor too, one with more is none."""
    coding = design.codings[operand]
    if isinstance(coding, FactorCoding):
        return np.asarray(design.values[operand], dtype=np.intp), [str(level) for level in coding.levels]
    values, codes = np.unique(design.numbers[operand.variable], return_inverse=True)
    return (codes.astype(np.intp), [f"{value:g}" for value in values]) if len(values) == 2 else None
