"""Whether one coefficient describes ordered categories: proportional odds against partial proportional odds.

For one term after the other the model is fitted again with a coefficient of the term at every threshold,
P(Y <= j) = expit(threshold_j + z'd_j - eta) with d_1 = 0, random effects and other terms as they are. Twice the gain of
log-likelihood is compared with the chi-squared distribution with (J - 2) q degrees of freedom for J categories and q
columns.

Peterson & Harrell (1990), Journal of the Royal Statistical Society C 39:205; without random effects it is nominal_test
of the R package ordinal. With few clusters chi-squared is too narrow for terms that vary between them, and there is
little power for the others: it describes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc  # not scipy.stats, which takes most of a second to load

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.design import term_label
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.lmm.generalised.maximum import maximum_of
from cpis_analysis.lmm.generalised.ordered import Ordinal
from cpis_analysis.lmm.generalised.outcome import Observed

Array = NDArray[np.float64]


class _PartialOrdinal(Ordinal):
    """Ordered categories with coefficients of some columns (n, q) at every threshold but the first."""

    def __init__(self, columns: Array) -> None:
        self.columns = columns

    def start(self, data: Observed) -> Array:
        return np.concatenate([super().start(data), np.zeros((data.levels - 2) * self.columns.shape[1])])

    def _thresholds(self, psi: Array) -> Array:
        """psi without the coefficients of the columns: (J - 1) + (J - 2) q elements make J."""
        q = self.columns.shape[1]
        return psi[: (len(psi) + q) // (1 + q) if q else len(psi)]

    def limits(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array]:
        own = self._thresholds(psi)
        shifts = np.vstack([np.zeros(self.columns.shape[1]), psi[len(own) :].reshape(len(own) - 1, -1)])
        Z = self._rows(len(eta))
        edges = np.column_stack([
            np.full(len(eta), -np.inf), Ordinal.natural(self, own) + Z @ shifts.T, np.full(len(eta), np.inf)
        ])  # fmt: skip
        place, rows = data.y.astype(int), np.arange(len(eta))
        return edges[rows, place + 1] - eta, edges[rows, place] - eta

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        own = self._thresholds(psi)
        step, Z = Ordinal.jacobian(self, own), self._rows(len(eta))
        found = []
        for one in self.in_thresholds(data, eta, psi):
            shifted = (one[:, 1:, None] * Z[:, None, :]).reshape(len(eta), -1)
            found.append(np.hstack([one @ step, shifted]))
        log, first, second = found
        return log, first, second

    def _rows(self, n: int) -> Array:
        """Columns of the rows; quadrature asks for every row at several points in a row."""
        return np.repeat(self.columns, n // len(self.columns), axis=0)


def proportional_odds(fit: GeneralisedMixedFit) -> pd.DataFrame:
    """Compare proportional odds with coefficients that differ between thresholds, for one term after the other.

    Parameters
    ----------
    fit : GeneralisedMixedFit
        Of ordered categories, three or more.

    Returns
    -------
    DataFrame
        One row a term: ``statistic``, ``df``, ``p_value`` and ``log_likelihood`` of the larger model; NaN where it has
        no maximum.

    Raises
    ------
    ModelError
        For other families, or two categories.
    """
    if len(fit.labels) < 3:
        problem = Problem(
            "proportional odds are of three or more ordered categories",
            hint="ask for them of an outcome with three or more categories",
        )
        raise ModelError("The odds cannot be compared.", problem)
    design = fit.design
    lines = {}
    for number, term in enumerate(design.formula.fixed_terms):
        of_term = [
            place
            for place, name in enumerate(fit.terms)
            if design.coding.term_of_column[design.term_names.index(name)] == number
        ]
        if not term or not of_term:
            continue
        model = replace(fit.model, family=_PartialOrdinal(fit.model.X[:, of_term]))
        df = (len(fit.labels) - 2) * len(of_term)
        try:
            value = maximum_of(model, fit.quadrature).value
        except ModelError:
            value = np.nan
        statistic = max(2.0 * (value - fit.maximum.value), 0.0) if np.isfinite(value) else np.nan
        lines[term_label(term)] = {
            "statistic": statistic, "df": df, "p_value": float(chdtrc(df, statistic)), "log_likelihood": value,
        }  # fmt: skip
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("term")
