"""Results of all analyses -> the frame behind results/estimates.csv."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.analyses.multiplicity import adjust_p_values
from cpis_analysis.errors import DataError, Problem
from cpis_analysis.plan.schema import Family

__all__ = ["ESTIMATE_COLUMNS", "collect_estimates"]

ADDED = ("family", "p_adjusted", "adjustment", "standardised", "std_ci_low", "std_ci_high", "std_sd",
         "std_sd_source", "formula")
ESTIMATE_COLUMNS = (*(f.name for f in fields(Estimate)), *ADDED)


def collect_estimates(
    results: Sequence[AnalysisResult], families: Mapping[str, Family], order: Sequence[str] | None = None
) -> pd.DataFrame:
    """One row an analysis, with p-values adjusted within families.

    Parameters
    ----------
    results : sequence of AnalysisResult
        In any order.
    families : mapping of name to Family
        Of each member outcome the headline analysis, the first in the plan, is adjusted; other analyses of it are
        checks on the same question and are not counted again.
    order : sequence of str, optional
        Names of the analyses in the plan's order, which the rows take; default: the order of `results`.

    Returns
    -------
    DataFrame
        Columns `ESTIMATE_COLUMNS`, unrounded. Infinite df stay infinite; warnings are joined by "; ".

    Raises
    ------
    DataError
        If an analysis of the plan has no result, one has two, or a family names an outcome without a result.
    """
    names = [result.spec.name for result in results]
    order = list(order) if order is not None else list(dict.fromkeys(names))
    problems = [Problem("no result of this analysis", value=name) for name in order if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [Problem("two results of one analysis", value=name) for name in twice]
    problems += [Problem("a result that the plan does not ask for", value=n) for n in names if n not in order]
    by_name = dict(zip(names, results, strict=True))
    headline: dict[str, str] = {}
    for name in order:
        if name in by_name:
            headline.setdefault(by_name[name].spec.outcome, name)
    for family, part in families.items():
        problems += [
            Problem("no result of this outcome for its family", variable=family, value=outcome)
            for outcome in part.outcomes if outcome not in headline
        ]
    if problems:
        raise DataError("The estimates can't be collected.", problems)

    frame = pd.DataFrame([_row(by_name[name]) for name in order], columns=list(ESTIMATE_COLUMNS))
    frame = frame.astype({"n_teams": "Int64", "singular": "boolean", "p_adjusted": float, "family": object,
                          "adjustment": object, "icc_trust": float, "icc_team": float, "reml_loglik": float})
    frame.index = pd.Index(order)
    for family, part in families.items():
        members = [headline[outcome] for outcome in part.outcomes]
        frame.loc[members, "p_adjusted"] = adjust_p_values(frame.loc[members, "p_value"].to_numpy(), part.method)
        frame.loc[members, "family"] = family
        frame.loc[members, "adjustment"] = part.method
    return frame.reset_index(drop=True)


def _row(result: AnalysisResult) -> dict[str, object]:
    row = {f.name: getattr(result.estimate, f.name) for f in fields(Estimate)}
    row["warnings"] = "; ".join(result.estimate.warnings)
    standardised = result.standardised
    return row | {
        "family": None, "p_adjusted": math.nan, "adjustment": None,
        "standardised": standardised["estimate"], "std_ci_low": standardised["ci_low"],
        "std_ci_high": standardised["ci_high"], "std_sd": standardised["sd"],
        "std_sd_source": standardised["sd_source"], "formula": result.spec.formula,
    }
