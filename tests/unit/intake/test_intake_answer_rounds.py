"""Answers after a redelivery, about copies, and in several rounds: each finds its cell or is told to be lost."""

import pandas as pd
import pytest
from test_intake_queries import SIGNED, answered, workbook_of

from cpis_analysis.errors import DataError
from cpis_analysis.intake.queries.correction import answer_remarks
from intake_study import FILES, audit_of, clean_study, queries_of, value_of

pytestmark = pytest.mark.thorough

LONG = {"all": {"file": "raw/all.csv", "holds": "long"}, "teams": {"file": "raw/teams.csv", "holds": "teams"}}


def corrected(answer):
    return SIGNED | {"status": "corrected", "answer": answer}


def baseline(*replacements, more=""):
    text = FILES["baseline"]
    for old, new in replacements:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return {"baseline": text + more}


def ask_and_answer(folder, files, answers, name="answers.xlsx", **plan):
    """Clean the files, answer the questions, by variable; the answered workbook lies in raw."""
    result = clean_study(folder, files, **plan)
    answered(workbook_of(result, folder), answers).save(folder / f"raw/{name}")
    return result


def became(result):
    return result.answers["became"].tolist()


# copies


def test_answer_about_a_row_that_stands_twice_goes_to_both_copies(tmp_path):
    twice = baseline(("female,42,52", "female,142,52"), more="P03,2018-03-03,B,North,female,142,52\n")
    ask_and_answer(tmp_path, twice, {"age": corrected("42")})
    again = clean_study(tmp_path, twice, corrections="raw/answers.xlsx")
    assert value_of(again, "P03", "0m", "age") == 42
    assert queries_of(again) == []
    assert again.set_aside["rule"].tolist() == ["exact_duplicate"]


@pytest.mark.parametrize("copy", ["P03,2018-03-03,b,north,female,142.0,52.0", "p 03,2018-03-03,B,North,Female,999,52"])
def test_copy_that_is_only_equal_once_it_is_cleaned_gets_the_answer_too(tmp_path, copy):
    """142 is out of range and 999 a missing code: both are cleaned to nothing, so the rows are the same in every
    cell until the answer comes."""
    twice = baseline(("female,42,52", "female,142,52"), more=f"{copy}\n")
    first = ask_and_answer(tmp_path, twice, {"age": corrected("42")})
    assert first.set_aside["rule"].tolist() == ["exact_duplicate"]
    again = clean_study(tmp_path, twice, corrections="raw/answers.xlsx")
    assert value_of(again, "P03", "0m", "age") == 42
    assert queries_of(again) == []
    assert became(again) == ["applied"]


def test_number_of_a_stranger_who_stands_twice_goes_to_both_rows(tmp_path):
    twice = baseline(("P05,", "P55,"), more="P55,2018-03-05,B,South,female,44,54\n")
    result = clean_study(tmp_path, twice)
    # the question about the status of P05 has a variable, the one about the row has none
    answered(workbook_of(result, tmp_path), {None: corrected("P05")}).save(tmp_path / "raw/answers.xlsx")
    again = clean_study(tmp_path, twice, corrections="raw/answers.xlsx")
    assert value_of(again, "P05", "0m", "age") == 44
    assert "not_in_log" not in set(again.queries["rule"])


# redeliveries


CONFLICT = baseline(more="P02,2018-03-02,A,South,male,44,51.5\n")


def test_answer_to_a_conflict_is_not_written_over_a_redelivery(tmp_path):
    ask_and_answer(tmp_path, CONFLICT, {"age": corrected("44")})
    settled = clean_study(tmp_path, CONFLICT, corrections="raw/answers.xlsx")
    assert value_of(settled, "P02", "0m", "age") == 44
    other = baseline(("male,41,51.5", "male,46,51.5"), more="P02,2018-03-02,A,South,male,45,51.5\n")
    again = clean_study(tmp_path, other, corrections="raw/answers.xlsx")
    assert became(again) == ["stale"]
    assert pd.isna(value_of(again, "P02", "0m", "age"))
    assert queries_of(again) == [("P02", "age", "conflicting_duplicate")]


