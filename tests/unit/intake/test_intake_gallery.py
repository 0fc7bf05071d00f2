"""A gallery of what field teams deliver by accident: a clear refusal, or a repair with its account."""

import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

import intake_vendors as vendors
from cpis_analysis.errors import DataError
from cpis_analysis.intake.clean import clean
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from intake_study import (
    FILES,
    SOURCES,
    aside_of,
    audit_of,
    changed,
    clean_study,
    queries_of,
    study_dictionary,
    value_of,
)

pytestmark = pytest.mark.thorough


def vendor(folder, write, change=None, **source):
    """A vendor's files, changed, through the whole intake."""
    vendors.write_dictionary(folder)
    sources = write(folder)
    if change is not None:
        change(folder / "raw")
    sources = {name: one | source for name, one in sources.items()}
    data = Data(dictionary="raw/dictionary.csv", sources=sources)
    return clean(data, Design(**vendors.DESIGN), Cleaning(), study_dictionary(folder), folder)


def refused(*arguments, **more):
    with pytest.raises(DataError) as caught:
        vendor(*arguments, **more)
    assert "fault of the program" not in str(caught.value)
    return str(caught.value)


def cut(name, share=0.6):
    def change(raw):
        content = (raw / name).read_bytes()
        (raw / name).write_bytes(content[: int(len(content) * share)])

    return change


def replaced(name, content):
    return lambda raw: (raw / name).write_bytes(content)


@pytest.mark.parametrize(
    ("write", "name", "message"),
    [
        (vendors.spss, "first.sav", "SPSS"),
        (vendors.spss_long, "all.zsav", "SPSS"),
        (vendors.stata_wide, "all.dta", "Stata"),
        (vendors.excel, "book.xlsx", "damaged"),
    ],
)
def test_truncated_file_of_a_program_is_refused(tmp_path, write, name, message):
    assert message in refused(tmp_path, write, cut(name))


def test_sav_that_is_none_is_refused(tmp_path):
    assert "SPSS" in refused(tmp_path / "a", vendors.spss, replaced("first.sav", b"$FL2@(#) IBM SPSS" + b"\x07" * 900))
    assert "is no SPSS data file; it looks like delimited text" in refused(
        tmp_path / "b", vendors.spss, replaced("first.sav", b"a,b\n1,2\n"), format="spss"
    )


def test_zip_bomb_is_refused_without_being_opened(tmp_path):
    def bomb(raw):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
        (raw / "book.xlsx").write_bytes(out.getvalue())

    assert "may be damaged or a trap" in refused(tmp_path, vendors.excel, bomb)


def test_archives_that_are_no_workbook_are_refused(tmp_path):
    def other(raw):
        with zipfile.ZipFile(raw / "book.xlsx", "w") as archive:
            archive.writestr("letter.txt", "hello")

    assert "no Excel workbook" in refused(tmp_path / "a", vendors.excel, other)

    def entity(raw):
        with zipfile.ZipFile(raw / "book.xlsx", "w") as archive:
            archive.writestr("xl/workbook.xml", '<!DOCTYPE lolz [<!ENTITY a "b">]><workbook>&a;</workbook>')

    assert "document types" in refused(tmp_path / "b", vendors.excel, entity)


def edited_sheet(sheet, edit):
    def change(raw):
        book = openpyxl.load_workbook(raw / "book.xlsx")
        edit(book[sheet])
        book.save(raw / "book.xlsx")

    return change


def test_workbook_faults_name_sheet_and_row(tmp_path):
    def formula(sheet):
        sheet["F3"] = "=1+1"

    assert "line 3: sheet 'first': cell 6 holds a formula whose value was never saved" in refused(
        tmp_path / "a", vendors.excel, edited_sheet("first", formula)
    )

    def error(sheet):
        sheet["F4"] = "#N/A"
        sheet["F4"].data_type = "e"

    assert "line 4" in refused(tmp_path / "b", vendors.excel, edited_sheet("first", error))

    def empty(sheet):
        sheet.delete_rows(2, 99)

    assert "a header and no rows" in refused(tmp_path / "c", vendors.excel, edited_sheet("second", empty))

    def doubled(sheet):
        sheet["E1"] = "age"

    assert "the column 'age' stands 2 times" in refused(tmp_path / "d", vendors.excel, edited_sheet("first", doubled))


def test_workbook_sheet_must_be_named_and_there(tmp_path):
    assert "several sheets" in refused(tmp_path / "a", vendors.excel, sheet=None)
    text = refused(tmp_path / "b", vendors.excel, sheet="frist")
    assert "no such sheet" in text
    assert "did you mean 'first'?" in text


def test_labels_of_file_and_dictionary_that_contradict_are_refused(tmp_path):
    import pyreadstat

    def swapped(raw):
        frame, labels = vendors.numeric_frame(vendors.truth()[1]["0m"], ["participant_id", *vendors.ASKED["0m"]])
        frame["gender"] = frame["gender"].map({1.0: "male", 2.0: "female", 3.0: "other", -9.0: ""})
        labels["gender"] = {"female": "Male", "male": "Female"}
        pyreadstat.write_sav(frame, str(raw / "first.sav"), variable_value_labels=labels)

    assert "the file calls the code 'Male', the dictionary calls it 'Female'" in refused(
        tmp_path, vendors.spss, swapped
    )


