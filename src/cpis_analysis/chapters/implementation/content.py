"""What is known of how the intervention was put into practice: fidelity, whom it reached, teams singled out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cpis_analysis.chapters.answer_counts import Answers, answers_by_arm
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.format import is_missing
from cpis_analysis.publish.sources.sourced_columns import column_of, made, rows_of
from cpis_analysis.study.cluster_rows import list_column
from cpis_analysis.words.labels import code_text


@dataclass(frozen=True)
class TeamFidelity:
    """One team with its value."""

    trust: str
    team: str
    arm: str
    value: Any


@dataclass(frozen=True)
class Reach:
    """Whom the intervention reached, in the one arm that was asked, or in the first beside the reference.

    Attributes
    ----------
    arm : str
    answers : Answers
    others_asked : bool
        Whether other arms were asked too.
    """

    arm: str
    answers: Answers
    others_asked: bool


def team_fidelity(page: Page) -> list[TeamFidelity]:
    """Teams with their fidelity, in the order of the list of teams; none where the plan names no such variable."""
    named, frame = page.content.plan.report.implementation.fidelity, page.summary("team_list")
    if named is None or (column := list_column(named.variable)) not in frame:
        return []
    return [
        TeamFidelity(str(row["trust"]), str(row.get("team") or ""), str(row["arm"]), row[column])
        for row in rows_of(frame)
        if not is_missing(row[column])
    ]


def fidelity_by_arm(page: Page) -> dict[str, tuple[Any, Any]]:
    """Lowest and highest fidelity by arm, the reference first; none where an arm has no team with a value."""
    teams = team_fidelity(page)
    values = {arm: [one.value for one in teams if one.arm == arm] for arm in page.labels.arms()}
    return {arm: (min(known), max(known)) for arm, known in values.items()} if all(values.values()) else {}


def fidelity_pairs(page: Page) -> list[tuple[str, Any, Any]]:
    """(trust, value of the reference arm's team, value of the other arm's), the largest difference first.

    None where the study has more than two arms, or an outer cluster has not one team of each.
    """
    teams, arms = team_fidelity(page), page.labels.arms()
    if len(arms) != 2 or not teams:
        return []
    found = []
    for trust in dict.fromkeys(one.trust for one in teams):
        values = [[one.value for one in teams if one.trust == trust and one.arm == arm] for arm in arms]
        if any(len(known) != 1 for known in values):
            return []
        found.append((trust, values[0][0], values[1][0]))
    return sorted(found, key=lambda pair: -float(pair[2] - pair[1]))


def reach(page: Page) -> Reach | None:
    """Answers of those asked whether the intervention reached them; None where nobody was, or nothing is told."""
    variable = page.content.plan.report.implementation.reached
    arms = answers_by_arm(page, variable) if variable else {}
    others = [arm for arm in arms if arm != page.labels.design.arm.reference] or list(arms)
    if not others or not arms[others[0]].told:
        return None
    return Reach(others[0], arms[others[0]], len(arms) > 1)


def singled_trusts(page: Page) -> list[str]:
    """Outer clusters in which a team is singled out."""
    return list(dict.fromkeys(str(row["trust"]) for row in _singled(page)))


def singled_counts(page: Page) -> tuple[Any, Any, str] | None:
    """Number of teams singled out, of all teams of their arm, and that arm; None with none, or with several arms."""
    rows = _singled(page)
    arms = {str(row["arm"]) for row in rows}
    if len(arms) != 1:
        return None
    arm, frame = arms.pop(), page.summary("team_list")
    own = frame[frame["arm"].astype(str) == arm]
    names = {(str(row["trust"]), str(row["team"])) for row in rows}
    chosen = own[[(str(row["trust"]), str(row["team"])) in names for row in rows_of(own)]]
    return made("length", column_of(chosen, "team")), made("length", column_of(own, "team")), arm


def _singled(page: Page) -> list[dict[str, Any]]:
    single, frame = page.content.plan.report.implementation.singled_out, page.summary("team_list")
    if single is None or frame.empty or (column := list_column(single.variable)) not in frame:
        return []
    return [row for row in rows_of(frame) if code_text(row[column]) == single.code]
