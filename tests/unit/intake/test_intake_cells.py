"""The rules for single cells: what a text becomes, and what is asked."""

from datetime import date

import pytest

from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.written_numbers import number_from_words
from cpis_analysis.plan.schema import Cleaning

NUMBER = Variable("x", "f", "X", "number", low=0, high=5000, missing={"-9": "Missing", "9999": "Refused"})
OPEN = Variable("x", "f", "X", "number")
WHOLE = Variable("x", "f", "X", "integer", low=1, high=50, missing={"99": "Refused", "0": "Not asked"})
DAY = Variable("d", "f", "D", "date", low=date(1990, 1, 1), high=date(2030, 12, 31))
OPEN_DAY = Variable("d", "f", "D", "date")
GENDER = Variable(
    "g",
    "f",
    "G",
    "category",
    choices={"female": "Woman", "male": "Man", "n_b": "Non-binary"},
    missing={"-9": "Missing"},
)
CODES = Variable("c", "f", "C", "category", choices={"1": "Low", "2": "High"}, missing={"9": "Missing"})
YES_NO = Variable("y", "f", "Y", "yesno", choices={"yes": "Yes", "no": "No"})
TEXT = Variable("t", "f", "T", "text", missing={"-9": "Missing"})


def _done(text, variable, decimal_comma_only=False, **cleaning):
    settings = ValueSettings(Cleaning(**cleaning), decimal_comma_only)
    steps = steps_for(text, variable, rules_for(variable), settings)
    after = steps[-1].after if steps else text
    return after, [step.rule for step in steps], any(step.question for step in steps)


@pytest.mark.parametrize(
    ("text", "variable", "after", "rules"),
    [
        ("72", NUMBER, "72", []),
        ("72.50", NUMBER, "72.50", []),
        ("1e3", NUMBER, "1e3", []),
        (" 72 ", NUMBER, "72", ["white_space"]),
        ("\u00a072", NUMBER, "72", ["white_space"]),
        ("   ", NUMBER, "", ["white_space"]),
        ("72,5", NUMBER, "72.5", ["decimal_comma"]),
        ("0,125", NUMBER, "0.125", ["decimal_comma"]),
        ("36,0", WHOLE, "36", ["decimal_comma"]),
        ("4,001,000", OPEN, "4001000", ["thousands_comma"]),
        ("1,234.5", NUMBER, "1234.5", ["thousands_comma"]),
        ("\u22125", OPEN, "-5", ["minus_sign"]),
        ("seventy", NUMBER, "70", ["number_words"]),
        ("Forty-Two", NUMBER, "42", ["number_words"]),
        ("-9", NUMBER, "", ["missing_code"]),
        ("-9.0", NUMBER, "", ["missing_code"]),
        (" -9", NUMBER, "", ["white_space", "missing_code"]),
        ("refused", NUMBER, "", ["missing_code"]),
        ("ninety-nine", WHOLE, "", ["number_words", "missing_code"]),
        ("-9", TEXT, "", ["missing_code"]),
        ("missing", TEXT, "missing", []),
        (" two  words ", TEXT, "two  words", ["white_space"]),
        ("2018-03-01", DAY, "2018-03-01", []),
        ("01/03/2018", DAY, "2018-03-01", ["date_format"]),
        ("1.3.2018", DAY, "2018-03-01", ["date_format"]),
        ("2018/3/1", DAY, "2018-03-01", ["date_format"]),
        ("1 March 2018", DAY, "2018-03-01", ["date_format"]),
        ("01-Mar-2018", DAY, "2018-03-01", ["date_format"]),
        ("March 1, 2018", DAY, "2018-03-01", ["date_format"]),
        ("2018-03-01 00:00:00", DAY, "2018-03-01", ["time_of_day"]),
        ("2018-03-01T10:15", DAY, "2018-03-01", ["time_of_day"]),
        ("01/03/18", DAY, "2018-03-01", ["date_format"]),
        ("female", GENDER, "female", []),
        ("FEMALE", GENDER, "female", ["code_spelling"]),
        ("Woman", GENDER, "female", ["label_to_code"]),
        ("  woman ", GENDER, "female", ["white_space", "label_to_code"]),
        ("non binary", GENDER, "n_b", ["label_to_code"]),
        ("Missing", GENDER, "", ["missing_code"]),
        ("-9", GENDER, "", ["missing_code"]),
        ("1.0", CODES, "1", ["numeric_code"]),
        ("9.0", CODES, "", ["missing_code"]),
        ("NaN", NUMBER, "", ["missing_text"]),
        (" n/a ", DAY, "", ["white_space", "missing_text"]),
        ("NULL", GENDER, "", ["missing_text"]),
        (".", YES_NO, "", ["missing_text"]),
        ("NA", TEXT, "NA", []),
        ("Y", YES_NO, "yes", ["yes_no"]),
        ("0", YES_NO, "no", ["yes_no"]),
        ("TRUE", YES_NO, "yes", ["yes_no"]),
    ],
)
def test_cell_decidable_is_repaired(text, variable, after, rules):
    assert _done(text, variable) == (after, rules, False)


