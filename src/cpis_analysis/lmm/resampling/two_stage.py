"""Permutation test of a two-stage comparison of cluster means, both stages made again for every allocation.

Under the hypothesis that the arm adds d, y - d a does not depend on who had the arm, whatever the covariates are. So
the statistic of an allocation is that of y - d a with the arm as allocated: exact where every allocation was as
probable as the one observed (Fisher; Gail et al. 1996, Stat Med 15:1069; Wang & De Gruttola 2017, Stat Med 36:1909).
It is studentised by the variance that lets clusters of the arms differ in spread (HC2; Welch's without covariates), so
that it also holds in large samples where they do (Chung & Romano 2013, Ann Stat 41:484).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.basis import independent_columns
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.resampling.inversion import TIE, Resampled

__all__ = ["ManyPermuted", "TwoStages", "permuted", "permuted_many"]

_SINGULAR = 1e-8
"""Share of a column's length outside the others below which it repeats them."""


@dataclass(frozen=True, eq=False)
class TwoStages(ShortRepr):
    """A two-stage comparison, in arrays.

    Attributes
    ----------
    y : (n,) float
    others : (n, p) float
        All columns but the arm's; in pairs, with those of the strata.
    within : (p,) bool
        Which of them vary within clusters.
    cluster : (n,) int
    treated : (K,) bool
        Clusters with the arm.
    level : (K, q) float
        Covariates of clusters, without a constant.
    strata : (K,) int or None
        In pairs: the differences between the arms of each stratum are compared, without strata of one arm.
    """

    y: np.ndarray
    others: np.ndarray
    within: np.ndarray
    cluster: np.ndarray
    treated: np.ndarray
    level: np.ndarray
    strata: np.ndarray | None = None


def permuted(stages: TwoStages, allocations: np.ndarray) -> Resampled:
    """The statistics of all allocations.

    Parameters
    ----------
    stages : TwoStages
        `estimate` and `se` are those of its own allocation.
    allocations : (n, K) bool

    Raises
    ------
    ModelError
        If the observed allocation has no statistic.
    """
    rows = np.vstack([stages.treated, allocations])
    Y = np.column_stack([stages.y, stages.treated[stages.cluster].astype(float)])
    effect, residual, weight, defined = _second_stage(stages, rows, *_first_stage(stages, rows, Y))
    if not defined[0]:
        problem = Problem("covariates of clusters leave the observed allocation without a statistic")
        raise ModelError("The allocations can't be compared.", [problem])
    squares = (weight[:, :, None] * residual) ** 2
    cross = weight**2 * residual[:, :, 0] * residual[:, :, 1]
    below = np.column_stack([squares[:, :, 0].sum(axis=1), cross.sum(axis=1), squares[:, :, 1].sum(axis=1)])
    return Resampled(float(effect[0, 0]), float(np.sqrt(below[0, 0])), effect[1:], below[1:], extreme=~defined[1:])


@dataclass(frozen=True, eq=False)
class ManyPermuted(ShortRepr):
    """Permutation tests of many responses to one design.

    Attributes
    ----------
    estimate, se : (B,) float
        Of the design's own allocation.
    effects, cross, squares : (n, B) float
        Of each allocation: the effect, and of the squared standard error what is linear in an added effect, and what
        is not.
    of_arm : (n, 2) float
        Effect of an added effect of one, and its part of the squared standard error.
    extreme : (n,) bool
    """

    estimate: np.ndarray
    se: np.ndarray
    effects: np.ndarray
    cross: np.ndarray
    squares: np.ndarray
    of_arm: np.ndarray
    extreme: np.ndarray

    def p_values(self, effect: float = 0.0) -> np.ndarray:
        """Two-sided p-values (B,) of no difference, if the effect were larger by this.

        The share of allocations as extreme at zero: `inversion.Resampled.test` gives a larger one where the share is
        not monotone in the tested value.
        """
        above = (self.effects + effect * self.of_arm[:, :1]) ** 2
        below = self.squares + 2.0 * effect * self.cross + effect**2 * self.of_arm[:, 1:]
        own = ((self.estimate + effect) / self.se) ** 2
        return np.asarray((self.extreme[:, None] | (above >= own * below * (1.0 - TIE))).mean(axis=0))


