"""Influence: the headline without each cluster in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, Heading, said
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import DASH, capital, ci_head, level_words, p_value, with_interval
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import in_plan_order
from cpis_analysis.words.scales import outcome_digits, shown_cell, shown_number


def influence_table(result: AnalysisResult, labels: Labels) -> Table:
    """The effect of everybody, then without each cluster, by level."""
    spec, scale, e = result.spec, result.scale, result.estimate
    decimals = outcome_digits(spec.outcome, labels, None, result).difference
    columns = (
        Column("Left out", align="left", width=2.6),
        Column(ci_head("Difference", level_words(spec.level)), width=2.7),
        Column("p", width=0.8),
    )
    everybody = Row(("Nobody", shown_cell(e, scale, decimals), p_value(e.p_value)), strong=True)
    groups = [RowGroup("", (everybody,))]
    for level in dict.fromkeys(row["level"] for row in result.influence):
        rows = [row for row in result.influence if row["level"] == level]
        groups.append(RowGroup(f"One {level}", tuple(_row(row, result, decimals) for row in rows)))
    reasons: dict[str, list[str]] = {}
    for row in result.influence:
        if row["reason"]:
            reasons.setdefault(row["reason"], []).append(row["cluster"])
    return Table(
        f"influence-{slug(spec.name)}",
        f"{labels.outcome(spec.outcome)}: {labels.model(spec.model)} without each cluster in turn",
        columns,
        tuple(groups),
        (
            f"Every row is the whole analysis made again. Clusters with few {labels.people} are not left out, as the "
            "difference would tell about them.",
            *(f"Not estimable without {'; '.join(names)}: {reason}." for reason, names in reasons.items()),
        ),
    )


def _row(row: dict[str, Any], result: AnalysisResult, decimals: int) -> Row:
    if row["reason"]:
        return Row((row["cluster"], DASH, DASH))
    shown = result.scale.shown
    estimate, low, high = (shown(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    return Row((row["cluster"], with_interval(estimate, low, high, decimals), p_value(row["p_value"])))


def influence_blocks(page: Page) -> Iterator[Block]:
    """Sentence and table of each analysis that was made without each cluster."""
    asked = [one for rows in page.every.values() for one in rows if one.influence]
    if not asked:
        return
    yield Heading(2, "Without each cluster")
    for one in asked:
        yield from said(_sentences(one, page))
        yield from page.tables(f"influence-{slug(one.spec.name)}")


def _sentences(one: AnalysisResult, page: Page) -> Sequence[str]:
    known = [row for row in one.influence if not row["reason"]]
    if not known:
        return []
    outcome = page.words.outcome_of(one)
    decimals = outcome_digits(one.spec.outcome, page.labels, None, one).difference
    ends = [end(known, key=lambda row: row["estimate"]) for end in (min, max)]
    low, high = (shown_number(row["estimate"], one.scale, decimals) for row in ends)
    least, most = (f"{row['level']} {row['cluster']}" for row in ends)
    return [
        f"{capital(outcome.within)}, {page.labels.model(one.spec.model)}: leaving out one cluster at a time moves the "
        f"estimate to between {low} (without {least}) and {high} (without {most})."
    ]


def tables(material: Material) -> Iterator[Table]:
    """One table for each analysis that the plan asks it of."""
    for one in in_plan_order(material.results, material.labels):
        if one.influence:
            yield influence_table(one, material.labels)
