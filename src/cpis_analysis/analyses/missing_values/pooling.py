"""An analysis over completed data sets: as many as its Monte Carlo error needs, put together by Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted
from cpis_analysis.analyses.icc import Correlations
from cpis_analysis.analyses.missing_values.completing import (
    BLOCK,
    Completion,
    completed_rows,
    completion_of,
    imputed_block,
    with_scores_of_any_answer,
)
from cpis_analysis.analyses.missing_values.observed import df_of_contrast, df_of_record, observed_fit
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.several_arms import without_joint
from cpis_analysis.imputation.chained import Imputed
from cpis_analysis.imputation.convergence import LIMIT
from cpis_analysis.imputation.rubin import Pooled, pool
from cpis_analysis.plan.specification import AnalysisSpec, ImputationSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE

Estimator = Callable[[AnalysisSpec, AnalysisRows, Around], Fitted]
_INFERENCE = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high")


def imputed_analysis(
    spec: AnalysisSpec, data: AnalysisData, seed: int, around: Around, estimator: Estimator
) -> tuple[AnalysisRows, Fitted]:
    """Complete the data, analyse every completed data set, and pool.

    Imputations are added in blocks of 50 until the Monte Carlo standard error of the effect's p-value is at most
    what the plan allows, but no fewer and no more than it says.

    Parameters
    ----------
    spec : AnalysisSpec
    data : AnalysisData
    seed : int
        Master seed of the study.
    around : Around
    estimator : callable
        What fits the analysis.

    Returns
    -------
    AnalysisRows
        Of the first completed data set: who is analysed, in which clusters.
    Fitted
        Pooled.
    """
    asked = spec.imputation or ImputationSpec()
    completion = completion_of(spec, data)
    quiet = replace(around, one_of_many=True)
    observed = None
    if asked.degrees_of_freedom != "barnard_rubin":
        observed = observed_fit(spec, with_scores_of_any_answer(data, completion), quiet, estimator)
    first: AnalysisRows | None = None
    fits: list[Fitted] = []
    imputed: Imputed | None = None
    effect: Pooled | None = None
    while len(fits) < asked.fewest or (
        len(fits) < asked.most and effect is not None and effect.p_value_error > asked.p_value_error
    ):
        chains = max(min(BLOCK, (asked.fewest if len(fits) < asked.fewest else asked.most) - len(fits)), 2)
        block = imputed_block(completion, spec, seed, len(fits) // BLOCK, chains)
        for rows in completed_rows(completion, block, first):
            first = first or rows
            fits.append(estimator(completion.spec, rows, quiet))
        imputed = block if imputed is None else imputed.joined(block)
        effect = _pooled([fit.contrast for fit in fits], spec.level, df_of_contrast(observed, fits[0].contrast, None))
    if first is None or imputed is None or effect is None:
        raise RuntimeError("a plan asks for ten imputations at least")
    left = {"observed_df": None if observed is None else observed.contrast.df}
    account = _account(spec, completion, imputed, effect, around.minimum_cell) | left
    told = pooled_fits(fits, spec.level, observed)
    no_joint = without_joint(first, "the completed data sets' F tests are not pooled")
    messages = (_how(effect, asked, observed), *told.messages, *no_joint)
    fitted = replace(
        told, warnings=(*told.warnings, *_doubts(imputed, effect, asked)), messages=messages, imputation=account
    )
    told_of = (_who(completion, imputed), *_filled_in(account))
    return replace(first, messages=told_of, n_people=completion.n_people), fitted


def pooled_fits(fits: Sequence[Fitted], level: float, observed: Fitted | None = None) -> Fitted:
    """Fits of completed data sets as one.

    Degrees of freedom are at most those of `observed`, the fit of those whose values are all known; without it they are
    Barnard and Rubin's.

    Effect, further contrasts, coefficients and adjusted means by Rubin's rules; those that not every completed data
    set has are left out. Variances and intraclass correlations are means. There is no likelihood and no diagnostics of
    one fit.
    """
    first = fits[0]
    contrasts = []
    for position, one in enumerate(first.contrasts):
        same = [fit.contrasts[position] for fit in fits if len(fit.contrasts) == len(first.contrasts)]
        alike = all((other.of, other.scale) == (one.of, one.scale) for other in same)
        if len(same) == len(fits) and alike and one.num_df is None and _finite(same):
            contrasts.append(_test_of(one, _pooled(same, level, df_of_contrast(observed, one, position))))
    singular = [bool(fit.singular) for fit in fits if fit.singular is not None]
    warnings = [line for line in first.warnings if all(line in fit.warnings for fit in fits)]
    if any(singular):
        warnings.append(
            f"In {sum(singular)} of {len(fits)} completed data sets a variance between clusters was estimated as zero."
        )
    return Fitted(
        contrast=_test_of(
            first.contrast,
            _pooled([fit.contrast for fit in fits], level, df_of_contrast(observed, first.contrast, None)),
        ),
        coefficients=_records(
            [fit.coefficients for fit in fits], ("term",), level, observed.coefficients if observed else ()
        ),
        adjusted_means=_records(
            [fit.adjusted_means for fit in fits], ("arm", "wave"), level, observed.adjusted_means if observed else ()
        ),
        variance_components=list(_variances([fit.variance_components for fit in fits])),
        icc=Correlations(
            **{one.name: _mean([getattr(fit.icc, one.name) for fit in fits]) for one in fields(Correlations)}
        ),
        singular=all(singular) if singular else None,
        contrasts=tuple(contrasts),
        warnings=tuple(warnings),
        messages=tuple(line for line in first.messages if all(line in fit.messages for fit in fits)),
    )


def _pooled(tests: Sequence[ContrastTest], level: float, observed_df: float) -> Pooled:
    q, se, df = (np.array([getattr(one, name) for one in tests]) for name in ("estimate", "se", "df"))
    return pool(q, se, df, level, observed_df)


def _finite(tests: Sequence[ContrastTest]) -> bool:
    return bool(np.isfinite([(one.estimate, one.se) for one in tests]).all())


def _test_of(one: ContrastTest, found: Pooled) -> ContrastTest:
    return replace(one, **{name: getattr(found, name) for name in _INFERENCE}, optimal={})


def _records(
    tables: Sequence[list[dict[str, Any]]], keys: tuple[str, ...], level: float, observed: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of the completed data sets' tables with the same keys, pooled; `observed` is that of those observed."""
    found = []
    for row in tables[0]:
        key = [row[name] for name in keys]
        same = [other for table in tables for other in table if [other[name] for name in keys] == key]
        q, se, df = (np.array([float(other[name]) for other in same]) for name in ("estimate", "std_error", "df"))
        if len(same) != len(tables) or np.isnan([q, se, df]).any():
            continue
        one = pool(q, se, df, level, df_of_record(observed, keys, row))
        named = {"std_error": one.se} | {name: getattr(one, name) for name in _INFERENCE if name != "se"}
        found.append({name: named.get(name, value) for name, value in row.items()})
    return found


