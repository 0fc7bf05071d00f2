"""Digests of the columns of the data that an analysis can read."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitting.result_to_leave import columns_read
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData


class DataDigests:
    """Digests of a data set's columns; each is read once.

    Parameters
    ----------
    data : AnalysisData
    """

    def __init__(self, data: AnalysisData) -> None:
        self._frames = {"participants": data.participants, "interviews": data.interviews}
        self._known: dict[tuple[str, str], str] = {}

    def of(self, spec: AnalysisSpec) -> str:
        """One digest of the columns, their order, types and rows."""
        digest = hashlib.sha256()
        for place, frame in self._frames.items():
            digest.update(f"{place} {len(frame)}\n".encode())
            for name in columns_read(spec, frame):
                if (place, name) not in self._known:
                    self._known[place, name] = _digest(frame[name])
                digest.update(f"{name} {self._known[place, name]}\n".encode())
        return digest.hexdigest()


def _digest(column: pd.Series) -> str:
    kind, values = str(column.dtype), column.array
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "bif":
        return hashlib.sha256(kind.encode() + b"\n" + column.to_numpy().tobytes()).hexdigest()
    if isinstance(values, pd.Categorical):
        kind = json.dumps(["category", bool(values.ordered), values.categories.tolist()], default=repr)
        values = values.codes
    # texts of values are exact: what differs in a bit differs here
    texts = [repr(value) for value in values.tolist()]
    return hashlib.sha256("\n".join([kind, *texts]).encode("utf-8", "backslashreplace")).hexdigest()