def test_value_that_the_file_calls_missing_and_the_dictionary_allows_is_refused(tmp_path):
    import pyreadstat

    def declared(raw):
        frame, labels = vendors.numeric_frame(vendors.truth()[1]["0m"], ["participant_id", *vendors.ASKED["0m"]])
        pyreadstat.write_sav(
            frame, str(raw / "first.sav"), variable_value_labels=labels, missing_ranges={"age": [{"lo": 50, "hi": 60}]}
        )

    assert "variable age: the file declares the value missing, the dictionary allows it" in refused(
        tmp_path, vendors.spss, declared
    )


def test_user_missing_values_and_labels_are_counted(tmp_path):
    result = vendor(tmp_path, vendors.spss)
    lines = result.translations.set_index(["source", "column", "delivered"])
    assert lines.loc[("first", "gender", "2"), ["label", "becomes", "meaning", "cells"]].tolist() == [
        "Male",
        "male",
        "label",
        2,
    ]
    assert lines.loc[("first", "score", "-8"), ["becomes", "meaning", "cells"]].tolist() == ["-8", "missing", 1]
    missing = result.audit[result.audit["rule"] == "missing_code"]
    assert missing.groupby(["variable", "reason"]).size().to_dict() == {
        ("age", "Not stated"): 1,
        ("gender", "Missing"): 3,
        ("score", "Missing"): 1,
        ("score", "Refused"): 1,
    }


def test_wrong_waves_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="'supported' does not belong in this file: in the dictionary it is of wave 6m"):
        clean_study(tmp_path / "a", {"baseline": FILES["six_months"]})
    sources = SOURCES | {"six_months": SOURCES["six_months"] | {"file": "raw/baseline.csv"}}
    with pytest.raises(DataError, match="one of the two waves was delivered twice"):
        clean_study(tmp_path / "b", sources=sources)


def test_long_file_without_a_wave_and_with_a_strange_one(tmp_path):
    def without(raw):
        lines = (raw / "all.csv").read_text().replace("two\nlines", "two lines").splitlines()
        (raw / "all.csv").write_text("\n".join(line for line in lines if not line.startswith("6m")) + "\n")

    assert "no row is of wave '6m'" in refused(tmp_path / "a", vendors.long_csv, without)

    def strange(raw):
        text = (raw / "all.csv").read_text()
        (raw / "all.csv").write_text(text.replace("6m,P02", "12m,P02"))

    result = vendor(tmp_path / "b", vendors.long_csv, strange)
    assert result.set_aside["rule"].tolist() == ["unknown_wave"]
    assert ("P02", "", "unknown_wave") in queries_of(result)


@pytest.mark.parametrize(("strange", "said"), [("12m", "Name it under waves of the source: {12m: the wave}"), ("", "")])
def test_rows_of_one_event_that_is_no_wave_are_one_question(tmp_path, strange, said):
    def of_two_people(raw):
        text = (raw / "all.csv").read_text()
        for person in ("P02", "P12"):
            assert text.count(f"6m,{person}") == 1
            text = text.replace(f"6m,{person}", f"{strange},{person}")
        (raw / "all.csv").write_text(text)

    result = vendor(tmp_path, vendors.long_csv, of_two_people)
    assert result.set_aside["rule"].tolist() == ["unknown_wave"] * 2
    asked = result.queries[result.queries["rule"] == "unknown_wave"]
    assert len(asked) == 1
    assert said in asked["question"].item()


def test_long_file_answers_at_another_wave_are_taken_out_and_asked(tmp_path):
    def moved(raw):
        lines = (raw / "all.csv").read_text().splitlines()
        header = lines[0].split(",")
        at = next(n for n, line in enumerate(lines) if line.startswith("0m,P02"))
        cells = lines[at].split(",")
        cells[header.index("note")] = "too early"
        cells[header.index("act___help")] = "no"
        lines[at] = ",".join(cells)
        (raw / "all.csv").write_text("\n".join(lines) + "\n")

    result = vendor(tmp_path, vendors.long_csv, moved)
    assert queries_of(result) == [("P02", "note", "not_at_this_wave")]
    assert audit_of(result, "act___help") == [("P02", "no", "", "not_at_this_wave")]


def test_long_file_that_contradicts_itself_about_a_person(tmp_path):
    def other(raw):
        text = (raw / "all.csv").read_text()
        start = text.index("6m,P02,")
        end = text.index("\n", start)
        row = text[start:end].replace("completed", "lost_after_baseline").replace(",B,", ",A,").replace(",A,S", ",A,S")
        (raw / "all.csv").write_text(text[:start] + row + text[end:])

    result = vendor(tmp_path, vendors.long_csv, other)
    assert ("P02", "status", "person_differs") in queries_of(result)
    assert result.participants.set_index("participant_id").loc["P02", "status"] == "completed"


