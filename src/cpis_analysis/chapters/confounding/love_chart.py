"""How alike the arms are before and after weighting, of people and of their clusters, in one chart (a Love plot)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.page import Page
from cpis_analysis.disclosure.counts import WITHHELD
from cpis_analysis.plan.naming import plural
from cpis_analysis.publish.blocks import ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.chart.drawing_marks import Dot, Drawing, Mark, Scale, Square, Stroke
from cpis_analysis.publish.chart.pieces import axis, band, gridlines, row
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import DASH, capital, is_missing, number
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.study.balance import NOTABLE
from cpis_analysis.words.labels import Labels

_APART = 0.42
"""Em by which the marks of people and of clusters stand above and below the middle of a row."""
_NOTABLE = setting(NOTABLE, "src/cpis_analysis/study/balance.py", "NOTABLE")
_NEARLY = 0.1
"""Standard deviations up to which arms count as alike after weighting (Austin 2009)."""


def balanced_results(results: Iterable[AnalysisResult]) -> list[AnalysisResult]:
    """Analyses whose people were weighted, with a result."""
    return [one for one in results if one.balance and one.estimable]


def cluster_noun(one: AnalysisResult, labels: Labels) -> str:
    """What the clusters are called whose means are compared beside people's, in the plural; empty for none."""
    level = one.balance["clusters"]
    return next((plural(part.noun) for part in labels.design.levels if part.variable == level), "")


def of_row(part: dict[str, Any], labels: Labels) -> str:
    """A characteristic, or a category of one, as a table calls it."""
    name = labels.variable(part["variable"])
    if not part["code"]:
        return name
    choice = labels.choice(part["variable"], part["code"])
    return name if part["code"] == "yes" else f"{name}: {choice}"


def furthest(parts: Sequence[dict[str, Any]], key: str) -> Any:
    """The largest difference in size; None where there is none."""
    known = [part[key] for part in parts if not is_missing(part[key])]
    return max(known, key=abs, default=None)


def love_chart(page: Page, one: AnalysisResult) -> RowChart | None:
    """Draw one weighted analysis; None where every difference is withheld.

    A disc is people, a square clusters; open before weighting and full after it.
    """
    parts, labels = one.balance["differences"], page.labels
    shown = [part for part in parts if not part["hidden"]]
    keys = ("people_before", "people_after", "clusters_before", "clusters_after")
    ends = [float(part[key]) for part in shown for key in keys if not is_missing(part[key])]
    if not ends:
        return None
    clusters = cluster_noun(one, labels)
    scale = Scale.symmetric(*ends, 2 * NOTABLE)
    rows = tuple(_row(part, scale, clusters, labels) for part in parts)
    arm, reference = (page.words.arm(code) for code in one.estimate.contrast.arms)
    withheld = (
        f"{WITHHELD}: withheld, because few {page.labels.people} have a category in an arm."
        if len(shown) < len(parts)
        else ""
    )
    return RowChart(
        f"figure-balance-{slug(one.spec.name)}",
        page.chart_number(),
        _title(one, clusters, labels),
        f"Standardised mean difference, {arm} less {reference}, before and after weighting: "
        f"{labels.model(one.spec.model)}",
        rows,
        Drawing(axis(scale, lambda value: number(value, 1)), 1.8),
        ("Characteristic", "", "Before → weighted"),
        _key(clusters, labels),
        page.chart_note(withheld),
        (30.0, 47.0, 23.0),
    )


def _title(one: AnalysisResult, clusters: str, labels: Labels) -> str:
    people = capital(labels.people)
    left = furthest(one.balance["differences"], "clusters_after")
    if not clusters or is_missing(left):
        return f"{people} were made alike in what the plan lists"
    if abs(left) <= _NEARLY:
        return f"{people} were made alike, and so were their {clusters}"
    return f"{people} were made alike; their {clusters} still differ by up to {number(abs(left), 2)} SD"


def _row(part: dict[str, Any], scale: Scale, clusters: str, labels: Labels) -> ChartRow:
    label = of_row(part, labels)
    if part["hidden"]:
        return ChartRow(label, WITHHELD, row(gridlines(scale), height=2.1))
    marks = [*_pair(part, "people", scale, -_APART if clusters else 0.0)]
    of_clusters = [*_pair(part, "clusters", scale, _APART)] if clusters else []
    drawing = row(band(scale, -NOTABLE, NOTABLE), gridlines(scale), (*marks, *of_clusters), height=2.1)
    note = f"{capital(clusters)} {_change(part, 'clusters')}" if clusters else ""
    return ChartRow(label, _change(part, "people"), drawing, value_note=note)


def _change(part: dict[str, Any], of: str) -> str:
    before, after = part[f"{of}_before"], part[f"{of}_after"]
    return DASH if is_missing(before) and is_missing(after) else f"{number(before, 2)} → {number(after, 2)}"


def _pair(part: dict[str, Any], of: str, scale: Scale, y: float) -> Iterable[Mark]:
    before, after = (None if is_missing(part[f"{of}_{when}"]) else part[f"{of}_{when}"] for when in ("before", "after"))
    if before is not None and after is not None:
        yield Stroke(scale.at(before), scale.at(after), y, y, "join")
    if before is not None:
        yield Dot(scale.at(before), y, "open") if of == "people" else Square(scale.at(before), y, "hollow")
    if after is not None:
        yield Dot(scale.at(after), y, "full") if of == "people" else Square(scale.at(after), y, "bar-comp", 0.7)


def _key(clusters: str, labels: Labels) -> tuple[KeyEntry, ...]:
    def sample(mark: Mark) -> Drawing:
        return Drawing((mark,), 0.9, True)

    people = capital(labels.people)
    entries = [
        KeyEntry(sample(Dot(50, 0, "open")), f"{people}, before"),
        KeyEntry(sample(Dot(50, 0, "full")), f"{people}, weighted"),
    ]
    if clusters:
        entries += [
            KeyEntry(sample(Square(50, 0, "hollow")), f"{capital(clusters)}, before"),
            KeyEntry(sample(Square(50, 0, "bar-comp", 0.7)), f"{capital(clusters)}, weighted"),
        ]
    return (*entries, KeyEntry(Drawing(band(Scale(0, 2, 0), 0, 2), 0.9, True), f"Within {number(_NOTABLE, 2)} SD"))
