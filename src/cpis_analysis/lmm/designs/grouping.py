"""Groups of rows: the combinations of some factors that occur."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cpis_analysis.lmm.designs.coded_columns import Column
from cpis_analysis.lmm.designs.display import ShortRepr


@dataclass(frozen=True, repr=False)
class Grouping(ShortRepr):
    """Groups of the rows: the combinations of some factors that occur.

    Attributes
    ----------
    codes : (n,) int
        Group of each row, in the order of the factors' levels.
    n_groups : int
    """

    codes: np.ndarray
    n_groups: int
    _used: np.ndarray
    _levels: tuple[tuple[Any, ...], ...]

    @cached_property
    def labels(self) -> list[tuple[Any, ...]]:
        """The levels behind each code."""
        labels = []
        for code in self._used.tolist():
            label = []
            for levels in reversed(self._levels):
                code, this = divmod(code, len(levels))
                label.append(levels[this])
            labels.append(tuple(reversed(label)))
        return labels


def encode_groups(columns: Sequence[Column], rows: np.ndarray | None) -> Grouping:
    """Find the combinations of the columns' levels that occur in the fitted rows."""
    parts = [column.as_factor for column in columns]
    codes = [part.codes if rows is None else part.codes[rows] for part in parts]
    levels = tuple(part.levels for part in parts)
    joint = codes[0]
    for part, more in zip(levels[1:], codes[1:], strict=True):
        joint = joint * len(part) + more
    size = math.prod(map(len, levels))
    if size <= 4 * len(joint) + 20_000:
        used = np.flatnonzero(np.bincount(joint, minlength=size))
        if len(used) == size:
            return Grouping(joint, size, used, levels)
        table = np.empty(size, dtype=np.intp)
        table[used] = np.arange(len(used))
        return Grouping(table[joint], len(used), used, levels)
    used, dense = np.unique(joint, return_inverse=True)
    return Grouping(dense, len(used), used, levels)
