"""What inferences share that take the clusters of a fit in the place of its rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.clusters import cluster_codes
from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.fit import LinearMixedFit


class ClusterInference(ShortRepr, ABC):
    """Inference on the coefficients of a fit, of which a kind says how it comes by errors and degrees of freedom."""

    fit: LinearMixedFit

    def contrast(
        self,
        weights: Mapping[str, float] | pd.Series | Sequence[float] | np.ndarray,
        *,
        level: float = 0.95,
        label: str = "contrast",
    ) -> pd.DataFrame:
        """One linear contrast, as one row with the columns of `summary`."""
        row = contrast_row(weights, self.fit.design, self.fit.basis, label)
        return self._inference(row[None], [label], level, "contrast")

    @abstractmethod
    def _inference(self, rows: np.ndarray, labels: Sequence[str], level: float, index: str) -> pd.DataFrame:
        """Rows of weights on the kept coefficients (q, p), tested."""

    def _of_coefficients(self, covariance: np.ndarray) -> pd.DataFrame:
        """A covariance matrix (p, p) with the coefficients' names."""
        names = pd.Index(self.fit.term_names, dtype=object)
        return pd.DataFrame(covariance, index=names, columns=names)


def several_clusters(
    fit: LinearMixedFit,
    cluster: str | Sequence[object] | np.ndarray | pd.Series,
    data: pd.DataFrame | None,
    refused: str,
) -> tuple[np.ndarray, str, int]:
    """Cluster of each fitted row (n,), what the clusters are called, and how many there are.

    Raises
    ------
    ModelError
        As `cluster_codes`; headed by `refused` where there is one cluster only.
    """
    codes, name = cluster_codes(fit.design, cluster, data)
    count = int(codes.max()) + 1
    if count < 2:
        raise ModelError(
            refused, Problem("there is one cluster only", variable=name, hint="name a level with several clusters")
        )
    return codes, name, count
