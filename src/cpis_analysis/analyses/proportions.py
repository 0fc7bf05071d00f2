"""Differences in proportions between two arms, with intervals that know of the clusters; nothing is tested."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cpis_analysis.study.coding import codes_in, codes_of

LEVEL = 0.95
DF_METHOD = "CR2, Satterthwaite"
FEWEST_DF = 2.0
"""Fewer degrees of freedom give no interval: below two, t has no variance and an interval says nothing."""
FEWEST_TRUSTS = 4
"""With fewer trusts their CR2 standard error can't have three degrees of freedom; teams are taken where they may be."""

ONE_ARM, NO_VARIATION, FEW_CLUSTERS, FEW_DF = "one arm", "no variation", "few clusters", "few degrees of freedom"
ROBUST_COLUMNS = (
    "variable",
    "code",
    "group",
    "reference",
    "estimate",
    "se",
    "df",
    "df_method",
    "ci_low",
    "ci_high",
    "cluster",
    "n_clusters",
    "why",
)


def answer_differences(
    participants: pd.DataFrame,
    variables: Sequence[str],
    arm: str,
    reference: str,
    wave: str,
    levels: Sequence[str],
) -> pd.DataFrame:
    """Compare how often each answer was given in the arms.

    1. Clusters are the largest if there are at least `FEWEST_TRUSTS`, or if the arm does not vary within them, or if
       the design has one level; else the smallest. In a study without clusters every person is one.
    2. For every answer: the difference of the proportions among those who answered, which is the least-squares slope
       of the 0/1 indicator on the arm.
    3. Its CR2 standard error and Satterthwaite degrees of freedom (`cr2_of_two_groups`), and the interval from t.
    4. No interval without variation in an arm (nobody or everybody gave the answer), with one cluster in an arm, or
       with fewer than `FEWEST_DF` degrees of freedom; no difference for a question asked in one arm only.

    Parameters
    ----------
    participants : DataFrame
        Wide, with ``{variable}_{wave}`` (or the variable itself) and ``has_{wave}``.
    variables : sequence of str
        Questions.
    arm, reference : str
        Variable of the arms, and the code that the others are compared with.
    wave : str
    levels : sequence of str
        Variables of the clusters, the largest first.

    Returns
    -------
    DataFrame
        variable, code, group and reference (codes of the arms), estimate (group less reference, a proportion), se,
        df, df_method, ci_low, ci_high, cluster (``trust``: the largest; ``team``: the smallest; ``person``), n_clusters
        (with answers), why (no interval: ``one arm``, ``no variation``, ``few clusters``, ``few degrees
        of freedom``; else missing).

    Notes
    -----
    CR2 by trust kept its size (2.9 to 5.9% at nominal 5%) where the arm varied within trusts, between them, or both,
    in a simulation of studies of this shape; methods by team need the arm to vary within trusts.
    """
    people = participants[participants[f"has_{wave}"].astype(bool)].reset_index(drop=True)
    cluster = _level(people, arm, levels)
    by = {"trust": levels[:1], "team": levels, "person": ()}[cluster]
    # people of no cluster are in no group
    placed = people[[*by]].notna().all(axis=1).tolist()
    texts = [map(str, people[name].tolist()) for name in by]
    place: list[tuple[Any, ...]] = list(zip(*texts, strict=True)) if by else [(row,) for row in range(len(people))]
    groups = [code if there else None for code, there in zip(codes_in(people[arm]), placed, strict=True)]
    others = sorted({code for code in groups if code is not None} - {reference})
    rows = []
    for name in variables:
        column = next((c for c in (f"{name}_{wave}", name) if c in people), None)
        if column is None:
            continue
        answers = codes_in(people[column])
        counts: Counter[tuple[Any, ...]] = Counter()
        for where, group, answer in zip(place, groups, answers, strict=True):
            if answer is not None:
                counts.update([(where, group), (where, group, answer)])
        for other in others:
            pair = (reference, other)
            places = sorted({key[0] for key in counts if key[1] in pair})
            sizes = np.array([[counts[p, group] for group in pair] for p in places]).reshape(-1, 2)
            for code in codes_of(people[column]):
                events = np.array([[counts[p, group, code] for group in pair] for p in places]).reshape(-1, 2)
                rows.append(
                    {
                        "variable": name,
                        "code": code,
                        "group": other,
                        "reference": reference,
                        "df_method": DF_METHOD,
                        "cluster": cluster,
                        "n_clusters": len(places),
                        **_difference(sizes, events),
                    }
                )
    return pd.DataFrame(rows, columns=list(ROBUST_COLUMNS))


