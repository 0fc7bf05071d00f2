"""Which columns are likely to be outcomes or characteristics, and what an outcome is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cpis_analysis.intake.values.written_numbers import is_plain_number
from cpis_analysis.new_study.proposals import Proposal, is_called, words_of
from cpis_analysis.new_study.propose_kinds import is_event_beside_time, propose_kind, times_of_events
from cpis_analysis.new_study.raw_files import Column

_OUTCOME = "outcome score primary endpoint result response y resp".split()
_PERHAPS = "total scale status weight wt postwt".split()
_DESCRIBES = (
    "age sex gender female male ethnicity ethnic race education educ marital married employment employed income smoker "
    "smoking smokes tobacco bmi height duration diagnosis occupation occp nonwhite black white asa mallampati urban "
    "rural language nationality born siblings ses"
).split()
_BASELINE = "baseline base bl pre pretest".split()
_WORSE = re.compile(
    r"depress|anxi|\bbdi|phq|gad|pain|symptom|distress|stress|death|died|mortal|relaps|seizure|bleed|fail|error|cough|"
    r"nausea|fever|infect|polyp|pancreatitis|obes|admission|stroke|falls|attack|exacerbat|injur|arrest|suicid|disab|insomnia|fatigue|burden",
    re.IGNORECASE,
)
_EVENT = ("yes", "1", "true", "event", "died", "dead", "death", "success", "good", "improved", "case", "positive")
_NO_EVENT = ("no", "0", "false", "alive", "poor", "none", "negative", "control", "censored")
_CENSORED = "cens censor censored censoring".split()
_EXPOSURE = "exposure persontime personyears persondays pyears observed atrisk timeatrisk".split()


def likely_outcomes(columns: Sequence[Column]) -> list[Proposal]:
    """Columns that are called like an outcome, of those that may be one at all; the only one, whatever it is called.

    Where none is called so, an event beside the time until it, what counts something, or the only answers in order.
    """
    could = [column for column in columns if not describes_people(column)]
    called = [column for column in could if is_called(column, _OUTCOME)]
    if not called and len(times := times_of_events(could)) == 1:
        told = [column for column in could if is_event_beside_time(column)]
        why = f"its name tells of an event, and {times[0].name} is called like the time until it"
        if told:
            return [Proposal(column.name, why) for column in told]
    if not called and (counts := [column for column in could if propose_kind(column).value == "count"]):
        return [Proposal(column.name, "its name says that it counts") for column in counts]
    if not called and len(answers := [column for column in could if propose_kind(column).value == "ordinal"]) == 1:
        return [Proposal(answers[0].name, "its answers are in order, and no column is called like an outcome")]
    called = called or [column for column in could if is_called(column, _PERHAPS)]
    if not called and len(could) == 1:
        return [Proposal(could[0].name, "no other column can be one")]
    return [Proposal(column.name, "it is called so") for column in called]


def describes_people(column: Column) -> bool:
    """Whether a column is called like something that is known of people at the start."""
    words = words_of(column.name)
    return any(word in _DESCRIBES for word in words) or is_called(column, _DESCRIBES)


def is_baseline_value(column: Column) -> bool:
    """Whether a column is called like the outcome before the intervention."""
    return column.is_number and is_called(column, _BASELINE)


def likely_exposures(columns: Sequence[Column]) -> list[Column]:
    """Columns that are called like the time, or whatever else, in which counts were made."""
    return [
        column
        for column in columns
        if is_called(column, _EXPOSURE)
        and column.is_number
        and all(float(value) > 0 for value in column.counts if is_plain_number(value))
    ]


def likely_event(column: Column) -> Proposal:
    """The code of a column with two values that is the event."""
    first, second = column.values[:2]
    if is_called(column, _CENSORED):
        for value, other in ((first, second), (second, first)):
            if _said(column, value, _NO_EVENT):
                return Proposal(value, f"'{column.words_of(other)}' says who was censored")
    for value, other in ((first, second), (second, first)):
        if _said(column, value, _EVENT) and not _said(column, other, _EVENT):
            return Proposal(value, f"'{column.words_of(value)}' is what an event is called")
    for value, other in ((first, second), (second, first)):
        if _said(column, other, _NO_EVENT):
            return Proposal(value, f"'{column.words_of(other)}' is what is called no event")
    return Proposal(second, "it is the second value; nothing says which of the two is the event", told=False)


def worse_when_high(name: str, label: str, event: str = "") -> bool | None:
    """Whether high values are worse, by the outcome's name; None if the name does not say."""
    return True if any(_WORSE.search(text) for text in (name, label, event) if text) else None


def _said(column: Column, value: str, words: Iterable[str]) -> bool:
    return bool({value.casefold(), column.words_of(value).casefold()} & set(words))
