"""Answers to the experience questions by arm with the differences, and one question by trust and arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.proportions import FEWEST_DF
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.experience.answers import INTERVAL_LEVEL, Difference, differences_of, is_yes_no
from cpis_analysis.disclosure.cell_search import SHOWN
from cpis_analysis.disclosure.counts import WITHHELD, small_mark, suppression_notes
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.disclosure.rounded_counts import rounding_notes
from cpis_analysis.plan.naming import MANY
from cpis_analysis.publish.format import (
    DASH,
    capital,
    ci_head,
    count,
    degrees,
    fraction_percent,
    level_words,
    number,
    with_mark,
    word_part_of,
)
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import ALL, Labels, code_text

_Answers = dict[tuple[str, str, str], dict[str, Any]]
"""Rows of a question by code, outer cluster and arm."""
_FEWEST_DF = setting(FEWEST_DF, "src/cpis_analysis/analyses/proportions.py", "FEWEST_DF")


def experience_table(experience: pd.DataFrame, labels: Labels, differences: pd.DataFrame | None = None) -> Table:
    """Set every experience question by arm, with the differences between the arms.

    Parameters
    ----------
    experience : DataFrame
        Summary ``experience`` after `disclosure.protect_experience`.
    labels : Labels
    differences : DataFrame, optional
        Summary ``differences`` after `disclosure_differences.protect_differences`.
    """
    frame = require_protected(experience)
    frame = frame[frame["trust"] == ALL]
    arms = labels.arms(frame["group"])
    questions: dict[str, _Answers] = {}
    for row in rows_of(frame):
        _add(questions.setdefault(str(row["variable"]), {}), row)
    found = {} if differences is None else differences_of(differences)
    others = [arm for arm in arms[1:] if any(key[2] == arm for key in found)]
    rows: list[Row] = []
    for variable, answers in questions.items():
        rows += _question(variable, answers, arms, others, found, labels)
    columns = [Column("Question", align="left", width=3.2)]
    columns += [Column(labels.arm(arm), width=1.5) for arm in arms]
    for arm in others:
        group = "Difference" if len(others) == 1 else f"Difference, {labels.arm(arm)}"
        columns += [
            Column(ci_head("Percentage points", level_words(INTERVAL_LEVEL)), group, width=2.2),
            Column("df", group, width=0.6),
        ]
    states = [*frame["state"], *("withheld" for one in found.values() if one.withheld)]
    notes = (
        f"{_note(labels)} {DASH}: not asked.",
        *_difference_notes(found, arms, labels),
        *suppression_notes(states, labels.minimum, labels.people),
        *rounding_notes(labels.rounding, labels.people),
    )
    return Table("experience", "Experience of support by arm", tuple(columns), (RowGroup("", tuple(rows)),), notes)


def experience_trust_table(experience: pd.DataFrame, variable: str, labels: Labels) -> Table:
    """Set one experience question by trust and arm.

    Parameters
    ----------
    experience : DataFrame
        Summary ``experience`` after `disclosure.protect_experience`.
    variable : str
    labels : Labels
    """
    frame = require_protected(experience)
    frame = frame[frame["variable"] == variable]
    arms = labels.arms(frame["group"])
    answers: _Answers = {}
    for row in rows_of(frame):
        _add(answers, row)
    codes = _codes(answers)
    wanted = ["yes"] if is_yes_no(codes) else codes
    seen = [trust for trust in dict.fromkeys(frame["trust"]) if trust != ALL]
    known = labels.codes(labels.design.trust)
    trusts = [code for code in known if code in seen] + [code for code in seen if code not in known]
    groups = []
    for code in wanted:
        rows = []
        for trust in [*trusts, ALL]:
            name = "All" if trust == ALL else labels.trust_heading(trust)
            cells = [_cell(answers.get((code, trust, arm)), labels.minimum) for arm in arms]
            rows.append(Row((name, *cells), strong=trust == ALL))
        groups.append(RowGroup("" if len(wanted) == 1 else labels.choice(variable, code), tuple(rows)))
    columns = (
        Column(capital(labels.trust_word), align="left", width=2),
        *(Column(labels.arm(arm), width=1.6) for arm in arms),
    )
    notes = (
        _note(labels),
        *suppression_notes(frame["state"], labels.minimum, labels.people),
        *rounding_notes(labels.rounding, labels.people),
    )
    caption = f"{labels.variable(variable)}, by {labels.trust_word} and arm"
    return Table(f"experience-{variable.replace('_', '-')}", caption, columns, tuple(groups), notes)


def _question(
    variable: str,
    answers: _Answers,
    arms: list[str],
    others: list[str],
    found: Mapping[tuple[str, str, str], Difference],
    labels: Labels,
) -> list[Row]:
    codes = _codes(answers)

    def cells(code: str) -> list[str]:
        shares = [_cell(answers.get((code, ALL, arm)), labels.minimum) for arm in arms]
        return [*shares, *(text for arm in others for text in _compared(found.get((variable, code, arm))))]

    if is_yes_no(codes):
        return [Row((labels.variable(variable), *cells("yes")))]
    head = Row((labels.variable(variable), *("" for _ in (*arms, *others, *others))))
    return [head, *(Row((labels.choice(variable, code), *cells(code)), indent=1) for code in codes)]


def _compared(found: Difference | None) -> tuple[str, str]:
    """The difference with its interval, and df; a letter stands for why there is no interval."""
    if found is None or found.why == "one arm":
        return DASH, DASH
    if found.estimate is None:
        return WITHHELD, DASH
    if found.low is None:
        return with_mark(number(found.estimate, 1), WITHHELD if found.withheld else found.mark), DASH
    return found.text, degrees(found.df)


def _note(labels: Labels) -> str:
    return f"Number of {labels.people} / number who answered the question (per cent)."


def _difference_notes(
    found: Mapping[tuple[str, str, str], Difference], arms: Sequence[str], labels: Labels
) -> Iterator[str]:
    """What the differences are, why nothing is tested, and what every mark means."""
    if not any(one.estimate is not None for one in found.values()):
        return
    by_team = any(one.cluster == "team" for one in found.values())
    by_person = any(one.cluster == "person" for one in found.values())
    word = labels.person if by_person else labels.team_word if by_team else labels.trust_word
    arm = labels.arm(arms[1]) if len(arms) == 2 else "the group named"
    yield (
        f"Difference: {arm} less {labels.arm(arms[0])}, of the percentages before rounding. "
        f"{level_words(INTERVAL_LEVEL)} confidence interval (CI): least squares with CR2 standard errors by {word} and "
        f"Satterthwaite degrees of freedom (df){'' if by_person else ', so that it allows for the clusters'}; not "
        "adjusted for anything else."
    )
    yield (
        "The questions describe experience and were asked to be described: there are no p-values, because many tests "
        "without a hypothesis would bring up some small p by chance. With this many intervals, about one in twenty "
        "leaves out the true difference."
    )
    known = [one.df for one in found.values() if one.df is not None]
    if known and min(known) < 4:
        yield "With fewer than four degrees of freedom such intervals are fragile."
    said = {one.why: one.mark for one in found.values() if one.mark and one.why}
    reasons = {
        "no variation": "no interval, because nobody or everybody in an arm gave the answer, or no answers vary",
        "few clusters": f"no interval, because an arm has answers from one {word} only",
        "few degrees of freedom": f"no interval, because it would have fewer than {count(_FEWEST_DF)} degrees of "
        "freedom",
    }
    yield from (f"{mark}: {reasons[why or '']}." for why, mark in sorted(said.items(), key=lambda pair: pair[1]))
    if any(one.why == "answers by trust" for one in found.values()):
        yield (
            f"Interval {WITHHELD}: with the answers by {labels.trust_word}, which are shown too, it would "
            "give hidden numbers away."
        )


def _add(answers: _Answers, row: dict[str, Any]) -> None:
    answers.setdefault((code_text(row["code"]), row["trust"], row["group"]), row)


def _cell(found: Mapping[str, Any] | None, minimum: int) -> str:
    if found is None or found["n"] == 0:
        return DASH
    if found["state"] != "shown":
        return word_part_of(small_mark(minimum) if found["state"] == "small" else WITHHELD, found["n"])
    return fraction_percent(found["count"], found["n"])


def _codes(answers: _Answers) -> list[str]:
    return list(dict.fromkeys(code for code, _, _ in answers))


def tables(material: Material) -> Iterator[Table]:
    """The answers by arm, and those by trust that the plan asks for."""
    summaries, labels = material.summaries, material.labels
    if len(summaries["experience"]):
        yield experience_table(summaries["experience"], labels, summaries.get("differences"))
        for variable in labels.content.report.experience_by_trust:
            few = summaries["experience"]["trust"].nunique() <= MANY
            if few and _mostly_shown(summaries["experience"], variable):
                yield experience_trust_table(summaries["experience"], variable, labels)


def _mostly_shown(experience: pd.DataFrame, variable: str) -> bool:
    """Whether more than half of the cells by outer cluster hold a number: a table of holes tells nothing."""
    cells = experience[(experience["variable"] == variable) & (experience["trust"] != ALL) & (experience["n"] > 0)]
    return bool((cells["state"] == SHOWN).mean() > 0.5) if len(cells) else False