@pytest.mark.parametrize(
    ("text", "variable", "rule"),
    [
        ("abc", NUMBER, "unreadable_number"),
        ("about 70", NUMBER, "unreadable_number"),
        ("65-75", NUMBER, "unreadable_number"),
        ("inf", NUMBER, "unreadable_number"),
        ("1e999", OPEN, "unreadable_number"),
        ("٣", OPEN, "unreadable_number"),
        ("1,234", NUMBER, "ambiguous_number"),
        ("3.5", WHOLE, "not_whole"),
        ("3,5", WHOLE, "not_whole"),
        ("51", WHOLE, "out_of_range"),
        ("5001", NUMBER, "out_of_range"),
        ("-1", NUMBER, "out_of_range"),
        ("31/02/2018", DAY, "unreadable_date"),
        ("03/13/2018", DAY, "unreadable_date"),
        ("43160", DAY, "day_number"),
        ("last week", DAY, "unreadable_date"),
        ("1989-12-31", DAY, "out_of_range"),
        ("01/03/18", OPEN_DAY, "unreadable_date"),
        ("femal", GENDER, "unknown_code"),
        ("2", GENDER, "unknown_code"),
        ("maybe", YES_NO, "unknown_code"),
        ("3", CODES, "unknown_code"),
    ],
)
def test_cell_undecidable_is_missing_and_asked(text, variable, rule):
    after, rules, asked = _done(text, variable)
    assert (after, rules[-1], asked) == ("", rule, True)


def test_cell_decimal_comma_range_decides_between_two_readings():
    narrow = Variable("x", "f", "X", "number", low=0, high=15)
    wide = Variable("x", "f", "X", "number", low=100, high=5000)
    assert _done("2,696", narrow)[:2] == ("2.696", ["decimal_comma"])
    assert _done("2,696", wide)[:2] == ("2696", ["thousands_comma"])
    assert _done("2,696", NUMBER, decimal_comma_only=True)[:2] == ("2.696", ["decimal_comma"])


def test_cell_switched_off_in_the_plan_is_asked():
    assert _done("72,5", NUMBER, decimal_comma=False) == ("", ["unreadable_number"], True)
    assert _done("seventy", NUMBER, number_words=False) == ("", ["unreadable_number"], True)
    assert _done("01/03/2018", DAY, date_formats=["iso"]) == ("", ["unreadable_date"], True)


def test_cell_date_orders_ambiguous_only_where_they_differ():
    both = {"date_formats": ["iso", "dmy", "mdy"]}
    assert _done("03/04/2018", DAY, **both) == ("", ["ambiguous_date"], True)
    assert _done("13/04/2018", DAY, **both) == ("2018-04-13", ["date_format"], False)
    assert _done("04/04/2018", DAY, **both) == ("2018-04-04", ["date_format"], False)
    assert _done("03/04/2018", DAY, date_formats=["mdy"]) == ("2018-03-04", ["date_format"], False)


def test_cell_label_of_two_codes_is_asked():
    twice = Variable("x", "f", "X", "category", choices={"1": "Other", "2": "Other"})
    assert _done("other", twice) == ("", ["unknown_code"], True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("zero", 0),
        ("nineteen", 19),
        ("ninety nine", 99),
        ("one hundred", 100),
        ("a hundred and one", 101),
        ("two hundred forty-two", 242),
        ("minus two", -2),
        ("seventy ten", None),
        ("hundred", None),
        ("twenty zero", None),
        ("one hundred and", None),
        ("and", None),
        ("", None),
        ("several", None),
    ],
)
def test_number_words_by_hand(text, value):
    assert number_from_words(text) == value


def test_cell_result_is_left_alone_by_the_same_rules():
    cases = [
        (NUMBER, ["72,5", "seventy", " 5 ", "abc", "-9", "1,234.5", "1e3", "9999.0"]),
        (WHOLE, ["36,0", "three", "99", "0", "3.0", "60"]),
        (DAY, ["01/03/2018", "2018-03-01 10:00", "1 May 2019", "x"]),
        (GENDER, ["Woman", "MALE", "-9", "x"]),
        (TEXT, ["  a  b ", "-9"]),
    ]
    for variable, texts in cases:
        for text in texts:
            once = _done(text, variable)[0]
            assert _done(once, variable) == (once, [], False)
