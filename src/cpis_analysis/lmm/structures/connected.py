"""Which groups of the random terms belong together, because a row has them both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.lmm.designs.design import RandomPart


def largest_block(parts: tuple[RandomPart, ...]) -> int:
    """Columns of the largest set of connected groups."""
    block, _ = connected_blocks(parts)
    widths = np.repeat([part.q for part in parts], [part.n_groups for part in parts])
    return int(np.bincount(block, weights=widths).max())


def connected_blocks(parts: tuple[RandomPart, ...]) -> tuple[np.ndarray, int]:
    """Block of every group (groups of all terms in one row), and the number of blocks."""
    return connected_components_of([part.codes for part in parts], [part.n_groups for part in parts])


def connected_components_of(codes: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, int]:
    """Block of every group of several groupings of the same rows, and the number of blocks."""
    starts = np.cumsum([0, *sizes])
    nodes = int(starts[-1])
    if len(codes) == 1:
        return np.arange(nodes), nodes
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first = np.tile(codes[0], len(codes) - 1)
    others = np.concatenate([one + start for one, start in zip(codes[1:], starts[1:-1], strict=True)])
    graph = coo_matrix((np.ones(len(first), dtype=np.int8), (first, others)), shape=(nodes, nodes))
    count, block = connected_components(graph, directed=False)
    return block, count
