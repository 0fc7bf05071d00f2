"""numbers.json: every number that the report prints, with what it was rounded from and where that stands.

The formatter notes each number as it rounds it (`present.format.recorded`), so the unrounded value is known and
not guessed from print. The value is then looked up in the files of the run; where it stands in several cells, the
one whose labels are named beside the printed number is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cpis_analysis.present.format import MINUS
from cpis_analysis.present.tokens import find_numbers
from cpis_analysis.report.document import (
    Block,
    Bullets,
    DataTable,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Run,
)
from cpis_analysis.report.numbers_sources import Cell, Sources
from cpis_analysis.report.workbook import column_labels

__all__ = ["Place", "Values", "collect_numbers", "places_in"]

Values = Mapping[str, Sequence[Sequence[float]]]
CLASSES = {
    "cell": "a value of a file of the run, rounded",
    "share": "a share of two counts",
    "derived": "computed from such values in the sentence, such as a sum, a distance or a number of items",
    "counted": "a whole number that a sentence prints without rounding; found in a file of the run",
    "suppressed": "stands for a small count that is not shown",
    "setting": "a setting of the plan or a constant of a method, such as a level of confidence",
    "words": "part of a note, a name or an explanation; no result",
}


@dataclass(frozen=True)
class Place:
    """Where numbers are printed.

    Attributes
    ----------
    section : str
        Anchor of the section.
    exhibit : str
        Id of the table or figure; empty for text.
    row, column : str
        Labels in a table.
    text : str
        The cell or the sentence.
    around : str
        What else tells whose numbers they are: caption, headers, heading.
    words : bool
        A note or an explanation.
    """

    section: str
    exhibit: str
    row: str
    column: str
    text: str
    around: str
    words: bool = False


def places_in(blocks: Iterable[Block]) -> Iterator[Place]:
    """Everything that can hold numbers, in the order of the document. Formulas and listings hold none."""
    section, heading = "", ""
    for block in blocks:
        if isinstance(block, Heading):
            section, heading = (block.anchor or section, block.text) if block.level < 3 else (section, block.text)
        elif isinstance(block, Paragraph):
            yield Place(section, "", "", "", _words(block.line), heading)
        elif isinstance(block, Bullets):
            for line in block.lines:
                yield Place(section, "", "", "", _words(line), heading)
        elif isinstance(block, Facts):
            for term, line in block.pairs:
                yield Place(section, "", term, "", _words(line), heading, words=True)
        elif isinstance(block, DataTable):
            yield from _cells(block, section)
        elif isinstance(block, Picture):
            yield Place(section, block.id, "", "", block.alt, f"{heading} {block.caption}")
        elif isinstance(block, Listing):
            continue


def collect_numbers(
    places: Iterable[Place], text: Values, exhibits: Mapping[str, Values], sources: Sources,
    settings: Mapping[str, float],
) -> dict[str, Any]:
    """The content of numbers.json.

    Parameters
    ----------
    places : iterable of Place
    text : mapping
        Noted while the sentences were written: printed text -> values.
    exhibits : mapping of str to mapping
        The same by ``table-{id}`` and ``figure-{id}``.
    sources : Sources
    settings : mapping of str to float
        What the plan and the methods set, such as levels and thresholds: printed form -> value.

    Returns
    -------
    dict
        ``classes`` (what each means), ``counts`` by class, ``numbers``: one entry a printed number.
    """
    entries = []
    for place in places:
        noted = exhibits.get(place.exhibit, {}) if place.exhibit else text
        for token in find_numbers(place.text):
            entries.append(_entry(token.text, token.start, place, noted, sources, settings))
    counts = Counter(entry["class"] for entry in entries)
    return {
        "classes": CLASSES,
        "counts": {name: counts[name] for name in CLASSES},
        "numbers": entries,
    }


def _entry(
    printed: str, start: int, place: Place, noted: Values, sources: Sources, settings: Mapping[str, float]
) -> dict[str, Any]:
    entry: dict[str, Any] = {"printed": printed, "section": place.section}
    if place.exhibit:
        entry["exhibit"] = place.exhibit
    if place.row:
        entry["at"] = [place.row, place.column]
    noted_here = {value for values in noted.get(printed, ()) for value in values}
    if printed in settings and noted_here <= {settings[printed]}:
        return entry | {"class": "setting", "value": settings[printed]}
    context = f" {place.around} {place.row} {place.column} {_near(place.text, start)} ".lower()
    values = [tuple(value) for value in noted.get(printed, ())]
    best = sources.best([value[0] for value in values if len(value) == 1], context)
    if best:
        return entry | {"class": "cell"} | _source(best)
    shares = [value for value in values if len(value) == 2]
    if shares:
        return entry | {"class": "share"} | _share(shares, context, place.text, sources)
    if values:
        return entry | {"class": "derived", "value": values[0][0]}
    if place.words:
        return entry | {"class": "words"}
    if printed.startswith("<") and not printed.endswith("%"):
        return entry | {"class": "suppressed"}
    whole = printed.replace(",", "").replace(MINUS, "-")
    if whole.lstrip("-").isdigit() and (best := sources.best([float(whole)], context)):
        return entry | {"class": "counted"} | _source(best)
    return entry | {"class": "derived" if whole.lstrip("-").isdigit() else "words"}


def _source(found: tuple[Cell, int]) -> dict[str, Any]:
    cell, candidates = found
    source = {"file": cell.file, "row": cell.row, "column": cell.column}
    return {"value": cell.value, "source": source} | ({"candidates": candidates} if candidates > 1 else {})


def _share(
    shares: Sequence[tuple[float, ...]], context: str, text: str, sources: Sources
) -> dict[str, Any]:
    """Part and whole; of several pairs with the same share the one whose part is printed beside it."""
    printed = {token.text.replace(",", "") for token in find_numbers(text)}
    ranked = sorted(shares, key=lambda pair: -((f"{pair[0]:.0f}" in printed) + (f"{pair[1]:.0f}" in printed)))
    part, whole = ranked[0]
    found = [sources.best([value], context) for value in (part, whole)]
    cells = [_source(best)["source"] if best else None for best in found]
    return {"value": part / whole, "part": part, "whole": whole, "source": cells[0], "source_of_whole": cells[1]}


def _near(text: str, start: int) -> str:
    """The sentence round a number; an enumeration is parted at its semicolons."""
    before = max(text.rfind(mark, 0, start) for mark in (". ", "; ", ": "))
    after = [place for mark in (". ", "; ") if (place := text.find(mark, start)) >= 0]
    return text[before + 1:min(after, default=len(text))]


def _cells(table: DataTable, section: str) -> Iterator[Place]:
    labels = column_labels(table)
    group, variable = "", ""
    for line in table.head:
        for cell in line:
            yield Place(section, table.id, "header", cell.text, cell.text, table.caption)
    for row in table.rows:
        if row.group:
            group, variable = row.cells[0].text, ""
            continue
        # a level is named together with its variable
        variable = variable if row.indent else row.cells[0].text
        label = row.cells[0].text
        around = f"{table.caption} {group} {variable if row.indent else ''}"
        yield Place(section, table.id, label, labels[0], label, around, words=True)
        for name, cell in zip(labels[1:], row.cells[1:], strict=False):
            yield Place(section, table.id, label, name, cell.text, around)
    for note in table.notes:
        yield Place(section, table.id, "note", "", note, table.caption, words=True)


def _words(line: Sequence[Run]) -> str:
    return "".join(" " if run.style == "code" else run.text for run in line)
