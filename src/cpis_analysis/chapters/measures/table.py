"""The table of measures, from the plan and the instruments alone: no number in it comes from data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.instruments.registry import INSTRUMENTS
from cpis_analysis.publish.format import DASH, count, is_missing, lower_first, number, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.plan_sources import PLAN_FILE

_CODE = "src/cpis_analysis/instruments"
_QUESTIONS, _DIRECTION = 2, 4
"""Columns that say of how many answers a score is made, and what higher values mean."""
LARGE = 10
"""From here on an end that is no whole number is printed with one decimal."""


def measures_table(labels: Labels) -> Table:
    """One row an outcome: full name, questions, range with the words for its ends, direction, what difference matters.

    Parameters
    ----------
    labels : Labels
    """
    # single answers that are compared by the way are no measures
    content = labels.content.outcomes
    names = [name for name in labels.outcomes() if content[name].role != "exploratory"] or labels.outcomes()
    rows = [_row(name, labels) for name in names]
    notes = []
    if any(labels.mark(name) for name in names):
        unchecked = (
            "The scoring rule was not checked in full against a published source; confirm it before relying on it."
        )
        notes.append(f"{UNVERIFIED.strip()} {unchecked}")
    if any(labels.content.outcomes[name].minimal_important_difference is None for name in names):
        notes.append("None agreed: the plan names no difference that matters, so no sentence says that a size matters.")
    columns = [
        Column("Measure", align="left", width=1.5),
        Column("Full name", align="left", width=3.0),
        Column("Questions", width=0.9),
        Column("Range", align="left", width=3.0),
        Column("Higher is", align="left", width=0.8),
        Column("Difference that matters", align="left", width=1.8),
    ]
    directions = {row.cells[_DIRECTION] for row in rows}
    if len(directions) == 1 and DASH not in directions:
        # one sentence in place of a column that says the same in every row
        del columns[_DIRECTION]
        rows = [Row(row.cells[:_DIRECTION] + row.cells[_DIRECTION + 1 :]) for row in rows]
        notes.insert(0, f"Higher is {directions.pop()}{' on every scale' if len(rows) > 1 else ''}.")
    if all(row.cells[_QUESTIONS] == DASH for row in rows):
        del columns[_QUESTIONS]
        rows = [Row(row.cells[:_QUESTIONS] + row.cells[_QUESTIONS + 1 :]) for row in rows]
    group = RowGroup("", tuple(rows))
    return Table("measures", "What was measured", tuple(columns), (group,), tuple(notes), phone="list")


def tables(material: Material) -> Iterator[Table]:
    """The table of measures."""
    yield measures_table(material.labels)


def _row(name: str, labels: Labels) -> Row:
    part = labels.content.outcomes[name]
    role = {"primary": ", primary", "negative_control": ", negative control"}.get(part.role, "")
    scoring = labels.content.scoring.get(name)
    instrument = INSTRUMENTS[scoring.instrument] if scoring else None
    full = labels.outcome(name)
    if instrument:
        full = quoted(one_line(instrument.label), f"{_CODE}/{instrument.name}.py", "INSTRUMENT", "label")
    return Row(
        (
            f"{labels.outcome_short(name)}{labels.mark(name)}{role}",
            full,
            _questions(scoring, instrument),
            _range(name, labels),
            DASH if labels.is_binary(name) else part.higher_is,
            _matters(name, labels),
        )
    )


def _questions(scoring: Any, instrument: Any) -> str:
    """How many answers a score is made of: of the plan's own list of items, or the instrument's."""
    if instrument is None:
        return DASH
    items = getattr(scoring, "items", None)
    if items:
        return count(setting(len(items), PLAN_FILE, f"scoring.{instrument.name}.items"))
    return count(setting(len(instrument.items), f"{_CODE}/{instrument.name}.py", "ITEMS")) if instrument.items else DASH


def _range(name: str, labels: Labels) -> str:
    part = labels.content.outcomes[name]
    if part.type == "time_to_event":
        return "time until it happens"
    if labels.is_binary(name):
        return "yes or no"
    ends = []
    for value, key in zip(labels.scale(name), ("low_means", "high_means"), strict=True):
        if is_missing(value):
            return DASH
        words = getattr(part, key)
        said = f" ({lower_first(quoted(one_line(words), PLAN_FILE, '', f'outcomes.{name}.{key}'))})" if words else ""
        ends.append(f"{_end(value, name, labels)}{said}")
    return " to ".join(ends)


def _end(value: float, name: str, labels: Labels) -> str:
    """An end of a scale, with as many decimals as it needs."""
    scoring = labels.content.scoring.get(name)
    file = f"{_CODE}/{scoring.instrument}.py" if scoring else PLAN_FILE
    end = setting(value, file, "range of the score")
    whole, large = float(value).is_integer(), abs(value) >= LARGE
    return number(end, 0 if whole else 1 if large else 3)


def _matters(name: str, labels: Labels) -> str:
    part = labels.content.outcomes[name]
    value = part.minimal_important_difference
    if value is None:
        return "none agreed"
    size = number(value, 0 if float(value).is_integer() else 2)
    source = part.minimal_important_difference_source
    key = f"outcomes.{name}.minimal_important_difference_source"
    said = quoted(one_line(source), PLAN_FILE, "", key) if source else ""
    unit = labels.points(name) if name in labels.content.scoring or labels.is_binary(name) else ""
    return f"{size} {unit}".strip() + (f" ({said})" if said else "")
