"""Characteristics of people and of clusters by group, unrounded: what a baseline table is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.plan.naming import natural_order
from cpis_analysis.study.balance import smd_categorical, smd_continuous
from cpis_analysis.study.coding import ALL, code_of, codes_of, is_number
from cpis_analysis.study.outcome_summaries import moments

_CHARACTERISTICS = (
    "variable",
    "kind",
    "code",
    "group",
    "n_group",
    "n",
    "n_missing",
    "mean",
    "sd",
    "median",
    "q1",
    "q3",
    "low",
    "high",
    "count",
    "smd",
)


def characteristics(
    frame: pd.DataFrame, variables: Sequence[str], by: str, groups: Sequence[str] | None = None
) -> pd.DataFrame:
    """Describe variables by group, and how far each group is from the first.

    Parameters
    ----------
    frame : DataFrame
        One row a unit (person or team).
    variables : sequence of str
        Numbers give mean, SD, quartiles; everything else gives a count for each code, codes that do not occur
        included where the dtype knows them. Variables that the frame lacks are left out.
    by : str
        Variable of the groups.
    groups : sequence of str, optional
        Codes in order, the reference first; default: those that occur, sorted.

    Returns
    -------
    DataFrame
        variable, kind (``number`` or ``category``), code (missing for numbers), group (a code, or ``(all)``),
        n_group (units), n (with a value), n_missing, mean, sd, median, q1, q3, low, high, count, smd (of the
        group against the first: signed for numbers, distance for categories; missing for the first and for all).
    """
    labels = frame[by].astype(object).map(code_of, na_action="ignore")
    groups = [code_of(code) for code in groups] if groups else sorted(labels.dropna().unique(), key=natural_order)
    parts = {code: frame[labels == code] for code in groups} | {ALL: frame[labels.isin(groups)]}
    rows: list[dict[str, Any]] = []
    for name in variables:
        if name not in frame:
            continue
        describe = _number_rows if is_number(frame[name]) else _category_rows
        rows += describe(name, frame[name], parts, groups[0])
    return pd.DataFrame(rows, columns=list(_CHARACTERISTICS))


def retention(
    participants: pd.DataFrame, variables: Sequence[str], baseline: str | None, followup: str
) -> pd.DataFrame:
    """Compare those followed up with those lost, among the people interviewed at baseline.

    Parameters
    ----------
    participants : DataFrame
        Wide, with ``has_{wave}``.
    variables : sequence of str
    baseline : str or None
        The wave; None for a study in which nobody was seen before, so that nothing is known of those lost.
    followup : str

    Returns
    -------
    DataFrame
        As `characteristics`, with the groups ``followed`` and ``lost``; empty if nobody was lost, or without baseline.
    """
    if baseline is None:
        return pd.DataFrame(columns=list(_CHARACTERISTICS))
    first, last = f"has_{baseline}", f"has_{followup}"
    interviewed = participants[participants[first].astype(bool)]
    status = interviewed[last].astype(bool).map({True: "followed", False: "lost"})
    if (status == "followed").all() or interviewed.empty:
        return pd.DataFrame(columns=list(_CHARACTERISTICS))
    return characteristics(interviewed.assign(**{"(status)": status}), variables, "(status)", ["followed", "lost"])


def cluster_characteristics(
    clusters: pd.DataFrame, people: Sequence[str], variables: Sequence[str], arms: Sequence[str]
) -> pd.DataFrame:
    """Clusters by arm, and all of them: a cluster with people of both arms counts once among all.

    ``people`` are the columns that count people, ``variables`` those that describe clusters.
    """
    by_arm = characteristics(clusters, [*people, *variables], "arm", arms)
    place = ["trust", "team"] if clusters["team"].notna().any() else ["trust"]
    if not clusters.duplicated(place).any():
        return by_arm
    rest = {name: "first" for name in variables if name in clusters}
    merged = clusters.groupby(place, sort=True).agg({**dict.fromkeys(people, "sum"), **rest}).reset_index()
    overall = characteristics(merged.assign(arm=ALL), [*people, *variables], "arm", [ALL])
    return pd.concat([by_arm[by_arm["group"] != ALL], overall.drop_duplicates(["variable", "code"])], ignore_index=True)


def _number_rows(
    name: str, column: pd.Series, parts: Mapping[str, pd.DataFrame], reference: str
) -> list[dict[str, Any]]:
    rows = []
    for code, part in parts.items():
        values = pd.to_numeric(part[name]).astype(float)
        known = values.dropna()
        smd = math.nan if code in (reference, ALL) else smd_continuous(known, parts[reference][name].astype(float))
        rows.append(
            {
                "variable": name,
                "kind": "number",
                "code": None,
                "group": code,
                "n_group": len(part),
                "n_missing": len(part) - len(known),
                **moments(known),
                "low": known.min(),
                "high": known.max(),
                "smd": smd,
            }
        )
    return rows


def _category_rows(
    name: str, column: pd.Series, parts: Mapping[str, pd.DataFrame], reference: str
) -> list[dict[str, Any]]:
    codes = codes_of(column)
    counts = {
        code: part[name].astype(object).map(code_of, na_action="ignore").value_counts().reindex(codes, fill_value=0)
        for code, part in parts.items()
    }
    rows = []
    for level in codes:
        for code, part in parts.items():
            known = int(counts[code].sum())
            smd = math.nan if code in (reference, ALL) else smd_categorical(counts[code], counts[reference])
            rows.append(
                {
                    "variable": name,
                    "kind": "category",
                    "code": level,
                    "group": code,
                    "n_group": len(part),
                    "n": known,
                    "n_missing": len(part) - known,
                    "count": int(counts[code][level]),
                    "smd": smd,
                }
            )
    return rows
