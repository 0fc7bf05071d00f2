"""What people do in Excel: per cent, half-converted dates, merged cells, titles and totals, separators in line 1."""

from datetime import date, timedelta

import openpyxl
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.files.totals import total_rows
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.plan.schema import Cleaning
from intake_study import (
    FILES,
    SOURCES,
    VARIABLES,
    aside_of,
    audit_of,
    clean_study,
    plan_parts,
    queries_of,
    study_dictionary,
    value_of,
    write_study,
)

pytestmark = pytest.mark.thorough

SCORE = Variable("score", "f", "Score", "number", low=0)
DAY = Variable("day", "f", "Day", "date")


def cells_of(name):
    return [line.split(",") for line in FILES[name].splitlines()]


def typed(text):
    return float(text) if text.replace(".", "", 1).isdigit() else (text or None)


def with_sheet(folder, name, fill, variables=VARIABLES, files=None, **source):
    """The study with one file as a workbook; ``fill`` writes the sheet. The plan's source gets more keys."""
    write_study(folder, {**(files or {}), name: None}, variables)
    book = openpyxl.Workbook()
    fill(book.active)
    book.save(folder / f"raw/{name}.xlsx")
    own = SOURCES[name] | {"file": f"raw/{name}.xlsx"} | source
    data, design, cleaning = plan_parts(sources=SOURCES | {name: own})
    return clean(data, design, cleaning, study_dictionary(folder), folder)


def plain(name, edit=None):
    def fill(sheet):
        for row in cells_of(name):
            sheet.append([typed(text) for text in row])
        if edit is not None:
            edit(sheet)

    return fill


def refusal(*arguments, **more):
    with pytest.raises(DataError) as caught:
        with_sheet(*arguments, **more)
    assert "fault of the program" not in str(caught.value)
    return str(caught.value)


# per cent


def shares(sheet):
    """Scores of the baseline: one typed, the others as per cent."""
    for row, share in ((3, 0.46), (4, 0.475), (5, 1), (6, 0.07)):
        cell = sheet.cell(row, 7)
        cell.value, cell.number_format = share, "0%"


def test_percent_cells_are_read_as_shown_where_values_go_to_100(tmp_path):
    result = with_sheet(tmp_path, "baseline", plain("baseline", shares))
    assert [value_of(result, f"P0{at}", "0m", "score") for at in range(1, 6)] == [50, 46, 47.5, 100, 7]
    assert audit_of(result, "score") == [
        ("P02", "46%", "46", "percent_sign"),
        ("P03", "47.5%", "47.5", "percent_sign"),
        ("P04", "100%", "100", "percent_sign"),
        ("P05", "7%", "7", "percent_sign"),
    ]
    assert result.queries.empty


def test_percent_typed_as_text_is_the_same_in_csv(tmp_path):
    files = {"baseline": FILES["baseline"].replace(",50\n", ",46%\n").replace(",51.5\n", ", 47.5 %\n")}
    result = clean_study(tmp_path, files)
    assert [value_of(result, person, "0m", "score") for person in ("P01", "P02")] == [46, 47.5]


@pytest.mark.parametrize(("high", "expected"), [("1", [0.46, 0.475, 1, 0.07]), ("", None), ("40", None)])
def test_percent_of_other_ranges(tmp_path, high, expected):
    variables = [(*row[:7], high, *row[8:]) if row[0] == "score" else row for row in VARIABLES]
    files = {
        "six_months": FILES["six_months"]
        .replace(",60,", ",,")
        .replace(",61.5,", ",,")
        .replace(",62,", ",,")
        .replace(",63,", ",,")
    }
    files["baseline"] = None

    def fill(sheet):
        plain("baseline", shares)(sheet)
        sheet["G2"] = 1

    result = with_sheet(tmp_path, "baseline", fill, variables, files)
    found = [value_of(result, f"P0{at}", "0m", "score") for at in range(2, 6)]
    if expected is not None:
        assert found == expected
        assert result.queries.empty
    elif high == "":
        assert all(value != value for value in found)
        assert queries_of(result) == [("", "score", "ambiguous_percent")]
        assert "4 cells: line 3, 4, 5, 6" in result.queries["question"].item()
        assert "46 or 0.46" in result.queries["question"].item()
    else:  # 0 to 40: 46% can only be .46, 7% can be both, and is asked
        assert found[:3] == [0.46, 0.475, 1]
        assert queries_of(result) == [("P05", "score", "ambiguous_percent")]


