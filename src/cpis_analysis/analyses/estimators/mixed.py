"""REML linear mixed models with small-sample inference."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cpis_analysis.analyses.diagnostics import fit_diagnostics
from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted
from cpis_analysis.analyses.icc import intraclass_correlations, shares_of_variance
from cpis_analysis.analyses.means import adjusted_means, coefficient_records
from cpis_analysis.analyses.missing_shift import missing_shift
from cpis_analysis.analyses.missing_values.imputed_shift import imputed_shifts
from cpis_analysis.analyses.model_contrasts import Inference, joint_over_arms, reported_contrasts
from cpis_analysis.analyses.moderator_clusters import moderator_warnings
from cpis_analysis.analyses.optimal import OptimalInference, contrast_test
from cpis_analysis.analyses.parametric_bootstrap import BootstrapInference
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import crowded_clusters, level_of_grouping, units_of
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.analyses.rows.fit_warnings import OutcomeWarning
from cpis_analysis.analyses.rows.named_estimability import told_records
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm import LinearMixedFit, lmer
from cpis_analysis.lmm.fits.model import fit_design
from cpis_analysis.lmm.fits.status import zero_variance
from cpis_analysis.methods import degrees_of
from cpis_analysis.methods.degrees import KENWARD_ROGER, SATTERTHWAITE
from cpis_analysis.plan.contrast import BESIDE, held_variables, moderators_of
from cpis_analysis.plan.specification import AnalysisSpec


def fit_mixed_model(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Fit the formula by REML and report the arm's coefficient.

    A variance at zero is a result: the model stays as planned, and the sentence that says so is a warning.

    Raises
    ------
    ModelError
        From the engine (design, convergence), or if the effect is not a coefficient of the model.
    """
    known = rows.told.get(spec)
    if known is None or not rows.formula.random_terms:
        fit = lmer(rows.formula, rows.frame, reml=True, reference=references(spec, rows))
    else:
        fit = fit_design(known.design, reml=True, bounded=True, basis=known.basis)
    return reported_fit(spec, rows, around, fit)


def reported_fit(spec: AnalysisSpec, rows: AnalysisRows, around: Around, fit: LinearMixedFit) -> Fitted:
    """What an analysis reports of the fit of its formula.

    Raises
    ------
    ModelError
        If the fit did not converge, or the effect is not a coefficient of the model.
    """
    if not fit.converged:
        raise ModelError(
            f"The analysis {spec.name} has no result.",
            Problem(
                "the search for the variances did not converge",
                value=spec.formula,
                hint="leave a random term or a covariate out",
            ),
        )
    optimal = OptimalInference(spec, fit) if spec.optimal else None
    # coefficients, means and joint tests have no nearly optimal test: it is one of a single contrast
    degrees = degrees_of(spec)
    method = degrees.beside or degrees.name
    table = fit.summary(method, level=spec.level, boundary=spec.boundary)
    term = effect_term(spec, rows.other_arm, fit.design, list(table.index))
    if optimal:
        optimal.check(term)
    plain = Inference(
        one=lambda row: fit.contrast(row, method, level=spec.level, boundary=spec.boundary),
        joint=lambda table: fit.joint_test(table, method, boundary=spec.boundary),
        joint_method="" if method == spec.df_method else method,
    )
    tested, effect = plain, contrast_test(table.loc[term])
    beside: list[ContrastTest] = []
    resampling: dict[str, Any] = {}
    interaction = bool(moderators_of(spec))
    # a forecast counts degrees of freedom instead
    if degrees.beside:
        beside = [replace(effect, beside=BESIDE, df_method=method)]
    if degrees.resampled:
        bootstrap = BootstrapInference(spec, fit, around.seed)
        tested = replace(plain, one=bootstrap.row)
        effect, resampling = bootstrap.effect(term)
    elif optimal and degrees.of_contrast:
        tested = replace(plain, one=optimal.row, between=optimal.between)
        held = held_variables(spec, rows.formula)
        effect = optimal.effect(term, difference=not interaction and not held)
    together, no_joint = joint_over_arms(spec, rows, fit, plain)
    contrasts = (*beside, *reported_contrasts(spec, rows, fit, tested), *together)
    levels = [level_of_grouping(spec, rows.frame, part.variables) for part in fit.design.random]
    # not where degrees of freedom are only counted, as a forecast does, nor for each of many completed data sets
    wanted = (degrees.estimated or degrees.beside) and not around.one_of_many
    shares = shares_of_variance(fit, rows.formula, rows.frame, spec.level, levels) if wanted else {}
    means, no_means = adjusted_means(spec, fit, plain.one)
    zero, policy = _boundary(spec, fit)
    outside = optimal.warnings([units_of(spec, group) for group in optimal.outside]) if optimal else ()
    correlations = list(_residual_correlations(fit))
    said = [zero_variance(group, name) for group, name in _zeros(fit)]
    others = [line for line in fit.messages if line not in said]
    return Fitted(
        contrast=effect,
        coefficients=told_records(coefficient_records(table), fit.design, fit.basis),
        adjusted_means=means,
        variance_components=_components(fit, levels, shares),
        icc=intraclass_correlations(fit, levels),
        singular=bool(fit.is_singular),
        reml_loglik=float(fit.log_likelihood),
        diagnostics={} if around.one_of_many else fit_diagnostics(fit, spec.participant, around.random),
        contrasts=contrasts,
        warnings=(
            *outside,
            *zero,
            *map(_sentence, others),
            *crowded_clusters(spec, rows, fit.design),
            *moderator_warnings(spec, rows),
        ),
        messages=(*policy, *no_means, *no_joint),
        checks={"residual_correlations": correlations} if correlations else {},
        missing_shift=missing_shift(spec, rows, fit, term) if spec.tipping_point else None,
        shifted=imputed_shifts(spec, rows, fit, term, effect.df, around) if spec.tipping_point else {},
        resampling=resampling,
    )


