"""Codes that are numbers, in all ways in which programs write them: 1, 1.0, 1,0, 01."""

import pytest

import intake_vendors as vendors
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.rules.team_spelling import match_name
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import dictionary_code, folded, usual_spellings
from cpis_analysis.intake.values.written_numbers import number_code
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from intake_study import FILES, VARIABLES, aside_of, changed, clean_study, queries_of, study_dictionary, value_of

YES_NO = Variable("y", "f", "Y", "yesno", choices={"yes": "Yes", "no": "No"}, missing={"-9": "Missing"})
TRUE = Variable("y", "f", "Y", "yesno", choices={"true": "True", "false": "False"})
RADIO = Variable("c", "f", "C", "category", choices={"1": "Low", "2": "High", "10": "All"}, missing={"-9": "Missing"})
PADDED = Variable("c", "f", "C", "category", choices={"01": "Low", "02": "High"})
LABELLED = Variable("c", "f", "C", "category", choices={"a": "5", "b": "15"})


def done(text, variable):
    steps = steps_for(text, variable, rules_for(variable), ValueSettings(Cleaning()))
    return steps[-1].after if steps else text, [step.rule for step in steps]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("1.0", 1),
        ("1,0", 1),
        ("1,00", 1),
        ("01", 1),
        ("+1", 1),
        ("-9,0", -9),
        ("\u22129", -9),
        ("0,000", 0),
        ("1,000", None),
        ("1,250", None),
        ("x", None),
        ("", None),
        ("1-2", None),
    ],
)
def test_number_of_a_code(text, number):
    assert number_code(text) == number


@pytest.mark.parametrize(
    ("text", "variable", "after", "rule"),
    [
        ("1.0", YES_NO, "yes", "yes_no"),
        ("0.0", YES_NO, "no", "yes_no"),
        ("1,0", YES_NO, "yes", "yes_no"),
        ("0,0", YES_NO, "no", "yes_no"),
        ("1.00", TRUE, "true", "yes_no"),
        ("0,0", TRUE, "false", "yes_no"),
        ("-9,0", YES_NO, "", "missing_code"),
        ("\u22129.0", YES_NO, "", "missing_code"),
        ("1,0", RADIO, "1", "numeric_code"),
        ("2.0", RADIO, "2", "numeric_code"),
        ("10.0", RADIO, "10", "numeric_code"),
        ("-9,0", RADIO, "", "missing_code"),
        ("1", PADDED, "01", "numeric_code"),
        ("2,0", PADDED, "02", "numeric_code"),
        ("5.0", LABELLED, "a", "label_to_code"),
    ],
)
def test_code_in_another_form_is_the_code(text, variable, after, rule):
    assert done(text, variable) == (after, [rule])


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("-1", RADIO),
        ("1.5", LABELLED),
        ("-1", YES_NO),
        ("1.1", RADIO),
        ("-5", LABELLED),
        ("2", YES_NO),
        ("1,000", RADIO),
    ],
)
def test_number_is_not_another_one_but_for_its_signs(text, variable):
    """-1 was read as 1, and 1.5 as 15, because spellings are compared without punctuation."""
    assert done(text, variable) == ("", ["unknown_code"])


def test_two_answers_where_one_is_allowed_are_asked_as_such():
    step = steps_for("1,2", RADIO, rules_for(RADIO), ValueSettings(Cleaning()))[-1]
    assert (step.after, step.rule) == ("", "unknown_code")
    assert "'1,2' are 2 answers, where one is allowed" in step.question


def test_numbered_teams_are_matched_as_numbers_only():
    known = {"1": "Team 1", "10": "Team 10", "112": "Team 112"}
    assert match_name("1.0", known, 0.8).name == "1"
    assert match_name("10,0", known, 0.8).name == "10"
    assert match_name("12", known, 0.6).name == ""
    assert match_name("-1", known, 0.6).name == ""


def test_yes_and_no_with_decimals_in_text_files(tmp_path):
    variables = [
        (*row[:2], "yesno", row[3], "", *row[5:]) if row[2] == "radio" and row[4].startswith("yes") else row
        for row in VARIABLES
    ]
    text = FILES["six_months"].replace(",yes", ",1.0").replace("61.5,no", '61.5,"0,0"').replace(",no,", ",0.0,")
    assert text.count("0") > FILES["six_months"].count("0") + 6
    result = clean_study(tmp_path, {"six_months": text}, variables)
    plain = clean_study(tmp_path / "plain", None, variables)
    place = ["source", "line"]
    assert result.interviews.drop(columns=place).equals(plain.interviews.drop(columns=place))
    assert queries_of(result) == []


