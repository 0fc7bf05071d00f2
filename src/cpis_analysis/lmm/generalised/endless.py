"""Separation of a generalised linear mixed model: found before the fit, named by term and level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.errors import Problem
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.separating import Sides, UniformLevel, fewest_terms, separating_terms, uniform_levels
from cpis_analysis.lmm.generalised.fixed_part import steps_upwards
from cpis_analysis.lmm.generalised.laplace import Model
from cpis_analysis.lmm.generalised.outcome import Observed, has_no_parameters

Array = NDArray[np.float64]

_STEPS = 30
_FARTHEST = 15.0
_FEW = 5
"""Rows of a level below which it is not said what became of them: they may be people."""
_STATIONARY = 1e-4
"""Slope, beside the smallest residual of a row that could separate, from which on residuals are a certificate."""


def separation_problem(design: Design, model: Model, terms: tuple[str, ...]) -> Problem | None:
    """Say what separates the outcome; None if nothing does.

    1. A fit without random effects that ends at a stationary point shows that nothing separates: its residuals are
       positive weights with which the signed columns of the rows sum to nothing, so no direction is good for some rows
       and bad for none (Gordan's theorem of the alternative).
    2. Otherwise the linear programme decides (`designs.separating`).

    Parameters
    ----------
    design : Design
    model : Model
    terms : tuple of str
        Names of the columns of the model, among those of the design.
    """
    if not model.data.levels and _has_finite_estimate(model):
        return None
    columns = [design.term_names.index(term) for term in terms]
    sides = _sides(model.data, design.X, model.family.side(model.data))
    found = separating_terms(design, sides, columns)
    if not found:
        return None
    uniform = uniform_levels(design, found, model.family.side(model.data))
    if uniform:
        said = " and ".join(_said(one, model) for one in uniform)
    else:
        names = list(dict.fromkeys(operand.variable for term in fewest_terms(design, sides, found) for operand in term))
        together = "together tell" if len(names) > 1 else "tells"
        said = f"{' and '.join(names)} {together} of some rows exactly what happened"
    return Problem(
        f"coefficients have no finite estimate (separation): {said}",
        hint="merge small levels, leave a term out, or separation='penalise' (binary outcomes and counts)",
    )


def _has_finite_estimate(model: Model) -> bool:
    family, data = model.family, model.data
    side = family.side(data)
    Q, _ = np.linalg.qr(model.X)
    X = Q * np.sqrt(len(Q))
    beta = np.zeros(X.shape[1])
    if has_no_parameters(family):
        beta = (family.linked(data) - model.offset) @ X / len(X)
    start = family.start(data)
    try:
        for place in steps_upwards(family, data, X, model.offset, start, beta, _STEPS, orthonormal=True):
            if not np.abs(place.eta - model.offset).max(initial=0.0) < _FARTHEST:
                return False
            # towards no direction does a row that could separate lose as much as the slope could give
            smallest = np.abs(place.here.first[side != 0]).min(initial=np.inf)
            if np.abs(place.slope).sum() < _STATIONARY * smallest:
                return True
    except np.linalg.LinAlgError:
        return False
    return False


def _sides(data: Observed, X: Array, side: Array) -> Sides:
    if not data.levels:
        return Sides.of(X, side)
    # P(Y <= j) = expit(threshold_j - eta): a row in category c wants threshold_c - eta up, threshold_(c-1) - eta down
    place, steps = data.y.astype(int), np.eye(data.levels - 1)
    below, above = place < data.levels - 1, place > 0
    upper = np.hstack([steps[place[below]], -X[below]])
    lower = np.hstack([-steps[place[above] - 1], X[above]])
    return Sides(np.vstack([upper, lower]), np.zeros((0, upper.shape[1])), data.levels - 1)


def _said(level: UniformLevel, model: Model) -> str:
    where = " and ".join(f"{name} = {code}" for name, code in zip(level.variables, level.levels, strict=True))
    if level.rows < _FEW:
        return f"fewer than {_FEW} rows have {where}, too few for a coefficient of their own"
    up = level.side > 0
    if model.data.levels:
        return f"all rows with {where} are in the {'highest' if up else 'lowest'} category"
    if model.family.link == "log":
        return f"all counts with {where} are zero"
    if (model.data.trials == 1.0).all():
        return f"{'every row' if up else 'no row'} with {where} has the event"
    return f"all rows with {where} are at the {'largest' if up else 'smallest'} possible value"