def test_shares_that_lost_their_format_beside_per_cent_are_asked_once(tmp_path):
    def fill(sheet):
        plain("baseline", shares)(sheet)
        sheet["G2"], sheet["G4"].number_format = 0.5, "General"

    result = with_sheet(tmp_path, "baseline", fill)
    assert queries_of(result) == [("", "score", "fraction_beside_percent")]
    assert "is 0.5 in truth 50" in result.queries["question"].item()
    assert "2 cells: line 2, 4" in result.queries["question"].item()
    assert [value_of(result, f"P0{at}", "0m", "score") for at in (1, 2, 3)] == [0.5, 46, 0.475]


def test_numbers_shown_with_zeros_in_front_have_them(tmp_path):
    def numbered(sheet):
        plain("baseline")(sheet)
        for row in range(2, 7):
            cell = sheet.cell(row, 1)
            cell.value, cell.number_format = row - 1, '"P"00'

    result = with_sheet(tmp_path, "baseline", numbered)
    assert result.set_aside.empty
    assert value_of(result, "P05", "0m", "score") == 54


# half-converted dates


def half_converted(sheet):
    """Typed day/month/year into an Excel that puts the month first: 1 to 12 March became January to December 3."""
    plain("baseline")(sheet)
    for row, typed_day in enumerate([(1, 3), (2, 3), (13, 3), (24, 3), (5, 3)], start=2):
        day, month = typed_day
        cell = sheet.cell(row, 2)
        if day <= 12:
            cell.value, cell.number_format = date(2018, day, month), "mm/dd/yyyy"
        else:
            cell.value = f"{day:02d}/{month:02d}/2018"


def test_half_converted_dates_are_asked_once_and_not_guessed(tmp_path):
    result = with_sheet(tmp_path, "baseline", half_converted)
    assert queries_of(result) == [("", "interview_date", "swapped_date")]
    question = result.queries["question"].item()
    assert "date_cells: {interview_date: swapped}" in question
    assert "is 2018-01-03 in truth 2018-03-01" in question
    dates = [value_of(result, f"P0{at}", "0m", "interview_date") for at in range(1, 6)]
    assert [str(day)[:10] for day in dates] == ["NaT", "NaT", "2018-03-13", "2018-03-24", "NaT"]
    assert ("P01", "2018-01-03", "", "swapped_date") in audit_of(result, "interview_date")


def test_half_converted_dates_are_read_as_the_plan_says(tmp_path):
    result = with_sheet(tmp_path / "a", "baseline", half_converted, date_cells={"interview_date": "swapped"})
    days = [str(value_of(result, f"P0{at}", "0m", "interview_date"))[:10] for at in range(1, 6)]
    assert days == ["2018-03-01", "2018-03-02", "2018-03-13", "2018-03-24", "2018-03-05"]
    assert ("P05", "2018-05-03", "2018-03-05", "swapped_date") in audit_of(result, "interview_date")
    assert result.queries.empty
    result = with_sheet(tmp_path / "b", "baseline", half_converted, date_cells={"interview_date": "as_stored"})
    assert str(value_of(result, "P05", "0m", "interview_date"))[:10] == "2018-05-03"
    assert result.queries.empty


