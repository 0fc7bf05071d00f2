"""Random effects beside residuals that have a covariance matrix within each person over the occasions.

H = R + Z Psi Z' with R block diagonal over persons. A person's rows lie on a grid of all occasions, zero where a visit
is missing; R^-1 differs only between patterns of visits. With F = R^-1 Z, C = Z'F and the factor L of Psi:

M = L (I + L'CL)^-1 L',  H^-1 = R^-1 - F M F',  D = H^-1 W = R^-1 W - F M Z'R^-1 W

so that an evaluation costs the rows and the blocks of random effects, and no matrix of a block's rows is formed. A
derivative G_r of the residuals' part is one matrix E_r (T, T) for all persons of a group, so its traces need sums over
persons of T by T matrices alone: tr(H^-1 G_r) = <E_r, sum_i K_i> with K_i the person's block of H^-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.residual import ResidualPart
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.joint_parameters import JointLayout
from cpis_analysis.lmm.structures.residual_blocks import person_blocks
from cpis_analysis.lmm.structures.residual_covariances import residual_covariance
from cpis_analysis.lmm.structures.residual_sums import BlockSums, PersonSums
from cpis_analysis.lmm.structures.sufficient_moments import (
    LeastSquares,
    Likelihood,
    Moments,
    Traces,
    likelihood_of,
)

_FLAT = 1e-9
"""Smallest eigenvalue of a correlation matrix of residuals that is no singular one."""


@dataclass(frozen=True, repr=False)
class _Solved(ShortRepr):
    """H^-1 at some psi: its value, what it leaves of W, and the sums over persons and blocks."""

    log_det: float
    A: np.ndarray
    persons: PersonSums
    blocks: list[BlockSums]


class ResidualStructure:
    """The structure of a model whose residuals are not independent with one variance.

    Parameters
    ----------
    parts : sequence of RandomPart
        May be empty.
    residual : ResidualPart
    basis : Basis
        Without weights.
    """

    def __init__(self, parts: tuple[RandomPart, ...], residual: ResidualPart, basis: Basis) -> None:
        T = len(residual.occasion_labels)
        self.covariance = residual_covariance(residual.term.covariance, T)
        self.joint = JointLayout(tuple(part.q for part in parts), self.covariance, len(residual.group_labels))
        self.layout: Layout = self.joint
        self.parts, self.residual = parts, residual
        self.n = len(basis.Q)
        self._z, self.scales = [], []
        for part in parts:
            columns = np.ones((self.n, 1)) if part.columns is None else part.columns
            scale = np.sqrt((columns**2).mean(axis=0))
            scale = np.where(scale > 0, scale, 1.0)
            self._z.append(columns / scale)
            self.scales.append(scale)
        seen = np.zeros((residual.n_persons, T), dtype=bool)
        seen[residual.person, residual.occasion] = True
        # persons in the order of their patterns, and one without rows who stands for nobody
        kinds, pattern = np.unique(np.column_stack([residual.group, seen]), axis=0, return_inverse=True)
        pattern = pattern.ravel()
        order = np.argsort(pattern, kind="stable")
        rank = np.empty(residual.n_persons, dtype=np.intp)
        rank[order] = np.arange(residual.n_persons)
        nobody = np.zeros((1, T + 1), dtype=kinds.dtype)
        kinds = np.vstack([kinds, nobody])
        self.pattern_group, self.pattern_seen = kinds[:, 0].astype(np.intp), kinds[:, 1:].astype(bool)
        self.pattern = np.append(pattern[order], len(kinds) - 1)
        self._place = (rank[residual.person], residual.occasion)
        self._Q = self._on_grid(basis.Q)
        self.blocks = person_blocks(parts, self._z, residual, rank) if parts else []
        self._outside = [self._share(part, z, basis.Q) for part, z in zip(parts, self._z, strict=True)]

    def _on_grid(self, W: np.ndarray) -> np.ndarray:
        """Rows (n, P) on the grid of persons and occasions, (persons + 1, T, P)."""
        out = np.zeros((self.residual.n_persons + 1, self.covariance.size, W.shape[1]))
        out[self._place] = W
        return out

    @staticmethod
    def _share(part: RandomPart, z: np.ndarray, Q: np.ndarray) -> float:
        """Share of a term's columns outside the fixed part."""
        shares = []
        for column in z.T:
            sums = [np.bincount(part.codes, weights=column * q, minlength=part.n_groups) for q in Q.T]
            inside, total = float((np.array(sums) ** 2).sum()), float((column**2).sum())
            shares.append(1.0 - inside / total if total > 0 else 1.0)
        return min(shares)

    def outside(self) -> list[float]:
        """Share of each term's columns that lies outside the fixed part."""
        return self._outside

    def sums(self, y: np.ndarray) -> np.ndarray:
        """[Q y] on the grid, (persons + 1, T, p + 1), for one scaled residual outcome (n,)."""
        return np.concatenate([self._Q, self._on_grid(y[:, None])], axis=2)

    def residual_matrices(self, psi: np.ndarray) -> list[np.ndarray]:
        """Residual covariance (T, T) of each group."""
        return [self.covariance.matrix(psi[one]) for one in self.joint.of_group]

    def is_flat(self, psi: np.ndarray) -> bool:
        """Whether a residual covariance is singular but for rounding."""
        for S in self.residual_matrices(psi):
            sd = np.sqrt(np.diag(S))
            if sd.min() < 1e-6 or np.linalg.eigvalsh(S / np.outer(sd, sd))[0] < _FLAT:
                return True
        return False

    def starts(self, y: np.ndarray) -> list[np.ndarray]:
        """Points from which a search starts, for one scaled residual outcome (n,)."""
        grid = self._on_grid(y[:, None])[:, :, 0]
        matrices = []
        for g in range(self.joint.groups):
            mine = self.pattern_group[self.pattern] == g
            matrices.append(_moments(grid[mine], self.pattern_seen[self.pattern][mine]))
        out = []
        for share in (0.05, 0.3) if self.parts else (0.0,):
            random = [share / max(len(self.parts), 1) if a == b else 0.0 for _, a, b in self.layout.entries]
            residual = [self.covariance.nearest((1.0 - share) * S) for S in matrices]
            out.append(np.concatenate([random, *residual]))
        return out

    # -- evaluation --------------------------------------------------------------------------------

    def _solve(self, psi: np.ndarray, W: np.ndarray) -> _Solved:
        """Solve for H^-1 W; raises LinAlgError where H is not positive definite."""
        sigma = np.array(self.residual_matrices(psi))[self.pattern_group]
        both = self.pattern_seen[:, :, None] & self.pattern_seen[:, None, :]
        sigma = np.where(both, sigma, np.eye(self.covariance.size))
        root = np.linalg.cholesky(sigma)
        count = np.bincount(self.pattern, minlength=len(sigma))
        log_det = 2.0 * float(count @ np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1))
        inverse = np.linalg.inv(root)
        R = np.where(both, inverse.transpose(0, 2, 1) @ inverse, 0.0)
        here = R[self.pattern]
        RW = here @ W
        A = np.tensordot(W, RW, axes=([0, 1], [0, 1]))
        D, lost, blocks = RW, np.zeros_like(here), []
        if self.blocks:
            D = RW.copy()
            theta = self.joint.theta_of_terms(psi)
            for block in self.blocks:
                sums = BlockSums.of(block, self.joint, theta, here, RW)
                log_det += sums.log_det
                A -= sums.explained
                D[block.persons] = sums.residual_columns(RW)
                lost[block.persons] = sums.lost
                blocks.append(sums)
        group = self.pattern_group
        persons = PersonSums(self.pattern, group, self.joint.groups, count, R, here, lost, D)
        return _Solved(log_det, 0.5 * (A + A.T), persons, blocks)

    def value(self, psi: np.ndarray, sums: np.ndarray) -> tuple[float, np.ndarray]:
        """log|H| and A."""
        solved = self._solve(psi, sums)
        return solved.log_det, solved.A

    def likelihood(self, psi: np.ndarray, sums: np.ndarray, reml: bool) -> Likelihood:
        """The likelihood with its exact first and second derivatives."""
        solved = self._solve(psi, sums)
        least = LeastSquares.of(solved.A)
        persons, E = solved.persons, [self.covariance.derivatives(psi[one]) for one in self.joint.of_group]
        first, R = self.joint.first, len(psi)
        forms = np.vstack([np.linalg.cholesky(least.Phi), np.zeros(len(least.b))])
        T, P = np.zeros(R), np.zeros((R, *solved.A.shape))
        pairs = np.zeros((3, R, R))
        outer, residuals = persons.forms(forms), persons.forms(least.c[:, None])
        for g, one in enumerate(self.joint.of_group):
            T[one], P[one] = persons.first_order(g, E[g])
            pairs[:, one, one] = persons.second_order(g, E[g], outer, residuals)
        for block in solved.blocks:
            mine = [block.of_residuals(persons, g, E[g]) for g in range(self.joint.groups)]
            B, Y = np.concatenate([one[0] for one in mine]), np.concatenate([one[1] for one in mine])
            T[:first] += block.T
            P[:first] += block.P
            pairs += block.pairs(B, Y, forms, least.c)
        found = likelihood_of(Traces(self.n, solved.log_det, T, P, *pairs), least, reml, 1.0)
        bend = np.zeros((R, R))
        for g, one in enumerate(self.joint.of_group):
            second = self.covariance.second(psi[one])
            if second is not None:
                left = persons.total(g) - persons.of_group(g, residuals)
                if reml:
                    left = left - persons.of_group(g, outer)
                bend[one, one] = 0.5 * np.einsum("rsab,ab->rs", second, left)
        return found if not bend.any() else found.with_curvature(bend)

    def moments(self, psi: np.ndarray, sums: np.ndarray) -> Moments:
        """All moments at psi."""
        solved = self._solve(psi, sums)
        persons, E = solved.persons, [self.covariance.derivatives(psi[one]) for one in self.joint.of_group]
        first, R, dim = self.joint.first, len(psi), len(solved.A)
        T, P, TT = np.zeros(R), np.zeros((R, dim, dim)), np.zeros((R, R))
        Q, curved = np.zeros((R, R, dim, dim)), np.zeros((R, R, dim, dim))
        bent = False
        for g, one in enumerate(self.joint.of_group):
            T[one], P[one] = persons.first_order(g, E[g])
            TT[one, one] = persons.traces(g, E[g])
            Q[one, one] = persons.products(g, E[g])
            second = self.covariance.second(psi[one])
            if second is not None:
                bent = True
                curved[one, one] = np.einsum("rsab,apbq->rspq", second, persons.cross(g))
        for block in solved.blocks:
            mine = [block.of_residuals(persons, g, E[g]) for g in range(self.joint.groups)]
            B, Y = np.concatenate([one[0] for one in mine]), np.concatenate([one[1] for one in mine])
            T[:first] += block.T
            P[:first] += block.P
            more, products = block.second(B, Y)
            TT += more
            Q += products
        return Moments(self.n, np.array(psi), solved.log_det, solved.A, T, P, TT, Q, curved if bent else None)

    def modes(self, psi: np.ndarray, y: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        """Conditional modes of each term (groups, q), in units of `scales`."""
        solved = self._solve(psi, self.sums(y))
        effects = np.zeros(sum(part.n_groups * part.q for part in self.parts) + 1)
        for block in solved.blocks:
            # padding goes to the last place
            effects[block.blocks.effect] = block.modes(psi[: self.joint.first], c)
        ends = np.cumsum([part.n_groups * part.q for part in self.parts])
        pieces = np.split(effects[:-1], ends[:-1]) if self.parts else []
        return [one.reshape(part.n_groups, part.q) for one, part in zip(pieces, self.parts, strict=True)]


def _moments(grid: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Mean products (T, T) of residuals (persons, T) over those seen at both occasions, made positive definite."""
    weight = seen.astype(float)
    together = weight.T @ weight
    S = grid.T @ grid / np.maximum(together, 1.0)
    spread = np.sqrt(np.where(np.diag(S) > 0, np.diag(S), 1.0))
    values, vectors = np.linalg.eigh(S / np.outer(spread, spread))
    C = (vectors * np.maximum(values, 0.05)) @ vectors.T
    size = np.sqrt(np.diag(C))
    return np.asarray(C / np.outer(size, size) * np.outer(spread, spread))
