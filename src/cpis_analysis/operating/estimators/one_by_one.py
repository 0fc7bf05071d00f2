"""Many responses by an estimator that fits one after the other: each is analysed as the outcome was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cpis_analysis.analyses import estimators
from cpis_analysis.analyses.fitted import Around
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.errors import CpisError, ModelError, Problem
from cpis_analysis.late import late_function
from cpis_analysis.methods import method_of
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

_MOST_ROWS = 2000
"""Beyond this many people the fits would take longer than the run that they are part of."""


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; a response without a result has none here.

    Raises
    ------
    ModelError
        Of too many people.
    """
    if len(rows.frame) > _MOST_ROWS:
        problem = Problem(
            f"its fits are made one after the other, and are of too many {PEOPLE}",
            value=specs[0].name,
            hint="take an analysis that is fitted to many outcomes at once",
        )
        raise ModelError("The analysis is not simulated.", problem)
    return [_tests(spec, rows, Y) for spec in specs]


def _tests(spec: AnalysisSpec, rows: AnalysisRows, Y: np.ndarray) -> ManyTests:
    fit = late_function(method_of(spec).fit, estimators.__name__)
    # nothing is drawn for the diagnostics of one of many fits
    around = Around(np.random.default_rng(0), 0, rows.frame, one_of_many=True)
    found = np.full((4, Y.shape[1]), np.nan)
    found[3] = 0.0
    for at, y in enumerate(Y.T):
        one = replace(rows, frame=rows.frame.assign(**{rows.formula.response.variable: y}))
        try:
            fitted = fit(spec, one, around)
        except CpisError:
            continue
        effect = fitted.contrast
        found[:, at] = effect.estimate, effect.se, effect.df, bool(fitted.singular)
    return ManyTests(found[0], found[1], found[2], found[3] == 1.0)
