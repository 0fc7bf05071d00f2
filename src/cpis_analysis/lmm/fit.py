"""A fitted linear mixed model and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.lmm.basis import Basis
from cpis_analysis.lmm.between_within import between_within_df
from cpis_analysis.lmm.checks import lone_clusters
from cpis_analysis.lmm.contrasts import contrast_row, inference_frame, term_rows
from cpis_analysis.lmm.design import Design
from cpis_analysis.lmm.estimability import left_out
from cpis_analysis.lmm.kenward_roger import KenwardRoger
from cpis_analysis.lmm.marginal_means import marginal_rows
from cpis_analysis.lmm.reml import Optimum
from cpis_analysis.lmm.satterthwaite import Satterthwaite, joint_df

if TYPE_CHECKING:
    from cpis_analysis.lmm.refits.bootstrap import BootstrapTest
    from cpis_analysis.lmm.refits.refit import Refits

__all__ = ["DDF_METHODS", "LinearMixedFit"]

DDF_METHODS = ("kenward-roger", "satterthwaite", "between-within", "residual", "z")


@dataclass(frozen=True, eq=False)
class LinearMixedFit:
    """Result of `lmer` and `ols`.

    Parameters are in the units of the data; nothing is rounded.

    Attributes
    ----------
    design : Design
    basis : Basis
    structure : object
        How V is built; see the ``structure_*`` modules.
    optimum : Optimum
        Maximum of the likelihood, in internal units.
    reml, bounded : bool
    beta_ols : (p,) float
        Ordinary least squares coefficients.
    y_scaled : (n,) float
        OLS residuals at unit scale.
    y_scale : float
        Their scale.
    """

    design: Design
    basis: Basis
    structure: object
    optimum: Optimum
    reml: bool
    bounded: bool
    beta_ols: np.ndarray
    y_scaled: np.ndarray
    y_scale: float

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
    def n_obs(self) -> int:
        """Rows used."""
        return self.design.n

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

    @property
    def sigma2(self) -> float:
        """Residual variance."""
        return self.optimum.likelihood.sigma2 * self.y_scale**2

    @cached_property
    def coefficients(self) -> pd.Series:
        """Fixed effects."""
        return pd.Series(self._beta, index=pd.Index(self.term_names, name="term", dtype=object), name="estimate")

    @cached_property
    def _beta(self) -> np.ndarray:
        return self.beta_ols + self.basis.back @ self.optimum.likelihood.b * self.y_scale

    @property
    def df_residual(self) -> int:
        """Rows less fixed effects."""
        return self.n_obs - self.basis.p

    @cached_property
    def log_likelihood(self) -> float:
        """REML or ML log-likelihood with all constants, as lme4's logLik."""
        return self._log_likelihood(self.optimum.likelihood.value)

    def _log_likelihood(self, value: float) -> float:
        df = self.df_residual if self.reml else self.n_obs
        out = value - 0.5 * df * (1.0 + np.log(2.0 * np.pi)) - df * np.log(self.y_scale)
        if self.reml:
            out -= 0.5 * self.basis.log_det
        return float(out + 0.5 * self.basis.sum_log_weights)

    # -- variances -------------------------------------------------------------------------------------

    @cached_property
    def _covariances(self) -> list[np.ndarray]:
        layout, psi = self.structure.layout, self.optimum.psi
        return [
            layout.matrix(psi, k) * self.sigma2 / np.outer(scale, scale)
            for k, scale in enumerate(self.structure.scales)
        ]

    @cached_property
    def random_covariances(self) -> list[tuple[str, pd.DataFrame]]:
        """Grouping factor and covariance matrix of each random term."""
        return [
            (part.group, pd.DataFrame(S, index=list(part.names), columns=list(part.names)))
            for part, S in zip(self.design.random, self._covariances, strict=True)
        ]

    @cached_property
    def variance_components(self) -> pd.DataFrame:
        """Columns group, name, variance, std_dev; the last row is the residual."""
        rows = [
            (part.group, name, float(S[a, a]))
            for part, S in zip(self.design.random, self._covariances, strict=True)
            for a, name in enumerate(part.names)
        ]
        rows.append(("Residual", "", self.sigma2))
        frame = pd.DataFrame(rows, columns=["group", "name", "variance"])
        frame["std_dev"] = np.sign(frame["variance"]) * np.sqrt(frame["variance"].abs())
        return frame

    @cached_property
    def variance_names(self) -> list[tuple[str, str]]:
        """Grouping factor and effect of each variance parameter; ``a, b`` is a covariance."""
        parts = self.design.random
        return [
            (parts[k].group, parts[k].names[a] if a == b else f"{parts[k].names[b]}, {parts[k].names[a]}")
            for k, a, b in self.structure.layout.entries
        ]

    @cached_property
    def variance_parameters(self) -> np.ndarray:
        """Variances and covariances of the random part in the order of `variance_names`."""
        return np.array([self._covariances[k][a, b] for k, a, b in self.structure.layout.entries])

    @property
    def variance_ratios(self) -> np.ndarray:
        """`variance_parameters` divided by the residual variance."""
        return self.variance_parameters / self.sigma2

    @cached_property
    def icc(self) -> pd.Series:
        """Share of each factor's intercept variance in the sum of all intercept variances and the residual."""
        table = self.variance_components
        table = table[(table["name"] == "(Intercept)") | (table["group"] == "Residual")]
        share = table.set_index("group")["variance"] / table["variance"].sum()
        return share.drop("Residual").rename("icc")

    @cached_property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a covariance matrix has lost rank."""
        return bool(self._zero_terms or self._lost_rank)

    @cached_property
    def _zero_terms(self) -> list[int]:
        return [
            i
            for i, ((k, a, b), value) in enumerate(zip(self.structure.layout.entries, self.optimum.psi, strict=True))
            if a == b and value == 0.0
        ]

    @cached_property
    def _lost_rank(self) -> list[int]:
        out = []
        for k, q in enumerate(self.structure.layout.sizes):
            if q > 1:
                values = np.linalg.eigvalsh(self.structure.layout.matrix(self.optimum.psi, k))
                if values[0] <= 1e-9 * max(values[-1], 1e-12):
                    out.append(k)
        return out

    @cached_property
    def messages(self) -> list[str]:
        """Plain-language status: zero variances, dropped columns and rows."""
        lines = []
        entries = self.structure.layout.entries
        for i in self._zero_terms:
            k, a, _ = entries[i]
            part = self.design.random[k]
            if part.names[a] == "(Intercept)":
                lines.append(f"the {part.group} variance was estimated as zero")
            else:
                lines.append(f"the variance of {part.names[a]} between {part.group} was estimated as zero")
        for k in self._lost_rank:
            part = self.design.random[k]
            lines.append(f"the random effects of {part.group} ({', '.join(part.names)}) are perfectly correlated")
        for part, S in zip(self.design.random, self._covariances, strict=True):
            if not self.bounded and (np.diag(S) < 0).any():
                lines.append(f"the {part.group} variance was allowed to be negative and is")
        lines += left_out(self.design, self.basis.dropped, self.basis.row_space)
        if self.n_dropped:
            where = ", ".join(f"{name} {count}" for name, count in self.design.missing.items() if count)
            lines.append(f"{self.n_dropped} of {self.design.n_frame} rows left out for missing values ({where})")
        lines += lone_clusters(self.design)
        return lines

    # -- inference on the fixed effects ------------------------------------------------------------

    def _used(self, boundary: str) -> np.ndarray:
        if boundary not in ("keep", "drop"):
            raise ModelError(
                "Unknown boundary policy.", [Problem("boundary", value=str(boundary), allowed="keep, drop")]
            )
        used = np.ones(len(self.optimum.psi), dtype=bool)
        if boundary == "drop":
            used[self._zero_terms] = False
        return used

    def _kenward_roger(self, boundary: str) -> KenwardRoger:
        cache = self.__dict__.setdefault("_kr_cache", {})
        if boundary not in cache:
            if not self.reml:
                raise ModelError(
                    "Kenward-Roger needs a REML fit.", [Problem("this is an ML fit", hint="fit with reml=True")]
                )
            cache[boundary] = KenwardRoger.at(self.optimum.moments, self.optimum.likelihood, self._used(boundary))
        return cache[boundary]

    @cached_property
    def _satterthwaite(self) -> Satterthwaite:
        return Satterthwaite.at(
            self.optimum.moments, self.optimum.likelihood, self.structure.layout, self.reml, self.bounded
        )

    @cached_property
    def _between_within(self) -> np.ndarray:
        return between_within_df(self.design.X[:, list(self.basis.kept)], self.design.random)

    def _method(self, ddf: str | None) -> str:
        if ddf is None:
            return "kenward-roger" if self.reml else "satterthwaite"
        if ddf not in DDF_METHODS:
            raise ModelError(
                "Unknown degrees of freedom.",
                [
                    Problem(
                        "ddf", value=str(ddf), allowed=", ".join(DDF_METHODS), hint=did_you_mean(str(ddf), DDF_METHODS)
                    )
                ],
            )
        return ddf

    def _covariance(self, method: str, boundary: str) -> np.ndarray:
        if method == "kenward-roger":
            return self._kenward_roger(boundary).Phi_A
        return self.optimum.likelihood.Phi * self.optimum.likelihood.sigma2

    def _df(self, method: str, boundary: str, rows: np.ndarray) -> np.ndarray:
        """Degrees of freedom of each row (q, p) of weights on the coefficients."""
        if method == "z":
            return np.full(len(rows), np.inf)
        if method == "residual":
            return np.full(len(rows), float(self.df_residual))
        if method == "between-within":
            return np.array([self._between_within[row != 0].min() for row in rows])
        source = self._kenward_roger(boundary) if method == "kenward-roger" else self._satterthwaite
        return np.array([source.df(row) for row in rows @ self.basis.back])

    def _inference(self, rows, labels, ddf, level, boundary, index="term") -> pd.DataFrame:
        method = self._method(ddf)
        basis_rows = rows @ self.basis.back
        covariance = self._covariance(method, boundary)
        std_error = np.sqrt(np.einsum("ia,ab,ib->i", basis_rows, covariance, basis_rows)) * self.y_scale
        df = self._df(method, boundary, rows)
        return inference_frame(labels, rows @ self._beta, std_error, df, level, index)

    def vcov(self, ddf: str | None = None, boundary: str = "keep") -> pd.DataFrame:
        """Covariance matrix of the fixed effects: adjusted under Kenward-Roger, else model-based."""
        covariance = self._covariance(self._method(ddf), boundary) * self.y_scale**2
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
        return self._inference(np.eye(self.basis.p), self.term_names, ddf, level, boundary)

    def contrast(
        self,
        weights: Mapping[str, float] | Sequence[float],
        ddf: str | None = None,
        *,
        level: float = 0.95,
        boundary: str = "keep",
        label: str = "contrast",
    ) -> pd.DataFrame:
        """One linear contrast of the fixed effects, as one row with the columns of `summary`."""
        row = contrast_row(weights, self.design, self.basis, label)
        return self._inference(row[None], [label], ddf, level, boundary, "contrast")

    def joint_test(
        self, terms: Sequence[str] | np.ndarray, ddf: str | None = None, *, boundary: str = "keep"
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
        from scipy.special import chdtrc, fdtrc

        L, label = self.joint_rows(terms)
        method = self._method(ddf)
        B = L @ self.basis.back
        covariance = B @ self._covariance(method, boundary) @ B.T * self.y_scale**2
        effect = L @ self._beta
        q, scale = len(L), 1.0
        if method == "kenward-roger":
            df2, scale = self._kenward_roger(boundary).joint(B)
        elif method == "satterthwaite":
            _, vectors = np.linalg.eigh(covariance)
            df2 = joint_df(np.array([self._satterthwaite.df(row) for row in vectors.T @ B]))
        else:
            df2 = float(self._df(method, boundary, L).min())
        statistic = scale * float(effect @ np.linalg.solve(covariance, effect)) / q
        p_value = chdtrc(q, statistic * q) if np.isinf(df2) else fdtrc(q, df2, statistic)
        return pd.DataFrame(
            {"statistic": [statistic], "df1": [q], "df2": [df2], "p_value": [float(p_value)], "scale": [scale]},
            index=pd.Index([label], name="terms", dtype=object),
        )

    def joint_rows(self, terms: Sequence[str] | np.ndarray) -> tuple[np.ndarray, str]:
        """Independent rows of weights on the kept coefficients that a joint test is about, and its label."""
        if isinstance(terms, np.ndarray) and terms.dtype.kind in "fiu":
            given = np.atleast_2d(np.asarray(terms, dtype=float))
            L = np.array([contrast_row(row, self.design, self.basis, "contrasts") for row in given if row.any()])
            return _full_rank_rows(L), "contrasts"
        L = term_rows(terms, self.design, self.basis)
        return _full_rank_rows(L[:, list(self.basis.kept)]), terms if isinstance(terms, str) else ", ".join(terms)

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
            Columns level, estimate, std_error, df, ci_low, ci_high (and one column a factor when several).
        """
        labels, rows = marginal_rows(self.design, self.basis, factors, weights, at or {})
        rows = rows[:, list(self.basis.kept)]
        table = self._inference(rows, [":".join(label) for label in labels], ddf, level, boundary)
        out = table[["estimate", "std_error", "df", "ci_low", "ci_high"]].reset_index(names="level")
        if not isinstance(factors, str) and len(factors) > 1:
            for i, name in enumerate(factors):
                out.insert(i, name, [label[i] for label in labels])
        return out

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
        """Differences of marginal means: each level against the first (``reference``) or all pairs."""
        if versus not in ("reference", "pairwise"):
            raise ModelError("Unknown differences.", [Problem("versus", value=versus, allowed="reference, pairwise")])
        labels, rows = marginal_rows(self.design, self.basis, factors, weights, at or {})
        rows = rows[:, list(self.basis.kept)]
        pairs = [(j, i) for i in range(len(rows)) for j in range(i + 1, len(rows))]
        if versus == "reference":
            pairs = [pair for pair in pairs if pair[1] == 0]
        names = [f"{':'.join(labels[j])} - {':'.join(labels[i])}" for j, i in pairs]
        differences = np.array([rows[j] - rows[i] for j, i in pairs]).reshape(-1, self.basis.p)
        return self._inference(differences, names, ddf, level, boundary, "difference")

    # -- other responses ------------------------------------------------------------------------------

    def refit(self, Y: np.ndarray | pd.DataFrame, **options: object) -> Refits:
        """Fit this design to many responses (n, B); see `refit.refit` for the options."""
        from cpis_analysis.lmm.refits.refit import refit

        return refit(self, Y, **options)

    def simulate(self, n: int = 1, *, seed: int | np.random.Generator) -> np.ndarray:
        """Draw n responses from the fit, (rows, n): new random effects and new errors."""
        from cpis_analysis.lmm.refits.simulate import simulate

        return simulate(self, n, seed=seed)

    def predict(
        self, data: pd.DataFrame | None = None, *, kind: str = "conditional", new_groups: str = "mean"
    ) -> pd.Series:
        """Predictions for new rows; groups that were not in the fit have effect zero (or are an ``error``)."""
        from cpis_analysis.lmm.refits.simulate import predict

        return predict(self, data, kind=kind, new_groups=new_groups)

    def variance_intervals(self, method: str = "profile", *, level: float = 0.95, **options: object) -> pd.DataFrame:
        """Intervals for variances, standard deviations and ICCs: ``profile`` or ``bootstrap`` (needs seed)."""
        from cpis_analysis.lmm.refits.intervals import bootstrap_intervals, profile_intervals

        _one_of(method, "method", ("profile", "bootstrap"))
        return (profile_intervals if method == "profile" else bootstrap_intervals)(self, level=level, **options)

    def bootstrap_test(self, weights: Mapping[str, float] | Sequence[float], **options: object) -> BootstrapTest:
        """Parametric-bootstrap p-value of a contrast; see `calibration.bootstrap_test`."""
        from cpis_analysis.lmm.refits.bootstrap import bootstrap_test

        return bootstrap_test(self, weights, **options)

    # -- rows ------------------------------------------------------------------------------------------

    @cached_property
    def _modes(self) -> list[np.ndarray]:
        """Conditional modes of each term (groups, q), in the units of the data."""
        c = np.append(-self.optimum.likelihood.b, 1.0)
        modes = self.structure.modes(self.optimum.psi, self.y_scaled, c)
        return [mode * self.y_scale / scale for mode, scale in zip(modes, self.structure.scales, strict=True)]

    @cached_property
    def random_effects(self) -> dict[str, pd.DataFrame]:
        """Conditional modes (BLUPs): one frame a grouping factor, rows are groups, columns effects."""
        out: dict[str, pd.DataFrame] = {}
        for part, mode in zip(self.design.random, self._modes, strict=True):
            if part.group not in out:
                labels = part.grouping.labels
                if len(part.variables) == 1:
                    index = pd.Index([label[0] for label in labels], name=part.group)
                else:
                    index = pd.MultiIndex.from_tuples(labels, names=list(part.variables))
                out[part.group] = pd.DataFrame(index=index)
            for a, name in enumerate(part.names):
                out[part.group][name] = mode[:, a] + 0.0
        return out

    def fitted(self, kind: str = "conditional") -> pd.Series:
        """Fitted values of the rows used: ``conditional`` with the modes, ``marginal`` without."""
        _one_of(kind, "kind", ("conditional", "marginal"))
        values = self.design.y - self._marginal_residuals
        if kind == "conditional":
            for part, mode in zip(self.design.random, self._modes, strict=True):
                u = mode[part.codes]
                values = values + (u[:, 0] if part.columns is None else np.einsum("ij,ij->i", part.columns, u))
        return pd.Series(values, index=self.design.index, name="fitted")

    def residuals(self, kind: str = "conditional") -> pd.Series:
        """Outcome less fitted values, ``marginal`` or ``conditional``."""
        return pd.Series(self.design.y - self.fitted(kind).to_numpy(), index=self.design.index, name="residual")

    @cached_property
    def _marginal_residuals(self) -> np.ndarray:
        return (self.y_scaled - self.basis.Q @ self.optimum.likelihood.b) * self.y_scale


def _one_of(value: str, name: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ModelError("Unknown option.", [Problem(name, value=str(value), allowed=", ".join(allowed))])


def _full_rank_rows(L: np.ndarray) -> np.ndarray:
    """Independent rows with the same span."""
    if not L.size:
        raise ModelError("The joint test cannot be computed.", [Problem("the weights are all zero")])
    values, vectors = np.linalg.svd(L, full_matrices=False)[1:]
    rank = int((values > 1e-10 * values[0]).sum()) if values[0] > 0 else 0
    if rank == 0:
        raise ModelError("The joint test cannot be computed.", [Problem("the weights are all zero")])
    return L if rank == len(L) else vectors[:rank]
