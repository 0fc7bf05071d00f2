"""The files in which the numbers of a report stand, and the constants that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cpis_analysis.present.format import level_words, number
from cpis_analysis.present.labels import Labels
from cpis_analysis.present.narrative_people import NOTABLE
from cpis_analysis.present.percentage_points import printed_factor
from cpis_analysis.report.content import ReportContent
from cpis_analysis.report.numbers_sources import Cell, Sources, cells_of_frame, cells_of_record
from cpis_analysis.steps.frames import read_json

__all__ = ["settings_of", "sources_of"]

_POWER = 0.8
_HEADER = 2
"""Line of the first row of a CSV file: the first has the names of the columns."""


def sources_of(content: ReportContent, labels: Labels, files: Mapping[str, Any]) -> Sources:
    """Cells of all files that the report draws from, estimates first."""
    words = _Words(labels)
    found = Sources()
    found.add(cells_of_frame(files["estimates"], content.estimates, words, first=_HEADER))
    for name, frame in content.summaries.items():
        found.add(cells_of_frame(files["summaries"], frame, words, prefix=f"{name}:"))
        if name == "differences":
            found.add(_in_percentage_points(cells_of_frame(files["summaries"], frame, words, prefix=f"{name}:")))
    for path in files["models"]:
        for record in read_json(path):
            row = str(record["spec"]["name"])
            found.add(cells_of_record(path, record, row, words))
            if record["spec"]["outcome_type"] == "binary":
                found.add(_in_percentage_points(cells_of_record(path, record, row, words)))
    found.add(cells_of_record(files["flow"], content.flow, "", words))
    found.add(cells_of_record(files["design"], content.design_audit, "", words))
    for name, frame in (("scoring", content.scoring), ("reconciliation", content.reconciliation)):
        if frame is not None:
            found.add(cells_of_frame(files[name], frame, words, first=_HEADER))
    if content.tipping is not None:
        found.add(cells_of_frame(files["tipping"], content.tipping, words, first=_HEADER))
    plan = content.plan.model_dump(mode="json")
    found.add(cells_of_record(content.plan_file, plan, "", words))
    return found


def _in_percentage_points(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Cells as they are printed of binary outcomes: the column says by how much they were multiplied."""
    for cell in cells:
        factor = printed_factor(cell.column)
        yield replace(cell, value=factor * cell.value, column=f"{cell.column} × {factor:.0f}")


def settings_of(content: ReportContent) -> dict[str, float]:
    """What the plan and the methods set, as printed."""
    settings = {number(NOTABLE, 2): NOTABLE, level_words(_POWER): _POWER}
    for level in sorted({result.spec.level for result in content.results}):
        settings |= {level_words(level): level, number(1 - level, 2): 1 - level}
    return settings


class _Words:
    """(row, column) -> how the report calls what stands there."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    def __call__(self, row: Mapping[str, Any], column: str) -> Iterator[str]:
        value = row[column]
        if not isinstance(value, str) or not value or len(value) > 80:
            return
        labels, content = self.labels, self.labels.content
        if value in content.outcomes:
            yield labels.outcome(value)
            yield labels.outcome_short(value)
        elif column == "variable":
            yield labels.variable(value)
        elif value in content.models:
            yield labels.model(value)
        elif column in ("arm", "group"):
            yield labels.arm(value)
        elif column == "trust":
            yield labels.trust_heading(value)
        elif column == "wave":
            yield labels.wave(value)
        elif column == "code" and isinstance(row.get("variable"), str):
            yield labels.choice(row["variable"], value)
        elif column in ("population", "source", "rule", "term", "name", "team", "theme", "reason", "score"):
            yield value
            if column == "score":
                yield labels.variable(value)
