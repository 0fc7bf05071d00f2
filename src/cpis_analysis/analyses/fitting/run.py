"""One analysis of the plan: rows, estimator, and all that is shown of the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cpis_analysis.analyses import estimators
from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.analyses.fitted import Around
from cpis_analysis.analyses.fitting.rows_to_fit import rows_to_fit
from cpis_analysis.analyses.influence import left_out_one_by_one
from cpis_analysis.analyses.leaving.small_populations import without_small_populations
from cpis_analysis.analyses.leaving.small_risks import without_small_risks
from cpis_analysis.analyses.measure import measure_of
from cpis_analysis.analyses.missing_values.pooling import imputed_analysis
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import coefficient_parts, effect_contrast, kind_of
from cpis_analysis.analyses.rows.named_estimability import told_columns
from cpis_analysis.analyses.rows.validity import design_warnings
from cpis_analysis.analyses.several_arms import Estimator, every_arm
from cpis_analysis.analyses.standardise import standardised_difference
from cpis_analysis.analyses.unmeasured.e_values import RARE
from cpis_analysis.late import late_function
from cpis_analysis.methods import method_of
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData


def estimate_alone(spec: AnalysisSpec, data: AnalysisData) -> Estimate:
    """The estimate of an analysis by itself, without what `run_analysis` finds beside it; raises what that raises."""
    # tipping points and fits without one cluster after another take ten times as long as the estimate
    alone = replace(spec, tipping_point=False, leave_one_out=False)
    return run_analysis(alone, data, one_of_many=True).estimate


def run_analysis(
    spec: AnalysisSpec, data: AnalysisData, seed: int = 0, minimum_cell: int = 0, *, one_of_many: bool = False
) -> AnalysisResult:
    """Carry out one analysis.

    Parameters
    ----------
    spec : AnalysisSpec
    data : AnalysisData
    seed : int
        Master seed of the study; the simulated envelope of the residual plot and imputations use it.
    minimum_cell : int
        No part of the result tells of fewer people than this, with an event (`small_risks`) or an answer that makes
        the population (`small_populations`); 0 leaves everything.
    one_of_many : bool
        Leave out what stands beside the estimates: diagnostics and intervals of variances.

    Raises
    ------
    DataError, ModelError
        If the data lack what the analysis needs, the comparison can't be valid, or the fit can't be trusted.
    """
    balanced = None
    around = Around(
        generator(seed, "diagnostics", spec.name), minimum_cell, data.participants, seed=seed, one_of_many=one_of_many
    )
    if spec.imputation:
        rows, fitted = imputed_analysis(spec, data, seed, around, _estimator(spec))
        columns = told_columns(spec, rows)
    else:
        rows, balanced = rows_to_fit(spec, data, minimum_cell)
        columns = told_columns(spec, rows)
        fitted = _estimator(spec)(spec, rows, around)
    influence = left_out_one_by_one(spec, rows, around, _one_arm(spec)) if spec.leave_one_out else []
    of_weights = balanced.warnings if balanced else ()
    warnings = tuple(dict.fromkeys((*design_warnings(spec, rows), *columns.messages, *of_weights, *fitted.warnings)))
    clusters, contrast = rows.clusters(spec), fitted.contrast
    compared = effect_contrast(spec, rows, columns.design, columns.term)
    estimate = Estimate.of(
        spec,
        compared,
        **_taken(contrast, _CONTRAST),
        **_taken(fitted.icc, ("icc_trust", "icc_team", "icc_middle")),
        **_taken(fitted, ("singular", "reml_loglik")),
        df_method=contrast.df_method or spec.df_method,
        n_obs=len(rows.frame),
        n_participants=int(rows.frame[spec.participant].nunique()),
        n_teams=clusters[-1] if spec.team else None,
        n_trusts=clusters[0] if clusters else None,
        n_middles=clusters[1] if len(clusters) > 2 else None,
        converged=True,
        warnings=warnings,
        measure=measure_of(spec, kind_of(compared)).name,
    )
    others = tuple(
        replace(
            estimate,
            contrast=one.of or replace(compared, beside=one.beside),
            measure=measure_of(spec, one.kind).name if one.of else estimate.measure,
            num_df=one.num_df,
            df_method=one.df_method or spec.df_method,
            scale=one.scale,
            **_taken(one, _CONTRAST),
        )
        for one in fitted.contrasts
        if one.of != compared
    )
    result = AnalysisResult(
        spec=spec,
        estimate=estimate,
        standardised=standardised_difference(
            spec, data.participants, contrast.estimate, contrast.ci_low, contrast.ci_high
        ),
        **_taken(fitted, _AS_FITTED),
        groups=rows.by_arm(spec),
        messages=tuple(dict.fromkeys((*rows.messages, *warnings, *fitted.messages))),
        contrasts=others,
        dropped_columns=columns.dropped,
        parts=coefficient_parts(columns.design),
        optimal={
            str(one.of or compared): one.optimal
            for one in (contrast, *fitted.contrasts)
            if one.optimal and one.of != compared
        },
        checks=fitted.checks | _rare_event(spec, rows),
        influence=influence,
        balance=balanced.account if balanced else {},
    )
    result = without_small_risks(result, rows.frame, rows.formula.response.variable, minimum_cell)
    return without_small_populations(result, rows, data, minimum_cell)


_CONTRAST = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high")
_AS_FITTED = (
    *("coefficients", "variance_components", "adjusted_means", "diagnostics"),
    *("missing_shift", "imputation", "shifted", "resampling"),
)
"""Fields of a result that are those of the fit."""


def _taken(one: object, names: Iterable[str]) -> dict[str, Any]:
    """Fields of a record, for another that has them too."""
    return {name: getattr(one, name) for name in names}


def _rare_event(spec: AnalysisSpec, rows: AnalysisRows) -> dict[str, bool]:
    """Whether few enough have an event for a ratio of odds or hazards to be one of risks."""
    if spec.outcome_type not in ("binary", "time_to_event") or scale_of(spec).natural:
        return {}
    return {"rare_event": True} if rows.frame[rows.formula.response.variable].mean() < RARE else {}


def _estimator(spec: AnalysisSpec) -> Estimator:
    """What fits an analysis, with each of several arms."""
    return every_arm(_one_arm(spec))


def _one_arm(spec: AnalysisSpec) -> Estimator:
    """What compares one arm, loaded when it is first needed; whatever runs analyses depends on the whole folder."""
    fit: Estimator = late_function(method_of(spec).fit, estimators.__name__)
    return fit
