"""Rubin's rules, with degrees of freedom that start from those of the analysis of complete data.

Few clusters leave few degrees of freedom however many imputations there are. Barnard and Rubin's (1999) start from
the complete-data degrees of freedom, here those that the analysis itself finds (Kenward-Roger, Satterthwaite, ...), and
guess those of the observed data: (nu + 1) / (nu + 3) of what the observed share of information leaves. That is meant
for people who are alike and independent. Of four degrees of freedom it leaves 2.9 where nothing is missing, and takes
more as if clusters were lost where some people of each are. What the observed data leave need not be guessed: it is
the degrees of freedom of the same analysis of those whose values are all known (`observed_df`).

References
----------
Rubin DB (1987). Multiple Imputation for Nonresponse in Surveys.
Barnard J, Rubin DB (1999). Biometrika 86:948-955.
White IR, Royston P, Wood AM (2011). Stat Med 30:377-399 (Monte Carlo errors by the jackknife, section 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from cpis_analysis.errors import ModelError, Problem


@dataclass(frozen=True)
class Pooled:
    """One quantity over m completed data sets.

    Attributes
    ----------
    estimate, se, df, statistic, p_value, ci_low, ci_high : float
        `df` as `pool` says.
    within, between : float
        Mean of the squared standard errors; variance of the estimates between completed data sets.
    complete_df : float
        Degrees of freedom of the completed data sets (mean).
    missing_information : float
        Fraction of missing information: the share of what complete data would tell of the quantity.
    m : int
        Completed data sets.
    estimate_error, p_value_error : float
        Monte Carlo standard errors: by how much estimate and p-value would vary with other imputations.
    """

    estimate: float
    se: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    within: float
    between: float
    complete_df: float
    missing_information: float
    m: int
    estimate_error: float
    p_value_error: float


def pool(
    estimates: np.ndarray,
    std_errors: np.ndarray,
    df: np.ndarray | float,
    level: float = 0.95,
    observed_df: float | None = None,
) -> Pooled:
    """Pool estimates of one quantity.

    Parameters
    ----------
    estimates, std_errors : (m,) float
        One a completed data set, m at least 2.
    df : (m,) float or float
        Degrees of freedom of the analysis of each; infinite for z.
    level : float
        Of the interval.
    observed_df : float, optional
        Degrees of freedom of the same analysis of those whose values are all known. Without them (None or nan),
        Barnard and Rubin's approximation.

    Raises
    ------
    ModelError
        Fewer than two completed data sets, or numbers that are not finite.

    Notes
    -----
    T = W + (1 + 1/m) B. With lambda = (1 + 1/m) B / T and nu the complete-data df, 1/df = 1/nu_m + 1/nu_obs,
    nu_m = (m - 1) / lambda^2, and nu_obs is the smaller of nu and `observed_df`, or by Barnard and Rubin
    (nu + 1) / (nu + 3) nu (1 - lambda). A t distribution with variance T on df degrees of freedom holds the
    information (df + 1) / (df + 3) / T, so the fraction of missing information is
    1 - (df + 1) / (df + 3) (nu + 3) / (nu + 1) W / T. With many complete-data degrees of freedom this is the
    (r + 2 / (df + 3)) / (r + 1), r = (1 + 1/m) B / W, of R's mice and mitml; with few theirs would count it as missing
    that there are few clusters.
    """
    q, se = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float)
    nu = np.broadcast_to(np.asarray(df, dtype=float), q.shape)
    if len(q) < 2 or not (np.isfinite(q).all() and np.isfinite(se).all()) or np.isnan(nu).any():
        problem = Problem(
            "two or more completed data sets with finite results are needed",
            value=str(len(q)),
            hint="ask for more imputations (m)",
        )
        raise ModelError("The analyses of completed data sets can't be pooled.", problem)
    seen = float("nan") if observed_df is None else observed_df
    every = pooled_columns(q[:, None], se[:, None], nu[:, None], level, seen)
    m, spread = len(q), (len(q) - 1) / len(q)
    left_out = _p_without_each(q, se**2, nu, seen) if m > 2 else np.full(m, np.nan)
    return Pooled(
        **{name: float(values[0]) for name, values in every.items()},
        m=m,
        estimate_error=float(np.sqrt(every["between"][0] / m)),
        p_value_error=float(np.sqrt(spread * ((left_out - left_out.mean()) ** 2).sum())) if m > 2 else float("inf"),
    )


def pooled_columns(
    q: np.ndarray, se: np.ndarray, df: np.ndarray, level: float, observed_df: float = float("nan")
) -> dict[str, np.ndarray]:
    """Pool K quantities at once.

    Parameters
    ----------
    q, se, df : (m, K) float
    level, observed_df : float
        As for `pool`; nan for Barnard and Rubin's approximation.

    Returns
    -------
    dict of str to (K,) float
        The fields of `Pooled` without those of the Monte Carlo error and m.
    """
    m = len(q)
    nu = df.mean(axis=0)
    estimate, within, between = q.mean(axis=0), (se**2).mean(axis=0), q.var(axis=0, ddof=1)
    total, freedom = _combined(within, between, nu, m, observed_df)
    std_error = np.sqrt(total)
    statistic, p_value = _test(estimate, std_error, freedom)
    tail = (1.0 + level) / 2.0
    with np.errstate(invalid="ignore"):
        half = np.where(np.isinf(freedom), ndtri(tail), stdtrit(freedom, tail)) * std_error
    return {
        "estimate": estimate,
        "se": std_error,
        "df": freedom,
        "statistic": statistic,
        "p_value": p_value,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "within": within,
        "between": between,
        "complete_df": nu,
        "missing_information": 1.0 - _held(freedom) / _held(nu) * within / total,
    }


def _held(df: np.ndarray) -> np.ndarray:
    """Information of a t distribution with variance 1."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(df), 1.0, (df + 1.0) / (df + 3.0))


def _combined(
    within: np.ndarray, between: np.ndarray, nu: np.ndarray, m: int, observed_df: float
) -> tuple[np.ndarray, np.ndarray]:
    """Total variance and degrees of freedom."""
    extra = (1.0 + 1.0 / m) * between
    total = within + extra
    share = extra / total
    with np.errstate(divide="ignore", invalid="ignore"):
        of_imputation = share**2 / (m - 1.0)
        guessed = np.where(np.isinf(nu), np.inf, _held(nu) * nu * (1.0 - share))
        observed = guessed if np.isnan(observed_df) else np.minimum(nu, observed_df)
        freedom = 1.0 / (of_imputation + 1.0 / observed)
    return total, freedom


def _test(estimate: np.ndarray, std_error: np.ndarray, freedom: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    statistic = estimate / std_error
    with np.errstate(invalid="ignore"):
        p_value = 2.0 * np.where(np.isinf(freedom), ndtr(-abs(statistic)), stdtr(freedom, -abs(statistic)))
    return statistic, p_value


def _p_without_each(q: np.ndarray, variance: np.ndarray, nu: np.ndarray, observed_df: float) -> np.ndarray:
    """Pooled p-value without each completed data set in turn, (m,)."""
    m = len(q)
    mean = (q.sum() - q) / (m - 1)
    within = (variance.sum() - variance) / (m - 1)
    # the sum of squares about the mean of the others, by the update for one value less
    squares = ((q - q.mean()) ** 2).sum() - (q - q.mean()) ** 2 * m / (m - 1)
    between = np.maximum(squares, 0.0) / (m - 2)
    total, freedom = _combined(within, between, np.full(m, nu.mean()), m - 1, observed_df)
    return _test(mean, np.sqrt(total), freedom)[1]
