"""True dates of a sheet beside dates that stayed text: typed in one order, converted in another."""

from __future__ import annotations

import re
from datetime import date

import numpy as np

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.working_tables import Notice
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.dates import is_plain_date

_TWO_FIRST = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ][0-9]{2,4}(?: .*)?\Z")
_MONTHS = 12


def date_notice(
    texts: np.ndarray, stored: np.ndarray, variable: Variable, said: str | None, file: str, lines: np.ndarray
) -> tuple[Notice | None, Problem | None]:
    """What the true dates of a column mean.

    Parameters
    ----------
    texts : (n,) object array
        Cells; true dates are written year-month-day.
    stored : (n,) bool array
        Where a true date stands.
    variable : Variable
    said : {None, 'as_stored', 'swapped'}
        What the plan says.
    file : str
        What messages call the file.
    lines : (n,) int array

    Notes
    -----
    Excel turns a typed date into a true one if it can read it in the order of its own country, and leaves it text
    if it can't. 02/03/2018 typed for 2 March into an Excel that puts the month first becomes 3 February, and
    14/03/2018 stays text. So a column that holds dates as text which only one order can read, and true dates none of
    which has a day beyond 12, was probably typed in the other order: it can't be known from the file, and is asked.
    """
    true = stored & np.array([is_plain_date(text[:10]) for text in texts], dtype=bool)
    if said == "as_stored" or not true.any():
        return None, None
    days = np.array([int(text[8:10]) if there else 0 for text, there in zip(texts, true, strict=True)])
    if said == "swapped":
        beyond = np.flatnonzero(days > _MONTHS)
        if beyond.size:
            return None, Problem(
                "the plan says that day and month of the true dates are swapped, but this one has no such month",
                file,
                int(lines[beyond[0]]),
                variable=variable.name,
                value=str(texts[beyond[0]]),
                count=int(beyond.size),
                hint="remove date_cells: swapped for it, or correct the cell",
            )
        after = as_column(_swapped(text) if there else text for text, there in zip(texts, true, strict=True))
        reason = "day and month of the true date were typed the other way round, as the plan says"
        return Notice(true & (after != texts), after, "swapped_date", reason), None
    left = [
        match
        for text, there in zip(texts, stored, strict=True)
        if not there and (match := _TWO_FIRST.match(text.strip()))
    ]
    one_order = [match for match in left if max(int(match.group(1)), int(match.group(2))) > _MONTHS]
    if not one_order or (days > _MONTHS).any():
        return None, None
    doubtful = true & np.array(
        [there and _swapped(text) != text[:10] for text, there in zip(texts, true, strict=True)], dtype=bool
    )
    if not doubtful.any():
        return None, None
    first = texts[np.flatnonzero(doubtful)[0]][:10]
    question = (
        f"{variable.label}: the column holds true dates, none with a day beyond 12, and dates as text, such as "
        f"'{one_order[0].group(0)}', that the Excel which made it could not convert. Were the true dates typed with "
        f"day and month the other way round (is {first} in truth {_swapped(first)})? Say in the plan, under the "
        f"source: date_cells: {{{variable.name}: swapped}} or {{{variable.name}: as_stored}}."
    )
    reason = "may have been converted with day and month the other way round"
    return Notice(doubtful, as_column([""] * len(texts)), "swapped_date", reason, question), None


def _swapped(text: str) -> str:
    """The date with day and month exchanged, without a time of day."""
    return date(int(text[:4]), int(text[8:10]), int(text[5:7])).isoformat()
