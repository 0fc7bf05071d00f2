"""People who withdrew consent to the use of their data: no row is read, no number stands anywhere."""

import json

import openpyxl
import pandas as pd
import pytest
from test_intake_queries import SIGNED, answered, workbook_of
from test_intake_written_numbers import ZEROS, sources, stripped

from cpis_analysis.errors import DataError
from cpis_analysis.intake.deliveries import read_sources
from cpis_analysis.intake.flow import participant_flow
from cpis_analysis.intake.privacy.earlier_files import files_naming, texts_of
from cpis_analysis.intake.privacy.withdrawal import read_withdrawal
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.steps.clean_data import main as clean_data
from intake_study import (
    CLEANING,
    DESIGN,
    FILES,
    SOURCES,
    clean_study,
    queries_of,
    study_dictionary,
    value_of,
    write_study,
)

pytestmark = pytest.mark.thorough

LIST = "id,date\nP03,2019-01-31\n"
PLAN = {"withdrawn": "raw/withdrawn.csv"}
# spelled in every way that cleaning would repair, wrong in ways that are asked about, mentioned by others
MESSY = {
    "participants": FILES["participants"].replace("P03,B", "p 03 ,B"),
    "baseline": FILES["baseline"].replace("P03,2018-03-03,B,North,female,42,52", "P-03,2018-03-03,B,Nroth,fem,142,52")
    + "p03,2018-03-03,B,North,female,43,52\n",
    "six_months": FILES["six_months"].replace("63,,,yes,", '63,,,yes,"lives with P 03, see p03"'),
}


def without(*lines, files=FILES):
    """The study as if the person had never been in it."""
    return {
        name: "\n".join(line for line in text.split("\n") if not line.startswith(lines))
        for name, text in files.items()
        if name != "six_months"
    } | {
        "six_months": files["six_months"].replace(
            'P03,2018-09-03,B,North,female,62,yes,no,,"moved,\nthen came back"\n', ""
        )
    }


def run(folder, files=MESSY, withdrawn=LIST, **plan):
    write_study(folder, files)
    (folder / "raw/withdrawn.csv").write_text(withdrawn, encoding="utf-8")
    return clean_study(folder, files, **PLAN, **plan)


def values(result):
    drop = ["source", "line"]
    return [getattr(result, name).drop(columns=drop) for name in ("participants", "interviews", "teams")]


def text_of(result):
    frames = [*result.frames().values(), result.queries.assign(d=result.delivered, a=result.about)]
    return "\n".join(frame.to_csv() for frame in frames)


def test_result_is_that_of_a_study_without_the_person(tmp_path):
    (tmp_path / "other").mkdir()
    result, whole = run(tmp_path), clean_study(tmp_path / "other", without("P03"))
    for one, other in zip(values(result), values(whole), strict=True):
        pd.testing.assert_frame_equal(
            one.drop(columns="note", errors="ignore"), other.drop(columns="note", errors="ignore")
        )
    assert "P03" not in text_of(result).upper().replace(" ", "").replace("-", "")
    assert value_of(result, "P04", "6m", "note") == "lives with [withdrawn], see [withdrawn]"
    assert queries_of(result) == queries_of(whole)


def test_account_and_flow_count_who_withdrew(tmp_path):
    result = run(tmp_path)
    account = result.reconciliation.set_index("source")
    assert account["rows_withdrawn"].to_dict() == {"participants": 1, "baseline": 2, "six_months": 1, "teams": 0}
    assert account["rows_in"].to_dict() == {"participants": 6, "baseline": 6, "six_months": 4, "teams": 4}
    assert (account["rows_in"] == account["rows_out"] + account["rows_set_aside"] + account["rows_withdrawn"]).all()
    record = participant_flow(result, Design(**DESIGN)).to_record()
    assert record["withdrawn"] == 1
    assert record["overall"]["recruited"] == 5
    assert result.withdrawal.mentions == 1


