"""Counts rounded to a multiple: everywhere the same, and everything that is computed from them."""

import numpy as np
import pytest
from test_disclosure_risks import ANSWERS, CONTENT, WAVES, study

from chapter_material import labels
from cpis_analysis.analyses.proportions import answer_differences
from cpis_analysis.chapters.experience.table import experience_table
from cpis_analysis.chapters.people.table_baseline import baseline_table
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.balance import smd_categorical
from cpis_analysis.study.describe import summaries


@pytest.fixture(scope="module")
def both():
    """Summaries as counted, and rounded to fives."""
    frame = study()
    made = summaries(CONTENT, frame, binary=ANSWERS)
    made["differences"] = answer_differences(frame, ["support", "change"], "arm", "comparison", "6m", ("trust", "team"))
    return [protect_summaries(made, 5, None, WAVES, ANSWERS, to)[0] for to in (1, 5)]


def test_counts_are_the_nearest_multiple_and_hidden_ones_stay_hidden(both):
    counted, rounded = both
    for name in ("baseline", "retention", "experience", "outcomes", "team_risks"):
        before, after = counted[name], rounded[name]
        known = before["count"].notna()
        assert (after["count"].notna() == known).all()
        assert (after["state"] == before["state"]).all()
        assert (after.loc[known, "count"] % 5 == 0).all()
        assert ((after.loc[known, "count"] - before.loc[known, "count"]).abs() <= 2.5).all()
        assert (after.loc[known, "n"] % 5 == 0).all()
        assert (after.loc[known, "count"] <= after.loc[known, "n"]).all()
    scores = rounded["outcomes"]["outcome"] != "helped"
    assert (rounded["outcomes"].loc[scores, "n"] == counted["outcomes"].loc[scores, "n"]).all()
    numbers = rounded["baseline"]["kind"] == "number"
    assert (rounded["baseline"].loc[numbers, "n"] == counted["baseline"].loc[numbers, "n"]).all()
    for name in ("missing", "team_list", "themes"):
        assert rounded[name].equals(counted[name])


def test_differences_are_those_of_the_rounded_shares_and_intervals_keep_their_width(both):
    counted, rounded = both
    cells = rounded["experience"].set_index(["variable", "code", "group"])
    for before, after in zip(counted["differences"].itertuples(), rounded["differences"].itertuples(), strict=True):
        if np.isnan(before.estimate):
            assert np.isnan(after.estimate)
            continue
        shares = [
            cells.loc[(after.variable, after.code, arm), "count"] / cells.loc[(after.variable, after.code, arm), "n"]
            for arm in (after.group, after.reference)
        ]
        assert after.estimate == pytest.approx(shares[0] - shares[1])
        assert after.ci_high - after.ci_low == pytest.approx(before.ci_high - before.ci_low, nan_ok=True, abs=0.0011)


def test_standardised_differences_are_those_of_the_rounded_counts(both):
    frame = both[1]["baseline"]
    part = frame[(frame["variable"] == "lives_alone") & (frame["group"] != "(all)")]
    counts = [part.loc[part["group"] == arm, "count"].to_numpy() for arm in ("comparison", "implementation")]
    # two decimals are what may leave of it
    assert part["smd"].dropna().unique() == pytest.approx(smd_categorical(counts[1], counts[0]), abs=0.005)


def test_tables_say_that_numbers_are_rounded_and_print_shares_of_rounded_numbers(both):
    content = PlanFile.model_validate(
        CONTENT.model_dump() | {"report": CONTENT.report.model_dump() | {"round_counts_to": 5}}
    )
    names, found = labels(content), both[1]
    for table in (
        baseline_table(found["baseline"], found["teams"], names),
        experience_table(found["experience"], names, found["differences"]),
    ):
        assert any("rounded to the nearest 5" in note for note in table.notes)
    assert not any(
        "rounded" in note
        for note in experience_table(both[0]["experience"], labels(CONTENT), both[0]["differences"]).notes
        if "nearest" in note
    )
    row = found["experience"].query("variable == 'support' and code == 'yes' and group == 'comparison'").iloc[0]
    cell = experience_table(found["experience"], names, found["differences"]).rows[0].cells[1]
    assert cell == f"{row['count']:.0f}/{row['n']} ({np.floor(100 * row['count'] / row['n'] + 0.5):.0f}%)"
