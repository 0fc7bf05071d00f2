"""A fitted linear mixed model: what it says about its own data.

What makes something new of a fit (other responses, other rows, simulations) are functions beside it: `refit`,
`simulate`, `predict`, `variance_intervals`, `bootstrap_test`, `cluster_robust`, `likelihood_ratio_test`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property

import numpy as np
import pandas as pd

from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.designs.marginal_means import difference_rows, mean_rows
from cpis_analysis.lmm.designs.options import one_of
from cpis_analysis.lmm.fits.inference import DDF_METHODS, Inference
from cpis_analysis.lmm.fits.printing import Overview
from cpis_analysis.lmm.fits.solution import Solution
from cpis_analysis.lmm.fits.status import status_messages
from cpis_analysis.lmm.fits.variances import Variances
from cpis_analysis.lmm.structures.sufficient_moments import Moments

__all__ = ["DDF_METHODS", "LinearMixedFit"]


class LinearMixedFit(Solution):
    """Result of `lmer` and `ols`; see `Solution` for the arrays behind it.

    Parameters are in the units of the data; nothing is rounded.
    """

    def __repr__(self) -> str:
        return self._overview().text()

    def _repr_html_(self) -> str:
        return self._overview().html()

    def _overview(self) -> Overview:
        """What a terminal or a notebook shows: nothing that belongs to a row or a group, and nothing costly."""
        residual = self.design.residual
        kind = "Linear mixed model" if self.design.random else "Least squares"
        if residual is not None and not self.design.random:
            kind = "Generalised least squares"
        facts = [f"{self.n_obs} rows", *(f"{count} {name}" for name, count in self.n_groups.items())]
        facts.append(f"{'REML ' if self.reml else ''}log-likelihood {self.log_likelihood:.6g}")
        if self.residual_variance is not None:
            facts.append("residual variance known")
        tables = [self.coefficients.to_frame()]
        if residual is not None:
            facts.append(str(residual.term))
        if self.design.random or residual is not None:
            tables.append(self.variance_components.set_index(["group", "name"]))
        return Overview(f"{kind}: {self.formula}", facts, tables, [*self.messages, "inference: summary(), conf_int()"])

    # -- what was fitted -----------------------------------------------------------------------------

    @property
    def formula(self) -> str:
        """Canonical formula."""
        return str(self.design.formula)

    @cached_property
    def term_names(self) -> list[str]:
        """Names of the coefficients."""
        return [self.design.term_names[j] for j in self.basis.kept]

    @cached_property
    def dropped_columns(self) -> list[str]:
        """Columns left out because they repeat others."""
        return [self.design.term_names[j] for j in self.basis.dropped]

    @property
    def n_dropped(self) -> int:
        """Rows left out because of missing values."""
        return self.design.n_frame - self.design.n

    @property
    def n_groups(self) -> dict[str, int]:
        """Groups of each grouping factor."""
        return {part.group: part.n_groups for part in self.design.random}

    @property
    def converged(self) -> bool:
        """True; a search that misses the maximum raises instead."""
        return True

    @cached_property
    def coefficients(self) -> pd.Series:
        """Fixed effects."""
        return pd.Series(self.beta, index=pd.Index(self.term_names, name="term", dtype=object), name="estimate")

    @cached_property
    def log_likelihood(self) -> float:
        """REML or ML log-likelihood with all constants, as lme4's logLik."""
        return float(self.log_likelihood_of(self.optimum.likelihood.value, self.y_scale))

    @property
    def n_parameters(self) -> int:
        """Coefficients, variances and covariances, and the residual variance unless it is known."""
        single = self.residual_variance is None and self.design.residual is None
        return self.basis.p + len(self.optimum.psi) + single

    @property
    def aic(self) -> float:
        """Akaike's criterion, -2 log-likelihood + 2 parameters; as lme4, of the REML likelihood under REML.

        Under REML it compares models with the same fixed part only.
        """
        return -2.0 * self.log_likelihood + 2.0 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, -2 log-likelihood + log(rows) parameters, as lme4; see `aic`."""
        return -2.0 * self.log_likelihood + float(np.log(self.n_obs)) * self.n_parameters

    # -- variances -------------------------------------------------------------------------------------

    @cached_property
    def solution(self) -> Solution:
        """The fit without its answers, which these refer to: were it the fit itself, nothing would free it at once."""
        return Solution(**{field.name: getattr(self, field.name) for field in fields(Solution)})

    @property
    def moments(self) -> Moments:
        """All moments at the maximum."""
        return self.solution.moments

    @cached_property
    def variances(self) -> Variances:
        """The variances as matrices and parameters."""
        return Variances(self.solution)

    @cached_property
    def random_covariances(self) -> list[tuple[str, pd.DataFrame]]:
        """Grouping factor and covariance matrix of each random term."""
        return self.variances.frames()

    @cached_property
    def variance_components(self) -> pd.DataFrame:
        """Columns group, name, variance, std_dev; the last row is the residual, or one each that has its variance."""
        return self.variances.table()

    @cached_property
    def residual_covariances(self) -> list[tuple[str, pd.DataFrame]]:
        """Group and covariance matrix of a person's residuals over the occasions; empty where these are independent."""
        return self.variances.residual_frames()

    @cached_property
    def residual_parameters(self) -> pd.DataFrame:
        """Columns group, parameter, estimate: what the covariance of the residuals is made of."""
        return self.variances.residual_parameters()

    @property
    def variance_names(self) -> list[tuple[str, str]]:
        """Grouping factor and effect of each variance parameter; ``a, b`` is a covariance."""
        return self.variances.names

    @property
    def variance_parameters(self) -> np.ndarray:
        """Variances and covariances of the random part in the order of `variance_names`."""
        return self.variances.parameters

    @property
    def variance_ratios(self) -> np.ndarray:
        """`variance_parameters` divided by the residual variance."""
        return self.variance_parameters / self.sigma2

    @cached_property
    def icc(self) -> pd.Series:
        """Share of each factor's intercept variance in the sum of all intercept variances and the residual.

        Where residual variances differ, the residual is their mean over the rows.
        """
        shares = self.variances.shares
        return pd.Series(list(shares.values()), index=pd.Index(list(shares), name="group"), name="icc")

    @cached_property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a covariance matrix has lost rank."""
        layout, psi = self.structure.layout, self.optimum.psi
        return bool(layout.zeros(psi) or layout.lost_rank(psi))

    @cached_property
    def messages(self) -> list[str]:
        """Plain-language status: zero variances, dropped columns and rows."""
        return status_messages(self, self.variances.covariances)

    # -- inference on the fixed effects ------------------------------------------------------------

    @cached_property
    def inference(self) -> Inference:
        """Covariances and degrees of freedom as matrices."""
        return Inference(self.solution)

    def vcov(self, ddf: str | None = None, boundary: str = "keep") -> pd.DataFrame:
        """Covariance matrix of the fixed effects: adjusted under Kenward-Roger, else model-based."""
        covariance = self.inference.covariance(self.inference.method(ddf), boundary) * self.y_scale**2
        names = pd.Index(self.term_names, dtype=object)
        return pd.DataFrame(self.basis.back @ covariance @ self.basis.back.T, index=names, columns=names)

    def summary(self, ddf: str | None = None, *, level: float = 0.95, boundary: str = "keep") -> pd.DataFrame:
        """Fixed effects with standard error, df, t, p-value and interval.

        Parameters
        ----------
        ddf : str, optional
            ``kenward-roger`` (default under REML), ``satterthwaite`` (default under ML), ``between-within``,
            ``residual`` or ``z``.
        level : float
            Confidence level.
        boundary : str
            For Kenward-Roger with a variance at zero: ``keep`` it in the information (as pbkrtest) or ``drop``.

        Returns
        -------
        DataFrame
            Indexed by term: estimate, std_error, df, statistic, p_value, ci_low, ci_high.
        """
        return self.inference.table(np.eye(self.basis.p), self.term_names, ddf, level, boundary, "term")

    def conf_int(self, level: float = 0.95, *, ddf: str | None = None, boundary: str = "keep") -> pd.DataFrame:
        """Confidence intervals of the fixed effects: columns ci_low and ci_high, indexed by term."""
        return self.summary(ddf, level=level, boundary=boundary)[["ci_low", "ci_high"]]

    def contrast(
        self,
        weights: Mapping[str, float] | pd.Series | Sequence[float] | np.ndarray,
        ddf: str | None = None,
        *,
        level: float = 0.95,
        boundary: str = "keep",
        label: str = "contrast",
    ) -> pd.DataFrame:
        """One linear contrast of the fixed effects, as one row with the columns of `summary`."""
        row = contrast_row(weights, self.design, self.basis, label)
        return self.inference.table(row[None], [label], ddf, level, boundary, "contrast")

    def joint_test(
        self, terms: Sequence[str] | str | np.ndarray, ddf: str | None = None, *, boundary: str = "keep"
    ) -> pd.DataFrame:
        """F test that some terms have no effect, or that all rows of a matrix are zero.

        All coefficients of a term are zero under the hypothesis. In a model without an intercept, where a factor's
        coefficients are the means of its levels, it is that these means are equal. Where the data can't tell all of
        the coefficients, the test is of those combinations that they can tell, with so many degrees of freedom.

        Parameters
        ----------
        terms : sequence of str, or (q, p) array
            Terms or columns; or weights on the kept coefficients or on all columns of the design.

        Returns
        -------
        DataFrame
            One row: statistic, df1, df2, p_value and scale (Kenward-Roger's factor, already in the statistic).
        """
        return self.inference.joint_test(terms, ddf, boundary)

    # -- marginal means ------------------------------------------------------------------------------

    def marginal_means(
        self,
        factors: str | Sequence[str],
        *,
        weights: str = "proportional",
        at: Mapping[str, object] | None = None,
        ddf: str | None = None,
        level: float = 0.95,
        boundary: str = "keep",
    ) -> pd.DataFrame:
        """Estimated marginal means of the levels of a factor (or of combinations of factors).

        ``proportional``: the prediction averaged over the rows of the fit, each with its own covariates; ``equal``:
        averaged equally over the combinations of the other factors, numbers over the rows. A transformed number is
        averaged as it enters the model. ``at`` holds variables at values or levels.

        Returns
        -------
        DataFrame
            Columns estimate, std_error, df, ci_low, ci_high; the index holds the levels and has the name of the factor
            (one level of the index for each factor if they are several).
        """
        labels, rows = mean_rows(self.design, self.basis, factors, weights, at or {})
        table = self.inference.table(rows, [":".join(label) for label in labels], ddf, level, boundary, "term")
        names = [factors] if isinstance(factors, str) else list(factors)
        return table[["estimate", "std_error", "df", "ci_low", "ci_high"]].set_axis(
            pd.Index([label[0] for label in labels], name=names[0], dtype=object)
            if len(names) == 1
            else pd.MultiIndex.from_tuples(labels, names=names)
        )

    def marginal_differences(
        self,
        factors: str | Sequence[str],
        *,
        versus: str = "reference",
        weights: str = "proportional",
        at: Mapping[str, object] | None = None,
        ddf: str | None = None,
        level: float = 0.95,
        boundary: str = "keep",
    ) -> pd.DataFrame:
        """Differences of marginal means: each level against the first (``reference``) or all pairs (``pairwise``)."""
        names, rows = difference_rows(self.design, self.basis, factors, versus, weights, at or {})
        return self.inference.table(rows, names, ddf, level, boundary, "difference")

    # -- rows ------------------------------------------------------------------------------------------

    @cached_property
    def random_effects(self) -> dict[str, pd.DataFrame]:
        """Conditional modes (BLUPs): one frame a grouping factor, rows are groups, columns effects."""
        out: dict[str, pd.DataFrame] = {}
        for part, mode in zip(self.design.random, self.conditional_modes, strict=True):
            if part.group not in out:
                out[part.group] = pd.DataFrame(index=part.index)
            for a, name in enumerate(part.names):
                out[part.group][name] = mode[:, a] + 0.0
        return out

    def fitted(self, kind: str = "conditional") -> pd.Series:
        """Fitted values of the rows used: ``conditional`` with the modes, ``marginal`` without."""
        one_of(kind, "kind", ("conditional", "marginal"))
        values = self.design.y - self.marginal_residuals
        if kind == "conditional":
            for part, mode in zip(self.design.random, self.conditional_modes, strict=True):
                values = values + part.spread(mode)
        return pd.Series(values, index=self.design.index, name="fitted")

    def residuals(self, kind: str = "conditional") -> pd.Series:
        """Outcome less fitted values, ``marginal`` or ``conditional``."""
        return pd.Series(self.design.y - self.fitted(kind).to_numpy(), index=self.design.index, name="residual")
