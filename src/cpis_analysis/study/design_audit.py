"""What the design can and cannot answer, established before any model is fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from cpis_analysis.errors import DataError, ModelError, Problem
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import is_alone, natural_order, place_of, plural
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.allocation import Allocation, allocation_of, allocation_problems
from cpis_analysis.study.coding import cluster_label, other_arms
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.design_degrees import DegreesOfFreedom, allocated_noun, degrees_left
from cpis_analysis.study.design_warnings import design_warnings


@dataclass(frozen=True)
class DesignAudit:
    """Arms, clusters and people, and what follows for inference.

    Attributes
    ----------
    regime, level, variable : str
        See `Allocation`.
    description : str
        One sentence on how the arm was allocated.
    arms : tuple of dict
        arm, n_trusts (largest clusters; None without), n_middles (only with three levels), n_teams (smallest; None
        without), recruited, and the stages of the study (`Design.stages`).
    levels : tuple of dict
        Of every level of clusters, the largest first, and arm: level (its variable), arm, n_clusters, and of how many
        people of the arm each recruited recruited_median, recruited_low and recruited_high. Single people, where some
        arms only have clusters, are no clusters.
    cells : tuple of dict
        trust and team (`plan.naming.place_of`), arm, recruited, and the stages of the study.
    clusters_by_arm : tuple of (arm, int)
        Clusters with follow-up at the level of allocation.
    degrees_of_freedom : tuple of DegreesOfFreedom
    singletons : tuple of str
        Clusters with one person at follow-up.
    lost_whole : tuple of str
        Clusters with people recruited and nobody at follow-up.
    labels_reused : tuple of str
        Labels of smallest clusters that occur in more than one larger one.
    mixed_clusters : tuple of str
        Clusters with a few people recorded in the other arm.
    warnings : tuple of str
        Plain sentences.
    """

    regime: str
    level: str
    variable: str
    description: str
    arms: tuple[dict[str, Any], ...]
    levels: tuple[dict[str, Any], ...]
    cells: tuple[dict[str, Any], ...]
    clusters_by_arm: tuple[tuple[str, int], ...]
    degrees_of_freedom: tuple[DegreesOfFreedom, ...]
    singletons: tuple[str, ...]
    lost_whole: tuple[str, ...]
    labels_reused: tuple[str, ...]
    mixed_clusters: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        record = asdict(self)
        record["clusters_by_arm"] = [{"arm": arm, "n_clusters": n} for arm, n in self.clusters_by_arm]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in record.items()}


def audit_design(data: AnalysisData, design: Design, left_out: Sequence[str] = ()) -> DesignAudit:
    """Establish the level of allocation, the clusters and degrees of freedom, and refuse the impossible.

    Level and regime come from everyone recruited whose arm and clusters are known; clusters that carry evidence
    are those with follow-up.

    Parameters
    ----------
    data : AnalysisData
    design : Design
    left_out : sequence of str
        What cleaning set aside and by which rule, in words (`intake.reconciliation.rows_left_out`): said where nobody
        is left.

    Raises
    ------
    DataError
        If an arm has no people, before or at follow-up.
    ModelError
        If an arm has one cluster at the level of allocation: no inference about the arm can be valid (Varnell, Murray
        et al. 2004, Am J Public Health 94:393).
    """
    arm, levels = design.arm.variable, list(design.clusters)
    # people whose arm or clusters could not be decided are in no analysis
    people = data.participants.dropna(subset=[arm, *levels])
    nowhere = len(data.participants) - len(people)
    if nowhere:
        left_out = (
            *left_out,
            f"{nowhere} {plural(design.people.noun)} whose {listed([arm, *levels], 'or')} is not known",
        )
    seen = {stage: f"has_{wave}" for stage, wave in design.stages.items()}
    followed = people[people[seen["followup"]]]
    everyone = _checked(people, design, "recruited", left_out)
    analysed = _checked(followed, design, "at follow-up", left_out)

    cells = _cells(people, [*levels, arm], seen)
    singletons: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    if levels:
        by_cluster = cells.groupby(levels, sort=False)[["recruited", "followup"]].sum()
        labels = [cluster_label(key if isinstance(key, tuple) else (key,)) for key in by_cluster.index]
        of_clusters = [(x, n) for x, n in zip(labels, by_cluster["followup"], strict=True) if not is_alone(x)]
        singletons = tuple(x for x, n in of_clusters if n == 1)
        lost = tuple(x for x, n in of_clusters if n == 0)
    if len(levels) > 1:
        places = cells[levels].drop_duplicates()
        reused = tuple(
            sorted({str(x) for x in places.loc[places[levels[-1]].duplicated(), levels[-1]]}, key=natural_order)
        )

    return DesignAudit(
        regime=everyone.regime,
        level=everyone.level,
        variable=everyone.variable,
        description=_description(everyone, design),
        arms=tuple(_arms(cells, design)),
        levels=tuple(_levels(cells, design)),
        cells=tuple(
            {
                **dict(zip(("trust", "team"), place_of([row[level] for level in levels]), strict=True)),
                "arm": row[arm],
                "recruited": row["recruited"],
                **{stage: row[stage] for stage in seen},
            }
            for row in cells.to_dict("records")
        ),
        clusters_by_arm=analysed.clusters,
        degrees_of_freedom=tuple(degrees_left(analysed, _pairs(followed, design), len(followed), design)),
        singletons=singletons,
        lost_whole=lost,
        labels_reused=reused,
        mixed_clusters=everyone.mixed,
        warnings=tuple(design_warnings(everyone, analysed, singletons, lost, reused, design)),
    )


def _checked(people: pd.DataFrame, design: Design, stage: str, left_out: Sequence[str]) -> Allocation:
    """Allocation of these people, or the reason why they can't be compared."""
    arm = design.arm.variable
    if people.empty:
        why = "the files hold none" if not left_out else "cleaning left out " + "; ".join(left_out)
        raise DataError(
            "The design has no valid analysis.",
            Problem(
                f"after cleaning there are no {plural(design.people.noun)} {stage}: {why}",
                hint="data/processed/set_aside.csv and queries.csv have each row" if left_out else None,
            ),
        )
    allocation = allocation_of(people, arm, design.clusters)
    arms = sorted(people[arm].astype(str).unique())
    problems = allocation_problems(allocation, arms, design.arm.reference, design.trust or "", noun=design.noun_of)
    if problems:
        kind = DataError if len(arms) < 2 or design.arm.reference not in arms else ModelError
        found = [Problem(f"{p.message} ({stage})", variable=arm, value=p.value, allowed=p.allowed) for p in problems]
        raise kind("The design has no valid analysis; no model was fitted.", found)
    return allocation


