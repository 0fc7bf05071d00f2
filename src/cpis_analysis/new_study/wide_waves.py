"""Waves that stand in names of columns (``bdi.pre``, ``bdi.2m``; ``Prewt``, ``Postwt``; ``depress1``, ``depress2``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cpis_analysis.plan.naming import counted_noun

_BEFORE = "baseline base bl pre pretest before"
_AFTER = "post posttest after followup followup1 followup2 fu fup end endpoint final"
_WORDS = frozenset(f"{_BEFORE} {_AFTER}".split())
_NUMBERED = re.compile(r"(?:t|v|time|wave|visit|fu|fup|followup)(\d{1,3})")
_UNIT = r"(mo|months?|m|wks?|weeks?|w|d|days?|y|yrs?|years?)"
_TIMED = re.compile(rf"(\d{{1,3}}(?:\.\d+)?)\s*[._\- ]?{_UNIT}|{_UNIT}[._\- ]?(\d{{1,3}})")
_SEPARATED = re.compile(r"(.+?)[._\- ]([A-Za-z]*\d{0,3}[A-Za-z]*)\Z")
_JOINED = re.compile(rf"(.*[A-Za-z])(\d{{1,3}}{_UNIT})\Z")
_BEFORE_FIRST = re.compile(r"(pre|post|baseline|followup)[._\- ]?(.+)\Z", re.IGNORECASE)
_PARTED = re.compile(r"([A-Za-z]+\d*|\d+[A-Za-z]+)[._\- ]+(.+)\Z")
_BARE = re.compile(r"(.*?[A-Za-z])(\d{1,2})\Z")
_MOST = 12
_MOST_BARE = 6
_UNITS = {"w": "week", "d": "day", "m": "month", "y": "year"}
_PER_MONTH = {"w": 7 / 30.4375, "d": 1 / 30.4375, "m": 1.0, "y": 12.0}


@dataclass(frozen=True)
class WideOutcomes:
    """Columns that are one variable at several waves.

    Attributes
    ----------
    waves : tuple of str
        As written, in the order of time.
    columns : mapping of str to mapping
        By variable: its column at each wave.
    by_number : bool
        The waves are bare digits at the end of the name, which could be numbers of items as well.
    """

    waves: tuple[str, ...]
    columns: Mapping[str, Mapping[str, str]]
    by_number: bool = False


def months_of(written: str) -> float | None:
    """Months after the start that the name of a wave says; None where it says none."""
    text = written.casefold().strip()
    if text in _BEFORE.split():
        return 0.0
    found = _TIMED.fullmatch(text)
    if not found:
        return None
    before, unit, unit_first, after = found.groups()
    number, unit = (before, unit) if before else (after, unit_first)
    return round(float(number) * _PER_MONTH[unit[0]], 2)


def words_of_wave(written: str) -> str:
    """What the name of a wave says, as a reader reads it: ``2m`` is 2 months, ``bl`` Baseline; else the name itself."""
    text = written.casefold().strip()
    if text in _BEFORE.split():
        return "Baseline"
    found = _TIMED.fullmatch(text)
    if not found:
        return written
    before, unit, unit_first, after = found.groups()
    number, unit = (before, unit) if before else (after, unit_first)
    return f"{number} {counted_noun(1 if float(number) == 1 else 2, _UNITS[unit[0]])}"


def order_of(written: str) -> float:
    """Where the name of a wave stands in time, as far as it says."""
    months = months_of(written)
    if months is not None:
        return months
    text = written.casefold()
    if text in _AFTER.split():
        return 500.0 + _AFTER.split().index(text)
    digits = re.search(r"\d+", text)
    return float(digits.group()) if digits else 1000.0


def wide_outcomes(names: Sequence[str]) -> WideOutcomes | None:
    """Variables that stand in several columns, one a wave; None if names of columns tell of no waves.

    The set of waves that most variables have is taken; ends such as ``.pre`` go before bare digits.
    """
    for parted, by_number in ((_by_end, False), (_by_beginning, False), (_by_digit, True)):
        stems: dict[str, dict[str, str]] = {}
        for name in names:
            found = parted(name)
            if found:
                stems.setdefault(found[0], {})[found[1]] = name
        several = {stem: columns for stem, columns in stems.items() if 2 <= len(columns) <= _MOST}
        if by_number:
            several = {stem: columns for stem, columns in several.items() if len(columns) <= _MOST_BARE}
        if not several:
            continue
        sets = [frozenset(columns) for columns in several.values()]
        usual = max(sets, key=lambda one: (sum(other == one for other in sets), len(one), sorted(one)))
        kept = {stem: columns for stem, columns in several.items() if columns.keys() <= usual}
        before = [name for name in names if name.casefold() in _BEFORE.split()]
        if len(kept) == len(before) == 1 and not usual & set(_BEFORE.split()):
            # the value at the start in a column that is called no more than that
            kept = {stem: {before[0]: before[0], **columns} for stem, columns in kept.items()}
            usual |= {before[0]}
        waves = tuple(sorted(usual, key=lambda wave: (order_of(wave), wave)))
        return WideOutcomes(waves, kept, by_number)
    return None


def distinct_parts(names: Sequence[str]) -> list[str]:
    """What is left of names without what they begin and end with in common: ``t1_pain``, ``t2_pain`` are 1, 2.

    Whole words are kept: a cut within a word goes back to where it begins or ends.
    """
    begin = _common(names)
    end = _common([name[begin:][::-1] for name in names])
    parts = [name[begin : len(name) - end] for name in names]
    before, after = names[0][:begin], names[0][len(names[0]) - end :] if end else ""
    lead = re.search(r"[A-Za-z0-9]*\Z", before)
    tail = re.match(r"[a-z0-9]*", after)
    first, last = lead.group() if lead else "", tail.group() if tail else ""
    return [f"{first}{part}{last}".strip("._- ") or str(at + 1) for at, part in enumerate(parts)]


def _common(names: Sequence[str]) -> int:
    """With how many letters all names begin alike."""
    shortest = min(map(len, names))
    return next((at for at in range(shortest) if len({name[at] for name in names}) > 1), shortest)


def _is_wave(text: str) -> bool:
    low = text.casefold()
    return low in _WORDS or any(kind.fullmatch(low) for kind in (_TIMED, _NUMBERED))


def _by_end(name: str) -> tuple[str, str] | None:
    found = _SEPARATED.match(name)
    if found and (_is_wave(found.group(2)) or found.group(2).isdigit()):
        return found.group(1), found.group(2)
    joined = _JOINED.match(name)
    return (joined.group(1), joined.group(2)) if joined else None


def _by_beginning(name: str) -> tuple[str, str] | None:
    found = _BEFORE_FIRST.match(name)
    if found:
        return found.group(2), found.group(1)
    parted = _PARTED.match(name)
    return (parted.group(2), parted.group(1)) if parted and _is_wave(parted.group(1)) else None


def _by_digit(name: str) -> tuple[str, str] | None:
    found = _BARE.match(name)
    return (found.group(1), found.group(2)) if found else None
