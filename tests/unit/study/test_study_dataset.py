"""The analysis data: who is in it, what belongs to whom, and what is refused."""

import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.files import write_parquet
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.dataset import AnalysisData, build_dataset, unplaced
from cpis_analysis.study.design_audit import audit_design

DESIGN = Design.model_validate(
    {
        "participant": "participant_id",
        "arm": {"variable": "arm", "reference": "comparison"},
        "levels": [{"variable": "trust"}, {"variable": "team"}],
        "interview_date": "interview_date",
        "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}],
        "characteristics": ["age", "gender"],
    }
)


def frames():
    log = pd.DataFrame(
        {
            "participant_id": ["P3", "P1", "P2", "P4"],
            "trust": ["A", "A", "B", "B"],
            "team": ["North", "South", "North", "South"],
            "arm": ["implementation", "comparison", "comparison", "implementation"],
            "status": ["completed", "completed", "lost_after_baseline", "lost_before_baseline"],
        }
    )
    gender = pd.Categorical(["male", "female", "female", "female", "male"], categories=["female", "male", "other"])
    talks = pd.DataFrame(
        {
            "participant_id": ["P1", "P1", "P2", "P3", "P3"],
            "wave": ["6m", "0m", "0m", "0m", "6m"],
            "interview_date": pd.to_datetime(["2018-09-01", "2018-03-01", "2018-03-02", "2018-03-03", "2018-09-03"]),
            "age": [None, 40.0, 50.0, 60.0, None],
            "gender": gender,
            "item_01": [1.0, 2.0, 3.0, 4.0, 5.0],
            "rguk": [12.0, 10.0, 9.0, 8.0, 11.0],
            "gas": [50.0, None, None, None, 45.0],
            "trust": ["Z"] * 5,
        }
    )
    teams = pd.DataFrame(
        {
            "trust": ["B", "A", "A", "B"],
            "team": ["North", "North", "South", "South"],
            "arm": ["comparison", "implementation", "comparison", "implementation"],
            "fidelity": [1.0, 2.0, 3.0, 4.0],
        }
    )
    return log, talks, teams


def test_dataset_wide_holds_everyone_recruited():
    wide = build_dataset(*frames(), DESIGN, ["rguk", "gas"], items=["item_01"]).participants
    assert list(wide.columns) == [
        "participant_id",
        "arm",
        "trust",
        "team",
        "status",
        "fidelity",
        "age",
        "gender",
        "has_0m",
        "has_6m",
        "rguk_0m",
        "rguk_6m",
        "gas_6m",
        "interview_date_0m",
        "interview_date_6m",
        "rguk_change",
    ]
    assert wide["participant_id"].tolist() == ["P1", "P2", "P3", "P4"]
    assert wide["has_0m"].tolist() == [True, True, True, False]
    assert wide["rguk_change"].tolist()[:1] == [2.0]
    assert wide["rguk_change"].isna().tolist() == [False, True, False, True]
    assert wide["trust"].tolist() == ["A", "B", "A", "B"], "the log decides, not the interview"


def test_dataset_repeated_team_labels_stay_apart():
    wide = build_dataset(*frames(), DESIGN, ["rguk"]).participants.set_index("participant_id")
    assert wide["fidelity"].to_dict() == {"P1": 3.0, "P2": 1.0, "P3": 2.0, "P4": 4.0}


def test_dataset_numbers_of_clusters_are_text_without_decimals_in_the_order_of_numbers():
    log, talks, teams = frames()
    schools, classes = {"A": 9.0, "B": 20.0}, {"North": 136.0, "South": 2.0}
    numbered = [
        frame.assign(trust=frame["trust"].map(schools), team=frame["team"].map(classes)) for frame in (log, teams)
    ]
    nowhere = numbered[0].iloc[[0]].assign(participant_id="P5", trust=None, team=None)
    numbered[0] = pd.concat([numbered[0], nowhere], ignore_index=True).astype({"trust": float, "team": float})
    data = build_dataset(numbered[0], talks.drop(columns="trust"), numbered[1], DESIGN, ["rguk"])
    wide = data.participants.set_index("participant_id")
    assert wide["trust"].cat.categories.tolist() == ["9", "20"]
    assert wide["team"].cat.categories.tolist() == ["2", "136"]
    assert wide["team"].tolist()[:4] == ["2", "136", "136", "2"]
    assert wide["fidelity"].to_dict() == pytest.approx(
        {"P1": 3.0, "P2": 1.0, "P3": 2.0, "P4": 4.0, "P5": float("nan")}, nan_ok=True
    )
    followed = AnalysisData(wide.reset_index().assign(has_6m=True), data.interviews)
    cells = audit_design(followed, DESIGN).cells
    assert [(cell["trust"], cell["team"]) for cell in cells] == [("9", "2"), ("9", "136"), ("20", "2"), ("20", "136")]


def test_dataset_characteristics_come_from_baseline_only():
    data = build_dataset(*frames(), DESIGN, ["rguk"])
    wide = data.participants.set_index("participant_id")
    assert wide["gender"].to_dict()["P1"] == "female", "the answer at six months was male"
    assert wide["gender"].isna()["P4"]
    assert wide["gender"].cat.categories.tolist() == ["female", "male", "other"]
    long = data.interviews
    assert long.loc[long["participant_id"] == "P1", "age"].tolist() == [40.0, 40.0]


