"""How an outcome is spread and where its mean lies, by arm and wave: numbers for figures, without any row of data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.coding import code_of, columns_of

GRID = 51
"""Points at which a density is estimated."""
LEVEL = 0.95
FEWEST = 5
"""A person's answer is spread over at least this many people, whatever smaller counts a plan allows to be shown."""


def distribution_summaries(
    content: PlanFile, participants: pd.DataFrame, scales: Mapping[str, tuple[float | None, float | None]]
) -> dict[str, pd.DataFrame]:
    """Summaries ``observed_means`` and ``spreads`` of a study.

    Parameters
    ----------
    content : PlanFile
        Names of arm, clusters and waves; the smallest number of people that may be shown.
    participants : DataFrame
        Analysis data, wide.
    scales : mapping
        Outcome -> ends of its scale (None where unknown), of outcomes that have a distribution to draw.
    """
    design = content.design
    # without clusters every person is one
    clusters = [*design.clusters] or [design.participant]
    waves = [wave.name for wave in design.waves]
    arm = design.arm.variable
    return {
        "observed_means": observed_means(participants, list(scales), arm, clusters, waves),
        "spreads": spreads(participants, list(scales), arm, waves, scales, content.report.minimum_cell),
    }


def observed_means(
    participants: pd.DataFrame, outcomes: Sequence[str], arm: str, clusters: Sequence[str], waves: Sequence[str]
) -> pd.DataFrame:
    """Observed mean of each arm and wave, with an interval that knows of the clusters.

    Parameters
    ----------
    participants : DataFrame
        Wide, with ``{outcome}_{wave}``.
    outcomes : sequence of str
    arm : str
    clusters : sequence of str
        Variables that together name a cluster, such as trust and team.
    waves : sequence of str

    Returns
    -------
    DataFrame
        outcome, wave, arm, n (people), n_clusters, mean, se, df, ci_low, ci_high; se to ci_high are missing where
        one cluster has all the people.

    Notes
    -----
    The mean of people as a ratio of cluster totals: with G clusters of n_g people and means m_g, its variance is
    G / (G - 1) * sum(n_g^2 (m_g - m)^2) / n^2, and t has G - 1 degrees of freedom (Cochran 1977, Sampling
    Techniques, section 9A.2). An interval from people alone would be too short.
    """
    arms = participants.groupby(arm, observed=True, sort=True)
    arm_of = arms.ngroup().to_numpy()
    cluster_of = participants.groupby([*clusters], observed=True, sort=True).ngroup().to_numpy()
    rows = []
    for outcome, wave, column in columns_of(participants, outcomes, waves):
        values = pd.to_numeric(participants[column]).astype(float).to_numpy()
        for place, code in enumerate(arms.size().index):
            held = (arm_of == place) & ~np.isnan(values)
            rows.append((outcome, wave, code_of(code), *_cluster_mean(values[held], cluster_of[held])))
    return pd.DataFrame(
        rows, columns=["outcome", "wave", "arm", "n", "n_clusters", "mean", "se", "df", "ci_low", "ci_high"]
    )


def _cluster_mean(values: np.ndarray, clusters: np.ndarray) -> tuple[float, ...]:
    """Of values (n,) in clusters (n,), of which -1 is none."""
    n = len(values)
    if not n:
        return 0, 0, math.nan, math.nan, math.nan, math.nan, math.nan
    mean = float(values.sum() / n)
    totals = _totals(values - mean, clusters)
    number = len(totals)
    if number < 2:
        return n, number, mean, math.nan, math.nan, math.nan, math.nan
    se = math.sqrt(number / (number - 1) * float((totals**2).sum())) / n
    reach = float(stdtrit(number - 1, (1 + LEVEL) / 2)) * se
    return n, number, mean, se, float(number - 1), mean - reach, mean + reach


