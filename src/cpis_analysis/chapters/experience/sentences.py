"""Sentences on what people said: answers about the experience, and themes of focus groups."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cpis_analysis.chapters.experience.answers import INTERVAL_LEVEL, Difference
from cpis_analysis.disclosure.question_counts import protect_experience
from cpis_analysis.publish.format import count, interval, level_words, number, percent
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.labels import ALL
from cpis_analysis.words.wording import Wording, capitalised, counted, in_words, listed


def experience_sentences(experience: pd.DataFrame, words: Wording, limit: int = 5) -> tuple[str, ...]:
    """What people said, item by item; an item with a small cell is left to the table, which hides it.

    Parameters
    ----------
    experience : DataFrame
        Columns ``variable``, ``code``, ``trust``, ``group``, ``n``, ``count`` and, after disclosure control,
        ``state``; the rows of everybody (trust ``(all)``) are used.
    words : Wording
    limit : int
        Largest number of items.
    """
    sentences: list[str] = []
    if experience.empty:
        return ()
    if "state" not in experience:
        experience = protect_experience(experience, words.labels.minimum).frames["experience"]
    rows = experience[experience["trust"] == ALL]
    for variable, item in rows.groupby("variable", sort=False):
        by_arm = item[(item["group"] != ALL) & (item["n"] > 0)]
        if by_arm.empty or (by_arm["state"] != "shown").any():
            continue
        codes = list(dict.fromkeys(item["code"]))
        totals = by_arm.groupby("code", sort=False)["count"].sum()
        code = codes[0] if len(codes) == 2 else str(totals.idxmax())
        cells = by_arm[by_arm["code"] == code]
        shares = listed(
            f"{count(row.count_)} of {count(row.n)} ({percent(row.count_, row.n)}) in the {words.arm(row.group)}"
            for row in cells.rename(columns={"count": "count_"}).itertuples()
        )
        answer = words.labels.choice_within(str(variable), code)
        sentences.append(f"{words.labels.variable(str(variable))}, {answer}: {shares}.")
        if len(sentences) == limit:
            break
    return tuple(sentences)


def experience_interval_sentences(
    found: Mapping[tuple[str, str, str], Difference], words: Wording, named: int = 3
) -> tuple[str, ...]:
    """What the intervals of the differences in answers include, all of them together.

    Rules: an interval that includes zero is never put as the absence of a difference; differences whose intervals
    exclude zero are named with the number of intervals beside them, and with how many would do so by chance.

    Parameters
    ----------
    found : mapping
        Differences that have an interval, of two answers to a question one: `figure_experience.drawn_differences`.
    words : Wording
    named : int
        Largest number of differences that are named.
    """
    intervals = [(key, one) for key, one in found.items() if one.low is not None and one.high is not None]
    if not intervals:
        return ()
    apart = [(key, one) for key, one in intervals if one.excludes_zero]
    total = how_many(one.low for _, one in intervals)
    if not apart:
        low = min(intervals, key=lambda pair: pair[1].low or 0.0)[1]
        high = max(intervals, key=lambda pair: pair[1].high or 0.0)[1]
        lead = (
            (
                f"The interval of the one difference between the groups that has one includes zero; it reaches from "
                f"{number(low.low, 0)} to {number(high.high, 0)} percentage points"
            )
            if total == 1
            else (
                f"{'Both' if total == 2 else f'All {in_words(total)}'} intervals of differences between the "
                f"groups include "
                f"zero; they reach from {number(low.low, 0)} to {number(high.high, 0)} percentage points"
            )
        )
        return (f"{lead}, so that these answers neither show nor exclude sizeable differences.",)
    ordered = sorted(apart, key=lambda pair: -abs(pair[1].estimate or 0.0))
    listing = listed(_difference_words(key, one, words) for key, one in ordered[:named])
    more = f", and {in_words(how_many(one.low for _, one in ordered[named:]))} more" if len(ordered) > named else ""
    verb = "excludes" if len(apart) == 1 else "exclude"
    excluding = how_many(one.low for _, one in apart)
    first = f"{capitalised(in_words(excluding))} of {counted(total, 'interval')} {verb} zero: {listing}{more}."
    return (
        first,
        "Answers were not tested and not adjusted; about one in twenty such intervals would "
        "exclude zero if the groups did not differ at all.",
    )


def _difference_words(key: tuple[str, str, str], one: Difference, words: Wording) -> str:
    variable, code, arm = key
    answer = words.labels.choice_within(variable, code)
    side = "higher" if (one.estimate or 0.0) > 0 else "lower"
    return (
        f"{words.variable(variable)}, {answer} ({number(abs(one.estimate or 0.0), 1)} percentage points {side} in the "
        f"{words.arm(arm)}, {level_words(INTERVAL_LEVEL)} CI {interval(one.low, one.high, 1)})"
    )