def test_answer_to_a_conflict_that_the_redelivery_has_settled_is_not_used(tmp_path):
    ask_and_answer(tmp_path, CONFLICT, {"age": corrected("44")})
    again = clean_study(tmp_path, baseline(("male,41,51.5", "male,46,51.5")), corrections="raw/answers.xlsx")
    assert value_of(again, "P02", "0m", "age") == 46
    assert queries_of(again) == [("P02", "age", "stale_answer")]


def test_confirmed_conflict_is_asked_again_when_the_other_version_changes(tmp_path):
    ask_and_answer(tmp_path, CONFLICT, {"age": SIGNED | {"status": "confirmed"}})
    other = baseline(more="P02,2018-03-02,A,South,male,47,51.5\n")
    again = clean_study(tmp_path, other, corrections="raw/answers.xlsx")
    assert queries_of(again) == [("P02", "age", "conflicting_duplicate")]
    assert became(again) == ["no longer asked"]


def test_answer_finds_its_row_when_its_line_holds_another_person_with_the_same_value(tmp_path):
    wrong = baseline(("female,42,52", "female,142,52"))
    ask_and_answer(tmp_path, wrong, {"age": corrected("42")})
    moved = """\
participant_id,interview_date,trust,team,gender,age,score
P03,2018-03-03,B,North,female,142,52
P01,2018-03-01,A,North,female,40,50
P02,2018-03-02,A,South,male,142,51.5
P04,2018-03-04,B,South,male,43,53
P05,2018-03-05,B,South,female,44,54
"""
    again = clean_study(tmp_path, {"baseline": moved}, corrections="raw/answers.xlsx")
    assert value_of(again, "P03", "0m", "age") == 42
    assert queries_of(again) == [("P02", "age", "out_of_range")]


def test_answer_in_a_long_file_belongs_to_its_wave_wherever_the_rows_stand(tmp_path):
    """The same wrong value at both waves; only the follow-up's was answered, and the rows changed places."""
    head = (
        "participant_id,wave,interview_date,trust,team,arm,recruited_on,status,loss_reason,gender,age,score,"
        "supported,help,explained,note"
    )
    rows = [
        "P01,0m,2018-03-01,A,North,implementation,2018-02-01,completed,,female,40,150,,,,",
        "P01,6m,2018-09-01,A,North,implementation,2018-02-01,completed,,female,,150,yes,yes,no,",
        "P02,0m,2018-03-02,A,South,comparison,2018-02-02,completed,,male,41,51,,,,",
        "P02,6m,2018-09-02,A,South,comparison,2018-02-02,completed,,male,,61,no,,,",
    ]
    plan = {"sources": LONG}
    result = clean_study(tmp_path, {"all": "\n".join([head, *rows, ""])}, **plan)
    wanted = result.queries.loc[(result.about == "6m") & (result.queries["rule"] == "out_of_range"), "query_id"].item()
    book = answered(workbook_of(result, tmp_path), {})
    for sheet in book.worksheets[1:]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            if row[0].value == wanted:
                for name, value in corrected("15").items():
                    row[header.index(name)].value = value
    book.save(tmp_path / "raw/answers.xlsx")
    text = "\n".join([head, rows[1], rows[0], *rows[2:], ""])
    again = clean_study(tmp_path, {"all": text}, corrections="raw/answers.xlsx", **plan)
    assert value_of(again, "P01", "6m", "score") == 15
    assert pd.isna(value_of(again, "P01", "0m", "score"))


def test_nameless_row_is_known_by_what_stands_in_it(tmp_path):
    nameless = baseline(("P02,2018", ",2018"), ("P05,2018", ",2018"))
    result = clean_study(tmp_path, nameless)
    asked = result.queries[result.queries["rule"] == "no_participant"]
    assert result.about[asked.index].str.contains("2018-03-02").sum() == 1
    book = answered(workbook_of(result, tmp_path), {})
    wanted = asked["query_id"][result.about[asked.index].str.contains("2018-03-02")].item()
    for sheet in book.worksheets[1:]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            if row[0].value == wanted:
                for name, value in corrected("P02").items():
                    row[header.index(name)].value = value
    book.save(tmp_path / "raw/answers.xlsx")
    head, *rows = nameless["baseline"].splitlines()
    again = clean_study(tmp_path, {"baseline": "\n".join([head, *rows[::-1], ""])}, corrections="raw/answers.xlsx")
    assert value_of(again, "P02", "0m", "age") == 41
    assert "P05" not in set(again.interviews["participant_id"])


