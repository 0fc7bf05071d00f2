"""Names of levels in files: those of the study, and the code's again where a file is read."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpis_analysis.disclosure.differences import PANEL
from cpis_analysis.plan.level_names import BESIDE, names_of
from cpis_analysis.publish.sources.source import Cell
from cpis_analysis.runs.stored_frames import read_summaries, write_summaries
from cpis_analysis.runs.stored_levels import (
    audit_levels,
    cells_as_written,
    cluster_levels,
    column_levels,
    flow_levels,
    frame_levels,
    log_levels,
    result_levels,
    size_levels,
    todays_record,
    todays_row,
)

pytestmark = pytest.mark.thorough

OWN = ("trust", "team")
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
AWKWARD = (
    "n icc team trust teams n_teams icc_team by_team arm_ group wave wave_6m outcome outcomes theme participant ob "
    "place subplace subcluster cluster cluster_n middle person individual staff school schools school_id school_no id "
    "GP count state losses"
).split()
LEVELS = st.lists(st.one_of(st.sampled_from(AWKWARD), NAMES), max_size=3, unique=True).map(tuple)
ESTIMATE = {"n_obs": 9, "n_participants": 9, "n_teams": 4, "n_trusts": 2, "icc_trust": 0.1, "icc_team": 0.2, "se": 1.0}
FLOW = {
    "overall": {"recruited": 9},
    "by_arm": {"team": {"recruited": 4}, "by_team": {"recruited": 5}},
    "by_team": {"trust / team": {"recruited": 9}},
    "by_trust": {"trust": {"recruited": 9}},
    "losses": [{"stage": "followup", "arm": "a", "team": "trust / team", "reason": None, "n": 1}],
    "screening": {
        "overall": {"approached": 12},
        "by_trust": {"by_team": {"approached": 12}},
        "by_team": {"team": {"approached": 12}},
        "not_recruited": [{"trust": "team", "team": "trust", "reason": "no", "n": 3}],
    },
    "analyses": {"team.trust": {"overall": 9, "by_arm": {"team": 9}, "by_team": {"trust / team": 9}}},
}
AUDIT = {
    "level": "team",
    "variable": "v",
    "arms": [{"arm": "team", "n_trusts": 2, "n_teams": 4, "recruited": 9}],
    "cells": [{"trust": "team", "team": "trust", "arm": "team", "recruited": 9}],
    "clusters_by_arm": [{"arm": "team", "n_clusters": 4}],
}


def result(levels):
    found = ["trust", *(["middle"] if len(levels) == 3 else []), "team", "team-by-wave", "person", None]
    return {
        "spec": {"levels": list(levels), "name": "team.trust"},
        "estimate": dict(ESTIMATE),
        "contrasts": [dict(ESTIMATE)],
        "variance_components": [{"group": "team", "level": level, "variance": 1.0} for level in found],
        "messages": ["trust"],
    }


def summaries():
    place = {"trust": ["team", "trust"], "team": [None, "trust"]}
    return {
        "baseline": pd.DataFrame({"variable": ["team"], "n": [1]}),
        "teams": pd.DataFrame({"variable": ["team"], "code": ["trust"], "n": [1]}),
        "team_list": pd.DataFrame({**place, "arm": ["team", "b"], "recruited": [1, 2], "fidelity": [1.5, None]}),
        "team_means": pd.DataFrame({"outcome": ["team", "b"], **place, "wave": ["0", "1"], "mean": [1.0, 2.0]}),
        "team_risks": pd.DataFrame({"outcome": ["team", "b"], **place, "count": [1, 2]}),
        "experience": pd.DataFrame({"variable": ["team", "b"], "trust": ["(all)", "team"], "n": [1, 2]}),
        "themes": pd.DataFrame({"theme": ["trust"], "trust": ["team"], "n_mentions": [1]}),
        "pooled": pd.DataFrame({"variable": ["team", "b"], "trust": ["(all)", "(all)"], "n": [1, 2]}),
        "differences": pd.DataFrame(
            {"variable": ["trust"] * 5, "cluster": ["trust", "team", "person", None, None],
             "why": [None, PANEL, "hidden counts", "team", None], "n_clusters": [1, 2, 3, 4, 5]}
        ),
    }  # fmt: skip


def same(one, other):
    assert list(one) == list(other)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name], check_dtype=False)


@settings(max_examples=100)
@given(LEVELS)
def test_names_of_levels_are_told_apart_from_all_that_stands_beside_them(levels):
    names = names_of(levels)
    for named in (names.columns, names.frames, names.values):
        assert len(set(named.values())) == len(named)
        assert not BESIDE & set(named.values())


@settings(max_examples=40)
@given(LEVELS)
def test_what_is_read_again_is_what_was_written(levels):
    estimates = pd.DataFrame([ESTIMATE])
    pd.testing.assert_frame_equal(column_levels(column_levels(estimates, levels), levels, back=True), estimates)
    record = result(levels)
    if len(levels) == 3:
        record["estimate"] |= {"n_middles": 3, "icc_middle": 0.15}
    assert result_levels(result_levels(record), back=True) == record
    assert audit_levels(audit_levels(AUDIT, levels), levels, back=True) == AUDIT
    assert flow_levels(flow_levels(FLOW, levels), levels, back=True) == FLOW
    assert cluster_levels(cluster_levels(AUDIT["cells"], levels), levels, back=True) == AUDIT["cells"]
    written = frame_levels(summaries(), levels)
    assert all(len(set(frame.columns)) == len(frame.columns) for frame in written.values())
    same(frame_levels(written, levels, back=True), summaries())


def test_names_of_trusts_and_teams_stay(tmp_path):
    record = result(OWN)
    assert result_levels(record) == record
    assert [audit_levels(AUDIT, OWN), flow_levels(FLOW, OWN)] == [AUDIT, FLOW]
    assert list(column_levels(pd.DataFrame([ESTIMATE]), OWN)) == list(ESTIMATE)
    same(frame_levels(summaries(), OWN), summaries())
    write_summaries(str(tmp_path / "s.json"), summaries(), OWN)
    assert list(json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))) == list(summaries())


@pytest.mark.parametrize(
    ("levels", "names"),
    [
        ((), ["n_places", "n_subplaces", "icc_place", "places"]),
        (("clinic",), ["n_clinics", "n_subclusters", "icc_clinic", "clinics"]),
        (("school_id", "class"), ["n_schools", "n_classes", "icc_school", "classes"]),
        (("team", "trust"), ["n_teams", "n_trusts", "icc_team", "trusts"]),
        (("n", "outcome"), ["n_cluster_ns", "n_cluster_outcomes", "icc_cluster_n", "cluster_outcomes"]),
    ],
)
def test_names_of_levels_are_made_of_the_study_s_variables(levels, names):
    found = names_of(levels)
    assert [*(found.columns[key] for key in ("n_trusts", "n_teams", "icc_trust")), found.frames["teams"]] == names


def test_files_have_the_study_s_words_and_no_others(tmp_path):
    levels = ("district", "school", "class")
    written = [
        *(key for row in audit_levels(AUDIT, levels)["arms"] for key in row),
        *(key for row in audit_levels(AUDIT, levels)["cells"] for key in row),
        audit_levels(AUDIT | {"level": "trust"}, levels)["level"],
        *column_levels(pd.DataFrame([ESTIMATE | {"n_middles": 3, "icc_middle": 0.15}]), levels),
        *log_levels(pd.DataFrame({"table": ["team_risks"], "why": ["small"]}), levels)["table"],
        *size_levels([{"icc_trust": 0.1, "icc_team": 0.2}], levels)[0],
        *(row["level"] or "" for row in result_levels(result(levels))["variance_components"]),
        *(key for key in flow_levels(FLOW, levels)),
        *(name for name in frame_levels(summaries(), levels)),
        *(str(name) for frame in frame_levels(summaries(), levels).values() for name in frame),
        *(str(cell) for cell in frame_levels(summaries(), levels)["differences"]["why"][1:2]),
    ]
    assert not [name for name in written if "trust" in name or "team" in name or "middle" in name]
    assert {"n_schools", "icc_school"} <= set(written)
    assert "answers by district" in written
    assert {"district", "school", "class", "class-by-wave", "class_risks", "by_class", "icc_class"} <= set(written)
    write_summaries(str(tmp_path / "s.json"), summaries(), levels)
    same(read_summaries(str(tmp_path / "s.json"), levels), summaries())


def test_keys_that_are_codes_of_clusters_and_arms_stay():
    flow = flow_levels(FLOW, ("school", "class"))
    assert flow["by_arm"] == FLOW["by_arm"]
    assert flow["by_class"] == FLOW["by_team"]
    assert flow["screening"]["by_school"] == FLOW["screening"]["by_trust"]
    assert flow["screening"]["not_recruited"] == [{"school": "team", "class": "trust", "reason": "no", "n": 3}]
    assert list(flow["analyses"]) == ["team.trust"]


@pytest.mark.parametrize(
    ("file", "row", "column", "wanted"),
    [
        ("results/estimates.csv", "2", "n_trusts", ("2", "n_schools")),
        ("results/error_rates.csv", "2", "icc_team", ("2", "icc_class")),
        ("results/summaries.json", "team_list:0", "trust", ("class_list:0", "school")),
        ("results/summaries.json", "team_list:0", "recruited", ("class_list:0", "recruited")),
        ("results/summaries.json", "baseline:3", "team", ("baseline:3", "team")),
        ("results/summaries.json", "teams:3", "mean", ("classes:3", "mean")),
        ("results/design_audit.json", "", "arms[1].n_teams", ("", "arms[1].n_classes")),
        ("results/design_audit.json", "", "cells[0].trust", ("", "cells[0].school")),
        ("results/flow.json", "", "by_team.team.recruited", ("", "by_class.team.recruited")),
        ("results/flow.json", "", "by_arm.by_team.recruited", ("", "by_arm.by_team.recruited")),
        ("results/flow.json", "", 'analyses["a.by_team"].by_trust.x', ("", 'analyses["a.by_team"].by_school.x')),
        ("results/models/team.json", "team.trust", "estimate.n_trusts", ("team.trust", "estimate.n_schools")),
        ("results/models/team.json", "team.trust", "contrasts[2].icc_team", ("team.trust", "contrasts[2].icc_class")),
        ("results/models/team.json", "team.trust", "spec.level", ("team.trust", "spec.level")),
        ("config.yaml", "", "estimate.n_trusts", ("", "estimate.n_trusts")),
    ],
)
def test_cells_are_called_as_they_stand_in_their_file(file, row, column, wanted):
    found = cells_as_written(("school", "class"))(Cell(file, row, column))
    assert (found.row, found.column) == wanted
    assert cells_as_written(OWN)(Cell(file, row, column)) == Cell(file, row, column)
    setting = Cell(file, row, column, "setting")
    assert cells_as_written(("school", "class"))(setting) == setting


def test_a_file_of_an_earlier_version_is_read_as_it_is():
    earlier = pd.DataFrame([ESTIMATE])
    pd.testing.assert_frame_equal(column_levels(earlier, ("school", "class"), back=True), earlier)
    assert result_levels(result(("school", "class")), back=True) == result(("school", "class"))
    same(frame_levels(summaries(), ("school", "class"), back=True), summaries())


@pytest.mark.parametrize("levels", [OWN, ("school", "class"), ("team", "trust"), ("clinic",)])
def test_an_earlier_run_is_compared_by_the_names_of_today(levels):
    now = column_levels(pd.DataFrame([ESTIMATE]), levels).to_dict("records")[0]
    assert todays_row(now, levels) == now
    records = {"flow.json": flow_levels(FLOW, levels), "design_audit.json": audit_levels(AUDIT, levels)}
    for file, record in records.items():
        assert todays_record(file, record, levels) == record
    if set(levels) != set(OWN):
        assert todays_row(ESTIMATE, levels) == now
        assert todays_record("flow.json", FLOW, levels) == records["flow.json"]
        assert todays_record("design_audit.json", AUDIT, levels) == records["design_audit.json"]
