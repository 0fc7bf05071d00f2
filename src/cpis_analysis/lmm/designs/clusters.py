"""Which cluster each row of a fit belongs to, from whatever a caller gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.coded_columns import read_column
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.grouping import encode_groups


def cluster_codes(
    design: Design, cluster: str | Sequence[object] | np.ndarray | pd.Series, data: pd.DataFrame | None
) -> tuple[np.ndarray, str]:
    """Cluster of each fitted row (n,), counted from zero, and what the clusters are called.

    Raises
    ------
    ModelError
        For unknown names, missing labels or a wrong number of labels.
    """
    if not isinstance(cluster, str):
        return _from_labels(design, cluster), str(getattr(cluster, "name", None) or "cluster")
    return (_from_model(design, cluster) if data is None else _from_data(design, cluster, data)), cluster


def rows_by_cluster(codes: np.ndarray) -> list[np.ndarray]:
    """Places of the rows of each cluster, in their order, from codes (n,) counted from zero."""
    return np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])


def _unknown(problem: Problem) -> ModelError:
    return ModelError("The clusters are not known.", problem)


def _from_data(design: Design, cluster: str, data: pd.DataFrame) -> np.ndarray:
    columns = []
    for name in cluster.split(":"):
        if name not in data:
            raise _unknown(Problem("no such column", variable=name, hint="name a column of the frame"))
        columns.append(read_column(data, name))
    if len(columns[0].missing) != design.n_frame:
        raise _unknown(Problem("data is not the frame of the fit", hint="give the frame that was fitted"))
    used = slice(None) if design.rows is None else design.rows
    if any(column.missing[used].any() for column in columns):
        raise _unknown(
            Problem(
                "missing labels",
                variable=cluster,
                hint="give every row a label, or leave rows without one out of the fit",
            )
        )
    return encode_groups(columns, design.rows).codes


def _from_model(design: Design, cluster: str) -> np.ndarray:
    for part in design.random:
        if cluster == part.group:
            return part.codes
    for operand, values in design.values.items():
        if operand.variable == cluster:
            return np.unique(values, return_inverse=True)[1]
    known = sorted({part.group for part in design.random} | {operand.variable for operand in design.values})
    raise _unknown(
        Problem("neither a grouping factor nor a column of the formula", variable=cluster,
                allowed=", ".join(known), hint="give data= or one label a row")
    )  # fmt: skip


def _from_labels(design: Design, cluster: Sequence[object] | np.ndarray | pd.Series) -> np.ndarray:
    labels = pd.Series(np.asarray(cluster, dtype=object) if not isinstance(cluster, pd.Series) else cluster.to_numpy())
    if len(labels) == design.n_frame and design.rows is not None:
        labels = labels.iloc[design.rows]
    if len(labels) != design.n:
        raise _unknown(Problem("one label a row is needed", value=str(len(labels)), allowed=str(design.n)))
    codes, _ = pd.factorize(labels)
    if (codes < 0).any():
        raise _unknown(
            Problem(
                "missing labels",
                count=int((codes < 0).sum()),
                hint="give every row a label, or leave rows without one out of the fit",
            )
        )
    return np.asarray(codes)
