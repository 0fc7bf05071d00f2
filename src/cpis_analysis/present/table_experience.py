"""Answers to the experience questions by arm, and one question by trust and arm."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.present.characteristics import require_protected
from cpis_analysis.present.disclosure import WITHHELD, small_mark, suppression_notes
from cpis_analysis.present.format import DASH, capital, count, percent
from cpis_analysis.present.labels import ALL, Labels, code_text
from cpis_analysis.present.table import Column, Row, RowGroup, Table

__all__ = ["experience_table", "experience_trust_table"]

NOTE = "Number of people / number who answered the question (per cent)."


def experience_table(experience: pd.DataFrame, labels: Labels) -> Table:
    """Set every experience question by arm.

    Parameters
    ----------
    experience : DataFrame
        Summary ``experience`` after `disclosure.protect_experience`.
    labels : Labels
    """
    frame = require_protected(experience)
    frame = frame[frame["trust"] == ALL]
    arms = [*labels.arms(group for group in frame["group"] if group != ALL), ALL]
    rows: list[Row] = []
    for variable, part in frame.groupby("variable", sort=False):
        rows += _question(str(variable), part, arms, labels)
    columns = [Column("Question", align="left", width=3.4)]
    columns += [Column("All" if arm == ALL else labels.arm(arm), width=1.6) for arm in arms]
    notes = (f"{NOTE} {DASH}: not asked.", *suppression_notes(frame["state"], labels.minimum))
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
    arms = labels.arms(group for group in frame["group"] if group != ALL)
    codes = _codes(frame)
    wanted = ["yes"] if set(codes) == {"yes", "no"} else codes
    seen = [trust for trust in dict.fromkeys(frame["trust"]) if trust != ALL]
    known = labels.codes(labels.design.trust)
    trusts = [code for code in known if code in seen] + [code for code in seen if code not in known]
    groups = []
    for code in wanted:
        rows = []
        for trust in [*trusts, ALL]:
            name = "All" if trust == ALL else labels.trust_heading(trust)
            cells = [_cell(frame, code, trust, arm, labels.minimum) for arm in arms]
            rows.append(Row((name, *cells), strong=trust == ALL))
        groups.append(RowGroup("" if len(wanted) == 1 else labels.choice(variable, code), tuple(rows)))
    columns = (Column(capital(labels.trust_word), align="left", width=2), *(
        Column(labels.arm(arm), width=1.6) for arm in arms))
    notes = (NOTE, *suppression_notes(frame["state"], labels.minimum))
    caption = f"{labels.variable(variable)}, by {labels.trust_word} and arm"
    return Table(f"experience-{variable.replace('_', '-')}", caption, columns, tuple(groups), notes)


def _question(variable: str, part: pd.DataFrame, arms: list[str], labels: Labels) -> list[Row]:
    codes = _codes(part)

    def cells(code: str) -> list[str]:
        return [_cell(part, code, ALL, arm, labels.minimum) for arm in arms]

    if set(codes) == {"yes", "no"}:
        return [Row((labels.variable(variable), *cells("yes")))]
    head = Row((labels.variable(variable), *("" for _ in arms)))
    return [head, *(Row((labels.choice(variable, code), *cells(code)), indent=1) for code in codes)]


def _cell(frame: pd.DataFrame, code: str, trust: str, group: str, minimum: int) -> str:
    row = frame[(frame["code"].map(code_text) == code) & (frame["trust"] == trust) & (frame["group"] == group)]
    if row.empty or row["n"].iloc[0] == 0:
        return DASH
    found = row.iloc[0]
    if found["state"] == "small":
        return f"{small_mark(minimum)}/{count(found['n'])}"
    if found["state"] != "shown":
        return f"{WITHHELD}/{count(found['n'])}"
    return f"{count(found['count'])}/{count(found['n'])} ({percent(found['count'], found['n'])})"


def _codes(frame: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(frame["code"].map(code_text)))
