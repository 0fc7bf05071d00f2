"""Weights by the inverse of the probability of follow-up: those kept stand for those lost who were like them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.confounding.balance_weights import effective_size
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, rows_left
from cpis_analysis.analyses.rows.row_checks import known_to_weigh_by
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, Operand
from cpis_analysis.lmm.designs.design import Design, build_design
from cpis_analysis.lmm.designs.separating import Sides, fewest_terms, separating_terms
from cpis_analysis.methods.handling import follow_up_model
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.cluster_means import with_cluster_means
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import in_population, with_derived
from cpis_analysis.study_words import PEOPLE

_SWEEPS = 200
_SMALL_STEP = 1e-10


def weighted_rows(spec: AnalysisSpec, data: AnalysisData, rows: AnalysisRows) -> AnalysisRows:
    """Rows of an analysis with stabilised weights.

    1. Among people of the population who have every variable of the model but perhaps the outcome, and every
       predictor, the probability of having the outcome is predicted from arm and predictors (logistic model,
       `follow_up_probabilities`), or from the predictors in each arm apart.
    2. The weight of a person with the outcome is the share of the arm that has it, divided by that probability. Its
       mean is near 1, and the arms keep their sizes.
    3. People without a predictor are left out, and counted; the others must still be comparable.

    Raises
    ------
    DataError
        Unknown variables.
    ModelError
        If nobody with the outcome is left, or no comparison that can be valid.

    Notes
    -----
    Weights are taken as known. Allowing for their estimation would make standard errors smaller, not larger (Robins,
    Rotnitzky & Zhao 1995, J Am Stat Assoc 90:106).
    """
    everyone = with_derived(data.participants, spec.derived)
    known_to_weigh_by(spec, spec.predictors, everyone)
    chosen = everyone[in_population(everyone, spec.where, spec.condition)]
    people = with_cluster_means(spec, rows.formula, chosen)
    response = rows.formula.response.variable
    needed = [name for name in rows.frame.columns if name not in (response, spec.participant)]
    seen = people[spec.participant].isin(rows.frame[spec.participant])
    # who has the outcome but lacks another variable of the model is neither kept nor lost
    at_risk = people[people[needed].notna().all(axis=1) & (seen | people[response].isna())]
    known_of = at_risk[at_risk[list(spec.predictors)].notna().all(axis=1)]
    kept = known_of[spec.participant].isin(rows.frame[spec.participant])
    frame = rows.frame[rows.frame[spec.participant].isin(known_of[spec.participant])].reset_index(drop=True)
    if frame.empty:
        raise ModelError(
            f"The analysis {spec.name} can't be weighted.",
            Problem(
                "nobody with the outcome has every predictor",
                value=", ".join(spec.predictors),
                hint=f"name fewer predictors under weighting, those that most {PEOPLE} have",
            ),
        )
    left = rows_left(spec, rows, frame, people)
    arm = known_of[spec.arm].astype(str)
    if spec.predictors_by_arm:
        chance = follow_up_probabilities(known_of, kept.to_numpy(), spec.predictors, by=spec.arm)
    else:
        chance = follow_up_probabilities(known_of, kept.to_numpy(), (spec.arm, *spec.predictors))
    share = kept.groupby(arm).transform("mean").to_numpy(dtype=float)
    weights = pd.Series(share / chance, index=known_of[spec.participant]).loc[frame[spec.participant]].to_numpy()
    lost = len(rows.frame) - len(frame)
    said = (
        f"{len(frame)} {PEOPLE} with the outcome are weighted for {int((~kept).sum())} without it, by the inverse of "
        f"the probability of having it given {follow_up_model(spec)}; effective sample size "
        f"{int(effective_size(weights))}."
    )
    if lost:
        said += f" {lost} more with the outcome lack a predictor and are left out."
    return replace(left, weights=weights, messages=(*rows.messages, said, *_separated(spec, known_of, kept.to_numpy())))


def _separated(spec: AnalysisSpec, frame: pd.DataFrame, kept: np.ndarray) -> list[str]:
    """What tells of some people exactly whether they were kept, and what helps; of each model of follow-up."""
    arms = frame[spec.arm].astype(str).to_numpy()
    if spec.predictors_by_arm:
        models = [(spec.predictors, arms == arm, f" of the arm '{arm}'") for arm in sorted(set(arms))]
    else:
        models = [((spec.arm, *spec.predictors), np.ones(len(arms), dtype=bool), "")]
    said = []
    for predictors, own, whose in models:
        if kept[own].all():
            continue
        design = _design(frame[own], kept[own], predictors)
        sides = Sides.of(design.X, np.where(kept[own], 1.0, -1.0))
        terms = separating_terms(design, sides, range(design.X.shape[1]))
        if terms:
            names = list(dict.fromkeys(one.variable for term in fewest_terms(design, sides, terms) for one in term))
            several = len(names) > 1
            said.append(
                f"{listed(names)} {'together tell' if several else 'tells'} for some {PEOPLE}{whose} exactly whether "
                "they have the outcome (separation). Jeffreys' prior keeps the weights finite, but nobody like those "
                f"lost may have been kept: leave {'one of them' if several else 'it'} out, or merge rare categories."
            )
    return said


def _design(frame: pd.DataFrame, kept: np.ndarray, predictors: tuple[str, ...]) -> Design:
    terms = ((), *((Operand(name),) for name in dict.fromkeys(predictors)))
    columns = {name: frame[name] for name in predictors} | {"(kept)": kept.astype(float)}
    return build_design(Formula(Operand("(kept)"), terms, ()), columns)


def follow_up_probabilities(
    frame: pd.DataFrame, kept: np.ndarray, predictors: tuple[str, ...], by: str | None = None
) -> np.ndarray:
    """Probability of being kept, by a logistic model with Jeffreys' prior.

    Parameters
    ----------
    frame : DataFrame
        Complete in the predictors.
    kept : (n,) bool
    predictors : tuple of str
    by : str, optional
        Variable whose values have a model each: all coefficients differ between them. As Jeffreys' prior of the model
        with all interactions is the product of theirs, the probabilities are those of that model. Of a value of
        which everybody was kept the probability is 1.

    Returns
    -------
    (n,) float
        Between 0 and 1, both excluded but for `by`: the prior (Firth 1993, Biometrika 80:27) keeps estimates finite
        where a predictor tells exactly who was kept.
    """
    if by is not None:
        chance = np.ones(len(frame))
        groups = frame[by].astype(str).to_numpy()
        for group in dict.fromkeys(groups):
            own = groups == group
            if not kept[own].all():
                chance[own] = follow_up_probabilities(frame[own], kept[own], predictors)
        return chance
    X = _design(frame, kept, predictors).X
    spread = X.std(axis=0)
    varying = spread > 0
    X = np.column_stack([np.ones(len(X)), (X[:, varying] - X[:, varying].mean(axis=0)) / spread[varying]])
    # columns that repeat others add nothing to the fitted probabilities
    Q, R = np.linalg.qr(X)
    X = Q[:, np.abs(np.diag(R)) > 1e-9 * np.abs(R[0, 0])]
    b = np.zeros(X.shape[1])
    for _ in range(_SWEEPS):
        p = 1.0 / (1.0 + np.exp(-(X @ b)))
        w = p * (1.0 - p)
        information = X.T @ (w[:, None] * X)
        leverage = w * np.einsum("ij,ij->i", X, np.linalg.solve(information, X.T).T)
        step = np.linalg.solve(information, X.T @ (kept - p + leverage * (0.5 - p)))
        longest = np.abs(step).max() / (5.0 * np.sqrt(len(X)))
        b += step / max(longest, 1.0)
        if np.abs(step).max() < _SMALL_STEP:
            break
    return 1.0 / (1.0 + np.exp(-(X @ b)))
