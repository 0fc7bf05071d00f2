"""Results of all analyses -> the frame behind results/estimates.csv."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd

from cpis_analysis.analyses.equivalence import equivalence_of
from cpis_analysis.analyses.estimate import OF_MIDDLE, AnalysisResult, Estimate
from cpis_analysis.analyses.measure import MEAN, ONE_LEVEL, measured
from cpis_analysis.analyses.multiplicity import adjust_p_values
from cpis_analysis.analyses.refusal import refused_headlines
from cpis_analysis.analyses.unmeasured.e_values import e_values
from cpis_analysis.errors import RUN_AGAIN, DataError, Problem
from cpis_analysis.methods.handling import handling_of
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.naming import PERSON, Noun, study_words
from cpis_analysis.plan.schema import Family

_ELSEWHERE = ("measure", "num_df", "status", "reason", "scale", *OF_MIDDLE)
OWN = tuple(f.name for f in fields(Estimate) if f.name not in _ELSEWHERE)
_OF_OWN = (
    dict.fromkeys(("n_obs", "n_participants", "n_teams", "n_trusts"), "Int64")
    | dict.fromkeys(("singular", "converged"), "boolean")
    | dict.fromkeys(("icc_trust", "icc_team", "reml_loglik"), float)
)
ADDED: dict[str, Any] = {
    "family": object,
    "p_adjusted": float,
    "adjustment": object,
    "standardised": float,
    "std_ci_low": float,
    "std_ci_high": float,
    "std_sd": float,
    "std_sd_source": None,
    "formula": None,
}
LATER: dict[str, Any] = {
    "measure": None,
    "num_df": float,
    "equivalence_low": float,
    "equivalence_high": float,
    "tost_ci_low": float,
    "tost_ci_high": float,
    "tost_p": float,
    "smallest_margin": float,
    "estimand": None,
    "status": None,
    "reason": object,
    "scale": None,
    "ratio": float,
    "ratio_ci_low": float,
    "ratio_ci_high": float,
    "missing": object,
    "assumes": object,
    "imputations": "Int64",
    "missing_information": float,
    "mc_error": float,
    "mc_error_p": float,
    "resamples": "Int64",
    "smallest_p": float,
    "weights": object,
    "effective_n_reference": float,
    "effective_n_other": float,
    "risk_ratio": float,
    "risk_ratio_ci_low": float,
    "risk_ratio_ci_high": float,
    "risk_ratio_by": object,
    "e_value": float,
    "e_value_limit": float,
}
"""Further columns with the types of their cells; None where pandas tells it from the cells."""
OF_ARMS = ("p_arms", "arms_adjustment")
"""Columns of studies with several arms: p-values adjusted for comparing each with the reference, and how."""

ESTIMATE_COLUMNS = (*OWN, *ADDED, *LATER)
"""New columns go to the right, so that readers of earlier files keep working."""


def collect_estimates(
    results: Sequence[AnalysisResult],
    families: Mapping[str, Family],
    order: Sequence[str] | None = None,
    margins: Mapping[str, Mapping[str, tuple[float, float]]] | None = None,
    arms: str = "holm",
    joint: Mapping[str, float] | None = None,
    person: Noun = PERSON,
) -> pd.DataFrame:
    """One row an analysis and one a further contrast of it, with p-values adjusted within families.

    Parameters
    ----------
    results : sequence of AnalysisResult
        In any order.
    families : mapping of name to Family
        Of each member outcome the headline analysis, the first in the plan, is adjusted; other analyses of it are
        checks on the same question and are not counted again. A family counts all its members: that a member has a
        p-value is made sure of first.
    order : sequence of str, optional
        Names of the analyses in the plan's order, which the rows take; default: the order of `results`.
    margins : mapping of outcome to scale to (low, high), optional
        Equivalence margins on each scale of the model that the plan gives some for; ``points`` and ``risk`` are the
        outcomes' own.
    arms : str
        How p-values are adjusted for comparing several arms with the reference, within an analysis; ``none`` for not
        at all.
    joint : mapping of analysis to p-value, optional
        Adjusted p-values of families that are adjusted by permutation (`fitting.joint_permutation`).
    person : Noun, optional
        What the study calls one of those who take part: texts of the frame have it.

    Returns
    -------
    DataFrame
        Columns `ESTIMATE_COLUMNS`, `OF_MIDDLE` where there are three levels of clusters, and `OF_ARMS` where an
        analysis compares several arms, unrounded. The first row of
        an analysis is its effect; ``analysis`` and ``contrast`` together identify a row. Infinite df stay infinite;
        warnings are joined by "; ". Equivalence (``tost_*``, ``smallest_margin``) at alpha = 1 - level is given for
        differences between arms, ``tost_p`` where the plan has margins on the scale of the model. Standardised
        differences are those of points; ``ratio*`` are the exponentials of differences of logarithms. ``risk_ratio*``
        and E-values are those of `unmeasured.e_values`.

    Raises
    ------
    DataError
        If an analysis of the plan has no result, one has two, or a family names an outcome without a result.
    ModelError
        If the headline analysis of an outcome is not estimable. Other analyses that are not keep their rows, with
        ``status``, ``reason`` and no numbers.
    """
    names = Counter(result.spec.name for result in results)
    order = list(order) if order is not None else list(names)
    problems = [
        Problem("no result of this analysis", value=name, hint=RUN_AGAIN) for name in order if name not in names
    ]
    twice = sorted(name for name, n in names.items() if n > 1)
    problems += [Problem("two results of one analysis", value=name, hint=RUN_AGAIN) for name in twice]
    asked = set(order)
    problems += [
        Problem("a result that the plan does not ask for", value=name, hint=RUN_AGAIN)
        for name in names.elements()
        if name not in asked
    ]
    by_name = {result.spec.name: result for result in results}
    headline: dict[str, str] = {}
    for name in order:
        if name in by_name:
            headline.setdefault(by_name[name].spec.outcome, name)
    for family, part in families.items():
        problems += [
            Problem(
                "no result of this outcome for its family",
                variable=family,
                value=outcome,
                hint=RUN_AGAIN,
            )
            for outcome in part.outcomes
            if outcome not in headline
        ]
    if problems:
        raise DataError("The estimates can't be collected.", problems)
    refused = [by_name[name] for name in headline.values() if not by_name[name].estimable]
    if refused:
        raise refused_headlines(refused)

    margins = margins or {}
    rows = [
        _row(
            by_name[name],
            estimate,
            margins.get(estimate.outcome, {}).get(by_name[name].scale_of(estimate).name),
            person,
        )
        for name in order
        for estimate in (by_name[name].estimate, *by_name[name].contrasts)
    ]
    middle = OF_MIDDLE if any(len(one.spec.levels) > 2 for one in results) else ()
    frame = pd.DataFrame(rows, columns=[*ESTIMATE_COLUMNS, *middle])
    further = {name: kind for name, kind in (ADDED | LATER).items() if kind is not None}
    frame = frame.astype(_OF_OWN | further | dict.fromkeys(middle[:1], "Int64") | dict.fromkeys(middle[1:], float))
    first = ~frame["analysis"].duplicated()
    for family, part in families.items():
        chosen = first & frame["analysis"].isin([headline[outcome] for outcome in part.outcomes])
        members = frame.index[chosen]
        frame.loc[members, "p_adjusted"] = (
            frame.loc[members, "analysis"].map(dict(joint or {}))
            if part.permuted
            else adjust_p_values(frame.loc[members, "p_value"].to_numpy(), part.method)
        )
        frame.loc[members, "family"] = family
        frame.loc[members, "adjustment"] = part.method
    frame = frame.reset_index(drop=True)
    several = [name for name in order if len(by_name[name].effects) > 1]
    return frame if not several else _with_arms(frame, [by_name[name] for name in several], arms)


def _with_arms(frame: pd.DataFrame, results: Sequence[AnalysisResult], method: str) -> pd.DataFrame:
    """The comparisons of each analysis of several arms, adjusted together."""
    adjusted: dict[tuple[str, str], float] = {}
    for result in results:
        keys = [(one.analysis, str(one.contrast)) for one in result.effects]
        found = [one.p_value for one in result.effects]
        if method != "none" and not any(math.isnan(p) for p in found):
            adjusted |= dict(zip(keys, adjust_p_values(found, method), strict=True))
    rows = list(zip(frame["analysis"], frame["contrast"], strict=True))
    return frame.assign(
        p_arms=[adjusted.get(key, math.nan) for key in rows],
        arms_adjustment=pd.Series([method if key in adjusted else None for key in rows], dtype=object),
    )


_RATIOS = {"ratio": "estimate", "ratio_ci_low": "ci_low", "ratio_ci_high": "ci_high"}
"""What is exact on the scale of the outcome: of a difference of logarithms its exponential."""


def _missing_values(result: AnalysisResult, person: Noun) -> dict[str, object]:
    """How missing values were handled, and what is then taken for granted."""
    handling, account = handling_of(result.spec), result.imputation
    return {
        "missing": handling.name,
        "assumes": study_words(person)(handling.assumes(result.spec)),
        "imputations": account.get("m", pd.NA),
        **{name: account.get(name, math.nan) for name in ("missing_information", "mc_error", "mc_error_p")},
    }


def _resampling(result: AnalysisResult) -> dict[str, object]:
    """Of a resampling test: how many resamples, how small its p-value could be, and its Monte Carlo error."""
    about = result.resampling
    found = {"resamples": about["n"], "smallest_p": about["smallest_p"]}
    return found | ({"mc_error_p": about["mc_error_p"]} if "mc_error_p" in about else {})


def _weights(result: AnalysisResult) -> dict[str, object]:
    """Of weights that make the arms alike: how they are made, and Kish's effective sample size of each arm."""
    about = result.balance
    sizes = {name: about.get(name, math.nan) for name in ("effective_n_reference", "effective_n_other")}
    return sizes | {"weights": result.spec.balance.method if result.spec.balance else None}


