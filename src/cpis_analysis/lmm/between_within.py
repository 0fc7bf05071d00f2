"""Between-within degrees of freedom: t(K - p) at the level at which a column varies.

A column that is constant within the groups of a level is tested against those groups: K groups less all
columns that are constant at that level. A column that varies within the innermost groups has the rows
less the innermost groups less the columns that vary within them. Needs no variance estimate at all.
"""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.design import RandomPart

__all__ = ["between_within_df"]


def between_within_df(X: np.ndarray, parts: tuple[RandomPart, ...]) -> np.ndarray:
    """Degrees of freedom of each column of X (n, p)."""
    n, p = X.shape
    levels = {}
    for part in parts:
        levels.setdefault(part.group, part)
    ordered = sorted(levels.values(), key=lambda part: part.n_groups)
    scale = np.maximum(np.abs(X).max(axis=0), 1e-300)
    constant = []
    for part in ordered:
        low = np.full((part.n_groups, p), np.inf)
        high = np.full((part.n_groups, p), -np.inf)
        np.minimum.at(low, part.codes, X)
        np.maximum.at(high, part.codes, X)
        constant.append(((high - low) <= 1e-9 * scale).all(axis=0))
    out = np.empty(p)
    for j in range(p):
        level = next((i for i, fixed in enumerate(constant) if fixed[j]), None)
        if level is not None:
            out[j] = ordered[level].n_groups - int(constant[level].sum())
        elif ordered:
            out[j] = n - ordered[-1].n_groups - int((~constant[-1]).sum())
        else:
            out[j] = n - p
    return out
