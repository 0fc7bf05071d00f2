"""What a design can no longer tell when one cluster is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.lmm.designs.basis import Basis

_SINGULAR = 1e-8
"""Share of a direction's information outside a cluster below which the cluster holds all of it."""


def lost_without(basis: Basis, names: Sequence[str], rows: Sequence[np.ndarray]) -> list[tuple[str, ...]]:
    """Terms whose coefficients can't be told without a cluster, for each cluster.

    Parameters
    ----------
    basis : Basis
    names : sequence of str
        Of the kept columns.
    rows : sequence of int arrays
        Rows of each cluster.

    Notes
    -----
    Sandwich estimators of such coefficients can be far too small, however many clusters there are: the residuals of the
    cluster that alone tells a coefficient are zero in its direction (Hansen, Review of Economic Studies, in press,
    doi:10.1093/restud/rdag050).
    """
    Q = basis.Q if basis.root_weights is None else basis.Q * basis.root_weights[:, None]
    lost: list[tuple[str, ...]] = []
    for here in rows:
        values, vectors = np.linalg.eigh(np.eye(basis.p) - Q[here].T @ Q[here])
        directions = np.abs(basis.back @ vectors[:, values < _SINGULAR])
        if not directions.size:
            lost.append(())
            continue
        largest = directions.max(axis=0, keepdims=True)
        touched = (directions > 1e-6 * largest).any(axis=1)
        lost.append(tuple(name for name, one in zip(names, touched, strict=True) if one))
    return lost
