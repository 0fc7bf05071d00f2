"""Answers in teams that did something of their own, beside those in all other teams."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.plan.schema import Report
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.coding import code_of, codes_of

SINGLED, OTHERS = "singled out", "others"
COLUMNS = ["variable", "code", "arm", "part", "n", "count"]


def event_code(codes: list[str]) -> str:
    """Which answer of a question is counted: yes, or the first."""
    return "yes" if "yes" in codes else codes[0]


def singled_out_counts(participants: pd.DataFrame, design: Design, report: Report) -> pd.DataFrame:
    """Count the answers to `report.implementation.supported` in the teams singled out, and in all others of their arm.

    An arm in which no team is singled out is parted by outer cluster: those that have such a team, and the others. So
    where each outer cluster has a team an arm, a team that is singled out stands beside its counterpart.

    Parameters
    ----------
    participants : DataFrame
        Analysis data, wide.
    design : Design
    report : Report

    Returns
    -------
    DataFrame
        variable, code, arm, part (``singled out`` or ``others``), n (answered), count; without rows where the plan
        singles no team out, or no team of an arm is left on one side.
    """
    done, wave = report.implementation, design.followup_wave
    single, variable = done.singled_out, done.supported
    empty = pd.DataFrame([], columns=COLUMNS)
    if single is None or variable is None or single.variable not in participants:
        return empty
    column = next((name for name in (f"{variable}_{wave}", variable) if name in participants), None)
    if column is None:
        return empty
    people = participants[participants[f"has_{wave}"].astype(bool) & participants[column].notna()]
    code = event_code(codes_of(participants[column]))
    own = people[single.variable].astype(object).map(code_of, na_action="ignore") == single.code
    if design.trust is None:
        return empty
    places = set(people.loc[own, design.trust])
    rows = []
    for arm, group in people.groupby(design.arm.variable, observed=True, sort=True):
        inside = own[group.index]
        if not inside.any():
            inside = group[design.trust].isin(places)
        if inside.all() or not inside.any():
            continue
        yes = group[column].astype(object).map(code_of) == code
        rows += [
            (variable, code, code_of(arm), name, int(which.sum()), int((yes & which).sum()))
            for name, which in ((SINGLED, inside), (OTHERS, ~inside))
        ]
    return pd.DataFrame(rows, columns=COLUMNS)
