"""Hidden numbers can't be worked out: tried by enumerating everything that fits what is shown."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from chapter_material import labels, people, plan
from cpis_analysis.chapters.people.table_baseline import baseline_table
from cpis_analysis.disclosure.cell_search import Sum, is_small, protect
from cpis_analysis.disclosure.counts import (
    OTHER_REASONS,
    merge_reasons,
    protect_characteristics,
    protect_means,
    suppression_notes,
)
from cpis_analysis.disclosure.question_counts import Asked, protect_experience
from cpis_analysis.study.characteristics import characteristics
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.experience import experience_counts
from cpis_analysis.study.outcome_summaries import team_means

MINIMUM = 5


def two_way(counts):
    """Cells, and all totals that a table with margins shows; the margins of columns are numbers."""
    n_rows, n_columns = counts.shape
    cells = {(i, j): int(counts[i, j]) for i, j in product(range(n_rows), range(n_columns))}
    cells |= {(i, "all"): int(counts[i].sum()) for i in range(n_rows)}
    sums = [Sum(tuple((i, j) for j in range(n_columns)), (i, "all")) for i in range(n_rows)]
    sums += [Sum(tuple((i, j) for i in range(n_rows)), int(counts[:, j].sum())) for j in range(n_columns)]
    return cells, [*sums, Sum(tuple((i, "all") for i in range(n_rows)), int(counts.sum()))]


def consistent(cells, sums, states, minimum):
    """Every table that agrees with what is shown, by brute force over the inner cells."""
    inner = [key for key in cells if key[1] != "all"]
    total = max(cells.values())
    ranges = []
    for key in inner:
        if states[key] == "shown":
            ranges.append([cells[key]])
        elif states[key] == "small":
            ranges.append(list(range(1, minimum)))
        else:
            ranges.append(list(range(0, total + 1)))
    for values in product(*ranges):
        found = dict(zip(inner, values, strict=True))
        for key in cells:
            if key[1] == "all":
                found[key] = sum(value for place, value in found.items() if place[0] == key[0] and place[1] != "all")
        ok = all(
            found[key] == cells[key] if state == "shown" else state != "small" or is_small(found[key], minimum)
            for key, state in states.items()
        )
        if ok and all(
            sum(found[key] for key in one.parts) == (found[one.total] if one.total in found else one.total)
            for one in sums
        ):
            yield found


@pytest.mark.parametrize("seed", range(5))
def test_protect_two_way_survives_enumeration(seed):
    counts = np.random.default_rng(seed).choice([0, 1, 2, 4, 6, 8, 9], size=(3, 2))
    cells, sums = two_way(counts)
    states = protect(cells, sums, MINIMUM)
    assert all(states[key] != "shown" for key, n in cells.items() if is_small(n, MINIMUM))
    worlds = list(consistent(cells, sums, states, MINIMUM))
    assert cells in worlds
    totals = {one.total for one in sums if one.total not in cells}
    for key, n in cells.items():
        # a total of fewer than five people that stands in the head of a column can hide nothing below it
        if is_small(n, MINIMUM) and not any(is_small(total, MINIMUM) for total in totals):
            assert len({world[key] for world in worlds}) >= 2


def test_protect_lone_small_cell_takes_a_second_one_along():
    cells, sums = two_way(np.array([[30, 28], [2, 9], [8, 7]]))
    states = protect(cells, sums, MINIMUM)
    assert states[1, 0] == "small"
    assert states[1, 1] != "shown" or states[1, "all"] != "shown"
    assert sum(states[i, 0] != "shown" for i in range(3)) >= 2


def test_protect_nothing_small_hides_nothing():
    cells, sums = two_way(np.array([[30, 28], [0, 9], [8, 7]]))
    assert set(protect(cells, sums, MINIMUM).values()) == {"shown"}
    cells, sums = two_way(np.array([[3, 2], [1, 9]]))
    assert set(protect(cells, sums, 0).values()) == {"shown"}


def test_protect_withholds_no_more_than_needed():
    cells, sums = two_way(np.array([[40, 41], [20, 21], [3, 9], [10, 2]]))
    states = protect(cells, sums, MINIMUM)
    spare = [key for key, state in states.items() if state == "withheld"]
    assert states[0, 0] == states[0, 1] == "shown"
    assert len(spare) <= 4


def frame_of(arms, retained, codes):
    """Two descriptions of the same people, from counts by arm and by retention."""
    rows = []
    for arm, held, code, n in zip(arms, retained, codes, [1] * len(arms), strict=True):
        rows += [{"arm": arm, "status": held, "kind": code}] * n
    people_ = pd.DataFrame(rows)
    people_["kind"] = pd.Categorical(people_["kind"], categories=["a", "b", "c"])
    return (
        characteristics(people_, ["kind"], "arm", ["x", "y"]),
        characteristics(people_, ["kind"], "status", ["in", "out"]),
    )


def test_characteristics_two_tables_of_the_same_people_are_protected_together():
    random = np.random.default_rng(4)
    n = 60
    codes = random.choice(["a", "b", "c"], n, p=[0.7, 0.22, 0.08])
    baseline, retention = frame_of(random.choice(["x", "y"], n), random.choice(["in", "out"], n, p=[0.8, 0.2]), codes)
    found = protect_characteristics({"baseline": baseline, "retention": retention}, MINIMUM)
    states = {
        name: {(row.code, row.group): row.state for row in frame.itertuples()} for name, frame in found.frames.items()
    }
    for code in ("a", "b", "c"):
        assert states["baseline"][code, "(all)"] == states["retention"][code, "(all)"]
    hidden = found.frames["baseline"][found.frames["baseline"]["state"] != "shown"]
    assert hidden["count"].isna().all()
    assert len(found.log) == sum((frame["state"] != "shown").sum() for frame in found.frames.values())
    assert set(found.log.columns) == {"table", "variable", "code", "group", "why"}


def test_characteristics_smd_of_a_hidden_variable_is_hidden():
    content = plan()
    s = summaries(content, people())
    found = protect_characteristics({"baseline": s["baseline"], "retention": s["retention"]}, MINIMUM)
    baseline = found.frames["baseline"]
    tainted = set(baseline.loc[baseline["state"] != "shown", "variable"])
    assert "gender" in tainted
    assert baseline.loc[baseline["variable"].isin(tainted), "smd"].isna().all()
    assert baseline[["low", "high"]].isna().all(axis=None)
    text = baseline_table(baseline, s["teams"], labels(content)).to_text()
    assert "<5" in text
    line = next(line for line in text.splitlines() if line.startswith("Gender"))
    assert line.rstrip().endswith("[c]")


def test_characteristics_mean_of_few_is_withheld_for_all_groups():
    frame = pd.DataFrame({"arm": ["x"] * 10 + ["y"] * 10, "value": [*range(10), 1.0, 2.0, *[None] * 8]})
    found = protect_characteristics({"baseline": characteristics(frame, ["value"], "arm", ["x", "y"])}, MINIMUM)
    assert found.frames["baseline"][["mean", "sd", "median", "smd"]].isna().all(axis=None)
    assert set(found.log["why"]) == {"too few"}


def test_experience_by_trust_adds_up_to_nothing_new():
    frame = experience_counts(people(), ["support", "change"], "arm", "6m", "trust")
    by_arm = protect_experience(frame, MINIMUM).frames["experience"]
    assert set(by_arm["trust"]) == {"(all)"}
    found = protect_experience(frame, MINIMUM, Asked(("support",))).frames["experience"]
    assert set(found.loc[found["trust"] != "(all)", "variable"]) == {"support"}
    for (variable, trust, group), part in found.groupby(["variable", "trust", "group"]):
        hidden = part[part["state"] != "shown"]
        assert len(hidden) != 1, (variable, trust, group)
        assert hidden["count"].isna().all()


def test_means_of_one_small_team_take_the_next_smallest_along():
    frame = team_means(people(), ["rguk"], "arm", ["trust", "team"], ["0m", "6m"])
    place = frame.index[(frame["wave"] == "6m") & (frame["arm"] == "comparison")]
    frame.loc[place, "n"] = [3, 12, 9]
    found = protect_means(frame, MINIMUM, "team_means").frames["team_means"]
    assert found.loc[place, "state"].tolist() == ["withheld", "shown", "withheld"]
    assert found.loc[place, "mean"].isna().tolist() == [True, False, True]
    assert found.loc[place, "n"].tolist() == [3, 12, 9]


def test_merge_reasons_keeps_totals_and_is_idempotent():
    losses = pd.DataFrame(
        [
            ("x", "after", "withdrew", 6),
            ("x", "after", "moved", 1),
            ("x", "after", "died", 2),
            ("x", "after", "other", 1),
            ("x", "after", "moved", 1),
            ("y", "after", None, 3),
            ("y", "after", "withdrew", 7),
        ],
        columns=["arm", "stage", "reason", "n"],
    )
    found = merge_reasons(losses, MINIMUM)
    frame = found.frames["losses"]
    assert frame.values.tolist() == [
        ["x", "after", "withdrew", 6],
        ["x", "after", OTHER_REASONS, 5],
        ["y", "after", "withdrew", 7],
        ["y", "after", OTHER_REASONS, 3],
    ]
    assert frame["n"].sum() == losses["n"].sum()
    again = merge_reasons(frame, MINIMUM)
    pd.testing.assert_frame_equal(again.frames["losses"], frame)
    assert "n" not in found.log


def test_notes_name_only_the_marks_that_occur():
    assert suppression_notes(["shown"], 5) == ()
    assert suppression_notes(["small"], 5)[0].startswith("<5: 1 to 4 people")
    assert len(suppression_notes(["small", "withheld"], 10)) == 2