def cr2_of_two_groups(sizes: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """CR2 standard error and Satterthwaite df of a difference of two proportions.

    Parameters
    ----------
    sizes : array, shape (clusters, 2)
        People of each cluster in the first and the second group.
    events : array, shape (..., clusters, 2)
        Those of them with the event; leading axes hold other tables with the same sizes.

    Returns
    -------
    estimate, se : array, shape (...)
        Second group less first.
    df : float
        Depends on the sizes alone.

    Notes
    -----
    Least squares on two indicators with working covariance sigma^2 I (Pustejovsky & Tipton 2018, J Bus Econ Stat
    36:672, equations 4 and 11). The columns are orthogonal and constant within cluster and group, so that the
    adjustment (I - H_jj)^(-1/2) multiplies the residual total S_jg of cluster j and group g by
    f_jg = (1 - n_jg / N_g)^(-1/2), or by 0 where the cluster has the whole group:
    Var = sum_j (f_j1 S_j1 / N_1 - f_j0 S_j0 / N_0)^2. With d_j = sum_g f_jg^2 n_jg / N_g^2 and
    v_jg = f_jg n_jg / N_g, the covariance of the terms under the working model is
    P = diag(d) - sum_g v_g v_g' / N_g and df = (tr P)^2 / sum(P^2).
    """
    n = np.asarray(sizes, dtype=float)
    y = np.asarray(events, dtype=float)
    total = n.sum(axis=0)
    share = y.sum(axis=-2) / total
    left = 1.0 - n / total
    factor = np.where(left > 1e-10, 1.0 / np.sqrt(np.maximum(left, 1e-10)), 0.0)
    residual = factor * (y - n * share[..., None, :]) / total
    se = np.sqrt(((residual[..., 1] - residual[..., 0]) ** 2).sum(axis=-1))
    own = (factor**2 * n / total**2).sum(axis=1)
    across = factor * n / total
    pairs = np.diag(own) - (across / total) @ across.T
    df = float(np.trace(pairs) ** 2 / (pairs**2).sum())
    return share[..., 1] - share[..., 0], se, df


def _level(people: pd.DataFrame, arm: str, levels: Sequence[str]) -> str:
    if not levels:
        return "person"
    within = people.groupby(levels[0], observed=True)[arm].nunique()
    varies = bool((within > 1).any())
    return "team" if len(levels) > 1 and varies and len(within) < FEWEST_TRUSTS else "trust"


def _difference(sizes: np.ndarray, events: np.ndarray) -> dict[str, object]:
    none = dict.fromkeys(("estimate", "se", "df", "ci_low", "ci_high"), math.nan)
    if not len(sizes) or (sizes.sum(axis=0) == 0).any():
        return none | {"why": ONE_ARM}
    shares = events.sum(axis=0) / sizes.sum(axis=0)
    bare = none | {"estimate": float(shares[1] - shares[0])}
    if ((sizes > 0).sum(axis=0) < 2).any():
        return bare | {"why": FEW_CLUSTERS}
    if np.isin(shares, (0.0, 1.0)).any():
        return bare | {"why": NO_VARIATION}
    _, se, df = cr2_of_two_groups(sizes, events)
    if not se > 1e-12:
        return bare | {"why": NO_VARIATION}
    if df < FEWEST_DF:
        return bare | {"why": FEW_DF}
    reach = float(stdtrit(df, (1 + LEVEL) / 2)) * float(se)
    return {
        "estimate": bare["estimate"],
        "se": float(se),
        "df": df,
        "ci_low": bare["estimate"] - reach,
        "ci_high": bare["estimate"] + reach,
        "why": None,
    }
