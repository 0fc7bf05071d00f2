"""The formula language: what it means, and that nothing in it can run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("y ~ arm + y0 + (1 | trust/team)", "y ~ arm + y0 + (1 | trust) + (1 | trust:team)"),
        ("y~a*b", "y ~ a + b + a:b"),
        ("y ~ a*b*c - a:b:c", "y ~ a + b + c + a:b + a:c + b:c"),
        ("y ~ a/b", "y ~ a + a:b"),
        ("y ~ b:a + a:b", "y ~ b:a"),
        ("y ~ (a + b):c", "y ~ a:c + b:c"),
        ("y ~ 0 + a", "y ~ 0 + a"),
        ("y ~ a - 1", "y ~ 0 + a"),
        ("y ~ 1", "y ~ 1"),
        ("y ~ a + (1 + t || g)", "y ~ a + (1 | g) + (0 + t | g)"),
        ("y ~ a + (t | g:h)", "y ~ a + (1 + t | g:h)"),
        ("y ~ (1 | a/b/c)", "y ~ 1 + (1 | a) + (1 | a:b) + (1 | a:b:c)"),
        ("y ~ (1 | a + b)", "y ~ 1 + (1 | a) + (1 | b)"),
        ("log(y) ~ scale(log(x)) + factor(k) + C(j)", "log(y) ~ scale(log(x)) + factor(k) + factor(j)"),
        ("y ~ `odd name` + a.b_c", "y ~ `odd name` + a.b_c"),
    ],
)
def test_formula_has_its_canonical_text(text, canonical):
    assert str(parse_formula(text)) == canonical
    assert str(parse_formula(canonical)) == canonical


def test_formula_lists_its_variables():
    formula = parse_formula("log(y) ~ arm*wave + (1 + t | trust:team)")
    assert formula.variables == ("arm", "t", "team", "trust", "wave", "y")
    assert formula.response.variable == "y"
    assert [term.group_name for term in formula.random_terms] == ["trust:team"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ a + __import__('os').system('true')", "position 9: this function is not known"),
        ("y ~ eval(x)", "this function is not known"),
        ("y ~ a.__class__()", "position 5: this function is not known"),
        ("y ~ sqr(x)", "did you mean 'sqrt'"),
        ("y ~ x^2", "position 6"),
        ("y ~ a b", "position 7: an operator is missing"),
        ("y ~ 3*x", "only 0 and 1"),
        ("y ~ (1 | g", "position 11: '\\)' is missing"),
        ("y ~ a*(1 | g)", "may only be added"),
        ("y ~ (1 | log(g))", "used as they are"),
        ("y", "'~' between"),
        ("y ~", "a variable is missing"),
        ("~ x", "position 1"),
        ("y ~ x ~ z", "position 7"),
        ("y ~ y + x", "also on the right"),
        ("y ~ x - z", "taken away that is not in the model"),
        ("y ~ 0 + (1 | g) + (1 | g)", "twice"),
        ("y ~ x; drop", "no meaning"),
        (17, "a formula is text"),
        ("y ~ " + "(" * 500 + "x" + ")" * 500, "nested too deeply"),
    ],
)
def test_formula_mistakes_are_named_with_their_place(text, message):
    with pytest.raises(ModelError, match=message):
        parse_formula(text)


def test_formula_reports_every_mistake_at_once():
    with pytest.raises(ModelError) as caught:
        parse_formula("y ~ 3*x + sqr(z) + (1 | )")
    assert len(caught.value.problems) == 3


@settings(max_examples=300, derandomize=True)
@given(st.text(alphabet="y~x+z-*:/()|01 .,;^'`_ab", max_size=25))
def test_any_text_is_a_formula_or_a_model_error(text):
    try:
        formula = parse_formula(text)
    except ModelError:
        return
    assert str(parse_formula(str(formula))) == str(formula)
