"""Every difference between the raw files and the truth is on record, and follows its rule."""

import difflib
from functools import cache

import pandas as pd
import pytest

from cpis_analysis.synthetic import DIRT_KINDS, Design, SyntheticStudy, dictionary, simulate
from cpis_analysis.synthetic.sheets import clean_files

pytestmark = pytest.mark.thorough

FILES = ("participants.csv", "baseline.csv", "six_months.csv", "teams.csv", "focus_groups.csv")


@cache
def study(seed: int = 20180214) -> SyntheticStudy:
    if seed < 0:
        return simulate("mnar", -seed, design=Design(trusts=8, teams_per_trust=3, recruits=12))
    return simulate(seed=seed)


def entries(kind: str) -> pd.DataFrame:
    return study().dirt[study().dirt["kind"] == kind]


def cell(entry: object) -> str:
    return study().raw[entry.file].iloc[entry.line - 2][entry.variable]


def known() -> dict[str, dict[str, str]]:
    return {row["Variable / Field Name"]: row for row in dictionary().to_dict("records")}


def pairs(text: str) -> dict[str, str]:
    return dict(pair.strip().split(", ", 1) for pair in text.split("|")) if text else {}


@pytest.mark.parametrize("seed", [20180214, 7, -11], ids=["shipped", "another seed", "another design"])
def test_dirt_table_explains_every_difference(seed):
    made = study(seed)
    clean = {f"{name}.csv": frame for name, frame in clean_files(made.truth, made.design).items()}
    for file in FILES:
        raw = made.raw[file].copy()
        raw.index = range(2, len(raw) + 2)
        here = made.dirt[made.dirt["file"] == file]
        cells, rows = here[here["variable"] != ""], here[here["variable"] == ""]
        for entry in cells.itertuples():
            assert raw.at[entry.line, entry.variable] == entry.raw_value
            raw.at[entry.line, entry.variable] = entry.true_value
        mended = raw.drop(index=rows["line"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(mended, clean[file])
        assert not cells.duplicated(["line", "variable"]).any()
        assert not set(cells["line"]) & set(rows["line"])


def test_dirt_every_kind_occurs_and_has_a_rule():
    assert set(study().dirt["kind"]) == set(DIRT_KINDS)
    for kind, count in study().dirt["kind"].value_counts().items():
        assert count >= 2, kind
    for entry in study().dirt.itertuples():
        rule = DIRT_KINDS[entry.kind]
        assert entry.decidable == ("yes" if rule.decidable else "no")
        assert entry.rule == rule.rule


def test_dirt_touches_few_rows_apart_from_missing_codes():
    dirt = study().dirt[study().dirt["kind"] != "missing_code"]
    rows = sum(len(frame) for frame in study().raw.values())
    assert len(dirt.drop_duplicates(["file", "line"])) / rows < 0.12


def test_dirt_participants_are_those_of_the_line():
    for entry in study().dirt.itertuples():
        raw = study().raw[entry.file]
        if "participant_id" in raw:
            assert raw["participant_id"].iloc[entry.line - 2] == entry.participant


def test_dirt_missing_codes_are_in_the_dictionary():
    for entry in entries("missing_code").itertuples():
        assert entry.raw_value in pairs(known()[entry.variable]["Missing Codes"])
        assert entry.true_value == entry.clean_value == ""
    assert {"9", "99", "999", "-9"} <= set(entries("missing_code")["raw_value"])


def test_dirt_names_lead_back_to_one_name():
    for entry in entries("name_variant").itertuples():
        assert entry.raw_value != entry.true_value
        assert entry.raw_value.strip().casefold() == entry.true_value.casefold()
    for entry in entries("name_misspelt").itertuples():
        names = [name.casefold() for name in pairs(known()["team"]["Choices, Calculations, OR Slider Labels"])]
        close = difflib.get_close_matches(entry.raw_value.casefold(), names, n=5, cutoff=0.8)
        assert close == [entry.true_value.casefold()]


def test_dirt_labels_are_in_the_dictionary():
    for entry in entries("label_for_code").itertuples():
        assert (
            pairs(known()[entry.variable]["Choices, Calculations, OR Slider Labels"])[entry.true_value]
            == entry.raw_value
        )


def test_dirt_dates_are_day_month_year():
    for entry in entries("date_format").itertuples():
        day = pd.to_datetime(entry.raw_value, format="%d/%m/%Y")
        assert day.strftime("%Y-%m-%d") == entry.true_value


def test_dirt_decimal_commas_are_the_number():
    for entry in entries("decimal_comma").itertuples():
        assert float(entry.raw_value.replace(",", ".")) == float(entry.true_value)


@pytest.mark.parametrize("kind", ["out_of_range", "unknown_code", "text_number"])
def test_dirt_impossible_values_are_not_allowed_and_become_missing(kind):
    for entry in entries(kind).itertuples():
        row = known()[entry.variable]
        assert entry.raw_value not in pairs(row["Missing Codes"])
        assert entry.raw_value not in pairs(row["Choices, Calculations, OR Slider Labels"])
        if kind == "out_of_range":
            assert int(entry.raw_value) > int(row["Text Validation Max"])
        assert (entry.clean_value, entry.decidable, entry.query) == ("", "no", "yes")
        assert entry.true_value != ""


def test_dirt_arm_mismatch_team_list_has_the_truth():
    arms = study().truth["teams"].set_index(["trust", "team"])["arm"]
    people = study().truth["participants"].set_index("participant_id")
    for entry in entries("arm_mismatch").itertuples():
        trust, team = people.loc[entry.participant, ["trust", "team"]]
        assert entry.clean_value == arms[trust, team] != cell(entry)


def test_dirt_gender_baseline_answer_is_used():
    baseline = study().raw["baseline.csv"].drop_duplicates("participant_id").set_index("participant_id")["gender"]
    for entry in entries("gender_changed").itertuples():
        assert baseline[entry.participant] == entry.clean_value != entry.raw_value


def test_dirt_dates_before_baseline_and_outside_window():
    interviews = study().truth["interviews"]
    first = interviews[interviews["wave"] == "0m"].set_index("participant_id")["interview_date"]
    for entry in entries("followup_before_baseline").itertuples():
        assert pd.Timestamp(entry.raw_value) < first[entry.participant]
    late = {entry.participant: entry for entry in entries("outside_window").itertuples()}
    after = interviews[interviews["wave"] == "6m"].set_index("participant_id")["interview_date"]
    for person, day in after.items():
        early = day < first[person] + pd.DateOffset(months=5)
        assert (early or day > first[person] + pd.DateOffset(months=8)) == (person in late)
    assert all(entry.raw_value == entry.true_value == entry.clean_value for entry in late.values())


def test_dirt_rows_to_set_aside_are_what_they_are_called():
    raw = study().raw
    log, baseline = set(raw["participants.csv"]["participant_id"]), set(raw["baseline.csv"]["participant_id"])
    for entry in entries("followup_without_baseline").itertuples():
        assert entry.participant in log - baseline
    for entry in entries("unknown_participant").itertuples():
        assert entry.participant not in log
    for entry in entries("blank_row").itertuples():
        assert (raw[entry.file].iloc[entry.line - 2] == "").all()
    for entry in entries("duplicate_row").itertuples():
        frame = raw[entry.file]
        earlier = frame.iloc[: entry.line - 2]
        assert (earlier == frame.iloc[entry.line - 2]).all(axis=1).sum() == 1


def test_dirt_conflicting_duplicates_differ_in_recorded_cells_alone():
    table = entries("conflicting_duplicate")
    for (file, person), group in table.groupby(["file", "participant"]):
        both = study().raw[file][study().raw[file]["participant_id"] == person]
        assert len(both) == 2
        differ = [column for column in both if both[column].iloc[0] != both[column].iloc[1]]
        assert sorted(differ) == sorted(group.loc[group["variable"] != "", "variable"])
        second = group[group["variable"] == ""].iloc[0]
        assert (second["line"], second["action"]) == (both.index[1] + 2, "set aside")


def test_expected_differs_from_truth_in_undecidable_cells_alone():
    made = study()
    expected, truth = made.expected(), made.truth
    for name in ("participants", "teams", "themes"):
        pd.testing.assert_frame_equal(expected[name], truth[name])
    undecidable = made.dirt[(made.dirt["decidable"] == "no") & (made.dirt["variable"] != "")]
    undecidable = undecidable[undecidable["clean_value"] != undecidable["true_value"]]
    left, right = expected["interviews"], truth["interviews"]
    assert (left.dtypes == right.dtypes).all()
    differ = 0
    for column in right:
        a, b = left[column].astype(object), right[column].astype(object)
        differ += int((~((a == b) | (a.isna() & b.isna()))).sum())
    assert differ == len(undecidable)
