"""The raw files of the generator, and those that are shipped."""

import csv
import hashlib
import io
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.synthetic import SCENARIOS, Design, SyntheticStudy, dictionary, simulate, write_raw, write_truth

pytestmark = pytest.mark.thorough

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "raw"
REDCAP = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,"
    "Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)


@cache
def default() -> SyntheticStudy:
    return simulate()


@cache
def clean() -> SyntheticStudy:
    return simulate(messy=False)


def known() -> dict[str, dict[str, str]]:
    return {row["Variable / Field Name"]: row for row in dictionary().to_dict("records")}


def codes(text: str) -> list[str]:
    return [pair.split(",")[0].strip() for pair in text.split("|")] if text else []


def test_shipped_raw_data_regenerated_byte_for_byte(tmp_path):
    write_raw(default(), tmp_path)
    assert {p.name for p in SHIPPED.iterdir()} == {p.name for p in tmp_path.iterdir()}
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (SHIPPED / path.name).read_bytes(), path.name


def test_shipped_checksums_match_files():
    lines = (SHIPPED / "SHA256SUMS").read_text("utf-8").splitlines()
    named = dict(reversed(line.split("  ")) for line in lines)
    assert set(named) == {p.name for p in SHIPPED.glob("*.csv")}
    for name, digest in named.items():
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest


def test_readme_first_word_is_synthetic(tmp_path):
    write_raw(clean(), tmp_path)
    for text in ((SHIPPED / "README.md").read_text("utf-8"), (tmp_path / "README.md").read_text("utf-8")):
        assert text.startswith("# SYNTHETIC")
        assert "cpis simulate" in text


@pytest.mark.parametrize("study", [default, clean])
def test_truth_counts_reconcile_to_published(study):
    truth = study().truth
    assert len(truth["participants"]) == 159
    assert truth["interviews"]["wave"].value_counts().to_dict() == {"0m": 151, "6m": 127}
    status = truth["participants"]["status"].value_counts()
    assert status.to_dict() == {"completed": 127, "lost_after_baseline": 24, "lost_before_baseline": 8}
    assert (truth["teams"].groupby("trust", observed=True)["arm"].nunique() == 2).all()
    assert len(truth["teams"]) == 10
    assert truth["participants"].groupby(["trust", "team"], observed=True).ngroups == 10


def test_truth_clean_raw_counts_are_rows_of_files():
    raw = clean().raw
    assert {name: len(frame) for name, frame in raw.items()} == {
        "participants.csv": 159,
        "baseline.csv": 151,
        "six_months.csv": 127,
        "teams.csv": 10,
        "focus_groups.csv": 70,
    }
    assert clean().dirt.empty


def test_reasons_for_loss_only_where_lost():
    people = default().truth["participants"]
    lost = people["status"] != "completed"
    assert people.loc[lost, ["loss_reason", "loss_on"]].notna().all(axis=None)
    assert people.loc[~lost, ["loss_reason", "loss_on"]].isna().all(axis=None)
    assert (people.loc[lost, "loss_on"] >= people.loc[lost, "recruited_on"]).all()


def test_team_labels_repeat_across_trusts_and_arms():
    teams = default().truth["teams"]
    assert (teams.groupby("team", observed=True)["trust"].nunique() == 2).all()
    trained = teams[teams["trained"] == "yes"]
    assert trained[["trust", "arm"]].to_numpy().tolist() == [["C", "implementation"]]


def test_dictionary_header_is_redcap_plus_two():
    header = next(csv.reader(io.StringIO(REDCAP)))
    assert list(dictionary().columns) == [*header, "Missing Codes", "Waves"]
    assert len(header) == 18


def test_dictionary_covers_every_column_and_nothing_else():
    written = {column for frame in default().raw.values() for column in frame.columns}
    names = [row["Variable / Field Name"] for row in dictionary().to_dict("records")]
    assert set(names) == written
    assert len(names) == len(set(names))


def test_dictionary_forms_and_waves_agree_with_files():
    where = {"baseline.csv": "0m", "six_months.csv": "6m"}
    for row in known().values():
        name, form = row["Variable / Field Name"], row["Form Name"]
        assert form in ("participants", "interview", "baseline", "six_months", "teams", "focus_groups")
        if row["Waves"]:
            found = [wave for file, wave in where.items() if name in default().raw[file].columns]
            assert ";".join(found) == row["Waves"], name


