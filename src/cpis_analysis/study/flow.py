"""The participant flow from recruitment to the analyses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.plan.schema import Design

__all__ = ["STAGES", "complete_flow"]

STAGES = ("recruited", "baseline", "followup", "analysed")


def complete_flow(
    flow: Mapping[str, Any], groups: Mapping[str, Sequence[Mapping[str, Any]]], primary: str, design: Design
) -> dict[str, Any]:
    """Add the numbers analysed to the flow of the fieldwork.

    Parameters
    ----------
    flow : mapping
        ``overall``, ``by_arm``, ``by_team`` with recruited, baseline, followup, and ``losses``, of the clean data.
    groups : mapping of analysis name to cells
        What each analysis used: trust, team, arm, n_participants, n_obs.
    primary : str
        The analysis whose numbers are ``analysed`` in the flow.
    design : Design

    Returns
    -------
    dict
        `flow` with ``analysed`` at each place, and ``analyses``: by name, people analysed overall, by_arm, by_team.

    Raises
    ------
    DataError
        If there is no primary analysis, a number grows along the flow, or an analysis holds a group that nobody was
        recruited to. An analysis of all interviews may hold people who were not followed up, so it is held against
        the number recruited.
    """
    if primary not in groups:
        raise DataError("The participant flow can't be completed.",
                        [Problem("the primary analysis has no result", value=primary)])
    analyses = {name: _analysed(cells, design) for name, cells in groups.items()}
    problems: list[Problem] = []
    for name, counts in analyses.items():
        before = "followup" if name == primary and _one_row_each(groups[name]) else "recruited"
        problems += _too_many(name, flow, counts, before)
    main = analyses[primary]
    result = {
        "overall": {**flow["overall"], "analysed": main["overall"]},
        **{
            part: {group: {**counts, "analysed": main[part].get(group, 0)} for group, counts in flow[part].items()}
            for part in _groupings(flow)
        },
    }
    places = [("overall", result["overall"])]
    places += [(group, counts) for part in _groupings(flow) for group, counts in result[part].items()]
    for place, counts in places:
        for earlier, later in pairwise(STAGES[:3]):
            if counts[later] > counts[earlier]:
                found = f"{counts[later]} people {later}, but {counts[earlier]} {earlier}"
                problems.append(Problem(found, variable=place))
    if problems:
        raise DataError("The participant flow does not add up.", problems)
    more = {part: flow[part] for part in ("screening", "not_placed") if part in flow}
    return {**result, "losses": list(flow.get("losses", ())), **more, "analyses": analyses}


def _groupings(flow: Mapping[str, Any]) -> list[str]:
    return [part for part in ("by_arm", "by_team", "by_trust") if part in flow]


def _analysed(cells: Sequence[Mapping[str, Any]], design: Design) -> dict[str, Any]:
    by_arm: dict[str, int] = {}
    by_team: dict[str, int] = {}
    by_trust: dict[str, int] = {}
    for cell in cells:
        team = f"{cell['trust']} / {cell['team']}" if design.team else str(cell["trust"])
        by_arm[cell["arm"]] = by_arm.get(cell["arm"], 0) + cell["n_participants"]
        by_team[team] = by_team.get(team, 0) + cell["n_participants"]
        by_trust[cell["trust"]] = by_trust.get(cell["trust"], 0) + cell["n_participants"]
    return {"overall": sum(by_arm.values()), "by_arm": by_arm, "by_team": by_team, "by_trust": by_trust}


def _one_row_each(cells: Sequence[Mapping[str, Any]]) -> bool:
    return all(cell["n_obs"] == cell["n_participants"] for cell in cells)


def _too_many(name: str, flow: Mapping[str, Any], counts: Mapping[str, Any], before: str) -> list[Problem]:
    pairs = [("overall", counts["overall"], flow["overall"][before])]
    for part in _groupings(flow):
        pairs += [(group, n, flow[part].get(group, {}).get(before, 0)) for group, n in counts[part].items()]
    return [
        Problem(f"{n} people analysed, but {available} {before}", variable=place, value=name)
        for place, n, available in pairs if n > available
    ]
