"""Between-within degrees of freedom: t(K - p) at the level at which a column varies.

A column that is constant within the groups of a level is tested against those groups: K groups less all
columns that are constant at that level. A column that varies within the innermost groups has the rows
less the innermost groups less the columns that vary within them. Needs no variance estimate at all.

Groups whose random slopes are all of columns of zeros have no effect of their own, as single people beside
``(0 + in_group | group)``: they are no replicates of the groups that have one. What is constant within groups is then
tested against these alone, less the rank of such columns among their rows.
"""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.residual import ResidualPart


def constant_within_groups(X: np.ndarray, codes: np.ndarray, n_groups: int) -> np.ndarray:
    """Which columns of X (n, p) do not vary within any group, (p,) bool.

    Relative to a column's own range, so that neither its unit nor its origin matters; below that, to the rounding of
    its values.
    """
    low = np.full((n_groups, X.shape[1]), np.inf)
    high = np.full((n_groups, X.shape[1]), -np.inf)
    np.minimum.at(low, codes, X)
    np.maximum.at(high, codes, X)
    limit = np.maximum(1e-9 * np.ptp(X, axis=0), 1e-14 * np.abs(X).max(axis=0))
    return ((high - low) <= limit).all(axis=0)


def between_within_df(X: np.ndarray, parts: tuple[RandomPart, ...], residual: ResidualPart | None = None) -> np.ndarray:
    """Degrees of freedom of each column of X (n, p); the persons of residuals that belong together are a level too."""
    n, p = X.shape
    levels: dict[str, tuple[np.ndarray, int]] = {}
    idle: dict[str, np.ndarray] = {}
    for part in parts:
        levels.setdefault(part.group, (part.codes, part.n_groups))
        own = np.zeros(n, dtype=bool) if part.columns is None else (part.columns == 0.0).all(axis=1)
        idle[part.group] = idle.get(part.group, np.ones(n, dtype=bool)) & own
    if residual is not None and residual.term.within is not None:
        levels.setdefault(residual.term.within, (residual.person, residual.n_persons))
    ordered = sorted(levels, key=lambda name: levels[name][1])
    constant = [constant_within_groups(X, *levels[name]) for name in ordered]
    left = [_left(X[:, fixed], *levels[name], idle.get(name)) for name, fixed in zip(ordered, constant, strict=True)]
    out = np.empty(p)
    for j in range(p):
        level = next((i for i, fixed in enumerate(constant) if fixed[j]), None)
        if level is not None:
            out[j] = left[level]
        elif ordered:
            out[j] = n - levels[ordered[-1]][1] - int((~constant[-1]).sum())
        else:
            out[j] = n - p
    return out


def _left(X: np.ndarray, codes: np.ndarray, n_groups: int, idle: np.ndarray | None) -> int:
    """Groups less columns (n, constant) that do not vary within any; of groups with an effect, where some have none."""
    some = np.zeros(len(codes), dtype=bool) if idle is None else ~idle
    if not some.any() or some.all():
        return n_groups - X.shape[1]
    return len(np.unique(codes[some])) - int(np.linalg.matrix_rank(X[some]))
