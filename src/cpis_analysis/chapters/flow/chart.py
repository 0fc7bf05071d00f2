"""The flow diagram of the findings: text in boxes, which fits every width and has the reader's letters."""

from __future__ import annotations

from cpis_analysis.chapters.flow.boxes import flow_boxes
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import FlowChart
from cpis_analysis.publish.format import count, lower_first


def flow_chart(page: Page) -> FlowChart | None:
    """The flow of clusters and people; None where the run has none, such as in table shells."""
    flow, clusters, labels = page.content.flow, page.summary("team_list"), page.labels
    if "by_arm" not in flow or "arm" not in clusters:
        return None
    boxes = flow_boxes(flow, clusters, labels)
    seen, recruited = flow["overall"]["followup"], flow["overall"]["recruited"]
    many = f"All {count(seen)}" if seen == recruited else f"{count(seen)} of {count(recruited)}"
    when = lower_first(labels.wave(labels.followup_wave))
    return FlowChart(
        id="figure-flow",
        number=page.chart_number(),
        title=f"{many} {page.labels.people} recruited were {labels.met} at {when}",
        sub=f"Flow of {boxes.levels}",
        trunk=boxes.trunk,
        branches=tuple(boxes.branches.values()),
        note=page.chart_note(),
    )
