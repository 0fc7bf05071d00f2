"""Whether the intervention was implemented: fidelity of each team, the groups beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.implementation.content import team_fidelity
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, ChartRow, KeyEntry, RowChart, said
from cpis_analysis.publish.chart.drawing_marks import Drawing, Scale
from cpis_analysis.publish.chart.pieces import arm_mark, axis, gridlines, pair, row
from cpis_analysis.publish.format import count
from cpis_analysis.words.wording import capitalised

__all__ = ["implementation"]


def implementation(page: Page) -> Iterator[Block]:
    """Fidelity by outer cluster, one mark a group; nothing where the plan names no fidelity."""
    teams, labels, words = team_fidelity(page), page.labels, page.words
    named = page.content.plan.report.implementation.fidelity
    if named is None or not teams:
        return
    arms = labels.arms()
    label = words.variable(named.variable)
    scale = Scale(min(0.0, *(float(one.value) for one in teams)), max(100.0, *(float(one.value) for one in teams)))
    rows = []
    for trust in dict.fromkeys(one.trust for one in teams):
        own = [one for one in teams if one.trust == trust]
        values = [[one.value for one in own if one.arm == arm] for arm in arms]
        if any(len(known) > 1 for known in values):
            for one in own:
                shown = [one.value if arm == one.arm else None for arm in arms]
                drawing = row(gridlines(scale, None), pair(scale, shown))
                rows.append(ChartRow(labels.team(one.trust, one.team), count(one.value), drawing))
            continue
        shown = [known[0] if known else None for known in values]
        text = " and ".join(count(value) for value in shown if value is not None)
        rows.append(ChartRow(labels.trust_heading(trust), text, row(gridlines(scale, None), pair(scale, shown))))
    key = tuple(
        KeyEntry(Drawing((arm_mark(50, 0, place),), 0.9, True), labels.arm(arm)) for place, arm in enumerate(arms)
    )
    yield from said([] if named.rated_by else [f"Who rated {label}, and when, is for the authors to say."], "slot")
    yield RowChart(
        "figure-fidelity",
        page.chart_number(),
        f"{capitalised(label)} of each {words.team or words.trust}",
        f"{capitalised(label)}, by {words.trust}",
        tuple(rows),
        Drawing(axis(scale, count), 1.8),
        (capitalised(words.trust), "", " and ".join(labels.arm(arm) for arm in arms)),
        key,
    )