def test_nobody_on_the_list_changes_nothing(tmp_path):
    (tmp_path / "other").mkdir()
    result, whole = run(tmp_path, FILES, "id,date\n"), clean_study(tmp_path / "other", FILES)
    for one, other in zip(values(result), values(whole), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert result.reconciliation.drop(columns="rows_withdrawn").equals(whole.reconciliation)


@pytest.mark.parametrize("file", ["baseline", "six_months"])
def test_row_that_lost_its_zeros_is_not_read_either(tmp_path, file):
    """The listed number is 003; a file has 3, which is in no log and would be asked about by its number."""
    result = run(tmp_path, ZEROS | stripped(file), "id,date\n003,2019-01-31\n", sources=sources(**{file: "001"}))
    assert "003" not in set(result.interviews["participant_id"])
    again = run(tmp_path, ZEROS | {file: ZEROS[file].replace("003,", "3,")}, "id,date\n003,2019-01-31\n")
    assert queries_of(again) == queries_of(result)
    assert again.reconciliation["rows_withdrawn"].tolist() == [1, 1, 1, 0]


def test_list_that_lost_its_zeros_means_the_person_of_the_log(tmp_path):
    result = run(tmp_path, ZEROS, "id,date\n3,2019-01-31\n")
    assert result.reconciliation["rows_withdrawn"].tolist() == [1, 1, 1, 0]
    assert len(result.participants) == 5


def test_other_person_whose_number_differs_by_zeros_stays(tmp_path):
    files = {
        "participants": ZEROS["participants"].replace("006,B", "3,B"),
        "baseline": ZEROS["baseline"] + "3,2018-03-06,B,North,male,45,55\n",
    }
    result = run(tmp_path, ZEROS | files, "id,date\n003,2019-01-31\n")
    assert value_of(result, "3", "0m", "age") == 45
    assert "003" not in set(result.participants["participant_id"])


def test_answers_about_the_person_are_left_out_unread(tmp_path):
    """Even an answer that is no possible value stops nothing, and names nobody."""
    first = clean_study(tmp_path, MESSY)
    book = answered(workbook_of(first, tmp_path), {"age": SIGNED | {"status": "corrected", "answer": "420"}})
    book.save(tmp_path / "raw/answers.xlsx")
    result = run(tmp_path, corrections="raw/answers.xlsx")
    assert len(result.answers) == 0
    assert result.withdrawal.answers == 2


def test_answer_about_somebody_else_does_not_name_the_person(tmp_path):
    files = {"baseline": FILES["baseline"].replace("female,40,50", "female,400,50")}
    first = clean_study(tmp_path, files)
    told = SIGNED | {"status": "corrected", "answer": "40", "comment": "mixed up with P03"}
    answered(workbook_of(first, tmp_path), {"age": told}).save(tmp_path / "raw/answers.xlsx")
    result = run(tmp_path, files, corrections="raw/answers.xlsx")
    assert value_of(result, "P01", "0m", "age") == 40
    assert "mixed up with [withdrawn]" in text_of(result)
    assert "P03" not in text_of(result)


def test_row_that_an_answer_gives_to_the_person_is_not_read(tmp_path):
    files = {"baseline": FILES["baseline"].replace("P03,", "X9,")}
    first = clean_study(tmp_path, files)
    answered(workbook_of(first, tmp_path), {None: SIGNED | {"status": "corrected", "answer": "P03"}}).save(
        tmp_path / "raw/answers.xlsx"
    )
    result = run(tmp_path, files, corrections="raw/answers.xlsx")
    assert "X9" not in text_of(result)
    assert result.reconciliation["rows_withdrawn"].tolist() == [1, 1, 1, 0]


def test_numbers_that_no_file_holds_are_told_by_their_line_only(tmp_path):
    result = run(tmp_path, FILES, LIST + "P77,2019-02-01\n")
    said = " ".join(result.withdrawal.remarks())
    assert "numbers of the list that stand in no file: line 3." in said
    assert "P77" not in said
    assert "P03" not in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\nP03\n", "the column 'date' is missing"),
        ("who,date\nP03,2019-01-01\n", "the column 'id' is missing"),
        ("id,date\nP03,\n", "line 2: the date is missing"),
        ("id,date\nP03,soon\n", "line 2: the date is missing or can't"),
        ("id,date\n,2019-01-01\n", "line 2: the number is missing"),
        ("", "empty"),
    ],
)
def test_list_that_cannot_be_used_stops_the_run_and_names_nobody(tmp_path, text, message):
    with pytest.raises(DataError) as caught:
        run(tmp_path, withdrawn=text)
    assert message in str(caught.value)
    assert "P03" not in str(caught.value)


