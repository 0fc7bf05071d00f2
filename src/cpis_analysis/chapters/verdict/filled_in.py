"""How many scores rest on filled-in answers, which the certainty of a verdict has to know."""

from __future__ import annotations

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.sentences_confounding import complete_answers_analysis
from cpis_analysis.publish.format import number, percent
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.wording import listed, mid_sentence

_FEW = 0.1
"""Up to this share nothing is said."""


def filled_in_sentence(page: Page, outcome: str) -> str:
    """The share of scores by wave in which missing answers were filled in; empty where these are few or unknown."""
    frame = page.content.scoring
    if frame is None or not {"score", "n_prorated", "n_complete"} <= set(frame.columns):
        return ""
    shares = []
    for row in rows_of(frame[frame["score"] == outcome]):
        scored = row["n_complete"] + row["n_prorated"]
        if scored and row["n_prorated"] / scored > _FEW:
            wave = mid_sentence(page.labels.wave(row["wave"]))
            shares.append(f"{percent(row['n_prorated'], scored)} of scores at {wave}")
    if not shares:
        return ""
    said = f"In {listed(shares)} missing answers were filled in by rule"
    complete = complete_answers_analysis(page.results.get(outcome, []))
    if complete is None:
        return f"{said}."
    head, own = page.results[outcome][0].estimate, complete.estimate
    times = number((own.ci_high - own.ci_low) / (head.ci_high - head.ci_low), 1)
    people = f" {page.labels.counted_people(own.n_participants)} are left and" if own.n_participants is not None else ""
    return f"{said}; with complete answers only,{people} the interval is {times} times as wide."
