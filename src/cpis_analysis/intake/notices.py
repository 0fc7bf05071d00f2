"""What a file says about single cells beyond their text, written into the cells and the audit trail."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.cell_rule import SET_MISSING
from cpis_analysis.intake.journal import Journal
from cpis_analysis.intake.tables import Table

__all__ = ["apply_notices"]


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
