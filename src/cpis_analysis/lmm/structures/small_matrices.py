"""Dense algebra on many small matrices at once; the last axis counts them.

With thousands of 4 by 4 matrices a call into LAPACK for each costs more than the arithmetic.
"""

from __future__ import annotations

import numpy as np


def cholesky(A: np.ndarray) -> np.ndarray:
    """Lower factors of (p, p, B); a matrix that is not positive definite yields NaN."""
    p = len(A)
    L = np.zeros_like(A)
    with np.errstate(invalid="ignore", divide="ignore"):
        for j in range(p):
            column = A[j:, j] - np.einsum("ikb,kb->ib", L[j:, :j], L[j, :j]) if j else A[j:, j]
            L[j:, j] = column / np.sqrt(np.where(column[0] > 0, column[0], np.nan))
    return L


def inverse_lower(L: np.ndarray) -> np.ndarray:
    """Inverses of lower triangular (p, p, B)."""
    p = len(L)
    X = np.zeros_like(L)
    for i in range(p):
        X[i, i] = 1.0 / L[i, i]
        if i:
            X[i, :i] = -np.einsum("kb,kjb->jb", L[i, :i], X[:i, :i]) * X[i, i]
    return X


def solve_positive(
    A: np.ndarray, b: np.ndarray, smallest: float, fallback: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Solve A x = b for (m, m, B) and (m, B) by Cholesky, A having about unit diagonal.

    Where a pivot falls below ``smallest``, the matrices of ``fallback`` are used with a small ridge.

    Returns
    -------
    x : (m, B)
    good : (B,) bool
        Where A itself was used.
    """
    m = len(A)
    L = np.zeros_like(A)
    good = np.ones(A.shape[2], dtype=bool)
    if fallback is not None:
        trial, good = _checked(A, smallest)
        if good.all():
            L = trial
        else:
            ridge = np.where(good, A, fallback + 1e-6 * np.eye(m)[:, :, None])
            L, _ = _checked(ridge, 1e-7)
    else:
        L, good = _checked(A, smallest)
    x = np.empty_like(b)
    for i in range(m):
        x[i] = (b[i] - sum(L[i, k] * x[k] for k in range(i))) / L[i, i]
    for i in range(m - 1, -1, -1):
        x[i] = (x[i] - sum(L[k, i] * x[k] for k in range(i + 1, m))) / L[i, i]
    return x, good


def _checked(A: np.ndarray, smallest: float) -> tuple[np.ndarray, np.ndarray]:
    m = len(A)
    L = np.zeros_like(A)
    good = np.ones(A.shape[2], dtype=bool)
    for j in range(m):
        for i in range(j, m):
            value = A[i, j]
            for k in range(j):
                value = value - L[i, k] * L[j, k]
            if i == j:
                fine = value > smallest
                good &= fine
                L[j, j] = np.sqrt(np.where(fine, value, 1.0))
            else:
                L[i, j] = value / L[j, j]
    return L, good


def inverse_positive(A: np.ndarray) -> np.ndarray:
    """Inverses of symmetric (m, m, B), by scaled Cholesky; pseudo-inverses where a pivot fails."""
    m = len(A)
    scale = 1.0 / np.sqrt(np.maximum(np.abs(A[np.arange(m), np.arange(m)]), 1e-300))
    scaled = A * scale[:, None] * scale
    L, good = _checked(scaled, 1e-9)
    X = inverse_lower(L)
    out = np.einsum("kib,kjb->ijb", X, X)
    for b in np.flatnonzero(~good):
        values, vectors = np.linalg.eigh(scaled[:, :, b])
        keep = values > 1e-9
        out[:, :, b] = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
    return out * scale[:, None] * scale


def whitened(Li: np.ndarray, b: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Columns of W (P, ..., B) with those of X made orthonormal in H^-1, and the outcome made the residual.

    Parameters
    ----------
    Li : (p, p, B)
        Inverse Cholesky factors of X'H^-1X.
    b : (p, B)
        Coefficients of the outcome.
    rows : (p + 1, ..., B)
    """
    p = len(b)
    out = np.empty_like(rows)
    for i in range(p):
        np.einsum("qb,q...b->...b", Li[i, : i + 1], rows[: i + 1], out=out[i])
    np.einsum("qb,q...b->...b", b, rows[:p], out=out[p])
    np.subtract(rows[p], out[p], out=out[p])
    return out
