"""Sentences on people: who took part, who was lost, how alike the groups were, what people said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.experience.answers import INTERVAL_LEVEL, Difference
from cpis_analysis.disclosure.counts import protect_experience
from cpis_analysis.publish.format import count, interval, level_words, number, people_words, percent
from cpis_analysis.publish.ledger import unmarked
from cpis_analysis.publish.sourced import column_of, how_many, made, rows_of, setting
from cpis_analysis.study.balance import NOTABLE
from cpis_analysis.words.labels import ALL
from cpis_analysis.words.wording import Wording, capitalised, counted, in_words, listed, mid_sentence

__all__ = [
    "balance_sentences",
    "experience_interval_sentences",
    "experience_sentences",
    "flow_sentence",
    "followup_sentences",
    "missing_analysis_sentences",
    "missing_sentences",
    "people_counts",
    "screening_sentence",
    "theme_sentences",
]

_NOTABLE = setting(NOTABLE, "src/cpis_analysis/study/balance.py", "NOTABLE")
STAGES = ("recruited", "baseline", "followup")


def people_counts(arms: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """People recruited, seen at baseline and seen at follow-up, over all arms of a design audit."""
    return {stage: sum(arm[stage] for arm in arms) for stage in STAGES}


def flow_sentence(
    counts: Mapping[str, int],
    clusters: Mapping[str, int | None],
    words: Wording,
    analysed: int | None = None,
    not_placed: int = 0,
) -> str:
    """From recruitment to analysis.

    Parameters
    ----------
    counts : mapping
        ``recruited``, ``baseline``, ``followup``: people.
    clusters : mapping
        ``trusts`` and ``teams`` (None without teams).
    words : Wording
    analysed : int, optional
        People in the primary analysis.
    not_placed : int
        People whose group or cluster is not known.
    """
    recruited, baseline, followup = (counts[stage] for stage in STAGES)
    places = counted(clusters["trusts"] or 0, words.trust)
    if clusters.get("teams") and words.team:
        places = f"{counted(clusters['teams'] or 0, words.team)} of {places}"
    first = (
        f"{counted(recruited, 'person')} {_were(recruited)} recruited in {places}; "
        f"{'all' if baseline == recruited else _share(baseline, recruited)} {_were(baseline)} {_seen(words)} at "
        f"{words.baseline}, and {_of(followup, baseline)} {_were(followup)} {_seen(words)} again at {words.followup}."
    )
    if not_placed:
        places = listed(
            [words.variable(words.labels.design.arm.variable), words.trust, *([words.team] if words.team else [])], "or"
        )
        first += (
            f" {capitalised(counted(not_placed, 'person', words=True))} whose {places} is not known "
            f"{'is' if not_placed == 1 else 'are'} in no analysis."
        )
    if analysed is None:
        return first
    return f"{first} The primary analysis includes {counted(analysed, 'person')}."


def screening_sentence(screening: Mapping[str, Any] | None, words: Wording) -> str | None:
    """From the first approach to recruitment; None where the study counted none of it.

    Parameters
    ----------
    screening : mapping or None
        ``screening`` of results/flow.json.
    words : Wording
    """
    counts = (screening or {}).get("overall", {})
    verb = {"approached": "approached", "eligible": "found eligible", "consented": "who agreed to take part"}
    first = next((stage for stage in verb if stage in counts), None)
    if first is None:
        return None
    n, recruited = counts[first], counts["recruited"]
    return f"Of {counted(n, 'person')} {verb[first]}, {_share(recruited, n)} {_were(recruited)} recruited."


def followup_sentences(
    arms: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]], words: Wording
) -> tuple[str, ...]:
    """Follow-up by arm, and how it varied between clusters.

    Parameters
    ----------
    arms, cells : sequence of mapping
        ``arms`` and ``cells`` of the design audit.
    words : Wording
    """
    known = [arm for arm in arms if arm["baseline"]]
    if not known:
        return ()
    by_arm = listed(f"{_of(arm['followup'], arm['baseline'])} in the {words.arm(arm['arm'])}" for arm in known)
    sentences = [f"Of those {_seen(words)} at {words.baseline}, {by_arm} {_seen_again(words)} at {words.followup}."]
    places: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        seen = places.setdefault((str(cell["trust"]), str(cell["team"])), [0, 0])
        seen[0] += cell["followup"]
        seen[1] += cell["baseline"]
    pairs = [(followup, baseline) for followup, baseline in places.values() if baseline]
    if len(pairs) > 1:
        unit = words.team or words.trust
        held = [cell for cell in cells if places[str(cell["trust"]), str(cell["team"])][1]]
        places_of = made("different", column_of(held, "trust"), column_of(held, "team"))
        low, high = (pick(pairs, key=lambda pair: pair[0] / pair[1]) for pick in (min, max))
        least, most = percent(*low), percent(*high)
        sentences.append(
            f"Follow-up was {least} in every {unit}."
            if unmarked(least) == unmarked(most)
            else f"Follow-up ranged from {least} to {most} over the {counted(places_of, unit)}."
        )
    return tuple(sentences)


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
    largest: dict[str, float] = {}
    for row in rows_of(known):
        largest[row["variable"]] = max(largest.get(row["variable"], 0), abs(row["smd"]))
    ordered = pd.Series(largest, dtype=object).sort_values(ascending=False, kind="stable")
    left_out = _left_out(baseline, shown, ordered.index, words)
    if ordered.empty:
        return left_out
    notable = ordered[ordered > NOTABLE]
    compared = _different(known)
    comparable = " whose differences can be shown" if left_out else ""
    limit = f"by more than {number(_NOTABLE, 2)} standard deviations"
    if notable.empty:
        none = f"none of the {count(compared)} characteristics{comparable}" if left_out else "no characteristic"
        return (
            f"At baseline {none} differed between the groups {limit}; the largest standardised difference was "
            f"{_size(ordered.iloc[0])} ({words.variable(str(ordered.index[0]))}).",
            *left_out,
        )
    named = listed(f"{words.variable(str(name))} ({_size(size)})" for name, size in notable.head(5).items())
    more = f" and {in_words(_among(known, notable.index[5:]))} more" if len(notable) > 5 else ""
    return (
        f"At baseline {in_words(_among(known, notable.index))} of {count(compared)} "
        f"characteristics{comparable} differed between "
        f"the groups {limit}: {named}{more}.",
        *left_out,
    )


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
            else f"The differences between the groups at baseline are withheld, because small counts could be "
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
    sentences = []
    for wave, part in rows.groupby("wave", sort=False):
        n, lacking = part["n"].sum(), part["n_missing"].sum()
        those = "all have a" if not lacking else f"{_share(lacking, n)} {'has' if lacking == 1 else 'have'} no"
        sentences.append(
            f"Of the {counted(n, 'person')} {_seen(words)} at {mid_sentence(words.labels.wave(wave))}, {those} value "
            f"of {words.outcome(outcome).within}."
        )
    return tuple(sentences)


def missing_analysis_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """What an analysis does about missing values, and what has to hold for that to be right.

    Parameters
    ----------
    result : AnalysisResult
        The headline analysis of the primary outcome.
    words : Wording
    """
    spec, n = result.spec, result.estimate.n_participants
    who = "people" if n is None else people_words(n)
    start = f"Missing values are not filled in: the primary analysis uses the {who} with "
    if spec.rows == "long":
        return (
            start + "a value at one wave at least.",
            "It is free of bias by loss if, among people alike in the variables of the model and in the outcome "
            "at the waves at which they were seen, loss does not depend on the outcome that was not seen. The data "
            "cannot show whether that holds.",
        )
    return (
        start + "a value of every variable of its model.",
        "It is free of bias by loss if, among people alike in arm and the other variables of the model, those "
        "lost would have had the same outcomes as those who stayed. The data cannot show whether that holds.",
    )


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
        experience = protect_experience(experience, words.labels.minimum, ALL).frames["experience"]
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


def theme_sentences(themes: pd.DataFrame, words: Wording) -> tuple[str, ...]:
    """The most often coded themes of the focus groups; nothing where there are none."""
    if themes.empty:
        return ()
    totals = themes.groupby("theme", sort=False)["n_mentions"].sum().sort_values(ascending=False, kind="stable")
    totals = totals[totals > 0]
    if totals.empty:
        return ()
    named = listed(
        f"{words.labels.choice_within('theme', name)} ({counted(n, 'mention')})" for name, n in totals.head(3).items()
    )
    coded = f"The focus groups were coded for {counted(_themes(themes, totals.index), 'theme', words=True)}"
    if len(totals) <= 3:
        return (f"{coded}: {named}.",)
    return (
        f"{coded}; the most often coded were {named}.",
        "Counts of mentions show what was talked about, not how many people hold a view.",
    )


def _themes(themes: pd.DataFrame, names: pd.Index) -> int:
    return made("different", column_of(themes[themes["theme"].isin(names)], "theme"))


def _shown_smd(frame: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Rows whose difference may be printed: after disclosure control all that are left."""
    if "state" in frame:
        return frame
    small = (frame["count"] > 0) & (frame["count"] < minimum)
    return frame[~frame["variable"].isin(frame.loc[small, "variable"])]


def _share(part: int, whole: int) -> str:
    return f"{count(part)} ({percent(part, whole, 1)})"


def _of(part: int, whole: int) -> str:
    return f"{count(part)} of {count(whole)} ({percent(part, whole, 1)})"


def _were(value: int) -> str:
    return "was" if value == 1 else "were"


def _seen(words: Wording) -> str:
    return words.labels.met


def _seen_again(words: Wording) -> str:
    return f"were {_seen(words)} again"


def _size(value: float) -> str:
    return "complete separation" if math.isinf(value) else number(value, 2)