def permuted_many(stages: TwoStages, allocations: np.ndarray, Y: np.ndarray) -> ManyPermuted:
    """The statistics of all allocations for responses (n, B) in the place of that of `stages`."""
    rows = np.vstack([stages.treated, allocations])
    arm = stages.treated[stages.cluster].astype(float)
    found = _second_stage(stages, rows, *_first_stage(stages, rows, np.column_stack([Y, arm])))
    effect, residual, weight, defined = found
    scaled = weight[:, :, None] * residual
    squares = np.einsum("nmb,nmb->nb", scaled, scaled)
    cross = np.einsum("nmb,nm->nb", scaled[:, :, :-1], scaled[:, :, -1])
    return ManyPermuted(
        effect[0, :-1],
        np.sqrt(squares[0, :-1]),
        effect[1:, :-1],
        cross[1:],
        squares[1:, :-1],
        np.column_stack([effect[1:, -1], squares[1:, -1]]),
        ~defined[1:],
    )


def _first_stage(stages: TwoStages, rows: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cluster means of responses (people, c) less slopes of what varies within clusters, (n, K, c); what is defined.

    With M the projection on what the other columns leave, the coefficient of an allocation's arm s is
    (s'G'My) / (s'G'MGs), G giving clusters their people; the slopes are those without the arm less those of the arm
    times its coefficient, so everything is made of matrices of clusters.
    """
    count = len(stages.treated)
    G = np.eye(count)[stages.cluster]
    kept = independent_columns(stages.others)
    Z, within = stages.others[:, kept], stages.within[kept]
    Z = Z - np.where(within, Z.mean(axis=0), 0.0)  # for rounding: the others hold a constant
    length = np.sqrt((Z**2).sum(axis=0))
    Q, R = np.linalg.qr(Z / length)
    W = Z[:, within]
    slopes = np.linalg.solve(R, Q.T)[within] / length[within, None]
    mean = (G / G.sum(axis=0)).T
    left = Y - Q @ (Q.T @ Y)
    arms = G - Q @ (Q.T @ G)
    inner = G.T @ arms
    moved = mean @ W @ slopes @ G
    S = rows.astype(float)
    own = np.einsum("ij,jk,ik->i", S, inner, S)
    defined = own > _SINGULAR**2 * (S @ G.sum(axis=0))
    gamma = (S @ (G.T @ left)) / np.where(defined, own, 1.0)[:, None]
    plain = mean @ (Y - W @ (slopes @ Y))
    return plain[None] + (S @ moved.T)[:, :, None] * gamma[:, None, :], defined


def _second_stage(
    stages: TwoStages, rows: np.ndarray, means: np.ndarray, defined: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Effects (n, c), residuals (n, m, c), their weights in the standard error (n, m), and what is defined."""
    if stages.strata is None:
        constant = np.ones((*rows.shape, 1))
        level = np.broadcast_to(stages.level, (*rows.shape, stages.level.shape[1]))
        X = np.concatenate([constant, level, rows[:, :, None].astype(float)], axis=2)
        V = means
    else:
        both = [one for one in np.unique(stages.strata) if len(set(stages.treated[stages.strata == one])) == 2]
        member = np.array([stages.strata == one for one in both], dtype=float)
        ones, zeros = (np.einsum("tk,nk->ntk", member, part.astype(float)) for part in (rows, ~rows))
        apart = ones / ones.sum(axis=2, keepdims=True) - zeros / zeros.sum(axis=2, keepdims=True)
        V, level = apart @ means, apart @ stages.level
        size = np.abs(stages.level).max(axis=0, initial=1.0)
        # what both arms of a stratum share differs by rounding
        level = np.where(np.abs(level) < 1e-9 * size, 0.0, level)[:, :, (np.abs(level) >= 1e-9 * size).any(axis=(0, 1))]
        X = np.concatenate([level, np.ones((*V.shape[:2], 1))], axis=2)
    size = np.sqrt((X**2).sum(axis=1))
    Q, R = np.linalg.qr(X / np.where(size > 0, size, 1.0)[:, None, :])
    last = R[:, -1, -1]
    defined = defined & (np.abs(np.diagonal(R, axis1=1, axis2=2)) > _SINGULAR).all(axis=1)
    back = np.where(defined, last * size[:, -1], 1.0)
    part = np.einsum("nmp,nmc->npc", Q, V)
    residual = V - np.einsum("nmp,npc->nmc", Q, part)
    leverage = (Q**2).sum(axis=2)
    weight = Q[:, :, -1] / back[:, None] / np.sqrt(np.where(leverage < 1.0 - _SINGULAR, 1.0 - leverage, np.inf))
    return part[:, -1] / back[:, None], residual, weight, defined
