"""Which cells of related tables have to be hidden so that small ones can't be worked out from the rest."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpis_analysis.present.format import is_missing

__all__ = ["SECONDARY", "SHOWN", "SMALL", "Sum", "is_small", "protect"]

SHOWN, SMALL, SECONDARY = "shown", "small", "withheld"
_VALUES_LEFT = 3


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


def is_small(count: float, minimum: int) -> bool:
    """Tell whether a count of people has to be hidden: above zero and below the minimum."""
    return not is_missing(count) and 0 < count < minimum


def protect(counts: Mapping[Hashable, int], sums: Sequence[Sum], minimum: int) -> dict[Hashable, str]:
    """Decide which cells are shown.

    1. Cells of 1 to ``minimum - 1`` are small.
    2. For each small cell find the least and the greatest value that everything shown allows (integer programming:
       small cells are 1 to ``minimum - 1``, withheld ones at least ``minimum``, others known). It is safe if at
       least three values are left, or as many as the marks themselves leave ("<5" for a total and for both of its
       parts leaves 1 to 3 for a part).
    3. While one is not safe, withhold the smallest shown cell of at least ``minimum`` that shares a sum with a
       hidden one that is not safe; where there is none, withhold all cells of the sum, marks included, so that a
       reader knows the total only.
    4. Show each withheld cell again, the largest first, if all small cells stay safe.

    Parameters
    ----------
    counts : mapping
        Key -> number of people.
    sums : sequence of Sum
        All that relates the cells, totals that stand in other tables included.
    minimum : int
        Smallest number shown; 0 or 1 hides nothing.

    Returns
    -------
    dict
        Key -> ``shown``, ``small`` or ``withheld``.
    """
    states = {key: SMALL if is_small(count, minimum) else SHOWN for key, count in counts.items()}
    veiled: set[Hashable] = set()  # withheld together with the mark: nothing is known but the sums
    audit = _Audit(counts, sums, minimum)
    while True:
        exposed = list(audit.exposed(states, veiled))
        if not exposed:
            return _with_spare_cells_shown(counts, states, veiled, audit)
        chosen = _next_to_withhold(counts, sums, states, exposed, minimum)
        if chosen is not None:
            states[chosen] = SECONDARY
            continue
        line = _line_to_veil(sums, veiled, exposed)
        if line is None:  # the totals themselves give the number away; nothing in this table can hide it
            return states
        for key in line:
            states[key] = SECONDARY
            veiled.add(key)


def _with_spare_cells_shown(
    counts: Mapping[Hashable, int], states: dict[Hashable, str], veiled: set[Hashable], audit: _Audit
) -> dict[Hashable, str]:
    """Withhold no more than is needed: the search goes one cell at a time and overshoots."""
    spare = [key for key, state in states.items() if state == SECONDARY and key not in veiled]
    for key in sorted(spare, key=lambda key: -counts[key]):
        trial = {**states, key: SHOWN}
        if next(audit.exposed(trial, veiled), None) is None:
            states = trial
    return states


class _Audit:
    """What a reader can work out about hidden cells, by integer programming."""

    def __init__(self, counts: Mapping[Hashable, int], sums: Sequence[Sum], minimum: int) -> None:
        self.counts, self.sums, self.minimum = counts, sums, minimum
        self.largest = float(2 * max([*counts.values(), minimum, 1, *(
            one.total for one in sums if one.total not in counts)]))
        self.from_marks: dict[Hashable, int] = {}

    def exposed(self, states: Mapping[Hashable, str], veiled: set[Hashable]) -> Iterator[Hashable]:
        """Small cells of which the shown numbers leave too few values."""
        for key, state in states.items():
            if state != SHOWN and is_small(self.counts[key], self.minimum):
                least, greatest = self._range(key, states, veiled, known=True)
                if greatest - least + 1 < (2 if key in veiled else self._demand(key, states)):
                    yield key

    def _demand(self, key: Hashable, states: Mapping[Hashable, str]) -> int:
        """Values that have to be left: three, or as many as the marks and zeros alone leave."""
        if key not in self.from_marks:
            marks = {other: SMALL if is_small(self.counts[other], self.minimum) else SHOWN for other in states}
            least, greatest = self._range(key, marks, set(), known=False)
            self.from_marks[key] = min(_VALUES_LEFT, greatest - least + 1)
        return self.from_marks[key]

    def _range(
        self, key: Hashable, states: Mapping[Hashable, str], veiled: set[Hashable], *, known: bool
    ) -> tuple[int, int]:
        from scipy.optimize import Bounds, LinearConstraint, milp

        places = {other: index for index, other in enumerate(self.counts)}
        low, high = zip(*(self._bounds(other, states[other], other in veiled, known) for other in places), strict=True)
        rows, right = [], []
        for one in self.sums:
            if one.total not in self.counts and not known:
                continue
            row = [0.0] * len(places)
            for other in one.parts:
                row[places[other]] += 1
            if one.total in self.counts:
                row[places[one.total]] -= 1
            rows.append(row)
            right.append(0.0 if one.total in self.counts else float(one.total))  # type: ignore[arg-type]
        limits = [LinearConstraint(rows, right, right)] if rows else []
        ends = []
        for sign in (1.0, -1.0):
            target = [0.0] * len(places)
            target[places[key]] = sign
            answer = milp(target, constraints=limits, bounds=Bounds(low, high), integrality=[1] * len(places))
            ends.append(sign * answer.fun if answer.fun is not None else float(self.counts[key]))
        return round(ends[0]), round(ends[1])

    def _bounds(self, key: Hashable, state: str, veiled: bool, known: bool) -> tuple[float, float]:
        count = self.counts[key]
        if veiled:
            return 0.0, self.largest
        if state == SMALL:
            return 1.0, float(self.minimum - 1)
        if state == SHOWN and (known or count == 0):
            return float(count), float(count)
        return float(self.minimum), self.largest


def _next_to_withhold(
    counts: Mapping[Hashable, int], sums: Sequence[Sum], states: Mapping[Hashable, str], exposed: Sequence[Hashable],
    minimum: int,
) -> Hashable | None:
    """The smallest shown cell that shares a sum with an exposed one, else with any hidden one."""
    hidden = [key for key, state in states.items() if state != SHOWN]
    for wanted in (set(exposed), set(hidden)):
        candidates: dict[Hashable, None] = {}
        for one in sums:
            members = _members(one, counts)
            if wanted.intersection(members):
                candidates |= dict.fromkeys(
                    key for key in members if states[key] == SHOWN and counts[key] >= minimum)
        if candidates:
            return min(candidates, key=lambda key: (counts[key], list(counts).index(key)))
    return None


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
