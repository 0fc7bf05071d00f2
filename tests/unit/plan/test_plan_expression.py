"""Conditions: read as written, printed canonically, and never run."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import (
    And,
    Comparison,
    Literal,
    Membership,
    Missing,
    Not,
    Or,
    Truth,
    Variable,
    comparisons,
    variables_of,
)
from cpis_analysis.study.populations import in_population, truth_of, with_derived

PEOPLE = pd.DataFrame(
    {
        "trust": pd.Categorical(["A", "B", "C", "C"], categories=["A", "B", "C"]),
        "explained": pd.Categorical(["yes", "no", None, "yes"], categories=["yes", "no", "unsure"]),
        "age": [20.0, 65.0, np.nan, 40.0],
        "limit": [18.0, 70.0, 30.0, 40.0],
        "has_6m": [True, False, True, True],
        "recruited_on": pd.to_datetime(["2013-01-05", "2013-06-01", None, "2014-01-01"]),
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('explained == "yes"', [1, 0, 0, 1]),
        ('explained != "yes"', [0, 1, 0, 0]),
        ('not explained == "yes"', [0, 1, 0, 0]),
        ('not (explained == "yes") or explained is missing', [0, 1, 1, 0]),
        ('trust != "C"', [1, 1, 0, 0]),
        ('trust in ["A", "C"] and has_6m', [1, 0, 1, 1]),
        ("trust not in ('A', 'C')", [0, 1, 0, 0]),
        ("age >= 40", [0, 1, 0, 1]),
        ("age in [20, 40]", [1, 0, 0, 1]),
        ("age > limit", [1, 0, 0, 0]),
        ("age == limit", [0, 0, 0, 1]),
        ("age is not missing and not has_6m", [0, 1, 0, 0]),
        ('age > 30 or trust == "C"', [0, 1, 1, 1]),
        ('age > 30 and trust != "C"', [0, 1, 0, 0]),
        ('recruited_on < "2013-12-31"', [1, 1, 0, 0]),
        ('recruited_on == "2014-01-01"', [0, 0, 0, 1]),
        ("has_6m == true", [1, 0, 1, 1]),
        ('has_6m != "true"', [0, 1, 0, 0]),
    ],
)
def test_condition_selects_as_counted_by_hand(text, expected):
    assert in_population(PEOPLE, (), text).astype(int).tolist() == expected


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        ("t", "t", "t", "t"),
        ("t", "f", "f", "t"),
        ("t", "u", "u", "t"),
        ("f", "f", "f", "f"),
        ("f", "u", "f", "u"),
        ("u", "u", "u", "u"),
    ],
)
def test_condition_missing_follows_kleene_table(left, right, both, either):
    values = {"t": "yes", "f": "no", "u": None}
    frame = pd.DataFrame(
        {name: pd.Categorical([values[one]], categories=["yes", "no"]) for name, one in (("a", left), ("b", right))}
    )
    for text, expected in (("a and b", both), ("b and a", both), ("a or b", either), ("b or a", either)):
        true, known = truth_of(text, frame)
        assert (true[0], known[0]) == (expected == "t", expected != "u")


def test_condition_derived_variable_is_yes_no_or_missing():
    made = with_derived(PEOPLE, (("old", "age > 30"),))["old"]
    assert made.tolist()[:2] + made.tolist()[3:] == ["no", "yes", "yes"]
    assert made.isna().tolist() == [False, False, True, False]
    assert made.cat.categories.tolist() == ["no", "yes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trust == C", "not in the data"),
        ('trst == "C"', "did you mean 'trust'?"),
        ('trust == "D"', "allowed: A, B, C"),
        ('trust < "C"', "only numbers and dates"),
        ('age == "40"', "without quotes"),
        ("trust", "no truth value"),
        ('recruited_on > "soon"', "write the date as"),
        ("age > recruited_on", "different kinds"),
    ],
)
def test_condition_that_means_nothing_is_data_error(text, said):
    with pytest.raises(DataError) as caught:
        in_population(PEOPLE, (), text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 3", "write =="),
        ("a && b", "write and"),
        ("a == ", "a value is missing"),
        ("(a", "')' is missing"),
        ("a b", "'and' or 'or' is missing"),
        ('"x" == a', "begins with a variable"),
        ("a in x", "a list is missing"),
        ("a in [b]", 'in quotes: "b"'),
        ("not", "a variable is missing"),
        ("", "a variable is missing"),
        ("a == 1e999", "too large"),
        ("a" * 3000, "too long"),
        ("not " * 200 + "a", "too deeply"),
        ("(" * 500 + "a", "too deeply"),
        ("a == '", "quotation mark"),
    ],
)
def test_condition_that_cannot_be_read_says_why(text, said):
    with pytest.raises(PlanError) as caught:
        parse_condition(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.b",
        "f(a)",
        "a == f('x')",
        "a[0] == 1",
        "lambda: a",
        "a == `b`",
        "a == {1}",
        "a if b else c",
        "a; b",
        "@a == 1",
        "a == $b",
        "a := 1",
        "a ** 2 == 4",
        "a == b'x'",
        "f'{a}' == 1",
    ],
)
def test_condition_runs_no_code(text):
    with pytest.raises(PlanError):
        parse_condition(text)


NAMES = st.sampled_from(["age", "trust", "has_6m", "x1", "explained_6m"])
LITERALS = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\"'"), max_size=8).map(Literal),
    st.floats(-1e6, 1e6, allow_nan=False).map(Literal),
    st.booleans().map(Literal),
)
LEAVES = st.one_of(
    NAMES.map(Truth),
    st.builds(
        Comparison, NAMES, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), st.one_of(LITERALS, NAMES.map(Variable))
    ),
    st.builds(Membership, NAMES, st.lists(LITERALS, min_size=1, max_size=3).map(tuple), st.booleans()),
    st.builds(Missing, NAMES, st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner.filter(lambda part: not isinstance(part, And)), min_size=2, max_size=3).map(tuple).map(And),
        st.lists(inner.filter(lambda part: not isinstance(part, Or)), min_size=2, max_size=3).map(tuple).map(Or),
    ),
    max_leaves=8,
)


@pytest.mark.thorough
@given(CONDITIONS)
def test_condition_prints_and_reads_back_to_the_same(condition):
    again = parse_condition(str(condition))
    assert again == condition
    assert str(again) == str(condition)
    assert set(variables_of(again)) >= {part.variable for part in comparisons(again)}


@given(st.text(max_size=60))
def test_condition_any_text_gives_a_condition_or_a_plan_error(text):
    with suppress(PlanError):
        parse_condition(text)
