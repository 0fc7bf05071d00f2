"""Fidelity of the teams, as the plan names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.format import is_missing
from cpis_analysis.publish.sourced_columns import rows_of

__all__ = ["TeamFidelity", "fidelity_by_arm", "team_fidelity"]


@dataclass(frozen=True)
class TeamFidelity:
    """One team with its value."""

    trust: str
    team: str
    arm: str
    value: Any


def team_fidelity(page: Page) -> list[TeamFidelity]:
    """Teams with their fidelity, in the order of the list of teams; none where the plan names no such variable."""
    named, frame = page.content.plan.report.implementation.fidelity, page.summary("team_list")
    if named is None or named.variable not in frame:
        return []
    return [
        TeamFidelity(str(row["trust"]), str(row.get("team") or ""), str(row["arm"]), row[named.variable])
        for row in rows_of(frame)
        if not is_missing(row[named.variable])
    ]


def fidelity_by_arm(page: Page) -> dict[str, tuple[Any, Any]]:
    """Lowest and highest fidelity by arm, the reference first; none where an arm has no team with a value."""
    teams = team_fidelity(page)
    values = {arm: [one.value for one in teams if one.arm == arm] for arm in page.labels.arms()}
    return {arm: (min(known), max(known)) for arm, known in values.items()} if all(values.values()) else {}
