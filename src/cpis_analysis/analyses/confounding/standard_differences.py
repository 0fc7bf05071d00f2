"""How far apart the arms are in what they were made alike in, before and after weighting: people and clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpis_analysis.disclosure.cell_search import is_small
from cpis_analysis.study.balance import smd_continuous

Array = NDArray[np.float64]

_ROUNDING = 1e-8
_FEW = 2
"""A number with so many values or fewer is counted as a category."""


def standard_differences(
    frame: pd.DataFrame,
    variables: Sequence[str],
    compared: NDArray[np.bool_],
    clusters: pd.Series | None,
    weights: Array,
    minimum: int,
    arm_of: pd.Series | None = None,
    everybody: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """Standardised differences of means, compared arm less reference, before and after weighting.

    Of people: the difference of the (weighted) means. Of clusters: that of the clusters' own (weighted) means, each
    cluster counting once, since people can be made alike while their clusters are not. Both are divided by the same
    number before and after: the square root of the mean of the two arms' variances without weights, of people or of
    clusters' means.

    Parameters
    ----------
    frame : DataFrame
        People analysed.
    variables : sequence of str
    compared : (n,) bool
    clusters : Series or None
        Cluster of each person at the level at which the arm was given; None where people were given it.
    weights : (n,) float
    minimum : int
        Where a category, or its complement, has fewer people than this in an arm (and more than none), the variable's
        differences are left out; likewise numbers that fewer people have.
    arm_of, everybody : Series and DataFrame, optional
        All people of the study, among whom a category must not be small in an arm either: tables of them withhold it.

    Returns
    -------
    list of dict
        variable; code (empty for numbers); people_before, people_after, clusters_before, clusters_after (None where
        left out, where there are no clusters, or where nothing varies within the arms); hidden.
    """
    found = []
    for name in variables:
        columns = _columns(frame[name])
        hidden = (
            any(_few(column, compared, minimum) for code, column in columns if code)
            or min(int(compared.sum()), int((~compared).sum())) < minimum
            or (everybody is not None and arm_of is not None and _few_codes(everybody[name], arm_of, minimum))
        )
        for code, column in columns:
            row: dict[str, Any] = {"variable": name, "code": code, "hidden": hidden}
            row |= dict.fromkeys(("people_before", "people_after", "clusters_before", "clusters_after"))
            if not hidden:
                row |= _of_people(column, compared, weights)
                if clusters is not None:
                    row |= _of_clusters(column, compared, clusters, weights)
            found.append(row)
    return found


def _columns(values: pd.Series) -> list[tuple[str, Array]]:
    """A number as it is; of categories an indicator of each, of two the last."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        if values.nunique() > _FEW:
            return [("", values.to_numpy(dtype=float))]
        codes = sorted(values.unique())
        return [(f"{code:g}", (values == code).to_numpy(dtype=float)) for code in codes[-1:]]
    codes = (
        list(values.cat.remove_unused_categories().cat.categories)
        if isinstance(values.dtype, pd.CategoricalDtype)
        else sorted(values.unique())
    )
    if len(codes) == _FEW:
        codes = ["yes"] if "yes" in codes else codes[-1:]
    return [(str(code), (values == code).to_numpy(dtype=float)) for code in codes]


def _few(column: Array, compared: NDArray[np.bool_], minimum: int) -> bool:
    counts = [float(part) for own in (compared, ~compared) for part in (column[own].sum(), (1 - column[own]).sum())]
    return any(is_small(n, minimum) for n in counts)


def _few_codes(values: pd.Series, arm: pd.Series, minimum: int) -> bool:
    """Whether an arm has few people of a category, or few of all others."""
    known = values.notna() & arm.notna()
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values) and values.nunique() > _FEW:
        return False
    counts = pd.crosstab(values[known].astype(str), arm[known].astype(str))
    rest = counts.sum() - counts
    return any(is_small(n, minimum) for table in (counts, rest) for n in table.to_numpy().ravel())


def _of_people(column: Array, compared: NDArray[np.bool_], weights: Array) -> dict[str, Any]:
    one, other = column[compared], column[~compared]
    before = smd_continuous(one.tolist(), other.tolist())
    gap = np.average(one, weights=weights[compared]) - np.average(other, weights=weights[~compared])
    return {"people_before": _finite(before), "people_after": _finite(_over(gap, one, other))}


def _of_clusters(column: Array, compared: NDArray[np.bool_], clusters: pd.Series, weights: Array) -> dict[str, Any]:
    codes = pd.factorize(clusters)[0]
    counts, total = np.bincount(codes), np.bincount(codes, weights=weights)
    plain = np.bincount(codes, weights=column) / counts
    weighted = np.bincount(codes, weights=weights * column) / total
    # a few people recorded in the other arm do not move their cluster
    arm = np.bincount(codes, weights=compared.astype(float)) / counts > 0.5
    one, other = plain[arm], plain[~arm]
    gap = weighted[arm].mean() - weighted[~arm].mean() if len(one) and len(other) else math.nan
    return {
        "clusters_before": _finite(smd_continuous(one.tolist(), other.tolist())),
        "clusters_after": _finite(_over(gap, one, other)),
    }


def _over(gap: float, one: Array, other: Array) -> float:
    """A difference over the square root of the mean of two variances; NaN where nothing varies."""
    if len(one) < 2 or len(other) < 2:
        return math.nan
    spread = math.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2)
    return gap / spread if spread > 1e-12 * max(abs(one).max(), abs(other).max(), 1e-300) else math.nan


def _finite(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    # what rounding leaves of means that were made equal
    return 0.0 if abs(value) < _ROUNDING else float(value)
