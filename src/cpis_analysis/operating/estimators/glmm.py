"""Many responses by generalised linear mixed models: one batch of Newton steps for all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cpis_analysis.analyses.estimators.glmm import counted_degrees, prepared
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import effect_term
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm import glmer, refit_generalised
from cpis_analysis.lmm.generalised.group_cells import cells_of
from cpis_analysis.methods import degrees_of
from cpis_analysis.methods.degrees import NORMAL
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

_ZERO = 1e-4
"""Standard deviation of a random effect from which downwards the analysis calls its variance zero."""
_MOST_ROWS = 2000
"""Beyond this many people a thousand fits would take longer than the run that they are part of."""


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; of models whose rows collapse to cells, where refits are one batch.

    A response that separates, or in which an arm has one end of the outcome only, has no result, as in the analysis.

    Raises
    ------
    ModelError
        For models that are fitted one response after the other, or of too many people.
    """
    spec, response = specs[0], rows.formula.response.variable
    lowest = float(spec.low or 0.0) if spec.outcome_type == "bounded_count" else 0.0
    one_sided = _one_sided(rows, spec, Y - lowest)
    # a response with much to tell, so that there is a fit to begin with
    begin = Y[:, int(np.argmax(np.where(one_sided, -1.0, Y.var(axis=0))))]
    frame, settings = prepared(spec, replace(rows, frame=rows.frame.assign(**{response: begin})))
    fit = glmer(rows.formula, frame, quadrature=spec.quadrature, **settings)
    if len(frame) > _MOST_ROWS or cells_of(fit.model) is None:
        problem = Problem(
            f"its fits are made one after the other, or are of too many {PEOPLE}",
            value=spec.name,
            hint="take an analysis that is fitted to many outcomes at once",
        )
        raise ModelError("The analysis is not simulated.", problem)
    names = list(fit.terms)
    term = effect_term(spec, rows.other_arm, fit.design, names)
    found = refit_generalised(fit, Y - lowest)
    estimate, error = (part[term].to_numpy() for part in (found.coefficients, found.std_errors))
    error = np.where(one_sided, np.nan, error)
    zero = (found.variances.to_numpy() < _ZERO**2).any(axis=1)
    df = float(counted_degrees(fit, names)[names.index(term)])
    return [
        ManyTests(estimate, error, np.full(Y.shape[1], math.inf if degrees_of(one) is NORMAL else df), zero)
        for one in specs
    ]


def _one_sided(rows: AnalysisRows, spec: AnalysisSpec, above: np.ndarray) -> np.ndarray:
    """Responses (B,) in which everybody of an arm is at the same end of the outcome, for which there is no ratio."""
    arms = rows.frame[spec.arm].astype(str).to_numpy()
    highest = {"binary": 1.0, "count": math.inf}.get(spec.outcome_type, float(spec.high or 0) - float(spec.low or 0))
    parts = [above[arms == arm] for arm in (spec.reference, *rows.other_arms)]
    return np.any([(part == end).all(axis=0) for part in parts for end in (0.0, highest)], axis=0)
