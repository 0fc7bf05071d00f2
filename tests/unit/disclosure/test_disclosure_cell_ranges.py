"""How far hidden numbers can be told: against enumeration of every table, and against integer programming."""

import time
from itertools import product

import numpy as np
import pytest

from cpis_analysis.disclosure import cell_search as suppression
from cpis_analysis.disclosure.cell_ranges import CellRanges, Sum
from cpis_analysis.disclosure.cell_search import is_small, protect

pytestmark = pytest.mark.thorough

MINIMUM = 5


def teams(events, sizes):
    """People with an event and without it in each team, and in all of them."""
    counts = {
        (i, event): int(n if event else size - n)
        for i, (n, size) in enumerate(zip(events, sizes, strict=True))
        for event in (True, False)
    }
    sums = [Sum(((i, True), (i, False)), int(size)) for i, size in enumerate(sizes)]
    sums += [
        Sum(tuple((i, event) for i in range(len(sizes))), sum(n for (_, e), n in counts.items() if e is event))
        for event in (True, False)
    ]
    return counts, sums


def two_way(table):
    """Codes by trust, with a margin of codes that is a cell and one of trusts that is known."""
    rows, columns = table.shape
    counts = {(i, j): int(table[i, j]) for i, j in product(range(rows), range(columns))}
    counts |= {(i, "all"): int(table[i].sum()) for i in range(rows)}
    sums = [Sum(tuple((i, j) for j in range(columns)), (i, "all")) for i in range(rows)]
    sums += [Sum(tuple((i, j) for i in range(rows)), int(table[:, j].sum())) for j in range(columns)]
    return counts, [*sums, Sum(tuple((i, "all") for i in range(rows)), int(table.sum()))]


def two_tables(first, second):
    """The same people by code and arm, and by code and retention: what everybody answered ties them."""
    counts, sums = {}, []
    for i, (one, other) in enumerate(zip(first, second, strict=True)):
        counts[i, "all"] = int(one.sum())
        for name, row in (("arm", one), ("kept", other)):
            counts |= {(i, name, j): int(n) for j, n in enumerate(row)}
            sums.append(Sum(tuple((i, name, j) for j in range(2)), (i, "all")))
    for name, table in (("arm", first), ("kept", second)):
        sums += [Sum(tuple((i, name, j) for i in range(len(table))), int(table[:, j].sum())) for j in range(2)]
    return counts, [*sums, Sum(tuple((i, "all") for i in range(len(first))), int(first.sum()))]


def cube(table):
    """Three ways with all two-way margins: no network."""
    counts = {place: int(table[place]) for place in product(range(2), repeat=3)}
    sums = []
    for axis in range(3):
        for rest in product(range(2), repeat=2):
            parts = tuple((*rest[:axis], value, *rest[axis:]) for value in range(2))
            sums.append(Sum(parts, sum(counts[part] for part in parts)))
    return counts, sums


def some_tables(random):
    sizes = random.integers(3, 14, 3)
    yield teams([random.integers(0, size + 1) for size in sizes], sizes)
    yield two_way(random.choice([0, 1, 2, 4, 6, 8], size=(3, 2)))
    first = random.choice([0, 1, 3, 6, 9], size=(2, 2))
    kept = np.array([random.binomial(row.sum(), 0.7) for row in first])
    yield two_tables(first, np.column_stack([kept, first.sum(axis=1) - kept]))
    yield cube(random.choice([0, 1, 2, 5], size=(2, 2, 2)))


def worlds(counts, sums, low, high):
    """Every table that agrees, cell by cell; a branch ends where what is left can't bring a sum to its total."""
    at = {key: index for index, key in enumerate(counts)}
    rows = [[(at[key], 1) for key in one.parts] + ([(at[one.total], -1)] if one.total in at else []) for one in sums]
    right = [0 if one.total in at else one.total for one in sums]
    of = [
        [row for row, cells in enumerate(rows) if any(cell == index for cell, _ in cells)] for index in range(len(at))
    ]
    ends = [list(low), list(high)]

    def possible(row):
        least = sum(ends[0 if sign > 0 else 1][cell] * sign for cell, sign in rows[row])
        most = sum(ends[1 if sign > 0 else 0][cell] * sign for cell, sign in rows[row])
        return least <= right[row] <= most

    def fill(index):
        if index == len(at):
            yield dict(zip(counts, ends[0], strict=True))
            return
        before = ends[0][index], ends[1][index]
        for value in range(before[0], before[1] + 1):
            ends[0][index] = ends[1][index] = value
            if all(possible(row) for row in of[index]):
                yield from fill(index + 1)
        ends[0][index], ends[1][index] = before

    return fill(0)


