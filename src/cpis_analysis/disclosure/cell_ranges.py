"""How many values a hidden number of people can have, given everything that is shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sum:
    """One thing a reader knows: these cells add up to that total.

    Attributes
    ----------
    parts : tuple
        Keys of cells.
    total : key or int
        Key of another cell, or a number that is shown elsewhere.
    """

    parts: tuple[Hashable, ...]
    total: Hashable | int


@dataclass(frozen=True)
class Told:
    """What is left of a hidden number.

    Attributes
    ----------
    values : int
        Values that it can have, from the least to the greatest; counted up to as many as were asked for.
    moved : frozenset of int
        Cells that differ from their counts in the tables that prove it. As long as these may still differ, and nothing
        else is known, the number has as many values.
    fences : tuple of frozenset of int, or None
        Why it has no more values: sets of sums that no cell leads out of, one for each end of its range that was not
        passed. None where that is not known.
    """

    values: int
    moved: frozenset[int]
    fences: tuple[frozenset[int], ...] | None = None


class CellRanges:
    """The tables that agree with some sums, searched from the true one.

    Parameters
    ----------
    counts : mapping
        Key -> number of people; the true table.
    sums : sequence of Sum
        All that ties the cells together.
    numbers : bool
        Whether totals that are no cells are known too.

    Notes
    -----
    Cells are arcs and sums are nodes: a cell that stands in two sums carries people from one to the other. If the
    signs allow that (two-way tables with margins do, and clusters with events and their rest), the greatest value of a
    cell is found by augmenting along shortest paths (Ford and Fulkerson 1956, Can J Math 8:399; Edmonds and Karp 1972,
    J ACM 19:248): whole numbers, exact, and no programme to solve. Sums that follow from others are left out if that
    helps. What is no network is solved by integer programming.
    """

    def __init__(self, counts: Mapping[Hashable, int], sums: Sequence[Sum], *, numbers: bool) -> None:
        self.place = {key: index for index, key in enumerate(counts)}
        self.true = [int(count) for count in counts.values()]
        rows = [_row(one, self.place) for one in sums if numbers or one.total in self.place]
        self.rows = [row for row in dict.fromkeys(rows) if row]
        self._arcs = _network(self.rows, len(self.place))
        if self._arcs is None:
            self.rows = _needed(self.rows, len(self.place))
            self._arcs = _network(self.rows, len(self.place))
        self._at: list[list[tuple[int, int, int]]] = [[] for _ in range(len(self.rows) + 1)]
        for cell, (start, end) in enumerate(self._arcs or ()):
            if start != end:
                self._at[start].append((cell, end, 1))
                self._at[end].append((cell, start, -1))

    def told(self, key: Hashable, low: Sequence[int], high: Sequence[int], enough: int) -> Told:
        """Count the values that a cell can have between its least and greatest.

        Parameters
        ----------
        key : key
        low, high : sequence of int
            Between which each cell is known to lie, in the order of `counts`; the true table lies there.
        enough : int
            More values need not be counted.
        """
        cell = self.place[key]
        search = self._along_paths if self._arcs is not None else self._by_programme
        up, moved, fences = search(cell, 1, low, high, enough - 1)
        down = 0
        if up < enough - 1:
            down, more, others = search(cell, -1, low, high, enough - 1 - up)
            moved |= more
            fences = None if fences is None or others is None else fences + others
        return Told(1 + up + down, moved, fences)

    def matters(self, key: Hashable, found: Told) -> bool:
        """Whether a cell that is withheld now can leave more values to the number of which `found` was found."""
        if found.fences is None or self._arcs is None:
            return True
        start, end = self._arcs[self.place[key]]
        return any((start in fence) != (end in fence) for fence in found.fences)

    def _along_paths(self, cell: int, sign: int, low: Sequence[int], high: Sequence[int], wanted: int) -> _Found:
        """By how much the cell can rise (sign 1) or fall (-1), up to `wanted`, and which cells move for it."""
        start, end = (self._arcs or [])[cell]
        moved: dict[int, int] = {}
        fences: tuple[frozenset[int], ...] = ()
        done = 0
        wanted = min(wanted, self._room(cell, sign, moved, low, high))
        while done < wanted:
            if start == end:  # in no sum: free
                moved[cell] = sign * wanted
                done = wanted
                break
            # people put into the cell run from its end back to its start through other cells
            path = self._path(cell, *((end, start) if sign == 1 else (start, end)), moved, low, high)
            if isinstance(path, frozenset):
                fences = (path,)
                break
            step = min(wanted - done, *(self._room(other, way, moved, low, high) for other, way in path))
            for other, way in path:
                moved[other] = moved.get(other, 0) + way * step
            moved[cell] = moved.get(cell, 0) + sign * step
            done += step
        return done, frozenset(index for index, change in moved.items() if change), fences

    def _room(self, cell: int, way: int, moved: Mapping[int, int], low: Sequence[int], high: Sequence[int]) -> int:
        now = self.true[cell] + moved.get(cell, 0)
        return high[cell] - now if way == 1 else now - low[cell]

    def _path(
        self, cell: int, origin: int, goal: int, moved: Mapping[int, int], low: Sequence[int], high: Sequence[int]
    ) -> list[tuple[int, int]] | frozenset[int]:
        """Cells along which people can run from one node to another, each with whether it rises or falls.

        Where there is no way, the nodes that were reached.
        """
        ahead = len(self._at[origin]) <= len(self._at[goal])
        first, last, turn = (origin, goal, 1) if ahead else (goal, origin, -1)
        came: dict[int, tuple[int, int, int]] = {first: (first, cell, 0)}
        queue = deque([first])
        while queue:
            node = queue.popleft()
            for other, far, towards in self._at[node]:
                if far in came or other == cell:
                    continue
                way = towards * turn
                now = self.true[other] + moved.get(other, 0)
                if now < high[other] if way == 1 else now > low[other]:
                    came[far] = (node, other, way)
                    if far == last:
                        path = []
                        while far != first:
                            far, other, way = came[far]
                            path.append((other, way))
                        return path
                    queue.append(far)
        return frozenset(came)

    def _by_programme(self, cell: int, sign: int, low: Sequence[int], high: Sequence[int], wanted: int) -> _Found:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        ends = np.array(high, dtype=float)
        ends[cell] = min(ends[cell], self.true[cell] + wanted)
        starts = np.array(low, dtype=float)
        starts[cell] = max(starts[cell], self.true[cell] - wanted)
        matrix = csr_array(_dense(self.rows, len(self.place)))
        true = np.array(self.true)
        right = matrix @ true
        target = np.zeros(len(self.place))
        target[cell] = -sign
        found = milp(
            target,
            constraints=[LinearConstraint(matrix, right, right)] if len(self.rows) else [],
            bounds=Bounds(starts, ends),
            integrality=np.ones(len(self.place)),
        )
        if found.x is None:
            return 0, frozenset(), None
        table = np.round(found.x).astype(int)
        return abs(int(table[cell] - true[cell])), frozenset(np.flatnonzero(table != true).tolist()), None


_Found = tuple[int, frozenset[int], tuple[frozenset[int], ...] | None]
"""By how much a cell can move, the cells that move for it, and what stops it."""
_Row = tuple[tuple[int, int], ...]
"""A sum as (cell, sign): what is added up less the total, if that is a cell."""


def _row(one: Sum, place: Mapping[Hashable, int]) -> _Row:
    signs: dict[int, int] = {}
    for key in one.parts:
        signs[place[key]] = signs.get(place[key], 0) + 1
    if one.total in place:
        signs[place[one.total]] = signs.get(place[one.total], 0) - 1
    return tuple(sorted((cell, sign) for cell, sign in signs.items() if sign))


def _network(rows: Sequence[_Row], n_cells: int) -> list[tuple[int, int]] | None:
    """Start and end of each cell, among the sums and an outer node (the last); None if the sums are no network."""
    outside = len(rows)
    found: list[list[tuple[int, int]]] = [[] for _ in range(n_cells)]
    for node, row in enumerate(rows):
        for cell, sign in row:
            found[cell].append((node, sign))
    if any(len(places) > 2 for places in found) or any(abs(sign) > 1 for places in found for _, sign in places):
        return None
    turned = _directions(rows, found)
    if turned is None:
        return None
    arcs = []
    for places in found:
        into = [node for node, sign in places if turned[node] * sign == 1]
        out = [node for node, sign in places if turned[node] * sign == -1]
        arcs.append((out[0] if out else outside, into[0] if into else outside))
    return arcs


def _directions(rows: Sequence[_Row], found: Sequence[Sequence[tuple[int, int]]]) -> list[int] | None:
    """Sign of each sum with which every cell that stands in two of them enters one and leaves the other."""
    turned = [0] * len(rows)
    for first in range(len(rows)):
        if turned[first]:
            continue
        turned[first] = 1
        queue = deque([first])
        while queue:
            node = queue.popleft()
            for cell, sign in rows[node]:
                for other, far in found[cell]:
                    if other == node:
                        continue
                    wanted = -turned[node] * sign * far
                    if not turned[other]:
                        turned[other] = wanted
                        queue.append(other)
                    elif turned[other] != wanted:
                        return None
    return turned


def _needed(rows: Sequence[_Row], n_cells: int) -> list[_Row]:
    """Leave out sums that follow from the others, those first that hold most cells of three sums and more."""
    kept = list(rows)
    matrix = _dense(kept, n_cells)
    rank = np.linalg.matrix_rank(matrix) if len(kept) else 0
    while len(kept) > rank:
        crowded = (matrix != 0).sum(axis=0) > 2
        if not crowded.any():
            break
        for index in np.argsort(-(matrix[:, crowded] != 0).sum(axis=1), kind="stable"):
            rest = np.delete(matrix, index, axis=0)
            if np.linalg.matrix_rank(rest) == rank:
                kept.pop(int(index))
                matrix = rest
                break
    return kept


def _dense(rows: Sequence[_Row], n_cells: int) -> np.ndarray:
    matrix = np.zeros((len(rows), n_cells))
    for index, row in enumerate(rows):
        for cell, sign in row:
            matrix[index, cell] = sign
    return matrix
