"""An orthonormal basis of the fixed part, in which the engine works.

Columns are centred and scaled before the QR decomposition, and the outcome is replaced by its residual
from ordinary least squares at unit scale. So an outcome of y + 1e8 or a column in the wrong unit costs
no digits, and the likelihood is computed from numbers near one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.estimability import DEPENDENT, RowSpace, StandardColumns, standard_columns

_TALL = 20_000


@dataclass(frozen=True, repr=False)
class Basis(ShortRepr):
    """Orthonormal columns Q and the way back to the coefficients.

    Attributes
    ----------
    Q : (n, p) float
        Basis of the kept columns, orthonormal under the weights: Q' W Q = I.
    back : (p, p) float
        ``coefficients = back @ b`` for the vector X beta = Q b.
    offset_column : (p,) float
        Coefficients of the constant 1 (zero when the model has none).
    kept, dropped : tuple of int
        Columns of X.
    root_weights : (n,) float or None
        Square roots of the prior weights, divided by their mean.
    log_det : float
        log det(X' W X) of the kept columns.
    sum_log_weights : float
        Sum of the logarithms of the weights divided by their mean.
    mean_weight : float
        1 without weights. Weights in another unit are the same model with another residual variance.
    row_space : RowSpace
        Which contrasts of all columns of X, the dropped ones among them, can be estimated.
    """

    Q: np.ndarray
    back: np.ndarray
    offset_column: np.ndarray
    kept: tuple[int, ...]
    dropped: tuple[int, ...]
    root_weights: np.ndarray | None
    log_det: float
    sum_log_weights: float
    mean_weight: float
    row_space: RowSpace

    @property
    def p(self) -> int:
        """Number of kept columns."""
        return len(self.kept)

    def reduce(self, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Residuals of outcomes (n, B) at unit scale.

        Returns
        -------
        R : (n, B) float
            OLS residuals divided by `scale`.
        beta : (p, B) float
            OLS coefficients of the kept columns.
        scale : (B,) float
            Root mean square residual.
        """
        has_constant = self.offset_column.any()
        centre = Y.mean(axis=0) if has_constant else np.zeros(Y.shape[1])
        R = Y - centre
        weighted = self.Q if self.root_weights is None else self.Q * self.root_weights[:, None] ** 2
        b = weighted.T @ R
        R -= self.Q @ b
        more = weighted.T @ R
        R -= self.Q @ more
        beta = self.back @ (b + more)
        beta += np.outer(self.offset_column, centre)
        energy = np.einsum("ij,ij->j", R, R) if self.root_weights is None else np.einsum(
            "ij,ij,i->j", R, R, self.root_weights**2
        )  # fmt: skip
        scale = np.sqrt(energy / len(Y))
        R /= np.where(scale > 0, scale, 1.0)
        return R, beta, scale

    def explained(self, Y: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """Outcomes (n, B) of which the columns leave nothing but rounding, (B,) bool; `scale` is that of `reduce`.

        Relative to the spread of an outcome, and to its size, because that decides what rounding does to it.
        """
        high, low = Y.max(axis=0), Y.min(axis=0)
        largest = np.maximum(high, -low)
        spread = high - low if self.offset_column.any() else largest
        return ~((scale > 1e-12 * spread) & (scale > 1e-14 * largest))


def orthogonalise(X: np.ndarray, weights: np.ndarray | None = None) -> Basis:
    """Find the independent columns of X and an orthonormal basis of them.

    1. Centre every column if the model has a constant column, scale to unit length.
    2. QR decomposition in the order of the columns; a column whose part outside its predecessors is
       below 1e-7 of its length is dropped, as in R's lm.
    3. Keep the triangular factor, undone for centring and scaling.

    Parameters
    ----------
    X : (n, p) float
    weights : (n,) float, optional
        Prior weights.

    Raises
    ------
    ModelError
        When no column is left or there are not more rows than columns.
    """
    n, p = X.shape
    mean_weight = 1.0 if weights is None else float(weights.mean())
    root = None if weights is None else np.sqrt(weights / mean_weight)
    columns = standard_columns(X, root)
    constant, means, scales, empty = columns.constant, columns.means, columns.lengths, columns.empty
    Q, R, kept = _independent(columns)
    dropped = tuple(j for j in range(p) if j not in kept) if len(kept) < p else ()
    if not kept:
        raise ModelError(
            "The model cannot be fitted.",
            Problem("the fixed part has no column that varies", hint="write a term that varies between the rows"),
        )
    if n <= len(kept):
        message = f"{n} complete rows are too few for {len(kept)} fixed effects"
        raise ModelError(
            "The model cannot be fitted.", Problem(message, hint="remove terms until fewer are left than rows")
        )
    if any(not empty[j] for j in dropped):
        # how near a repeated column is to the others decides what it makes vague, so it takes part
        triangle = np.asarray(np.linalg.qr(np.where(empty, 0.0, columns.Z), mode="r"))
    else:
        triangle = np.zeros((len(kept), p))
        triangle[:, kept] = R
    lengths = scales[kept]
    inverse = np.linalg.inv(R) / lengths[:, None]
    log_det = 2.0 * np.log(np.abs(R.diagonal()) * lengths).sum()
    offset = np.zeros(len(kept))
    if constant is not None:
        at = kept.index(constant)
        value = X[0, constant]
        inverse[at] -= (means[kept] / value) @ inverse
        offset[at] = 1.0 / value
    if root is not None:
        Q = Q / root[:, None]
    order = sorted(range(len(kept)), key=kept.__getitem__)
    return Basis(
        np.ascontiguousarray(Q),
        inverse[order],
        offset[order],
        tuple(sorted(kept)),
        dropped,
        root,
        float(log_det),
        0.0 if weights is None else float(np.log(weights / mean_weight).sum()),
        mean_weight,
        RowSpace.at(columns, triangle, X),
    )


def independent_columns(X: np.ndarray) -> list[int]:
    """Columns of X (n, p) that repeat no earlier ones, in their order; a constant one counts as the first."""
    return sorted(_independent(standard_columns(X))[2])


def _independent(columns: StandardColumns) -> tuple[np.ndarray, np.ndarray, list[int]]:
    Z, constant = columns.Z, columns.constant
    kept = [j for j in range(Z.shape[1]) if not columns.empty[j]]
    if constant is not None and kept and kept[0] != constant:
        # the constant comes first so that a column equal to it is the one that is dropped
        kept.remove(constant)
        kept.insert(0, constant)
    everything = list(range(Z.shape[1]))
    while kept:
        Q, R = _qr(Z if kept == everything else Z[:, kept])
        pivots = np.abs(R.diagonal())
        extra = len(kept) - R.shape[0]
        if extra <= 0 and pivots.min() >= DEPENDENT:
            return Q, R, kept
        small = np.flatnonzero(pivots < DEPENDENT)
        # later diagonals are only right once the first dependent column is gone
        del kept[int(small[0]) if len(small) else R.shape[0]]
    return np.zeros((len(Z), 0)), np.zeros((0, 0)), []


def _qr(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """QR with a cheaper route (Cholesky QR, twice) for tall well-conditioned matrices."""
    if len(A) > _TALL:
        try:
            R1 = np.linalg.cholesky(A.T @ A).T
            if np.abs(np.diag(R1)).min() > 1e-3:
                Q = A @ np.linalg.inv(R1)
                R2 = np.linalg.cholesky(Q.T @ Q).T
                return Q @ np.linalg.inv(R2), R2 @ R1
        except np.linalg.LinAlgError:
            pass
    return np.linalg.qr(A)