def test_true_dates_beyond_the_twelfth_show_that_nothing_was_swapped(tmp_path):
    def fine(sheet):
        half_converted(sheet)
        sheet["B6"] = date(2018, 3, 25)

    result = with_sheet(tmp_path / "a", "baseline", fine)
    assert "swapped_date" not in set(result.audit["rule"]) | set(result.queries["rule"])
    assert "no such month" in refusal(tmp_path / "b", "baseline", fine, date_cells={"interview_date": "swapped"})
    assert "no column of this file" in refusal(tmp_path / "c", "baseline", fine, date_cells={"seen": "swapped"})


def test_half_converted_dates_of_birth_are_refused_rather_than_made_ages(tmp_path):
    born = ("born", "baseline", "text", "Date of birth", "", "date_ymd", "", "", "", "", "0m")
    variables = [*VARIABLES, born]

    def fill(sheet):
        half_converted(sheet)
        sheet["H1"] = "born"
        for row in range(2, 7):
            sheet.cell(row, 8).value = sheet.cell(row, 2).value

    write_study(tmp_path, None, variables)
    text = (tmp_path / "raw/dictionary.csv").read_text()
    row = "born,baseline,,text,Date of birth,,,date_ymd,,,"
    marked = text.replace(f"{row},", f"{row}y,")
    assert marked != text
    book = openpyxl.Workbook()
    fill(book.active)
    (tmp_path / "raw/baseline.csv").unlink()
    book.save(tmp_path / "raw/baseline.xlsx")
    (tmp_path / "raw/dictionary.csv").write_text(marked)
    sources = SOURCES | {"baseline": SOURCES["baseline"] | {"file": "raw/baseline.xlsx"}}
    data, design, cleaning = plan_parts(sources=sources)
    with pytest.raises(DataError, match=r"date_cells: \{born: swapped\}"):
        clean(data, design, cleaning, study_dictionary(tmp_path), tmp_path)


# merged cells


def merged_log(sheet):
    plain("participants")(sheet)
    for block in ("B2:B3", "B4:B7", "C6:C6", "D5:D6"):
        sheet.merge_cells(block)


def test_merged_cells_are_refused_by_name(tmp_path):
    text = refusal(tmp_path, "participants", merged_log)
    assert "raw/participants.xlsx, line 2: sheet 'Sheet': cells are merged (B2:B3, B4:B7, D5:D6)" in text
    assert "merged_cells: fill" in text


def test_merged_cells_are_filled_with_their_account_where_the_plan_says_so(tmp_path):
    result = with_sheet(tmp_path, "participants", merged_log, merged_cells="fill")
    assert result.participants["trust"].tolist() == ["A", "A", "B", "B", "B", "B"]
    assert result.participants["arm"].tolist() == ["implementation", "comparison", "comparison"] + [
        "implementation"
    ] * 2 + ["comparison"]
    assert audit_of(result, "trust") == [(f"P0{at}", "", "A" if at == 2 else "B", "merged_cell") for at in (2, 4, 5, 6)]
    assert "merged with the cell of line 4" in set(result.audit["reason"])
    assert result.queries.empty


def test_merged_cells_across_columns_or_in_the_header_cannot_be_filled(tmp_path):
    for at, block in enumerate(("B3:C3", "B1:B2")):

        def fill(sheet, block=block):
            plain("participants")(sheet)
            sheet.merge_cells(block)

        assert "only cells merged downwards" in refusal(tmp_path / str(at), "participants", fill, merged_cells="fill")


def test_merged_blank_cells_and_merged_titles_do_no_harm(tmp_path):
    def fill(sheet):
        sheet.append(["Recruitment log"])
        sheet.merge_cells("A1:F1")
        for row in cells_of("participants"):
            sheet.append([text or None for text in row])
        sheet.merge_cells("G3:G5")

    result = with_sheet(tmp_path, "participants", fill, header_line=2)
    assert len(result.participants) == 6
    assert result.queries.empty


# titles above, totals below


