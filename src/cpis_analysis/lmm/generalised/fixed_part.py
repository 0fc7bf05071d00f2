"""Newton steps of a generalised linear model without random effects, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.lmm.generalised.outcome import Derivatives, Family, Observed

Array = NDArray[np.float64]

_LEAST = 1e-10
"""Of the weights of rows, so that rows that are certain leave the information a root."""
_SHORTEST = 1e-8


@dataclass(frozen=True)
class Place:
    """Where the climb is.

    Attributes
    ----------
    beta : (p,)
    eta : (n,)
        Linear predictor, the offset included.
    here : Derivatives
        Log-likelihood of the rows with its derivatives.
    root : (p, p)
        Triangular root of the information; of orthonormal columns the information itself.
    slope, step : (p,)
        Gradient, and the Newton step from here.
    """

    beta: Array
    eta: Array
    here: Derivatives
    root: Array
    slope: Array
    step: Array

    @property
    def value(self) -> float:
        return float(self.here.log.sum())


def steps_upwards(
    family: Family, data: Observed, X: Array, offset: Array, psi: Array, beta: Array, most: int, *, orthonormal: bool
) -> Iterator[Place]:
    """Climb the log-likelihood in the coefficients; a step that does not climb is halved. Who asks says when to end.

    Of `orthonormal` columns (but for their length) the information can be solved as it is, which costs a third.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where the columns repeat each other.
    """
    eta = X @ beta + offset
    here = family.at(data, eta, psi)
    for _ in range(most):
        weights = np.maximum(-here.second, _LEAST)
        slope = X.T @ here.first
        if orthonormal:
            root: Array = (X * weights[:, None]).T @ X
            step: Array = np.asarray(np.linalg.solve(root, slope))
        else:
            root = np.asarray(np.linalg.qr(X * np.sqrt(weights)[:, None], mode="r"))
            step = np.linalg.solve(root, np.linalg.solve(root.T, slope))
        place = Place(beta, eta, here, root, slope, step)
        yield place
        value, share, whence = place.value, 1.0, beta
        while share > _SHORTEST:
            beta = whence + share * step
            eta = X @ beta + offset
            here = family.at(data, eta, psi)
            if float(here.log.sum()) >= value:
                break
            share /= 2.0
