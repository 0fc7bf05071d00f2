"""What kind of outcome something is, and what it needs beside itself: an event, an order, a time, an exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.new_study.asking import Asker
from cpis_analysis.new_study.propose_kinds import (
    can_be,
    in_order,
    is_event_beside_time,
    other_kinds,
    propose_kind,
    times_of_events,
)
from cpis_analysis.new_study.propose_outcomes import describes_people, likely_event, likely_exposures
from cpis_analysis.new_study.raw_files import Column, RawFile, column_named
from cpis_analysis.new_study.settled import SAID, Beside, Told

Answer = TypeVar("Answer")

_NEEDS = {
    "binary": "an event is one of two values",
    "time_to_event": "an event is one of two values",
    "ordinal": "answers in order have two to twelve values",
    "count": "counts are whole numbers from 0",
    "continuous": "these are no numbers",
}


@dataclass(frozen=True)
class FoundKind:
    """Kind of an outcome; as in `settled.OutcomeOf`."""

    kind: str
    reason: str
    event: str = ""
    categories: tuple[str, ...] = ()
    not_given: tuple[str, ...] = ()
    beside: Beside | None = None
    other: str = ""


def said_of(said: Mapping[str, Answer], title: str, columns: Mapping[str, str]) -> Answer | None:
    """What was said of an outcome, which may have been named by its title or by one of its columns."""
    names = (title, *columns.values())
    return next((value for name, value in said.items() if name in names), None)


def said_kind(told: Told, title: str, columns: Mapping[str, str]) -> str:
    """The kind that the caller named, or that follows from what else was said; empty if nothing was."""
    kind = said_of(told.kinds, title, columns)
    for mapping, name in ((told.orders, "ordinal"), (told.times, "time_to_event"), (told.exposures, "count")):
        if kind is None and said_of(mapping, title, columns) is not None:
            kind = name
    return kind or ""


class KindsOf:
    """Kinds of the outcomes of some files.

    Parameters
    ----------
    files : sequence of RawFile
    told : Told
    ask : Asker
    free : sequence of Column
        Columns that have no other role.

    Attributes
    ----------
    remarks : list of str
    """

    def __init__(self, files: Sequence[RawFile], told: Told, ask: Asker, free: Sequence[Column]) -> None:
        self.files, self.told, self.ask, self.free = files, told, ask, free
        self.remarks: list[str] = []

    def kind(self, title: str, columns: Mapping[str, str], whole: Column) -> FoundKind:
        """Settle the kind of one outcome, of whose cells `whole` holds all."""
        said = said_kind(self.told, title, columns)
        kind, why = said, SAID
        if not said:
            kind, why = self.proposed(columns, whole)
        elif not can_be(whole, said):
            raise DataError(
                "An outcome that was named can't be of this kind.",
                Problem(
                    f"{_NEEDS[said]}; it has {len(whole.counts):,}",
                    variable=title,
                    value=said,
                    hint="say another kind, or leave it to be read from the data",
                ),
            )
        others = [] if said else other_kinds(whole, kind)
        others += ["binary"] if kind == "time_to_event" and not said else []
        if kind not in ("continuous", "binary") and others and self.ask.answers:
            kind = self.ask.one(f"What is {title}?", kind, why, [kind, *others])
        other = ", or ".join(f"--outcome {title}:{one}" for one in others if one != kind)
        if kind in ("binary", "time_to_event"):
            event, reason = self.event(title, whole)
            beside = self.time(title, columns) if kind == "time_to_event" else None
            return FoundKind(kind, f"{why}; {reason}" if beside else reason, event, beside=beside, other=other)
        if kind == "ordinal":
            categories, rest = self.order(title, columns, whole)
            another = f"--order {title}=LOWEST,...,HIGHEST" if said_of(self.told.orders, title, columns) is None else ""
            other = ", or ".join(filter(None, (another, other)))
            return FoundKind(kind, why, categories=categories, not_given=rest, other=other)
        if kind == "count":
            exposure = self.exposure(title, columns)
            made_in = f"; {exposure.title} is called like that in which it was counted" if exposure and not said else ""
            return FoundKind(kind, why + made_in, beside=exposure, other=other)
        return FoundKind(kind, why, other=other)

    def proposed(self, columns: Mapping[str, str], whole: Column) -> tuple[str, str]:
        """The kind by names and cells; an event at one wave beside the only time is a time to an event."""
        found = propose_kind(whole)
        times = self.times(columns)
        if found.value == "binary" and len(columns) == len(times) == 1 and is_event_beside_time(whole):
            return "time_to_event", f"its name tells of an event, and {times[0].name} is called like the time until it"
        return found.value or "continuous", found.reason

    def times(self, columns: Mapping[str, str]) -> list[Column]:
        """Columns that may hold the time of an event."""
        own = set(columns.values())
        return times_of_events([one for one in self.free if one.name not in own and not describes_people(one)])

    def event(self, title: str, whole: Column) -> tuple[str, str]:
        """The code of the event."""
        said = self.told.events.get(title)
        if said is not None:
            event = whole.codes.get(said, said)
            if event not in whole.values:
                raise DataError(
                    "An event that was named is not there.",
                    Problem("no such value", variable=title, value=said, allowed=", ".join(whole.values)),
                )
            return event, SAID
        found = likely_event(whole)
        event = self.ask.one(f"Which value of {title} is the event?", found.value, found.reason, whole.values[:2])
        if not found.told and not self.ask.answers:
            self.remarks.append(
                f"event of {title}: {found.reason}; {event} was taken. Put its event right under outcomes"
            )
        return event, found.reason

    def time(self, title: str, columns: Mapping[str, str]) -> Beside:
        """The time until an event."""
        said = said_of(self.told.times, title, columns)
        times = self.times(columns)
        if said is None and len(times) != 1:
            known = [one.name for one in times or self.free if one.is_number and one.name not in columns.values()]
            raise DataError(
                "Until when somebody was watched can't be told.",
                Problem(
                    "no column, or several, are called like the time until an event",
                    variable=title,
                    allowed=", ".join(known) or None,
                    hint=f"name it: --time {title}=COLUMN",
                ),
            )
        return self.beside("time", columns, times[0].name if said is None else said)

    def exposure(self, title: str, columns: Mapping[str, str]) -> Beside | None:
        """In what each count was made, where that is not the same for everybody."""
        said = said_of(self.told.exposures, title, columns)
        own = set(columns.values())
        found = likely_exposures([one for one in self.free if one.name not in own])
        if said is None and len(found) != 1:
            return None
        return self.beside("exposure", columns, found[0].name if said is None else said)

    def beside(self, key: str, columns: Mapping[str, str], said: str) -> Beside:
        """A column beside an outcome, at the waves of the outcome."""
        name = column_named(self.files, said, key)
        in_columns = len(self.files) == 1 and len(set(columns.values())) > 1
        waves = list(columns)[-1:] if in_columns else list(columns)
        holding = {file.wave for file in self.files if name in file} if len(self.files) > 1 else set(waves)
        return Beside(key, name, {wave: name for wave in waves if wave in holding})

    def order(self, title: str, columns: Mapping[str, str], whole: Column) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Codes in their order, and those that are none of the answers in order."""
        said = said_of(self.told.orders, title, columns)
        if said is None:
            known = in_order(whole)
            why = "words of a scale, or numbers, tell it" if known else "nothing tells it"
            order = self.ask.several(
                f"In which order are the answers of {title}, the lowest first?", known, why, whole.values
            )
        else:
            labels = {whole.label_of(value).casefold(): value for value in whole.values}
            order = tuple(whole.codes.get(one, labels.get(one.casefold(), one)) for one in said)
        strange = [one for one in order if one not in whole.values]
        if strange or len(set(order)) < 2:
            raise DataError(
                "The order of answers can't be told.",
                Problem(
                    "no such value" if strange else "neither numbers nor words of a known scale tell it",
                    variable=title,
                    value=", ".join(strange) or None,
                    allowed=", ".join(whole.values),
                    hint=f"name the answers, the lowest first: --order {title}={','.join(whole.values)}",
                ),
            )
        rest = tuple(value for value in whole.values if value not in order)
        if rest:
            self.remarks.append(f"answers of {title} that are in no order count as missing: {', '.join(rest)}")
        return order, rest
