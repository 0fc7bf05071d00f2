"""Sentences on when the study was done."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cpis_analysis.publish.format import capital, count, is_missing, number
from cpis_analysis.publish.sources.ledger import quoted, unmarked
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.plan_sources import SUMMARIES
from cpis_analysis.words.wording import Wording, capitalised, listed, mid_sentence

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def dates_sentences(dates: pd.DataFrame, words: Wording) -> tuple[str, ...]:
    """When people were recruited and seen; nothing without dates.

    Parameters
    ----------
    dates : DataFrame
        Summary ``dates``; see `study.study_dates`.
    words : Wording
    """
    if dates.empty:
        return ()
    rows = {str(row["stage"]): row for row in rows_of(dates)}
    said = []
    if "recruited" in rows:
        said.append(f"{capital(words.people)} were recruited {_span(rows['recruited'])}.")
    waves = [
        f"at {mid_sentence(words.labels.wave(wave.name))} {_span(rows[wave.name])}"
        for wave in words.labels.design.waves
        if wave.name in rows
    ]
    if waves:
        said.append(capitalised(f"they were {words.labels.met} {listed(waves)}."))
    if "interval" in rows:
        one = rows["interval"]
        ends = f"{number(one['q1'], 0)} to {number(one['q3'], 0)}"
        said.append(
            f"Between {_ends(words)} lay a median of {number(one['median'], 0)} days (quartiles {ends}; "
            f"{count(one['n'])} {words.people})."
        )
    return tuple(said)


def _ends(words: Wording) -> str:
    """Baseline and the primary wave."""
    return "the two" if len(words.labels.design.waves) == 2 else f"{words.baseline} and {words.followup}"


def _span(row: dict[str, Any]) -> str:
    """From one month to another, the year once where it is the same."""
    first, last = (_month(row, name) for name in ("first", "last"))
    # the marks of two years tell their cells apart, not the years
    plain = [[unmarked(part) for part in month] for month in (first, last)]
    if plain[0] == plain[1]:
        return f"in {' '.join(first)}"
    if plain[0][1] == plain[1][1]:
        return f"from {first[0]} to {' '.join(last)}"
    return f"from {' '.join(first)} to {' '.join(last)}"


def _month(row: dict[str, Any], name: str) -> tuple[str, str]:
    year, month = ("", "1") if is_missing(row[name]) else str(row[name]).split("-")
    return _MONTHS[int(month) - 1], quoted(year, SUMMARIES, f"dates: {row['stage']}", name)
