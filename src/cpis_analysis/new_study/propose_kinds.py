"""What kind of outcome a column can be: a number, an event, answers in order, a count, a time to an event."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from cpis_analysis.intake.dictionary_draft import are_labelled
from cpis_analysis.intake.values.written_numbers import is_plain_number
from cpis_analysis.new_study.proposals import Proposal, is_called, words_of
from cpis_analysis.new_study.raw_files import Column

KINDS = ("continuous", "binary", "ordinal", "count", "time_to_event")
"""Kinds of outcomes that a plan can begin with."""

_SCALES = (
    "never;rarely,seldom,hardly ever;sometimes,occasionally;often,frequently;usually,very often,mostly;always",
    "none,no,absent;trace,minimal,very mild;mild,slight,some;moderate;severe,marked;very severe,extreme",
    "not at all;a little,slightly,a little bit;somewhat,moderately;quite a bit;very much,extremely,a lot",
    "much worse;worse,slightly worse;same,the same,about the same,unchanged,no change;better,improved,slightly better;"
    "much better,much improved",
    "very poor,very bad;poor,bad;fair,average;good;very good;excellent",
    "strongly disagree;disagree;neutral,neither,neither agree nor disagree,undecided;agree;strongly agree",
    "very dissatisfied;dissatisfied;neutral,neither,neither satisfied nor dissatisfied;satisfied;very satisfied",
    "very low;low;medium,middle,moderate;high;very high",
)
"""Words for answers in order, the lowest first; after commas others for the same place."""
_PLACES = tuple(
    {word: place for place, words in enumerate(scale.split(";")) for word in words.split(",")} for scale in _SCALES
)
_GRADED = "grade grading stage rankin mrs nyha ecog likert gos gose".split()
"""What whole numbers are called that stand for grades in order."""
_FEWEST_GRADES, _MOST_GRADES, _MOST_CATEGORIES = 3, 7, 12
_COUNT_WORDS = frozenset("number numbers num nr count counts ncount".split())
_COUNTED = frozenset(
    "falls seizures admissions readmissions hospitalisations hospitalizations visits attacks episodes relapses "
    "exacerbations polyps lesions injuries arrests incidents contacts".split()
)
_TIME = (
    "time survtime stime futime ostime survivaltime timetoevent tte followuptime persontime duration days weeks months "
    "week month years"
).split()
_SAYS_TIME = re.compile(r"\b(time|days|weeks|months|years) (to|until|till)\b|\bsurvival time\b", re.IGNORECASE)
_STATUS = (
    "status event died death dead cens censor censored censoring delta relapse relapsed arrest arrested failure failed"
).split()
_FEWEST_TIMES = 8


def propose_kind(column: Column) -> Proposal:
    """The kind of outcome that a column is by itself, empty if it can be none.

    1. Two values are an event.
    2. Three to seven answers are in order if all of them are words of a scale that is known, or if the column is called
       like a grade.
    3. Whole numbers from 0 with their long tail above are a count if the name or the label says that it counts.
    4. Other numbers are continuous, but for those of which all or most values are labelled.
    """
    levels = len(column.counts)
    if levels == 2:
        return Proposal("binary", "it has two values")
    if _FEWEST_GRADES <= levels <= _MOST_GRADES:
        if _on_scale(column) is not None:
            return Proposal("ordinal", f"its {levels} answers are words of a scale")
        if is_called(column, _GRADED) and column.is_number and column.is_whole:
            return Proposal("ordinal", f"it is called like grades, and has {levels} of them")
    if not column.is_number or levels < 2 or are_labelled(column.counts, column.value_labels):
        return Proposal("", "it holds no numbers, and no answers whose order can be told")
    if _says_count(column) and _is_count(column) and _skewness(column) > 0:
        return Proposal("count", "its name says that it counts, and it holds whole numbers from 0 with a long tail")
    return Proposal("continuous", "numbers")


def can_be(column: Column, kind: str) -> bool:
    """Whether the cells of a column allow a kind of outcome, whatever it is called."""
    levels = len(column.counts)
    if kind in ("binary", "time_to_event"):
        return levels == 2
    if kind == "ordinal":
        return 2 <= levels <= _MOST_CATEGORIES
    return column.is_number and levels > 1 and (kind != "count" or _is_count(column))


def other_kinds(column: Column, kind: str) -> list[str]:
    """What else the cells allow, the likelier first."""
    numbers = column.is_number
    could = {
        "ordinal": _FEWEST_GRADES <= len(column.counts) <= _MOST_GRADES
        and (_on_scale(column) or (numbers and column.is_whole)),
        "count": numbers
        and len(column.counts) > 2
        and _is_count(column)
        and (_says_count(column) or _skewness(column) > 1),
        "continuous": numbers and len(column.counts) > 2,
    }
    return [one for one, likely in could.items() if likely and one != kind]


def in_order(column: Column) -> tuple[str, ...]:
    """Codes of answers in their order, the lowest first; empty if neither words nor numbers tell it."""
    places = _on_scale(column)
    if places is not None:
        return tuple(sorted(column.values, key=lambda value: places[value]))
    return tuple(column.values) if all(map(is_plain_number, column.values)) else ()


def times_of_events(columns: Sequence[Column]) -> list[Column]:
    """Columns that are called like the time until an event, with many numbers above 0."""
    return [
        column
        for column in columns
        if (is_called(column, _TIME) or _SAYS_TIME.search(column.label))
        and column.is_number
        and len(column.counts) >= _FEWEST_TIMES
        and min(_numbers(column)) > 0
    ]


def is_event_beside_time(column: Column) -> bool:
    """Whether a column with two values is called like what ended the time, or says who was censored."""
    labels = {column.words_of(value).casefold() for value in column.values}
    return len(column.counts) == 2 and (is_called(column, _STATUS) or any("censor" in label for label in labels))


def _on_scale(column: Column) -> dict[str, int] | None:
    """Place on a known scale by code; None if not all answers are words of one, each in a place of its own."""
    if not _FEWEST_GRADES <= len(column.counts) <= _MOST_GRADES:
        return None
    words = {value: " ".join(column.words_of(value).casefold().split()) for value in column.values}
    for places in _PLACES:
        if set(words.values()) <= places.keys():
            found = {value: places[word] for value, word in words.items()}
            return found if len(set(found.values())) == len(found) else None
    return None


def _says_count(column: Column) -> bool:
    words = {*words_of(column.name), *words_of(column.label)}
    return bool(words & (_COUNT_WORDS | _COUNTED)) or words_of(column.label)[:2] == ("no", "of")


def _is_count(column: Column) -> bool:
    return column.is_number and column.is_whole and min(_numbers(column)) >= 0


def _numbers(column: Column) -> list[float]:
    return [float(value) for value in column.counts if is_plain_number(value)]


def _skewness(column: Column) -> float:
    """Third standardised moment; above 0 where the long tail lies above."""
    counts = np.array([count for value, count in column.counts.items() if is_plain_number(value)], dtype=float)
    values = np.array(_numbers(column))
    off = values - np.average(values, weights=counts)
    spread = np.sqrt(np.average(off**2, weights=counts))
    return float(np.average(off**3, weights=counts) / spread**3) if spread else 0.0
