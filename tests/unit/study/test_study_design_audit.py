"""Levels of allocation, degrees of freedom and refusals, against designs counted by hand."""

import json

import pandas as pd
import pytest

from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.allocation import level_of_one_arm
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.design_audit import audit_design


def design(team="team", *below):
    return Design.model_validate(
        {
            "participant": "participant_id",
            "arm": {"variable": "arm", "reference": "c"},
            "levels": [
                {"variable": "trust"},
                *([{"variable": team}] if team else []),
                *({"variable": name} for name in below),
            ],
            "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Later", "months": 6}],
        }
    )


def people(teams, size=4, lost=()):
    """One row a person; ``teams`` are trust/team/arm such as ``A/North/c``; nobody of ``lost`` is followed up."""
    rows = [team.split("/") for team in teams for _ in range(size)]
    frame = pd.DataFrame(rows, columns=["trust", "team", "arm"])
    frame.insert(0, "participant_id", [f"P{i:03d}" for i in range(len(frame))])
    label = frame["trust"] + "/" + frame["team"]
    return AnalysisData(frame.assign(has_0m=True, has_6m=~label.isin(lost)), pd.DataFrame())


PAIRED = [f"{trust}/{team}" for trust in "ABCDE" for team in ("North/c", "South/i")]


def test_audit_teams_within_trusts_is_regime_a_with_eight_and_four_df():
    audit = audit_design(people(PAIRED), design())
    assert (audit.regime, audit.level) == ("A", "team")
    assert audit.clusters_by_arm == (("c", 5), ("i", 5))
    assert [(row.approach, row.df, row.valid) for row in audit.degrees_of_freedom] == [
        ("between teams", 8, True),
        ("paired within trusts", 4, True),
        ("between trusts", None, False),
    ]
    assert audit.labels_reused == ("North", "South")
    assert audit.arms[0] == {"arm": "c", "n_trusts": 5, "n_teams": 5, "recruited": 20, "baseline": 20, "followup": 20}
    assert len(audit.cells) == 10
    assert len(audit.warnings) == 1
    json.dumps(audit.to_record(), allow_nan=False)


def test_audit_counts_the_clusters_of_every_level_and_their_people_by_arm():
    data = people([*PAIRED, "E/South/i", "E/South/i"])
    audit = audit_design(data, design())
    sizes = {
        (row["level"], row["arm"]): tuple(row[name] for name in list(row)[2:]) for row in audit.levels
    }  # clusters; median, least and most of their people
    assert sizes == {
        ("trust", "c"): (5, 4.0, 4, 4),
        ("trust", "i"): (5, 4.0, 4, 12),
        ("team", "c"): (5, 4.0, 4, 4),
        ("team", "i"): (5, 4.0, 4, 12),
    }
    assert audit.to_record()["levels"] == list(audit.levels)


def test_audit_of_three_levels_has_the_middle_one():
    frame = people(PAIRED, size=6).participants
    frame["class"] = ["C1", "C1", "C2", "C2", "C2", "C2"] * 10
    audit = audit_design(AnalysisData(frame, pd.DataFrame()), design("team", "class"))
    assert audit.arms[0] | {"arm": "c", "n_trusts": 5, "n_middles": 5, "n_teams": 10} == audit.arms[0]
    own = [row for row in audit.levels if row["arm"] == "i"]
    assert [(row["level"], row["n_clusters"], row["recruited_median"]) for row in own] == [
        ("trust", 5, 6.0),
        ("team", 5, 6.0),
        ("class", 10, 3.0),
    ]


def test_audit_mixed_trusts_is_regime_b():
    audit = audit_design(people(["A/1/c", "A/2/i", "B/1/c", "B/2/i", "C/1/c", "C/2/c", "D/1/i", "D/2/i"]), design())
    assert audit.regime == "B"
    assert [row.df for row in audit.degrees_of_freedom] == [6, 1, None]
    assert any("one arm only" in text for text in audit.warnings)


def test_audit_arm_of_the_trust_is_regime_c_with_three_df():
    teams = [f"{t}/{n}/{a}" for t, a in zip("ABCDE", "ccciI".lower(), strict=True) for n in "12"]
    audit = audit_design(people(teams), design())
    assert (audit.regime, audit.level) == ("C", "trust")
    assert audit.clusters_by_arm == (("c", 3), ("i", 2))
    assert [(row.df, row.valid) for row in audit.degrees_of_freedom] == [(3, True), (None, False)]
    assert sum("inference fragile" in text for text in audit.warnings) == 2


def test_audit_site_trial_is_individual_with_person_df():
    rows = [(f"P{i:03d}", site, arm) for i, (site, arm) in enumerate((s, a) for s in "WXYZ" for a in "cici" * 5)]
    frame = pd.DataFrame(rows, columns=["participant_id", "trust", "arm"]).assign(has_0m=True, has_6m=True)
    audit = audit_design(AnalysisData(frame, pd.DataFrame()), design(team=None))
    assert (audit.regime, audit.level) == ("individual", "individual")
    assert [row.df for row in audit.degrees_of_freedom] == [80 - 4 - 1, 3]
    assert audit.arms[0]["n_teams"] is None
    assert audit.cells[0]["team"] is None
    assert audit.warnings == ()


