"""What cleaning did: rows in and out, and how often each rule applied; no rows of data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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
    sources = list(dict.fromkeys(str(name) for frame in frames.values() for name in frame["source"].tolist()))
    columns = (Column("Rule", align="left", width=2.6), *(Column(one_line(name)) for name in sources), Column("All"))
    groups = []
    for kind, frame in frames.items():
        by_rule: dict[str, list[tuple[str, Any]]] = {}
        for rule, source in zip(frame["rule"].tolist(), frame["source"].tolist(), strict=True):
            by_rule.setdefault(_text(rule), []).append((_text(source), rule))
        rows = [
            Row(
                (
                    _words(rule),
                    *(count(_number(by_rule[rule], frame.attrs.get("file"), rule, source)) for source in sources),
                    count(_number(by_rule[rule], frame.attrs.get("file"), rule, None)),
                )
            )
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
    return _counted(frame["rule"].tolist(), frame.attrs.get("file"), which)


def _number(of_rule: Sequence[tuple[str, Any]], file: str | None, rule: str, source: str | None) -> int:
    own = [name for of, name in of_rule if source is None or of == source]
    return _counted(own, file, f"rule = {rule}" + ("" if source is None else f"; source = {source}"))


def _counted(rules: Sequence[Any], file: str | None, which: str) -> int:
    if file is None:
        return len(rules)
    number: int = made("length", Listing((Cell(file, which, "rule"),), tuple(rules), described=True))
    return number


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _words(name: str) -> str:
    text = one_line(name.replace("_", " "))
    return text[:1].upper() + text[1:]


def tables(material: Material) -> Iterator[Table]:
    """What became of the rows and of their values."""
    yield reconciliation_table(material.reconciliation)
    yield rules_table(*material.changes, people=material.labels.people)
