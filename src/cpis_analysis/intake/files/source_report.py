"""What was found out about each file: the lines of sources.csv."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.intake.files.translate import Translation

SOURCE_COLUMNS = ("source", "file", "format", "rows", "columns", "identifiers_left_out", "columns_left_out", "found")


@dataclass(frozen=True)
class SourceReport:
    """What was found out about one file.

    Attributes
    ----------
    source, file, format : str
    rows, columns : int
        As delivered.
    left_out : tuple of str
        Columns that are not read.
    identifiers : tuple of str
        Columns of identifiers, which go no further.
    remarks : tuple of str
        What was detected.
    translations : tuple of Translation
    """

    source: str
    file: str
    format: str
    rows: int
    columns: int
    left_out: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    translations: tuple[Translation, ...] = ()


def source_frame_rows(reports: list[SourceReport]) -> list[dict[str, object]]:
    """Lines of sources.csv."""
    return [
        {
            "source": report.source,
            "file": report.file,
            "format": report.format,
            "rows": report.rows,
            "columns": report.columns,
            "identifiers_left_out": "; ".join(report.identifiers),
            "columns_left_out": "; ".join(report.left_out),
            "found": "; ".join(report.remarks),
        }
        for report in reports
    ]