def test_team_of_a_team_list_is_known_by_its_name(tmp_path):
    wrong = {
        "teams": FILES["teams"].replace("comparison,30", "comparison,130").replace("comparison,20", "comparison,130")
    }
    result = clean_study(tmp_path, wrong)
    assert sorted(result.about) == ["A / South", "B / North"]
    book = answered(workbook_of(result, tmp_path), {})
    for sheet in book.worksheets[1:]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            if row[header.index("about")].value == "B / North":
                for name, value in corrected("30").items():
                    row[header.index(name)].value = value
    book.save(tmp_path / "raw/answers.xlsx")
    head, *rows = wrong["teams"].splitlines()
    again = clean_study(tmp_path, {"teams": "\n".join([head, *rows[::-1], ""])}, corrections="raw/answers.xlsx")
    values = again.teams.set_index(["trust", "team"])["fidelity"]
    assert values["B", "North"] == 30
    assert pd.isna(values["A", "South"])


# rounds


def test_answers_of_two_rounds_hold_together(tmp_path):
    wrong = baseline(("female,42,52", "female,142,52"), ("male,41,51.5", "male,41,510"))
    ask_and_answer(tmp_path, wrong, {"age": corrected("42")}, "one.xlsx")
    second = clean_study(tmp_path, wrong, corrections=["raw/one.xlsx"])
    assert queries_of(second) == [("P02", "score", "out_of_range")]
    answered(workbook_of(second, tmp_path), {"score": corrected("51")}).save(tmp_path / "raw/two.xlsx")
    both = clean_study(tmp_path, wrong, corrections=["raw/one.xlsx", "raw/two.xlsx"])
    assert (value_of(both, "P03", "0m", "age"), value_of(both, "P02", "0m", "score")) == (42, 51)
    assert queries_of(both) == []
    assert answer_remarks(both.answers, second.answers) == []
    only = clean_study(tmp_path, wrong, corrections="raw/two.xlsx")
    [remark] = answer_remarks(only.answers, both.answers)
    assert remark.startswith("1 answer that the last run used is in no file")
    assert "raw/one.xlsx" in remark


def test_later_answer_about_the_same_cell_holds(tmp_path):
    """Round one answers 142; the file then comes with 143, which is asked and answered in round two."""
    ask_and_answer(tmp_path, baseline(("female,42,52", "female,142,52")), {"age": corrected("42")}, "one.xlsx")
    anew = baseline(("female,42,52", "female,143,52"))
    second = clean_study(tmp_path, anew, corrections=["raw/one.xlsx"])
    answers = {"age": corrected("44") | {"date": "2019-02-01"}}
    answered(workbook_of(second, tmp_path), answers).save(tmp_path / "raw/two.xlsx")
    both = clean_study(tmp_path, anew, corrections=["raw/one.xlsx", "raw/two.xlsx"])
    assert value_of(both, "P03", "0m", "age") == 44
    assert "stale_answer" not in set(both.queries["rule"])
    assert "replaced" in became(both)


# what is read


def test_answers_that_can_be_no_value_are_named_by_sheet_and_cell(tmp_path):
    wrong = baseline(
        ("female,42,52", "female,142,52"),
        ("male,41,51.5", "male,41,510"),
        ("P04,2018-03-04", "P04,x"),
        ("North,female,40", "North,fem.,40"),
    )
    ask_and_answer(
        tmp_path,
        wrong,
        {
            "age": corrected("420"),
            "score": corrected("about 50"),
            "interview_date": corrected("31/02/2018"),
            "gender": corrected("woman"),
        },
    )
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, wrong, corrections="raw/answers.xlsx")
    text = str(caught.value)
    for part in (
        "raw/answers.xlsx, sheet 'B North', cell N2, participant P03, variable age: the answer is no possible "
        "value: it is out of range (whole number from 16 to 110) (found '420')",
        "found 'about 50'",
        "found '31/02/2018'",
        "found 'woman'",
        "allowed: female, male",
    ):
        assert part in text
    assert len(caught.value.problems) == 4