def titled(sheet, last=("Mean", None, None, None, None, 42, 52.1)):
    sheet.append(["Baseline interviews, exported 3 May"])
    sheet.append([])
    plain("baseline")(sheet)
    sheet.append([])
    sheet.append(list(last))


def test_title_above_the_header_is_refused_with_the_line_of_the_header(tmp_path):
    text = refusal(tmp_path, "baseline", titled)
    assert "line 1: sheet 'Sheet': line 1 is no header (found 'Baseline interviews, exported 3 May')" in text
    assert "header_line: 3" in text
    assert "cells where the header has" not in text


def test_header_line_of_the_plan_is_read_and_totals_are_one_question(tmp_path):
    result = with_sheet(tmp_path / "a", "baseline", titled, header_line=3)
    assert len(result.interviews) == 9
    assert [line for line in aside_of(result) if line[3] == "total_row"] == [("baseline", 10, "Mean", "total_row")]
    assert [rule for _, _, rule in queries_of(result)] == ["total_row"]
    assert "called 'Mean'" in result.queries["question"].item()
    result = with_sheet(tmp_path / "b", "baseline", titled, header_line=3, totals="skip")
    assert result.queries.empty
    result = with_sheet(tmp_path / "c", "baseline", titled, header_line=3, totals="keep")
    assert [rule for _, _, rule in queries_of(result)] == ["not_in_log"]


def test_header_line_without_content_is_refused(tmp_path):
    assert "nothing stands in the line" in refusal(tmp_path / "a", "baseline", titled, header_line=2)
    with pytest.raises(DataError, match="nothing stands in the line"):
        clean_study(tmp_path / "b", sources=SOURCES | {"teams": SOURCES["teams"] | {"header_line": 99}})


def test_titles_in_text_files_whatever_they_hold(tmp_path):
    for at, title in enumerate(("Baseline interviews\n", "Baseline, exported; 3 May\n\n", "Title,,,,,,\n")):
        files = {"baseline": title + FILES["baseline"]}
        line = 2 + title.count("\n\n")
        with pytest.raises(DataError, match=f"line 1 is no header.*header_line: {line}"):
            clean_study(tmp_path / str(at), files)
    sources = SOURCES | {"baseline": SOURCES["baseline"] | {"header_line": line}}
    result = clean_study(tmp_path / "read", files, sources=sources)
    assert result.interviews.set_index("source").loc["baseline", "line"].min() == line + 1
    assert len(result.interviews) == 9
    assert f"header in line {line}" in result.sources.set_index("source").loc["baseline", "found"]


def test_labels_above_the_names_are_no_header(tmp_path):
    labels = "Person,Date,Trust of the person,Name of team,Sex,Years,Points\n"
    with pytest.raises(DataError, match="header_line: 2"):
        clean_study(tmp_path, {"baseline": labels + FILES["baseline"]})


def test_header_with_wrong_names_is_still_told_column_by_column(tmp_path):
    wrong = FILES["baseline"].replace("gender,age,score", "sex,years,points")
    with pytest.raises(DataError, match="the column 'gender' is missing"):
        clean_study(tmp_path, {"baseline": wrong})


@pytest.mark.parametrize(
    ("last", "is_total"),
    [
        (["", "42", "52.1"], True),
        (["", "210", "260.5"], True),
        (["", "5", "5"], True),
        (["", "42", "99"], False),
        (["Grand total:", "", "260.5"], True),
        (["P06", "42", "52.1"], False),
        (["N = 5", "", ""], False),
        (["Mean (SD)", "42 (1.6)", ""], True),
        (["", "42", "a note"], False),
        (["Totally", "42", ""], False),
    ],
)
def test_totals_are_told_by_name_or_by_arithmetic(last, is_total):
    rows = [[line[0], *line[5:]] for line in cells_of("baseline")[1:]] + [last, ["", "", ""]]
    columns = [as_column(column) for column in zip(*rows, strict=True)]
    assert total_rows(columns[0], columns).tolist() == [False] * 5 + [is_total, False]


