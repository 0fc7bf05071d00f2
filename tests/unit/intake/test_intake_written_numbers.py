"""Participant numbers that lost zeros or letters, and files in which no number is the log's."""

import pytest
from test_intake_queries import SIGNED, answered, workbook_of

from cpis_analysis.errors import DataError
from intake_study import FILES, SOURCES, aside_of, audit_of, clean_study, queries_of, value_of

pytestmark = pytest.mark.thorough

ZEROS = {name: text.replace("P0", "00") for name, text in FILES.items()}
"""The study with the numbers 001 to 006."""


def stripped(name, files=None, left="0"):
    """One file of the study as a spreadsheet would save it: numbers without what stands in front."""
    text = (files or ZEROS)[name]
    return {name: "\n".join(line.lstrip(left) if at else line for at, line in enumerate(text.split("\n")))}


def sources(**like):
    return {name: source | ({"numbers_like": like[name]} if name in like else {}) for name, source in SOURCES.items()}


def with_pair(files):
    """The log and the baseline interviews with a sixth person's 0001 beside 001: two people."""
    return files | {
        "participants": files["participants"].replace("006,B", "1,B"),
        "baseline": files["baseline"] + "1,2018-03-06,B,North,male,45,55\n",
    }


def test_lost_zeros_are_offered_once(tmp_path):
    text = ZEROS["six_months"].replace("002,", "2,").replace("003,", "3,").replace("004,", "4,")
    result = clean_study(tmp_path, ZEROS | {"six_months": text})
    asked = result.queries[result.queries["source"] == "six_months"]
    assert asked["rule"].tolist() == ["lost_zeros"]
    [question] = asked["question"]
    assert 'data.sources.six_months.numbers_like: "001"' in question
    assert "2 as 002, 3 as 003, 4 as 004" in question
    assert [row[:2] for row in aside_of(result)] == [("six_months", 3), ("six_months", 4), ("six_months", 6)]
    assert value_of(result, "001", "6m", "score") == 60


def test_lost_zeros_come_back_where_the_plan_says_so(tmp_path):
    text = ZEROS | stripped("six_months")
    whole = clean_study(tmp_path, ZEROS)
    result = clean_study(tmp_path, text, sources=sources(six_months="001"))
    assert result.interviews.equals(whole.interviews)
    assert set(audit_of(result, "participant_id")) == {
        (f"00{n}", str(n), f"00{n}", "number_completed") for n in (1, 2, 3, 4)
    }
    assert queries_of(result) == queries_of(whole)


def test_letters_in_front_come_back_too(tmp_path):
    whole = clean_study(tmp_path, FILES)
    files = FILES | stripped("six_months", FILES, "P0")
    result = clean_study(tmp_path, files, sources=sources(six_months="P01"))
    assert result.interviews.equals(whole.interviews)


def test_log_that_lost_zeros_gets_them_back(tmp_path):
    whole = clean_study(tmp_path, ZEROS)
    files = ZEROS | stripped("participants")
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, files)
    assert 'data.sources.participants.numbers_like: "001"' in str(caught.value)
    result = clean_study(tmp_path, files, sources=sources(participants="001"))
    assert result.participants.equals(whole.participants)
    assert result.interviews.equals(whole.interviews)


@pytest.mark.parametrize("plan", [{}, {"sources": sources(six_months="001")}])
def test_number_that_can_be_two_people_is_never_taken_for_either(tmp_path, plan):
    """001 and 1 are two people; in a file that lost its zeros, 1 can be either."""
    files = with_pair(ZEROS) | stripped("six_months")
    files["six_months"] = files["six_months"].replace("\n4,", "\n004,")
    result = clean_study(tmp_path, files, **plan)
    late = result.interviews[result.interviews["wave"] == "6m"]
    assert not set(late["participant_id"]) & {"1", "001"}
    assert ("1", "", "two_people") in queries_of(result)


def test_two_people_of_one_number_are_told_apart_by_answers(tmp_path):
    files = with_pair(ZEROS) | stripped("six_months")
    head, first, *rest = files["six_months"].split("\n")
    files["six_months"] = "\n".join([head, first, "1,2018-09-09,B,North,male,33,no,,,", *rest])
    plan = {"sources": sources(six_months="001")}
    result = clean_study(tmp_path, files, **plan)
    asked = [rule for person, _, rule in queries_of(result) if person == "1" and rule == "two_people"]
    assert len(asked) == 2
    book = answered(workbook_of(result, tmp_path), {})
    for sheet in book.worksheets[1:]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            if row[header.index("rule")].value == "two_people":
                whose = "1" if "2018-09-09" in row[header.index("about")].value else "001"
                for name, value in (SIGNED | {"status": "corrected", "answer": whose}).items():
                    row[header.index(name)].value = value
    book.save(tmp_path / "raw/answers.xlsx")
    again = clean_study(tmp_path, files, corrections="raw/answers.xlsx", **plan)
    assert value_of(again, "001", "6m", "score") == 60
    assert value_of(again, "1", "6m", "score") == 33
    assert "two_people" not in {rule for _, _, rule in queries_of(again)}


def test_numbers_of_different_people_are_never_matched_by_likeness(tmp_path):
    files = {"six_months": FILES["six_months"].replace("P02", "P20").replace("P03", "P30")}
    result = clean_study(tmp_path, files)
    assert [rule for _, _, rule in queries_of(result) if rule in ("not_in_log", "lost_zeros")] == ["not_in_log"] * 2


def numbered(text, form):
    return "\n".join(
        line if not at or not line.startswith("P") else form.format(int(line[1:3])) + line[3:]
        for at, line in enumerate(text.split("\n"))
    )


def test_no_number_of_the_log_says_so_with_examples_of_both(tmp_path):
    files = {name: numbered(FILES[name], "X-{}b") for name in ("baseline", "six_months")}
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, files)
    text = str(caught.value)
    assert len(caught.value.problems) == 2
    assert "no interview's number is in the recruitment log" in text
    assert "found 'X-1b, X-2b, X-3b'" in text
    assert "such as P01, P02, P03" in text


def test_numbers_without_letters_are_offered_them_when_nothing_is_left(tmp_path):
    files = {name: numbered(FILES[name], "{}") for name in ("baseline", "six_months")}
    with pytest.raises(DataError, match=r'data.sources.baseline.numbers_like: "P01"'):
        clean_study(tmp_path, files)


def test_log_of_blank_rows_says_so(tmp_path):
    head = FILES["participants"].splitlines()[0]
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, {"participants": "\n".join([head, *["," * head.count(",")] * 3, ""])})
    assert "no row names a person who was recruited" in str(caught.value)
    assert "3 blank row" in str(caught.value)


def test_swapped_header_says_so(tmp_path):
    text = FILES["participants"].replace("participant_id,trust", "trust,participant_id")
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, {"participants": text})
    assert "no interview's number is in the recruitment log" in str(caught.value)
    assert "numbers of the log, such as A, B" in str(caught.value)


def test_baseline_without_any_row_left_says_why(tmp_path):
    text = "\n".join(
        line if not at else line[3:] if line.startswith("P") else line
        for at, line in enumerate(FILES["baseline"].split("\n"))
    )
    with pytest.raises(DataError, match=r"no interview of the wave 'Baseline' is left; rows set aside: 5 no part"):
        clean_study(tmp_path, {"baseline": text})
