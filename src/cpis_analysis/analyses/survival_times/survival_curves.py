"""Kaplan-Meier curves by arm, at times so far apart that they tell of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_POINTS = 10


def kaplan_meier(time: np.ndarray, event: np.ndarray, at: Sequence[float]) -> np.ndarray:
    """Share without the event after each of some times, by the product limit of Kaplan and Meier (1958)."""
    steps, shares, share = [], [], 1.0
    for moment in np.unique(time[event]):
        share *= 1.0 - (event & (time == moment)).sum() / (time >= moment).sum()
        steps.append(moment)
        shares.append(share)
    places = np.searchsorted(steps, at, side="right")
    return np.concatenate([[1.0], shares])[places]


def survival_curves(
    time: np.ndarray, event: np.ndarray, arm: np.ndarray, arms: Sequence[str], minimum: int
) -> dict[str, Any]:
    """Curves and numbers at risk at a few round times.

    A curve drawn step by step would tell when each event happened. A time is given if since the one before it every arm
    had no event or `minimum` at least, the same of people who were watched no longer, and `minimum` are still at risk;
    after the last time the same holds.

    Returns
    -------
    dict
        ``times``, and ``arms``: arm, survival, at_risk, in the order of the times; the first time is 0. Without a time
        after 0 the times are empty.
    """
    limit = max(minimum, 1)
    last = min(float(time[arm == code].max()) for code in arms)
    kept = [0.0]
    for at in _round_times(last):
        if any((time[arm == code] > at).sum() < limit for code in arms):
            break
        if not _few_between(kept[-1], at, time, event, arm, arms, limit):
            kept.append(at)
    # tables tell all events of an arm, and with the curve those after its end
    while len(kept) > 1 and _few_between(kept[-1], np.inf, time, event, arm, arms, limit):
        kept.pop()
    return _curves(time, event, arm, arms, kept)


def _few_between(
    first: float, last: float, time: np.ndarray, event: np.ndarray, arm: np.ndarray, arms: Sequence[str], limit: int
) -> bool:
    """Whether an arm has a few events after one time and until another, or a few people who were watched no longer."""
    within = (time > first) & (time <= last)
    counts = [(within & (arm == code) & (event == kind)).sum() for code in arms for kind in (True, False)]
    return any(0 < n < limit for n in counts)


def _curves(
    time: np.ndarray, event: np.ndarray, arm: np.ndarray, arms: Sequence[str], times: list[float]
) -> dict[str, Any]:
    if len(times) < 2:
        return {"times": [], "arms": []}
    return {
        "times": times,
        "arms": [
            {
                "arm": code,
                "survival": kaplan_meier(time[arm == code], event[arm == code], times).tolist(),
                "at_risk": [int((time[arm == code] > at).sum()) for at in times],
            }
            for code in arms
        ],
    }


def _round_times(last: float) -> list[float]:
    """About ten round times up to the last."""
    if not last > 0:
        return []
    raw = last / _POINTS
    scale = 10.0 ** np.floor(np.log10(raw))
    step = next(float(one * scale) for one in (1.0, 2.0, 3.0, 5.0, 10.0) if one * scale >= raw * (1 - 1e-9))
    return [round(step * k, 10) for k in range(1, int(np.floor(last / step + 1e-9)) + 1)]
