"""Whether a difference is small enough not to matter: two one-sided tests with the analysis's own df."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.publish.sources.sourced_columns import noted


@dataclass(frozen=True)
class Equivalence:
    """Result of two one-sided tests at level alpha.

    Attributes
    ----------
    ci_low, ci_high : float
        Interval of level 1 - 2 alpha.
    p_value : float
        The larger of the two one-sided p-values; NaN without margins.
    smallest_margin : float
        The smallest symmetric margin at which equivalence would be declared.
    """

    ci_low: float
    ci_high: float
    p_value: float
    smallest_margin: float


def equivalence_of(
    result: AnalysisResult, estimate: Estimate, low: float | None = None, high: float | None = None
) -> Equivalence:
    """Test that one estimate of a result lies between two margins, by the inference of the estimate.

    The nearly optimal test was made with the fit, at the margins that the specification holds; without margins
    everything is NaN.
    """
    found = result.optimal.get(str(estimate.contrast))
    if found is None:
        return two_one_sided_tests(estimate.estimate, estimate.se, estimate.df, 1 - result.spec.level, low, high)
    values = {
        name: math.nan if found.get(name) is None else found[name]
        for name in ("tost_ci_low", "tost_ci_high", "tost_p", "smallest_margin")
    }
    p_value = math.nan if low is None or high is None else values["tost_p"]
    return Equivalence(values["tost_ci_low"], values["tost_ci_high"], p_value, values["smallest_margin"])


def two_one_sided_tests(
    estimate: float, se: float, df: float, alpha: float = 0.05, low: float | None = None, high: float | None = None
) -> Equivalence:
    """Test that a difference lies between two margins.

    Parameters
    ----------
    estimate, se, df : float
        Of the difference; infinite df mean the normal distribution.
    alpha : float
        Level of each one-sided test.
    low, high : float, optional
        Margins, low < 0 < high.

    Notes
    -----
    Schuirmann (1987), J Pharmacokinet Biopharm 15:657. With t the upper alpha quantile on df degrees of freedom,
    equivalence is declared if and only if estimate -+ t se lies between the margins; the smallest symmetric margin is
    |estimate| + t se; p = max(P(T > (estimate - low) / se), P(T < (estimate - high) / se)).
    """
    values = (estimate, se, df)
    if any(math.isnan(value) for value in values):
        return Equivalence(math.nan, math.nan, math.nan, math.nan)
    quantile = (
        noted(-float(ndtri(alpha)), "normal_quantile", 1 - alpha)
        if math.isinf(df)
        else noted(-float(stdtrit(df, alpha)), "t_quantile", 1 - alpha, df)
    )
    p_value = math.nan
    if low is not None and high is not None:
        p_value = max(_lower_tail(df, -(estimate - low) / se), _lower_tail(df, (estimate - high) / se))
    return Equivalence(estimate - quantile * se, estimate + quantile * se, p_value, abs(estimate) + quantile * se)


def _lower_tail(df: float, value: float) -> float:
    if math.isinf(df):
        return noted(float(ndtr(value)), "normal_share", value)
    return noted(float(stdtr(df, value)), "t_share", value, df)
