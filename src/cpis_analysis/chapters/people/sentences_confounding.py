"""Sentences on what could be behind a difference but the intervention: imbalance, loss, answers filled in.

Each says what is known of the groups, what the primary analysis does about it, and what an analysis of the plan that
does more about it finds; where the plan has none, that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.people.sentences import notable_characteristics, notable_size
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.result.sentences import adjustment, level
from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.instruments import ITEMS_MISSING
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import variables_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.publish.format import count, number, percent, scale_digits
from cpis_analysis.publish.sources.sourced_columns import column_of, made, rows_of
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import Wording, capitalised, counted, in_words, listed, mid_sentence

NAMED = 3
"""Most characteristics that are named of those lost; the annex has all."""


def confounding_sentences(baseline: pd.DataFrame, results: Sequence[AnalysisResult], words: Wording) -> tuple[str, ...]:
    """What the primary analysis adjusts for, and what it finds with what differed added.

    Parameters
    ----------
    baseline : DataFrame
        Summary ``baseline`` after disclosure control.
    results : sequence of AnalysisResult
        Analyses of the primary outcome, the headline first.
    words : Wording
    """
    good = [result for result in results if usable(result)]
    if baseline.empty or not good:
        return ()
    head = good[0]
    used = adjustment(head, words, own="the outcome's value")
    said = [
        f"The primary analysis adjusts for {listed(used)}." if used else "The primary analysis adjusts for nothing."
    ]
    scores = {f"{outcome}_{words.labels.baseline_wave}" for outcome in words.labels.outcomes()}
    differ = [name for name in notable_characteristics(baseline, words.labels.minimum) if name not in _fixed(head)]
    said += _other_scores([name for name in differ if name in scores], words)
    open_names = [name for name in differ if name not in scores]
    if not open_names:
        return tuple(said)
    named = capitalised(listed(_name(name, words) for name in open_names))
    one = len(open_names) == 1
    differed = f"{named} differed between the groups and {'is' if one else 'are'} not adjusted for"
    added = next((result for result in good[1:] if _adds(result, head, open_names)), None)
    if added is None:
        return (
            *said,
            f"{differed}; no analysis in the plan adds {'it' if one else 'them'}, so how much of the difference "
            f"{'it explains' if one else 'they explain'} is not known.",
        )
    return (*said, f"{differed}. With {'it' if one else 'them'} added, {_finding(added, words)}.")


def lost_sentences(retention: pd.DataFrame, words: Wording) -> tuple[str, ...]:
    """In what the people lost differed from those who were seen again.

    Parameters
    ----------
    retention : DataFrame
        Summary ``retention`` after disclosure control, groups ``followed`` and ``lost``.
    words : Wording
    """
    if retention.empty or not {"followed", "lost"} <= set(retention["group"]):
        return ()
    lost, followed = (retention.loc[retention["group"] == group, "n_group"].iloc[0] for group in ("lost", "followed"))
    listed_rows = retention[retention["variable"] != words.labels.design.arm.variable]
    notable = notable_characteristics(listed_rows, words.labels.minimum)
    people = f"The {counted(lost, words.person)} lost after {words.baseline}"
    if not notable:
        return (
            f"{people} differed from the {count(followed)} seen again in no characteristic whose difference can be "
            f"shown {notable_size()}.",
        )
    told = [(name, text) for name in notable if (text := _against(retention, name, words))]
    total = made("different", column_of(retention[retention["variable"].isin(notable)], "variable"))
    if not told:
        some = counted(total, "characteristic", words=True)
        return (f"{people} differed from the {count(followed)} seen again in {some}; which, is withheld.",)
    named = listed(f"{_name(name, words)} ({text})" for name, text in told[:NAMED])
    most = f"{in_words(total)} characteristics, most in " if len(notable) > NAMED else ""
    return (f"{people} differed from the {count(followed)} seen again in {most}{named}.",)


def prorated_sentences(
    scoring: pd.DataFrame | None, results: Sequence[AnalysisResult], words: Wording
) -> tuple[str, ...]:
    """How many scores of the primary outcome were completed from other answers, and what is left without them.

    Parameters
    ----------
    scoring : DataFrame or None
        data/processed/scoring.csv.
    results : sequence of AnalysisResult
        Analyses of the primary outcome, the headline first.
    words : Wording
    """
    good = [result for result in results if usable(result)]
    if scoring is None or scoring.empty or not good:
        return ()
    outcome = good[0].spec.outcome
    rows = [row for row in rows_of(scoring[scoring["score"] == outcome]) if row["n_prorated"]]
    if not rows:
        return ()
    parts = listed(
        f"{count(row['n_prorated'])} of {count(row['n_rows'])} at {mid_sentence(words.labels.wave(row['wave']))}"
        for row in rows
    )
    said = f"Scores with few answers missing were completed from the {words.person}'s other answers: {parts}."
    complete = complete_answers_analysis(good)
    if complete is None:
        return (said, "No analysis in the plan uses complete answers only.")
    head = good[0].estimate
    times = (complete.estimate.ci_high - complete.estimate.ci_low) / (head.ci_high - head.ci_low)
    wide = f", an interval {number(times, 1)} times as wide" if times > 1 else ""
    return (said, f"With complete answers only, {_finding(complete, words)}{wide}.")


def complete_answers_analysis(results: Sequence[AnalysisResult]) -> AnalysisResult | None:
    """The analysis of an outcome by its headline model among people of whom no answer was filled in, if there is one.

    Parameters
    ----------
    results : sequence of AnalysisResult
        The headline first.
    """
    if not results:
        return None
    head = results[0].spec
    return next(
        (
            result
            for result in results[1:]
            if usable(result) and result.spec.formula == head.formula and _asks_items(result.spec)
        ),
        None,
    )


def _asks_items(spec: AnalysisSpec) -> bool:
    """Whether a population is of those with few items of the outcome missing."""
    asked = variables_of(parse_condition(spec.condition)) if spec.condition else ()
    missing = {f"{spec.outcome}{ITEMS_MISSING}_{wave}" for wave in (spec.baseline_wave, *spec.waves_of_rows)}
    return not missing.isdisjoint(asked)


def _other_scores(names: list[str], words: Wording) -> list[str]:
    """First scores of other outcomes that differed: said, and left out of an analysis that adds characteristics."""
    if not names:
        return []
    one = len(names) == 1
    named = listed(_name(name, words) for name in names)
    return [f"It leaves out {'a first score' if one else 'first scores'} of other outcomes that differed: {named}."]


def _finding(result: AnalysisResult, words: Wording) -> str:
    """The difference that an analysis finds, and among how many people."""
    outcome, _, decimals = result_words(result, words)
    e = result.estimate
    people = f" ({words.labels.counted_people(e.n_participants)})" if e.n_participants is not None else ""
    return (
        f"the {'ratio' if outcome.scale.is_ratio else 'difference'}{people} is "
        f"{shown_number(e.estimate, outcome.scale, decimals)} ({level(result)} CI "
        f"{interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals)})"
    )


def _fixed(result: AnalysisResult) -> set[str]:
    """Variables of the fixed part."""
    try:
        terms = parse_formula(result.spec.formula).fixed_terms
    except ModelError:
        return set()
    return {operand.variable for term in terms for operand in term}


def _adds(result: AnalysisResult, head: AnalysisResult, names: Iterable[str]) -> bool:
    """Whether an analysis is the headline's with these among its variables."""
    same = (result.spec.estimator, result.spec.rows, result.spec.effect, result.spec.population) == (
        head.spec.estimator,
        head.spec.rows,
        head.spec.effect,
        head.spec.population,
    )
    return same and _fixed(result) >= _fixed(head) | set(names)


