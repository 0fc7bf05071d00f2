"""Every table that a study has the numbers for, in the order of the report."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import TableOrder
from cpis_analysis.late import late_functions
from cpis_analysis.publish.table import Table
from cpis_analysis.report.every_chapter import CHAPTERS


def all_tables(material: Material) -> Iterator[Table | TableOrder]:
    """Every table, or an order of it where a plan has many such tables, one after the other."""
    for tables in late_functions(CHAPTERS, "tables", "cpis_analysis.chapters"):
        yield from tables(material)
