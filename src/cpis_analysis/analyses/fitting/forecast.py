"""What an analysis will have to work with, found before anybody looks at its outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, analysis_rows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.analyses.rows.fit_warnings import OutcomeWarning
from cpis_analysis.errors import CpisError, EventsError, ModelError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.methods import method_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE

_IMPUTED = f"What {PEOPLE} lack is imputed when the analysis runs; here those who lack nothing are counted."

TRIES = 5
"""Shuffles after which a refusal that depends on the events is believed."""

SMALL = 10
"""A level with no more people than this is named where events separate."""


@dataclass(frozen=True)
class Forecast:
    """What can be said of an analysis without its outcome.

    Attributes
    ----------
    analysis : str
    refused : tuple of Problem
        Why it can't be carried out; empty if it can.
    n_obs, n_participants : int
        Complete rows and their people; 0 where the rows can't be chosen.
    rows : str
        Who is left out and why, in a sentence.
    clusters : tuple of (arm, trusts, teams)
        Clusters of each arm, reference first; teams is None where the design has none.
    df : float or None
        Degrees of freedom that the design leaves for the reported effect: counted between and within clusters for
        mixed models, exact for the others.
    inflation : float or None
        Factor by which the covariates inflate the variance of the effect (1: none), see `variance_inflation`.
    remarks : tuple of str
        Plain sentences: few clusters, columns that repeat others, inference that does not fit the design.
    fault : bool
        Refused for a mistake in the data, which stops a run whether or not the analysis is a headline.
    """

    analysis: str
    refused: tuple[Problem, ...]
    n_obs: int = 0
    n_participants: int = 0
    rows: str = ""
    clusters: tuple[tuple[str, int, int | None], ...] = ()
    df: float | None = None
    inflation: float | None = None
    remarks: tuple[str, ...] = ()
    fault: bool = False


def forecast(spec: AnalysisSpec, data: AnalysisData, minimum_cell: int = 0) -> Forecast:
    """Find rows, clusters, degrees of freedom and reasons for refusal.

    1. The rows are chosen as for the analysis itself.
    2. The outcome is shuffled over the people who have it (seeded by the name of the analysis), so that its values
       keep their kind and their gaps but say nothing about the arms.
    3. The analysis runs on the shuffled outcome; what it refuses, it will refuse. Estimates are thrown away.
    4. A refusal that depends on whom the events happened to (separation) is tried with other shuffles: where one passes
       a remark says what may happen; where none does, the refusal says so, without what the shuffled events were.
    5. A ratio that few events would keep from leaving the study (`leaving.small_risks`) is remarked on from the events
       of all arms together, which say nothing about the arms either.

    Parameters
    ----------
    spec : AnalysisSpec
    data : AnalysisData
    minimum_cell : int
        Smallest number of people that may be known; 0 for none.

    Notes
    -----
    Mixed models are run with between-within degrees of freedom, which need no variance. Where the plan asks for the
    nearly optimal test, its settings stay, so that what it is not made for is refused here too; nothing is trained.
    """
    try:
        rows = analysis_rows(spec, data)
    except CpisError as error:
        return Forecast(spec.name, _problems(error), fault=not isinstance(error, ModelError))
    counts: dict[str, Any] = {
        "n_obs": len(rows.frame),
        "n_participants": int(rows.frame[spec.participant].nunique()),
        "rows": " ".join([*rows.messages, *([_IMPUTED] if spec.imputation else [])]),
        "clusters": _clusters(spec, rows),
        "inflation": variance_inflation(spec, rows),
    }
    counted = replace(spec, df_method=method_of(spec).counted or spec.df_method, imputation=None, tipping_point=False)
    counted = replace(counted, leave_one_out=False)
    remarks = []
    for number in range(TRIES):
        try:
            result = run_analysis(counted, _shuffled(spec, data, number))
            break
        except CpisError as error:
            if not isinstance(error, EventsError):
                return Forecast(spec.name, _problems(error), **counts, fault=not isinstance(error, ModelError))
            remarks = [
                f"The odds may have no finite estimate (separation){_small_levels(rows)}; whether they have is "
                "known when the outcome is analysed."
            ]
    else:
        return Forecast(
            spec.name,
            (
                Problem(
                    f"the odds had no finite estimate (separation) in any of {TRIES} tries with the outcome "
                    f"shuffled over the "
                    f"{PEOPLE}{_small_levels(rows)}",
                    hint="merge small levels, leave a covariate out, use link: identity, or a linear probability model",
                ),
            ),
            **counts,
        )
    found = result.estimate.df
    if result.scale.of_model:
        remarks += _few_events(spec, rows, minimum_cell)
    remarks += [line for line in result.estimate.warnings if not isinstance(line, OutcomeWarning)]
    return Forecast(
        spec.name, (), **counts, df=found if math.isfinite(found) else None, remarks=tuple(dict.fromkeys(remarks))
    )


def variance_inflation(spec: AnalysisSpec, rows: AnalysisRows) -> float | None:
    """How much the other columns of the model inflate the variance of the reported effect.

    Returns
    -------
    float or None
        1 / (1 - R^2) of the effect's column on all others, over rows; None where the effect has no column of its own.

    Notes
    -----
    Belsley, Kuh & Welsch (1980), Regression Diagnostics, ch. 3.
    """
    frame = rows.frame.assign(**{rows.formula.response.variable: np.arange(1.0, len(rows.frame) + 1)})
    try:
        design = build_design(rows.formula, frame, reference=references(spec, rows))
        term = effect_term(spec, rows.other_arm, design)
    except CpisError:
        return None
    column = design.term_names.index(term)
    size = np.linalg.norm(design.X, axis=0)
    X = design.X / np.where(size > 0, size, 1.0)
    others, own = np.delete(X, column, axis=1), X[:, column]
    left = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
    total = own - own.mean()
    share = float(left @ left) / float(total @ total)
    return None if share < 1e-12 else 1.0 / share


def _few_events(spec: AnalysisSpec, rows: AnalysisRows, minimum: int) -> list[str]:
    """Whether some arm must have fewer people than may be known with the event, or without it, if it has any."""
    if spec.outcome_type not in ("binary", "time_to_event") or spec.rows == "long" or minimum <= 1:
        return []
    events, few = rows.frame[rows.formula.response.variable], rows.frame[spec.arm].nunique() * minimum
    had = {"had the event": events.sum(), "did not have the event": len(events) - events.sum()}
    return [
        f"In all arms together fewer than {few} {PEOPLE} {what}: if an arm has some of them, but fewer than {minimum}, "
        "its ratio can't leave the study and the analysis is refused."
        for what, n in had.items()
        if 0 < n < few
    ]


def _problems(error: CpisError) -> tuple[Problem, ...]:
    return error.problems or (Problem(error.summary),)


def _clusters(spec: AnalysisSpec, rows: AnalysisRows) -> tuple[tuple[str, int, int | None], ...]:
    cells = rows.groups(spec)
    order: Sequence[str] = (spec.reference, rows.other_arm)
    return tuple(
        (
            arm,
            len({cell["trust"] for cell in cells if cell["arm"] == arm}),
            len({(cell["trust"], cell["team"]) for cell in cells if cell["arm"] == arm}) if spec.team else None,
        )
        for arm in order
    )


def _small_levels(rows: AnalysisRows) -> str:
    """Levels of the formula's factors that few people have, as part of a sentence."""
    found = [
        f"{name} = {level}"
        for name in rows.formula.variables
        if name != rows.formula.response.variable and not pd.api.types.is_numeric_dtype(rows.frame[name])
        for level, n in rows.frame[name].astype(str).value_counts(sort=False).items()
        if 0 < n <= SMALL
    ]
    return f": few {PEOPLE} have {' or '.join(sorted(found))}" if found else ""


def _shuffled(spec: AnalysisSpec, data: AnalysisData, number: int = 0) -> AnalysisData:
    outcome = parse_formula(spec.formula).response.variable
    random = generator(0, "forecast", spec.name, *([str(number)] if number else []))
    part = "participants" if spec.rows == "wide" else "interviews"
    frame: pd.DataFrame = getattr(data, part).copy()
    present = frame[outcome].notna().to_numpy()
    values = frame[outcome].to_numpy(copy=True)
    values[present] = random.permutation(values[present])
    frame[outcome] = values
    return replace(data, **{part: frame})