def _e_values(result: AnalysisResult, estimate: Estimate) -> dict[str, object]:
    """An estimate as a risk ratio, with E-values; of differences between the arms for everybody alone.

    Interactions, slopes and differences at one level are none; nor are differences of risk and of mean answers, whose
    ratios stand in rows of their own.
    """
    scale, about = result.scale_of(estimate), measured(estimate.measure)
    if not result.estimable or about.at == ONE_LEVEL:
        return {}
    # a ratio of ratios is none of risks; a difference between changes is one of means
    if about.of != MEAN if scale.natural else ":" in result.spec.effect:
        return {}
    ends = (estimate.estimate, estimate.ci_low, estimate.ci_high)
    rare = bool(result.checks.get("rare_event", False))
    found = e_values(scale.name, ends, result.standardised["sd"], rare=rare)
    if found is None:
        return {}
    return {
        "risk_ratio": found.ratio,
        "risk_ratio_ci_low": found.low,
        "risk_ratio_ci_high": found.high,
        "risk_ratio_by": found.by,
        "e_value": found.e_value,
        "e_value_limit": found.e_value_limit,
    }


def _row(
    result: AnalysisResult, estimate: Estimate, margins: tuple[float, float] | None, person: Noun
) -> dict[str, object]:
    says = study_words(person)
    row: dict[str, object] = {name: getattr(estimate, name) for name in (*OWN, *OF_MIDDLE)}
    row["contrast"] = str(estimate.contrast)
    row["warnings"] = "; ".join(map(says, estimate.warnings))
    sd = result.standardised["sd"]
    by = math.nan if sd is None else sd
    row |= {
        "family": None,
        "p_adjusted": math.nan,
        "adjustment": None,
        "standardised": estimate.estimate / by,
        "std_ci_low": estimate.ci_low / by,
        "std_ci_high": estimate.ci_high / by,
        "std_sd": by,
        "std_sd_source": result.standardised["sd_source"],
        "formula": result.spec.formula,
        "measure": estimate.measure,
        "num_df": math.nan if estimate.num_df is None else estimate.num_df,
        "estimand": estimand_of(result.spec, person=person).text() if estimate is result.estimate else None,
        "status": estimate.status,
        "reason": says(estimate.reason) or None,
        "scale": result.scale_of(estimate).name,
    }
    if estimate is result.estimate and result.estimable:
        row |= _missing_values(result, person)
        row |= _resampling(result) if result.resampling else {}
        row |= _weights(result) if result.spec.balance else {}
    if result.scale_of(estimate).is_ratio:
        row |= {column: result.scale_of(estimate).shown(getattr(estimate, name)) for column, name in _RATIOS.items()}
    row |= _e_values(result, estimate)
    if not result.estimable or not measured(estimate.measure).is_difference:
        return row
    low, high = margins or (None, None)
    found = equivalence_of(result, estimate, low, high)
    return row | {
        "equivalence_low": low,
        "equivalence_high": high,
        "tost_ci_low": found.ci_low,
        "tost_ci_high": found.ci_high,
        "tost_p": found.p_value,
        "smallest_margin": found.smallest_margin,
    }
