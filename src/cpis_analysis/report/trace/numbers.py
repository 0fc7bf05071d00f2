"""numbers.json: every number that the report prints, with what it was rounded from and where that stands.

The formatter notes each number as it rounds it (`present.format.recorded`), so the unrounded value is known and
not guessed from print. The value is then looked up in the files of the run, first among those of the analysis or the
outcome that the place is about; where it stands in several cells, the one whose labels are named beside the printed
number is taken. Numbers that nothing rounded are parts of texts: labels, warnings, formulas, numbers of tables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cpis_analysis.publish.tokens import Token, find_numbers
from cpis_analysis.report.trace.places import ALT, AXIS, DRAWING, LISTING, NUMBERING, Place
from cpis_analysis.report.trace.quotes import Quotes, flat
from cpis_analysis.report.trace.sources import Cell, Sources

__all__ = ["CLASSES", "Background", "Setting", "Values", "collect_numbers"]

Values = Mapping[str, Sequence[Sequence[float]]]
CLASSES = {
    "cell": "a value of a file of the run, rounded",
    "share": "a share of two counts",
    "derived": "computed from values of files, as the expression says",
    "suppressed": "stands for a small count that is not shown",
    "setting": "a setting of the plan or a constant of a method, such as a level of confidence",
    "quoted": "part of a text that is taken over as it stands: a label, a warning, a formula, a note, a version",
    "fixed": "part of the report's own fixed words",
    "numbering": "the number of a table, a figure, a line of a file or an item of a guideline",
    "axis": "a mark on the scale of an axis; no result",
    "unknown": "of unknown origin; there should be none",
}
_NUMBERED = re.compile(r"\b(?:Tables?|Figures?|line) +$")
_WHOLE = re.compile(r"\d{1,3}(?:,\d{3})*|\d+")
_KEY = re.compile(r"([\w-]+(?:\.[\w-]+)+): [^:]*$")
_ORDINAL = re.compile(r"(?:^|[.;:] )$")


@dataclass(frozen=True)
class Setting:
    """What a printed constant is, and where it is set."""

    value: float
    source: Mapping[str, str]


@dataclass(frozen=True)
class Background:
    """What numbers are traced to.

    Attributes
    ----------
    sources : Sources
    quotes : Quotes
    settings : mapping of str to Setting
        By printed form.
    smallest : Setting
        Smallest count that is shown.
    plan_file : str
    owners : callable
        (place) -> analyses and outcomes that it is about, the nearest first.
    """

    sources: Sources
    quotes: Quotes
    settings: Mapping[str, Setting]
    smallest: Setting
    plan_file: str
    owners: Callable[[Place], Sequence[str]]


def collect_numbers(
    places: Iterable[Place], text: Mapping[str, Values], exhibits: Mapping[str, Values], ground: Background
) -> dict[str, Any]:
    """The content of numbers.json.

    Parameters
    ----------
    places : iterable of Place
    text : mapping of str to mapping
        Noted while the sentences of a part were written: printed text -> values.
    exhibits : mapping of str to mapping
        The same by ``table-{id}`` and ``figure-{id}``.
    ground : Background

    Returns
    -------
    dict
        ``classes`` (what each means), ``counts`` by class, ``numbers``: one entry a printed number.
    """
    entries = []
    for place in places:
        # a table that a section makes itself is among its sentences
        noted = exhibits.get(place.exhibit, text.get(place.log, {}))
        tokens = list(find_numbers(place.text))
        if tokens:
            owners, low = ground.owners(place), flat(place.text)
            entries += [_head(token, place) | _traced(token, place, low, noted, owners, ground) for token in tokens]
    counts = Counter(entry["class"] for entry in entries)
    return {"classes": CLASSES, "counts": {name: counts[name] for name in CLASSES}, "numbers": entries}


def _head(token: Token, place: Place) -> dict[str, Any]:
    entry: dict[str, Any] = {"printed": token.text, "section": place.section}
    if place.exhibit:
        entry["exhibit"] = place.exhibit
    if place.kind in (ALT, DRAWING, AXIS):
        entry["of"] = "alternative text" if place.kind == ALT else "drawing"
    if place.row:
        entry["at"] = [place.row, place.column]
    return entry | {"in": list(place.forms)}


def _traced(
    token: Token, place: Place, low: str, noted: Values, owners: Sequence[str], ground: Background
) -> dict[str, Any]:
    printed, start = token.text, token.start
    if place.kind == AXIS:
        return {"class": "axis"}
    if place.kind == NUMBERING or _NUMBERED.search(place.text[:start].replace("\u00a0", " ")):
        return {"class": "numbering"}
    known = noted.get(printed, ())
    values = [tuple(value) for value in known]
    if place.kind == LISTING:
        return {"class": "quoted", "source": {"file": ground.plan_file, "row": "", "column": place.row}}
    key = _KEY.search(place.text[:start]) if place.row == "Plan" else None
    if key:
        return {"class": "quoted", "source": {"file": ground.plan_file, "row": "", "column": key[1]}}
    quote = ground.quotes.find(low, printed, start, owners)
    if quote:
        source = {"file": quote.file, "row": quote.row, "column": quote.column}
        return {"class": "fixed" if quote.file.endswith((".py", ".html")) else "quoted", "source": source}
    setting = ground.settings.get(printed)
    if setting and {value for each in values for value in each} <= {setting.value}:
        return {"class": "setting", "value": setting.value, "source": dict(setting.source)}
    near = _near(place.text, start)
    context = f" {place.around} {place.row} {place.column} {near} ".lower()
    best = ground.sources.best([value[0] for value in values if len(value) == 1], context, owners)
    if best:
        cell, candidates = best
        more = {"candidates": candidates} if candidates > 1 else {}
        return {"class": "derived" if cell.derived else "cell", "value": cell.value} | cell.record() | more
    shares = [value for value in values if len(value) == 2]
    if shares:
        return _share(shares, context, (place.text, place.beside), owners, ground.sources)
    if values:
        return {"class": "unknown", "value": values[0][0]}
    cell = _counted(printed, context, owners, ground.sources)
    if cell:
        return {"class": "derived" if cell.derived else "cell", "value": cell.value} | cell.record()
    if printed.startswith("<") and not printed.endswith("%"):
        return {"class": "suppressed", "source": dict(ground.smallest.source)}
    if place.kind in (ALT, DRAWING) and printed.isdigit() and token.text == place.text[: len(printed)].strip():
        return {"class": "numbering"}
    if (
        place.kind == ALT
        and _ORDINAL.search(place.text[:start])
        and place.text[start + len(printed) :].startswith(". ")
    ):
        return {"class": "numbering"}
    return {"class": "unknown"}


def _counted(printed: str, context: str, owners: Sequence[str], sources: Sources) -> Cell | None:
    """A whole number that was printed as it is: its cell must be named beside it."""
    whole = _WHOLE.fullmatch(printed)
    best = sources.best([float(printed.replace(",", ""))], context, owners) if whole else None
    return best[0] if best and any(label in context for label in best[0].labels) else None


def _share(
    shares: Sequence[tuple[float, ...]], context: str, texts: Sequence[str], owners: Sequence[str], sources: Sources
) -> dict[str, Any]:
    """Part and whole; of several pairs with the same share the one whose part and whole are printed beside it."""
    near, row = ({token.text.replace(",", "") for token in find_numbers(text)} for text in texts)

    def fits(pair: tuple[float, ...]) -> tuple[int, int]:
        whole = {f"{value:.0f}" for value in pair}
        return len(whole & near), len(whole & row)

    part, whole = max(shares, key=fits)
    entry: dict[str, Any] = {"class": "share", "value": part / whole, "part": part, "whole": whole}
    for name, value in (("source", part), ("source_of_whole", whole)):
        best = sources.best([value], context, owners)
        entry[name] = None if best is None else _written(best[0])
    return entry if entry["source"] and entry["source_of_whole"] else entry | {"class": "unknown"}


def _written(cell: Cell) -> dict[str, Any]:
    return cell.record() if cell.derived else cell.place()


def _near(text: str, start: int) -> str:
    """The sentence round a number; an enumeration is parted at its semicolons."""
    before = max(text.rfind(mark, 0, start) for mark in (". ", "; ", ": "))
    after = [place for mark in (". ", "; ") if (place := text.find(mark, start)) >= 0]
    return text[before + 1 : min(after, default=len(text))]
