"""Sentences on how often the headline analysis would find a difference where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cpis_analysis.chapters.error_rates.rates import NOMINAL, AnswerRates, Simulated
from cpis_analysis.operating.simulated_names import LEAST_SQUARES
from cpis_analysis.publish.format import count, level_words, number, percent, share
from cpis_analysis.words.wording import Wording, listed, plural


def false_positives_sentence(cells: Sequence[Simulated], words: Wording) -> str:
    """How often the headline finds a difference where there is none; empty where nothing was simulated."""
    if not cells:
        return ""
    first, *others = cells
    if not words.labels.design.levels:
        return (
            f"In {count(first.headline['replicates'])} simulated studies of the same {words.people} and without a true "
            f"difference, the headline analysis found one in {_share(first.headline)} ({_limits(first.headline)})."
        )
    units = plural(words.labels.shared_words[-1])
    where = (
        f"with {units} as alike as the headline model has estimated"
        if first.estimated
        else f"where {_pair(first.headline, words)}"
    )
    more = [f"{_share(one.headline)} where {_pair(one.headline, words)}" for one in others]
    return (
        f"In {count(first.headline['replicates'])} simulated studies of the same {words.people} and {units} and "
        f"without a true difference, the headline analysis found one in {_share(first.headline)} {where} "
        f"({_limits(first.headline)})" + (f", and in {listed(more)}" if more else "") + "."
    )


def naive_sentence(cells: Sequence[Simulated], words: Wording) -> str:
    """How often an analysis of people as if they were independent would have; empty where none was simulated."""
    shares = [_share(row) for cell in cells if (row := cell.comparator(LEAST_SQUARES))]
    return f"Taking {words.people} as independent would have found one in {listed(shares)}." if shares else ""


def answers_sentence(found: Sequence[AnswerRates]) -> str:
    """How often the tests of answers find a difference where there is none; empty where nothing was simulated."""
    if not found:
        return ""
    rows = [row for one in found for row in one.rows]
    low, high = (pick(rows, key=lambda row: row["size"]) for pick in (min, max))
    shares = _share(low) if low["size"] == high["size"] else f"{_share(low)} to {_share(high)}"
    them = "this test" if len(found) == 1 else "these tests"
    few, many = (pick((row["replicates"] for row in rows), key=float) for pick in (min, max))
    studies = count(few) if few == many else f"{count(few)} to {count(many)}"
    return (
        f"In {studies} simulated studies each, with answers as frequent as here and no true "
        f"difference, {them} found one in {shares}."
    )


def too_often_sentences(found: Sequence[AnswerRates], words: Wording) -> tuple[str, ...]:
    """Of each answer whose test goes wrong too often on this design, that it does and where."""
    said = []
    for one in found:
        wrong = [f"{_share(row)} where {_pair(row, words)} ({_limits(row)})" if words.labels.design.levels
                 else f"{_share(row)} ({_limits(row)})" for row in one.too_often]  # fmt: skip
        if wrong:
            said.append(
                f"Too many false findings: {words.outcome(one.outcome).short}. On this design and without a true "
                f"difference its test found one in {listed(wrong)}, not in {level_words(NOMINAL)}."
            )
    return tuple(said)


def rate_sentences(cells: Sequence[Simulated], words: Wording) -> tuple[str, ...]:
    """The same, what an analysis of people as if they were independent would have done, and what would be found."""
    if not cells:
        return ()
    sentences = [
        sentence for sentence in (false_positives_sentence(cells, words), naive_sentence(cells, words)) if sentence
    ]
    found = listed(number(cell.headline["power_0.5"] * 100, 0) for cell in cells)
    sentences.append(
        "A true difference of half a standard deviation of what the covariates leave, the headline analysis found in "
        f"{found} of a hundred."
    )
    return tuple(sentences)


def _share(row: Mapping[str, Any]) -> str:
    return percent(row["rejected"], row["replicates"], 1)


def _limits(row: Mapping[str, Any]) -> str:
    return f"{share(row['size_low'], 1)} to {share(row['size_high'], 1)}, by the simulation's own error"


def _pair(row: Mapping[str, Any], words: Wording) -> str:
    outer, *inner = map(plural, words.labels.shared_words)
    of_trusts = f"{number(row['icc_trust'], 2)} of the variance lies between {outer}"
    return f"{of_trusts} and {number(row['icc_team'], 2)} between their {inner[-1]}" if inner else of_trusts
