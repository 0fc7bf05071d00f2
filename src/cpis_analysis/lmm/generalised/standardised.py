"""Risks and means on the scale of the outcome, averaged over people and over the distribution of the random effects.

A coefficient of a logistic mixed model compares two people of the *same* cluster. What happens to a population under
either arm is the average of the inverse link over the people as they are and over clusters as they differ: setting the
random effects to zero gives the risk in one cluster that is in the middle, which is not the risk of the population.

Algorithm
---------
1. Give every row of the fit the same level of the factor, everything else as it is: eta_i. What is multiplied by a
   random effect goes with the factor where it is a property of its levels, as that of groups which one arm alone has.
2. Its random part has variance v_i = sum over terms of z_i S z_i'. Average the inverse link g over
   N(eta_i, v_i): in closed form for the log link, by Gauss-Hermite quadrature for the logit.
3. Average over the rows. Derivatives: E g' x_i in the coefficients, E g'' / 2 in v_i (the heat equation).
4. Standard errors by the delta method with the covariance of all parameters; intervals of a risk on the logit scale, of
   a mean and of ratios on the log scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, stdtr, stdtrit  # not scipy.stats, which takes most of a second to load

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit

Array = NDArray[np.float64]

_POINTS = 31


@dataclass(frozen=True)
class Standardised:
    """What a population would have under each level of a factor, and how levels compare.

    Attributes
    ----------
    means : DataFrame
        One row a level: ``estimate``, ``std_error``, ``ci_low``, ``ci_high``; risks, or expected counts.
    comparisons : DataFrame
        One row a level but the first and a measure (``difference``, ``ratio``, and of risks ``odds_ratio``): the same
        columns with ``statistic``, ``df`` and ``p_value``; the standard error of ratios is that of their logarithm.
    """

    means: pd.DataFrame
    comparisons: pd.DataFrame


def standardised(
    fit: GeneralisedMixedFit,
    factor: str,
    *,
    values: Sequence[object] | None = None,
    df: float = np.inf,
    level: float = 0.95,
) -> Standardised:
    """Standardise a fit of a binary outcome, a bounded sum or a count.

    Parameters
    ----------
    fit : GeneralisedMixedFit
    factor : str
        Variable whose levels are given to everybody.
    values : sequence, optional
        Levels, the reference first; by default all of a factor, or the two values of a number that has two.
    df : float
        Degrees of freedom of statistics and intervals; infinite is the normal distribution.
    level : float
        Of the intervals.

    Raises
    ------
    ModelError
        For ordered outcomes, unknown variables or levels.
    """
    if fit.model.family.name == "ordinal":
        problem = Problem("ordered categories have no single mean", allowed="binary, bounded and count outcomes")
        raise ModelError("The fit cannot be standardised.", problem)
    levels = _levels(fit, factor, values)
    found = [
        _mean(fit, X, _multipliers(fit, factor, one))
        for one, X in zip(levels, _matrices(fit, factor, levels), strict=True)
    ]
    estimates = np.array([mean for mean, _ in found])
    slopes = np.array([slope for _, slope in found])
    size = slopes.shape[1]
    covariance = slopes @ fit.maximum.covariance[:size, :size] @ slopes.T
    reach = float(-stdtrit(df, (1.0 - level) / 2.0))
    risks = fit.model.family.link == "logit"
    names = [str(one) for one in levels]
    means = _means(names, estimates, np.sqrt(np.diag(covariance)), reach, risks)
    lines = []
    for place in range(1, len(levels)):
        both, pair = estimates[[0, place]], covariance[np.ix_([0, place], [0, place])]
        lines += _compared(names[place], names[0], both, pair, (reach, df), risks)
    return Standardised(means, pd.DataFrame(lines).set_index(["level", "reference", "measure"]))


def _levels(fit: GeneralisedMixedFit, factor: str, values: Sequence[object] | None) -> list[object]:
    known: list[object] = []
    for operand, coding in fit.design.codings.items():
        if operand.variable == factor:
            if isinstance(coding, FactorCoding):
                known = list(coding.levels)
            else:
                known = sorted(set(fit.design.numbers[factor].tolist()))
    if not known:
        names = sorted({operand.variable for operand in fit.design.codings})
        problem = Problem("no such variable in the fixed part", variable=factor, allowed=", ".join(names))
        raise ModelError("The fit cannot be standardised.", problem)
    if values is None:
        if len(known) > 2 and factor in fit.design.numbers:
            problem = Problem("a number with more than two values", variable=factor, hint="name the values to compare")
            raise ModelError("The fit cannot be standardised.", problem)
        return known
    if factor not in fit.design.numbers:
        text = {str(one): one for one in known}
        wrong = [str(one) for one in values if str(one) not in text]
        if wrong:
            problems = [Problem("no such level", variable=factor, value=one, allowed=", ".join(text)) for one in wrong]
            raise ModelError("The fit cannot be standardised.", problems)
        return [text[str(one)] for one in values]
    return list(values)


def _matrices(fit: GeneralisedMixedFit, factor: str, levels: list[object]) -> list[Array]:
    """Model matrix of the fixed part with everybody at each level."""
    design = fit.design
    columns = [design.term_names.index(term) for term in fit.terms]
    out = []
    for one in levels:
        values = dict(design.values)
        for operand, coding in design.codings.items():
            if operand.variable != factor:
                continue
            if isinstance(coding, FactorCoding):
                values[operand] = np.full(design.n, list(coding.levels).index(one), dtype=np.intp)
            else:
                values[operand] = coding.values(np.full(design.n, float(str(one))))
        out.append(design.coding.matrix(values, design.codings, design.n)[:, columns])
    return out


def _multipliers(fit: GeneralisedMixedFit, factor: str, level: object) -> Array:
    """What random effects are multiplied by (n, A) with everybody at a level."""
    z = fit.model.effects.z.copy()
    design = fit.design
    for operand, coding in design.codings.items():
        if operand.variable != factor or operand.transforms:
            continue
        of_row = np.asarray(design.values[operand]) if isinstance(coding, FactorCoding) else design.numbers[factor]
        own = list(coding.levels).index(level) if isinstance(coding, FactorCoding) else float(str(level))
        parts = [of_row == one for one in np.unique(of_row)]
        for column in z.T:
            if (of_row == own).any() and all(np.ptp(column[part]) == 0.0 for part in parts):
                column[:] = column[of_row == own][0]
    return z


def _mean(fit: GeneralisedMixedFit, X: Array, z: Array) -> tuple[float, Array]:
    """Average over rows and random effects, with its derivatives in the coefficients and covariance parameters."""
    model = fit.model
    at, effects = model.split(fit.maximum.x), model.effects
    zeta = effects.zeta(effects.layout.factors(at.theta), z)
    variance = (zeta**2).sum(axis=1)
    value, first, second = _averages(model.family.link, X @ at.beta + model.offset, variance)
    weight = model.data.weights / model.data.weights.sum()
    theta = np.empty(len(at.theta))
    for place, (term, row, column) in enumerate(effects.layout.entries):
        start = int(effects.columns[term])
        moved = z[:, start + row]
        change = moved**2 if effects.parts[term].q == 1 else 2.0 * zeta[:, start + column] * moved
        theta[place] = 0.5 * float((weight * second) @ change)
    return float(weight @ value), np.concatenate([(weight * first) @ X, theta])


def _averages(link: str, eta: Array, variance: Array) -> tuple[Array, Array, Array]:
    """E g, E g' and E g'' over N(eta, variance)."""
    if link == "log":
        mean = np.exp(eta + variance / 2.0)
        return mean, mean, mean
    x, weights = np.polynomial.hermite.hermgauss(_POINTS)
    p = expit(eta[:, None] + np.sqrt(2.0 * variance)[:, None] * x)
    slope = p * (1.0 - p)
    share = weights / np.sqrt(np.pi)
    return p @ share, slope @ share, (slope * (1.0 - 2.0 * p)) @ share


