"""Clusters as rows: how many people each recruited and interviewed, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.plan.naming import code_of, place_of

_OWN = ("trust", "team", "arm", "recruited", "baseline", "followup", "subcluster")
"""Columns of the list of clusters, some as files call them."""


def list_column(variable: str) -> str:
    """Column of the list of clusters that holds a variable: its name, in brackets where the list has that already."""
    return f"({variable})" if variable in _OWN or variable.startswith("wave_") else variable


def team_frame(
    participants: pd.DataFrame,
    arm: str,
    levels: Sequence[str],
    stages: Mapping[str, str],
    variables: Sequence[str] = (),
) -> pd.DataFrame:
    """One row a cluster and arm: people recruited and interviewed, and the team-level variables.

    Parameters
    ----------
    participants : DataFrame
        Wide; team-level variables are constant within a team.
    arm : str
    levels : sequence of str
        Variables of the clusters, the largest first; without any a row is an arm.
    stages : mapping of stage to wave
        Stages of the flow after recruitment (`Design.stages`).
    variables : sequence of str
        Team-level variables, where the frame has them.

    Returns
    -------
    DataFrame
        trust (the largest cluster), team (those within it as one name), arm, recruited, the stages (such as baseline,
        followup), and the variables (`list_column`).
    """
    keys = [*levels, arm]
    known = [name for name in variables if name in participants]
    rows = []
    for place, group in participants.groupby(keys, observed=True, sort=True):
        outer, inner = place_of(place[:-1])
        row: dict[str, Any] = {
            "trust": outer,
            "team": inner,
            "arm": code_of(place[-1]),
            "recruited": len(group),
            **{stage: int(group[f"has_{wave}"].astype(bool).sum()) for stage, wave in stages.items()},
        }
        row |= {
            list_column(name): group[name].dropna().iloc[0] if group[name].notna().any() else None for name in known
        }
        rows.append(row)
    frame = pd.DataFrame(rows, columns=["trust", "team", "arm", "recruited", *stages, *map(list_column, known)])
    for name in known:
        if isinstance(participants[name].dtype, pd.CategoricalDtype):
            frame[list_column(name)] = frame[list_column(name)].astype(participants[name].dtype)
    return frame