def test_numbers_cannot_stand_in_the_plan():
    with pytest.raises(ValueError, match="name a file here"):
        Data(dictionary="d.csv", sources=SOURCES, withdrawn=[{"id": "P03", "date": "2019-01-31"}])


def test_list_may_be_a_workbook(tmp_path):
    write_study(tmp_path, FILES)
    book = openpyxl.Workbook()
    for row in (["participant_id", "date"], ["P03", pd.Timestamp("2019-01-31").to_pydatetime()]):
        book.active.append(row)
    book.save(tmp_path / "raw/withdrawn.xlsx")
    result = clean_study(tmp_path, FILES, withdrawn="raw/withdrawn.xlsx")
    assert "P03" not in set(result.participants["participant_id"])


def test_no_file_of_the_step_names_the_person_and_earlier_files_that_do_are_gone(tmp_path, monkeypatch, capsys):
    write_study(tmp_path, MESSY)
    (tmp_path / "raw/withdrawn.csv").write_text(LIST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    data = Data(dictionary="raw/dictionary.csv", sources=SOURCES)
    spec = {"design": json.loads(Design(**DESIGN).model_dump_json()), "cleaning": CLEANING}
    clean_data(spec | {"data": data.model_dump(mode="json")}, "data/processed")
    scored = tmp_path / "data/processed/participants.parquet"
    pd.DataFrame({"participant_id": ["P01", "P03"], "score": [1.0, 2.0]}).to_parquet(scored)
    (tmp_path / "results/logs").mkdir(parents=True)
    (tmp_path / "results/logs/old.log").write_text("baseline.csv, line 4, participant P03: …")
    (tmp_path / "results/estimates.csv").write_text("analysis,estimate\na,0.3\n")
    withdrawal = read_withdrawal(Data(dictionary="d", sources=SOURCES, **PLAN), Design(**DESIGN), Cleaning(), tmp_path)
    assert len(files_naming(tmp_path, withdrawal)) > 4
    clean_data(spec | {"data": data.model_copy(update=PLAN).model_dump(mode="json")}, "data/processed")
    files = [path for folder in ("data", "results") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    assert not [path for path in files if any("P03" in text.upper() for text in texts_of(path))]
    assert not scored.exists()
    assert (tmp_path / "results/estimates.csv").exists()
    assert "2 files of earlier runs named people who withdrew" in capsys.readouterr().out
    assert json.loads((tmp_path / "data/processed/flow.json").read_text())["withdrawn"] == 1


def test_no_cell_of_the_person_gets_past_the_reading(tmp_path):
    write_study(tmp_path, MESSY)
    (tmp_path / "raw/withdrawn.csv").write_text(LIST, encoding="utf-8")
    data = Data(dictionary="raw/dictionary.csv", sources=SOURCES, **PLAN)
    design, cleaning = Design(**DESIGN), Cleaning()
    withdrawal = read_withdrawal(data, design, cleaning, tmp_path)
    reading = read_sources(data, design, cleaning, study_dictionary(tmp_path), tmp_path, withdrawal)
    cells = {text for table in reading.tables for column in table.raw.values() for text in column}
    assert not [text for text in cells if withdrawal.names(text) or withdrawal.concerns(text)]
    assert "P01" in cells
