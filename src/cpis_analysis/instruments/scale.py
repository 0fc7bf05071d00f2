"""The general rule: items -> one score, with reversal, proration and a missing-item limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError, PlanError, Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Scored:
    """Scores of n rows.

    Attributes
    ----------
    score : ndarray of float, shape (n,)
        NaN where the score is missing.
    items_missing : ndarray of int, shape (n,)
        Number of items without an answer.
    prorated : ndarray of bool, shape (n,)
        True where a score was computed although items are missing.
    """

    score: np.ndarray
    items_missing: np.ndarray
    prorated: np.ndarray


@dataclass(frozen=True)
class ScaleRule:
    """How items become one score.

    Attributes
    ----------
    items : tuple of str
        Item columns.
    low, high : float or sequence of float
        Smallest and largest answer, for all items or one for each.
    reverse : tuple of str
        Items in which a high answer means a low standing; x becomes low + high - x.
    method : str
        ``"sum"`` or ``"mean"``.
    max_missing : int
        Largest number of missing items with which a score is still computed; 0 is complete-only.
    whole : bool
        True where answers must be whole numbers.

    Raises
    ------
    PlanError
        If the rule contradicts itself; every contradiction is listed.
    """

    items: tuple[str, ...]
    low: float | Sequence[float]
    high: float | Sequence[float]
    reverse: tuple[str, ...] = ()
    method: str = "sum"
    max_missing: int = 0
    whole: bool = True

    def __post_init__(self) -> None:
        found = contradictions(self.items, self.low, self.high, self.reverse, self.method, self.max_missing)
        problems = [
            Problem(message, variable=part, hint="correct the settings of the score in the plan: docs/instruments.md")
            for part, message in found
        ]
        if problems:
            raise PlanError("The scoring rule contradicts itself.", problems)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible score."""
        lows, highs = _per_item(self.low, len(self.items)), _per_item(self.high, len(self.items))
        combine = np.sum if self.method == "sum" else np.mean
        return float(combine(lows)), float(combine(highs))


def _range_faults(
    items: Sequence[str], low: float | Sequence[float], high: float | Sequence[float], max_missing: int
) -> list[tuple[str, str]]:
    """What is wrong with the items of a rule and their limits."""
    found: list[tuple[str, str]] = []
    n_items = len(items)
    if not n_items:
        found.append(("items", "a score needs at least one item"))
    if len(set(items)) != n_items:
        found.append(("items", "the same item is named twice"))
    for part, limits in (("low", low), ("high", high)):
        if np.ndim(limits) and np.size(limits) != n_items:
            found.append((part, f"{np.size(limits)} limits for {n_items} items"))
    if found:
        return found
    lows, highs = _per_item(low, n_items), _per_item(high, n_items)
    if not np.all(lows < highs):
        found.append(("low", "must be below high for every item"))
    if max_missing > 0 and (np.ptp(lows) > 0 or np.ptp(highs) > 0):
        found.append(("max_missing", "must be 0: proration needs the same range for every item"))
    return found


def contradictions(
    items: Sequence[str],
    low: float | Sequence[float],
    high: float | Sequence[float],
    reverse: Sequence[str],
    method: str,
    max_missing: int,
) -> list[tuple[str, str]]:
    """List what is wrong with the parts of a rule, as pairs of a part of ``ScaleRule`` and a message."""
    n_items = len(items)
    found = _range_faults(items, low, high, max_missing)
    unknown = [item for item in reverse if item not in items]
    if unknown:
        found.append(("reverse", f"not among the items: {', '.join(unknown)}"))
    if method not in {"sum", "mean"}:
        found.append(("method", "must be sum or mean"))
    if not 0 <= max_missing < max(n_items, 1):
        found.append(("max_missing", "must leave at least one answered item"))
    return found


def score_scale(frame: pd.DataFrame, rule: ScaleRule) -> Scored:
    """Score every row of a frame.

    Parameters
    ----------
    frame : DataFrame
        Has the item columns; ``participant_id`` and ``wave``, where present, serve the error message.
    rule : ScaleRule
        How items become a score.

    Returns
    -------
    Scored

    Raises
    ------
    DataError
        If an item is not a number, out of range, or not whole where it must be; all are listed.
    """
    return score_matrix(item_matrix(frame, rule.items, rule.low, rule.high, rule.whole), rule)