def _totals(values: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Sums of clusters, in their order, their rounding made good (Kahan 1965, Comm ACM 8:40) as pandas does it."""
    sums: dict[int, tuple[float, float]] = {}
    for cluster, value in zip(clusters.tolist(), values.tolist(), strict=True):
        total, lost = sums.get(cluster, (0.0, 0.0))
        part = value - lost
        larger = total + part
        sums[cluster] = larger, (larger - total) - part
    return np.array([sums[cluster][0] for cluster in sorted(sums) if cluster >= 0])


def spreads(
    participants: pd.DataFrame,
    outcomes: Sequence[str],
    arm: str,
    waves: Sequence[str],
    ends: Mapping[str, tuple[float | None, float | None]],
    at_least: int,
) -> pd.DataFrame:
    """Smooth density of each outcome by arm and wave, at the same places for all of them.

    Parameters
    ----------
    participants : DataFrame
        Wide.
    outcomes : sequence of str
    arm : str
    waves : sequence of str
    ends : mapping
        Ends of the scale by outcome; where one is unknown, the curve is drawn over three standard deviations to
        either side of the mean of everybody.
    at_least : int
        No bump may rest on fewer people; see `smooth_density`.

    Returns
    -------
    DataFrame
        outcome, wave, arm, n, x, density: `GRID` rows a curve; no rows for a group in which all have one value.
    """
    at_least = max(at_least, FEWEST)
    rows, by_arm = [], participants.groupby(arm, observed=True, sort=True)
    for outcome in outcomes:
        columns = [(wave, f"{outcome}_{wave}") for wave in waves if f"{outcome}_{wave}" in participants]
        if not columns:
            continue
        everybody = np.concatenate([_known(participants[column]) for _, column in columns])
        low, high = ends.get(outcome, (None, None))
        places = _places(everybody, low, high)
        if places is None:
            continue
        for wave, column in columns:
            for code, own in by_arm[column]:
                values = _known(own)
                curve = smooth_density(values, places, low, high, at_least)
                if curve is not None:
                    rows += [
                        (outcome, wave, code_of(code), len(values), float(x), float(y))
                        for x, y in zip(places, curve, strict=True)
                    ]
    return pd.DataFrame(rows, columns=["outcome", "wave", "arm", "n", "x", "density"])


def smooth_density(
    values: np.ndarray, places: np.ndarray, low: float | None, high: float | None, at_least: int
) -> np.ndarray | None:
    """Kernel density that is too smooth to show single people.

    1. The common bandwidth is the widest that is compatible with the spread: 1.144 s n^(-1/5).
    2. The kernel of each person is at least as wide as the distance to the `at_least`-th nearest other person, so
       that somebody who stands alone becomes part of a long flat tail.
    3. What falls beyond an end of the scale is reflected there.

    Parameters
    ----------
    values : array, shape (n,)
        Without missing values.
    places : array, shape (m,)
        Where the density is wanted.
    low, high : float or None
        Ends of the scale.
    at_least : int

    Returns
    -------
    array of shape (m,), or None
        None for fewer than ``at_least + 1`` people, or if all have the same value.

    Notes
    -----
    Bandwidth: Terrell 1990, J Am Stat Assoc 85:470 (maximal smoothing). Variable kernels: Breiman, Meisel and
    Purcell 1977, Technometrics 19:135.
    """
    n = len(values)
    spread = float(np.std(values, ddof=1)) if n > 1 else 0.0
    if n < at_least + 1 or spread <= 1e-13 * float(np.abs(values).max()):
        return None
    width = np.maximum(1.144 * spread * n**-0.2, nearest_distance(values, at_least))
    density = _kernels(places, values, width)
    for end in (low, high):
        if end is not None:
            density = density + _kernels(2 * end - places, values, width)
    return density / n


def nearest_distance(values: np.ndarray, at_least: int) -> np.ndarray:
    """How far the `at_least`-th nearest other value is from each.

    Of the values in order, these are among ``at_least + 1`` neighbours that hold the value itself: the distance is the
    shortest reach of such a window to its farther end. Sorting all distances of 9,000 people took most of a run.

    Parameters
    ----------
    values : array, shape (n,)
        Without missing values, in any order.
    at_least : int
        Below n.

    Returns
    -------
    array, shape (n,)
    """
    n, order = len(values), np.argsort(values, kind="stable")
    ordered, shortest = values[order], np.full(n, np.inf)
    for before in range(at_least + 1):
        # those with so many before them in the window
        inside = slice(before, n - at_least + before)
        own, left, right = ordered[inside], ordered[: n - at_least], ordered[at_least:]
        shortest[inside] = np.minimum(shortest[inside], np.maximum(own - left, right - own))
    found = np.empty(n)
    found[order] = shortest
    return found


def _kernels(places: np.ndarray, values: np.ndarray, width: np.ndarray) -> np.ndarray:
    z = (places[:, None] - values[None, :]) / width
    return (np.exp(-0.5 * z**2) / (width * math.sqrt(2 * math.pi))).sum(axis=1)


def _places(everybody: np.ndarray, low: float | None, high: float | None) -> np.ndarray | None:
    if len(everybody) < 2:
        return None
    mean, spread = float(everybody.mean()), float(everybody.std(ddof=1))
    start = mean - 3 * spread if low is None else low
    stop = mean + 3 * spread if high is None else high
    return np.linspace(start, stop, GRID) if stop > start else None


def _known(column: pd.Series) -> np.ndarray:
    values = pd.to_numeric(column).astype(float).to_numpy()
    return np.sort(values[~np.isnan(values)])
