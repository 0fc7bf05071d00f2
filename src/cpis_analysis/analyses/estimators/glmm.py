"""Generalised linear mixed models: ratios on the scale of the link, risks and means of the people beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted, contrast_test
from cpis_analysis.analyses.means import coefficient_records
from cpis_analysis.analyses.model_contrasts import Inference, joint_over_arms, reported_contrasts
from cpis_analysis.analyses.moderator_clusters import moderator_warnings
from cpis_analysis.analyses.proportional_odds import cuts_of
from cpis_analysis.analyses.ratios.latent_icc import latent_correlations
from cpis_analysis.analyses.ratios.ratio_contrasts import inference_of, told_moderators
from cpis_analysis.analyses.residuals.of_generalised import (
    diagnostics_of_likelihood,
    diagnostics_of_pseudo_likelihood,
)
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import crowded_clusters, level_of_grouping, units_of
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.analyses.rows.fit_warnings import OutcomeWarning
from cpis_analysis.analyses.rows.named_estimability import told_columns, told_records
from cpis_analysis.analyses.rows.separation import refuse_one_sided, separation_problem
from cpis_analysis.analyses.several_arms import wald_of_arms
from cpis_analysis.errors import EventsError, ModelError, Problem
from cpis_analysis.lmm import glmer, pseudo_likelihood, standardised
from cpis_analysis.lmm.designs.between_within import between_within_df
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.methods import degrees_of
from cpis_analysis.methods.degrees import NORMAL
from cpis_analysis.plan.contrast import STANDARDISED, STANDARDISED_RATIO, arms_compared
from cpis_analysis.plan.specification import AnalysisSpec

TRIALS, OFFSET = "(largest sum)", "(log exposure)"
"""Columns that the fit needs beside those of the formula; no variable of a study has such a name."""

PENALISED = (
    "{}: the ratio is from a fit with Jeffreys' penalty (Firth), which keeps it finite, and is drawn towards one."
)


def fit_generalised_model(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Fit the formula and report the arm's coefficient, a logarithm of a ratio.

    1. Maximum likelihood (Laplace, or adaptive quadrature), or restricted pseudo-likelihood where the degrees of
       freedom ask for it.
    2. Degrees of freedom: clusters (or people) less parameters at the level at which the arm varies, or the normal
       distribution; by pseudo-likelihood also Kenward-Roger.
    3. Beside the ratio, for binary outcomes, bounded sums and counts by maximum likelihood: what the people analysed
       would have with everybody in either arm, averaged over them and over the distribution of the random effects,
       with the difference and the ratio of the two. Same degrees of freedom.
    4. Ordered outcomes: the odds ratio at each cut beside the common one (`proportional_odds`).

    Raises
    ------
    ModelError
        No event, or nothing else, in an arm; separation, with the term and level that separates; from the engine.

    Notes
    -----
    Why not at random effects of zero: that is the risk in one cluster in the middle, not the risk of the people
    (Zeger, Liang & Albert 1988, Biometrics 44:1049). Latent-scale intraclass correlations of logit models:
    s2 / (s2 + pi^2 / 3) (Eldridge, Ukoumunne & Carlin 2009, Int Stat Rev 77:378).
    """
    endless = _endless(spec, rows, around)
    if endless and spec.separation == "refuse":
        kind = EventsError if spec.outcome_type == "binary" else ModelError
        raise kind(f"The analysis {spec.name} has no result.", endless)
    frame, settings = prepared(spec, rows)
    degrees = degrees_of(spec)
    if degrees.by_pseudo_likelihood:
        return _pseudo(spec, rows, frame, settings, around)
    fit = glmer(rows.formula, frame, quadrature=spec.quadrature, separation=spec.separation, **settings)
    names = list(fit.terms)
    term = effect_term(spec, rows.other_arm, fit.design, names)
    df = np.full(len(names), math.inf) if degrees is NORMAL else counted_degrees(fit, names)
    errors = np.sqrt(np.diag(fit.vcov.to_numpy()))
    table = inference_frame(names, fit.coefficients.to_numpy(), errors, df, spec.level, "term")
    freedom = float(df[names.index(term)])
    beside, means = _beside(spec, rows, fit, freedom)
    asked, few = told_moderators(spec, rows, around.minimum_cell)
    moderated = reported_contrasts(asked, rows, told_columns(spec, rows), inference_of(spec, fit, freedom))
    places = [names.index(effect_term(spec, arm, fit.design, names)) for arm in rows.other_arms]
    together = wald_of_arms(
        spec,
        rows,
        fit.coefficients.to_numpy()[places],
        fit.vcov.to_numpy()[np.ix_(places, places)],
        float(df[places].min()),
    )
    levels = [level_of_grouping(spec, rows.frame, part.variables) for part in fit.design.random]
    shown = fit.labels and not around.one_of_many
    checks = {"proportional_odds": cuts_of(spec, rows, frame, around.minimum_cell)} if shown else {}
    return Fitted(
        contrast=contrast_test(table.loc[term]),
        coefficients=[*told_records(coefficient_records(table), *_columns(spec, rows)), *_thresholds(fit)],
        adjusted_means=means,
        variance_components=_components(fit, levels),
        icc=latent_correlations(fit, levels),
        singular=bool(fit.is_singular),
        diagnostics=diagnostics_of_likelihood(spec, rows, around, fit),
        contrasts=(*beside, *moderated, *together),
        warnings=(
            *moderator_warnings(asked, rows),
            *([PENALISED.format(endless.message[0].upper() + endless.message[1:])] if endless else []),
            *_zero_variances(spec, fit),
            *crowded_clusters(spec, rows, fit.design),
        ),
        messages=(f"Log-likelihood: {fit.log_likelihood:.2f}.", *few),
        checks={name: one for name, one in checks.items() if one},
    )