def test_answer_without_author_or_date_is_held_against_the_dictionary_too(tmp_path):
    wrong = baseline(("female,42,52", "female,142,52"), ("male,41,51.5", "male,41,510"))
    ask_and_answer(
        tmp_path, wrong, {"age": corrected("420") | {"author": ""}, "score": corrected("x") | {"date": "May"}}
    )
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, wrong, corrections="raw/answers.xlsx")
    said = [problem.message for problem in caught.value.problems]
    assert sum("the author is missing" in line or "the date is missing" in line for line in said) == 2
    assert sum("the answer is no possible value" in line for line in said) == 2


def test_answer_may_be_written_as_a_label_or_a_date_of_the_plan(tmp_path):
    wrong = baseline(("P04,2018-03-04", "P04,x"), ("North,female,40", "North,fem.,40"))
    ask_and_answer(tmp_path, wrong, {"interview_date": corrected("14/03/2018"), "gender": corrected("Female")})
    again = clean_study(tmp_path, wrong, corrections="raw/answers.xlsx")
    assert value_of(again, "P04", "0m", "interview_date") == pd.Timestamp("2018-03-14")
    assert value_of(again, "P01", "0m", "gender") == "female"
    assert queries_of(again) == []


def test_answer_that_confirms_leaves_a_line_in_the_audit_trail(tmp_path):
    wrong = baseline(("female,42,52", "female,142,52"))
    ask_and_answer(tmp_path, wrong, {"age": SIGNED | {"status": "confirmed", "comment": "as said"}})
    again = clean_study(tmp_path, wrong, corrections="raw/answers.xlsx")
    assert queries_of(again) == []
    assert audit_of(again, "age") == [("P03", "142", "", "out_of_range"), ("P03", "", "", "confirmed")]
    assert again.audit.iloc[-1]["reason"] == "J. Manager, 2019-01-15: as said"
    assert became(again) == ["confirmed"]


def test_confirmed_row_leaves_a_line_too(tmp_path):
    stranger = baseline(more="P99,2018-03-05,B,South,female,44,54\n")
    result = clean_study(tmp_path, stranger)
    assert queries_of(result) == [("P99", "", "not_in_log")]
    answered(workbook_of(result, tmp_path), {None: SIGNED | {"status": "confirmed"}}).save(
        tmp_path / "raw/answers.xlsx"
    )
    again = clean_study(tmp_path, stranger, corrections="raw/answers.xlsx")
    assert queries_of(again) == []
    [line] = again.audit.to_dict("records")
    assert (line["participant"], line["variable"], line["rule"]) == ("P99", "", "confirmed")


# answers that settle nothing


def test_answer_that_another_cell_contradicts_is_asked_again_aloud(tmp_path):
    """The log says comparison, the team list implementation: saying again what the log says settles nothing."""
    text = FILES["participants"]
    line = next(line for line in text.splitlines() if ",implementation," in line)
    files = {"participants": text.replace(line, line.replace(",implementation,", ",comparison,"))}
    first = ask_and_answer(tmp_path, files, {"arm": corrected("comparison")})
    assert first.queries["rule"].tolist() == ["arm_of_team"]
    again = clean_study(tmp_path, files, corrections="raw/answers.xlsx")
    assert again.queries["rule"].tolist() == ["arm_of_team"]
    assert became(again) == ["asked again"]
    (remark,) = answer_remarks(again.answers)
    assert remark.startswith("1 answer of 1 is in the data, but the same question arises again")
    # the other answer, and a confirmation, settle it
    ask_and_answer(tmp_path, files, {"arm": corrected("implementation")})
    settled = clean_study(tmp_path, files, corrections="raw/answers.xlsx")
    assert (became(settled), len(settled.queries)) == (["applied"], 0)
    ask_and_answer(tmp_path, files, {"arm": SIGNED | {"status": "confirmed"}})
    confirmed = clean_study(tmp_path, files, corrections="raw/answers.xlsx")
    assert (became(confirmed), len(confirmed.queries)) == (["confirmed"], 0)