def test_last_row_without_a_number_is_asked_for_one_unless_it_is_a_total(tmp_path):
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + ",,,,,42,99\n"})
    assert queries_of(result) == [("", "", "no_participant")]


def test_rows_of_totals_of_several_kinds_are_one_question(tmp_path):
    rows = "Total,,,,,210,260.5\nMean,,,,,42,52.1\nSD,,,,,1.58,1.4\n"
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + rows})
    assert queries_of(result) == [("", "", "total_row")]
    assert "(3 rows: line 7, 8, 9)" in result.queries["question"].item()
    assert result.set_aside["rule"].tolist() == ["total_row"] * 3


# the separator in line 1


@pytest.mark.parametrize("first", ['"SEP=;"\r\n', "\ufeffsep=;\n"])
def test_line_that_names_the_separator_is_read(tmp_path, first):
    text = FILES["baseline"].replace(",", ";").replace("51.5", "51,5")
    result = clean_study(tmp_path, {"baseline": first + text})
    assert value_of(result, "P02", "0m", "score") == 51.5
    assert result.interviews["line"].iloc[0] == 3
    assert "line 1 names the separator" in result.sources.set_index("source").loc["baseline", "found"]


def test_line_that_names_another_separator_than_the_plan_is_refused(tmp_path):
    text = "sep=;\n" + FILES["baseline"].replace(",", ";")
    sources = SOURCES | {"baseline": SOURCES["baseline"] | {"delimiter": ","}}
    with pytest.raises(DataError, match="line 1 says that ';' separates the columns"):
        clean_study(tmp_path, {"baseline": text}, sources=sources)


# numbers that are held as others


@pytest.mark.parametrize(
    ("text", "value", "rules"),
    [
        ("1e-400", 0.0, ["too_small"]),
        ("0.000e5", 0.0, []),
        ("51.50000000000000000001", 51.5, ["more_digits"]),
        ("51.5000000000000000", 51.5, []),
        ("0.30000000000000004", 0.1 + 0.2, []),
        ("5.15e1", 51.5, []),
        ("51,50000000000000000001", 51.5, ["decimal_comma", "more_digits"]),
        ("1234567890123456789", None, ["more_digits"]),
    ],
)
def test_number_that_is_held_as_another_has_an_audit_line(text, value, rules):
    steps = steps_for(text, SCORE, rules_for(SCORE), ValueSettings(Cleaning()))
    after = steps[-1].after if steps else text
    assert float(after) == (float(text) if value is None else value)
    assert [step.rule for step in steps] == rules


def test_number_that_is_held_as_another_is_in_the_account(tmp_path):
    text = FILES["baseline"].replace(",51.5\n", ",1e-400\n").replace(",50\n", ",1e400\n")
    result = clean_study(tmp_path, {"baseline": text})
    assert audit_of(result, "score") == [("P01", "1e400", "", "unreadable_number"), ("P02", "1e-400", "0", "too_small")]
    assert "larger than any number" in result.queries["question"].item()
    assert value_of(result, "P02", "0m", "score") == 0


# dates that lost their format

SECONDS = {"P01": 13738550400, "P02": 13738636800, "P03": 13738723200.0, "P04": 13738809600 + 3600, "P05": 13738896000}
FIRST_DAYS = ["2018-02-21", "2018-02-22", "2018-02-23", "2018-02-24", "2018-02-25"]


def days_of(result):
    return [str(value_of(result, f"P0{at}", "0m", "interview_date"))[:10] for at in range(1, 6)]


def dates_as(numbers):
    text = FILES["baseline"]
    for at, number in enumerate(numbers, start=1):
        text = text.replace(f"2018-03-0{at}", str(number))
    return {"baseline": text}


