"""Inference that a design would give were its variances so: for power and sizes before there is an outcome.

The coefficients' covariance, Kenward-Roger's adjustment and the degrees of freedom follow from design and variances
alone, so an outcome is not needed (the exemplary data method: Stroup WW (2002), Journal of Agricultural, Biological,
and Environmental Statistics 7:491).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.designs.checks import check_groups, check_identified
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.lmm.designs.residual import ResidualTerm
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.hill import Optimum
from cpis_analysis.lmm.structures.residual import ResidualStructure
from cpis_analysis.study_words import A_PERSON

_GIVE = "give variances above zero and correlations that the kind allows"


def at_variances(
    formula: str,
    data: pd.DataFrame | Mapping[str, Any],
    random: Sequence[float],
    residual: np.ndarray,
    *,
    covariance: str,
    within: str,
    occasion: str,
    reference: Mapping[str, object] | None = None,
) -> LinearMixedFit:
    """The REML model of a design at given variances, as if they had been estimated so.

    Parameters
    ----------
    formula : str
        Its random terms are intercepts.
    data : DataFrame or mapping of columns
        The outcome is a stand-in: any finite numbers.
    random : sequence of float
        Variance of each random term.
    residual : (T, T) float
        Covariance of a person's residuals over the occasions.
    covariance, within, occasion, reference
        As `lmer`; `covariance` is what the model assumes.

    Returns
    -------
    LinearMixedFit
        Of which `inference` and what follows from it hold; coefficients and everything else of the outcome do not.

    Raises
    ------
    ModelError
        As `lmer`; if the model has other random terms, or its covariance can't be the one that is given.
    """
    parsed = parse_formula(formula)
    design = build_design(parsed, data, reference=reference, residual=ResidualTerm(covariance, within, occasion, None))
    check_groups(design)
    if len(random) != len(design.random) or any(part.names != ("(Intercept)",) for part in design.random):
        problem = Problem(
            "one variance for each random intercept is needed",
            value=str(len(random)),
            allowed=", ".join(part.group for part in design.random) or "none",
        )
        raise ModelError("The variances do not belong to the model.", problem)
    basis = orthogonalise(design.X)
    structure = ResidualStructure(design.random, design.residual, basis)  # type: ignore[arg-type]
    check_identified(design, structure.outside())
    phi = structure.covariance.nearest(residual)
    if not np.allclose(structure.covariance.matrix(phi), residual, rtol=1e-8, atol=1e-10):
        raise ModelError(
            "The variances do not belong to the model.",
            Problem(f"the covariance of {A_PERSON}'s residuals is not of this kind", value=covariance, hint=_GIVE),
        )
    psi = np.concatenate([np.asarray(random, dtype=float), phi])
    y = np.zeros(design.n)
    try:
        found = structure.likelihood(psi, structure.sums(y), True)
    except np.linalg.LinAlgError:
        problem = Problem(
            "they are no covariance: a correlation is too large, or a variance is not above zero", hint=_GIVE
        )
        raise ModelError("The variances can't be.", problem) from None
    optimum = Optimum(psi, psi, found, 0, None)
    return LinearMixedFit(design, basis, structure, optimum, True, True, np.zeros(basis.p), y, 1.0)


def sampling_variance(fit: LinearMixedFit, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of contrasts (q, p) over studies like this one, and Kenward-Roger's degrees of freedom; both (q,).

    Notes
    -----
    That the variances are estimated adds L to the model's covariance Phi. Kenward-Roger's covariance, Phi + 2 L at the
    true variances, makes up for L and for what the plugged-in Phi falls short of, so Phi + L is half way.
    """
    of = fit.inference
    l = rows @ fit.basis.back
    both = [of.covariance(method, "keep") for method in ("kenward-roger", "z")]
    variance = np.einsum("ia,ab,ib->i", l, 0.5 * (both[0] + both[1]), l) * fit.y_scale**2
    return variance, of.df("kenward-roger", "keep", rows)
