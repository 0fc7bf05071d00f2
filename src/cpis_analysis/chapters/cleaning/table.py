"""What cleaning did: rows in and out, and how often each rule applied; no rows of data."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.intake.account.audit_trail import CONFIRMED
from cpis_analysis.publish.format import count, is_missing, one_line
from cpis_analysis.publish.table import Column, Row, RowGroup, Table

__all__ = ["reconciliation_table", "rules_table", "tables"]

_KINDS = {
    "changed": "Values changed",
    "confirmed": "Values that the data manager confirmed",
    "asked": "Questions for the data manager",
    "set aside": "Rows set aside",
}


def reconciliation_table(reconciliation: pd.DataFrame) -> Table:
    """Set rows in against rows out and rows set aside, by source file.

    Parameters
    ----------
    reconciliation : DataFrame
        First column: the source; then counts of rows.
    """
    head, *rest = [str(column) for column in reconciliation]
    numbers = [
        name
        for name in rest
        if pd.api.types.is_numeric_dtype(reconciliation[name]) and not pd.api.types.is_bool_dtype(reconciliation[name])
    ]
    columns = (Column(_words(head), align="left", width=2), *(Column(_words(name)) for name in numbers))
    rows = tuple(
        Row((one_line(row[head]), *(count(row[name]) for name in numbers))) for row in reconciliation.to_dict("records")
    )
    return Table(
        "reconciliation",
        "Rows delivered, kept and set aside",
        columns,
        (RowGroup("", rows),),
        ("Every row delivered is kept or set aside with a reason.",),
    )


def rules_table(
    audit: pd.DataFrame, queries: pd.DataFrame | None = None, set_aside: pd.DataFrame | None = None
) -> Table:
    """Set how often each cleaning rule applied, by source file.

    Parameters
    ----------
    audit, queries, set_aside : DataFrame
        With ``source`` and ``rule``; only counts are shown.
    """
    right = audit["rule"] == CONFIRMED
    given = {"changed": audit[~right], "confirmed": audit[right], "asked": queries, "set aside": set_aside}
    frames = {kind: frame for kind, frame in given.items() if frame is not None and len(frame)}
    sources = list(dict.fromkeys(str(name) for frame in frames.values() for name in frame["source"]))
    columns = (Column("Rule", align="left", width=2.6), *(Column(one_line(name)) for name in sources), Column("All"))
    groups = []
    for kind, frame in frames.items():
        counted = frame.groupby([frame["rule"].map(_text), frame["source"].map(_text)], sort=True).size()
        total = counted.groupby(level=0).sum()
        rows = [
            Row((_words(rule), *(count(counted.get((rule, source), 0)) for source in sources), count(total[rule])))
            for rule in sorted(total.index, key=lambda name: (-total[name], name))
        ]
        groups.append(RowGroup(_KINDS[kind], tuple(rows)))
    return Table(
        "cleaning",
        "How often each cleaning rule applied",
        columns,
        tuple(groups),
        ("Counts of values and rows, not of people.",),
    )


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _words(name: str) -> str:
    text = one_line(name.replace("_", " "))
    return text[:1].upper() + text[1:]


def tables(material: Material) -> Iterator[Table]:
    """What became of the rows and of their values."""
    yield reconciliation_table(material.reconciliation)
    yield rules_table(*material.changes)