def _cells(people: pd.DataFrame, keys: list[str], seen: dict[str, str]) -> pd.DataFrame:
    counted = people.assign(recruited=1, **{stage: people[flag].astype(int) for stage, flag in seen.items()})
    cells = counted.groupby(keys, observed=True, sort=True)[["recruited", *seen]].sum().reset_index()
    return cells.astype({key: str for key in keys})


def _arms(cells: pd.DataFrame, design: Design) -> list[dict[str, Any]]:
    arm, levels = design.arm.variable, list(design.clusters)
    rows = []
    for code in _in_order(cells, design):
        part = cells[cells[arm] == code]
        rows.append(
            {
                "arm": code,
                "n_trusts": int(part[levels[0]].nunique()) if levels else None,
                **({"n_middles": len(part[levels[:2]].drop_duplicates())} if len(levels) > 2 else {}),
                "n_teams": len(part[levels].drop_duplicates()) if len(levels) > 1 else None,
                **{stage: int(part[stage].sum()) for stage in ("recruited", *design.stages)},
            }
        )
    return rows


def _in_order(cells: pd.DataFrame, design: Design) -> list[str]:
    """Arms, the reference first."""
    return sorted(cells[design.arm.variable].unique(), key=lambda code: (code != design.arm.reference, code))


def _levels(cells: pd.DataFrame, design: Design) -> Iterator[dict[str, Any]]:
    """How many clusters of each level an arm has, and how many of its people one recruited."""
    arm, levels = design.arm.variable, list(design.clusters)
    together = cells[~cells[levels[-1]].map(is_alone).astype(bool)] if levels else cells
    for depth, level in enumerate(levels, start=1):
        sizes = together.groupby([*levels[:depth], arm], sort=False)["recruited"].sum()
        for code in _in_order(cells, design):
            own = sizes[sizes.index.get_level_values(arm) == code]
            if len(own):
                yield {
                    "level": level,
                    "arm": code,
                    "n_clusters": len(own),
                    "recruited_median": float(own.median()),
                    "recruited_low": int(own.min()),
                    "recruited_high": int(own.max()),
                }


def _pairs(people: pd.DataFrame, design: Design) -> list[tuple[str, Allocation]]:
    """Each arm and the reference, by themselves."""
    arm = design.arm.variable
    codes = people[arm].astype(str)
    return [
        (one, allocation_of(people[codes.isin([one, design.arm.reference])], arm, design.clusters))
        for one in other_arms(people[arm], design.arm.reference, design.arm.first)
    ]


def _description(found: Allocation, design: Design) -> str:
    people = plural(design.people.noun)
    if not design.levels:
        return f"The arm was given to {people} one by one: {people} carry the evidence about it."
    trust, team = design.trust_noun, allocated_noun(found, design)
    trusts, teams = plural(trust), plural(team)
    if design.one_sided is not None:
        clusters, arms = plural(design.one_sided.cluster), listed([f"'{arm}'" for arm in design.one_sided.arms])
        within = f"; arms can be compared within {trusts}" if found.n_split_trusts else ""
        return (
            f"Only {people} of {arms} are in {clusters}, everybody else counts alone: {clusters} and single {people} "
            f"carry the evidence about the arm{within}."
        )
    both, each = ("both", "both") if len(found.clusters) == 2 else ("several", "all")
    if found.level == "individual":
        return (
            f"The arm varies among the {people} of a {design.team_noun}, so {people} carry the evidence "
            f"about it; {found.n_split_trusts} of {found.n_trusts} {trusts} have {people} of {both} arms."
        )
    if found.regime == "A":
        return (
            f"The arm was allocated by {team}, and every one of the {found.n_trusts} {trusts} has {teams} of {each} "
            f"arms: the {teams} carry the evidence, and arms can be compared within {trusts}."
        )
    if found.regime == "B":
        return (
            f"The arm was allocated by {team}; {found.n_split_trusts} of {found.n_trusts} {trusts} have {teams} of "
            f"{both} arms, the others of one: comparisons within and between {trusts} are mixed."
        )
    return (
        f"The arm is a property of the {trust}: the {found.n_trusts} {trusts} carry the evidence, whatever the "
        f"number of {people}."
    )
