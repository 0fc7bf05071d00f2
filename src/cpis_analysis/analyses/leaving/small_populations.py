"""Populations that are made of answers: their numbers are counts of answers, and pass as such or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.fit_warnings import NOBODY_ANALYSED, ONE_ANALYSED, key_of
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import Comparison, Missing, Variable, comparisons
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import in_population, truth_of, with_derived
from cpis_analysis.study_words import PEOPLE, PERSON

NUMBERS_NOT_GIVEN = (
    f"How many {PEOPLE} were analysed is not given, nor what would tell it: the population is made of an answer, and "
    f"in an arm fewer than {{}} {PEOPLE} are in it, or out of it, or gave one of the answers."
)

ONE_SOMEWHERE = f"Some clusters have only one {PERSON} analysed; which ones is not given, to protect them."
NOBODY_SOMEWHERE = (
    "Some clusters of the population have nobody analysed; which ones is not given, to protect the "
    f"{PEOPLE} there. What happened there is unknown."
)
_WITHOUT_NAMES = {ONE_ANALYSED: ONE_SOMEWHERE, NOBODY_ANALYSED: NOBODY_SOMEWHERE}


def answers_behind(spec: AnalysisSpec, participants: pd.DataFrame) -> tuple[str, ...]:
    """Variables of people that decide who belongs to the population of an analysis.

    Derived variables are followed to what they are made of. Not among them: arm, clusters, whether an interview was
    held (a stage of the study), what everybody of a cluster shares, and whether an answer is missing (missing answers
    are shown as counted).

    Parameters
    ----------
    spec : AnalysisSpec
    participants : DataFrame
        Wide analysis data.
    """
    known = dict(spec.derived)
    found: set[str] = set()
    left = [name for name, _ in spec.where] + list(_compared(spec.condition))
    while left:
        name = left.pop()
        if name in known:
            left += _compared(known.pop(name))
        else:
            found.add(name)
    waves = {spec.baseline_wave, spec.followup_wave, *spec.waves_of_rows}
    design = {spec.arm, *spec.levels, *(f"has_{wave}" for wave in waves)}
    clusters = [*spec.levels]
    return tuple(
        sorted(
            name
            for name in found - design
            if name in participants
            and participants.groupby(clusters, observed=True)[name].nunique(dropna=False).max() > 1
        )
    )


def without_small_populations(
    result: AnalysisResult, rows: AnalysisRows, data: AnalysisData, minimum: int
) -> AnalysisResult:
    """Leave out numbers of people that would tell how few gave an answer.

    1. A population that no answer makes is left as it is: its numbers are stages of the study.
    2. In each arm these are counted: who was analysed, and who could have been but for the population (all of them,
       and those of whom it can be told); the same of everybody recruited; and each code of a categorical answer among
       those who could have been analysed, as tables of the answer hide its small codes. If any is small, the result
       has no numbers of people, nor what holds them: diagnostics, messages, coefficients and adjusted means where
       their degrees of freedom are people less columns.
    3. A cluster with one person analysed is not named, nor one with nobody: it has people of the population, no more
       than have something missing there, which is shown as counted.
    4. If one of them is small in a cluster, the clusters' predicted effects are left out: their standard errors tell
       how many people a cluster has.

    Parameters
    ----------
    result : AnalysisResult
    rows : AnalysisRows
        What was analysed.
    data : AnalysisData
    minimum : int
        Smallest number of people that may be known; 0 or 1 leaves everything.

    Raises
    ------
    ModelError
        If the numbers have to be left out and the degrees of freedom of the effect are one of them.
    """
    spec = result.spec
    if minimum <= 1:
        return result
    everyone = with_derived(data.participants, spec.derived)
    answers = answers_behind(spec, everyone)
    if not answers:
        return result
    result = _thin_clusters_without_names(result)
    sides = list(_sides(spec, everyone, rows, answers, data))
    clusters = [*spec.levels]
    if _has_few(everyone, sides, [spec.arm], minimum):
        units = result.estimate.n_teams or result.estimate.n_trusts or 0
        if any(_counts_people(one.df, units) for one in (result.estimate, *result.contrasts)):
            raise _refused(spec, minimum)
        note = NUMBERS_NOT_GIVEN.format(minimum)
        bare: dict[str, Any] = {"n_obs": None, "n_participants": None}
        estimate = replace(result.estimate, **bare, warnings=(*result.estimate.warnings, note))
        kept = tuple(text for text in result.messages if text not in rows.messages)
        hidden: dict[str, Any] = {
            part: []
            for part in ("coefficients", "adjusted_means")
            if any(_counts_people(row["df"], units) for row in getattr(result, part))
        }
        return replace(
            result,
            estimate=estimate,
            contrasts=tuple(replace(one, **bare) for one in result.contrasts),
            groups=[],
            **hidden,
            diagnostics={},
            messages=(*kept, note),
            missing_shift=None,
            imputation=_without_people(result.imputation),
            shifted={},
            influence=[],
            balance={},
        )
    if result.diagnostics.get("random_effects") and _has_few(everyone, sides, [*clusters, spec.arm], minimum):
        return replace(result, diagnostics={**result.diagnostics, "random_effects": []})
    return result


def _without_people(imputation: dict[str, Any]) -> dict[str, Any]:
    """What is told of an imputation, without numbers of people."""
    return {
        name: [] if name in ("variables", "items") else None if name.startswith("n_") else value
        for name, value in imputation.items()
    }


def _thin_clusters_without_names(result: AnalysisResult) -> AnalysisResult:
    def bare(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_WITHOUT_NAMES.get(key_of(text), text) for text in texts)

    return replace(
        result,
        estimate=replace(result.estimate, warnings=bare(result.estimate.warnings)),
        contrasts=tuple(replace(one, warnings=bare(one.warnings)) for one in result.contrasts),
        messages=bare(result.messages),
    )


def _compared(condition: str) -> Iterator[str]:
    if not condition:
        return
    for part in comparisons(parse_condition(condition)):
        if not isinstance(part, Missing):
            yield part.variable
            if isinstance(part, Comparison) and isinstance(part.value, Variable):
                yield part.value.name


def _sides(
    spec: AnalysisSpec, everyone: pd.DataFrame, rows: AnalysisRows, answers: tuple[str, ...], data: AnalysisData
) -> Iterator[pd.Series]:
    """Who is counted: the population and its rest, among all and among those fit to be analysed."""
    chosen = in_population(everyone, spec.where, spec.condition)
    told = everyone[list(answers)].notna().all(axis=1)
    if spec.condition:
        told &= truth_of(spec.condition, everyone)[1]
    fit = _fit_to_be_analysed(spec, everyone, rows, data)
    for group in (fit, pd.Series(True, index=everyone.index)):
        yield group & chosen
        yield group & told & ~chosen
    yield fit & ~chosen
    for name in answers:
        if not pd.api.types.is_numeric_dtype(everyone[name]) or pd.api.types.is_bool_dtype(everyone[name]):
            yield from (fit & (everyone[name] == code).fillna(False) for code in everyone[name].dropna().unique())


def _seen_at_any(spec: AnalysisSpec, everyone: pd.DataFrame, data: AnalysisData) -> pd.Series | bool:
    """Who has the outcome at a wave of long rows."""
    if spec.waves and spec.outcome in data.interviews:
        talks = data.interviews
        held = talks[talks["wave"].astype(str).isin(spec.waves) & talks[spec.outcome].notna()]
        return everyone[spec.participant].isin(held[spec.participant])
    seen = [name for name in (spec.baseline, spec.followup) if name is not None and name in everyone]
    return everyone[seen].notna().any(axis=1) if seen else True


def _fit_to_be_analysed(
    spec: AnalysisSpec, everyone: pd.DataFrame, rows: AnalysisRows, data: AnalysisData
) -> pd.Series:
    """People who have what the model needs, in the population or not; of a model of interviews those who have any."""
    analysed = everyone[spec.participant].isin(rows.frame[spec.participant])
    needed = [name for name in (spec.arm, *spec.levels, *rows.formula.variables) if name in everyone]
    has = everyone[needed].notna().all(axis=1)
    if spec.rows == "long":
        has &= _seen_at_any(spec, everyone, data)
    return analysed | has


def _has_few(everyone: pd.DataFrame, sides: list[pd.Series], keys: list[str], minimum: int) -> bool:
    people = everyone.dropna(subset=keys)
    groups = [people[key].astype(str) for key in keys]
    for side in sides:
        counts = side.loc[people.index].astype(int).groupby(groups).sum()
        if bool(((counts > 0) & (counts < minimum)).any()):
            return True
    return False


def _counts_people(df: float | None, units: int) -> bool:
    """Whether degrees of freedom are people less columns: whole, and more than clusters could give."""
    return df is not None and math.isfinite(df) and df > 2 * units and abs(df - round(df)) < 1e-6


def _refused(spec: AnalysisSpec, minimum: int) -> ModelError:
    return ModelError(
        f"The analysis {spec.name} can't leave the study.",
        Problem(
            f"in an arm, fewer than {minimum} {PEOPLE} are in the population, or out of it, or gave one of the "
            "answers that make it, and the degrees of freedom would tell how many",
            variable=f"population {spec.population}",
            value=spec.condition or None,
            hint="choose another population, or df: kenward-roger where clusters were given the arm",
        ),
    )
