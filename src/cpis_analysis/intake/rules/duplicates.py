"""Rows that stand twice: the same in everything, or two versions of one thing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.row_names import versions_text
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.intake.values.written_numbers import is_plain_number, plain_text
from cpis_analysis.plan.schema import Cleaning


def resolve_duplicates(
    fieldwork: Fieldwork, journal: Journal, cleaning: Cleaning, interview_date: str | None = None
) -> None:
    """Keep one row of each thing.

    1. Of rows with equal values in every cell (after the rules for single cells) the
       first is kept.
    2. Of rows about the same person and wave, or the same team, that differ:
       ``query``: the first is kept, the cells that differ are set missing and each is asked
       about; ``first``, ``last``: the plan says which row is right; ``latest``: the row with the latest
       interview date, and ``query`` where that is not one row.
    """
    for stack, key in fieldwork.rows:
        if key and not _any_twice(stack, key):
            continue
        values = {name: comparable(stack.text(name), stack.variable(name)) for name in stack.variables}
        _exact(stack, journal, values)
        if key:
            _versions(stack, journal, values, key, cleaning.duplicates, interview_date)


def _any_twice(stack: Stack, key: tuple[str, ...]) -> bool:
    """Whether two rows name the same thing; if none do, no two rows can be equal either."""
    rows = np.flatnonzero(stack.present())
    named = {name: comparable(stack.text(name)[rows], stack.variable(name)) for name in key if name in stack}
    return bool(pd.DataFrame(named).duplicated().any())


def comparable(texts: np.ndarray, variable: Variable) -> np.ndarray:
    """(n,) object: texts in which equal values are equal texts (72.0 and 72)."""
    if not variable.is_numeric:
        return texts
    codes, distinct = pd.factorize(texts)
    same = np.array([plain_text(float(text)) if is_plain_number(text) else text for text in distinct], dtype=object)
    return same[codes] if len(distinct) else texts


def _exact(stack: Stack, journal: Journal, values: dict[str, np.ndarray]) -> None:
    rows = np.flatnonzero(stack.present())
    frame = pd.DataFrame({at: column[rows] for at, column in enumerate(values.values())})
    if not frame.duplicated().any():
        return
    group = frame.groupby(list(frame.columns), sort=False, dropna=False).ngroup().to_numpy()
    _set_aside_later(stack, journal, rows, group, "exact_duplicate", "the same in every cell as {first}")


def _versions(
    stack: Stack,
    journal: Journal,
    values: dict[str, np.ndarray],
    key: tuple[str, ...],
    policy: str,
    interview_date: str | None,
) -> None:
    present = stack.present()
    for name in key:
        present &= values[name] != ""
    rows = np.flatnonzero(present)
    named = pd.DataFrame({name: values[name][rows] for name in key})
    group = named.groupby(list(key), sort=False).ngroup().to_numpy()
    if policy == "last":
        rows, group = rows[::-1], group[::-1]
    if policy == "latest":
        rows, group, policy = _latest(stack, journal, rows, group, interview_date)
    if policy == "query":
        _ask_about_cells(stack, journal, values, _groups(rows, group), key)
    which = {"query": "first", "first": "first", "last": "last"}[policy]
    reason = f"another version of {{first}}; the {which} row is kept"
    _set_aside_later(stack, journal, rows, group, "conflicting_duplicate", reason)


def _latest(
    stack: Stack, journal: Journal, rows: np.ndarray, group: np.ndarray, interview_date: str | None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Settle the groups in which one row is dated later than the others; what is left is asked about."""
    if interview_date is None or interview_date not in stack:
        return rows, group, "query"
    dates = stack.text(interview_date)
    settled: list[np.ndarray] = []
    for members in _groups(rows, group):
        days = dates[members]
        newest = max(days)
        if newest and (days == newest).sum() == 1:
            settled.append(np.concatenate([members[days == newest], members[days != newest]]))
    if settled:
        chosen = np.concatenate(settled)
        numbers = np.repeat(np.arange(len(settled)), [len(one) for one in settled])
        reason = "another version of {first}; the row with the latest date is kept"
        _set_aside_later(stack, journal, chosen, numbers, "conflicting_duplicate", reason)
        left = ~np.isin(rows, chosen)
        rows, group = rows[left], group[left]
    return rows, group, "query"


def _ask_about_cells(
    stack: Stack, journal: Journal, values: dict[str, np.ndarray], groups: list[np.ndarray], key: tuple[str, ...]
) -> None:
    where = [", ".join(str(line) for _, line in _places(stack, members)) for members in groups]
    for name in stack.variables:
        if name in key:
            continue
        versions = [list(dict.fromkeys(values[name][members])) for members in groups]
        differ = [at for at, found in enumerate(versions) if len(found) > 1]
        if not differ:
            continue
        kept = np.array([groups[at][0] for at in differ])
        said = [" or ".join(f"'{text}'" if text else "no answer" for text in versions[at]) for at in differ]
        reasons = [f"stands twice (lines {where[at]}) with {shown}" for at, shown in zip(differ, said, strict=True)]
        questions = [f"{stack.variable(name).label}: {reason}. Which is right?" for reason in reasons]
        rule, raw = "conflicting_duplicate", stack.delivered(name)
        delivered = as_column(versions_text(raw[groups[at]]) for at in differ)
        journal.ask_stack(stack, kept, name, stack.text(name)[kept], rule, questions, SET_MISSING, delivered)
        journal.change_stack(stack, kept, name, "", rule, reasons)


def _set_aside_later(
    stack: Stack, journal: Journal, rows: np.ndarray, group: np.ndarray, rule: str, reason: str
) -> None:
    later, reasons = [], []
    for members in _groups(rows, group):
        file, line = _places(stack, members[:1])[0]
        later += list(members[1:])
        reasons += [reason.format(first=f"line {line} of {file}")] * (len(members) - 1)
    order = np.argsort(np.array(later, dtype=np.int64), kind="stable")
    journal.set_aside_stack(stack, np.array(later, dtype=np.int64)[order], rule, np.array(reasons, dtype=object)[order])


def _groups(rows: np.ndarray, group: np.ndarray) -> list[np.ndarray]:
    """Rows of each group with more than one member, in the order of ``rows``."""
    counts = np.bincount(group) if group.size else np.empty(0, dtype=np.int64)
    repeated = np.flatnonzero(counts[group] > 1) if group.size else np.empty(0, dtype=np.int64)
    order = repeated[np.argsort(group[repeated], kind="stable")]
    edges = np.flatnonzero(np.diff(group[order])) + 1
    return [members for members in np.split(rows[order], edges) if members.size]


def _places(stack: Stack, rows: np.ndarray) -> list[tuple[str, int]]:
    places: list[tuple[str, int]] = [("", 0)] * len(rows)
    for part, own, where in stack.split(rows):
        for at, line in zip(where, part.table.lines[own], strict=True):
            places[at] = (part.table.file, int(line))
    return places
