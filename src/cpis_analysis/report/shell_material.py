"""What tables are made from before there are data: the rows that the plan and the dictionary give, without a number.

People are made up who have every code of the dictionary, they are described by the functions that will describe the
real ones, and every number is taken out again. So a shell has the rows and columns that the table will have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.contrast import arms_compared
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.coding import ALL
from cpis_analysis.study.describe import summaries
from cpis_analysis.words.labels import Labels

UNKNOWN_ARM = "other group"
"""The compared arm where the dictionary has no codes of the variable."""
_NAN = math.nan
_PEOPLE = 60
_WORDS = frozenset({"variable", "kind", "code", "group", "outcome", "wave", "arm", "trust", "team", "level", "stage"})


def shell_material(plan: Plan, dictionary: Dictionary) -> Material:
    """Material of the tables of a plan.

    Parameters
    ----------
    plan : Plan
    dictionary : Dictionary
        Types, codes and labels of the variables.
    """
    content = plan.content
    described = summaries(content, _people(content, dictionary), binary=_binary(content), seed=content.study.seed)
    labels = Labels(content, dictionary)
    results = shell_results(plan, labels)
    return Material(
        labels,
        {name: _blank(frame) for name, frame in described.items()},
        results,
        estimates=_estimates(results, content),
    )


def shell_results(plan: Plan, labels: Labels) -> list[AnalysisResult]:
    """One result without a number for each analysis of a plan, in its order."""
    arms = labels.arms()
    other = next((arm for arm in arms if arm != labels.design.arm.reference), UNKNOWN_ARM)
    return [_result(spec, other) for spec in plan.specifications()]


def _people(content: PlanFile, dictionary: Dictionary) -> pd.DataFrame:
    """People of every arm with every code; nobody is at a place that could be taken for a real one."""
    design = content.design
    waves, first, last = design.wave_names, design.wave_names[0], design.followup_wave
    arms = Labels(content, dictionary).arms()
    arms = arms if len(arms) > 1 else [*arms, UNKNOWN_ARM]
    place = range(_PEOPLE)
    columns: dict[str, Any] = {
        design.participant: [f"shell-{number}" for number in place],
        design.arm.variable: pd.Categorical([arms[number % len(arms)] for number in place], categories=arms),
        **{f"has_{wave}": [number > _PEOPLE // 4 for number in place] for wave in waves},
    }
    if design.baseline_wave is not None:
        columns[f"has_{first}"] = [True] * _PEOPLE
    for depth, name in enumerate(design.clusters):
        columns[name] = [f"{name} {number % len(arms) if depth else 0}" for number in place]
    asked = [name for name in content.report.experience if name in dictionary]
    for name in dict.fromkeys([*design.characteristics, *design.team_characteristics]):
        columns.setdefault(name, _values(name, dictionary))
    for name in asked:
        columns[f"{name}_{last}"] = _values(name, dictionary)
    for name, part in content.outcomes.items():
        for wave in (last,) if part.is_event else waves:
            columns.setdefault(f"{name}_{wave}", [float(number % 2) for number in place])
    return pd.DataFrame(columns)


def _values(name: str, dictionary: Dictionary) -> Any:
    variable = dictionary[name] if name in dictionary else None
    codes = list(dictionary.choices(name)) if variable is not None else []
    if not codes:
        return [float(number) for number in range(_PEOPLE)]
    return pd.Categorical([codes[number % len(codes)] for number in range(_PEOPLE)], categories=codes)


def _binary(content: PlanFile) -> list[str]:
    return [name for name, part in content.outcomes.items() if part.is_event]


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    """A summary whose numbers are gone, as disclosure control would leave it if nothing had to be hidden."""
    numbers = {name: _NAN for name in frame.columns if name not in _WORDS and frame[name].dtype.kind in "iufb"}
    kept = frame[frame["group"] != ALL] if "trust" in frame and "group" in frame else frame
    return kept.assign(**numbers, state="shown", smd_hidden=False)


def _result(spec: AnalysisSpec, other: str) -> AnalysisResult:
    teams = None if spec.team is None else _NAN
    estimate = Estimate.of(spec, arms_compared(spec, other), n_teams=teams, converged=True)
    empty: Mapping[str, Any] = {}
    return AnalysisResult(spec, estimate, dict(empty), [], [], [], [])


def _estimates(results: list[AnalysisResult], content: PlanFile) -> pd.DataFrame:
    """Rows of results/estimates.csv without numbers; who belongs to a family is known."""
    family = {name: part.method for part in content.families.values() for name in part.outcomes}
    return pd.DataFrame(
        [
            {
                "analysis": result.spec.name,
                "outcome": result.spec.outcome,
                "p_adjusted": _NAN,
                "adjustment": family.get(result.spec.outcome),
            }
            for result in results
        ]
    )