def test_redcap_repeating_instruments_are_no_interviews(tmp_path):
    def repeated(raw):
        lines = (raw / "redcap.csv").read_text().splitlines()
        row = ["P02", "baseline_arm_1", "adverse_events", "1", *[""] * (lines[0].count(",") - 3)]
        (raw / "redcap.csv").write_text("\n".join([*lines, ",".join(row), ""]))

    result = vendor(tmp_path, vendors.redcap_raw, repeated)
    assert result.set_aside["rule"].tolist() == ["repeated_instrument"]
    assert queries_of(result) == []
    assert "redcap_survey_identifier" in result.sources["columns_left_out"].item()


def test_qualtrics_previews_and_session_columns_go_no_further(tmp_path):
    result = vendor(tmp_path, vendors.qualtrics)
    assert result.set_aside["rule"].tolist() == ["test_response", "test_response"]
    assert "192.0.2.1" not in "".join(frame.to_csv() for frame in result.frames().values())


def test_wide_file_of_one_wave_beside_a_file_of_the_other(tmp_path):
    def write(folder):
        sources = vendors.plain(folder)
        rows = [{k: v for k, v in row.items() if not k.endswith("_6m")} for row in vendors.wide_rows()]
        columns = [name for name in vendors.WIDE_COLUMNS if not name.endswith("_6m")]
        (folder / "raw/wide.csv").write_text(vendors.csv_text(rows, columns), encoding="utf-8")
        return {"wide": {"file": "raw/wide.csv", "holds": "wide"}, "second": sources["second"]}

    result, expected = vendor(tmp_path / "a", write), vendor(tmp_path / "b", vendors.plain)
    place = ["source", "line"]
    assert result.interviews.drop(columns=place).equals(expected.interviews.drop(columns=place))


def test_mixed_date_orders_are_asked_where_both_can_be_meant(tmp_path):
    files = changed(
        "baseline",
        ("P01,2018-03-01", "P01,03/04/2018"),
        ("P02,2018-03-02", "P02,25/03/2018"),
        ("P03,2018-03-03", "P03,03/25/2018"),
    )
    result = clean_study(tmp_path, files, cleaning={"date_formats": ["dmy", "mdy", "iso"]})
    assert queries_of(result) == [("P01", "interview_date", "ambiguous_date")]
    assert value_of(result, "P02", "0m", "interview_date") == value_of(result, "P03", "0m", "interview_date")


def test_thousands_of_duplicates_are_set_aside_in_no_time(tmp_path):
    row = FILES["baseline"].splitlines()[1]
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + f"{row}\n" * 5000})
    assert len(aside_of(result)) == 5000
    assert len(result.interviews) == 9


def test_labels_in_place_of_codes_are_read_in_every_column(tmp_path):
    files = {"six_months": FILES["six_months"].replace("yes", "Yes").replace(",no,", ",No,").replace("male", "Male")}
    result = clean_study(tmp_path, files)
    assert queries_of(result) == []
    assert value_of(result, "P01", "6m", "supported") == "yes"


def test_nul_bytes_and_other_encodings_are_refused(tmp_path):
    for at, content in enumerate((b"a\x00b", FILES["baseline"].encode("utf-16"), b"\xff\xfe\x00", b"\x1f\x8bzip")):
        with pytest.raises(DataError):
            clean_study(tmp_path / str(at), {"baseline": content})


def test_branching_with_event_looks_at_that_wave(tmp_path):
    variables = [list(row) for row in vendors.VARIABLES]
    next(row for row in variables if row[0] == "note")[8] = "[baseline_arm_1][alone] = '1'"
    text = vendors.dictionary_text([tuple(row) for row in variables])
    vendors.write_dictionary(tmp_path)
    (tmp_path / "raw/dictionary.csv").write_text(text, encoding="utf-8")
    sources = vendors.redcap_raw(tmp_path)
    sources["redcap"]["waves"] = {"baseline_arm_1": "0m", "six_months_arm_1": "6m"}
    data = Data(dictionary="raw/dictionary.csv", sources=sources)
    result = clean(data, Design(**vendors.DESIGN), Cleaning(), study_dictionary(tmp_path), tmp_path)
    talks = result.interviews
    alone = talks[talks["wave"] == "0m"].set_index("participant_id")["alone"]
    noted = talks[(talks["wave"] == "6m") & talks["note"].notna()]["participant_id"]
    assert set(alone[noted].dropna()) <= {"yes"}
    assert set(result.queries["rule"]) == {"not_asked"}


def test_windows_text_and_separators_are_remarked(tmp_path):
    found = vendor(tmp_path, vendors.european).sources["found"].tolist()
    assert found == ["columns separated by semicolons"] * 2 + ["read as windows-1252; columns separated by semicolons"]


def test_numbers_of_every_layout_are_those_of_the_truth(tmp_path):
    for name in ("spss long", "stata wide", "excel"):
        result = vendor(tmp_path / name.replace(" ", ""), vendors.VENDORS[name])
        first = result.interviews[result.interviews["wave"] == "0m"]
        truth = pd.to_numeric(pd.Series([row["score"] for row in vendors.truth()[1]["0m"]]))
        assert np.array_equal(first["score"], truth.where(truth >= 0), equal_nan=True)
