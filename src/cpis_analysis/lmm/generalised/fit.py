"""A fitted generalised linear mixed model and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri  # not scipy.stats, which takes most of a second to load

from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.generalised.laplace import Model
from cpis_analysis.lmm.generalised.search import Maximum

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class GeneralisedMixedFit:
    """Result of `glmer`.

    Attributes
    ----------
    design : Design
    model : Model
    maximum : Maximum
    terms : tuple of str
        Names of the coefficients.
    dropped_columns : tuple of str
        Columns left out because they repeat others.
    labels : tuple of str
        Categories of an ordered outcome, in order; empty for others.
    quadrature : int
        Points a random effect; 1 is the Laplace approximation.
    separation : str
        What separates the outcome, where the fit was penalised for it; else empty.
    """

    design: Design
    model: Model
    maximum: Maximum
    terms: tuple[str, ...]
    dropped_columns: tuple[str, ...]
    labels: tuple[str, ...]
    quadrature: int
    separation: str = ""

    converged = True
    """A search that did not reach the maximum gives no fit but a `ModelError`."""

    def __repr__(self) -> str:
        singular = ", singular" if self.is_singular else ""
        return (
            f"GeneralisedMixedFit({self.formula!r}, family={self.model.family.name!r}, rows={self.n_obs}, "
            f"log_likelihood={self.log_likelihood:.4f}{singular})"
        )

    @property
    def messages(self) -> tuple[str, ...]:
        """What there is to know about the fit, in plain words."""
        if not self.separation:
            return ()
        return (f"{self.separation}; estimates and errors are those of a penalised likelihood (Firth)",)

    @property
    def formula(self) -> str:
        """Canonical formula."""
        return str(self.design.formula)

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return self.design.n

    @property
    def n_groups(self) -> dict[str, int]:
        """Groups of each grouping factor."""
        return {part.group: part.n_groups for part in self.design.random}

    @cached_property
    def log_likelihood(self) -> float:
        """Approximate log-likelihood at the maximum, with all constants."""
        return self.maximum.value + self.model.family.constant(self.model.data)

    @property
    def n_parameters(self) -> int:
        """Coefficients, covariance parameters, and the family's own."""
        return len(self.maximum.x)

    @property
    def aic(self) -> float:
        """Akaike's criterion of the approximate likelihood."""
        return 2.0 * self.n_parameters - 2.0 * self.log_likelihood

    @cached_property
    def coefficients(self) -> pd.Series:
        """Coefficients on the scale of the link, by term."""
        return pd.Series(self.maximum.x[: len(self.terms)], index=list(self.terms), name="estimate")

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the coefficients, from the Hessian of all parameters together."""
        p = len(self.terms)
        names = list(self.terms)
        return pd.DataFrame(self.maximum.covariance[:p, :p], index=names, columns=names)

    @cached_property
    def own_parameters(self) -> pd.Series:
        """The family's own parameters: thresholds, size or precision."""
        psi = self.model.split(self.maximum.x).psi
        return pd.Series(self.model.family.natural(psi), index=self._own_names, name="estimate")

    @cached_property
    def variance_components(self) -> pd.DataFrame:
        """Variances, standard deviations and correlations of the random effects; the innermost group first."""
        effects = self.model.effects
        theta = self.model.split(self.maximum.x).theta
        lines = []
        for part, L in reversed(list(zip(effects.parts, effects.layout.factors(theta), strict=True))):
            S = L @ L.T
            sd = np.sqrt(np.diag(S))
            for row, name in enumerate(part.names):
                lines.append((part.group, name, "", S[row, row], sd[row]))
                for column in range(row):
                    scale = sd[row] * sd[column]
                    r = S[row, column] / scale if scale > 0 else np.nan
                    lines.append((part.group, name, part.names[column], S[row, column], r))
        return pd.DataFrame(lines, columns=["group", "effect", "with", "variance", "sd_or_correlation"])

    @cached_property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a covariance matrix has no full rank."""
        effects = self.model.effects
        factors = effects.layout.factors(self.model.split(self.maximum.x).theta)
        return any(abs(np.diag(L)).min() < 1e-4 for L in factors)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Coefficients with standard errors, z statistics, p-values and intervals, by term; thresholds come last.

        With few clusters the normal distribution is too narrow for these statistics: they describe, and tests of an
        effect between clusters are made otherwise (docs/analyses.md).

        Parameters
        ----------
        level : float
            Of the intervals.
        """
        p = len(self.terms)
        estimate = self.coefficients.to_numpy()
        variance = np.diag(self.maximum.covariance)[:p]
        names = list(self.terms)
        if self.labels:
            psi = self.model.split(self.maximum.x).psi
            J = self.model.family.jacobian(psi)
            place = len(self.maximum.x) - len(psi)
            block = J @ self.maximum.covariance[place:, place:] @ J.T
            estimate = np.concatenate([estimate, self.own_parameters.to_numpy()])
            variance = np.concatenate([variance, np.diag(block)])
            names += self._own_names
        error = np.sqrt(variance)
        statistic = estimate / error
        reach = -ndtri((1.0 - level) / 2.0) * error
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": error,
                "statistic": statistic,
                "p_value": 2.0 * ndtr(-np.abs(statistic)),
                "ci_low": estimate - reach,
                "ci_high": estimate + reach,
            },
            index=pd.Index(names, name="term"),
        )

    @property
    def _own_names(self) -> list[str]:
        if self.labels:
            return [f"{low}|{high}" for low, high in zip(self.labels, self.labels[1:], strict=False)]
        return self.model.family.parameters(self.model.data)
