"""What stands in a column of a new study: no answers, numbers with commas, spellings."""

import pandas as pd
import pyreadstat

from cpis_analysis.intake.values.column_numbers import several_codes
from cpis_analysis.new_study.asking import NobodyAsked
from cpis_analysis.new_study.raw_files import read_raw
from cpis_analysis.new_study.settle import settle
from cpis_analysis.new_study.settled import Told
from cpis_analysis.new_study.write_study import write_study
from cpis_analysis.study.checks.plan_check import load_and_check
from cpis_analysis.study.checks.raw_check import check_raw
from new_studies import write_csv


def test_values_that_the_file_declares_missing_are_no_answers_and_no_group(tmp_path):
    rows = range(60)
    frame = pd.DataFrame(
        {
            "id": [float(at) for at in rows],
            "arm": [9.0 if at % 20 == 3 else float(at % 2) for at in rows],
            "cured": [-1.0 if at % 11 == 3 else float(at % 3 == 0) for at in rows],
        }
    )
    path = tmp_path / "trial.sav"
    labels = {"arm": {0.0: "Usual care", 1.0: "Exercise", 9.0: "Not stated"}, "cured": {-1.0: "Refused"}}
    missing = {"arm": [9.0], "cured": [{"lo": -9.0, "hi": -1.0}]}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, missing_ranges=missing)
    raw = read_raw(path)
    assert raw["arm"].values == ["0", "1"]
    assert raw["arm"].value_labels == {"0": "Usual care", "1": "Exercise"}
    study = settle([raw], Told(outcomes=("cured",)), NobodyAsked(), "A trial")
    assert [one.kind for one in study.outcomes] == ["binary"]
    write_study(study, tmp_path / "study")
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    assert dictionary["arm"].choices == {"0": "Usual care", "1": "Exercise"}
    assert check_raw(plan, dictionary).problems == ()


def test_a_number_of_which_some_points_are_labelled_is_an_outcome(tmp_path):
    frame = pd.DataFrame({"id": range(44), "arm": [at % 2 for at in range(44)], "pain": [at % 11 for at in range(44)]})
    path = tmp_path / "trial.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"pain": {0: "No pain", 10: "Worst pain"}})
    study = settle([read_raw(path)], Told(outcomes=("pain",)), NobodyAsked(), "A trial")
    assert [one.kind for one in study.outcomes] == ["continuous"]
    write_study(study, tmp_path / "study")
    assert load_and_check(tmp_path / "study/config.yaml")[1]["pain"].is_numeric


def test_numbers_with_decimal_commas_are_numbers_as_cleaning_reads_them(tmp_path):
    rows = [f"{at};{at % 2},0;{at % 9},{at % 10};1,{at:03d};{at % 7}%" for at in range(40)]
    raw = read_raw(write_csv(tmp_path, "\n".join(["id;arm;score;ratio;share", *rows, ""])))
    assert raw["arm"].values == ["0", "1"]
    assert raw["score"].is_number
    assert raw["score"].texts[11] == "2.1"
    assert raw["ratio"].texts[3] == "1.003"
    assert raw["share"].texts[8] == "1"
    study = settle([raw], Told(), NobodyAsked(), "A trial")
    assert [(one.title, one.kind) for one in study.outcomes] == [("score", "continuous")]
    write_study(study, tmp_path / "study")
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    assert dictionary["score"].decimal_comma
    assert check_raw(plan, dictionary).problems == ()


def test_commas_that_separate_thousands_and_several_answers_in_a_cell(tmp_path):
    raw = read_raw(write_csv(tmp_path, "id,cost\n" + "".join(f'{at},"{at + 1},250"\n' for at in range(20))))
    assert raw["cost"].texts[:2] == ("1250", "2250")
    assert several_codes({"1,3": 2, "2": 1}) == ["1", "2", "3"]
    assert several_codes({"1,1": 2}) == []


ARMS = [
    "Usual care, alone",
    "Care | Exercise",
    "Usual care, alone",
    "Care | Exercise",
    "usual care,alone",
    "CARE| exercise",
]
CURED = ["No", "No", "Yes, once", "Yes, once", "no ", "yes, once"]


def test_spellings_that_cleaning_takes_for_one_are_one_code_without_commas_and_bars(tmp_path):
    rows = [
        f'{at},c{at // 6 % 3}{"xX"[at % 5 == 0]},"{ARMS[at % 6]}",{visit},"{CURED[(at + len(visit)) % 6]}"'
        for at in range(60)
        for visit in ("baseline", "Month 1")
    ]
    text = "\n".join(["id,centre,arm,visit,cured", *rows, ""]).replace("Month 1", "month 1", 9)
    raw = read_raw(write_csv(tmp_path, text))
    assert raw["arm"].values == ["Care Exercise", "Usual care alone"]
    assert raw["arm"].label_of("Care Exercise") == "Care | Exercise"
    assert len(raw["centre"].counts) == 3
    told = Told(outcomes=("cured",), reference="USUAL CARE, ALONE", events={"cured": "Yes, once"})
    study = settle([raw], told, NobodyAsked(), "A trial")
    assert (study.reference, len(study.waves), study.outcomes[0].event) == ("Usual care alone", 2, "Yes once")
    write_study(study, tmp_path / "study")
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    assert dictionary["arm"].choices == {"Care Exercise": "Care / Exercise", "Usual care alone": "Usual care, alone"}
    found = check_raw(plan, dictionary)
    assert (found.problems, found.remarks) == ((), ())
    assert [(one.code, one.people, one.clusters) for one in found.groups] == [
        ("Care Exercise", 30, (3,)),
        ("Usual care alone", 30, (3,)),
    ]
