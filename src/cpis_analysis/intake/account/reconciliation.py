"""The account: every row is in the clean data or set aside, every changed cell is in the audit trail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from cpis_analysis.errors import OUR_FAULT, DataError, Problem
from cpis_analysis.intake.account.working_tables import Stack, Table

RECONCILIATION_COLUMNS = (
    "source",
    "file",
    "rows_in",
    "rows_out",
    "rows_set_aside",
    "cells_in",
    "cells_set_aside",
    "cells_unchanged",
    "cells_changed",
    "cells_set_missing",
    "cells_filled",
    "cells_out",
)


def reconcile(
    tables: list[Table], audit: pd.DataFrame, set_aside: pd.DataFrame, withdrawn: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Close the account of every source, or stop.

    Raw and clean cells are compared anew, without the rules: a cell that differs must
    have a chain of audit lines that leads from the raw text to the clean one, and no
    other cell may have any.

    Parameters
    ----------
    withdrawn : mapping, optional
        Rows of people who withdrew consent, by source; None where the plan has no list of them.

    Returns
    -------
    DataFrame
        Columns `RECONCILIATION_COLUMNS`, and ``rows_withdrawn`` where there is a list. Cells count where something is
        written.
        rows_in = rows_out + rows_set_aside (+ rows_withdrawn, whose cells are not counted);
        cells_in = cells_set_aside + cells_unchanged + cells_changed + cells_set_missing;
        cells_out = cells_unchanged + cells_changed + cells_filled.

    Raises
    ------
    DataError
        If it does not close. That is a fault of the program, not of the data.
    """
    problems: list[Problem] = []
    lines = []
    for table in tables:
        problems += _unexplained(table, _own(audit, table))
        lines.append(_account(table, len(_own(set_aside, table))))
    frame = pd.DataFrame(lines, columns=list(RECONCILIATION_COLUMNS))
    frame = frame.groupby(["source", "file"], sort=False, as_index=False).sum()
    for line in frame.itertuples():
        if line.rows_in != line.rows_out + line.rows_set_aside:
            found = f"{line.rows_in} rows in, {line.rows_out} out, {line.rows_set_aside} set aside"
            problems.append(
                Problem(
                    f"the rows do not add up: {found}",
                    line.file,
                    hint=OUR_FAULT,
                )
            )
    if withdrawn is not None:
        gone = frame["source"].map(lambda name: int(withdrawn.get(name, 0)))
        frame = frame.assign(rows_in=frame["rows_in"] + gone, rows_withdrawn=gone)
    if problems:
        raise DataError("The cleaning cannot account for what it did; this is a fault of the program.", problems)
    return frame


