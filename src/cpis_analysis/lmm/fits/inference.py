"""Inference on the fixed effects of a solution under a named method for the degrees of freedom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.lmm.designs.between_within import between_within_df
from cpis_analysis.lmm.designs.contrasts import contrast_row, inference_frame, term_rows
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.kenward_roger import KenwardRoger
from cpis_analysis.lmm.fits.satterthwaite import Satterthwaite, joint_df
from cpis_analysis.lmm.fits.solution import Solution

DDF_METHODS = ("kenward-roger", "satterthwaite", "between-within", "residual", "z")
BOUNDARIES = ("keep", "drop")


@dataclass(frozen=True, eq=False, repr=False)
class Inference(ShortRepr):
    """Covariances, degrees of freedom and tests of the fixed effects.

    Attributes
    ----------
    of : Solution
    """

    of: Solution
    _adjusted: dict[str, KenwardRoger] = field(default_factory=dict, repr=False)

    def method(self, ddf: str | None) -> str:
        """The method that a name stands for; None is the default of the likelihood.

        Raises
        ------
        ModelError
            For an unknown name, or Kenward-Roger on an ML fit.
        """
        if ddf is None:
            return "kenward-roger" if self.of.reml else "satterthwaite"
        if ddf not in DDF_METHODS:
            allowed = ", ".join(DDF_METHODS)
            raise ModelError(
                "Unknown degrees of freedom.",
                Problem("ddf", value=str(ddf), allowed=allowed, hint=did_you_mean(str(ddf), DDF_METHODS)),
            )
        if ddf == "kenward-roger" and not self.of.reml:
            raise ModelError("Kenward-Roger needs a REML fit.", Problem("this is an ML fit", hint="fit with reml=True"))
        return ddf

    def used(self, boundary: str) -> np.ndarray:
        """Which variance parameters are in Kenward-Roger's information under a boundary policy, (R,) bool."""
        if boundary not in BOUNDARIES:
            raise ModelError(
                "Unknown boundary policy.", Problem("boundary", value=str(boundary), allowed=", ".join(BOUNDARIES))
            )
        used = np.ones(len(self.of.optimum.psi), dtype=bool)
        if boundary == "drop":
            used[self.of.structure.layout.zeros(self.of.optimum.psi)] = False
        return used

    def kenward_roger(self, boundary: str) -> KenwardRoger:
        """Kenward-Roger's matrices under a boundary policy."""
        if boundary not in self._adjusted:
            used = self.used(boundary)
            self._adjusted[boundary] = KenwardRoger.at(self.of, used)
        return self._adjusted[boundary]

    @cached_property
    def satterthwaite(self) -> Satterthwaite:
        """Satterthwaite's matrices."""
        of = self.of
        return Satterthwaite.at(of.moments, of.optimum.likelihood, of.structure.layout, of.reml, of.bounded)

    @cached_property
    def between_within(self) -> np.ndarray:
        """Between-within degrees of freedom of each coefficient, (p,)."""
        design = self.of.design
        return between_within_df(design.X[:, list(self.of.basis.kept)], design.random, design.residual)

    def covariance(self, method: str, boundary: str) -> np.ndarray:
        """Covariance of the fixed effects in the basis at unit scale, (p, p)."""
        if method == "kenward-roger":
            return self.kenward_roger(boundary).Phi_A
        return self.of.optimum.likelihood.Phi * self.of.optimum.likelihood.sigma2

    def df(self, method: str, boundary: str, rows: np.ndarray) -> np.ndarray:
        """Degrees of freedom of each row (q, p) of weights on the coefficients."""
        if method == "z":
            return np.full(len(rows), np.inf)
        if method == "residual":
            return np.full(len(rows), float(self.of.df_residual))
        if method == "between-within":
            return np.array([self.between_within[row != 0].min() for row in rows])
        source = self.kenward_roger(boundary) if method == "kenward-roger" else self.satterthwaite
        return source.df(rows @ self.of.basis.back)

    def table(
        self, rows: np.ndarray, labels: Sequence[str], ddf: str | None, level: float, boundary: str, index: str
    ) -> pd.DataFrame:
        """Estimates, standard errors, df, t, p and intervals of rows (q, p) of weights on the coefficients."""
        method, of = self.method(ddf), self.of
        basis_rows = rows @ of.basis.back
        covariance = self.covariance(method, boundary)
        std_error = np.sqrt(np.einsum("ia,ab,ib->i", basis_rows, covariance, basis_rows)) * of.y_scale
        df = self.df(method, boundary, rows)
        return inference_frame(labels, rows @ of.beta, std_error, df, level, index)

    def joint_rows(self, terms: Sequence[str] | str | np.ndarray) -> tuple[np.ndarray, str]:
        """Independent rows of weights on the kept coefficients that a joint test is about, and its label."""
        design, basis = self.of.design, self.of.basis
        if isinstance(terms, np.ndarray) and terms.dtype.kind in "fiu":
            given = np.atleast_2d(np.asarray(terms, dtype=float))
            L = np.array([contrast_row(row, design, basis, "contrasts") for row in given if row.any()])
            return _full_rank_rows(L), "contrasts"
        names = [terms] if isinstance(terms, str) else [str(term) for term in terms]
        L = term_rows(names, design, basis)
        return _full_rank_rows(L[:, list(basis.kept)]), ", ".join(names)

    def joint_test(self, terms: Sequence[str] | str | np.ndarray, ddf: str | None, boundary: str) -> pd.DataFrame:
        """F test that all rows of weights are zero; see `LinearMixedFit.joint_test`."""
        from scipy.special import chdtrc, fdtrc

        L, label = self.joint_rows(terms)
        method, of = self.method(ddf), self.of
        B = L @ of.basis.back
        covariance = B @ self.covariance(method, boundary) @ B.T * of.y_scale**2
        effect = L @ of.beta
        q, scale = len(L), 1.0
        if method == "kenward-roger":
            df2, scale = self.kenward_roger(boundary).joint(B)
        elif method == "satterthwaite":
            _, vectors = np.linalg.eigh(covariance)
            df2 = joint_df(self.satterthwaite.df(vectors.T @ B))
        else:
            df2 = float(self.df(method, boundary, L).min())
        statistic = scale * float(effect @ np.linalg.solve(covariance, effect)) / q
        p_value = chdtrc(q, statistic * q) if np.isinf(df2) else fdtrc(q, df2, statistic)
        return pd.DataFrame(
            {"statistic": [statistic], "df1": [q], "df2": [df2], "p_value": [float(p_value)], "scale": [scale]},
            index=pd.Index([label], name="terms", dtype=object),
        )


def _full_rank_rows(L: np.ndarray) -> np.ndarray:
    """Independent rows with the same span."""
    if not L.size:
        raise ModelError(
            "The joint test cannot be computed.",
            Problem("the weights are all zero", hint="give at least one weight that is not zero"),
        )
    values, vectors = np.linalg.svd(L, full_matrices=False)[1:]
    rank = int((values > 1e-10 * values[0]).sum()) if values[0] > 0 else 0
    if rank == 0:
        raise ModelError(
            "The joint test cannot be computed.",
            Problem("the weights are all zero", hint="give at least one weight that is not zero"),
        )
    return L if rank == len(L) else vectors[:rank]