def score_matrix(values: np.ndarray, rule: ScaleRule) -> Scored:
    """Score a matrix of answers that are known to be in range.

    1. Reverse the reverse items: x becomes low + high - x.
    2. Count missing items in each row.
    3. Where at most ``max_missing`` are missing, put the person's mean of the answered items in their
       place; the sum is then (number of items) x mean. Elsewhere the score is missing.

    Parameters
    ----------
    values : ndarray of float, shape (n, number of items)
        Answers, NaN where missing.
    rule : ScaleRule
        How items become a score.

    Returns
    -------
    Scored
    """
    n_items = len(rule.items)
    flip = np.isin(rule.items, rule.reverse)
    turned = np.where(flip, _per_item(rule.low, n_items) + _per_item(rule.high, n_items) - values, values)
    missing = np.isnan(turned)
    items_missing = missing.sum(axis=1)
    answered = n_items - items_missing
    total = np.where(missing, 0.0, turned).sum(axis=1)
    usable = (items_missing <= rule.max_missing) & (answered > 0)
    share = np.where(usable, answered, np.nan)
    # a complete row keeps its exact sum: n times the mean could cost the last bit
    filled = np.where(items_missing == 0, total, total * n_items / share)
    score = total / share if rule.method == "mean" else np.where(usable, filled, np.nan)
    return Scored(score, items_missing, usable & (items_missing > 0))


def item_matrix(
    frame: pd.DataFrame,
    items: Sequence[str],
    low: float | Sequence[float],
    high: float | Sequence[float],
    whole: bool = True,
) -> np.ndarray:
    """Read items as a matrix of floats and refuse what cannot be an answer.

    Parameters
    ----------
    frame : DataFrame
        Has the item columns, with numbers, text codes of numbers, or missing values.
    items : sequence of str
        Columns, in order.
    low, high : float or sequence of float
        Smallest and largest answer.
    whole : bool
        True where answers must be whole numbers.

    Returns
    -------
    ndarray of float, shape (rows, items)

    Raises
    ------
    DataError
        One problem for each item, wave and wrong value, with the first participant and the count.
    """
    import pandas as pd

    values = np.empty((len(frame), len(items)))
    problems: list[Problem] = []
    lows, highs = _per_item(low, len(items)), _per_item(high, len(items))
    for column, item in enumerate(items):
        raw = frame[item]
        plain = raw.astype(object) if isinstance(raw.dtype, pd.CategoricalDtype) else raw
        numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        text = raw.notna().to_numpy() & np.isnan(numbers)
        outside = (numbers < lows[column]) | (numbers > highs[column])
        broken = np.isfinite(numbers) & (numbers != np.floor(numbers)) if whole else np.zeros(len(raw), bool)
        allowed = f"{'whole numbers ' if whole else ''}{lows[column]:g} to {highs[column]:g}"
        for bad, message in (
            (text, "item is not a number"),
            (outside, "item is out of range"),
            (broken & ~outside, "item is not a whole number"),
        ):
            if bad.any():
                problems += _problems(frame, item, bad, message, allowed)
        values[:, column] = numbers
    if problems:
        raise DataError("Items cannot be scored.", problems)
    return values


def missing_rule(n_items: int, max_missing: int) -> str:
    """Say in words when a score is computed although items are missing."""
    if max_missing == 0:
        return "the item must be answered" if n_items == 1 else f"all {n_items} items must be answered"
    return (
        f"with at most {max_missing} of {n_items} items missing, the person's mean of the answered items "
        "stands in for them; otherwise the score is missing"
    )


def _problems(frame: pd.DataFrame, item: str, bad: np.ndarray, message: str, allowed: str) -> list[Problem]:
    groups: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(bad):
        wave = str(frame["wave"].iloc[row]) if "wave" in frame else ""
        found = frame[item].iloc[row]
        shown = f"{found:g}" if isinstance(found, float) else str(found)
        groups.setdefault((wave, shown), []).append(int(row))
    return [
        Problem(
            f"{message} at wave {wave}" if wave else message,
            participant=str(frame["participant_id"].iloc[rows[0]]) if "participant_id" in frame else None,
            variable=item,
            value=shown,
            allowed=allowed,
            count=len(rows),
        )
        for (wave, shown), rows in groups.items()
    ]


def _per_item(limit: float | Sequence[float], n_items: int) -> np.ndarray:
    return np.broadcast_to(np.asarray(limit, dtype=float), (n_items,))