def test_spss_seconds_by_hand():
    """The Gregorian calendar began on 15 October 1582; SPSS counts from the day before."""
    for seconds, day in zip(SECONDS.values(), FIRST_DAYS, strict=True):
        assert (date(1582, 10, 14) + timedelta(seconds=seconds)).isoformat() == day


def test_dates_of_spss_without_a_date_format_are_read_with_the_cause(tmp_path):
    import pandas as pd
    import pyreadstat

    write_study(tmp_path, {"baseline": None})
    rows = cells_of("baseline")
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame["interview_date"] = [float(SECONDS[person]) for person in frame["participant_id"]]
    frame = frame.astype({"age": float, "score": float})
    pyreadstat.write_sav(frame, str(tmp_path / "raw/baseline.sav"))
    sources = SOURCES | {"baseline": SOURCES["baseline"] | {"file": "raw/baseline.sav"}}
    data, design, cleaning = plan_parts(sources=sources)
    result = clean(data, design, cleaning, study_dictionary(tmp_path), tmp_path)
    assert days_of(result) == FIRST_DAYS
    assert ("P01", "13738550400", "2018-02-21", "date_number") in audit_of(result, "interview_date")
    assert "seconds since 14 October 1582" in result.audit["reason"].iloc[0]
    assert result.queries.empty


def test_numbers_in_place_of_dates_are_one_question_and_one_answer(tmp_path):
    for kind, numbers in (("spss", SECONDS.values()), ("excel", range(43152, 43157))):
        result = clean_study(tmp_path / kind, dates_as(numbers))
        assert queries_of(result) == [("", "interview_date", "day_number")]
        assert f"date_numbers: {{interview_date: {kind}}}" in result.queries["question"].item()
        assert set(days_of(result)) == {"NaT"}
    cleaning = {"constant": [], "date_numbers": {"interview_date": "excel"}}
    result = clean_study(tmp_path / "said", dates_as(range(43152, 43157)), cleaning=cleaning)
    assert days_of(result) == FIRST_DAYS
    assert result.queries.empty
    assert set(result.audit["rule"]) == {"date_number"}


@pytest.mark.parametrize(
    ("kind", "number"), [("spss", 13738550400), ("excel", 43152), ("stata", 21236), ("r", 17583), ("excel_1904", 41690)]
)
def test_number_in_place_of_a_date_counts_what_the_plan_says(kind, number):
    steps = steps_for(str(number), DAY, rules_for(DAY), ValueSettings(Cleaning(date_numbers={"day": kind})))
    assert [(step.after, step.rule) for step in steps] == [(FIRST_DAYS[0], "date_number")]


def test_one_number_in_place_of_a_date_is_still_its_own_question(tmp_path):
    result = clean_study(tmp_path, dates_as([43160]))
    assert queries_of(result) == [("P01", "interview_date", "day_number")]
    assert "may be Excel's number of the day 2018-03-01" in result.queries["question"].item()


def test_column_that_holds_something_else_is_one_question(tmp_path):
    log = "participant_id,trust,team,arm,recruited_on,status,loss_reason\n"
    first = "participant_id,interview_date,trust,team,gender,age,score\n"
    for at in range(1, 41):
        log += f"P{at:02d},A,North,implementation,2018-02-01,lost_after_baseline,other\n"
        score = "see notes" if at % 3 else str(at)
        first += f"P{at:02d},2018-03-01,A,North,female,40,{score}\n"
    later = FILES["six_months"].splitlines()[0] + "\nP01,2018-09-01,A,North,female,60,yes,yes,no,\n"
    result = clean_study(tmp_path, {"participants": log, "baseline": first, "six_months": later})
    asked = [line for line in queries_of(result) if line[1] == "score"]
    assert asked == [("", "score", "unreadable_number")]
    assert "27 cells" in " ".join(result.queries["question"])
    assert len(audit_of(result, "score")) == 27
