"""Intervals for variances, standard deviations and ICCs: profile likelihood and parametric bootstrap.

Notes
-----
Profile: the interval of a quantity v holds all values that a likelihood-ratio test would not reject,
{v : 2 (max l - max l given v) <= chi2_1(level)}. The constrained maximum over the other variances is found by
Newton steps from the unconstrained one, and the ends by bracketing and Brent's method on the signed
root. A lower end at zero means that zero is not rejected.

Bootstrap: the model is refitted to responses simulated from the fit; the interval is the range of the middle
values of the refitted quantity (percentile).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtri

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.options import one_of
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals
from cpis_analysis.lmm.refits.profile import Profile
from cpis_analysis.lmm.refits.refit import refit
from cpis_analysis.lmm.refits.simulate import simulate


def variance_intervals(
    fit: LinearMixedFit, method: str = "profile", *, level: float = 0.95, **options: Any
) -> pd.DataFrame:
    """Intervals for variances, standard deviations and ICCs.

    Parameters
    ----------
    fit : LinearMixedFit
    method : str
        ``profile``, or ``bootstrap``, which needs a seed.
    level : float
    **options
        Of `bootstrap_intervals`.
    """
    one_of(method, "method", ("profile", "bootstrap"))
    return (
        profile_intervals(fit, level=level) if method == "profile" else bootstrap_intervals(fit, level=level, **options)
    )


def profile_intervals(fit: LinearMixedFit, *, level: float = 0.95) -> pd.DataFrame:
    """Profile-likelihood intervals for every variance, standard deviation and ICC.

    Parameters
    ----------
    fit : LinearMixedFit
        A REML or ML fit whose random effects are single (no correlated slopes).
    level : float

    Returns
    -------
    DataFrame
        Columns group, name, quantity (variance, std_dev, icc), estimate, ci_low, ci_high.

    Raises
    ------
    ModelError
        For correlated random slopes or unbounded fits.
    """
    _check(fit, level)
    profile = Profile(fit)
    cut = float(chdtri(1, 1.0 - level))
    rows = []
    table = fit.variance_components
    R = len(table) - 1
    for r in range(R + 1):
        group, name, variance = table.loc[r, ["group", "name", "variance"]]
        # the residual, last in the table, is parameter 0
        known = r == R and fit.residual_variance is not None
        low, high = (variance, variance) if known else profile.variance_interval((r + 1) % (R + 1), cut)
        rows.append((group, name, "variance", variance, low, high))
        rows.append((group, name, "std_dev", np.sqrt(variance), np.sqrt(low), np.sqrt(high)))
    rows += _iccs(fit, profile, cut)
    return pd.DataFrame(rows, columns=["group", "name", "quantity", "estimate", "ci_low", "ci_high"])


def icc_records(fit: LinearMixedFit, *, level: float = 0.95) -> list[dict[str, Any]]:
    """The rows of `profile_intervals` for ICCs alone, as plain records, at a part of their cost.

    An ICC here is the share of one group's variance in the sum of all random intercepts' and the residual's.
    """
    _check(fit, level)
    names = ("group", "name", "quantity", "estimate", "ci_low", "ci_high")
    return [dict(zip(names, row, strict=True)) for row in _iccs(fit, Profile(fit), float(chdtri(1, 1.0 - level)))]


def _iccs(fit: LinearMixedFit, profile: Profile, cut: float) -> list[tuple[Any, ...]]:
    names = [name for _, name, _ in fit.variances.of_effects]
    intercepts = [r + 1 for r, name in enumerate(names) if name == "(Intercept)"]
    return [
        (group, "(Intercept)", "icc", share, *profile.icc_interval(r, intercepts, cut))
        for r, (group, share) in zip(intercepts, fit.variances.shares.items(), strict=True)
    ]


def bootstrap_intervals(
    fit: LinearMixedFit, *, n: int = 2000, seed: int | np.random.Generator, level: float = 0.95, n_jobs: int = 1
) -> pd.DataFrame:
    """Parametric-bootstrap (percentile) intervals for every variance, standard deviation and ICC.

    Parameters
    ----------
    fit : LinearMixedFit
    n : int
        Simulated responses.
    seed : int or Generator
    level : float
    n_jobs : int
        Threads.

    Returns
    -------
    DataFrame
        As `profile_intervals`.
    """
    _check(fit, level, profile=False)
    refits = refit(fit, simulate(fit, n, seed=seed), bad="mark", n_jobs=n_jobs)
    good = refits.converged
    tail = 0.5 - level / 2.0
    rows = []
    singles = [i for i, (_, name) in enumerate(refits.variance_names) if ", " not in name]
    intercepts = [i for i in singles if refits.variance_names[i][1] == "(Intercept)"]
    values = np.append(fit.variance_parameters, fit.sigma2)
    draws = refits.variances[good]
    for i in singles:
        group, name = refits.variance_names[i]
        low, high = np.quantile(draws[:, i], [tail, 1.0 - tail])
        rows.append((group, name, "variance", values[i], low, high))
        rows.append((group, name, "std_dev", np.sqrt(values[i]), np.sqrt(low), np.sqrt(high)))
    total = draws[:, intercepts].sum(axis=1) + draws[:, -1]
    for i in intercepts:
        group = refits.variance_names[i][0]
        low, high = np.quantile(draws[:, i] / total, [tail, 1.0 - tail])
        rows.append((group, "(Intercept)", "icc", fit.variances.shares[group], low, high))
    return pd.DataFrame(rows, columns=["group", "name", "quantity", "estimate", "ci_low", "ci_high"])


def _check(fit: LinearMixedFit, level: float, profile: bool = True) -> None:
    problems = []
    need_plain_residuals(fit, "intervals of variances")
    if not 0.0 < level < 1.0:
        problems.append(Problem("the level lies between 0 and 1", value=str(level), hint="write 0.95 for 95%"))
    if not fit.bounded:
        problems.append(Problem("intervals need variances at or above zero", hint="fit with bounded=True"))
    if profile and any(q > 1 for q in fit.structure.layout.sizes):
        hint = "use the bootstrap, or uncorrelated slopes (||)"
        problems.append(Problem("profile intervals are for random effects without correlations", hint=hint))
    if problems:
        raise ModelError("The intervals cannot be computed.", problems)
