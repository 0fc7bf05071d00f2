"""Generalised estimating equations for events and counts, with inference for few clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimators.gee_equations import Equations, estimating_equations
from cpis_analysis.analyses.fitted import Around, Fitted, contrast_test
from cpis_analysis.analyses.means import MEAN_COLUMNS, coefficient_records
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import (
    COUNTS_OF_FEW,
    FEW_DF,
    cluster_numbers,
    crowded_clusters,
    has_single_people,
    number_of_clusters,
)
from cpis_analysis.analyses.rows.fit_warnings import OutcomeWarning
from cpis_analysis.analyses.rows.named_estimability import Columns, told_columns, told_records
from cpis_analysis.analyses.rows.separation import refuse_one_sided, separation_problem
from cpis_analysis.analyses.several_arms import rows_of_arms, wald_of_arms
from cpis_analysis.errors import EventsError, ModelError, Problem
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.methods import degrees_of
from cpis_analysis.methods.degrees import CLUSTERS_LESS_ARMS
from cpis_analysis.methods.gee import BY_ARM, UNBIASED, by_arm
from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

SEPARATED = 1e-6
"""Distance of a fitted risk from 0 or 1 at which a logistic model is called separated."""

NEAR_BOUND = 0.1
"""Variance of cluster means, as a share of what independence would give, below which the working correlation is called
near its lower bound."""


def fit_estimating_equations(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Compare the risks, or the rates, of the arms; clusters enter through the working correlation and the covariance.

    1. Generalised estimating equations (`solve_equations`): events with logit or identity link, counts with log link.
    2. Covariance with a correction for few clusters: `estimating_equations` says which there are.
    3. Logit: mean predicted risk of all people analysed with everyone in either arm, and the difference of the two
       (marginal standardisation); its variance by the delta method. Identity: the arm's coefficient. Counts: the arm's
       coefficient, the logarithm of a ratio of rates.
    4. Student's t on clusters less the number of arms, or on Satterthwaite's degrees of freedom (F for a joint test of
       several), by arm where the correction is Mancl and DeRouen's; never the normal distribution.

    Parameters
    ----------
    spec : AnalysisSpec
    rows : AnalysisRows
    around : Around
        A refusal does not say of fewer people than `minimum_cell` how many they are, and by `everybody` not either
        how few of a level were left out.

    Raises
    ------
    ModelError
        No event, or nothing else, in an arm (logit); nothing counted in an arm; separation, with the term and level
        that separates; too few clusters; no convergence.

    Notes
    -----
    Liang & Zeger (1986), Biometrika 73:13; Mancl & DeRouen (2001), Biometrics 57:126; Kauermann & Carroll (2001),
    JASA 96:1387; t on K - 2 with two arms: Li & Redden (2015), Stat Med 34:281.
    """
    columns = told_columns(spec, rows)
    design = columns.design
    _refuse_endless(spec, rows, design)
    codes = cluster_numbers(spec, rows.frame)
    names = [design.term_names[column] for column in columns.basis.kept]
    clusters, arms = int(codes.max()) + 1, (spec.reference, *rows.other_arms)
    if clusters <= len(arms):
        needed = "three clusters" if len(arms) == 2 else "more clusters than arms"
        raise _refused(
            spec,
            f"estimating equations need {needed} ({spec.cluster}) or more",
            str(clusters),
            hint="choose a level with more clusters",
        )
    found = _solved(spec, rows, around, columns, codes)
    bound, said = _bound(spec, codes, found.correlation)
    freedom = _freedom(spec, rows, found, codes, clusters - len(arms))
    tested, values, weights = _of_arms(spec, rows, columns, found, arms)
    counted = "" if degrees_of(spec).estimated or len(arms) < 3 else CLUSTERS_LESS_ARMS.name
    errors = np.sqrt(np.einsum("ij,jk,ik->i", weights, found.covariance, weights))
    independent = np.sqrt(np.einsum("ij,jk,ik->i", weights, found.independent, weights))
    own = rows.other_arms.index(rows.other_arm)
    if not errors[own] > VANISHING * independent[own]:
        raise _refused(
            spec,
            f"clusters by {spec.cluster} leave no variance to be estimated: beyond the covariates, "
            "clusters of an arm do not differ",
            spec.formula,
            hint="leave covariates of clusters out, or choose a level with more clusters",
        )
    df = np.array([freedom(row) for row in weights])
    table = inference_frame([*rows.other_arms, *(arms if tested else ())], values, errors, df, spec.level, "of")
    identity = np.eye(len(names))
    coefficients = inference_frame(
        names,
        found.coefficients,
        np.sqrt(np.diag(found.covariance)),
        np.array([freedom(row) for row in identity]),
        spec.level,
        "term",
    )
    means = [
        {"arm": arm, "wave": None} | {c: float(table[c].iloc[row]) for c in MEAN_COLUMNS}
        for row, arm in enumerate(arms if tested else (), start=len(rows.other_arms))
    ]
    said += crowded_clusters(spec, rows, design)
    several = number_of_clusters(spec, rows.frame)
    if several < 10:
        said.append(
            f"Estimating equations with {several} clusters: even corrected standard errors rest on few of them."
        )
    if spec.outcome_type == "count" and not by_arm(spec) and has_single_people(spec, rows.frame):
        said.append(f"{COUNTS_OF_FEW} Write correction: {BY_ARM}, or take a Poisson mixed model.")
    if degrees_of(spec).estimated and df[own] < FEW_DF:
        said.append("The cluster-robust standard error has fewer than four degrees of freedom: inference fragile.")
    L, k = weights[: len(rows.other_arms)], len(rows.other_arms)
    return Fitted(
        contrast=replace(contrast_test(table.iloc[own]), df_method=counted),
        coefficients=told_records(coefficient_records(coefficients), design, columns.basis),
        adjusted_means=means,
        contrasts=wald_of_arms(spec, rows, values[:k], L @ found.covariance @ L.T, float(df[:k].min()), counted),
        warnings=tuple(said),
        messages=(
            f"Working correlation within clusters: {found.correlation:.3f} ({spec.correlation}; at least {bound:.3f})."
            if spec.correlation == "exchangeable"
            else "Working correlation: independence.",
        ),
    )


