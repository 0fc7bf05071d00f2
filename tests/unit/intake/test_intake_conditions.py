"""Branching logic: what is read, what is refused, and its three-valued truth."""

import numpy as np
import pytest

from cpis_analysis.intake.dictionary.conditions import ConditionError, parse_condition
from cpis_analysis.intake.rules.skip_logic import evaluate


def _truth(text, **values):
    arrays = {("", name): np.array([value], dtype=object) for name, value in values.items()}
    true, known = evaluate(parse_condition(text), arrays)
    return bool(true[0]) if known[0] else None


@pytest.mark.parametrize(
    ("text", "values", "truth"),
    [
        ("[a] = 'yes'", {"a": "yes"}, True),
        ("[a]='yes'", {"a": "no"}, False),
        ('[a] <> "yes"', {"a": "no"}, True),
        ("[a] != 'yes'", {"a": "yes"}, False),
        ("[n] > 9", {"n": "10"}, True),
        ("[n] >= '10'", {"n": "10.0"}, True),
        ("[n] < 9", {"n": "10"}, False),
        ("[n] <= 10", {"n": "9"}, True),
        ("[n] = 7", {"n": "7.0"}, True),
        ("9 < [n]", {"n": "10"}, True),
        ("[d] > '2018-02-01'", {"d": "2018-03-01"}, True),
        ("[a] = 'x' or [b] = 'y' and [c] = 'z'", {"a": "x", "b": "", "c": ""}, True),
        ("([a] = 'x' or [b] = 'y') and [c] = 'z'", {"a": "x", "b": "", "c": "no"}, False),
        ("[a] = 'x' AND [b] = 'y'", {"a": "x", "b": "y"}, True),
        ("[a(2)] = 'yes'", {"a___2": "yes"}, True),
        ("[a] = [b]", {"a": "x", "b": "x"}, True),
    ],
)
def test_condition_truth_by_hand(text, values, truth):
    assert _truth(text, **values) is truth


@pytest.mark.parametrize(
    ("text", "values", "truth"),
    [
        ("[a] = 'yes'", {"a": ""}, None),
        ("[a] <> 'yes'", {"a": ""}, None),
        ("[a] <> 'yes'", {"a": None}, None),
        ("[a] = ''", {"a": ""}, True),
        ("[a] <> ''", {"a": ""}, False),
        ("[a] <> ''", {"a": None}, None),
        ("[a] = 'x' or [b] = 'y'", {"a": "", "b": "y"}, True),
        ("[a] = 'x' or [b] = 'y'", {"a": "", "b": "n"}, None),
        ("[a] = 'x' and [b] = 'y'", {"a": "", "b": "n"}, False),
        ("[a] = 'x' and [b] = 'y'", {"a": "", "b": "y"}, None),
        ("[a] > 'word'", {"a": "other"}, None),
    ],
)
def test_condition_missing_answers_three_valued(text, values, truth):
    assert _truth(text, **values) is truth


def test_condition_event_prefix_and_negative_checkbox_code_are_references():
    [one, two] = parse_condition("[baseline_arm_1][age] > 18 and [act(-1)] = '1'").references()
    assert (one.event, one.variable) == ("baseline_arm_1", "age")
    assert (two.event, two.variable) == ("", "act____1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[a]",
        "[a] =",
        "= 'x'",
        "[a] = 'x' [b] = 'y'",
        "([a] = 'x'",
        "[a] = 'x')",
        "[a] = x",
        "[a][b][c] = 'x'",
        "[event name][a] = '1'",
        "__import__('os').system('ls')",
        "[a] = 'x' xor [b] = 'y'",
        "[a] = 'x",
        "[1a] = 'x'",
        "sum([a],[b]) > 3",
        "(" * 50 + "[a] = 'x'" + ")" * 50,
        "[a] = 'x' and",
    ],
)
def test_condition_malformed_is_refused(text):
    with pytest.raises(ConditionError):
        parse_condition(text)


def test_condition_variables_in_order_of_appearance():
    assert parse_condition("[b] = '1' or ([a] = '2' and [b] > 3)").variables() == ("b", "a")
