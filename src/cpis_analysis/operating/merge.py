"""Parts of a cell, each simulated with a seed of its own, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cpis_analysis.operating.tested_effects.cell_rows import COLUMNS, wilson

_WHICH = ("model", "comparator", "icc_trust", "icc_team", "loss", "allocation", "departure")
_AVERAGED = tuple(
    name
    for name in COLUMNS
    if name not in (*_WHICH, "replicates", "rejected", "size", "size_low", "size_high", "coverage", "rmse")
)


def merged(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each analysis in each cell, in the order of the first part.

    Counts are summed and shares follow from them; bias, width and the like are averages weighted by replicates, the
    detectable difference too.
    """
    parts: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        parts.setdefault(tuple(row[name] for name in _WHICH), []).append(row)
    return [_together(some) for some in parts.values()]


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    n = np.array([row["replicates"] for row in rows], dtype=float)
    total, first = int(n.sum()), {name: rows[0][name] for name in _WHICH}
    if total == 0:
        return first | {"replicates": 0, "failed": float(np.mean([row["failed"] for row in rows]))}
    rows = [row for row in rows if row["replicates"]]
    n = n[n > 0]

    def average(name: str) -> float:
        values = np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)
        return float((n * values).sum() / n.sum())

    rejected = int(sum(row["rejected"] for row in rows))
    low, high = wilson(rejected, total)
    return {
        **first,
        "replicates": total,
        "rejected": rejected,
        "size": rejected / total,
        "size_low": low,
        "size_high": high,
        "coverage": 1.0 - rejected / total,
        "rmse": float(np.sqrt((n * np.array([row["rmse"] for row in rows]) ** 2).sum() / n.sum())),
        **{name: average(name) for name in _AVERAGED},
    }