def _link(spec: AnalysisSpec) -> str:
    return "log" if spec.family == "poisson" else spec.link


def _solved(spec: AnalysisSpec, rows: AnalysisRows, around: Around, columns: Columns, codes: np.ndarray) -> Equations:
    """The solution, or the reason why there is none."""
    design, link = columns.design, _link(spec)
    shift = np.log(rows.frame[spec.exposure].to_numpy(float)) if spec.exposure else None
    X = design.X[:, list(columns.basis.kept)]
    found = estimating_equations(design.y, X, codes, link, spec.correlation, spec.correction, shift)
    if found is not None and not np.isfinite(found.covariance).all():
        found = None
    certain = link == "logit" and found is not None and min(found.mean.min(), 1 - found.mean.max()) < SEPARATED
    if link == "logit" and (found is None or certain):
        cause = separation_problem(rows.frame, design, around.minimum_cell, around.everybody)
        if cause is not None:
            raise EventsError(f"The analysis {spec.name} has no result.", cause)
    if found is None:
        raise _refused(
            spec,
            "the estimating equations did not converge",
            spec.formula,
            kind=EventsError,
            hint="set correlation: independence, or leave a covariate out",
        )
    if certain:
        raise _refused(
            spec,
            "some fitted risks are 0 or 1 to the precision of the computer",
            spec.formula,
            "leave a covariate out, use link: identity, or a linear probability model",
            EventsError,
        )
    if link == "log" and found.mean.min() < SEPARATED:
        raise _refused(
            spec,
            f"covariates tell of some {PEOPLE} that nothing was counted, so the ratio has no finite estimate",
            spec.formula,
            "merge small levels, or leave a covariate out",
            EventsError,
        )
    basis = columns.basis
    if link == "identity" and basis.explained(design.y[:, None], basis.reduce(design.y[:, None])[2])[0]:
        raise _refused(
            spec,
            "the covariates tell for everybody exactly whether the event happened, so no variance is "
            "left to be estimated",
            spec.formula,
            kind=EventsError,
            hint="leave a covariate out",
        )
    return found


def _freedom(
    spec: AnalysisSpec, rows: AnalysisRows, found: Equations, codes: np.ndarray, counted: int
) -> Callable[[np.ndarray], float]:
    """Degrees of freedom of a combination of the coefficients."""
    if not degrees_of(spec).estimated:
        return lambda _: float(counted)
    if not by_arm(spec):
        return found.degrees_of_freedom
    own = pd.factorize(rows.frame[spec.arm].astype(str), sort=True)[0]
    arms = np.zeros(codes.max() + 1, dtype=np.intp)
    arms[codes] = own
    if (arms[codes] != own).any():
        raise _refused(
            spec,
            f"{plural(noun_of(str(spec.cluster)))} have {PEOPLE} of several arms, so no arm has a variance of its own",
            spec.correction,
            f"write correction: {UNBIASED}",
        )
    return lambda weights: found.degrees_of_freedom(weights, arms)


