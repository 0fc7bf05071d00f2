"""Boxes of the flow diagram: trusts, teams and people of each arm at each stage, with losses; checked to add up.

Stages before recruitment stand above the arms, for a study whose log has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.chapters.flow.screening_boxes import differing, screening_boxes, screening_problems
from cpis_analysis.disclosure.counts import OTHER_REASONS, merge_reasons
from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.flow_stages import (
    AFTER_BASELINE,
    AFTER_RECRUITMENT,
    BEFORE_BASELINE,
    NOT_KNOWN,
    losses_of,
)
from cpis_analysis.plan.naming import counted_noun, is_alone, plural
from cpis_analysis.publish.blocks import FlowBox
from cpis_analysis.publish.format import capital, count, lower_first, percent
from cpis_analysis.publish.sources.sourced_columns import column_of, made
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import counted, listed, mid_sentence

REASON = "loss_reason"


@dataclass(frozen=True)
class FlowBoxes:
    """Boxes of a flow diagram.

    Attributes
    ----------
    before : tuple of FlowBox
        Stages before recruitment.
    recruited : FlowBox
    branches : dict of str to tuple of (FlowBox or None)
        By arm from top to bottom; None where there is nothing to say.
    levels : str
        "trusts, teams and people".
    """

    before: tuple[FlowBox, ...]
    recruited: FlowBox
    branches: dict[str, tuple[FlowBox | None, ...]]
    levels: str

    @property
    def trunk(self) -> tuple[FlowBox, ...]:
        """What stands above the arms."""
        return (*self.before, self.recruited)


def flow_boxes(flow: Mapping[str, Any], clusters: pd.DataFrame, labels: Labels) -> FlowBoxes:
    """What each box of the flow says.

    Parameters
    ----------
    flow : mapping
        results/flow.json: ``overall`` and ``by_arm`` (recruited, the stages of the design, and allocated and analysed
        where known), ``losses`` (arm, stage, reason, n), and ``screening`` where the study has stages before
        recruitment.
    clusters : DataFrame
        Summary ``team_list``: trust, team (missing without teams), arm, recruited, and the stages of the design.
    labels : Labels

    Raises
    ------
    DataError
        If stages, arms, teams and reasons do not add up; every contradiction is listed.
    """
    problems = list(flow_problems(flow, clusters, labels.arms_left_out(flow["by_arm"])))
    if problems:
        raise DataError("The flow diagram does not add up.", problems)
    losses = _losses(flow, labels)
    nowhere = bool(flow.get("by_team", {}).get(NOT_KNOWN, {}).get("followup"))
    branches = {
        arm: tuple(_column(arm, flow["by_arm"][arm], clusters, losses, labels, nowhere)) for arm in _arms(flow, labels)
    }
    recruited = f"{count(flow['overall']['recruited'])} {labels.people} recruited"
    # the boxes count the largest and the smallest clusters
    levels = labels.design.levels
    nouns = [plural(level.cluster) for level in (*levels[:1], *levels[1:][-1:])]
    return FlowBoxes(
        before=tuple(FlowBox(lines, loss) for lines, loss in screening_boxes(flow, labels)),
        recruited=FlowBox((recruited, *places(clusters, "recruited", labels), *withdrawn(flow, labels))),
        branches=branches,
        levels=f"{', '.join(nouns)} and {labels.people}" if nouns else labels.people,
    )


def flow_problems(flow: Mapping[str, Any], clusters: pd.DataFrame, left_out: Sequence[str] = ()) -> Iterator[Problem]:
    """Everything in a flow that does not add up; arms that the plan leaves out have no clusters in the summaries."""
    yield from screening_problems(flow)
    stages = [stage for stage in flow["overall"] if stage != "allocated"]
    losses = losses_of(stages)
    nowhere = flow.get("by_team", {}).get(NOT_KNOWN, {})
    for stage in stages:
        total = sum(int(part[stage]) for part in flow["by_arm"].values())
        yield from differing(f"{stage}: the sum over the arms is not the total", total, int(flow["overall"][stage]))
    for arm, part in flow["by_arm"].items():
        own = clusters[clusters["arm"].astype(str) == str(arm)]
        # people whose arm could not be decided are in no arm's clusters, wherever they were recruited
        placed = arm != NOT_KNOWN and arm not in left_out
        for stage in (stage for stage in stages if stage != "analysed"):
            # people whose team could not be decided are in an arm, but in no cluster
            if placed and len(clusters) and not 0 <= int(part[stage]) - int(own[stage].sum()) <= nowhere.get(stage, 0):
                yield from differing(
                    f"{stage}, {arm}: the sum over the clusters is not the arm's",
                    int(own[stage].sum()),
                    int(part[stage]),
                )
        for stage, (before, after) in losses.items():
            lost = sum(int(row["n"]) for row in flow["losses"] if row["arm"] == arm and row["stage"] == stage)
            yield from differing(
                f"{before} to {after}, {arm}: the losses do not explain the difference",
                lost,
                int(part[before]) - int(part[after]),
            )
        if int(part.get("analysed", 0)) > int(part["recruited"]):
            allowed = f"at most {part['recruited']}"
            yield Problem(f"{arm}: more {PEOPLE} analysed than recruited", value=str(part["analysed"]), allowed=allowed)


def _arms(flow: Mapping[str, Any], labels: Labels) -> list[str]:
    seen = [arm for arm, part in flow["by_arm"].items() if part["recruited"]]
    ordered = labels.arms(seen)
    return [*ordered, *(arm for arm in seen if arm not in ordered)]


def _losses(flow: Mapping[str, Any], labels: Labels) -> pd.DataFrame:
    rows = pd.DataFrame(list(flow["losses"]), columns=["stage", "arm", "team", "reason", "n"], dtype=object)
    return merge_reasons(rows[["arm", "stage", "reason", "n"]], labels.minimum).frames["losses"]


def _column(
    arm: str, counts: Mapping[str, int], clusters: pd.DataFrame, losses: pd.DataFrame, labels: Labels, nowhere: bool
) -> list[FlowBox | None]:
    """Boxes of one arm from top to bottom; None where there is nothing to say.

    ``nowhere``: some people of the study are in no cluster, because theirs is not known.
    """
    unknown = arm == NOT_KNOWN
    apart = arm in labels.arms_left_out([arm])
    own = clusters[clusters["arm"].astype(str) == arm]
    unplaced = unknown or apart  # their clusters are in no summary
    boxes: list[FlowBox | None] = [
        FlowBox(
            (
                f"{capital(labels.variable(labels.design.arm.variable))} not known" if unknown else labels.arm(arm),
                f"{counted(counts['recruited'], labels.person)} recruited",
                *_allocated(counts),
                *([] if unplaced else places(own, "recruited", labels)),
            )
        ),
        *_stages(arm, counts, None if unplaced else own, losses, labels),
    ]
    followup = counts["followup"]
    if "analysed" in counts:
        analysed = counts["analysed"]
        left_out = followup - analysed
        nouns = [level.noun for level in labels.design.levels]
        why = (
            "the plan does not compare this arm"
            if apart
            else (
                f"{lower_first(labels.variable(labels.design.arm.variable))} not known"
                if unknown
                else (
                    f"{listed(['outcome', 'covariate', *nouns], 'or')} missing"
                    if nowhere
                    else "outcome or covariate missing"
                )
            )
        )
        at = _of_primary(labels)
        boxes.append(FlowBox((f"{count(left_out)} {at}not analysed", why), loss=True) if left_out > 0 else None)
        boxes.append(
            FlowBox((f"{count(analysed)} in the primary analysis{f', of those {at}'.rstrip() if at else ''}",))
        )
    return boxes


def _stages(
    arm: str, counts: Mapping[str, int], own: pd.DataFrame | None, losses: pd.DataFrame, labels: Labels
) -> Iterator[FlowBox | None]:
    """Boxes of the waves of one arm, those lost before baseline and before the primary wave each above its box.

    ``own`` are the arm's clusters; None where they are not known.
    """
    design = labels.design
    start = design.start
    for stage, wave in design.stages.items():
        when, n = lower_first(labels.wave(wave)), counts[stage]
        if stage == "baseline":
            yield _loss_box(
                f"Not {labels.met} at {when}", counts["recruited"] - n, losses, arm, BEFORE_BASELINE, labels
            )
        held = [] if own is None else list(places(own, stage, labels))
        if stage == "followup":
            lost, where = counts[start] - n, AFTER_BASELINE if start == "baseline" else AFTER_RECRUITMENT
            head = f"Lost before {when}" if start == "baseline" else f"Not {labels.met} at {when}"
            yield _loss_box(head, lost, losses, arm, where, labels)
            of = f"at {lower_first(labels.wave(labels.first_wave))}" if start == "baseline" else "recruited"
            held = ["; ".join([f"{percent(n, counts[start])} of those {of}", *held])]
        yield FlowBox((f"{count(n)} {labels.met} at {when}", *held))


def withdrawn(flow: Mapping[str, Any], labels: Labels) -> tuple[str, ...]:
    """People who withdrew consent to the use of their data: in no number of the diagram, and so counted apart."""
    if flow.get("withdrawn", 0) == 0:
        return ()
    n = flow["withdrawn"]
    many = (
        f"fewer than {count(labels.minimum)} {labels.people}"
        if n is None or n < labels.minimum
        else f"{count(n)} {labels.people}"
    )
    return (f"not counted: {many} who withdrew consent and data",)


def _of_primary(labels: Labels) -> str:
    """Of whom people who were not analysed are, where another wave stands between."""
    later = labels.design.wave_names[-1] != labels.followup_wave
    return f"{labels.met} at {lower_first(labels.wave(labels.followup_wave))} " if later else ""


def _allocated(counts: Mapping[str, int]) -> tuple[str, ...]:
    return (f"{count(counts['allocated'])} allocated",) if "allocated" in counts else ()


def _loss_box(head: str, n: int, losses: pd.DataFrame, arm: str, stage: str, labels: Labels) -> FlowBox | None:
    if not n:
        return None
    lines = [f"{head}: {count(n)}"]
    part = losses[(losses["arm"].astype(str) == arm) & (losses["stage"] == stage)]
    known = part[part["reason"] != ""]
    if set(known["reason"]) == {OTHER_REASONS} and len(part) == 1:
        lines.append(f"for reasons of fewer than {count(labels.minimum)} {labels.people} each")
    elif len(known):
        for row in part.itertuples():
            name = {OTHER_REASONS: "for other reasons", "": "reason not recorded"}.get(
                row.reason, mid_sentence(labels.choice(REASON, row.reason))
            )
            lines.append(f"{count(row.n)} {name}")
    return FlowBox(tuple(lines), loss=True)


def places(clusters: pd.DataFrame, stage: str, labels: Labels) -> tuple[str, ...]:
    """Such as "5 trusts, 10 teams": those with anybody at the stage; nothing in a study without clusters."""
    if not labels.design.levels:
        return ()
    held = clusters[clusters[stage] > 0]
    if labels.design.one_sided is not None:
        return _places_of_some_arms(held, labels)
    n_trusts = made("different", column_of(held, "trust"))
    words = f"{count(n_trusts)} {counted_noun(n_trusts, labels.trust_word)}"
    if labels.design.team is None:
        return (words,)
    n_teams = made("different", column_of(held, "trust"), column_of(held, "team"))
    return (f"{words}, {count(n_teams)} {counted_noun(n_teams, labels.team_word)}",)


def _places_of_some_arms(held: pd.DataFrame, labels: Labels) -> tuple[str, ...]:
    """Places where the smallest clusters are in some arms only: single people are none."""
    words = []
    level = labels.design.levels[-1]
    in_clusters = held[[not is_alone(place) for place in held["trust" if labels.design.team is None else "team"]]]
    if labels.design.team is not None:
        n = made("different", column_of(held, "trust"))
        words.append(f"{count(n)} {counted_noun(n, labels.trust_word)}")
    if len(in_clusters):
        n = made("different", column_of(in_clusters, "trust"), *([column_of(in_clusters, "team")] if words else []))
        words.append(f"{count(n)} {counted_noun(n, level.cluster)}")
    return (", ".join(words),) if words else ()
