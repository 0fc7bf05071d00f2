"""Who is in which cluster and arm, and means of these, for estimators that compare clusters.

Counted without pandas, which takes twenty times as long for a few hundred people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cpis_analysis.plan.specification import AnalysisSpec


@dataclass(frozen=True)
class Cells:
    """Cluster and arm of everybody, by their codes as text.

    Attributes
    ----------
    places : list of tuple of str
        Cluster of each row, the largest level first.
    arms : list of str
    """

    places: list[tuple[str, ...]]
    arms: list[str]

    @cached_property
    def units(self) -> list[tuple[tuple[str, ...], str]]:
        """Clusters with each of their arms, sorted."""
        return sorted(set(zip(self.places, self.arms, strict=True)))

    @cached_property
    def codes(self) -> np.ndarray:
        """Place of each row's cluster and arm among `units` (n,)."""
        place = {unit: code for code, unit in enumerate(self.units)}
        return np.array([place[unit] for unit in zip(self.places, self.arms, strict=True)], dtype=np.intp)

    def people(self, arms: Iterable[str]) -> np.ndarray:
        """Rows of each arm."""
        counts = Counter(self.arms)
        return np.array([counts[arm] for arm in arms])

    def means(self, values: np.ndarray) -> np.ndarray:
        """Means of columns (n, k) by `units`."""
        return group_means(values, self.codes)


def cells_of(spec: AnalysisSpec, frame: pd.DataFrame) -> Cells:
    """Cluster by which the estimator works, and arm, of each row."""
    places = zip(*(_texts(frame[key]) for key in spec.cluster_keys), strict=True)
    return Cells(list(places), _texts(frame[spec.arm]))


def group_means(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Means of columns (n, k) by the codes of rows (n,), in the order of the codes; sums are compensated."""
    found: np.ndarray = pd.DataFrame(values).groupby(codes, sort=True).mean().to_numpy()
    return found


def _texts(column: pd.Series) -> list[str]:
    return [str(value) for value in column.tolist()]