def _name(variable: str, words: Wording) -> str:
    return mid_sentence(re.sub(r"\s*\([^()]*\)$", "", words.variable(variable)))


def _against(retention: pd.DataFrame, variable: str, words: Wording) -> str:
    """The lost against those seen again, where both may be shown; empty where not."""
    part = retention[retention["variable"] == variable]
    cells: dict[tuple[Any, str], dict[str, Any]] = {(row["code"], str(row["group"])): row for row in rows_of(part)}
    if part["kind"].iloc[0] == "number":
        lost, followed = (next(row for key, row in cells.items() if key[1] == group) for group in ("lost", "followed"))
        digits = scale_digits(sd=followed["sd"]).level
        return f"{number(lost['mean'], digits)} against {number(followed['mean'], digits)} on average"
    shown = []
    for code in dict.fromkeys(key[0] for key in cells):
        lost, followed = cells[code, "lost"], cells[code, "followed"]
        if lost["state"] == followed["state"] == "shown" and lost["n"] and followed["n"]:
            gap = abs(float(lost["count"]) / float(lost["n"]) - float(followed["count"]) / float(followed["n"]))
            shares = (percent(lost["count"], lost["n"]), percent(followed["count"], followed["n"]))
            shown.append((gap, str(code), f"{shares[0]} against {shares[1]}"))
    if not shown:
        return ""
    codes = [code for _, code, _ in shown]
    _, code, text = next(one for one in shown if one[1] == "yes") if set(codes) == {"yes", "no"} else max(shown)
    return text if code == "yes" else f"{mid_sentence(words.labels.choice(variable, code))}: {text}"
