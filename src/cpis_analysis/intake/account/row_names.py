"""What a question is about, told so that an answer finds it in a file that was delivered anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from cpis_analysis.intake.account.working_tables import Table

_LONGEST = 30


def row_names(
    table: Table, rows: np.ndarray, participant: str, team: tuple[str, ...], in_full: np.ndarray | None = None
) -> list[str]:
    """What tells a row from the other rows of its file, beside the participant: not its line, which can move.

    The wave in a file of all waves; the team in a team list; what stands in the row where nobody is named, and where
    ``in_full`` (k,) says so.
    """
    if table.holds in ("teams", "themes"):
        keys = [table.raw[name] for name in team if name in table.raw] if table.holds == "teams" else []
        return [" / ".join(str(cells[row]) for cells in keys) or _row_text(table, row) for row in rows]
    wave = (table.wave or "person") if table.shared else ""
    named = table.raw.get(participant, np.full(len(table), "", dtype=object))
    full = np.zeros(len(rows), dtype=bool) if in_full is None else in_full
    return [
        "; ".join(filter(None, [wave, _row_text(table, row) if whole or not named[row].strip() else ""]))
        for row, whole in zip(rows, full, strict=True)
    ]


def _row_text(table: Table, row: int) -> str:
    """The first cells of a row, and eight digits that hold for all of them."""
    filled = [(name, str(cells[row]).strip()) for name, cells in table.raw.items() if str(cells[row]).strip()]
    digest = hashlib.sha256(repr(filled).encode()).hexdigest()[:8]
    return "; ".join([*(f"{name} {text[:_LONGEST]}" for name, text in filled[:4]), digest])


def versions_text(texts: Iterable[str]) -> str:
    """What several rows hold in one cell, in an order that does not depend on theirs."""
    return " | ".join(sorted({text or "(empty)" for text in texts}))
