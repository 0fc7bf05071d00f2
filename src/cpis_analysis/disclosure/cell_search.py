"""Which cells of related tables have to be hidden so that small ones can't be worked out from the rest."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import cast

from cpis_analysis.disclosure.cell_ranges import CellRanges, Sum, Told
from cpis_analysis.publish.format import is_missing

__all__ = ["SECONDARY", "SHOWN", "SMALL", "Sum", "is_small", "protect"]

SHOWN, SMALL, SECONDARY = "shown", "small", "withheld"
_VALUES_LEFT = 3
_SAY_EVERY = 3.0
"""Seconds after which a long search says how far it is."""

_log = logging.getLogger(__name__)


def is_small(count: float, minimum: int) -> bool:
    """Tell whether a count of people has to be hidden: above zero and below the minimum."""
    return not is_missing(count) and 0 < count < minimum


def protect(
    counts: Mapping[Hashable, int], sums: Sequence[Sum], minimum: int, last: Collection[Hashable] = ()
) -> dict[Hashable, str]:
    """Decide which cells are shown.

    1. Cells of 1 to ``minimum - 1`` are small.
    2. For each small cell find the least and the greatest value that everything shown allows (`CellRanges`; small
       cells are 1 to ``minimum - 1``, withheld ones at least ``minimum``, others known). It is safe if at
       least three values are left, or as many as the marks themselves leave ("<5" for a total and for both of its
       parts leaves 1 to 3 for a part).
    3. While one is not safe, withhold the smallest shown cell of at least ``minimum`` that shares a sum with a
       hidden one that is not safe, one of `last` only if there is no other; where there is none, withhold all cells
       of the sum, marks included, so that a reader knows the total only.
    4. Show each withheld cell again, those of `last` and then the largest first, if all small cells stay safe.

    Parameters
    ----------
    counts : mapping
        Key -> number of people.
    sums : sequence of Sum
        All that relates the cells, totals that stand in other tables included.
    minimum : int
        Smallest number shown; 0 or 1 hides nothing.
    last : collection of keys
        Cells that are the finding: withheld where others don't do. Small ones among them are hidden as all are.

    Returns
    -------
    dict
        Key -> ``shown``, ``small`` or ``withheld``.
    """
    states = {key: SMALL if is_small(count, minimum) else SHOWN for key, count in counts.items()}
    if SMALL not in states.values():
        return states
    veiled: set[Hashable] = set()  # withheld together with the mark: nothing is known but the sums
    audit = _Audit(counts, sums, minimum)
    order = {key: (key in last, count, index) for index, (key, count) in enumerate(counts.items())}
    withheld: Hashable | None = None
    said = time.monotonic()
    while True:
        exposed = list(audit.exposed(states, veiled, withheld=withheld))
        if time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            _log.info(
                "Disclosure control: %d of %d small numbers are safe.",
                len(audit.small) - len(exposed),
                len(audit.small),
            )
        if not exposed:
            return _with_spare_cells_shown(counts, states, veiled, audit, last)
        candidates = _to_withhold(counts, sums, states, exposed, minimum)
        if candidates:
            withheld = min(candidates, key=order.__getitem__)
            states[withheld] = SECONDARY
            continue
        line = _line_to_veil(sums, veiled, exposed)
        if line is None:  # the totals themselves give the number away; nothing in this table can hide it
            return states
        for key in line:
            states[key] = SECONDARY
            veiled.add(key)
        withheld = None


def _with_spare_cells_shown(
    counts: Mapping[Hashable, int],
    states: dict[Hashable, str],
    veiled: set[Hashable],
    audit: _Audit,
    last: Collection[Hashable],
) -> dict[Hashable, str]:
    """Withhold no more than is needed: the search goes one cell at a time and overshoots."""
    spare = [key for key, state in states.items() if state == SECONDARY and key not in veiled]
    for key in sorted(spare, key=lambda key: (key not in last, -counts[key])):
        trial = {**states, key: SHOWN}
        if next(audit.exposed(trial, veiled, shown=key), None) is None:
            states = trial
    return states


class _Audit:
    """What a reader can work out about hidden cells.

    What was found of a cell is kept. Withholding more can only leave it more values; showing a cell takes values away
    only if that cell differs from its count in the tables that were found.
    """

    def __init__(self, counts: Mapping[Hashable, int], sums: Sequence[Sum], minimum: int) -> None:
        self.counts, self.minimum = counts, minimum
        # the total of a sum is a cell, or a number where no cell holds it
        known = [cast(int, one.total) for one in sums if one.total not in counts]
        self.largest = 2 * max([*counts.values(), minimum, 1, *known])
        self.ranges = CellRanges(counts, sums, numbers=True)
        marks = {key: SMALL if is_small(count, minimum) else SHOWN for key, count in counts.items()}
        self.small = [key for key, state in marks.items() if state == SMALL]
        # three values, or as many as the marks and zeros alone leave
        bare, bounds = CellRanges(counts, sums, numbers=False), self._bounds(marks, set(), known=False)
        self.demands = {key: bare.told(key, *bounds, _VALUES_LEFT).values for key in self.small}
        self.safe: dict[Hashable, Told] = {}
        self.told: dict[Hashable, Told] = {}

    def exposed(
        self,
        states: Mapping[Hashable, str],
        veiled: set[Hashable],
        *,
        withheld: Hashable | None = None,
        shown: Hashable | None = None,
    ) -> Iterator[Hashable]:
        """Small cells of which the shown numbers leave too few values.

        Parameters
        ----------
        states : mapping
        veiled : set
        withheld : key, optional
            The only cell that was withheld since the last call; nothing was shown.
        shown : key, optional
            The only cell that is shown on trial, since the last call without one that had nothing exposed.
        """
        bounds = self._bounds(states, veiled, known=True)
        for key in self.small:
            found = self.safe.get(key)
            if found is not None and (shown is None or self.ranges.place[shown] not in found.moved):
                continue
            demand = 2 if key in veiled else self.demands[key]
            if withheld is None or not self._still_told(key, withheld):
                found = self.told[key] = self.ranges.told(key, *bounds, demand)
                if found.values >= demand:
                    self.safe[key] = found
                    continue
            yield key

    def _still_told(self, key: Hashable, withheld: Hashable) -> bool:
        return key in self.told and withheld != key and not self.ranges.matters(withheld, self.told[key])

    def _bounds(
        self, states: Mapping[Hashable, str], veiled: set[Hashable], *, known: bool
    ) -> tuple[list[int], list[int]]:
        low, high = zip(*(self._between(key, states[key], key in veiled, known) for key in self.counts), strict=True)
        return list(low), list(high)

    def _between(self, key: Hashable, state: str, veiled: bool, known: bool) -> tuple[int, int]:
        count = int(self.counts[key])
        if veiled:
            return 0, self.largest
        if state == SMALL:
            return 1, self.minimum - 1
        if state == SHOWN and (known or count == 0):
            return count, count
        return self.minimum, self.largest


def _to_withhold(
    counts: Mapping[Hashable, int],
    sums: Sequence[Sum],
    states: Mapping[Hashable, str],
    exposed: Sequence[Hashable],
    minimum: int,
) -> set[Hashable]:
    """Shown cells that share a sum with an exposed one, else with any hidden one."""
    hidden = [key for key, state in states.items() if state != SHOWN]
    for wanted in (set(exposed), set(hidden)):
        candidates: set[Hashable] = set()
        for one in sums:
            members = _members(one, counts)
            if not wanted.isdisjoint(members):
                candidates.update(key for key in members if states[key] == SHOWN and counts[key] >= minimum)
        if candidates:
            return candidates
    return set()


def _line_to_veil(
    sums: Sequence[Sum], veiled: set[Hashable], exposed: Sequence[Hashable]
) -> tuple[Hashable, ...] | None:
    wanted = set(exposed)
    for one in sums:
        if wanted.intersection(one.parts) and not veiled.issuperset(one.parts):
            return one.parts
    return None


def _members(one: Sum, counts: Mapping[Hashable, int]) -> list[Hashable]:
    return [*one.parts, *([one.total] if one.total in counts else [])]
