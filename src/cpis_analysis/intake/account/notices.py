"""What a file says about single cells beyond their text, written into the cells and the audit trail."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.values.cell_rule import SET_MISSING


def apply_notices(tables: list[Table], journal: Journal) -> None:
    """Change the cells; ask once a notice where the file leaves open what they mean.

    A cell that was corrected by an answer stays as the answer says.
    """
    for table in tables:
        for column, notice in table.notices:
            rows = np.flatnonzero(notice.rows & table.kept & (table.cells[column] == table.raw[column]))
            if notice.question:
                journal.ask_once(table, rows, column, "", notice.rule, notice.question, SET_MISSING)
            journal.change(table, rows, column, notice.after[rows], notice.rule, notice.reason)


def cells_before_rules(table: Table, column: str) -> np.ndarray:
    """Cells of a column as the file's notices leave them, without rows that the file marks as something else."""
    texts = table.raw[column]
    for name, notice in table.notices:
        if name == column:
            texts = np.where(notice.rows & (texts == table.raw[column]), notice.after, texts)
    return texts[~marked_rows(table)]


def marked_rows(table: Table) -> np.ndarray:
    """(n,) bool: rows that the file marks as something else than answers (totals, previews, other events)."""
    marked = np.zeros(len(table), dtype=bool)
    for aside in table.asides:
        marked |= aside.rows
    return marked
