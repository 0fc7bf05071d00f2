"""The maximum of the likelihood of one response, by the search that suits the structure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.fits.hill import Hill, Optimum
from cpis_analysis.lmm.fits.reml import climb_on_average, grid_starts, maximise, stretch_of, value_of
from cpis_analysis.lmm.structures.block_diagonal import BlockStructure
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_grid import same_hill, starts_of_one, values_of_one
from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.residual import ResidualStructure
from cpis_analysis.lmm.structures.structure import ScoredStructure, Structure, offers_score
from cpis_analysis.lmm.structures.sufficient_moments import Moments, Slopes, likelihood

_FEW_CLASSES = 500
_MANY_COLUMNS = 1500


def find_optimum(
    structure: Structure[Any], y: np.ndarray, reml: bool, bounded: bool, known: float | None = None
) -> Optimum:
    """Maximise the likelihood of one scaled residual outcome (n,), whose residual variance may be known.

    Raises
    ------
    ModelError
        When no maximum was reached, or variances below zero are asked for where they are not offered.
    """
    if isinstance(structure, ResidualStructure):
        return _with_residuals(structure, y, reml, bounded)
    sums, stretch = structure.sums(y), stretch_of(known)

    def value(psi: np.ndarray) -> float:
        try:
            return value_of(*structure.value(psi, sums), structure.n, reml, known)
        except np.linalg.LinAlgError:
            return -np.inf

    def at(psi: np.ndarray) -> tuple[Slopes, Moments | None]:
        m = structure.moments(psi, sums)
        return likelihood(m, reml, known), m

    if offers_score(structure):
        # exact second derivatives are dear: search on the average information
        scored: ScoredStructure[Any] = structure
        if not bounded:
            problem = Problem(
                "variances below zero are not offered for large crossed models", hint="fit with bounded=True"
            )
            raise ModelError("The model cannot be fitted.", problem)
        return climb_on_average(lambda psi: scored.score(psi, sums, reml, known), len(structure.layout.sizes), stretch)
    if isinstance(structure, NestedStructure):
        return _nested(structure, sums, at, reml, bounded, known)
    coarse = isinstance(structure, BlockStructure) and structure.size > _MANY_COLUMNS
    starts = partial(grid_starts, value, structure.layout, coarse, stretch)
    return maximise(Hill(at, structure.layout, bounded), starts)


def _nested(
    structure: NestedStructure,
    sums: NestedSums,
    at: Callable[[np.ndarray], tuple[Slopes, Moments | None]],
    reml: bool,
    bounded: bool,
    known: float | None,
) -> Optimum:
    """The maximum of a model of nested groups, by its error contrasts where these are few."""
    stretch = stretch_of(known)
    contrasts = structure.error_contrasts(sums, known) if reml and bounded else None
    sums = sums.with_known(None if known is None else np.array([known]))
    terms = np.argsort(structure.order)

    def values(gamma: np.ndarray) -> np.ndarray:
        if contrasts is not None and contrasts.reach(gamma):
            return contrasts.values(gamma[terms])
        return values_of_one(structure, gamma, sums, reml)

    def on_hill(psi: np.ndarray) -> tuple[Slopes, Moments | None]:
        if contrasts is not None and contrasts.reach(psi):
            return contrasts.slopes(psi), None
        return at(psi)

    starts, same = partial(starts_of_one, structure, values, stretch), None
    if bounded and len(structure.class_count) <= _FEW_CLASSES:
        same = partial(same_hill, structure, values)
    return maximise(Hill(on_hill, structure.layout, bounded), starts, same)


def _with_residuals(structure: ResidualStructure, y: np.ndarray, reml: bool, bounded: bool) -> Optimum:
    """The maximum of a model whose residuals have a covariance of their own."""
    if not bounded:
        problem = Problem(
            "variances below zero are not offered with a covariance of the residuals", hint="fit with bounded=True"
        )
        raise ModelError("The model cannot be fitted.", problem)
    sums = structure.sums(y)

    def at(psi: np.ndarray) -> tuple[Slopes, None]:
        return structure.likelihood(psi, sums, reml), None

    try:
        found = maximise(Hill(at, structure.layout, True), partial(structure.starts, y))
    except ModelError as error:
        raise _unreached(error.problems) from None
    if structure.is_flat(found.psi):
        raise _unreached(
            [
                Problem(
                    "the covariance matrix of the residuals ends singular",
                    hint="write a covariance with fewer parameters, such as ar1 or independent",
                )
            ]
        )
    return found


def _unreached(problems: Sequence[Problem]) -> ModelError:
    hint = "the data may tell too little for it: use a structure with fewer parameters or leave random effects out"
    return ModelError("The model could not be fitted.", [*problems, Problem("covariance of the residuals", hint=hint)])
