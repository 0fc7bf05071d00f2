"""Sections on the data: how instruments were scored, and what cleaning changed."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.publish.blocks import Block, Bullets, DataTable, Facts, Folded, Heading, Run, said
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.format import count, is_missing, one_line
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.wording import capitalised, listed


def measures(page: Page) -> Iterator[Block]:
    """What was measured; behind it from how many answers scores were made, and which rules are unverified."""
    frame = page.content.scoring
    yield from page.tables("measures")
    behind: list[Block] = list(_scores(frame, page)) if frame is not None and len(frame) else []
    if page.unverified:
        notes = ((page.labels.variable(name), one_line(note)) for name, note in page.unverified.items())
        lines = ((Run(f"{label} {MARK}", "strong"), *((Run(f": {note}"),) if note else ())) for label, note in notes)
        behind += [Heading(2, f"Unverified scoring rules ({MARK})"), Bullets(tuple(lines))]
    if behind:
        yield Folded("How scores were made", tuple(behind))


def cleaning(page: Page) -> Iterator[Block]:
    """What cleaning changed and set aside; nothing where nothing is tabulated."""
    tables = page.tables("cleaning", "reconciliation", "audit", "queries")
    blocks: list[Block] = [*tables, *page.figures("cleaning")]
    counts = [(capitalised(one_line(name)), (Run(count(value)),)) for name, value in page.content.cleaning.items()]
    if counts:
        blocks.append(Facts(tuple(counts), "counts"))
    frame = page.content.reconciliation
    if frame is not None and len(frame) and not tables:
        blocks.append(_rows(frame))
    unnamed = [one.file for one in page.content.plan.data.sources.values() if one.number_rows]
    if unnamed:
        yield from said(
            [
                f"{listed(unnamed)} names nobody: each row was taken for another {page.labels.person}, called by "
                "file and line. Whether somebody stands in it twice can't be told."
            ]
        )
    if blocks:
        yield from said(
            [
                "Raw files are never changed. Every repair is one line of the audit trail; what could not be decided "
                "became a query for the data manager. Counts only are shown here."
            ]
        )
        yield from blocks


def _scores(frame: pd.DataFrame, page: Page) -> Iterator[DataTable]:
    rows = [
        (
            page.labels.variable(str(row["score"])) + page.mark(str(row["score"])),
            page.labels.wave(row["wave"]),
            *(count(row[name]) for name in ("n_rows", "n_complete", "n_prorated", "n_missing")),
        )
        for row in rows_of(frame)
        if str(row.get("asked", "True")).lower() != "false"
    ]
    counted = [(name, "right") for name in ("Interviews", "Complete", "Prorated", "Missing")]
    if rows:
        heads = [("Score", "left"), ("Wave", "left"), *counted]
        yield plain_table("Interviews from which each score could be computed", heads, rows)


def _rows(frame: pd.DataFrame) -> DataTable:
    """A frame of counts as it is."""
    names = [one_line(str(name).replace("_", " ")) for name in frame.columns]
    rows = [
        tuple("" if is_missing(value) else count(value) if isinstance(value, int) else one_line(value) for value in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    heads = [(name, "right" if place else "left") for place, name in enumerate(names)]
    return plain_table("Rows in, rows out and rows set aside", heads, rows)
