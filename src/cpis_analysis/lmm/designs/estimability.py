"""Which contrasts the columns of a model can tell, and what explains those that they can't.

A contrast of the coefficients is estimable if its row of weights lies in the row space of the model matrix: then every
solution of the normal equations gives it the same value, whichever of the repeated columns is left out. A row that has
a part outside gets a number that depends on the order of the terms or the names of the levels.

Searle SR (1971), Linear Models, section 5.4.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.formula.parse import Operand, Term
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.designs.design import Design, TermCoding, term_label
from cpis_analysis.lmm.designs.display import ShortRepr

DEPENDENT = 1e-7
"""Share of a column's length outside the other columns below which it is called a repetition of them, as in R's lm."""

_ROUNDING = 1e-15
"""What rounding leaves of an exact zero among singular values of columns of unit length."""

_MOST_SETS = 3000
_MOST_NAMES = 8


@dataclass(frozen=True, repr=False)
class StandardColumns(ShortRepr):
    """Columns centred on the constant column, if there is one, and scaled to unit length.

    Attributes
    ----------
    Z : (n, p) float
        Columns that are empty after centring are not scaled.
    means : (p,) float
    lengths : (p,) float
        What `Z` was divided by; 1 for empty columns.
    sizes : (p,) float
        As `lengths`, but for an empty column the length that it had before centring (1 if it is zero).
    empty : (p,) bool
    constant : int or None
    """

    Z: np.ndarray
    means: np.ndarray
    lengths: np.ndarray
    sizes: np.ndarray
    empty: np.ndarray
    constant: int | None


def standard_columns(X: np.ndarray, root_weights: np.ndarray | None = None) -> StandardColumns:
    """Centre and scale, so that neither the unit nor the origin of a column decides what depends on what."""
    n, p = X.shape
    constant = next((j for j in range(p) if n and X[0, j] != 0 and (X[:, j] == X[0, j]).all()), None)
    means, Z = np.zeros(p), X
    if constant is not None:
        means = X.sum(axis=0) / n
        means[constant] = 0.0
        Z = X - means
    if root_weights is not None:
        Z = Z * root_weights[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->j", Z, Z))
    largest = np.abs(X).max(axis=0, initial=0.0)
    # a centred column at the level of rounding is a constant column
    empty = lengths <= 1e-13 * np.sqrt(n) * largest
    if not empty.any():
        return StandardColumns(Z / lengths, means, lengths, lengths, empty, constant)
    scales = np.where(empty, 1.0, lengths)
    sizes = np.where(empty, np.where(largest > 0, largest * np.sqrt(n), 1.0), lengths)
    return StandardColumns(Z / scales, means, scales, sizes, empty, constant)


@dataclass(frozen=True, repr=False)
class RowSpace(ShortRepr):
    """The contrasts that a model matrix can tell.

    Attributes
    ----------
    triangle : (r, p) float
        Coordinates of the centred and scaled columns in an orthonormal basis of them.
    origin : (p,) float
        What each column holds of the constant column.
    sizes : (p,) float
        Scale of each column.
    constant : int or None
    """

    triangle: np.ndarray
    origin: np.ndarray
    sizes: np.ndarray
    constant: int | None

    @classmethod
    def of(cls, X: np.ndarray) -> RowSpace:
        """Row space of a matrix (n, p)."""
        columns = standard_columns(X)
        Z = np.where(columns.empty, 0.0, columns.Z)
        return cls.at(columns, np.asarray(np.linalg.qr(Z, mode="r")), X)

    @classmethod
    def at(cls, columns: StandardColumns, triangle: np.ndarray, X: np.ndarray) -> RowSpace:
        """Row space of columns of which the triangular factor is known."""
        origin = columns.means if columns.constant is None else columns.means / X[0, columns.constant]
        return cls(triangle, origin, columns.sizes, columns.constant)

    @cached_property
    def _directions(self) -> tuple[np.ndarray, np.ndarray]:
        """Lengths (p,) of what the fitted values do, and directions (p, p) of the coefficients that make them do it."""
        _, values, vectors = np.linalg.svd(self.triangle, full_matrices=True)
        return np.append(values, np.zeros(vectors.shape[0] - len(values))), vectors.T

    @property
    def rank(self) -> int:
        """Number of independent columns."""
        values, _ = self._directions
        return int((values > DEPENDENT * np.sqrt(len(values))).sum())

    def _vagueness(self, rows: np.ndarray) -> np.ndarray:
        """How far each row of weights (q, p) can move at unit length of the fitted values, along each direction.

        Of a row that weighs one column, the length of this is one over the part of the column (at unit length) that
        lies outside the others.
        """
        rows = np.atleast_2d(np.asarray(rows, dtype=float))
        if self.constant is not None:
            rows = rows - rows[:, [self.constant]] * self.origin
        rows = rows / self.sizes
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        values, directions = self._directions
        return rows / np.where(length > 0, length, 1.0) @ directions / np.maximum(values, _ROUNDING)

    def contains(self, rows: np.ndarray) -> np.ndarray:
        """Which rows of weights (q, p) are estimable, (q,) bool."""
        return np.linalg.norm(self._vagueness(rows), axis=1) * DEPENDENT <= 1.0

    def testable(self, rows: np.ndarray) -> np.ndarray:
        """The rows if all are estimable; else a basis of their combinations that are, which may be empty."""
        rows = np.atleast_2d(np.asarray(rows, dtype=float))
        vague = self._vagueness(rows) * DEPENDENT
        if (np.linalg.norm(vague, axis=1) <= 1.0).all():
            return rows
        left, values, _ = np.linalg.svd(vague, full_matrices=True)
        return left[:, int((values > 1.0).sum()) :].T @ rows


def explaining_terms(design: Design, row: np.ndarray) -> tuple[str, ...]:
    """A smallest set of other terms from which a contrast can be computed, so that the data can't tell it.

    1. The model is cut down to the intercept, the terms that the contrast weighs, and a set of other terms.
    2. Sets are tried in order of size, then of name; the first in which the contrast is not estimable is it. With too
       many sets, terms are taken away one by one as long as the rest still explains the contrast.

    A term enters with all that its margins span, so that reference levels and the order of terms make no difference.

    Parameters
    ----------
    design : Design
    row : (p,) float
        Weights on all columns of ``design.X``; not estimable.

    Returns
    -------
    tuple of str
        Sorted; empty if the weighed terms alone leave the contrast open (an empty cell of a table).
    """
    terms = design.formula.fixed_terms
    owner = np.array(design.coding.term_of_column)
    touched = {int(owner[j]) for j in np.flatnonzero(row)}
    own = np.array([int(number) in touched or not terms[number] for number in owner])
    held = {frozenset(terms[number]) for number in touched}
    others = sorted(
        (term for number, term in enumerate(terms) if term and number not in touched),
        key=lambda term: (len(term), term_label(term)),
    )
    blocks = {term: _span(design, term, held, owner) for term in others}

    def explained(chosen: Sequence[Term]) -> bool:
        more = [blocks[term] for term in chosen]
        X = np.hstack([design.X[:, own], *more])
        weights = np.zeros(X.shape[1])
        weights[: own.sum()] = row[own]
        return not RowSpace.of(X).contains(weights)[0]

    chosen = list(others)
    for term in reversed(others):
        rest = [one for one in chosen if one != term]
        if explained(rest):
            chosen = rest
    tried = 0
    for size in range(len(chosen)):
        for smaller in itertools.combinations(others, size):
            tried += 1
            if tried > _MOST_SETS:
                return tuple(sorted(map(term_label, chosen)))
            if explained(smaller):
                return tuple(sorted(map(term_label, smaller)))
    return tuple(sorted(map(term_label, chosen)))


def _span(design: Design, term: Term, held: set[frozenset[Operand]], owner: np.ndarray) -> np.ndarray:
    """Columns that span a term with its margins; only its own columns if a weighed term is among the margins."""
    number = design.formula.fixed_terms.index(term)
    if any(margin < frozenset(term) for margin in held):
        return design.X[:, owner == number]
    width = 1
    for operand in term:
        coding = design.codings[operand]
        width *= len(coding.levels) if isinstance(coding, FactorCoding) else 1
    recipe = TermCoding((tuple((operand, True) for operand in term),), ("",) * width, (0,) * width)
    return recipe.matrix(design.values, design.codings, design.n)


def left_out(design: Design, dropped: Sequence[int], row_space: RowSpace) -> list[str]:
    """Sentences about columns that were left out, and about coefficients that stand for them too."""
    if not dropped:
        return []
    nowhere = [j for j in dropped if not design.X[:, j].any()]
    repeated = [j for j in dropped if j not in nowhere]
    lines = []
    if repeated:
        lines.append("left out because they repeat other columns: " + _listed(design, repeated))
    if nowhere:
        lines.append("left out because no row has them: " + _listed(design, nowhere))
    kept = [j for j in range(design.X.shape[1]) if j not in set(dropped)]
    unclear = [
        j
        for j, good in zip(kept, row_space.contains(np.eye(design.X.shape[1])[kept]), strict=True)
        if not good and design.coding.names[j] != "(Intercept)"
    ]
    if unclear:
        lines.append("not told apart from the columns left out: " + _listed(design, unclear))
    return lines


def _listed(design: Design, columns: Sequence[int]) -> str:
    names = [design.term_names[j] for j in columns[:_MOST_NAMES]]
    more = len(columns) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
