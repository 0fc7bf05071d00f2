"""The workbook of queries: sent out, filled in, read back as corrections."""

import io
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.queries.correction import corrections_csv
from cpis_analysis.intake.queries.reading import read_corrections
from cpis_analysis.intake.queries.workbook_of_queries import queries_workbook
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame, neutral_text
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.steps import command
from intake_study import FILES, audit_of, changed, clean_study, queries_of, study_dictionary, value_of

pytestmark = pytest.mark.thorough

DIRTY = changed("baseline", ("female,42,52", "female,142,52"), ("male,41,51.5", "male,41,=1+2")) | changed(
    "six_months", ("P01,2018-09-01", "P01,2017-09-01")
)
SIGNED = {"author": "J. Manager", "date": "2019-01-15"}


def workbook_of(result, folder):
    from intake_study import DESIGN

    return queries_workbook(
        result.queries, result.delivered, result.participants, study_dictionary(folder), Design(**DESIGN), result.about
    )


def answered(content, answers):
    """The workbook with answers, by variable."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets[1:]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(header, row, strict=True))
            for name, value in answers.get(cells["variable"].value, {}).items():
                cells[name].value = value
    return book


def test_workbook_has_a_sheet_a_team_and_no_formula(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    content = workbook_of(result, tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["How to answer", "A North", "A South", "B North"]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    [danger] = [cell for cell in cells if cell.value == "=1+2"]
    assert danger.quotePrefix
    assert content == workbook_of(result, tmp_path)


def test_answers_become_corrections_with_author_and_date(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    assert len(result.queries) == 3
    book = answered(
        workbook_of(result, tmp_path),
        {
            "age": SIGNED | {"status": "corrected", "answer": 42, "comment": "typing error"},
            "score": SIGNED | {"status": "missing"},
            "interview_date": SIGNED | {"status": "confirmed"},
        },
    )
    book.save(tmp_path / "raw/answers.xlsx")
    again = clean_study(tmp_path, DIRTY, corrections="raw/answers.xlsx")
    assert queries_of(again) == []
    assert value_of(again, "P03", "0m", "age") == 42
    assert audit_of(again, "age") == [("P03", "142", "42", "correction")]
    assert again.audit.loc[again.audit["variable"] == "age", "reason"].item() == "J. Manager, 2019-01-15: typing error"
    assert audit_of(again, "score") == [("P02", "=1+2", "", "correction")]
    assert pd.isna(value_of(again, "P01", "6m", "interview_date"))


def test_answers_as_csv_give_the_same(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    book = answered(workbook_of(result, tmp_path), {"score": SIGNED | {"status": "corrected", "answer": "51.5"}})
    book.save(tmp_path / "raw/answers.xlsx")
    answers = read_corrections(["raw/answers.xlsx"], tmp_path)
    assert [one.delivered for one in answers] == ["=1+2"]
    (tmp_path / "raw/answers.csv").write_text(corrections_csv(answers))
    assert "'=1+2" in (tmp_path / "raw/answers.csv").read_text()
    one, two = (clean_study(tmp_path, DIRTY, corrections=f"raw/answers.{kind}") for kind in ("xlsx", "csv"))
    assert one.audit.equals(two.audit)
    assert value_of(two, "P02", "0m", "score") == 51.5


def test_answer_about_another_value_is_not_applied_and_asked_about(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    book = answered(workbook_of(result, tmp_path), {"age": SIGNED | {"status": "corrected", "answer": "42"}})
    book.save(tmp_path / "raw/answers.xlsx")
    anew = {"baseline": FILES["baseline"].replace("female,42,52", "female,43,52")}
    again = clean_study(tmp_path, anew, corrections="raw/answers.xlsx")
    assert value_of(again, "P03", "0m", "age") == 43
    assert queries_of(again) == [("P03", "age", "stale_answer")]
    [question] = again.queries["question"]
    assert "answered '42' for '142'; the file now holds '43'" in question
    [fate] = again.answers.to_dict("records")
    assert fate["became"] == "stale"
    assert fate["stands_in"] == "raw/answers.xlsx, sheet 'B North', cell N2"


def test_answer_that_the_file_holds_by_now_needs_nothing(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    book = answered(workbook_of(result, tmp_path), {"age": SIGNED | {"status": "corrected", "answer": "42"}})
    book.save(tmp_path / "raw/answers.xlsx")
    again = clean_study(tmp_path, FILES, corrections="raw/answers.xlsx")
    assert again.answers["became"].tolist() == ["already so"]
    assert (queries_of(again), audit_of(again, "age")) == ([], [])


def test_correction_follows_a_row_that_moved(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    book = answered(workbook_of(result, tmp_path), {"age": SIGNED | {"status": "corrected", "answer": "42"}})
    book.save(tmp_path / "raw/answers.xlsx")
    head, *rows = DIRTY["baseline"].splitlines()
    moved = DIRTY | {"baseline": "\n".join([head, *rows[::-1], ""])}
    assert value_of(clean_study(tmp_path, moved, corrections="raw/answers.xlsx"), "P03", "0m", "age") == 42


def test_duplicate_conflict_is_settled_by_an_answer(tmp_path):
    files = {"baseline": FILES["baseline"] + "P02,2018-03-02,A,South,male,44,51.5\n"}
    result = clean_study(tmp_path, files)
    assert queries_of(result) == [("P02", "age", "conflicting_duplicate")]
    book = answered(workbook_of(result, tmp_path), {"age": SIGNED | {"status": "corrected", "answer": "44"}})
    book.save(tmp_path / "raw/answers.xlsx")
    again = clean_study(tmp_path, files, corrections="raw/answers.xlsx")
    assert queries_of(again) == []
    assert value_of(again, "P02", "0m", "age") == 44


def test_stranger_gets_his_number(tmp_path):
    files = {"baseline": FILES["baseline"].replace("P05,", "P55,")}
    result = clean_study(tmp_path, files)
    stranger = result.queries[result.queries["rule"] == "not_in_log"].index[0]
    book = answered(workbook_of(result, tmp_path), {})
    for sheet in book.worksheets[1:]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(header, row, strict=True))
            if cells["query_id"].value == result.queries.at[stranger, "query_id"]:
                for name, value in (SIGNED | {"status": "corrected", "answer": "P05"}).items():
                    cells[name].value = value
    book.save(tmp_path / "raw/answers.xlsx")
    again = clean_study(tmp_path, files, corrections="raw/answers.xlsx")
    assert value_of(again, "P05", "0m", "age") == 44
    assert queries_of(again) == []


def test_incomplete_answers_are_listed_together(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    book = answered(
        workbook_of(result, tmp_path),
        {
            "age": {"status": "corected", "answer": "42", "author": "J", "date": "2019-01-15"},
            "score": {"status": "corrected", "author": "J", "date": "15 January"},
            "interview_date": {"answer": "2018-09-01"},
        },
    )
    book.save(tmp_path / "raw/answers.xlsx")
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, DIRTY, corrections="raw/answers.xlsx")
    text = str(caught.value)
    for part in (
        "did you mean 'corrected'?",
        "corrected, but there is no answer",
        "the date is missing",
        "there is an answer, but the status is open",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file"),
        (b"PK\x03\x04rest", "damaged"),
        (b"", "empty"),
        (b"query_id,source\nQ1,x\n", "the column 'line' is missing"),
        (b"\x00\x01", "NUL"),
    ],
)
def test_unreadable_corrections_are_refused(tmp_path, content, message):
    (tmp_path / "raw").mkdir()
    if content is not None:
        (tmp_path / "raw/answers.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        clean_study(tmp_path, corrections="raw/answers.csv")


def test_spreadsheet_cells_are_neutral():
    assert [neutral_text(text) for text in ("=1+1", "+x", "-a", "@x", "-9", "+1.5e3", "\tx", "a=b", " =1", "")] == [
        "'=1+1",
        "'+x",
        "'-a",
        "'@x",
        "-9",
        "+1.5e3",
        "'\tx",
        "a=b",
        "' =1",
        "",
    ]
    frame = pd.DataFrame({"a": ["=1", "b"], "n": [-1.0, 2.0], "c": pd.Categorical(["x", "y"])})
    safe = neutral_frame(frame)
    assert safe["a"].tolist() == ["'=1", "b"]
    assert safe["n"].tolist() == [-1.0, 2.0]
    assert frame["a"].tolist() == ["=1", "b"]
    named = neutral_frame(pd.DataFrame({"trust": pd.Categorical(["=cmd|' /C calc'!A0", None, "B"])}))
    assert named["trust"].tolist()[::2] == ["'=cmd|' /C calc'!A0", "B"]
    assert named["trust"].isna().tolist() == [False, True, False]


def test_every_table_that_a_step_writes_is_neutral():
    """A label of the dictionary, or the name of a team, is a text of the data as any other."""
    steps = Path(command.__file__).parent
    written = [
        line.strip()
        for path in sorted(steps.glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bwrite_csv\(", line)
    ]
    assert len(written) > 5
    assert [line for line in written if "neutral_frame(" not in line] == []
