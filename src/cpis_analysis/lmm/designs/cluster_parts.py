"""Means of clusters, and what varies about them, as columns of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.model_terms import ClusterPart
from cpis_analysis.lmm.designs.display import ShortRepr


@dataclass(frozen=True, repr=False)
class ClusterMeans(ShortRepr):
    """Clusters of rows, and values of others that belong to them.

    Attributes
    ----------
    codes : (n,) int
        Cluster of each row; -1 where it is not known.
    beside_sum, beside_count : (clusters,) float
        Of those who are no row and count in the means.
    """

    codes: np.ndarray
    beside_sum: np.ndarray
    beside_count: np.ndarray

    @classmethod
    def of(
        cls, frame: pd.DataFrame, keys: Sequence[str], outside: pd.DataFrame | None = None, variable: str = ""
    ) -> ClusterMeans:
        """Clusters of a frame; `outside` has values of `variable` that count beside it."""
        places = [frame[list(keys)]] + ([] if outside is None else [outside[list(keys)]])
        together = pd.concat([part.astype(object) for part in places], ignore_index=True)
        known = together.notna().all(axis=1).to_numpy()
        codes = np.full(len(together), -1, dtype=np.intp)
        labels = list(together[known].itertuples(index=False, name=None))
        number = {label: at for at, label in enumerate(dict.fromkeys(labels))}
        codes[known] = [number[label] for label in labels]
        sums, counts = np.zeros(len(number)), np.zeros(len(number))
        if outside is not None:
            values, theirs = cluster_numbers(outside[variable]), codes[len(frame) :]
            counted = np.isfinite(values) & (theirs >= 0)
            np.add.at(sums, theirs[counted], values[counted])
            np.add.at(counts, theirs[counted], 1.0)
        return cls(codes[: len(frame)], sums, counts)

    def column(self, kind: str, numbers: np.ndarray) -> np.ndarray:
        """The part of rows (..., n) of numbers, NaN where one is missing; a mean is that of the known numbers."""
        member = np.zeros((len(self.codes), len(self.beside_sum)))
        inside = self.codes >= 0
        member[inside, self.codes[inside]] = 1.0
        known = np.isfinite(numbers)
        counts = known @ member + self.beside_count
        with np.errstate(invalid="ignore", divide="ignore"):
            means = (np.where(known, numbers, 0.0) @ member + self.beside_sum) / counts
        own = np.where(inside, means[..., self.codes], np.nan)
        return own if kind == "mean" else numbers - own


def cluster_numbers(column: pd.Series) -> np.ndarray:
    """Numbers of which clusters have means: those of a column of numbers, and 1 for yes and 0 for no.

    Raises
    ------
    ModelError
        For a column of anything else.
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    codes = set(column.dropna().unique())
    if codes <= {"no", "yes"}:
        return np.asarray(column.astype(object).map({"no": 0.0, "yes": 1.0}).to_numpy(dtype=float))
    raise ModelError(
        "A mean of clusters can't be made.",
        Problem(
            "only numbers, and yes and no, have a mean",
            variable=str(column.name),
            hint="take the variable itself, without mean() or within()",
        ),
    )


def with_cluster_parts(
    frame: pd.DataFrame | Mapping[str, Any],
    parts: Iterable[ClusterPart],
    *,
    keys: Mapping[str, Sequence[str]] | None = None,
    outside: pd.DataFrame | None = None,
) -> pd.DataFrame | Mapping[str, Any]:
    """Add the columns that are not there yet.

    Parameters
    ----------
    frame : DataFrame or mapping of columns
        A mean is that of the rows with a known value, whatever else they lack; each row counts once.
    parts : iterable of ClusterPart
    keys : mapping, optional
        By what a formula calls clusters, the columns that tell them apart, where these are more.
    outside : DataFrame, optional
        Rows that count in the means and are no rows of the frame.

    Raises
    ------
    ModelError
        Unknown columns, or one that has no mean.
    """
    wanted = [part for part in parts if str(part) not in frame]
    if not wanted:
        return frame
    data = frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(dict(frame))
    known = [str(name) for name in data]
    problems = [
        Problem("no such column", variable=name, hint=did_you_mean(name, known) or "name a column of the frame")
        for name in dict.fromkeys(name for part in wanted for name in (part.variable, *part.groups))
        if name not in data
    ]
    if problems:
        raise ModelError("A mean of clusters can't be made.", problems)
    added = {}
    for part in wanted:
        by = list(dict.fromkeys(key for name in part.groups for key in (keys or {}).get(name, (name,))))
        means = ClusterMeans.of(data, by, outside, part.variable)
        added[str(part)] = means.column(part.kind, cluster_numbers(data[part.variable]))
    return data.assign(**added)
