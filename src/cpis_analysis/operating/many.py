"""One analysis of many outcomes of the same people: what each would have reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cpis_analysis.analyses.fitting.run import estimate_alone
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.errors import CpisError, DataError, Problem
from cpis_analysis.late import late_function
from cpis_analysis.methods import method_of
from cpis_analysis.operating import estimators
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

SAME = 1e-6


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """Analyse responses (n, B), one a column, to the rows of an analysis.

    Parameters
    ----------
    specs : sequence of AnalysisSpec
        One model: they may differ in their inference only.
    rows : AnalysisRows
    Y : (n, B) float

    Raises
    ------
    DataError
        If nothing analyses many responses at once by this estimator.
    """
    name = method_of(specs[0]).many
    if not name:
        raise DataError(
            "The analysis can't be simulated.",
            Problem(
                "only analyses of one response at a time are known of this estimator",
                value=specs[0].estimator,
                hint="take an analysis that is fitted to many outcomes at once",
            ),
        )
    found: list[ManyTests] = late_function(name, estimators.__name__)(specs, rows, Y)
    return found


def with_outcome(spec: AnalysisSpec, rows: AnalysisRows, data: AnalysisData, y: np.ndarray) -> AnalysisData:
    """The data with another outcome for the rows that are analysed: participants, or interviews of a wave."""
    outcome = rows.formula.response.variable
    if spec.rows == "long":
        keys = [spec.participant, "wave"]
        drawn = rows.frame[keys].assign(**{outcome: y}).astype({"wave": str})
        talks = data.interviews.drop(columns=outcome).astype({"wave": str})
        found = talks[keys].merge(drawn, on=keys, how="left", validate="one_to_one")[outcome]
        return replace(data, interviews=data.interviews.assign(**{outcome: found.to_numpy()}))
    people = data.participants.copy()
    of = dict(zip(rows.frame[spec.participant].tolist(), y.tolist(), strict=True))
    people[outcome] = people[spec.participant].map(of).astype(float)
    return replace(data, participants=people)


def check_many(spec: AnalysisSpec, rows: AnalysisRows, data: AnalysisData, Y: np.ndarray, found: ManyTests) -> None:
    """Send the first response through the analysis itself, which has to give the same.

    Raises
    ------
    DataError
        If it does not: then the simulation would tell of another analysis.
    """
    try:
        own = estimate_alone(spec, with_outcome(spec, rows, data, Y[:, 0]))
    except CpisError:
        if found.failed[0]:
            return
        raise
    # a p-value at which no test is made may be a lower bound
    least = [min(p, found.exact_below) for p in (found.p_values()[0], own.p_value)]
    theirs, ours = np.array([found.estimate[0], found.se[0], least[0]]), np.array([own.estimate, own.se, least[1]])
    if not np.allclose(theirs, ours, rtol=SAME, atol=1e-9):
        raise DataError(
            "The simulation and the analysis differ.",
            Problem(
                f"estimate, standard error and p-value of one response by {spec.name}",
                value=str(theirs),
                allowed=str(ours),
            ),
        )
