"""People in the log who were approached but not recruited: counted, then set aside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.expected_columns import person_level, team_keys
from cpis_analysis.plan.schema import Data
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.schema_intake import Stages
from cpis_analysis.study_words import PEOPLE

if TYPE_CHECKING:
    import pandas as pd

BEFORE = ("approached", "eligible", "consented", "recruited")


def screening_problems(dictionary: Dictionary, data: Data, design: Design) -> list[Problem]:
    """Stages that are no variables about people, or that neither yes/no nor dates."""
    persons = person_level(dictionary, data, design)
    problems = []
    for stage, name in data.stages.model_dump().items():
        if name is None:
            continue
        if name not in persons:
            absent = dictionary.absent(name, f"data.stages.{stage}", f"names no variable about {PEOPLE}")
            problems.append(
                replace(
                    absent,
                    hint=did_you_mean(name, persons)
                    or "name a variable of the recruitment log that is in the dictionary",
                )
            )
        elif stage != "reason" and dictionary[name].type != "date" and "yes" not in dictionary[name].choices:
            problems.append(
                dictionary.unfit(
                    name,
                    "must be yes/no or a date",
                    f"data.stages.{stage}",
                    instead="give the variable one of these types in the dictionary, or name another",
                )
            )
    return problems


def screen(fieldwork: Fieldwork, journal: Journal, stages: Stages, design: Design) -> pd.DataFrame | None:
    """Note how far everybody in the log came, and set aside who was not recruited.

    Returns
    -------
    DataFrame or None
        One row a person in the log: trust, team, reason, and a truth value for each stage that the plan names.
        Who reached a stage reached those before it. None where the plan names no stage before recruitment.
    """
    import pandas as pd

    log = fieldwork.persons
    named = {stage: name for stage in BEFORE if (name := getattr(stages, stage)) is not None}
    if not named:
        return None
    rows = np.flatnonzero(log.present())
    reached: dict[str, np.ndarray] = {stage: _reached(log, name)[rows] for stage, name in named.items()}
    if "recruited" not in reached:
        reached["recruited"] = np.ones(len(rows), dtype=bool)
    later = np.zeros(len(rows), dtype=bool)
    for stage in reversed(list(reached)):
        later = later | reached[stage]
        reached[stage] = later
    frame = pd.DataFrame({key: log.text(key)[rows] for key in team_keys(design) if key in log})
    frame["reason"] = log.text(stages.reason)[rows] if stages.reason is not None else ""
    left = rows[~reached["recruited"]]
    journal.set_aside_stack(log, left, "not_recruited", f"the {design.people.noun} was not recruited")
    return frame.assign(**reached)


def _reached(log: Stack, name: str) -> np.ndarray:
    texts = log.text(name)
    return texts != "" if log.variable(name).type == "date" else texts == "yes"