def published(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """The account as it may be shown: how many rows were withdrawn can't be told from it."""
    return (
        reconciliation.drop(columns=["rows_in", "rows_withdrawn"])
        if "rows_withdrawn" in reconciliation
        else (reconciliation)
    )


def check_frame(frame: pd.DataFrame, stack: Stack) -> list[Problem]:
    """Whether typing kept every value: each cell of a frame against its clean text."""
    problems = []
    rows = np.flatnonzero(stack.present())
    for name in stack.variables:
        texts = stack.text(name)[rows]
        if name not in frame:
            continue
        values = frame[name]
        if len(values) != len(texts):
            return [
                Problem(
                    "rows were lost when types were given",
                    variable=name,
                    hint=OUR_FAULT,
                )
            ]
        kind = stack.variable(name)
        if name == stack.participant or not (kind.is_numeric or kind.type == "date"):
            back = values.astype(object).where(values.notna(), "").to_numpy()
            same = back == texts
        elif kind.is_numeric:
            codes, distinct = pd.factorize(texts)
            numbers = np.array([float(text) if text else np.nan for text in distinct], dtype=float)
            expected = numbers[codes] if len(distinct) else np.empty(0)
            same = (values.to_numpy() == expected) | (values.isna().to_numpy() & np.isnan(expected))
        else:
            back = values.dt.strftime("%Y-%m-%d").astype(object)
            same = back.where(values.notna(), "").to_numpy() == texts
        for at in np.flatnonzero(~same)[:1]:
            problems.append(
                Problem(
                    "the value changed when its type was given",
                    variable=name,
                    value=str(texts[at]),
                    count=int((~same).sum()),
                    hint=OUR_FAULT,
                )
            )
    return problems


_MOST_RULES = 5


def rows_left_out(set_aside: pd.DataFrame, queries: pd.DataFrame) -> tuple[str, ...]:
    """What cleaning left out, by rule, most rows first; counts and reasons, no rows of data.

    Parameters
    ----------
    set_aside, queries : DataFrame
        As in `CleanData`. In a wide file, where the row is the person, a follow-up without baseline loses its answers
        and stands among the queries only.
    """
    emptied = queries[queries["meanwhile"].astype(str).str.startswith("answers ")]
    found = []
    for frame, what in ((set_aside, "row"), (emptied, "follow-up")):
        reasons = frame["reason"] if "reason" in frame else pd.Series("its answers were set missing", frame.index)
        for rule, group in reasons.groupby(frame["rule"].astype(str)):
            # a reason that points to a row stays with the rows
            shared = group.nunique() == 1 and not re.search(r"\bline \d", str(group.iloc[0]))
            why = f": {group.iloc[0]}" if shared else ""
            found.append((len(group), f"{len(group):,} {what}{'s' * (len(group) > 1)} by the rule {rule}{why}"))
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    more = sum(n for n, _ in found[_MOST_RULES:])
    return (*(text for _, text in found[:_MOST_RULES]), *([f"{more:,} by other rules"] if more else []))


def _own(lines: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Lines about a table; a file of all waves is one table a wave."""
    own = lines[lines["source"] == table.source]
    return own[own["line"].isin(table.lines)] if table.shared else own


def _account(table: Table, aside: int) -> tuple:
    kept = table.kept
    counts = dict.fromkeys(("in", "aside", "unchanged", "changed", "missing", "filled", "out"), 0)
    for column, raw in table.raw.items():
        clean = table.cells[column]
        written, left = raw != "", clean != ""
        same = (raw == clean) if clean is not raw else np.ones(len(raw), dtype=bool)
        counts["in"] += int(written.sum())
        counts["aside"] += int((written & ~kept).sum())
        counts["unchanged"] += int((written & same & kept).sum())
        counts["changed"] += int((written & left & ~same & kept).sum())
        counts["missing"] += int((written & ~left & kept).sum())
        counts["filled"] += int((~written & left & kept).sum())
        counts["out"] += int((left & kept).sum())
    return (table.source, table.file, len(table), int(kept.sum()), aside, *counts.values())


def _unexplained(table: Table, audit: pd.DataFrame) -> Iterator[Problem]:
    place = pd.Index(table.lines).get_indexer(audit["line"])
    by_column = {str(name): group for name, group in audit.groupby("variable", sort=False).indices.items()}
    for column, raw in table.raw.items():
        clean = table.cells[column]
        differs = np.zeros(len(table), dtype=bool) if clean is raw else (raw != clean) & table.kept
        lines = by_column.pop(column, np.empty(0, dtype=np.int64))
        wrong = _broken(raw, clean, differs, place[lines], audit.iloc[lines])
        yield from (
            Problem(
                message,
                table.file,
                int(table.lines[row]),
                variable=column,
                value=str(raw[row]),
                hint=OUR_FAULT,
            )
            for row, message in wrong[:3]
        )
    # a line without a column confirms a row
    yield from (
        Problem(
            "the audit trail names a column that the file does not have",
            table.file,
            variable=name,
            hint=OUR_FAULT,
        )
        for name in by_column
        if name
    )


def _broken(
    raw: np.ndarray, clean: np.ndarray, differs: np.ndarray, rows: np.ndarray, lines: pd.DataFrame
) -> list[tuple[int, str]]:
    explained = np.zeros(len(raw), dtype=bool)
    explained[rows] = True
    found = [(int(row), "the cell was changed without an audit line") for row in np.flatnonzero(differs & ~explained)]
    if not rows.size:
        return found
    before, after = lines["before"].to_numpy(dtype=object), lines["after"].to_numpy(dtype=object)
    order = np.argsort(rows, kind="stable")
    rows, before, after = rows[order], before[order], after[order]
    starts = np.concatenate([[True], rows[1:] != rows[:-1]])
    ends = np.concatenate([starts[1:], [True]])
    expected = np.where(starts, raw[rows], np.concatenate([[""], after[:-1]]))
    bad = (before != expected) | (ends & (after != clean[rows]))
    return found + [(int(row), "the audit lines do not lead from the raw to the clean value") for row in rows[bad]]
