"""Independent blocks of persons who share random effects, each with its rows and effects as dense arrays.

Groups that share a person belong together. Blocks of like size are padded to one size and solved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.residual import ResidualPart
from cpis_analysis.lmm.structures.connected import connected_components_of
from cpis_analysis.lmm.structures.covariance_parameters import Layout


@dataclass(frozen=True, repr=False)
class PersonBlocks(ShortRepr):
    """Blocks of like size.

    Attributes
    ----------
    persons : (blocks, I) int
        Persons of each block; the number of persons where there is none.
    Z : (blocks, I, T, m) float
        Columns of the random effects in the rows of each person and occasion; zero where there is no row.
    lower : (R, blocks, m, m) float
        Where each parameter of the random part stands in the lower half of the covariance of a block's effects.
    effect : (blocks, m) int
        Which effect a column is, counting those of all terms; -1 for padding.
    """

    persons: np.ndarray
    Z: np.ndarray
    lower: np.ndarray
    effect: np.ndarray

    @cached_property
    def symmetric(self) -> np.ndarray:
        """Derivatives of the covariance of a block's effects by each parameter, (R, blocks, m, m)."""
        diagonal = self.lower * np.eye(self.lower.shape[-1])
        return self.lower + self.lower.swapaxes(-1, -2) - diagonal

    def factor(self, layout: Layout, theta: np.ndarray) -> np.ndarray:
        """Lower triangular factor of the covariance of a block's effects, (blocks, m, m)."""
        factors = layout.factors(theta)
        values = [factors[k][a, b] for k, a, b in layout.entries]
        return np.tensordot(np.array(values), self.lower, 1)


def person_blocks(
    parts: Sequence[RandomPart], z: Sequence[np.ndarray], residual: ResidualPart, rank: np.ndarray
) -> list[PersonBlocks]:
    """Cut a design into blocks.

    Parameters
    ----------
    parts : sequence of RandomPart
    z : sequence of (n, q) float
        Scaled columns of each term.
    residual : ResidualPart
    rank : (persons,) int
        The place that each person has in the structure's arrays.
    """
    T, N = len(residual.occasion_labels), residual.n_persons
    codes = [*(part.codes for part in parts), residual.person]
    node_block, blocks = connected_components_of(codes, [*(part.n_groups for part in parts), N])
    starts = np.cumsum([0, *(part.n_groups for part in parts)])
    person_block = node_block[starts[-1] :]
    # local columns: effects of all terms in the order of their groups
    widths = np.repeat([part.q for part in parts], [part.n_groups for part in parts])
    effects = np.concatenate([[0], np.cumsum(widths)])
    owner = np.repeat(node_block[: starts[-1]], widths)
    local = _places(owner, blocks)
    columns, people = np.bincount(owner, minlength=blocks), np.bincount(person_block, minlength=blocks)
    seat = _places(person_block, blocks)
    size = np.ceil(np.log([columns, people]) / np.log(1.5) - 1e-9).astype(int)
    kinds, kind = np.unique(size.T, axis=0, return_inverse=True)
    kind = kind.ravel()
    out = []
    layout = Layout(tuple(part.q for part in parts))
    for number in range(len(kinds)):
        members = np.flatnonzero(kind == number)
        slot = np.full(blocks, -1)
        slot[members] = np.arange(len(members))
        most, m = int(people[members].max()), int(columns[members].max())
        persons = np.full((len(members), most), N)
        here = np.flatnonzero(slot[person_block] >= 0)
        persons[slot[person_block[here]], seat[here]] = rank[here]
        effect = np.full((len(members), m), -1)
        mine = np.flatnonzero(slot[owner] >= 0)
        effect[slot[owner[mine]], local[mine]] = mine
        Z = np.zeros((len(members), most, T, m))
        lower = np.zeros((len(layout.entries), len(members), m, m))
        rows = np.flatnonzero(slot[person_block[residual.person]] >= 0)
        person = residual.person[rows]
        for k, part in enumerate(parts):
            first = effects[starts[k] + part.codes[rows]]
            for a in range(part.q):
                Z[slot[person_block[person]], seat[person], residual.occasion[rows], local[first + a]] += z[k][rows, a]
            groups = effects[starts[k] + np.flatnonzero(slot[node_block[starts[k] : starts[k + 1]]] >= 0)]
            for r, (term, a, b) in enumerate(layout.entries):
                if term == k:
                    lower[r, slot[owner[groups]], local[groups + a], local[groups + b]] = 1.0
        out.append(PersonBlocks(persons, Z, lower, effect))
    return out


def _places(group: np.ndarray, groups: int) -> np.ndarray:
    """Position of each member within its group."""
    order = np.argsort(group, kind="stable")
    count = np.bincount(group, minlength=groups)
    out = np.empty(len(group), dtype=np.intp)
    out[order] = np.arange(len(group)) - np.repeat(np.cumsum(count) - count, count)
    return out