def test_audit_few_people_in_the_other_arm_stay_cluster_allocated():
    data = people(PAIRED, size=12)
    data.participants.loc[0, "arm"] = "i"
    audit = audit_design(data, design())
    assert audit.level == "team"
    assert audit.mixed_clusters == ("A / North",)
    assert any("recorded in the other arm" in text for text in audit.warnings)


def test_audit_errors_of_the_log_in_tiny_teams_do_not_make_a_person_trial():
    data = people(PAIRED, size=2)
    data.participants.loc[[0, 4, 8], "arm"] = "i"
    assert audit_design(data, design()).level == "team"


@pytest.mark.parametrize(
    "teams", [["A/1/c", "A/2/i"], ["A/1/c", "B/1/c", "B/2/i"], ["A/1/c", "A/2/c", "B/1/i", "B/2/i"]]
)
def test_audit_one_cluster_in_an_arm_is_refused(teams):
    with pytest.raises(ModelError, match="has one t"):
        audit_design(people(teams, size=50), design())


def test_audit_second_cluster_lost_whole_is_refused():
    with pytest.raises(ModelError, match=r"one team.*at follow-up"):
        audit_design(people(["A/1/c", "A/2/i", "B/1/c", "B/2/i"], lost=["B/2"]), design())


def test_audit_arm_without_people_is_refused():
    with pytest.raises(DataError, match="one arm"):
        audit_design(people(["A/1/c", "A/2/c"]), design())
    with pytest.raises(DataError, match="nobody is in the reference arm"):
        audit_design(people(["A/1/x", "A/2/i"]), design())


def test_audit_three_arms_are_counted_and_compared_in_pairs():
    audit = audit_design(people(["A/1/c", "A/2/i", "A/3/x", "B/1/c", "B/2/i", "B/3/x", "C/1/c", "C/2/x"]), design())
    assert (audit.level, audit.regime) == ("team", "B")
    assert "have teams of several arms" in audit.description
    assert {row.approach: row.df for row in audit.degrees_of_freedom} == {
        "between teams": 8 - 3,
        "paired within trusts: 'i'": 1,
        "paired within trusts: 'x'": 2,
        "between trusts": None,
    }


def test_audit_one_cluster_of_a_third_arm_is_refused():
    with pytest.raises(ModelError, match="this arm has one team"):
        audit_design(people(["A/1/c", "A/2/i", "B/1/x", "B/2/c", "C/1/i"]), design())


def test_audit_team_lost_whole_and_singleton_are_named():
    data = people(PAIRED, lost=["A/North"])
    in_b = (data.participants["trust"] == "B") & (data.participants["team"] == "South")
    data.participants.loc[data.participants.index[in_b][1:], "has_6m"] = False
    audit = audit_design(data, design())
    assert audit.lost_whole == ("A / North",)
    assert audit.singletons == ("B / South",)
    assert audit.clusters_by_arm == (("c", 4), ("i", 5))
    assert [row.df for row in audit.degrees_of_freedom] == [7, 3, None]
    assert any("Nobody was followed up in: A / North" in text for text in audit.warnings)


def test_audit_two_clusters_an_arm_warns_of_power():
    audit = audit_design(people(["A/1/c", "A/2/i", "B/1/c", "B/2/i"]), design())
    assert sum("hardly any power" in text for text in audit.warnings) == 2


def test_audit_without_follow_up_says_which_rule_left_it_out():
    nobody = people(PAIRED, lost=[team.rpartition("/")[0] for team in PAIRED])
    with pytest.raises(DataError) as caught:
        audit_design(nobody, design(), ["3,821 rows by the rule followup_without_baseline: no baseline"])
    [problem] = caught.value.problems
    assert "no people at follow-up: cleaning left out 3,821 rows by the rule followup_without" in problem.message
    assert "set_aside.csv" in problem.hint


def test_audit_without_follow_up_and_without_rows_left_out_says_that_there_was_none():
    with pytest.raises(DataError, match="no people at follow-up: the files hold none"):
        audit_design(people(PAIRED, lost=[team.rpartition("/")[0] for team in PAIRED]), design())


def test_level_of_one_arm_before_cleaning_is_the_largest_and_leaves_out_who_has_no_arm_or_cluster():
    rows = [(arm, ("S", place)) for place, arm in (("1", "a"), ("2", "b"), ("3", "a")) for _ in range(5)]
    assert level_of_one_arm(rows, 2) == (1, {("S", "1"): "a", ("S", "2"): "b", ("S", "3"): "a"})
    assert level_of_one_arm([(arm, places[1:]) for arm, places in rows], 1)[0] == 0
    strange = [("b", ("S", "1")), ("", ("S", "1")), ("b", ("S", "")), ("a", ("", ""))]
    assert level_of_one_arm([*rows, *strange], 2)[1][("S", "1")] == "a"
    assert level_of_one_arm([*rows, *[("b", ("S", "1"))] * 3], 2) is None
    assert level_of_one_arm([("a", ("1",)), ("b", ("2",))], 1) is None
