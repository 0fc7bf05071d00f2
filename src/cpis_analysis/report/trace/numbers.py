"""numbers.json: every number that the report prints, with what it was rounded from and where that stands.

A number carries its source from the file to the page (`publish.sources.sourced`); here the marks behind the printed
numbers are read (`publish.sources.ledger`). Numbers without a mark are parts of texts that are taken over as they
stand: labels, warnings, formulas, numbers of tables. A number that is neither stops the build.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.publish.sources.ledger import Ledger, split_marks
from cpis_analysis.publish.sources.tokens import Token, find_numbers
from cpis_analysis.report.trace.places import ALT, AXIS, DRAWING, LISTING, NUMBERING, Place
from cpis_analysis.report.trace.quotes import Quotes, flat

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
}
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"\b(?:Tables?|Figures?|line) +$")
_KEY = re.compile(r"([\w-]+(?:\.[\w-]+)+): [^:]*$")
_ORDINAL = re.compile(r"(?:^|[.;:] )$")


class _Printed(NamedTuple):
    """A number where it is printed: the place's words without marks, and the mark behind it."""

    token: Token
    place: Place
    words: str
    mark: str

    @property
    def before(self) -> str:
        return self.words[: self.token.start]

    @property
    def after(self) -> str:
        return self.words[self.token.start + len(self.token.text) :]


def collect_numbers(places: Iterable[Place], ledger: Ledger, quotes: Quotes, plan_file: str) -> dict[str, Any]:
    """The content of numbers.json.

    Parameters
    ----------
    places : iterable of Place
    ledger : Ledger
        That was open while the places were written.
    quotes : Quotes
        Texts that are taken over.
    plan_file : str

    Returns
    -------
    dict
        ``classes`` (what each means), ``counts`` by class, ``numbers``: one entry a printed number.

    Raises
    ------
    CpisError
        With every number that has no source, and where it is printed.
    """
    entries, problems = [], []
    for place in places:
        for one in _printed(place):
            known = _known(one, ledger, quotes, plan_file)
            if known is None:
                problems.append(_unknown(one))
            else:
                entries.append(_head(one) | known)
    if problems:
        raise CpisError("Numbers are printed without a source.", problems)
    counts = Counter(entry["class"] for entry in entries)
    return {"classes": CLASSES, "counts": {name: counts[name] for name in CLASSES}, "numbers": entries}


def _printed(place: Place) -> Iterator[_Printed]:
    if not _DIGIT.search(place.text):
        return
    words, marks = split_marks(place.text)
    for token in find_numbers(words):
        # a mark stands behind the digits; what belongs to them, such as a sign of per cent, may follow
        start, end, own = token.start, token.start + len(token.text), ""
        for at, mark in marks:
            if start < at <= end:
                own = mark
        yield _Printed(token, place, words, own)


def _head(one: _Printed) -> dict[str, Any]:
    place = one.place
    entry: dict[str, Any] = {"printed": one.token.text, "section": place.section}
    if place.exhibit:
        entry["exhibit"] = place.exhibit
    if place.kind in (ALT, DRAWING, AXIS):
        entry["of"] = "alternative text" if place.kind == ALT else "drawing"
    if place.row:
        entry["at"] = [place.row, place.column]
    return entry | {"in": list(place.forms)}


def _known(one: _Printed, ledger: Ledger, quotes: Quotes, plan_file: str) -> dict[str, Any] | None:
    place = one.place
    if place.kind == AXIS:
        return {"class": "axis"}
    record = ledger.record(one.mark) if one.mark else {}
    if record and record["class"] != "quoted":
        return _without_text(record)
    if place.kind == NUMBERING or _NUMBERED.search(one.before.replace("\u00a0", " ")) or _is_ordinal(one):
        return {"class": "numbering"}
    key = [place.row] if place.kind == LISTING else _KEY.findall(one.before) if place.row == "Plan" else []
    if key:
        return {"class": "quoted", "source": {"file": plan_file, "row": "", "column": key[-1]}}
    # a sentence of a drawing stands on several lines
    around = flat(f"{place.before}{one.words}{place.after}")
    quote = quotes.find(around, one.token.text, len(place.before) + one.token.start, place.exhibit)
    if quote:
        source = {"file": quote.file, "row": quote.row, "column": quote.column}
        return {"class": "fixed" if quote.file.endswith((".py", ".html")) else "quoted", "source": source}
    return _without_text(record) if record else None


def _without_text(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "printed"}


def _is_ordinal(one: _Printed) -> bool:
    """Whether it only numbers what follows, in the words of a figure."""
    if one.place.kind not in (ALT, DRAWING) or not one.token.text.isdigit():
        return False
    return one.words.strip() == one.token.text or bool(_ORDINAL.search(one.before) and one.after.startswith(". "))


def _unknown(one: _Printed) -> Problem:
    place = one.place
    where: Sequence[str] = [part for part in (place.section, place.exhibit, place.row, place.column) if part]
    start = max(one.token.start - 60, 0)
    words = one.words[start : one.token.start + len(one.token.text) + 40]
    return Problem(
        f"is printed without a source in {', '.join(where)}: {words}",
        value=one.token.text,
        hint="report it as a fault of the software; text of the plan that holds the number may be written "
        "otherwise meanwhile",
    )
