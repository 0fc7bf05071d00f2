"""Clean text cells into typed frames: the one place where types are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.plan.schema import Cleaning
from cpis_analysis.plan.schema_design import Design

OUTSIDE_WINDOW = "outside_window"
DAYS_IN_A_MONTH = 365.25 / 12


_NOTHING: Any = None


def typed(texts: np.ndarray, variable: Variable) -> pd.Series:
    """Clean texts as values.

    Numbers become float64, dates datetime64, categories a Categorical of the
    dictionary's codes in its order, all else text; the empty text becomes missing.
    """
    if variable.is_categorical:
        categories = list(variable.choices)
        return pd.Series(pd.Categorical(np.where(texts == "", _NOTHING, texts), categories=categories))
    codes, distinct = pd.factorize(texts)
    if variable.is_numeric:
        numbers = np.array([float(text) if text else np.nan for text in distinct], dtype=float)
        return pd.Series(numbers[codes] if len(distinct) else np.empty(0))
    if variable.type == "date":
        days = pd.to_datetime(pd.Series([text or None for text in distinct], dtype="str"), format="%Y-%m-%d")
        return days.astype("datetime64[us]").iloc[codes].reset_index(drop=True)
    return pd.Series(np.where(texts == "", _NOTHING, texts), dtype="str")


def participant_frame(fieldwork: Fieldwork, dictionary: Dictionary, design: Design) -> pd.DataFrame:
    """One row a recruited person: number, trust, team, arm, the other variables, source, line."""
    persons = fieldwork.persons
    first = [design.participant, *team_keys(design), design.arm.variable]
    names = _ordered(persons.variables, first, dictionary)
    frame = stack_frame(persons, names, dictionary)
    extra = {}
    if fieldwork.extras is not None:
        for name in _ordered(fieldwork.extras.variables, (), dictionary):
            if name not in persons:
                texts = fieldwork.aligned(name, persons.ids()[persons.present()], fieldwork.extras)
                extra[name] = typed(np.where(texts == None, "", texts), dictionary[name])  # noqa: E711
    place = frame[["source", "line"]]
    return pd.concat([frame.drop(columns=["source", "line"]), pd.DataFrame(extra, index=frame.index), place], axis=1)


def interview_frame(fieldwork: Fieldwork, dictionary: Dictionary, design: Design, cleaning: Cleaning) -> pd.DataFrame:
    """One row an interview: number, wave, date, the other variables, source, line.

    Where the plan names an interview date, ``outside_window`` (bool) stands before ``source``: a
    follow-up that was held too early or too late.
    """
    stacks = fieldwork.interviews
    first = [design.participant, *([design.interview_date] if design.interview_date else []), *team_keys(design)]
    found = dict.fromkeys(name for stack in stacks.values() for name in stack.variables)
    names = _ordered(tuple(found), first, dictionary)
    joined = Stack([part for stack in stacks.values() for part in stack.parts], design.participant)
    frame = stack_frame(joined, names, dictionary)
    counts = [int(stack.present().sum()) for stack in stacks.values()]
    waves = pd.Categorical(np.repeat(list(stacks), counts), categories=[wave.name for wave in design.waves])
    frame.insert(1, "wave", waves)
    if design.interview_date in frame:
        flag = _outside_window(frame, design, cleaning)
        frame.insert(len(frame.columns) - 2, OUTSIDE_WINDOW, flag)
    return frame


def stack_frame(stack: Stack, names: tuple[str, ...], dictionary: Mapping[str, Variable]) -> pd.DataFrame:
    """Kept rows of a stack as a typed frame with ``source`` and ``line`` at the end."""
    rows = np.flatnonzero(stack.present())
    columns: dict[str, pd.Series] = {}
    for name in names:
        texts = stack.text(name)[rows]
        # a participant's number is a name, whatever the dictionary calls it
        columns[name] = pd.Series(texts, dtype="str") if name == stack.participant else typed(texts, dictionary[name])
    source = np.empty(len(rows), dtype=object)
    line = np.zeros(len(rows), dtype=np.int64)
    for part, own, where in stack.split(rows):
        source[where] = part.table.source
        line[where] = part.table.lines[own]
    columns |= {"source": pd.Series(source, dtype="str"), "line": pd.Series(line)}
    return pd.DataFrame(columns)


def _ordered(names: tuple[str, ...], first: list[str] | tuple[str, ...], dictionary: Dictionary) -> tuple[str, ...]:
    """Given names in front, the rest in the dictionary's order."""
    place = {name: at for at, name in enumerate(dictionary)}
    front = [name for name in first if name in names]
    return (*front, *sorted((name for name in names if name not in front), key=place.__getitem__))


def _outside_window(frame: pd.DataFrame, design: Design, cleaning: Cleaning) -> np.ndarray:
    """(n,) bool: interviews of the primary wave that were held too early or too late; False where a date is missing."""
    outside = np.zeros(len(frame), dtype=bool)
    when = design.interview_date
    if design.baseline_wave is None:
        return outside
    first, later = (frame["wave"] == wave for wave in (design.baseline_wave, design.followup_wave))
    baseline = frame[first].set_index(design.participant)[when]
    begun = frame.loc[later, design.participant].map(baseline)
    held, window = frame.loc[later, when], cleaning.followup_window
    early = held < _months_after(begun, window.earliest)
    late = held > _months_after(begun, window.latest)
    outside[later.to_numpy()] = (early | late).to_numpy()
    return outside


def _months_after(days: pd.Series, months: float) -> pd.Series:
    """The same day of a later month (its last day where there is none); a part of a month counts in days."""
    whole = int(months)
    return days + pd.DateOffset(months=whole) + pd.Timedelta(days=round((months - whole) * DAYS_IN_A_MONTH))
