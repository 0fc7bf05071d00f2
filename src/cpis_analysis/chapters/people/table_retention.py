"""People followed up against people lost, by their baseline characteristics."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.people.characteristic_rows import (
    NOTE_CATEGORIES,
    NOTE_NUMBERS,
    NOTE_SMD,
    characteristic_rows,
    group_sizes,
)
from cpis_analysis.disclosure.counts import suppression_notes
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.disclosure.rounded_counts import rounding_notes
from cpis_analysis.publish.format import capital, count, lower_first
from cpis_analysis.publish.table import Column, RowGroup, Table
from cpis_analysis.words.labels import ALL, Labels


def retention_table(retention: pd.DataFrame, labels: Labels) -> Table:
    """Set the table of those followed up and those lost.

    Parameters
    ----------
    retention : DataFrame
        Summary ``retention`` after `disclosure.protect_characteristics`, together with ``baseline``.
    labels : Labels
    """
    retention = require_protected(retention)
    sizes = group_sizes(retention)
    minimum = labels.minimum
    rows = characteristic_rows(retention, ["followed", "lost", ALL], labels, minimum=minimum, smd_group="lost")
    columns = (
        Column("Baseline characteristic", align="left", width=3.2),
        Column(f"Followed up (n = {count(sizes.get('followed'))})", width=1.6),
        Column(f"Lost to follow-up (n = {count(sizes.get('lost'))})", width=1.6),
        Column(f"All (n = {count(sizes.get(ALL))})", width=1.6),
        Column("SMD", width=0.8),
    )
    notes = (
        f"Of the {labels.people} {labels.met} at {lower_first(labels.wave(labels.first_wave))}.",
        NOTE_NUMBERS,
        NOTE_CATEGORIES,
        NOTE_SMD,
        *suppression_notes(retention["state"], minimum, labels.people),
        *rounding_notes(labels.rounding, labels.people),
    )
    return Table(
        "retention",
        f"{capital(labels.people)} followed up and {labels.people} lost",
        columns,
        (RowGroup("", tuple(rows)),),
        notes,
        phone="over",
    )


def tables(material: Material) -> Iterator[Table]:
    """The table of those followed up and those lost, where there are such."""
    if len(material.summaries["retention"]):
        yield retention_table(material.summaries["retention"], material.labels)
