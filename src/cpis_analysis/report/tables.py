"""Every table that a study has the numbers for, in the order of the report."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.late import late_functions
from cpis_analysis.publish.table import Table
from cpis_analysis.report.every_chapter import CHAPTERS


def all_tables(material: Material) -> Iterator[Table]:
    """Set every table, one after the other: the numbers of a table are those printed since the one before it."""
    for tables in late_functions(CHAPTERS, "tables", "cpis_analysis.chapters"):
        yield from tables(material)