def _endless(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Problem | None:
    """What has no finite ratio: nobody or everybody of an arm at an end, or terms that tell the event."""
    design = told_columns(spec, rows).design
    codes = (spec.reference, *rows.other_arms)
    arms = [(arm, design.y[(rows.frame[spec.arm] == arm).to_numpy()]) for arm in codes]
    if spec.outcome_type == "binary":
        try:
            refuse_one_sided(spec.name, arms)
        except ModelError as error:
            return error.problems[0]
        return separation_problem(rows.frame, design, around.minimum_cell, around.everybody)
    ends = {0.0 if spec.outcome_type == "count" else spec.low: "lowest", spec.high: "highest"}
    for arm, values in arms:
        if len(set(values)) == 1 and float(values[0]) in ends:
            end = ends[float(values[0])]
            return Problem(
                f"everybody in the arm '{arm}' has the {end} possible value, so the ratio has no finite estimate",
                hint="compare means: estimator by_design or ols_cr2",
            )
    zero, one = (values for arm, values in arms if arm in (spec.reference, rows.other_arm))
    if spec.outcome_type == "ordinal" and (zero.max() <= one.min() or one.max() <= zero.min()):
        return Problem(
            "no answer of one arm lies above any of the other, so the odds ratio has no finite estimate",
            hint="compare mean scores: estimator by_design or ols_cr2",
        )
    return None


def prepared(spec: AnalysisSpec, rows: AnalysisRows) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows as the engine takes them, and what it is told of their outcome."""
    frame, response = rows.frame, rows.formula.response.variable
    settings: dict[str, Any] = {"family": spec.family, "reference": references(spec, rows)}
    if spec.low is not None and spec.high is not None and spec.outcome_type == "bounded_count":
        sums = frame[response] - spec.low
        frame = frame.assign(**{response: sums, TRIALS: spec.high - spec.low})
        settings["trials"] = TRIALS
    if spec.outcome_type == "ordinal":
        frame = frame.assign(**{response: frame[response].astype(int)})
    if spec.exposure:
        frame = frame.assign(**{OFFSET: np.log(frame[spec.exposure].astype(float))})
        settings["offset"] = OFFSET
    return frame, settings


def counted_degrees(fit: GeneralisedMixedFit, names: Sequence[str]) -> np.ndarray:
    """Degrees of freedom of each coefficient; thresholds stand for the intercept, which the design has."""
    design = fit.design
    dropped = set(fit.dropped_columns)
    kept = [j for j, name in enumerate(design.term_names) if name not in dropped]
    found = dict(zip([design.term_names[j] for j in kept], between_within_df(design.X[:, kept], design.random),
                     strict=True))  # fmt: skip
    return np.maximum(np.array([found[name] for name in names]), 1.0)


def _pseudo(
    spec: AnalysisSpec, rows: AnalysisRows, frame: pd.DataFrame, settings: dict[str, Any], around: Around
) -> Fitted:
    """The same by restricted pseudo-likelihood: the last linear model has all that a linear model can be asked."""
    fit = pseudo_likelihood(rows.formula, frame, **settings)
    method = "kenward-roger" if degrees_of(spec).estimated else "between-within"
    table = fit.summary(method, level=spec.level, boundary="keep")
    term = effect_term(spec, rows.other_arm, fit.design, list(table.index))
    inference = Inference(
        one=lambda row: fit.contrast(row, method, level=spec.level, boundary="keep"),
        joint=lambda table: fit.joint_test(table, method, boundary="keep"),
    )
    asked, few = told_moderators(spec, rows, around.minimum_cell)
    moderated = reported_contrasts(asked, rows, fit, inference)
    together, no_joint = joint_over_arms(spec, rows, fit, inference)
    levels = [level_of_grouping(spec, rows.frame, part.variables) for part in fit.design.random]
    of = {part.group: level for part, level in zip(fit.design.random, levels, strict=True)}
    components = [
        {**row, "level": of[row["group"]]} for row in fit.variance_components.to_dict("records") if row["group"] in of
    ]
    zero = [row["group"] for row in components if row["variance"] == 0.0]
    return Fitted(
        contrast=contrast_test(table.loc[term]),
        coefficients=told_records(coefficient_records(table), fit.design, fit.basis),
        adjusted_means=[],
        variance_components=components,
        singular=bool(fit.is_singular),
        diagnostics=diagnostics_of_pseudo_likelihood(spec, rows, around, fit, frame, settings),
        contrasts=(*moderated, *together),
        messages=(*no_joint, *few),
        warnings=(
            *moderator_warnings(asked, rows),
            *(_said_zero(spec, group) for group in zero),
            *crowded_clusters(spec, rows, fit.design),
        ),
    )


def _columns(spec: AnalysisSpec, rows: AnalysisRows) -> tuple[Any, Any]:
    columns = told_columns(spec, rows)
    return columns.design, columns.basis


def _beside(
    spec: AnalysisSpec, rows: AnalysisRows, fit: GeneralisedMixedFit, df: float
) -> tuple[tuple[ContrastTest, ...], list[dict[str, Any]]]:
    """Difference and ratio of standardised risks or means, and these themselves, in points of the outcome."""
    if fit.labels:
        return (), []
    arms = (spec.reference, rows.other_arm)
    found = standardised(fit, spec.arm, values=arms, df=df, level=spec.level)
    points = 1.0 if spec.outcome_type != "bounded_count" else float(spec.high or 0) - float(spec.low or 0)
    lowest = float(spec.low or 0) if spec.outcome_type == "bounded_count" else 0.0
    means = [
        {"arm": arm, "wave": None, "df": df}
        | {name: lowest + points * float(row[name]) for name in ("estimate", "ci_low", "ci_high")}
        | {"std_error": points * float(row["std_error"])}
        for arm, (_, row) in zip(arms, found.means.iterrows(), strict=True)
    ]
    compared = arms_compared(spec, rows.other_arm)
    tests = []
    for measure, kind in (("difference", STANDARDISED), ("ratio", STANDARDISED_RATIO)):
        row = found.comparisons.xs(measure, level="measure").iloc[0]
        values = {name: float(row[name]) for name in ("estimate", "ci_low", "ci_high")}
        values = {
            name: math.log(value) if kind == STANDARDISED_RATIO else points * value for name, value in values.items()
        }
        error = float(row["std_error"]) * (1.0 if kind == STANDARDISED_RATIO else points)
        # the mean of a sum that does not begin at zero has no ratio
        if kind == STANDARDISED and spec.outcome_type == "count" and spec.exposure:
            continue
        if kind == STANDARDISED_RATIO and spec.outcome_type != "binary":
            continue
        natural = "risk" if spec.outcome_type == "binary" else "points"
        tests.append(
            ContrastTest(
                values["estimate"],
                error,
                df,
                float(row["statistic"]),
                float(row["p_value"]),
                values["ci_low"],
                values["ci_high"],
                of=replace(compared, kind=kind),
                kind=kind,
                scale="risk_ratio" if kind == STANDARDISED_RATIO else natural,
            )
        )
    return tuple(tests), means


def _components(fit: GeneralisedMixedFit, levels: Sequence[str | None]) -> list[dict[str, Any]]:
    """Variances of the random effects; there is no residual variance."""
    of = {part.group: level for part, level in zip(fit.design.random, levels, strict=True)}
    table = fit.variance_components
    return [
        {"group": row["group"], "name": row["effect"], "variance": float(row["variance"]),
         "std_dev": math.sqrt(float(row["variance"])), "level": of.get(row["group"])}
        for row in table[table["with"] == ""].to_dict("records")
    ]  # fmt: skip


def _thresholds(fit: GeneralisedMixedFit) -> list[dict[str, Any]]:
    """Cut points of ordered answers; nothing is tested of them."""
    if not fit.labels:
        return []
    table = fit.summary().iloc[len(fit.terms) :]
    empty = dict.fromkeys(("df", "statistic", "p_value", "ci_low", "ci_high"), math.nan)
    return [
        {"term": f"threshold {name}", "estimate": float(row["estimate"]), "std_error": float(row["std_error"])} | empty
        for name, row in table.iterrows()
    ]


def _zero_variances(spec: AnalysisSpec, fit: GeneralisedMixedFit) -> list[str]:
    return [_said_zero(spec, row["group"]) for row in _components(fit, [None] * len(fit.design.random))
            if row["std_dev"] < 1e-4]  # fmt: skip


def _said_zero(spec: AnalysisSpec, group: str) -> str:
    return OutcomeWarning(f"The variance between {units_of(spec, group)} was estimated as zero.")
