"""The maximum of an approximate likelihood, by the quickest way that the model allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.cell_likelihood import CellLikelihood
from cpis_analysis.lmm.generalised.cell_maxima import CellMaxima, climb_cells
from cpis_analysis.lmm.generalised.group_cells import Cells, cells_of
from cpis_analysis.lmm.generalised.laplace import Model, find_mode, gradient, laplace
from cpis_analysis.lmm.generalised.outcome import has_no_parameters
from cpis_analysis.lmm.generalised.search import Maximum, maximise

Array = NDArray[np.float64]


def maximum_of(model: Model, points: int) -> Maximum:
    """Maximum of the Laplace approximation (one point), or of adaptive quadrature.

    Raises
    ------
    ModelError
        When quadrature has no rule for the model, or no maximum was reached.
    """
    if points > 1:
        from cpis_analysis.lmm.generalised.quadrature import check_quadrature, quadrature_value

        check_quadrature(model, points)
        if len(model.effects.parts) == 2:
            from cpis_analysis.lmm.generalised.nested_quadrature import nested_maximum

            return nested_maximum(model, points, maximum_of(model, 1).x)
        return maximise(model, _value_of(model, lambda at, mode: quadrature_value(model, at, mode, points)))
    found = maxima_by_cells(model, model.data.y[None])
    if found is None:
        return maximise(model, _value_of(model, lambda at, mode: (laplace(mode), gradient(model, at, mode))))
    maxima, cells = found
    if np.isnan(maxima.value[0]):
        raise ModelError(
            "The maximum of the likelihood was not reached.",
            Problem("the search ended where the likelihood still rises or is flat", hint="look for separation"),
        )
    return single_maximum(maxima, cells, 0)


def penalised_maximum(model: Model, points: int) -> Maximum:
    """Maximum of the Laplace approximation with Jeffreys' penalty of the coefficients.

    Value and covariance are those of the likelihood itself at the penalised estimates, as in Firth's regression.

    Raises
    ------
    ModelError
        For models other than binomial and Poisson ones of random intercepts; when no maximum was reached.
    """
    cells = cells_of(model) if has_no_parameters(model.family) and points == 1 else None
    if cells is None or not has_no_parameters(model.family):
        allowed = "binomial and Poisson models of random intercepts, quadrature=1"
        raise ModelError("The model cannot be fitted.", Problem("a penalised fit", allowed=allowed))
    data = replace(model.data, y=model.data.y[None])
    maxima = climb_cells(CellLikelihood(model.family, cells, data, penalised=True))
    if np.isnan(maxima.value[0]):
        raise ModelError("The maximum of the penalised likelihood was not reached.", [])
    here = CellLikelihood(model.family, cells, data).at(maxima.x)
    free = np.flatnonzero(maxima.free[0])
    inverse = np.zeros_like(maxima.inverse)
    inverse[0][np.ix_(free, free)] = np.linalg.inv(-here.hessian[0][np.ix_(free, free)])
    return single_maximum(replace(maxima, value=here.value, inverse=inverse), cells, 0)


def maxima_by_cells(model: Model, Y: Array) -> tuple[CellMaxima, Cells] | None:
    """Maxima of responses (B, n) on the design of a model; None where cells are no help."""
    if not has_no_parameters(model.family):
        return None
    cells = cells_of(model)
    if cells is None:
        return None
    return climb_cells(CellLikelihood(model.family, cells, replace(model.data, y=Y))), cells


def single_maximum(maxima: CellMaxima, cells: Cells, place: int) -> Maximum:
    """One of many, in the coefficients of the model."""
    p = len(cells.root)
    turn = np.eye(maxima.x.shape[1])
    turn[:p, :p] = np.linalg.inv(cells.root)
    return Maximum(
        turn @ maxima.x[place], float(maxima.value[place]), turn @ maxima.inverse[place] @ turn.T,
        ~maxima.free[place], maxima.evaluations,
    )  # fmt: skip


def _value_of(model: Model, value: Callable[..., tuple[float, Array]]) -> Callable[[Array], tuple[float, Array]]:
    latest = np.zeros(model.effects.size)

    def at_parameters(x: Array) -> tuple[float, Array]:
        nonlocal latest
        at = model.split(x)
        mode = find_mode(model, at, latest)
        if mode is None:
            return -np.inf, np.zeros(len(x))
        latest = mode.u
        return value(at, mode)

    return at_parameters
