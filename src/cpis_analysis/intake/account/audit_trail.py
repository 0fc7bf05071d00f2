"""The only way to change a cell or to set a row aside: each leaves its line.

Lines are collected column-wise and put in order once, at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.row_names import row_names
from cpis_analysis.intake.account.working_tables import Stack, Table

if TYPE_CHECKING:
    import pandas as pd

AUDIT_COLUMNS = ("source", "line", "participant", "variable", "before", "after", "rule", "reason")
QUERY_COLUMNS = ("query_id", "source", "line", "participant", "variable", "value", "rule", "question", "meanwhile")
SET_ASIDE_COLUMNS = ("source", "line", "participant", "rule", "reason")
CONFIRMED = "confirmed"
TWO_PEOPLE = "two_people"
"""Rule of rows whose number can be that of two people: the question is about the row, not about the number."""
Said = str | Sequence[object] | np.ndarray
"""What is said of rows: the same of all, or one thing a row."""

_WHOLE_ROW = ""
_MOST_LINES = 5
_Lines = dict[str, np.ndarray]


class Journal:
    """Audit trail, queries and set-aside rows of one run.

    Parameters
    ----------
    tables : list of Table
        All raw files, in the plan's order.
    participant : str
        Variable that identifies a person.
    team : tuple of str
        Variables that together name a team.
    """

    def __init__(self, tables: list[Table], participant: str, team: tuple[str, ...] = ()) -> None:
        self._tables = tables
        self._participant = participant
        self._team = team
        self._rank = {id(table): rank for rank, table in enumerate(tables)}
        self._changes: list[_Lines] = []
        self._questions: list[_Lines] = []
        self._set_aside: list[_Lines] = []

    def change(self, table: Table, rows: np.ndarray, column: str, after: Said, rule: Said, reason: Said) -> None:
        """Write cells and note it; cells that already hold the value are left out.

        Parameters
        ----------
        table : Table
        rows : (k,) int array
        column : str
        after, rule, reason : str or (k,) object array
        """
        before = table.cells[column][rows]
        after = _spread(after, len(rows))
        differs = before != after
        if not differs.any():
            return
        chosen = rows[differs]
        lines = {
            "before": before[differs],
            "after": after[differs],
            "rule": _spread(rule, len(rows))[differs],
            "reason": _spread(reason, len(rows))[differs],
        }
        self._changes.append(self._placed(table, chosen, column, lines))
        table.write(column, chosen, after[differs])

    def ask(
        self,
        table: Table,
        rows: np.ndarray,
        column: str,
        value: Said,
        rule: Said,
        question: Said,
        meanwhile: Said,
        delivered: Said | None = None,
    ) -> None:
        """Note a question for the data manager; ``column`` is empty if it is about the row.

        ``delivered`` is what an answer is held against later: the raw cell, unless it is given here because the
        question is about several rows.
        """
        if not len(rows):
            return
        if delivered is None:
            blank = np.full(len(table), "", dtype=object)
            delivered = table.raw.get(column or self._participant, blank)[rows]
        given = {"value": value, "rule": rule, "question": question, "meanwhile": meanwhile, "delivered": delivered}
        lines = {name: _spread(content, len(rows)) for name, content in given.items()}
        self._questions.append(self._placed(table, rows, column, lines))
        if column:
            table.note_unread(column, np.asarray(rows))

    def ask_once(
        self, table: Table, rows: np.ndarray, column: str, value: str, rule: str, question: str, meanwhile: str
    ) -> None:
        """One question about several cells of a column, or several rows, with their lines in it.

        It stands at the first of them, names no participant, and is asked even if that row is set aside.
        """
        if not len(rows):
            return
        lines = table.lines[np.sort(rows)]
        where = ", ".join(str(line) for line in lines[:_MOST_LINES])
        more = " and others" if len(lines) > _MOST_LINES else ""
        if column:
            table.note_unread(column, np.asarray(rows))
        counted = f"{len(lines)} {'cell' if column else 'row'}{'s' if len(lines) > 1 else ''}"
        shown = f"{question} ({counted}: line {where}{more})"
        given = {"value": value, "rule": rule, "question": shown, "meanwhile": meanwhile, "delivered": ""}
        first = np.sort(rows)[:1]
        lines_of_one = {name: _spread(content, 1) for name, content in given.items()}
        self._questions.append(self._placed(table, first, column, lines_of_one) | {"_whole": np.ones(1, dtype=bool)})

    def confirm(self, answers: Mapping[str, tuple[str, str]]) -> frozenset[str]:
        """Note which questions were answered by "it is right as it is": a line of the trail that changes nothing.

        Parameters
        ----------
        answers : mapping
            By number of the query: what was delivered when it was asked, and the reason for the trail.

        Returns
        -------
        frozenset of str
            The queries among them that this run asks, about the same delivered value.
        """
        if not answers:
            return frozenset()
        asked = self._queries(place=True)
        found = [line for line in asked.itertuples() if answers.get(line.query_id, (None,))[0] == line.delivered]
        for line in found:
            table = self._tables[line.row_of[0]]
            rows = np.array([line.row_of[1]])
            now = table.cells[line.variable][rows] if line.variable else np.array([""], dtype=object)
            content = {"before": now, "after": now, "rule": CONFIRMED, "reason": answers[line.query_id][1]}
            lines = {name: _spread(value, 1) for name, value in content.items()}
            self._changes.append(self._placed(table, rows, line.variable, lines))
        return frozenset(line.query_id for line in found)

    def was_asked(self, table: Table, rows: np.ndarray, column: str) -> np.ndarray:
        """(k,) bool: whether a question about these cells stands already."""
        rank, at = self._rank[id(table)], list(table.cells).index(column)
        asked = [q["_row"][(q["_table"] == rank) & (q["_column"] == at)] for q in self._questions]
        return np.isin(rows, np.concatenate(asked)) if asked else np.zeros(len(rows), dtype=bool)

    def set_aside(self, table: Table, rows: np.ndarray, rule: str, reason: Said) -> None:
        """Take rows out of the clean data, with the reason; rows already out stay out for their first reason."""
        where = np.flatnonzero(table.kept[rows])
        if not where.size:
            return
        lines = {"rule": _spread(rule, where.size), "reason": _spread(reason, len(rows))[where]}
        self._set_aside.append(self._placed(table, rows[where], _WHOLE_ROW, lines))
        table.kept[rows[where]] = False

    def change_stack(
        self, stack: Stack, rows: np.ndarray, variable: str, after: Said, rule: Said, reason: Said
    ) -> None:
        """`change` for rows of a stack; files without the variable are left out."""
        after, rule, reason = (_spread(given, len(rows)) for given in (after, rule, reason))
        for part, own, where in stack.split(rows):
            if variable in part.columns:
                self.change(part.table, own, part.columns[variable], after[where], rule[where], reason[where])

    def ask_stack(
        self,
        stack: Stack,
        rows: np.ndarray,
        variable: str,
        value: Said,
        rule: Said,
        question: Said,
        meanwhile: Said,
        delivered: Said | None = None,
    ) -> None:
        """`ask` for rows of a stack."""
        n = len(rows)
        value, rule, question, meanwhile = (_spread(one, n) for one in (value, rule, question, meanwhile))
        held = None if delivered is None else _spread(delivered, len(rows))
        for part, own, where in stack.split(rows):
            self.ask(
                part.table,
                own,
                part.columns.get(variable, _WHOLE_ROW),
                value[where],
                rule[where],
                question[where],
                meanwhile[where],
                None if held is None else held[where],
            )

    def set_aside_stack(self, stack: Stack, rows: np.ndarray, rule: str, reason: Said) -> None:
        """`set_aside` for rows of a stack."""
        reason = _spread(reason, len(rows))
        for part, own, where in stack.split(rows):
            self.set_aside(part.table, own, rule, reason[where])

    def audit(self) -> pd.DataFrame:
        """One line per change of a cell in a row that was kept, in the order of files, lines, columns and rules."""
        return self._frame(self._changes, AUDIT_COLUMNS, kept_only=True)

    def queries(self) -> pd.DataFrame:
        """One line per question; questions about cells of rows that were set aside are left out.

        The number of a query derives from what is asked, so that it stays the same
        when other queries come or go.
        """
        return self.queries_with_cells()[list(QUERY_COLUMNS)]

    def queries_with_cells(self) -> pd.DataFrame:
        """`queries` with the columns ``delivered`` (what stands in the raw file) and ``about`` (`row_names`)."""
        return self._queries()

    def _queries(self, place: bool = False) -> pd.DataFrame:
        import pandas as pd

        frame = self._frame(self._questions, (*QUERY_COLUMNS[1:], "delivered", "about"), kept_only=True, place=place)
        content = frame[["source", "participant", "variable", "value", "rule"]]
        ids = pd.Series(
            [
                _query_id((*row, *filter(None, [about])))
                for row, about in zip(content.itertuples(index=False, name=None), frame["about"], strict=True)
            ],
            dtype=object,
        )
        again = ids.groupby(ids).cumcount()
        ids = ids.where(again == 0, ids + "-" + (again + 1).astype(str))
        frame.insert(0, "query_id", ids.astype(str))
        return frame

    def rows_set_aside(self) -> pd.DataFrame:
        """One line per row that is not in the clean data."""
        return self._frame(self._set_aside, SET_ASIDE_COLUMNS, kept_only=False)

    def _placed(self, table: Table, rows: np.ndarray, column: str, lines: _Lines) -> _Lines:
        place = {
            "_table": np.full(len(rows), self._rank[id(table)]),
            "_row": np.asarray(rows),
            "_column": np.full(len(rows), list(table.cells).index(column) if column else -1),
        }
        return {"_whole": np.zeros(len(rows), dtype=bool)} | place | lines

    def _frame(
        self, pieces: list[_Lines], columns: tuple[str, ...], kept_only: bool, place: bool = False
    ) -> pd.DataFrame:
        """Lines in order; with ``place``, ``row_of`` is the position of the table and the row."""
        import pandas as pd

        if not pieces:
            columns = (*columns, "row_of") if place else columns
            types = {name: "int64" if name == "line" else "str" for name in columns}
            return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in types.items()})
        joined = pd.DataFrame({name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]})
        joined = joined.sort_values(["_table", "_row", "_column"], kind="stable", ignore_index=True)
        finished = []
        for rank, group in joined.groupby("_table", sort=True):
            table = self._tables[rank]
            if kept_only:
                about_row = group["_column"].to_numpy() == -1
                group = group[table.kept[group["_row"].to_numpy()] | about_row | group["_whole"].to_numpy()]
            whole = group["_whole"].to_numpy()
            rows, names = group["_row"].to_numpy(), np.array([*table.cells, _WHOLE_ROW], dtype=object)
            if "about" in columns:
                full = (group["rule"] == TWO_PEOPLE).to_numpy()
                about = row_names(table, rows, self._participant, self._team, full)
                group = group.assign(about=np.where(whole, "", as_column(about)))
            if place:
                group = group.assign(row_of=[(rank, row) for row in rows])
            finished.append(
                group.assign(
                    source=table.source,
                    line=table.lines[rows],
                    participant=np.where(whole, "", _participants(table, self._participant)[rows]),
                    variable=names[group["_column"].to_numpy()],
                )
            )
        frame = pd.concat(finished, ignore_index=True)[[*columns, *(["row_of"] if place else [])]]
        text = {name: "str" for name in columns if name != "line"}
        return frame.astype(text | {"line": "int64"})


def _participants(table: Table, participant: str) -> np.ndarray:
    blank = np.full(len(table), "", dtype=object)
    return table.cells.get(participant, blank)


def _spread(value: Said, length: int) -> np.ndarray:
    if isinstance(value, str):
        return np.full(length, value, dtype=object)
    return np.asarray(value, dtype=object)


def _query_id(row: tuple) -> str:
    return "Q" + hashlib.sha256("\x1f".join(row).encode()).hexdigest()[:8].upper()
