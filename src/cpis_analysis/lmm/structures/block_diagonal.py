"""Any random-effects structure as independent blocks.

Groups that share a row belong together; the connected sets of groups are independent blocks. Rows enter
once, through the blocks' cross-products, so an evaluation costs the sizes of the blocks and not the
number of rows. Blocks of like size are padded to one size and solved together.

With C = Z'Z, S = Z'W and covariance factor L (Psi = L L'):

M = I + L'CL,  K = Z'H^-1Z = C - CL M^-1 L'C,  D = Z'H^-1W = S - CL M^-1 L'S,  log|H| = log|M|
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.connected import connected_blocks
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.sufficient_moments import Moments


@dataclass(frozen=True, repr=False)
class Bucket(ShortRepr):
    """Blocks of like size.

    Attributes
    ----------
    C : (blocks, m, m) float
        Z'Z of each block; rows and columns of the padding are zero.
    positions : list over terms of (blocks, groups, q) int
        Column of effect a of the g-th group in the block; m - 1 (always padding) where there is none.
    groups : list over terms of (blocks, groups) int
        Number of the group, -1 where there is none.
    """

    C: np.ndarray
    positions: list[np.ndarray]
    groups: list[np.ndarray]


class BlockStructure:
    """Cross-products of a model by independent blocks.

    Parameters
    ----------
    parts : sequence of RandomPart
    basis : Basis
    """

    def __init__(self, parts: tuple[RandomPart, ...], basis: Basis) -> None:
        self.layout = Layout(tuple(part.q for part in parts))
        self.n = len(basis.Q)
        self.parts = parts
        self.size = sum(part.q * part.n_groups for part in parts)
        root = basis.root_weights
        self._root = root
        self._z, self.scales = [], []
        for part in parts:
            ones = np.ones(self.n) if root is None else root
            columns = ones[:, None] if part.columns is None else part.columns * ones[:, None]
            scale = np.sqrt((columns**2).mean(axis=0))
            scale = np.where(scale > 0, scale, 1.0) if part.columns is not None else np.ones(1)
            self._z.append(columns / scale)
            self.scales.append(scale)
        self._blocks()
        self.QX = self.project(basis.Q)

    # -- reduction of the rows ---------------------------------------------------------------------

    def _blocks(self) -> None:
        parts = self.parts
        starts = np.concatenate([[0], np.cumsum([part.n_groups for part in parts])])
        nodes = int(starts[-1])
        block_of_node, count = connected_blocks(parts)
        node_term = np.repeat(np.arange(len(parts)), [part.n_groups for part in parts])
        widths = np.array([part.q for part in parts])[node_term]
        order = np.lexsort((np.arange(nodes), block_of_node))
        ends = np.cumsum(widths[order])
        size = np.bincount(block_of_node, weights=widths, minlength=count).astype(np.intp)
        begin = np.concatenate([[0], np.cumsum(size)[:-1]])
        local = np.empty(nodes, dtype=np.intp)
        local[order] = ends - widths[order] - begin[block_of_node[order]]
        self._node_block, self._node_local, self._starts = block_of_node, local, starts
        # buckets: sizes within a factor of about 1.5 share one padded size
        step = np.ceil(np.log(np.maximum(size, 1)) / np.log(1.5) - 1e-9).astype(int)
        if count <= 4:
            step[:] = step.max()
        kinds, bucket_of_block = np.unique(step, return_inverse=True)
        self._bucket_of_block = bucket_of_block
        self._slot = np.empty(count, dtype=np.intp)
        self._widths = []
        for b in range(len(kinds)):
            members = np.flatnonzero(bucket_of_block == b)
            self._slot[members] = np.arange(len(members))
            self._widths.append((len(members), int(size[members].max()) + 1))
        self.buckets = [self._bucket(b, node_term) for b in range(len(kinds))]

    def _bucket(self, b: int, node_term: np.ndarray) -> Bucket:
        blocks, m = self._widths[b]
        positions, groups = [], []
        here = self._bucket_of_block[self._node_block] == b
        for k, part in enumerate(self.parts):
            nodes = np.flatnonzero(here & (node_term == k))
            slot = self._slot[self._node_block[nodes]]
            counts = np.bincount(slot, minlength=blocks)
            order = np.argsort(slot, kind="stable")
            rank = np.arange(len(nodes)) - np.repeat(np.cumsum(counts) - counts, counts)
            most = int(counts.max(initial=0))
            position = np.full((blocks, most, part.q), m - 1, dtype=np.intp)
            group = np.full((blocks, most), -1, dtype=np.intp)
            s, nodes = slot[order], nodes[order]
            position[s, rank] = self._node_local[nodes][:, None] + np.arange(part.q)
            group[s, rank] = nodes - self._starts[k]
            positions.append(position)
            groups.append(group)
        C = np.zeros(blocks * m * m)
        rows = np.flatnonzero(self._bucket_of_block[self._node_block[self.parts[0].codes]] == b)
        every = len(rows) == self.n
        columns = []
        for k, part in enumerate(self.parts):
            codes = part.codes if every else part.codes[rows]
            z = self._z[k] if every else self._z[k][rows]
            at = self._node_local[codes + self._starts[k]]
            columns += [(at + a, z[:, a]) for a in range(part.q)]
        codes = self.parts[0].codes if every else self.parts[0].codes[rows]
        slot = self._slot[self._node_block[codes]]
        for i, (at_i, z_i) in enumerate(columns):
            for j, (at_j, z_j) in enumerate(columns[: i + 1]):
                cross = np.bincount((slot * m + at_i) * m + at_j, weights=z_i * z_j, minlength=len(C))
                C += cross
                if j < i:
                    C += cross.reshape(blocks, m, m).transpose(0, 2, 1).ravel()
        return Bucket(C.reshape(blocks, m, m), positions, groups)

    def project(self, W: np.ndarray) -> list[np.ndarray]:
        """Z'W of each bucket, (blocks, m, columns of W)."""
        weighted = W if self._root is None else W * self._root[:, None]
        out = [np.zeros((blocks, m, W.shape[1])) for blocks, m in self._widths]
        for k, part in enumerate(self.parts):
            for a in range(part.q):
                z = self._z[k][:, a]
                for j in range(W.shape[1]):
                    sums = np.bincount(part.codes, weights=z * weighted[:, j], minlength=part.n_groups)
                    for S, bucket in zip(out, self.buckets, strict=True):
                        group, position = bucket.groups[k], bucket.positions[k][:, :, a]
                        block, g = np.nonzero(group >= 0)
                        S[block, position[block, g], j] = sums[group[block, g]]
        return out

    def sums(self, y: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """W'W and Z'W for one scaled residual outcome (n,), orthogonal to the basis."""
        p = self.QX[0].shape[2]
        WW = np.zeros((p + 1, p + 1))
        WW[:p, :p] = np.eye(p)
        WW[p, p] = y @ y if self._root is None else y @ (y * self._root**2)
        return WW, [np.concatenate([QX, Zy], axis=2) for QX, Zy in zip(self.QX, self.project(y[:, None]), strict=True)]

    def outside(self) -> list[float]:
        """Share of each term's columns that lies outside the fixed part."""
        shares = []
        for k, part in enumerate(self.parts):
            inside = np.zeros(part.q)
            total = np.zeros(part.q)
            for bucket, QX in zip(self.buckets, self.QX, strict=True):
                position = bucket.positions[k]
                at = np.arange(len(position))[:, None]
                for a in range(part.q):
                    inside[a] += (QX[at, position[:, :, a]] ** 2).sum()
                    total[a] += bucket.C[at, position[:, :, a], position[:, :, a]].sum()
            shares.append(float((1.0 - inside / np.where(total > 0, total, 1.0)).min()))
        return shares

    # -- evaluation --------------------------------------------------------------------------------

    def _factor(self, bucket: Bucket, factors: list[np.ndarray]) -> np.ndarray:
        """The covariance factor of a bucket's blocks, (blocks, m, m)."""
        blocks, m = bucket.C.shape[:2]
        Lam = np.zeros((blocks, m, m))
        at = np.arange(blocks)[:, None]
        for position, L in zip(bucket.positions, factors, strict=True):
            for a in range(len(L)):
                for c in range(a + 1):
                    Lam[at, position[:, :, a], position[:, :, c]] = L[a, c]
        Lam[:, m - 1, :] = 0.0
        Lam[:, :, m - 1] = 0.0
        return Lam

    def _solve(
        self, bucket: Bucket, S: np.ndarray, psi: np.ndarray, with_K: bool
    ) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """log|H|, what W'W loses, D, and K (empty if not wanted) of a bucket's blocks."""
        matrices = [self.layout.matrix(psi, k) for k in range(len(self.parts))]
        if all(np.linalg.eigvalsh(matrix)[0] >= -1e-14 * max(np.trace(matrix), 1e-300) for matrix in matrices):
            Lam = self._factor(bucket, [self.layout.factors(self.layout.theta(psi))[k] for k in range(len(matrices))])
            CL = bucket.C @ Lam
            M = Lam.transpose(0, 2, 1) @ CL
            m = M.shape[1]
            M[:, np.arange(m), np.arange(m)] += 1.0
            root = np.linalg.cholesky(M)
            US = np.linalg.solve(root, Lam.transpose(0, 2, 1) @ S)
            log_det = 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum()
            fit = np.einsum("bmi,bmj->ij", US, US)
            if not with_K:
                return log_det, fit, S - CL @ np.linalg.solve(root.transpose(0, 2, 1), US), np.zeros(0)
            U = np.linalg.solve(root, CL.transpose(0, 2, 1))
            Ut = U.transpose(0, 2, 1)
            return log_det, fit, S - Ut @ US, bucket.C - Ut @ U
        # a negative variance (unbounded search): no factor exists, K = (I + C Psi)^-1 C
        Psi = self._psi_matrix(bucket, matrices)
        m = Psi.shape[1]
        IC = bucket.C @ Psi
        IC[:, np.arange(m), np.arange(m)] += 1.0
        sign, log_det = np.linalg.slogdet(IC)
        eigen = np.linalg.eigvals(IC)
        if (sign <= 0).any() or eigen.real.min() <= 0:
            raise np.linalg.LinAlgError("H is not positive definite")
        D = np.linalg.solve(IC, S)
        K = np.linalg.solve(IC, bucket.C) if with_K else np.zeros(0)
        return float(log_det.sum()), np.einsum("bmi,bmn,bnj->ij", S, Psi, D), D, K

    def _psi_matrix(self, bucket: Bucket, matrices: list[np.ndarray]) -> np.ndarray:
        blocks, m = bucket.C.shape[:2]
        Psi = np.zeros((blocks, m, m))
        at = np.arange(blocks)[:, None]
        for position, S in zip(bucket.positions, matrices, strict=True):
            for a in range(len(S)):
                for c in range(len(S)):
                    Psi[at, position[:, :, a], position[:, :, c]] = S[a, c]
        Psi[:, m - 1, :] = 0.0
        Psi[:, :, m - 1] = 0.0
        return Psi

    def value(self, psi: np.ndarray, sums: tuple[np.ndarray, list[np.ndarray]]) -> tuple[float, np.ndarray]:
        """log|H| and A alone, which the likelihood needs."""
        WW, ZW = sums
        log_det, A = 0.0, WW.copy()
        for bucket, S in zip(self.buckets, ZW, strict=True):
            one, fit, _, _ = self._solve(bucket, S, psi, False)
            log_det += one
            A -= fit
        return log_det, A

    def moments(self, psi: np.ndarray, sums: tuple[np.ndarray, list[np.ndarray]]) -> Moments:
        """All moments at psi (ratios in the internal units of the random-effect columns)."""
        WW, ZW = sums
        entries = self.layout.entries
        R, dim = len(entries), len(WW)
        log_det, A = 0.0, WW.copy()
        T, TT = np.zeros(R), np.zeros((R, R))
        P, Q = np.zeros((R, dim, dim)), np.zeros((R, R, dim, dim))
        for bucket, S in zip(self.buckets, ZW, strict=True):
            one, fit, D, K = self._solve(bucket, S, psi, True)
            log_det += one
            A -= fit
            K = 0.5 * (K + K.transpose(0, 2, 1))
            at = np.arange(len(K))[:, None]
            pos = {(k, a): p[:, :, a] for k, p in enumerate(bucket.positions) for a in range(p.shape[2])}
            Ds = {e: D[at, p] for e, p in pos.items()}
            Ks = {
                (e, f): K[at[:, :, None], pe[:, :, None], pf[:, None, :]]
                for e, pe in pos.items()
                for f, pf in pos.items()
            }
            for r, (k, a, b) in enumerate(entries):
                ka, kb = (k, a), (k, b)
                half = Ds[ka].reshape(-1, dim).T @ Ds[kb].reshape(-1, dim)
                P[r] += half if a == b else half + half.T
                T[r] += (1 if a == b else 2) * np.einsum("bgg->", Ks[ka, kb])
                left = [(ka, kb)] if a == b else [(ka, kb), (kb, ka)]
                for s, (l, c, d) in enumerate(entries[: r + 1]):
                    lc, ld = (l, c), (l, d)
                    right = [(lc, ld)] if c == d else [(lc, ld), (ld, lc)]
                    for ea, eb in left:
                        for ec, ed in right:
                            TT[r, s] += np.einsum("bgh,bgh->", Ks[ea, ed], Ks[eb, ec])
                            Q[r, s] += np.tensordot(Ds[ea], Ks[eb, ec] @ Ds[ed], axes=([0, 1], [0, 1]))
        for r in range(R):
            for s in range(r):
                TT[s, r] = TT[r, s]
                Q[s, r] = Q[r, s].T
        return Moments(self.n, np.array(psi, dtype=float), float(log_det), A, T, P, TT, Q)

    def modes(self, psi: np.ndarray, y: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        """Conditional modes Psi Z'H^-1 W c of each term, (groups, q), in internal units."""
        sums = self.sums(y)
        out = [np.zeros((part.n_groups, part.q)) for part in self.parts]
        for bucket, S in zip(self.buckets, sums[1], strict=True):
            _, _, D, _ = self._solve(bucket, S, psi, False)
            d = D @ c
            for k, (position, group) in enumerate(zip(bucket.positions, bucket.groups, strict=True)):
                block, g = np.nonzero(group >= 0)
                out[k][group[block, g]] = d[block[:, None], position[block, g]] @ self.layout.matrix(psi, k)
        return out
