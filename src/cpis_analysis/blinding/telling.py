"""Variables that give the groups away, found from the data, the dictionary and their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.blinding.terms import Terms
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.schema_design import Design

NOTABLE = 5
"""So many answers of one kind in one group and none in any other are told to the data manager."""


@dataclass(frozen=True)
class CleanData:
    """What cleaning wrote: people, interviews, and the list of teams (None where there is none)."""

    participants: pd.DataFrame
    interviews: pd.DataFrame
    teams: pd.DataFrame | None = None


def telling_variables(
    data: CleanData, dictionary: Dictionary, design: Design, terms: Terms, chosen: Mapping[str, str]
) -> dict[str, str]:
    """Variables that stay out of the blinded study, each with the reason.

    1. What the data manager names.
    2. Names, labels, choices and notes that hold a word which tells a group or a cluster.
    3. What is asked by group or cluster: branching logic on these, or on a variable that is left out.
    4. What clusters are like (all of the list of teams): whoever knows the teams knows their groups.
    5. What was not answered in every group.
    6. What was answered otherwise by everybody of each group, so that answers and groups say the same.

    Parameters
    ----------
    data : CleanData
    dictionary : Dictionary
    design : Design
    terms : Terms
    chosen : mapping of str to str
        Reasons by the variables of 1.
    """
    own = {design.participant, design.arm.variable, *design.clusters}
    found = dict(chosen)
    for variable in dictionary.values():
        texts = (variable.name, variable.label, variable.note, *variable.choices, *variable.choices.values())
        if variable.name not in own and terms.tells(*texts):
            found.setdefault(variable.name, "its name, label or answers hold a word that tells a group or a cluster")
    for name in [] if data.teams is None else data.teams.columns:
        if name not in (*own, "source", "line"):
            found.setdefault(str(name), "it says what clusters are like")
    for name, values, arms in _columns(data, design):
        if name in own or name not in dictionary:
            continue
        answered = values.notna().groupby(arms).sum()
        if answered.any() and not answered.all():
            one = int(answered.astype(bool).sum()) == 1
            found.setdefault(name, f"it was {'answered in one group only' if one else 'not answered in every group'}")
        elif _apart(values, arms):
            found.setdefault(name, "its answers are other ones in each group")
    return found | _asked_by(dictionary, own - {design.participant}, found)


def one_sided_answers(data: CleanData, design: Design, kept: Mapping[str, object]) -> list[str]:
    """Variables with an answer that several people of one group gave and nobody of another: by chance, or telling."""
    found = []
    for name, values, arms in _columns(data, design):
        if name not in kept or not isinstance(values.dtype, pd.CategoricalDtype):
            continue
        counts = pd.crosstab(values.astype(object), arms)
        if ((counts.max(axis=1) >= NOTABLE) & (counts == 0).any(axis=1)).any():
            found.append(name)
    return sorted(dict.fromkeys(found))


def _columns(data: CleanData, design: Design) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """Each variable of people and interviews, with the group of every row whose group is known."""
    arm, key = design.arm.variable, design.participant
    groups = data.participants.set_index(key)[arm].astype(object)
    for frame in (data.participants, data.interviews):
        arms = frame[key].map(groups)
        known = arms.notna()
        for name in frame.columns.drop([key], errors="ignore"):
            yield str(name), frame.loc[known, name], arms[known]


def _apart(values: pd.Series, arms: pd.Series) -> bool:
    """Whether no answer was given in two groups, although answers repeat."""
    there = values.notna()
    answers, groups = values[there].astype(object), arms[there]
    if len(answers) < 2 * answers.nunique():
        return False
    return bool((groups.groupby(answers).nunique() == 1).all())


def _asked_by(dictionary: Dictionary, places: set[str], known: Mapping[str, str]) -> dict[str, str]:
    """What is asked by group or cluster, by a variable that is left out, or by what is asked by these."""
    found: dict[str, str] = {}
    while True:
        sources = {*places, *known, *found}
        more = {
            variable.name: "whether it is asked depends on the group, the cluster or what is left out"
            for variable in dictionary.values()
            if variable.branching is not None
            and variable.name not in sources
            and sources & set(variable.branching.variables())
        }
        if not more:
            return found
        found |= more
