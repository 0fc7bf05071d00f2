"""Flow diagram: trusts, teams and people of each arm at each stage, with losses; checked to add up.

Stages before recruitment stand above the arms, for a study whose log has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.flow.screening_boxes import screening_boxes, screening_problems
from cpis_analysis.chapters.pending_figure import FigureOrder, order
from cpis_analysis.disclosure.counts import OTHER_REASONS, merge_reasons
from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.flow import (
    AFTER_BASELINE,
    AFTER_RECRUITMENT,
    BEFORE_BASELINE,
    NOT_KNOWN,
    losses_of,
)
from cpis_analysis.plan.naming import counted_noun, plural
from cpis_analysis.publish.format import capital, count, lower_first, percent
from cpis_analysis.publish.sourced_columns import column_of, made
from cpis_analysis.publish.style import GREY, INK, SIZE, SMALL, WIDTH, Figure, arm_look, canvas, finish, panel, wrap
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import counted, listed

__all__ = ["draw_flow", "figures", "flow_problems"]

REASON = "loss_reason"
_LINE, _PAD, _GAP, _INDENT, _BETWEEN = 11.5, 6.0, 12.0, 34.0, 16.0
_MARGIN = 4.0


@dataclass(frozen=True)
class _Box:
    """Text of one box: the first line is bold."""

    lines: tuple[str, ...]
    loss: bool = False


@dataclass(frozen=True)
class _SetBox:
    """A box whose text is broken into lines, each with whether it is bold."""

    lines: tuple[tuple[str, bool], ...]
    loss: bool

    @property
    def height(self) -> float:
        return _LINE * len(self.lines) + 2 * _PAD


def draw_flow(flow: Mapping[str, Any], clusters: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the flow of trusts, teams and people.

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
    problems = flow_problems(flow, clusters, labels.arms_left_out(flow["by_arm"]))
    if problems:
        raise DataError("The flow diagram does not add up.", problems)
    arms = _arms(flow, labels)
    losses = _losses(flow, labels)
    nowhere = bool(flow.get("by_team", {}).get(NOT_KNOWN, {}).get("followup"))
    columns = {arm: _column(arm, flow["by_arm"][arm], clusters, losses, labels, nowhere) for arm in arms}
    overall = flow["overall"]
    before = [_Box(lines, loss) for lines, loss in screening_boxes(flow, labels)]
    top = [
        *before,
        _Box(
            (
                f"{count(overall['recruited'])} people recruited",
                *_places(clusters, "recruited", labels),
                *_withdrawn(flow, labels),
            )
        ),
    ]
    alt = _words(flow, arms, clusters, before, columns, labels)
    nouns = [plural(level.noun) for level in labels.design.levels]
    title = f"Flow of {', '.join(nouns)} and people" if nouns else "Flow of people"
    return _draw(top, columns, alt, title, labels)


def flow_problems(flow: Mapping[str, Any], clusters: pd.DataFrame, left_out: Sequence[str] = ()) -> list[Problem]:
    """Everything in a flow that does not add up; arms that the plan leaves out have no clusters in the summaries."""
    problems = screening_problems(flow)
    stages = [stage for stage in flow["overall"] if stage != "allocated"]
    losses = losses_of(stages)
    nowhere = flow.get("by_team", {}).get(NOT_KNOWN, {})

    def differs(what: str, found: int, wanted: int) -> None:
        if found != wanted:
            problems.append(Problem(what, value=str(found), allowed=str(wanted)))

    for stage in stages:
        total = sum(int(part[stage]) for part in flow["by_arm"].values())
        differs(f"{stage}: the sum over the arms is not the total", total, int(flow["overall"][stage]))
    for arm, part in flow["by_arm"].items():
        own = clusters[clusters["arm"].astype(str) == str(arm)]
        # people whose arm could not be decided are in no arm's clusters, wherever they were recruited
        placed = arm != NOT_KNOWN and arm not in left_out
        for stage in (stage for stage in stages if stage != "analysed"):
            # people whose team could not be decided are in an arm, but in no cluster
            if placed and len(clusters) and not 0 <= int(part[stage]) - int(own[stage].sum()) <= nowhere.get(stage, 0):
                differs(
                    f"{stage}, {arm}: the sum over the clusters is not the arm's",
                    int(own[stage].sum()),
                    int(part[stage]),
                )
        for stage, (before, after) in losses.items():
            lost = sum(int(row["n"]) for row in flow["losses"] if row["arm"] == arm and row["stage"] == stage)
            differs(
                f"{before} to {after}, {arm}: the losses do not explain the difference",
                lost,
                int(part[before]) - int(part[after]),
            )
        if int(part.get("analysed", 0)) > int(part["recruited"]):
            problems.append(
                Problem(
                    f"{arm}: more people analysed than recruited",
                    value=str(part["analysed"]),
                    allowed=f"at most {part['recruited']}",
                )
            )
    return problems


def _arms(flow: Mapping[str, Any], labels: Labels) -> list[str]:
    seen = [arm for arm, part in flow["by_arm"].items() if part["recruited"]]
    ordered = labels.arms(seen)
    return [*ordered, *(arm for arm in seen if arm not in ordered)]


def _losses(flow: Mapping[str, Any], labels: Labels) -> pd.DataFrame:
    rows = pd.DataFrame(list(flow["losses"]), columns=["stage", "arm", "team", "reason", "n"], dtype=object)
    return merge_reasons(rows[["arm", "stage", "reason", "n"]], labels.minimum).frames["losses"]


def _column(
    arm: str, counts: Mapping[str, int], clusters: pd.DataFrame, losses: pd.DataFrame, labels: Labels, nowhere: bool
) -> list[_Box | None]:
    """Boxes of one arm from top to bottom; None where there is nothing to say.

    ``nowhere``: some people of the study are in no cluster, because theirs is not known.
    """
    unknown = arm == NOT_KNOWN
    apart = arm in labels.arms_left_out([arm])
    own = clusters[clusters["arm"].astype(str) == arm]
    unplaced = unknown or apart  # their clusters are in no summary
    boxes: list[_Box | None] = [
        _Box(
            (
                f"{capital(labels.variable(labels.design.arm.variable))} not known" if unknown else labels.arm(arm),
                f"{counted(counts['recruited'], 'person')} recruited",
                *_allocated(counts),
                *([] if unplaced else _places(own, "recruited", labels)),
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
        boxes.append(_Box((f"{count(left_out)} {at}not analysed", why), loss=True) if left_out > 0 else None)
        boxes.append(_Box((f"{count(analysed)} in the primary analysis{f', of those {at}'.rstrip() if at else ''}",)))
    return boxes


def _stages(
    arm: str, counts: Mapping[str, int], own: pd.DataFrame | None, losses: pd.DataFrame, labels: Labels
) -> Iterator[_Box | None]:
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
        places = [] if own is None else list(_places(own, stage, labels))
        if stage == "followup":
            lost, where = counts[start] - n, AFTER_BASELINE if start == "baseline" else AFTER_RECRUITMENT
            head = f"Lost before {when}" if start == "baseline" else f"Not {labels.met} at {when}"
            yield _loss_box(head, lost, losses, arm, where, labels)
            of = f"at {lower_first(labels.wave(labels.first_wave))}" if start == "baseline" else "recruited"
            places = ["; ".join([f"{percent(n, counts[start])} of those {of}", *places])]
        yield _Box((f"{count(n)} {labels.met} at {when}", *places))


def _withdrawn(flow: Mapping[str, Any], labels: Labels) -> tuple[str, ...]:
    """People who withdrew consent to the use of their data: in no number of the diagram, and so counted apart."""
    if flow.get("withdrawn", 0) == 0:
        return ()
    n = flow["withdrawn"]
    many = f"fewer than {count(labels.minimum)} people" if n is None or n < labels.minimum else f"{count(n)} people"
    return (f"not counted: {many} who withdrew consent and data",)


def _of_primary(labels: Labels) -> str:
    """Of whom people who were not analysed are, where another wave stands between."""
    later = labels.design.wave_names[-1] != labels.followup_wave
    return f"{labels.met} at {lower_first(labels.wave(labels.followup_wave))} " if later else ""


def _allocated(counts: Mapping[str, int]) -> tuple[str, ...]:
    return (f"{count(counts['allocated'])} allocated",) if "allocated" in counts else ()


def _loss_box(head: str, n: int, losses: pd.DataFrame, arm: str, stage: str, labels: Labels) -> _Box | None:
    if not n:
        return None
    lines = [f"{head}: {count(n)}"]
    part = losses[(losses["arm"].astype(str) == arm) & (losses["stage"] == stage)]
    known = part[part["reason"] != ""]
    if set(known["reason"]) == {OTHER_REASONS} and len(part) == 1:
        lines.append(f"for reasons of fewer than {count(labels.minimum)} people each")
    elif len(known):
        for row in part.itertuples():
            name = {OTHER_REASONS: "for other reasons", "": "reason not recorded"}.get(
                row.reason, labels.choice_within(REASON, row.reason)
            )
            lines.append(f"{count(row.n)} {name}")
    return _Box(tuple(lines), loss=True)


def _places(clusters: pd.DataFrame, stage: str, labels: Labels) -> tuple[str, ...]:
    """Such as "5 trusts, 10 teams": those with anybody at the stage; nothing in a study without clusters."""
    if not labels.design.levels:
        return ()
    held = clusters[clusters[stage] > 0]
    n_trusts = made("different", column_of(held, "trust"))
    words = f"{count(n_trusts)} {counted_noun(n_trusts, labels.trust_word)}"
    if labels.design.team is None:
        return (words,)
    n_teams = made("different", column_of(held, "trust"), column_of(held, "team"))
    return (f"{words}, {count(n_teams)} {counted_noun(n_teams, labels.team_word)}",)


def _words(
    flow: Mapping[str, Any],
    arms: Sequence[str],
    clusters: pd.DataFrame,
    before: Sequence[_Box],
    columns: Mapping[str, list[_Box | None]],
    labels: Labels,
) -> str:
    text = ["Flow diagram."]
    if before:
        said = [
            f"{box.lines[0]} ({'; '.join(box.lines[1:])})" if len(box.lines) > 1 else box.lines[0] for box in before
        ]
        text.append(f"Before recruitment: {'; '.join(lower_first(part) for part in said)}.")
    where = "".join(f" in {place}" for place in _places(clusters, "recruited", labels))
    text += [f"{count(flow['overall']['recruited'])} people recruited{where}."]
    text += [f"{line[0].upper()}{line[1:]}." for line in _withdrawn(flow, labels)]
    for arm in arms:
        parts = []
        first = columns[arm][0]
        if first is None:
            continue
        for box in columns[arm]:
            if box is not None:
                lines = box.lines[1:] if box is first else box.lines
                parts.append(f"{lines[0]} ({'; '.join(lines[1:])})" if len(lines) > 1 else lines[0])
        text.append(f"{first.lines[0]}: {'; '.join(lower_first(part) for part in parts)}.")
    return " ".join(text)


def _draw(
    top: Sequence[_Box], columns: Mapping[str, list[_Box | None]], alt: str, title: str, labels: Labels
) -> Figure:
    arms = list(columns)
    width = (WIDTH - 2 * _MARGIN - _BETWEEN * (len(arms) - 1)) / len(arms)
    n_levels = max(len(boxes) for boxes in columns.values())
    wrapped: dict[str, list[_SetBox | None]] = {
        arm: [None if box is None else _set(box, width - (_INDENT if box.loss else 0)) for box in boxes]
        for arm, boxes in columns.items()
    }
    heights = [max((_height(wrapped[arm][level]) for arm in arms), default=0) for level in range(n_levels)]
    # one box stands in the middle; with stages before it they need room for the losses at their side
    head_width = WIDTH / 2 if len(top) == 1 else 0.64 * WIDTH
    head = [_set(box, head_width - (_INDENT if box.loss else 0)) for box in top]
    head_height = sum(box.height for box in head) + _GAP * (len(head) - 1)
    used = [height for height in heights if height]
    total = head_height + 2 * _GAP + sum(used) + _GAP * (len(used) - 1) + 2 * _MARGIN
    with canvas(total, labels.synthetic) as (drawing, height):
        page = panel(drawing, 0, 0, WIDTH, height, bare=True)
        y = height - _MARGIN
        _draw_column(page, head, [box.height for box in head], (WIDTH - head_width) / 2, y, head_width, GREY)
        y -= head_height
        centres = [_MARGIN + width / 2 + index * (width + _BETWEEN) for index in range(len(arms))]
        page.plot([WIDTH / 2, WIDTH / 2], [y, y - _GAP], color=INK, linewidth=0.9)
        page.plot([centres[0], centres[-1]], [y - _GAP, y - _GAP], color=INK, linewidth=0.9)
        for centre in centres:
            _arrow(page, centre, y - _GAP, centre, y - 2 * _GAP)
        y -= 2 * _GAP
        for index, arm in enumerate(arms):
            _draw_column(
                page, wrapped[arm], heights, _MARGIN + index * (width + _BETWEEN), y, width, arm_look(index)[0]
            )
        return finish(drawing, "flow", title, alt)


def _draw_column(
    page: Any, boxes: Sequence[_SetBox | None], heights: Sequence[float], x: float, y: float, width: float, colour: str
) -> None:
    spine = x + _INDENT / 2
    bottom: float | None = None  # lower edge of the last stage box
    pending: list[float] = []  # heights at which losses leave the spine
    for level, box in enumerate(boxes):
        if not heights[level]:
            continue
        if box is not None and box.loss:
            middle = y - heights[level] / 2
            _draw_box(page, x + _INDENT, y - (heights[level] - box.height) / 2, width - _INDENT, box, GREY, "#F7F7F7")
            pending.append(middle)
        elif box is not None:
            if bottom is not None:
                _arrow(page, spine, bottom, spine, y)
                for middle in pending:
                    _arrow(page, spine, middle, x + _INDENT, middle)
                pending = []
            _draw_box(page, x, y, width, box, colour, "white", heights[level])
            bottom = y - heights[level]
        y -= heights[level] + _GAP


def _set(box: _Box, width: float) -> _SetBox:
    lines: list[tuple[str, bool]] = []
    for index, text in enumerate(box.lines):
        strong = index == 0
        pieces = wrap(text, width - 2 * _PAD, SIZE if strong else SMALL, "bold" if strong else "normal")
        lines += [(piece, strong) for piece in pieces]
    return _SetBox(tuple(lines), box.loss)


def _height(box: _SetBox | None) -> float:
    return 0.0 if box is None else box.height


def _draw_box(
    page: Any, x: float, y: float, width: float, box: _SetBox, edge: str, face: str, height: float | None = None
) -> None:
    from matplotlib.patches import Rectangle

    height = height or box.height
    page.add_patch(
        Rectangle(
            (x, y - height),
            width,
            height,
            facecolor=face,
            edgecolor=edge,
            linewidth=0.8 if edge == GREY else 1.4,
            zorder=2,
        )
    )
    line = y - (height - _LINE * len(box.lines)) / 2 - 8.8
    for text, strong in box.lines:
        page.text(
            x + _PAD,
            line,
            text,
            va="baseline",
            size=SIZE if strong else SMALL,
            weight="bold" if strong else "normal",
            zorder=3,
        )
        line -= _LINE


def _arrow(page: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    page.annotate(
        "",
        (x1, y1),
        (x0, y0),
        arrowprops={
            "arrowstyle": "-|>",
            "color": INK,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 8,
        },
        zorder=1,
    )


def figures(material: Material) -> Iterator[FigureOrder]:
    """The flow of clusters and people."""
    yield order(draw_flow, material.flow, material.summaries["team_list"], labels=material.labels, outcomes=())