def _components(
    fit: LinearMixedFit, levels: Sequence[str | None], shares: Mapping[str, Mapping[str, float | None]]
) -> list[dict[str, Any]]:
    """Variances and covariances, each with the level of the design that its groups are, and shares."""
    of = {part.group: level for part, level in zip(fit.design.random, levels, strict=True)}
    random = [
        {**_variance(group, name, value), "level": of[group], **shares.get(group, {})}
        for group, name, value in fit.variances.of_effects
    ]
    # with the arm and the wave that a residual variance is of, where these have their own
    own = fit.design.residual is not None
    residual = [
        {**_variance("Residual", "", value), "level": None, **({"arm": arm, "wave": wave} if own else {})}
        for arm, wave, value in fit.variances.residual_places()
    ]
    return [*random, *residual]


def _variance(group: str, name: str, value: float) -> dict[str, Any]:
    return {"group": group, "name": name, "variance": value, "std_dev": math.copysign(math.sqrt(abs(value)), value)}


def _residual_correlations(fit: LinearMixedFit) -> Iterator[dict[str, Any]]:
    """Correlations of a person's residuals at every two waves, in each arm where these have their own."""
    part = fit.design.residual
    if part is None:
        return
    for arm, S in zip(part.group_labels, fit.residual_matrices, strict=True):
        sd = np.sqrt(np.diag(S))
        for (a, first), (b, second) in itertools.combinations(enumerate(part.occasion_labels), 2):
            correlation = float(S[a, b] / (sd[a] * sd[b]))
            yield {"arm": arm, "first": first, "second": second, "correlation": correlation}


def _boundary(spec: AnalysisSpec, fit: LinearMixedFit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was estimated as zero, and what the df method makes of it."""
    warnings: list[str] = []
    for group, name in _zeros(fit):
        of = "" if name == "(Intercept)" else f" of {name}"
        zero = f"The variance{of} between {units_of(spec, group)} was estimated as zero."
        warnings.append(OutcomeWarning(zero))
    if not fit.is_singular:
        return (), ()
    degrees = degrees_of(spec)
    if degrees is SATTERTHWAITE:
        warnings.append("Satterthwaite's degrees of freedom take a variance at zero for known, so they are too many.")
    elif KENWARD_ROGER.name in (degrees.name, degrees.beside) and spec.boundary == "drop":
        warnings.append("Kenward-Roger was computed without the variance at zero (policy drop), as if it were known.")
    elif KENWARD_ROGER.name in (degrees.name, degrees.beside):
        return tuple(warnings), (
            "Kenward-Roger kept what was estimated as zero among the estimated variances (policy keep, as pbkrtest "
            "does): standard error and degrees of freedom still allow for not knowing it.",
        )
    return tuple(warnings), ()


def _zeros(fit: LinearMixedFit) -> list[tuple[str, str]]:
    """Group and name of each variance that was estimated as zero."""
    return [(group, name) for group, name, value in fit.variances.of_effects if value == 0.0]


def _sentence(line: str) -> str:
    return line[0].upper() + line[1:] + ("" if line.endswith(".") else ".")