def _variances(tables: Sequence[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for position, row in enumerate(tables[0]):
        mean = float(np.mean([table[position]["variance"] for table in tables]))
        covariance = math.isnan(row["std_dev"]) if row["std_dev"] is not None else True
        yield row | {"variance": mean} | ({} if covariance else {"std_dev": math.sqrt(max(mean, 0.0))})


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def _account(
    spec: AnalysisSpec, completion: Completion, imputed: Imputed, effect: Pooled, minimum: int
) -> dict[str, Any]:
    """What is told of the imputation: `AnalysisResult.imputation`."""
    frame = completion.frame
    return {
        "m": effect.m,
        "n_people": len(frame),
        "n_completed": int(completion.incomplete.sum()),
        "n_without_outcome": int(completion.without_score.sum()),
        "n_left_out": completion.n_people - len(frame),
        "missing_information": effect.missing_information,
        "complete_df": effect.complete_df,
        "within": effect.within,
        "between": effect.between,
        "mc_error": effect.estimate_error,
        "mc_error_p": effect.p_value_error,
        "by_arm": bool(spec.imputation and spec.imputation.by_arm),
        "variables": [
            {"variable": one.variable, "n_missing": one.n_missing, "scale_reduction": one.worst}
            for one in imputed.convergence
        ],
    } | ({"items": _items(completion, imputed, minimum), "smallest": minimum} if completion.scores else {})


def _items(completion: Completion, imputed: Imputed, minimum: int) -> list[dict[str, Any]]:
    """By score of which items are imputed, how many people answered a part and how many answers they lack."""
    filled = {one.rule.score: one for one in imputed.scored}
    rows = []
    for rule in completion.scores:
        one = filled.get(rule.score)
        people, answers = (int(one.partly.sum()), int(one.cells.sum())) if one else (0, 0)
        few = 0 < people < minimum
        rows.append(
            {"variable": rule.score, "n_people": None if few else people, "n_answers": None if few else answers}
        )
    return rows


def _who(completion: Completion, imputed: Imputed) -> str:
    n = len(completion.frame)
    lacking = ", ".join(f"{one.variable} {one.n_missing}" for one in imputed.convergence)
    text = (
        f"{n} of {completion.n_people} {PEOPLE} of the population were analysed. Imputed values: {lacking or 'none'}."
    )
    left = [
        f"{count} {why}"
        for count, why in (
            (completion.nothing_known, "of whom nothing but arm and clusters is known"),
            (completion.without_outcome, "without the outcome"),
        )
        if count
    ]
    return text + (f" Left out: {', '.join(left)}." if left else "")


def _filled_in(account: dict[str, Any]) -> list[str]:
    """What is said of imputed items."""
    parts = []
    for one in account.get("items", ()):
        if one["n_people"] is None:
            parts.append(f"{one['variable']} of fewer than {account['smallest']} {PEOPLE}")
        elif one["n_people"]:
            parts.append(f"{one['variable']} {one['n_answers']} of {one['n_people']} {PEOPLE}")
    if not account.get("items"):
        return []
    return [f"Answers to single items that were filled in, and made the score: {'; '.join(parts) or 'none'}."]


def _how(effect: Pooled, asked: ImputationSpec, observed: Fitted | None) -> str:
    if observed is None:
        freedom = "with Barnard and Rubin's degrees of freedom, which start from those of the completed data sets."
    else:
        freedom = f"with degrees of freedom of at most those of the same analysis of {PEOPLE} with complete values."
    apart = ", each arm imputed apart" if asked.by_arm else ""
    return f"{effect.m} completed data sets{apart}, pooled by Rubin's rules {freedom}"


def _doubts(imputed: Imputed, effect: Pooled, asked: ImputationSpec) -> Iterator[str]:
    apart = [one.variable for one in imputed.convergence if one.worst > LIMIT]
    if apart:
        yield f"The chains of the imputation do not agree well for {', '.join(apart)}."
    if effect.p_value_error > asked.p_value_error:
        yield f"After {effect.m} imputations the p-value still varies with the draws more than the plan allows."
