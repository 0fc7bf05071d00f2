"""Wild cluster bootstrap of one coefficient of least squares: null hypothesis imposed, jackknife standard errors.

With the coefficient held at d, the residuals of a cluster are multiplied by one random weight; the statistic of the new
responses is their estimate less d over the CV3 standard error (WCR13 of MacKinnon, Nielsen & Webb 2023, J Appl
Econometrics 38:671; Cameron, Gelbach & Miller 2008, Rev Econ Stat 90:414). All of it is linear in the residuals summed
over clusters, so a resample costs a product of small matrices and none is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.clusters import cluster_codes
from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.jackknife import cluster_jackknife
from cpis_analysis.lmm.resampling.inversion import Resampled


def wild_bootstrap(
    fit: LinearMixedFit,
    term: str,
    cluster: str | Sequence[object] | np.ndarray | pd.Series,
    weights: np.ndarray,
    *,
    data: pd.DataFrame | None = None,
) -> Resampled:
    """The statistics of all resamples.

    Parameters
    ----------
    fit : LinearMixedFit
        Of `ols`, without weights.
    term : str
        Name of the coefficient.
    cluster, data
        As for `cluster_robust`.
    weights : (n, J) float
        Of the clusters, see `allocations.cluster_weights`.

    Raises
    ------
    ModelError
        If one cluster alone tells the coefficient, if leaving clusters out does not change it, and for what
        `cluster_jackknife` refuses.
    """
    jackknife = cluster_jackknife(fit, cluster, "CV3", data=data)
    codes, name = cluster_codes(fit.design, cluster, data)
    if any(term in lost for lost in jackknife.lost):
        problem = Problem(
            f"one cluster of {name} alone tells {term} from the other terms, so none can be left out",
            hint="use estimator: ols_cr2, or a level with more clusters",
        )
        raise ModelError("The wild bootstrap can't be computed.", problem)
    row = contrast_row({term: 1.0}, fit.design, fit.basis)
    X = fit.design.X[:, list(fit.basis.kept)]
    place = list(fit.term_names).index(term)
    own, others = X[:, place], np.delete(X, place, axis=1)
    # what the other columns leave of the response and of the coefficient's column
    length = np.sqrt((others**2).sum(axis=0))
    Q = np.linalg.qr(others / length)[0]
    left = np.column_stack([fit.design.y, own])
    left = left - Q @ (Q.T @ left)
    left = left - Q @ (Q.T @ left)
    member = np.eye(jackknife.n_clusters)[:, codes]
    arm = left[:, 1]
    influence = jackknife.influence(row)
    effects, changes = [], []
    for part in left.T:
        effects.append(weights @ (member @ (arm * part)) / (arm @ arm))
        changes.append(weights @ ((influence * part) @ member.T).T)
    y, a = changes
    scale = (jackknife.n_clusters - 1) / jackknife.n_clusters
    below = scale * np.column_stack([(y * y).sum(axis=1), (y * a).sum(axis=1), (a * a).sum(axis=1)])
    se = float(jackknife.contrast({term: 1.0})["std_error"].iloc[0])
    return Resampled(
        float(fit.beta[place]), se, np.column_stack(effects), below, extreme=np.zeros(len(weights), dtype=bool)
    )