@pytest.mark.parametrize(("one", "none"), [("1.0", "0.0"), ("1,0", "0,0")])
def test_checkboxes_with_decimals_in_redcap_files(tmp_path, one, none):
    results = []
    for at, change in enumerate((False, True)):
        folder = tmp_path / str(at)
        vendors.write_dictionary(folder)
        sources = vendors.redcap_raw(folder)
        path = folder / "raw/redcap.csv"
        rows = vendors_rows(path)
        if change:
            header = rows[0]
            for row in rows[1:]:
                for column in ("act___help", "act___sport", "alone"):
                    cell = header.index(column)
                    row[cell] = {"1": one, "0": none}.get(row[cell], row[cell])
            path.write_text(vendors.csv_text([dict(zip(header, row, strict=True)) for row in rows[1:]], header))
        data = Data(dictionary="raw/dictionary.csv", sources=sources)
        results.append(clean(data, Design(**vendors.DESIGN), Cleaning(), study_dictionary(folder), folder))
    plain, other = (result.interviews.drop(columns=["source", "line"]) for result in results)
    assert other.equals(plain)
    assert results[1].queries.empty


def vendors_rows(path):
    import csv

    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_value_that_was_never_a_code_is_still_asked(tmp_path):
    result = clean_study(tmp_path, changed("six_months", ("60,yes,yes,no", "60,-1,yes,no")))
    assert ("P01", "supported", "unknown_code") in queries_of(result)
    assert value_of(result, "P01", "6m", "supported") != "yes"


def test_numbers_of_people_are_not_others_but_for_their_decimals(tmp_path):
    """1.0 was read as 10: spellings were compared without punctuation."""
    log = "participant_id,trust,team,arm,recruited_on,status,loss_reason\n"
    first = "participant_id,interview_date,trust,team,gender,age,score\n"
    for person in range(1, 13):
        log += f"{person},A,North,implementation,2018-02-01,lost_after_baseline,other\n"
        first += f"{person if person > 2 else f'{person}.0'},2018-03-01,A,North,female,{20 + person},50\n"
    later = FILES["six_months"].splitlines()[0] + "\n-1,2018-09-01,A,North,female,60,yes,yes,no,\n"
    later += "3,2018-09-01,A,North,female,60,yes,yes,no,\n"
    result = clean_study(tmp_path, {"participants": log, "baseline": first, "six_months": later})
    ages = result.interviews.set_index(["participant_id", "wave"])["age"].xs("0m", level="wave")
    assert ages.to_dict() == {str(person): 20.0 + person for person in range(1, 13)}
    assert [line[2:] for line in aside_of(result)] == [("-1", "not_in_log")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "1", True),
        ("1.0", "10", False),
        ("-1", "1", False),
        ("12.1", "12.10", False),
        ("12.1", "121", False),
        ("cp 012", "CP-012", True),
        ("1,0", "1", True),
        ("\u22121", "-1", True),
        ("01", "1", False),
    ],
)
def test_spellings_are_compared_with_the_signs_of_numbers(one, other, same):
    assert (folded(one) == folded(other)) is same


def test_spellings_of_one_code_are_told_from_codes_that_signs_tell_apart():
    counts = {"Yes": 9, "yes ": 2, "YES": 1, "<5": 3, ">5": 3, "< 5": 1, "?": 1}
    usual = usual_spellings(counts)
    assert [usual[text] for text in counts] == ["Yes", "Yes", "Yes", "<5", ">5", "<5", "?"]


@pytest.mark.parametrize("text", ["usual care, alone", "A|B", "dose 1,5 mg", "plain"])
def test_a_code_of_a_dictionary_has_no_sign_of_its_own_and_is_read_from_what_was_written(text):
    code = dictionary_code(text)
    assert not set(code) & set(",|")
    variable = Variable("a", "f", "a", type="category", choices={code: "label"})
    assert done(text, variable)[0] == code
