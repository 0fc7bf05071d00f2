"""How arms and clusters relate, and what evidence that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cpis_analysis.chapters.design.sentences import audit_text, design_sentences, fragility_sentence
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.naming import MANY, plural
from cpis_analysis.publish.blocks import Block, Bullets, DataTable, Heading, Run, points, said
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.format import capital, count, interval, number
from cpis_analysis.publish.sources.ledger import marked
from cpis_analysis.words.wording import capitalised


def design(page: Page) -> Iterator[Block]:
    """The section."""
    audit = page.content.design_audit
    sentences = (
        *design_sentences(audit, page.words, page.primary[0] if page.primary else None),
        fragility_sentence(audit, page.words),
    )
    yield from said(text for text in sentences if text)
    if audit["warnings"]:
        yield from said(["The design audit, made before any model was fitted, warns:"])
        yield from points(audit_text(text, page.words) for text in audit["warnings"])
    yield from page.figures("design", "clusters")
    tables = page.tables("design", "clusters", "allocation")
    yield from tables
    # the table of clusters has a row for each of the smallest, or sums these up: larger ones have none there
    n_levels = len(page.labels.design.levels)
    if audit.get("levels") and (n_levels > 2 or (n_levels > 1 and len(audit["cells"]) > MANY)):
        yield _levels(page, audit["levels"])
    # without an exhibit of its own the audit is shown as it is
    if audit["cells"] and not tables:
        yield _cells(page, audit["cells"])
    if audit["degrees_of_freedom"]:
        yield Heading(2, "Degrees of freedom for the comparison of the groups")
        yield Bullets(tuple((Run(_degrees(row, page)),) for row in audit["degrees_of_freedom"]))


def _levels(page: Page, rows: list[dict[str, Any]]) -> DataTable:
    """Clusters of every level in each group, and how many people they recruited."""
    labels = page.labels
    nouns = dict(zip(labels.design.clusters, labels.level_words, strict=True))
    order = labels.arms()
    return plain_table(
        f"Clusters of each level: number, and {labels.people} of the group recruited in each",
        [
            ("Level", "left"),
            ("Group", "left"),
            ("Number", "right"),
            (f"{capital(labels.people)}: median", "right"),
            ("Range", "right"),
        ],
        [
            (
                capital(plural(nouns[row["level"]])),
                labels.arm(row["arm"]),
                count(row["n_clusters"]),
                number(row["recruited_median"], 0 if row["recruited_median"] % 1 == 0 else 1),
                count(row["recruited_low"])
                if row["recruited_low"] == row["recruited_high"]
                else interval(row["recruited_low"], row["recruited_high"], 0),
            )
            for level in nouns
            for arm in order
            for row in rows
            if (row["level"], row["arm"]) == (level, arm)
        ],
    )


def _cells(page: Page, cells: list[dict[str, Any]]) -> DataTable:
    labels = page.labels
    place = capitalised(labels.team_word)
    stages = ("recruited", *labels.design.stages)
    names = {"recruited": "Recruited", "baseline": "Baseline", "followup": "Follow-up"}
    names |= {stage: labels.wave(wave) for stage, wave in labels.design.stages.items() if stage not in names}
    return plain_table(
        f"{capital(page.labels.people)} by {place.lower()} and group",
        [(place, "left"), ("Group", "left"), *((names[stage], "right") for stage in stages)],
        [
            (
                labels.team(cell["trust"], cell["team"]),
                labels.arm(cell["arm"]),
                *(count(cell[name]) for name in stages),
            )
            for cell in cells
        ],
    )


def _degrees(row: dict[str, Any], page: Page) -> str:
    known = row["df"] is not None and row["valid"]
    df = marked(str(row["df"]), row["df"]) if known else "not available"
    approach, why = (audit_text(row[name], page.words) for name in ("approach", "explanation"))
    return f"{approach}: {df} ({why})"
