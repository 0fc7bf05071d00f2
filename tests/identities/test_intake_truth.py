"""Cleaning the generator's raw files gives back the truth behind them, and has nothing to do a second time."""

import pandas as pd
import pytest

from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.intake.flow import participant_flow
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.synthetic.study import simulate
from cpis_analysis.synthetic.writing import write_raw

DATA = Data(
    dictionary="dictionary.csv",
    checksums="SHA256SUMS",
    sources={
        "participants": {"file": "participants.csv", "holds": "participants"},
        "baseline": {"file": "baseline.csv", "holds": "interviews", "wave": "0m"},
        "six_months": {"file": "six_months.csv", "holds": "interviews", "wave": "6m"},
        "teams": {"file": "teams.csv", "holds": "teams"},
        "focus_groups": {"file": "focus_groups.csv", "holds": "themes"},
    },
)
DESIGN = Design(
    participant="participant_id",
    arm={"variable": "arm", "reference": "comparison"},
    levels=[{"variable": "trust"}, {"variable": "team"}],
    waves=[{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}],
    interview_date="interview_date",
    team_characteristics=["trained", "fidelity"],
)
CLEANING = Cleaning(constant=["gender"])
KEYS = {
    "participants": ["participant_id"],
    "interviews": ["participant_id", "wave"],
    "teams": ["trust", "team"],
    "themes": ["theme", "trust", "arm"],
}
OWN = ["source", "line", "outside_window"]
ACTIONS = {"missing", "recode", "keep"}


def _clean(folder, data=DATA):
    return clean(data, DESIGN, CLEANING, read_dictionary(folder / "dictionary.csv"), folder)


def _study(folder, scenario="null", seed=20180214):
    study = simulate(scenario, seed)
    write_raw(study, folder)
    return study, _clean(folder)


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    return (*_study(folder), folder)


def _assert_true(result, study):
    for name, expected in study.expected().items():
        key = KEYS[name]
        found = getattr(result, name).drop(columns=OWN, errors="ignore")
        assert set(found.columns) == set(expected.columns)
        pd.testing.assert_frame_equal(
            found.sort_values(key).reset_index(drop=True),
            expected[list(found.columns)].sort_values(key).reset_index(drop=True),
        )


def test_default_study_recovers_the_truth(default):
    study, result, _ = default
    _assert_true(result, study)


@pytest.mark.parametrize(("scenario", "seed"), [("null", 1), ("tiny_icc", 6)])
def test_other_studies_recover_the_truth(tmp_path, scenario, seed):
    study, result = _study(tmp_path, scenario, seed)
    _assert_true(result, study)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["null", "effect", "one_trained_team", "mnar", "baseline_imbalance", "tiny_icc"])
@pytest.mark.parametrize("seed", range(100, 105))
def test_many_studies_recover_the_truth(tmp_path, scenario, seed):
    study, result = _study(tmp_path, scenario, seed)
    _assert_true(result, study)


def test_default_study_has_the_numbers_of_the_fieldwork(default):
    record = participant_flow(default[1], DESIGN).to_record()
    assert record["overall"] == {"recruited": 159, "baseline": 151, "followup": 127}
    assert len(record["by_team"]) == 10


def test_every_piece_of_dirt_is_accounted_for(default):
    """Each soiled cell has its audit line, each soiled row its reason, each undecidable cell its query."""
    study, result, _ = default
    source = {f"{name}.csv": name for name in DATA.sources}
    audited = set(zip(result.audit["source"], result.audit["line"], result.audit["variable"], strict=True))
    aside = set(zip(result.set_aside["source"], result.set_aside["line"], strict=True))
    asked = set(zip(result.queries["source"], result.queries["line"], result.queries["variable"], strict=True))
    for dirt in study.dirt.itertuples():
        place = (source[dirt.file], int(dirt.line), dirt.variable)
        if dirt.action in ("set aside", "drop"):
            assert place[:2] in aside, dirt
        elif dirt.action != "keep":
            assert place in audited, dirt
            assert dirt.query != "yes" or place in asked, dirt
        else:
            frame = result.interviews
            assert frame.loc[(frame["source"] == place[0]) & (frame["line"] == place[1]), "outside_window"].item()
    assert set(study.dirt["action"]) <= ACTIONS | {"set aside", "drop"}


def test_what_was_not_soiled_is_not_touched(default):
    study, result, _ = default
    source = {f"{name}.csv": name for name in DATA.sources}
    soiled = {(source[d.file], int(d.line), d.variable) for d in study.dirt.itertuples()}
    audited = set(zip(result.audit["source"], result.audit["line"], result.audit["variable"], strict=True))
    assert audited <= soiled
    rows = {place[:2] for place in soiled if place[2] == ""}
    assert set(zip(result.set_aside["source"], result.set_aside["line"], strict=True)) == rows


def test_cleaning_of_clean_data_changes_nothing(default, tmp_path):
    _, result, folder = default
    (tmp_path / "dictionary.csv").write_bytes((folder / "dictionary.csv").read_bytes())
    frames = {
        "participants": result.participants,
        "teams": result.teams,
        "focus_groups": result.themes,
        "baseline": result.interviews[result.interviews["wave"] == "0m"],
        "six_months": result.interviews[result.interviews["wave"] == "6m"],
    }
    for name, frame in frames.items():
        columns = (folder / f"{name}.csv").read_text().splitlines()[0].split(",")
        frame[columns].to_csv(tmp_path / f"{name}.csv", index=False, date_format="%Y-%m-%d")
    again = _clean(tmp_path, DATA.model_copy(update={"checksums": None}))
    assert (len(again.audit), len(again.set_aside), len(again.queries)) == (0, 0, 0)
    for name in KEYS:
        pd.testing.assert_frame_equal(
            getattr(again, name).drop(columns="line"), getattr(result, name).drop(columns="line")
        )


def test_two_runs_give_the_same(default):
    _, result, folder = default
    again = _clean(folder)
    for name in ("participants", "interviews", "teams", "themes", "audit", "queries", "set_aside", "reconciliation"):
        pd.testing.assert_frame_equal(getattr(result, name), getattr(again, name))