def test_dataset_long_is_one_row_an_interview():
    long = build_dataset(*frames(), DESIGN, ["rguk", "gas"], items=["item_01"]).interviews
    assert list(long.columns) == [
        "participant_id",
        "wave",
        "arm",
        "trust",
        "team",
        "interview_date",
        "fidelity",
        "age",
        "gender",
        "rguk",
        "gas",
    ]
    assert long["wave"].cat.categories.tolist() == ["0m", "6m"]
    assert long[["participant_id", "wave"]].astype(str).agg(" ".join, axis=1).tolist() == [
        "P1 0m",
        "P1 6m",
        "P2 0m",
        "P3 0m",
        "P3 6m",
    ]


def test_dataset_row_order_of_the_files_changes_nothing():
    log, talks, teams = frames()
    one = build_dataset(log, talks, teams, DESIGN, ["rguk"])
    two = build_dataset(log.iloc[::-1], talks.sample(frac=1, random_state=1), teams.iloc[::-1], DESIGN, ["rguk"])
    pd.testing.assert_frame_equal(one.participants, two.participants)
    pd.testing.assert_frame_equal(one.interviews, two.interviews)


def test_dataset_study_without_teams_and_dates():
    design = DESIGN.model_copy(update={"levels": DESIGN.levels[:1], "interview_date": None, "characteristics": ["age"]})
    log, talks, _ = frames()
    log = log.drop(columns=["team", "status"]).assign(age=[1.0, 2.0, 3.0, 4.0])
    talks = talks[["participant_id", "wave", "rguk"]]
    data = build_dataset(log, talks, None, design, ["rguk"])
    assert list(data.participants.columns) == [
        "participant_id",
        "arm",
        "trust",
        "age",
        "has_0m",
        "has_6m",
        "rguk_0m",
        "rguk_6m",
        "rguk_change",
    ]
    assert list(data.interviews.columns) == ["participant_id", "wave", "arm", "trust", "age", "rguk"]
    assert data.interviews["age"].tolist() == [2.0, 2.0, 3.0, 1.0, 1.0]


def test_dataset_leaves_out_where_rows_came_from():
    log, talks, teams = frames()
    data = build_dataset(
        log.assign(source="log", line=2), talks.assign(source="b", line=3, late=True), teams, DESIGN, ["rguk"]
    )
    assert not {"source", "line", "source_0m", "line_0m"} & {*data.participants, *data.interviews}
    assert data.participants["late_6m"].dtype == "boolean"
    assert data.participants["late_6m"].isna().tolist() == [False, True, False, True]


def test_dataset_survives_parquet(tmp_path):
    data = build_dataset(*frames(), DESIGN, ["rguk", "gas"])
    for name in ("participants", "interviews"):
        write_parquet(tmp_path / name, getattr(data, name))
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / name), getattr(data, name))


def test_dataset_outcome_without_values_keeps_its_followup_column():
    log, talks, teams = frames()
    wide = build_dataset(log, talks.assign(gas=float("nan")), teams, DESIGN, ["gas"]).participants
    assert wide["gas_6m"].isna().all()
    assert "gas_0m" not in wide


def test_dataset_all_contradictions_are_named_at_once():
    log, talks, teams = frames()
    log.loc[3, "participant_id"] = "P1"
    talks.loc[4, "wave"] = "0m"
    talks.loc[2, "participant_id"] = "P9"
    with pytest.raises(DataError) as caught:
        build_dataset(log, talks, teams, DESIGN, ["rguk"])
    text = str(caught.value)
    for piece in ("P1: the person stands twice", "P9: a row at a wave of somebody", "P3, variable wave: two rows"):
        assert piece in text


def test_dataset_person_without_arm_is_recruited_but_not_placed():
    log, talks, teams = frames()
    log.loc[0, "arm"] = None
    data = build_dataset(log, talks, teams, DESIGN, ["rguk"])
    assert len(data.participants) == len(log)
    assert (unplaced(data.participants, DESIGN), int(data.participants["arm"].isna().sum())) == (1, 1)


def test_dataset_missing_columns_and_text_outcomes_are_refused():
    log, talks, teams = frames()
    with pytest.raises(DataError, match=r"(?s)trust.*gass.*gender: the outcome is not a number"):
        build_dataset(log.drop(columns="trust"), talks, teams, DESIGN, ["gass", "gender"])


def test_dataset_name_that_occurs_twice_is_refused():
    log, talks, teams = frames()
    with pytest.raises(DataError, match="rguk_6m: two variables have this name"):
        build_dataset(log.assign(rguk_6m=1), talks, teams, DESIGN, ["rguk"])


def test_dataset_list_of_clusters_of_one_level_is_joined():
    log, talks, teams = frames()
    design = DESIGN.model_copy(update={"levels": DESIGN.levels[:1], "team_characteristics": ["size"]})
    listed = (
        teams.drop_duplicates("trust")
        .drop(columns="team")
        .assign(size=[10 + at for at in range(teams["trust"].nunique())])
    )
    data = build_dataset(log, talks, listed, design, ["rguk"]).participants
    wanted = dict(zip(listed["trust"].astype(str), listed["size"], strict=True))
    assert len(wanted) > 1
    assert data["size"].tolist() == [wanted[str(trust)] for trust in data["trust"]]
