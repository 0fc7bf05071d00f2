"""What cleaning did: rows in and out, and how often each rule applied; no rows of data."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.intake.account.audit_trail import CONFIRMED
from cpis_analysis.publish.format import count, is_missing, one_line
from cpis_analysis.publish.sources.source import Cell, Listing
from cpis_analysis.publish.sources.sourced_columns import made, rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table

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
        if all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in reconciliation[name].tolist()
        )
    ]
    columns = (Column(_words(head), align="left", width=2), *(Column(_words(name)) for name in numbers))
    rows = tuple(Row((one_line(row[head]), *(count(row[name]) for name in numbers))) for row in rows_of(reconciliation))
    return Table(
        "reconciliation",
        "Rows delivered, kept and set aside",
        columns,
        (RowGroup("", rows),),
        ("Every row delivered is kept or set aside with a reason.",),
    )


def rules_table(
    audit: pd.DataFrame,
    queries: pd.DataFrame | None = None,
    set_aside: pd.DataFrame | None = None,
    *,
    people: str = "people",
) -> Table:
    """Set how often each cleaning rule applied, by source file.

    Parameters
    ----------
    audit, queries, set_aside : DataFrame
        With ``source`` and ``rule``; only counts are shown.
    people : str
        What those who take part are called.
    """
    right = audit["rule"] == CONFIRMED
    given = {"changed": audit[~right], "confirmed": audit[right], "asked": queries, "set aside": set_aside}
    frames = {kind: frame for kind, frame in given.items() if frame is not None and len(frame)}
    sources = list(dict.fromkeys(str(name) for frame in frames.values() for name in frame["source"]))
    columns = (Column("Rule", align="left", width=2.6), *(Column(one_line(name)) for name in sources), Column("All"))
    groups = []
    for kind, frame in frames.items():
        by_rule = {rule: part for rule, part in frame.groupby(frame["rule"].map(_text), sort=True)}
        rows = [
            Row((_words(rule), *(count(_number(by_rule[rule], rule, source)) for source in (*sources, None))))
            for rule in sorted(by_rule, key=lambda name: (-len(by_rule[name]), name))
        ]
        groups.append(RowGroup(_KINDS[kind], tuple(rows)))
    return Table(
        "cleaning",
        "How often each cleaning rule applied",
        columns,
        tuple(groups),
        (f"Counts of values and rows, not of {people}.",),
    )


def rows_counted(frame: pd.DataFrame, which: str) -> int:
    """How many rows there are, with what is said of them as the source; see `report.printed.read_lines`."""
    if "file" not in frame.attrs:
        return len(frame)
    cell = Cell(frame.attrs["file"], which, "rule")
    return made("length", Listing((cell,), tuple(frame["rule"]), described=True))


def _number(of_rule: pd.DataFrame, rule: str, source: str | None) -> int:
    own = of_rule if source is None else of_rule[of_rule["source"].map(_text) == source]
    return rows_counted(own, f"rule = {rule}" + ("" if source is None else f"; source = {source}"))


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _words(name: str) -> str:
    text = one_line(name.replace("_", " "))
    return text[:1].upper() + text[1:]


def tables(material: Material) -> Iterator[Table]:
    """What became of the rows and of their values."""
    yield reconciliation_table(material.reconciliation)
    yield rules_table(*material.changes, people=material.labels.people)
