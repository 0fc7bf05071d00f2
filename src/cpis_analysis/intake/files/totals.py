"""Rows of totals or means below the data, which are nobody's answers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from cpis_analysis.intake.values.written_numbers import is_plain_number

_NAMES = re.compile(
    r"(?:(?:grand|sub|overall|column)[\s-]*)?(?:totals?|sums?|means?|averages?|medians?|s\.?d\.?|std\.?\s*dev\.?|"
    r"standard deviations?)\b[\s:.=(),\dn]*(?:\(?s\.?d\.?\)?)?\Z",
    re.IGNORECASE,
)
_MOST = 8
_TOLERANCE = 1e-9


def total_rows(labels: np.ndarray, columns: Sequence[np.ndarray]) -> np.ndarray:
    """Find rows of totals at the end of a table.

    Parameters
    ----------
    labels : (n,) object array
        The cells that say what a row is about: the participant's number, or the first column.
    columns : sequence of (n,) object arrays
        All cells, with the labels.

    Returns
    -------
    (n,) bool array
        At most the last rows, blank ones aside: called like a total ('Mean', 'Grand total:'), or with numbers that
        are the sums, means or counts of those above and nothing else.
    """
    found = np.zeros(len(labels), dtype=bool)
    for row in range(len(labels))[::-1]:
        if not any(column[row].strip() for column in columns):
            continue
        if not (_NAMES.match(labels[row].strip()) or _adds_up(row, labels, columns)) or found.sum() == _MOST:
            break
        found[row] = True
    return found


def _adds_up(row: int, labels: np.ndarray, columns: Sequence[np.ndarray]) -> bool:
    """No number of a participant, and all that is written are figures of the column above."""
    if labels[row].strip():
        return False
    agreed = 0
    for column in columns:
        text = column[row].strip()
        if not text:
            continue
        if not is_plain_number(text):
            return False
        values = np.array([float(one) for one in (cell.strip() for cell in column[:row]) if is_plain_number(one)])
        if len(values) < 2 or not any(_same(text, one) for one in (values.sum(), values.mean(), float(len(values)))):
            return False
        agreed += 1
    return agreed > 0


def _same(text: str, figure: float) -> bool:
    """Equal to as many decimals as are written."""
    decimals = len(text.partition(".")[2]) if "e" not in text.lower() else 0
    return math.isclose(float(text), figure, rel_tol=_TOLERANCE, abs_tol=0.5000001 * 10.0**-decimals)