def _of_arms(
    spec: AnalysisSpec, rows: AnalysisRows, columns: Columns, found: Equations, arms: tuple[str, ...]
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Whether there are risks, then effects of all arms but the reference and (if so) the risks: values and weights."""
    if _link(spec) == "log":
        names = [columns.design.term_names[column] for column in columns.basis.kept]
        L = rows_of_arms(spec, rows, columns.design, names)
        return False, L @ found.coefficients, L
    risks, slopes = _standardised(spec, rows, columns, found, arms)
    return True, np.concatenate([risks[1:] - risks[0], risks]), np.vstack([slopes[1:] - slopes[0], slopes])


def _bound(spec: AnalysisSpec, codes: np.ndarray, correlation: float) -> tuple[float, list[str]]:
    """Lowest exchangeable correlation that the largest cluster allows, and what is said of one near it.

    The mean of m people has the variance (1 + (m - 1) rho) / m of one person's, which is zero at rho = -1 / (m - 1).
    Where the equations put it there, the means of clusters differ far less than chance would have them differ, the
    interval goes with them, and the robust covariance can't repair that with few clusters.
    """
    largest = int(np.bincount(codes).max())
    if spec.correlation != "exchangeable" or largest < 2:
        return -1.0, []
    bound, left = -1.0 / (largest - 1), 1.0 + (largest - 1) * correlation
    if left <= 0:
        raise _refused(
            spec,
            f"the working correlation {correlation:.3f} lies below the lowest that clusters as large "
            "as the largest allow",
            spec.formula,
            "set correlation: independence",
        )
    if left >= NEAR_BOUND:
        return bound, []
    units = plural(noun_of(str(spec.cluster)))
    narrow = (
        f"The working correlation within {units} ({correlation:.3f}) is near the lowest that {units} of "
        f"{largest} {PEOPLE} allow ({bound:.3f}): the {units} of an arm differ far less than chance would "
        "have them differ, and the interval is likely too narrow. Independence is the safer working "
        "correlation."
    )
    return bound, [OutcomeWarning(narrow)]


def _standardised(
    spec: AnalysisSpec, rows: AnalysisRows, columns: Columns, found: Equations, arms: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean risk with everyone in each arm, and its derivative by the coefficients."""
    design, kept = columns.design, list(columns.basis.kept)
    operands = {operand for term in design.coding.terms for operand, _ in term}
    risks, slopes = [], []
    for arm in arms:
        frame = rows.frame.assign(**{spec.arm: arm})
        X = design.coding.matrix(design.operand_values(frame, operands), design.codings, len(frame))
        if not columns.basis.row_space.contains(np.unique(X, axis=0)).all():
            raise _refused(
                spec,
                f"the data can't tell the risk of some {PEOPLE} had they been in the arm '{arm}'",
                spec.formula,
                "is there somebody of each arm at every combination of levels?",
            )
        X = X[:, kept]
        linear = X @ found.coefficients
        risk = 0.5 * (1 + np.tanh(linear / 2)) if spec.link == "logit" else linear
        risks.append(risk.mean())
        slopes.append(((risk * (1 - risk))[:, None] * X).mean(axis=0) if spec.link == "logit" else X.mean(axis=0))
    return np.array(risks), np.array(slopes)


def _refuse_endless(spec: AnalysisSpec, rows: AnalysisRows, design: Design) -> None:
    """Say it plainly where odds or rates have no finite answer."""
    arms = [(arm, design.y[(rows.frame[spec.arm] == arm).to_numpy()]) for arm in (spec.reference, *rows.other_arms)]
    if _link(spec) == "logit":
        refuse_one_sided(spec.name, arms)
    for arm, counts in arms if _link(spec) == "log" else ():
        if not counts.any():
            message = f"nothing was counted in the arm '{arm}', so the ratio has no finite estimate"
            raise _refused(
                spec,
                message,
                spec.formula,
                kind=EventsError,
                hint="describe the counts without a ratio, or choose a longer time to count in",
            )


def _refused(
    spec: AnalysisSpec, message: str, value: str | None, hint: str | None = None, kind: type[ModelError] = ModelError
) -> ModelError:
    return kind(f"The analysis {spec.name} has no result.", Problem(message, value=value, hint=hint))