@pytest.mark.parametrize("seed", range(4))
def test_ranges_are_those_of_all_tables_that_agree(seed):
    random = np.random.default_rng(seed)
    for counts, sums in some_tables(random):
        hidden = random.random(len(counts)) < 0.6
        low = [max(n - 3, 0) if hide else n for n, hide in zip(counts.values(), hidden, strict=True)]
        high = [n + 3 if hide else n for n, hide in zip(counts.values(), hidden, strict=True)]
        found = list(worlds(counts, sums, low, high))
        ranges = CellRanges(counts, sums, numbers=True)
        for key in counts:
            values = {world[key] for world in found}
            assert ranges.told(key, low, high, 99).values == max(values) - min(values) + 1
            assert ranges.told(key, low, high, 2).values == min(2, len(values))


@pytest.mark.parametrize("seed", range(3))
def test_ranges_along_paths_are_those_of_integer_programming(seed):
    random = np.random.default_rng(100 + seed)
    for counts, sums in list(some_tables(random))[:3]:
        by_path, by_programme = (CellRanges(counts, sums, numbers=True) for _ in range(2))
        assert by_path._arcs is not None
        by_programme._arcs = None
        low = [n if random.random() < 0.3 else 0 for n in counts.values()]
        high = [n if at == n and n else 30 for at, n in zip(low, counts.values(), strict=True)]
        for key in counts:
            found = [one.told(key, low, high, 6).values for one in (by_path, by_programme)]
            assert found[0] == found[1]


def test_ranges_of_the_tables_of_a_study_need_no_programme(monkeypatch):
    monkeypatch.setattr(CellRanges, "_by_programme", lambda *arguments: pytest.fail("a programme was solved"))
    random = np.random.default_rng(5)
    for counts, sums in list(some_tables(random))[:3]:
        protect(counts, sums, MINIMUM)


@pytest.mark.parametrize("seed", range(5))
def test_protect_leaves_three_values_or_as_many_as_the_marks_leave(seed):
    """Oracle: every table that agrees with what is shown. The marks alone leave fewer where a total is small too."""
    random = np.random.default_rng(40 + seed)
    for counts, sums in some_tables(random):
        known = {one.total for one in sums if one.total not in counts}
        states = protect(counts, sums, MINIMUM)
        assert not any(states[key] == "shown" for key, n in counts.items() if is_small(n, MINIMUM))
        most = 2 * max(*counts.values(), *known, MINIMUM)
        marked = {key for key, state in states.items() if state == "small"}
        # "<5" and "[c]" as a reader takes them; where a whole line is withheld the marks are gone
        plain = all(counts[key] >= MINIMUM for key, state in states.items() if state == "withheld")
        if not plain or any(is_small(total, MINIMUM) for total in known):
            continue
        low = [1 if key in marked else MINIMUM if states[key] == "withheld" else n for key, n in counts.items()]
        high = [
            MINIMUM - 1 if key in marked else min(most, n + 5) if states[key] == "withheld" else n
            for key, n in counts.items()
        ]
        found = list(worlds(counts, sums, low, high))
        bare_low = [1 if is_small(n, MINIMUM) else MINIMUM if n else 0 for n in counts.values()]
        bare_high = [MINIMUM - 1 if is_small(n, MINIMUM) else min(most, n + 5) if n else 0 for n in counts.values()]
        bare = list(worlds(counts, [one for one in sums if one.total in counts], bare_low, bare_high))
        for key in marked:
            wanted = min(3, len({world[key] for world in bare}))
            assert len({world[key] for world in found}) >= wanted, (key, counts)


def test_protect_says_how_far_it_is_when_it_takes_long(caplog, monkeypatch):
    monkeypatch.setattr(suppression, "_SAY_EVERY", 0.0)
    with caplog.at_level("INFO"):
        protect(*teams([2, 9, 3, 10, 4], [20, 21, 22, 23, 24]), MINIMUM)
    assert caplog.messages[0] == "Disclosure control: 0 of 3 small numbers are safe."


@pytest.mark.parametrize(("n", "most"), [(119, 3.0), (500, 15.0)])
def test_protect_many_teams_takes_seconds(n, most):
    """It took 30 s of processor time for 60 teams, and more than 4 minutes for 119."""
    random = np.random.default_rng(7)
    sizes = random.integers(5, 24, n)
    counts, sums = teams(random.binomial(sizes, 0.2), sizes)
    start = time.process_time()
    states = protect(counts, sums, MINIMUM)
    assert time.process_time() - start < most
    assert {"shown", "small", "withheld"} == set(states.values())
    for i in range(n):
        assert (states[i, True] == "shown") == (states[i, False] == "shown")
