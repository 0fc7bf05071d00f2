"""What clean data have to be before an analysis data set is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.plan.naming import code_of, plural
from cpis_analysis.study_words import PERSON

if TYPE_CHECKING:
    from cpis_analysis.plan.schema_design import Design


def check_clean(
    participants: pd.DataFrame,
    interviews: pd.DataFrame,
    teams: pd.DataFrame | None,
    design: Design,
    waves: list[str],
    outcomes: list[str],
) -> None:
    """Make sure that clean data hold what the design names, once for each person and wave.

    Raises
    ------
    DataError
        With all that they lack or hold twice.
    """
    key, needed = design.participant, [design.participant, design.arm.variable, *design.clusters]
    problems = [
        Problem(
            "the recruitment log lacks a variable of the design",
            variable=name,
            allowed=", ".join(map(str, participants.columns)),
        )
        for name in needed
        if name not in participants
    ]
    problems += [
        Problem(
            "the rows of the waves lack a variable",
            variable=name,
            hint="add it to the file of the waves, or take it out of the plan",
        )
        for name in (key, "wave")
        if name not in interviews
    ]
    clusters, noun = list(design.clusters), design.team_noun
    if teams is not None and len(teams):
        problems += [
            Problem(
                f"the list of {plural(noun)} lacks a variable",
                variable=name,
                hint="add it to that list, or take it out of the plan",
            )
            for name in clusters
            if name not in teams
        ]
    problems += [
        Problem(
            "the outcome is neither a variable of the waves nor a score",
            variable=name,
            hint="write variable: with the name of one, or define it under scores",
        )
        for name in outcomes
        if name not in interviews
    ]
    problems += [
        Problem(
            "the outcome is not a number",
            variable=name,
            hint="give its choices numbers, or make it an event: type: binary, with variable and event",
        )
        for name in outcomes
        if name in interviews and not pd.api.types.is_numeric_dtype(interviews[name])
    ]
    if problems:
        raise DataError("The analysis data can't be built.", problems)

    for person in participants.loc[participants[key].duplicated(), key]:
        problems.append(
            Problem(
                f"the {design.people.noun} stands twice in the recruitment log",
                participant=str(person),
                hint="remove one of the rows, or answer the query about it",
            )
        )
    for person in interviews.loc[~interviews[key].isin(participants[key]), key]:
        problems.append(
            Problem(
                "a row at a wave of somebody who was not recruited",
                participant=str(person),
                hint=f"add the {PERSON} to the recruitment log, or correct the number",
            )
        )
    strange = ~interviews["wave"].astype(str).isin(waves)
    for person, wave in interviews.loc[strange, [key, "wave"]].itertuples(index=False):
        problems.append(
            Problem(
                "a row of an unknown wave",
                participant=str(person),
                variable="wave",
                value=str(wave),
                allowed=", ".join(waves),
            )
        )
    for person, wave in interviews.loc[interviews.duplicated([key, "wave"]), [key, "wave"]].itertuples(index=False):
        problems.append(
            Problem(
                "two rows of one wave",
                participant=str(person),
                variable="wave",
                value=str(wave),
                hint="remove one of the rows, or answer the query about it",
            )
        )
    if teams is not None and len(teams) and clusters:
        for place in teams.loc[teams.duplicated(clusters), clusters].itertuples(index=False):
            problems.append(
                Problem(
                    f"the {noun} stands twice in the list of {plural(noun)}",
                    variable=clusters[-1],
                    value=" / ".join(map(code_of, place)),
                    hint="remove one of the rows",
                )
            )
    if problems:
        raise DataError("The analysis data can't be built.", problems)


def no_collision(added: dict[str, pd.Series], people: pd.DataFrame) -> None:
    """Make sure that no variable of interviews has the name of one of people.

    Raises
    ------
    DataError
        With those that have.
    """
    problems = [
        Problem("two variables have this name in the analysis data", variable=name, hint="rename the one in the log")
        for name in added
        if name in people
    ]
    if problems:
        raise DataError("The analysis data can't be built.", problems)
