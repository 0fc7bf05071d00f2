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
from cpis_analysis.lmm.resampling.inversion import Resampled

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


def cluster_means(stages: TwoStages) -> np.ndarray:
    """Means of the clusters (K,) after the first stage, as allocated."""
    first = first_stage(stages, stages.treated[None])
    Y = np.column_stack([stages.y, stages.treated[stages.cluster].astype(float)])
    return np.asarray(first.means(*first.of(Y))[0, :, 0])


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
    first = first_stage(stages, rows)
    second = second_stage(stages, rows, first.defined)
    effect, residual = second.of(first.means(*first.of(Y)))
    weight, defined = second.weight, second.defined
    if not defined[0]:
        problem = Problem(
            "covariates of clusters leave the observed allocation without a statistic",
            hint="leave covariates of clusters out",
        )
        raise ModelError("The allocations can't be compared.", problem)
    squares = (weight[:, :, None] * residual) ** 2
    cross = weight**2 * residual[:, :, 0] * residual[:, :, 1]
    below = np.column_stack([squares[:, :, 0].sum(axis=1), cross.sum(axis=1), squares[:, :, 1].sum(axis=1)])
    return Resampled(float(effect[0, 0]), float(np.sqrt(below[0, 0])), effect[1:], below[1:], extreme=~defined[1:])


@dataclass(frozen=True, eq=False)
class FirstStage(ShortRepr):
    """Cluster means less slopes of what varies within clusters, for every allocation: what no response changes.

    With M the projection on what the other columns leave, the coefficient of an allocation's arm s is
    (s'G'My) / (s'G'MGs), G giving clusters their people; the slopes are those without the arm less those of the arm
    times its coefficient, so everything is made of matrices of clusters.

    Attributes
    ----------
    rows : (n, K) float
    ahead : (K, people) float
        G'M.
    plain : (K, people) float
        Means less the slopes without the arm.
    moved : (n, K) float
        What an arm's coefficient of one adds to the means.
    own : (n,) float
        s'G'MGs; one where it is zero.
    defined : (n,) bool
    """

    rows: np.ndarray
    ahead: np.ndarray
    plain: np.ndarray
    moved: np.ndarray
    own: np.ndarray
    defined: np.ndarray

    def of(self, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Plain means (K, c) of responses (people, c), and the arms' coefficients (n, c)."""
        return self.plain @ Y, (self.rows @ (self.ahead @ Y)) / self.own[:, None]

    def means(self, plain: np.ndarray, gamma: np.ndarray) -> np.ndarray:
        """Means (n, K, c)."""
        return plain[None] + self.moved[:, :, None] * gamma[:, None, :]


def first_stage(stages: TwoStages, rows: np.ndarray) -> FirstStage:
    """The first stage of allocations (n, K)."""
    G = np.eye(len(stages.treated))[stages.cluster]
    kept = independent_columns(stages.others)
    Z, within = stages.others[:, kept], stages.within[kept]
    Z = Z - np.where(within, Z.mean(axis=0), 0.0)  # for rounding: the others hold a constant
    length = np.sqrt((Z**2).sum(axis=0))
    Q, R = np.linalg.qr(Z / length)
    W = Z[:, within]
    slopes = np.linalg.solve(R, Q.T)[within] / length[within, None]
    mean = (G / G.sum(axis=0)).T
    ahead = G.T - (G.T @ Q) @ Q.T
    S = rows.astype(float)
    own = ((S @ (ahead @ G)) * S).sum(axis=1)
    defined = own > _SINGULAR**2 * (S @ G.sum(axis=0))
    moved = S @ (mean @ W @ (slopes @ G)).T
    return FirstStage(S, ahead, mean - (mean @ W) @ slopes, moved, np.where(defined, own, 1.0), defined)


@dataclass(frozen=True, eq=False)
class SecondStage(ShortRepr):
    """Regression of cluster means, or of differences within strata, on the arm, for every allocation.

    Attributes
    ----------
    apart : (n, m, K) float or None
        Differences between the arms of each stratum; none: the means themselves.
    Q : (n, m, p) float
        Orthonormal columns, the arm's the last.
    back : (n,) float
        What takes the last column's part to the effect.
    weight : (n, m) float
        Of a residual in the standard error (HC2).
    defined : (n,) bool
    """

    apart: np.ndarray | None
    Q: np.ndarray
    back: np.ndarray
    weight: np.ndarray
    defined: np.ndarray

    def of(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Effects (n, c) and residuals (n, m, c) of means (n, K, c)."""
        V = means if self.apart is None else self.apart @ means
        part = np.swapaxes(self.Q, 1, 2) @ V
        return part[:, -1] / self.back[:, None], V - self.Q @ part


def second_stage(stages: TwoStages, rows: np.ndarray, defined: np.ndarray) -> SecondStage:
    """The second stage of allocations (n, K), of which some are `defined` in the first."""
    apart = None
    if stages.strata is None:
        constant = np.ones((*rows.shape, 1))
        level = np.broadcast_to(stages.level, (*rows.shape, stages.level.shape[1]))
        X = np.concatenate([constant, level, rows[:, :, None].astype(float)], axis=2)
    else:
        both = [one for one in np.unique(stages.strata) if len(set(stages.treated[stages.strata == one])) == 2]
        member = np.array([stages.strata == one for one in both], dtype=float)
        ones, zeros = (member[None] * part.astype(float)[:, None] for part in (rows, ~rows))
        apart = ones / ones.sum(axis=2, keepdims=True) - zeros / zeros.sum(axis=2, keepdims=True)
        level = apart @ stages.level
        size = np.abs(stages.level).max(axis=0, initial=1.0)
        # what both arms of a stratum share differs by rounding
        level = np.where(np.abs(level) < 1e-9 * size, 0.0, level)[:, :, (np.abs(level) >= 1e-9 * size).any(axis=(0, 1))]
        X = np.concatenate([level, np.ones((*apart.shape[:2], 1))], axis=2)
    size = np.sqrt((X**2).sum(axis=1))
    Q, R = np.linalg.qr(X / np.where(size > 0, size, 1.0)[:, None, :])
    defined = defined & (np.abs(np.diagonal(R, axis1=1, axis2=2)) > _SINGULAR).all(axis=1)
    back = np.where(defined, R[:, -1, -1] * size[:, -1], 1.0)
    leverage = (Q**2).sum(axis=2)
    weight = Q[:, :, -1] / back[:, None] / np.sqrt(np.where(leverage < 1.0 - _SINGULAR, 1.0 - leverage, np.inf))
    return SecondStage(apart, Q, back, weight, defined)
