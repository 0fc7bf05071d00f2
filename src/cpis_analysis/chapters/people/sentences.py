"""Sentences on people: how alike the groups were, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.flow.sentences import seen, share
from cpis_analysis.publish.format import number
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.sources.sourced_columns import column_of, made, rows_of
from cpis_analysis.study.balance import NOTABLE
from cpis_analysis.words.wording import Wording, capitalised, counted, in_words, listed, mid_sentence

_MOST_WAVES_TOLD = 2
"""Waves of which each is told of by itself, though nobody lacks a value at any."""

_NOTABLE = setting(NOTABLE, "src/cpis_analysis/study/balance.py", "NOTABLE")


def balance_sentences(baseline: pd.DataFrame, words: Wording) -> tuple[str, ...]:
    """How far apart the groups were at baseline, and how many characteristics that leaves out.

    Parameters
    ----------
    baseline : DataFrame
        Summary of characteristics, best after disclosure control: columns ``variable``, ``kind``, ``count``, ``smd``
        (of each group against the first) and ``smd_hidden``. Differences that could give a small count away are left
        out of every number but their own: which of them were large is not told.
    """
    shown = _shown_smd(baseline, words.labels.minimum)
    known = shown.dropna(subset=["smd"])
    ordered = _largest(known)
    left_out = _left_out(baseline, shown, ordered.index, words)
    if ordered.empty:
        return left_out
    notable = ordered[ordered > NOTABLE]
    compared = _different(known)
    comparable = " whose differences can be shown" if left_out else ""
    limit = notable_size()
    if notable.empty:
        none = f"none of the {in_words(compared)} characteristics{comparable}" if left_out else "no characteristic"
        return (
            f"At {words.baseline} {none} differed between the groups {limit}; the largest standardised difference was "
            f"{_size(ordered.iloc[0])} ({words.variable(str(ordered.index[0]))}).",
            *left_out,
        )
    named = listed(f"{words.variable(str(name))} ({_size(size)})" for name, size in notable.head(5).items())
    more = f" and {in_words(_among(known, notable.index[5:]))} more" if len(notable) > 5 else ""
    return (
        f"At {words.baseline} {in_words(_among(known, notable.index))} of {in_words(compared)} "
        f"characteristics{comparable} differed between "
        f"the groups {limit}: {named}{more}.",
        *left_out,
    )


def notable_characteristics(frame: pd.DataFrame, minimum: int) -> list[str]:
    """Characteristics whose groups differ by more than `NOTABLE`, as far as that may be shown; the largest first."""
    ordered = _largest(_shown_smd(frame, minimum).dropna(subset=["smd"]))
    return [str(name) for name, size in ordered.items() if size > NOTABLE]


def notable_size() -> str:
    """From where on a difference is told."""
    return f"by more than {number(_NOTABLE, 2)} standard deviations"


def _largest(known: pd.DataFrame) -> pd.Series:
    """The largest absolute standardised difference of each characteristic, in their order."""
    largest: dict[str, float] = {}
    for row in rows_of(known):
        size = abs(row["smd"])
        # a difference of 0 is that of the file as well, with its source
        largest[row["variable"]] = max(largest.get(row["variable"], size), size)
    return pd.Series(largest, dtype=object).sort_values(ascending=False, kind="stable")


def _different(rows: pd.DataFrame) -> int:
    """How many characteristics some rows are about."""
    return made("different", column_of(rows, "variable"))


def _among(baseline: pd.DataFrame, names: Iterable[str]) -> int:
    return _different(baseline[baseline["variable"].isin(names)])


def _left_out(baseline: pd.DataFrame, shown: pd.DataFrame, compared: pd.Index, words: Wording) -> tuple[str, ...]:
    """How many characteristics are withheld for disclosure, and for how many there is no difference to tell."""
    every = dict.fromkeys(baseline["variable"])
    hidden = set(every) - set(shown["variable"])
    if "smd_hidden" in shown:
        hidden |= set(shown.loc[shown["smd_hidden"].astype(bool), "variable"])
    other = set(every) - hidden - set(compared)
    further = "" if compared.empty else "further "
    sentences = []
    if hidden:
        many, number_of = len(hidden) > 1, _among(baseline, hidden)
        sentences.append(
            f"{capitalised(counted(number_of, f'{further}characteristic', words=True))} {'are' if many else 'is'} "
            f"not among them: {'their differences are' if many else 'its difference is'} withheld, because small "
            f"counts could be worked out from {'them' if many else 'it'}."
            if further
            else f"The differences between the groups at {words.baseline} are withheld, because small counts could be "
            f"worked out "
            f"from them ({counted(number_of, 'characteristic', words=True)})."
        )
    if other and (len(compared) or hidden):
        number_of = _among(baseline, other)
        sentences.append(
            f"For {counted(number_of, f'{further}characteristic', words=True)} there is no difference to tell."
        )
    return tuple(sentences)


def missing_sentences(missing: pd.DataFrame, outcome: str, words: Wording) -> tuple[str, ...]:
    """How many of the people seen have no value of an outcome.

    Parameters
    ----------
    missing : DataFrame
        Summary of missing values: columns ``level``, ``variable``, ``wave``, ``arm``, ``n``, ``n_missing``.
    outcome : str
    words : Wording
    """
    if missing.empty:
        return ()
    rows = missing[(missing["level"] == "score") & (missing["variable"] == outcome)]
    if rows["wave"].nunique() > _MOST_WAVES_TOLD and not rows["n_missing"].sum():
        return (f"Everybody {seen(words)} at a wave has a value of {words.outcome(outcome).within} there.",)
    sentences = []
    for wave, part in rows.groupby("wave", sort=False):
        n, lacking = part["n"].sum(), part["n_missing"].sum()
        those = "all have a" if not lacking else f"{share(lacking, n)} {'has' if lacking == 1 else 'have'} no"
        sentences.append(
            f"Of the {counted(n, words.person)} {seen(words)} at {mid_sentence(words.labels.wave(wave))}, {those} "
            f"value of {words.outcome(outcome).within}."
        )
    return tuple(sentences)


def missing_analysis_sentences(result: AnalysisResult, words: Wording, everybody: int | None = None) -> tuple[str, ...]:
    """What an analysis does about missing values, and what has to hold for that to be right.

    Parameters
    ----------
    result : AnalysisResult
        The headline analysis of the primary outcome.
    words : Wording
    everybody : int, optional
        People recruited: where all of them are analysed nothing is missing, and nothing has to hold.
    """
    spec, n = result.spec, result.estimate.n_participants
    who = words.people if n is None else words.labels.counted_people(n)
    start = f"Missing values are not filled in: the primary analysis uses the {who} with "
    if spec.rows != "long" and n is not None and n == everybody:
        return ("The primary analysis uses everybody: nobody lacks a value of a variable of its model.",)
    if spec.rows == "long":
        return (
            start + "a value at one wave at least.",
            f"It is free of bias by loss if, among {words.people} alike in the variables of the model and in the "
            "outcome "
            "at the waves at which they were seen, loss does not depend on the outcome that was not seen. The data "
            "cannot show whether that holds.",
        )
    return (
        start + "a value of every variable of its model.",
        f"It is free of bias by loss if, among {words.people} alike in arm and the other variables of the model, those "
        "lost would have had the same outcomes as those who stayed. The data cannot show whether that holds.",
    )


def _shown_smd(frame: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Rows whose difference may be printed: after disclosure control all that are left."""
    if "state" in frame:
        return frame
    small = (frame["count"] > 0) & (frame["count"] < minimum)
    return frame[~frame["variable"].isin(frame.loc[small, "variable"])]


def _size(value: float) -> str:
    if math.isinf(value):
        return "complete separation"
    # one that is rounded to the limit is still above it
    return number(value, 3 if number(float(value), 2) == number(NOTABLE, 2) else 2)
