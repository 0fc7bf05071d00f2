"""Fidelity of each team: teams of an outer cluster beside each other, the widest apart first."""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.implementation.content import fidelity_pairs, singled_trusts, team_fidelity
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.naming import MANY
from cpis_analysis.publish.blocks import ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.chart.drawing_marks import Drawing, Scale
from cpis_analysis.publish.chart.pieces import arm_mark, axis, gridlines, pair, row
from cpis_analysis.publish.format import capital, count, number
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.wording import capitalised, in_words, listed, plural

_WIDEST = 100.0


def printed(value: Any) -> str:
    """A value of fidelity: whole numbers as such."""
    return count(value) if float(value).is_integer() else number(value, 1)


def fidelity_answer(page: Page, *, short: bool = False) -> str:
    """In how many outer clusters the team was nearer to the model, without a full stop; empty without pairs.

    The short form has no subject: "closer to the model in all five trusts".
    """
    pairs, named = fidelity_pairs(page), page.content.plan.report.implementation.fidelity
    if not pairs or named is None:
        return ""
    words, labels = page.words, page.labels
    higher = [pair for pair in pairs if pair[2] > pair[1]]
    all_ = how_many(value for _, _, value in pairs)
    if len(higher) == len(pairs):
        where = f"in {'both' if len(pairs) == 2 else f'all {in_words(all_)}'} {plural(words.trust)}"
    else:
        some = count(how_many(value for _, _, value in higher)) if higher else "none"
        where = f"in {some} of {count(all_)} {plural(words.trust)}"
    what = named.phrase or f"higher in {words.variable(named.variable)}"
    if short:
        return f"{what} {where}"
    return f"{labels.arm(labels.arms()[1])} {plural(labels.team_word)} were {what} {where}"


def fidelity_slot(page: Page) -> str:
    """What the plan does not give of fidelity."""
    named = page.content.plan.report.implementation.fidelity
    if named is None:
        return ""
    missing = [
        *([] if named.rated_by else ["who rated it and when"]),
        *([] if named.high is not None else ["what counts as high"]),
    ]
    return f"Not given in the plan, of {page.words.variable(named.variable)}: {listed(missing)}." if missing else ""


def fidelity_chart(page: Page) -> RowChart | None:
    """One row an outer cluster with a mark a team, or one row a team; None without fidelity, or of many."""
    teams, labels, words = team_fidelity(page), page.labels, page.words
    named = page.content.plan.report.implementation.fidelity
    if named is None or not teams or len(teams) > MANY:
        return None
    arms, pairs = labels.arms(), fidelity_pairs(page)
    values = [float(one.value) for one in teams]
    scale = Scale(min(0.0, *values), max(_WIDEST, *values), 4.0)
    own, single = singled_trusts(page), page.content.plan.report.implementation.singled_out
    rows = []
    if pairs:
        for trust, first, last in pairs:
            drawing = row(gridlines(scale, None), pair(scale, (first, last)))
            apart = last - first
            text = f"{printed(abs(apart))} {'higher' if apart > 0 else 'lower'}" if apart else "the same"
            note = capital(single.label) if single is not None and trust in own else ""
            both = f"{printed(first)} and {printed(last)}"
            rows.append(ChartRow(labels.trust_heading(trust), both, drawing, note, text))
    else:
        for one in sorted(teams, key=lambda one: -float(one.value)):
            shown = [one.value if arm == one.arm else None for arm in arms]
            drawing = row(gridlines(scale, None), pair(scale, shown))
            rows.append(ChartRow(labels.team(one.trust, one.team), printed(one.value), drawing, labels.arm(one.arm)))
    label = capitalised(words.variable(named.variable))
    sub = [f"{label}, each {labels.team_word}"]
    if named.rated_by:
        sub.append(f"rated by {named.rated_by}")
    notes = [
        "Sorted by the difference." if pairs else "Sorted by fidelity.",
        f"No average stands for the {plural(words.unit)}.",
    ]
    if named.high is not None:
        high = f"From {printed(named.high)} on, fidelity counts as high"
        notes.append(f"{high} ({named.high_source})." if named.high_source else f"{high}.")
    reference = labels.arm_within(arms[0])
    return RowChart(
        "figure-fidelity",
        page.chart_number(),
        fidelity_answer(page) or f"{label} of each {labels.team_word}",
        "; ".join(sub),
        tuple(rows),
        Drawing(axis(scale, count), 1.8),
        (
            capitalised(words.trust) if pairs else "",
            label,
            f"{labels.arm(arms[0])} and {labels.arm_within(arms[1])}; difference" if pairs else reference,
        ),
        tuple(KeyEntry(Drawing((arm_mark(50, 0, at),), 0.9, True), labels.arm(arm)) for at, arm in enumerate(arms)),
        page.chart_note(*notes),
    )
