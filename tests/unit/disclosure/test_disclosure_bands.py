"""Bands and priorities: what is left of hidden counts, by enumerating every table that agrees with what is printed."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from chapter_material import people, plan
from cpis_analysis.disclosure.bands import FEWEST_VALUES, band_of, protect_singled_out
from cpis_analysis.disclosure.cell_search import Sum, protect
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.disclosure.question_counts import Asked, protect_experience
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.experience import experience_counts
from cpis_analysis.study.singled_out import singled_out_counts

MINIMUM = 5
CUTS = (0.4, 0.6)


@pytest.mark.parametrize(
    ("count", "n", "cuts", "band"),
    [
        (3, 10, CUTS, 0),
        (4, 10, CUTS, 1),
        (6, 10, CUTS, 1),
        (7, 10, CUTS, 2),
        (3, 5, CUTS, 1),
        (5, 10, (0.5,), 1),
        (4, 9, (0.5,), 0),
        (0, 4, (0.3, 0.6, 0.9), 0),
        (9, 10, (0.3, 0.6, 0.9), 2),
        (6, 10, (0.3, 0.6, 0.9), 2),
        (10, 10, (0.3, 0.6, 0.9), 3),
    ],
)
def test_bands_compare_shares_exactly(count, n, cuts, band):
    assert band_of(count, n, cuts) == band


def printed(counts, sizes, state):
    """Answers of two arms as they are printed, and the parts to be banded; the first team of an arm is singled out."""
    rows, parts = [], []
    for arm, (own, n) in enumerate(zip(counts, sizes, strict=True)):
        rows.append(("helped", "yes", "(all)", str(arm), sum(n), sum(own) if state == "shown" else None, state))
        for part, count, people_ in (("singled out", own[0], n[0]), ("others", sum(own[1:]), sum(n[1:]))):
            parts.append(("helped", "yes", str(arm), part, people_, count))
    return (
        pd.DataFrame(rows, columns=["variable", "code", "trust", "group", "n", "count", "state"]),
        pd.DataFrame(parts, columns=["variable", "code", "arm", "part", "n", "count"]),
    )


@pytest.mark.parametrize("seed", range(40))
def test_banded_counts_keep_three_values_in_every_table_of_teams_that_agrees(seed):
    rng = np.random.default_rng(seed)
    sizes = [rng.integers(1, 9, 3).tolist() for _ in range(2)]
    counts = [[int(rng.integers(0, n + 1)) for n in own] for own in sizes]
    state = "shown" if seed % 4 else "withheld"
    experience, parts = printed(counts, sizes, state)
    found = protect_singled_out(parts, experience, MINIMUM, CUTS).frames["singled_out"]
    for arm, (own, n) in enumerate(zip(counts, sizes, strict=True)):
        rows = found[found["arm"] == str(arm)].set_index("part")
        if rows.empty:
            continue
        cuts = sorted({*rows["low"], *rows["high"]} - {0.0, 1.0})
        cuts = [0.5] if cuts == [0.5] else list(CUTS)
        ends = [0.0, *cuts, 1.0]

        def agrees(table, rows=rows, n=n, cuts=cuts, ends=ends, own=own):
            shares = [(table[0], n[0], "singled out"), (sum(table[1:]), sum(n[1:]), "others")]
            told = all(ends[band_of(count, size, cuts)] == rows.at[name, "low"] for count, size, name in shares)
            return told and (state != "shown" or sum(table) == sum(own))

        tables = [table for table in product(*(range(size + 1) for size in n)) if agrees(table)]
        assert tuple(own) in tables
        for hidden in (lambda table: table[0], lambda table: sum(table[1:])):
            assert len({hidden(table) for table in tables}) >= FEWEST_VALUES


def test_bands_that_tell_too_much_become_halves_or_nothing():
    # 9 and 51 people, 29 of them: over 6 in 10 of the 9 leaves 6 to 8, for 29 - 9 of 51 is under 4 in 10
    experience, parts = printed([[7, 22]], [[9, 51]], "shown")
    found = protect_singled_out(parts, experience, MINIMUM, CUTS).frames["singled_out"]
    assert found[["low", "high"]].to_numpy().tolist() == [[0.6, 1.0], [0.4, 0.6]]
    # 2 of 4 is 4 to 6 in 10 and nothing else; half or more is 2, 3 or 4
    experience, parts = printed([[2, 24]], [[4, 40]], "shown")
    found = protect_singled_out(parts, experience, MINIMUM, CUTS).frames["singled_out"]
    assert found[["low", "high"]].to_numpy().tolist() == [[0.5, 1.0], [0.5, 1.0]]
    experience, parts = printed([[1, 20]], [[2, 40]], "shown")
    protected = protect_singled_out(parts, experience, MINIMUM, CUTS)
    assert protected.frames["singled_out"].empty
    assert protected.log["why"].tolist() == ["bands", "bands"]


def test_priority_moves_what_is_withheld_and_small_cells_stay_safe():
    moved_away = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rows, columns = range(4), (0, 1)
        counts = {place: int(rng.integers(5, 14)) for place in product(rows, columns)}
        counts[0, 0] = 2
        sums = [Sum(tuple((row, one) for row in rows), sum(counts[row, one] for row in rows)) for one in columns]
        sums += [Sum(((row, 0), (row, 1)), counts[row, 0] + counts[row, 1]) for row in rows]
        plain = protect(counts, sums, MINIMUM)
        kept = next(key for key, state in plain.items() if state == "withheld" and key[0] != 0)
        moved = protect(counts, sums, MINIMUM, {(kept[0], 0), (kept[0], 1)})
        moved_away += moved[kept] == "shown"
        ranges = [range(MINIMUM, 30) if moved[row, 0] == "withheld" else [counts[row, 0]] for row in (1, 2, 3)]
        left = {sums[0].total - sum(rest) for rest in product(*ranges)}
        assert len([value for value in left if 0 < value < MINIMUM]) >= FEWEST_VALUES
    assert moved_away >= 4


@pytest.mark.parametrize(("counts", "kept"), [(((14, 9, 5), (12, 9, 8)), True), (((20, 6, 2), (18, 6, 5)), False)])
def test_answers_of_everybody_go_before_those_of_the_arms(counts, kept):
    arms = {"a": counts[0], "b": counts[1], "(all)": [sum(pair) for pair in zip(*counts, strict=True)]}
    frame = pd.DataFrame(
        [
            ("did", code, "(all)", group, sum(own), sum(own), count)
            for group, own in arms.items()
            for code, count in zip(("home", "phone", "online"), own, strict=True)
        ],
        columns=["variable", "code", "trust", "group", "n_group", "n", "count"],
    )
    found = protect_experience(frame, MINIMUM, Asked(pooled=("did",))).frames
    assert (found["pooled"]["state"] == "shown").all()
    assert set(found["experience"]["state"]) == {"shown" if kept else "withheld"}
    only = protect_experience(frame, MINIMUM, Asked(pooled=("did",), only_pooled=("did",))).frames
    assert only["experience"].empty
    assert (only["pooled"]["state"] == "shown").all()


def test_best_answer_stays_where_the_others_can_hide_the_small_one():
    frame = pd.DataFrame(
        [("felt", code, "(all)", "a", 20, 20, count) for code, count in (("better", 6), ("same", 11), ("worse", 3))],
        columns=["variable", "code", "trust", "group", "n_group", "n", "count"],
    )
    plain = protect_experience(frame, MINIMUM).frames["experience"]["state"].tolist()
    first = protect_experience(frame, MINIMUM, Asked(best_first=("felt",))).frames["experience"]["state"].tolist()
    assert plain == ["withheld", "shown", "small"]
    assert first == ["shown", "withheld", "small"]


def test_singled_out_team_stands_beside_its_counterpart_and_all_others():
    content = plan().model_dump()
    content["design"] |= {"team_characteristics": ["trained"]}
    content["report"] |= {
        "implementation": {
            "supported": "support",
            "singled_out": {"variable": "trained", "code": "yes", "label": "the trained team"},
        }
    }
    content = PlanFile.model_validate(content)
    frame = people()
    arm = next(code for code in frame["arm"].astype(str).unique() if code != content.design.arm.reference)
    place = str(frame["trust"].iloc[0])
    frame["trained"] = np.where((frame["trust"].astype(str) == place) & (frame["arm"].astype(str) == arm), "yes", "no")
    found = singled_out_counts(frame, content.design, content.report)
    answered = frame[frame["has_6m"].astype(bool) & frame["support_6m"].notna()]
    for row in found.itertuples():
        inside = (answered["trust"].astype(str) == place) == (row.part == "singled out")
        own = answered[(answered["arm"].astype(str) == row.arm) & inside]
        assert (row.n, row.count) == (len(own), (own["support_6m"].astype(str) == row.code).sum())
    assert len(found) == 4
    # with bands no team has its count at that wave, and the bands are what the counts say
    made = summaries(content, frame)
    shown = protect_summaries(made, MINIMUM, None, ("0m", "6m"), {}, 1, CUTS)[0]["singled_out"]
    exact = found.set_index(["arm", "part"])
    for row in shown.itertuples():
        assert row.low <= exact.at[(row.arm, row.part), "count"] / exact.at[(row.arm, row.part), "n"] <= row.high
    assert experience_counts(frame, ["support"], "arm", "6m")["n"].max() == found["n"].sum()
