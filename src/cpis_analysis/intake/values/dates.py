"""Dates in the orders that the plan accepts, into year-month-day."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import Step, ValueSettings
from cpis_analysis.intake.values.written_numbers import is_plain_number

_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})\Z")
_TWO_FIRST = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})\Z")
_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[-/. ]+([A-Za-z]{3,9})\.?,?[-/. ]+([0-9]{4}|[0-9]{2})\Z")
_NAMED_US = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})\Z")
_TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?\Z")
_FIVE_DIGITS = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?\Z")
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MONTHS = ("january february march april may june july august september october november december").split()
_EARLIEST_YEAR, _LATEST_YEAR = 1800, 2200
_EARLIEST_PLAUSIBLE, _LATEST_PLAUSIBLE = 1900, 2100


@dataclass(frozen=True)
class _Count:
    """What a program counts when it writes a date as a number."""

    first: date
    units_a_day: int
    words: str


_COUNTS = {
    "excel": _Count(date(1899, 12, 30), 1, "days since 1900, as Excel does"),
    "excel_1904": _Count(date(1904, 1, 1), 1, "days since 1904, as Excel on old Macintoshes does"),
    "spss": _Count(date(1582, 10, 14), 86_400, "seconds since 14 October 1582, as SPSS does"),
    "stata": _Count(date(1960, 1, 1), 1, "days since 1960, as Stata and SAS do"),
    "r": _Count(date(1970, 1, 1), 1, "days since 1970, as R does"),
}
_WORDS = {"iso": "year-month-day", "dmy": "day/month/year", "mdy": "month/day/year"}


def is_plain_date(text: str) -> bool:
    """Whether text is an existing date written year-month-day."""
    return bool(_PLAIN.match(text)) and _made(text[:4], text[5:7], text[8:]) is not None


def date_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Read a cell of a date.

    Notes
    -----
    1. A time of day is dropped.
    2. The date is read in each order that the plan accepts; months by name can be
       read in any plan.
    3. If the accepted orders give one date, that is it; if they give two
       (03/04/2018 where both day/month and month/day are accepted) or none, the
       data manager is asked. The order in the plan decides nothing.
    4. A year of two digits is read only where the variable's range leaves one century.
    """
    if is_plain_date(text):
        return None
    bare = _TIME.sub("", text)
    accepted = settings.cleaning.date_formats
    found: dict[date, str] = {day: how for how in reversed(accepted) for day in _readings(bare, how, variable)}
    for day in _named_month(bare, variable):
        found[day] = "named"
    if len(found) == 1:
        [(day, how)] = found.items()
        if is_plain_date(bare):
            return Step(bare, "time_of_day", "a time of day was dropped")
        reason = "the month was written by name" if how == "named" else f"the date was written {_WORDS[how]}"
        return Step(day.isoformat(), "date_format", reason)
    if found:
        days = " or ".join(day.isoformat() for day in sorted(found))
        question = f"{variable.label}: is '{text}' {days}?"
        return Step("", "ambiguous_date", f"'{text}' can be {days}", question)
    number = _number(bare, variable, settings)
    if number is not None:
        return number
    written = " or ".join(_WORDS[how] for how in accepted)
    question = f"{variable.label}: '{text}' is not a date. What is right?"
    return Step("", "unreadable_date", f"is not an existing date written {written}", question)


def _readings(text: str, how: str, variable: Variable) -> list[date]:
    match = (_ISO if how == "iso" else _TWO_FIRST).match(text)
    if match is None:
        return []
    if how == "iso":
        year, month, day = match.groups()
    elif how == "dmy":
        day, month, year = match.groups()
    else:
        month, day, year = match.groups()
    return _in_centuries(year, month, day, variable)


def _named_month(text: str, variable: Variable) -> list[date]:
    match = _NAMED.match(text)
    if match:
        day, name, year = match.groups()
    else:
        match = _NAMED_US.match(text)
        if match is None:
            return []
        name, day, year = match.groups()
    months = [at for at, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())]
    if name.lower() == "sept":
        months = [9]
    return _in_centuries(year, str(months[0]), day, variable) if len(months) == 1 else []


def _number(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """A number where a date should be: the date lost its format, and the program that wrote it gives its meaning."""
    if not is_plain_number(text):
        return None
    said = settings.cleaning.date_numbers.get(variable.name)
    if said is not None:
        day = _counted(text, said)
        return (
            None
            if day is None
            else Step(day.isoformat(), "date_number", f"counts {_COUNTS[said].words}, as the plan says")
        )
    seconds = _counted(text, "spss")
    if seconds is not None and _in_range(seconds, variable, plausible=True):
        if settings.format == "spss":
            reason = f"counts {_COUNTS['spss'].words}: the column lost its date format"
            return Step(seconds.isoformat(), "date_number", reason)
        return _asked(text, seconds, "spss", "SPSS's", variable)
    # a workbook counted from 1904 would mean another day
    serial = _counted(text, "excel") if _FIVE_DIGITS.match(text) else None
    if serial is not None and _in_range(serial, variable):
        return _asked(text, serial, "excel", "Excel's", variable)
    return None


def _asked(text: str, day: date, kind: str, whose: str, variable: Variable) -> Step:
    question = f"{variable.label}: '{text}' may be {whose} number of the day {day.isoformat()}. Is it?"
    cause = (
        f"{variable.label}: the column lost its date format and holds numbers, such as '{text}', which would be "
        f"{day.isoformat()} if they count {_COUNTS[kind].words}. Do they? Say in the plan, under cleaning: "
        f"date_numbers: {{{variable.name}: {kind}}}, or export the column as dates."
    )
    return Step("", "day_number", f"may be {whose} number of {day.isoformat()}", question, cause)


def _counted(text: str, kind: str) -> date | None:
    count = _COUNTS[kind]
    try:
        return count.first + timedelta(days=math.floor(float(text) / count.units_a_day))
    except OverflowError:
        return None


def _in_range(day: date, variable: Variable, plausible: bool = False) -> bool:
    return variable.within(day) and (not plausible or _EARLIEST_PLAUSIBLE <= day.year <= _LATEST_PLAUSIBLE)


def _in_centuries(year: str, month: str, day: str, variable: Variable) -> list[date]:
    if len(year) == 4:
        made = _made(year, month, day)
        return [] if made is None else [made]
    if variable.low is None or variable.high is None:
        return []
    days = [_made(f"{century}{year}", month, day) for century in range(18, 22)]
    return [one for one in days if one is not None and variable.within(one)]


def _made(year: str, month: str, day: str) -> date | None:
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return made if _EARLIEST_YEAR <= made.year <= _LATEST_YEAR else None
