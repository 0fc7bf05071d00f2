"""Residual intraclass correlations of people of one cluster, at each level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import Formula
from cpis_analysis.lmm import LinearMixedFit, lmer
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.refits.intervals import icc_records
from cpis_analysis.plan.naming import in_arms_of

_MOST = 2
"""Random terms up to which intervals are found, unless all are levels of the design: with more, each costs a second."""

_LEVELS = ("trust", "middle", "team")


@dataclass(frozen=True)
class Correlations:
    """How alike two people of one cluster are, at each level; None where the model lacks the level."""

    icc_trust: float | None = None
    icc_middle: float | None = None
    icc_team: float | None = None


def correlations(variances: Mapping[str | None, float], total: float) -> Correlations:
    """Correlations from the variances of levels: two people of a cluster share every level above it as well.

    Parameters
    ----------
    variances : mapping of level to float
        Of `cluster_level.level_of_grouping`; others than those of clusters count in `total` alone.
    total : float
        Sum of all variances, the residual's among them.
    """
    shared, found = 0.0, {}
    for level in _LEVELS:
        shared += variances.get(level, 0.0)
        found[f"icc_{level}"] = shared / total if level in variances else None
    return Correlations(**found)


def intraclass_correlations(fit: LinearMixedFit, levels: Sequence[str | None]) -> Correlations:
    """How alike two people of one cluster are beyond what the fixed effects explain.

    Parameters
    ----------
    fit : LinearMixedFit
    levels : sequence of str or None
        Level of each random term: `level_of_grouping`.

    Returns
    -------
    Correlations
        None where the model lacks the level; all None where it has random slopes, because the correlation then
        depends on the covariate. Where some arms only have clusters (`held_rows`), of people who are in one.

    Notes
    -----
    With total = the sum of all variances of the model (trust, team, team-by-wave, person, residual; where residual
    variances differ, their mean over the rows):
    icc_trust = s2_trust / total, the correlation of two people of one trust and different teams;
    icc_middle = (s2_trust + s2_middle) / total, where there are three levels;
    icc_team = (s2_trust + s2_middle + s2_team) / total, that of two people of one team (at different waves, where the
    model has a team-by-wave term). Eldridge, Ukoumunne & Carlin (2009), Int Stat Rev 77:378.
    """
    parts = fit.design.random
    held = held_rows(parts)
    if held is None:
        return Correlations()
    variances = np.array([float(S[0, 0]) for S in fit.variances.covariances])
    residual = fit.sigma2 if held.all() else float(_residual_of_rows(fit)[held].mean())
    total = float(np.append(variances, residual).sum())
    return correlations({level: float(v) for level, v in zip(levels, variances, strict=True)}, total)


def held_rows(parts: Sequence[RandomPart]) -> np.ndarray | None:
    """Rows (n,) in which every term is an intercept: all, or those of the arms with clusters.

    Returns
    -------
    array of bool or None
        None where a term is a slope of anything but the indicator of its groups, as in ``(0 + in_group | group)``.
    """
    held = np.ones(len(parts[0].codes) if parts else 0, dtype=bool)
    for part in parts:
        if part.columns is None:
            continue
        if part.names != (in_arms_of(part.variables[-1]),):
            return None
        held &= part.columns[:, 0] == 1.0
    return held


def _residual_of_rows(fit: LinearMixedFit) -> np.ndarray:
    """Residual variance of each row (n,)."""
    part = fit.design.residual
    if part is None:
        return np.full(fit.n_obs, fit.sigma2)
    values = np.array([np.diag(S) for S in fit.residual_matrices])
    return np.asarray(values[part.group[part.person], part.occasion])


def shares_of_variance(
    fit: LinearMixedFit, formula: Formula, frame: pd.DataFrame, level: float, levels: Sequence[str | None] = ()
) -> dict[str, dict[str, float | None]]:
    """What share of the variance lies between the groups of each random term, how sure that is, and without covariates.

    Parameters
    ----------
    fit : LinearMixedFit
    formula : Formula
    frame : DataFrame
        Rows of the fit.
    level : float
    levels : sequence of str or None, optional
        Level of each random term: `level_of_grouping`.

    Returns
    -------
    dict of str to dict
        By group: share, share_low, share_high (profile likelihood: what a likelihood-ratio test would not reject; a
        lower end of zero says that zero is not rejected), and share_empty of the model with the same random part and
        nothing else in its fixed part but a mean (None where it has no fit). Empty for random slopes, for more than
        two terms unless each is a level of clusters, and for residuals with a covariance or variances of their own.
    """
    parts = fit.design.random
    if (
        fit.design.residual is not None
        or not 0 < len(parts) <= (len(_LEVELS) if levels and set(levels) <= set(_LEVELS) else _MOST)
        or any(part.names != ("(Intercept)",) for part in parts)
    ):
        return {}
    found = {
        str(row["group"]): {"share": row["estimate"], "share_low": row["ci_low"], "share_high": row["ci_high"]}
        for row in icc_records(fit, level=level)
    }
    try:
        empty = lmer(replace(formula, fixed_terms=((),)), frame, reml=True).variances.shares
    except ModelError:
        empty = {}
    return {group: row | {"share_empty": empty.get(group)} for group, row in found.items()}