def test_dictionary_allows_every_clean_value():
    for file, frame in clean().raw.items():
        for column in frame.columns:
            row = known()[column]
            values = {value for value in frame[column] if value != ""}
            if row["Field Type"] == "radio":
                allowed = set(codes(row["Choices, Calculations, OR Slider Labels"]))
                assert values <= allowed, (file, column)
            elif row["Text Validation Type OR Show Slider Number"] == "integer":
                low, high = int(row["Text Validation Min"]), int(row["Text Validation Max"])
                assert all(re.fullmatch("-?[0-9]+", v) and low <= int(v) <= high for v in values), (file, column)
            elif row["Text Validation Type OR Show Slider Number"] == "date_ymd":
                assert all(re.fullmatch("20[0-9]{2}-[0-9]{2}-[0-9]{2}", v) for v in values), (file, column)


def test_dictionary_missing_codes_lie_outside_the_range():
    for row in known().values():
        if row["Text Validation Min"]:
            low, high = int(row["Text Validation Min"]), int(row["Text Validation Max"])
            assert not any(low <= int(code) <= high for code in codes(row["Missing Codes"]))


def test_dictionary_branching_holds_in_clean_data():
    study = clean()
    arm = study.truth["participants"].set_index("participant_id")["arm"]
    after = study.raw["six_months.csv"]
    other_arm = after["participant_id"].map(arm) == "comparison"
    assert (after.loc[other_arm, "materials_explained"] == "").all()
    details = [c for c, row in known().items() if "support_received" in row["Branching Logic (Show field only if...)"]]
    assert len(details) == 12
    assert (after.loc[after["support_received"] != "yes", details] == "").all(axis=None)


def test_dictionary_ships_no_item_wording():
    for name, row in known().items():
        if re.fullmatch("(rguk|wemwbs|qpr)_[0-9]{2}", name):
            assert re.fullmatch(r"(RG-UK|WEMWBS|QPR) item [0-9]+", row["Field Label"])


def test_raw_holds_no_identifier_and_no_real_trust():
    columns = {column for frame in default().raw.values() for column in frame.columns}
    assert not any(
        word in column for column in columns for word in ("birth", "name", "nhs", "postcode", "phone", "mail")
    )
    text = "".join(path.read_text("utf-8") for path in SHIPPED.iterdir()).casefold()
    for real in ("tees", "bradford", "essex", "avon", "wiltshire", "hertfordshire", "yorkshire"):
        assert real not in text


def test_seed_changes_data_and_repeats_itself():
    again, other = simulate(), simulate(seed=1)
    for name, frame in default().raw.items():
        pd.testing.assert_frame_equal(frame, again.raw[name])
    assert not default().raw["baseline.csv"].equals(other.raw["baseline.csv"])
    assert len(other.truth["interviews"]) == 278


@pytest.mark.parametrize(
    ("trusts", "teams", "recruits"),
    [(1, 2, 9), (4, 3, 6), (30, 1, 5), (2, 7, 4)],
    ids=["one trust", "odd teams", "one team each", "many teams"],
)
def test_design_other_sizes_have_their_numbers(trusts, teams, recruits):
    study = simulate("effect", 3, design=Design(trusts=trusts, teams_per_trust=teams, recruits=recruits))
    assert len(study.truth["teams"]) == trusts * teams
    assert len(study.truth["participants"]) == trusts * teams * recruits
    assert study.truth["teams"]["arm"].value_counts().max() <= trusts * teams / 2 + 1
    assert not study.truth["teams"].duplicated(["trust", "team"]).any()
    assert study.truth["teams"]["trust"].notna().all()


def test_simulate_unknown_scenario_names_the_nearest():
    with pytest.raises(PlanError, match="did you mean 'effect'"):
        simulate("efect")


def test_simulate_impossible_design_lists_all_problems():
    with pytest.raises(PlanError) as caught:
        simulate(design=Design(trusts=0, teams_per_trust=2, recruits=(0, 4)))
    assert len(caught.value.problems) == 3


def test_truth_written_files_hold_the_frames(tmp_path):
    written = write_truth(default(), tmp_path)
    assert {p.stem for p in written} == {
        *("participants", "interviews", "teams", "themes", "complete", "effects", "dirt")
    }
    dirt = pd.read_csv(tmp_path / "dirt.csv", dtype=str, keep_default_na=False)
    assert dirt["line"].astype(int).tolist() == default().dirt["line"].tolist()


def test_scenarios_have_descriptions():
    assert list(SCENARIOS) == ["null", "effect", "one_trained_team", "mnar", "baseline_imbalance", "tiny_icc"]
    assert all(SCENARIOS.values())