def _means(names: list[str], estimates: Array, errors: Array, reach: float, risks: bool) -> pd.DataFrame:
    scale = estimates * (1.0 - estimates) if risks else estimates
    centre = np.log(estimates / (1.0 - estimates)) if risks else np.log(estimates)
    low, high = centre - reach * errors / scale, centre + reach * errors / scale
    back = expit if risks else np.exp
    return pd.DataFrame(
        {"estimate": estimates, "std_error": errors, "ci_low": back(low), "ci_high": back(high)},
        index=pd.Index(names, name="level"),
    )


def _compared(
    name: str, reference: str, means: Array, covariance: Array, inference: tuple[float, float], risks: bool
) -> list[dict[str, object]]:
    """Difference, ratio and odds ratio of two means."""
    reach, df = inference
    base, mean = means
    measures = [
        ("difference", mean - base, np.array([-1.0, 1.0]), False),
        ("ratio", np.log(mean / base), np.array([-1.0 / base, 1.0 / mean]), True),
    ]
    if risks:
        odds = np.log(mean / (1 - mean)) - np.log(base / (1 - base))
        slope = np.array([-1.0 / (base * (1 - base)), 1.0 / (mean * (1 - mean))])
        measures.append(("odds_ratio", odds, slope, True))
    lines = []
    for measure, value, slope, is_log in measures:
        error = float(np.sqrt(slope @ covariance @ slope))
        ends = value - reach * error, value + reach * error
        lines.append({
            "level": name, "reference": reference, "measure": measure,
            "estimate": float(np.exp(value)) if is_log else float(value), "std_error": error,
            "statistic": float(value / error), "df": df,
            "p_value": float(2.0 * stdtr(df, -abs(value / error))),
            "ci_low": float(np.exp(ends[0])) if is_log else float(ends[0]),
            "ci_high": float(np.exp(ends[1])) if is_log else float(ends[1]),
        })  # fmt: skip
    return lines
