"""A formula that is made of another one of its shape is the one that the parser reads."""

from __future__ import annotations

import random

import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.formula import parse
from cpis_analysis.formula.parse import parse_formula

TEXTS = [
    "y ~ arm",
    "y_6m ~ arm + y_0m + (1 | trust:team)",
    "z ~ arm*wave + (1 + wave || trust/team) + (0 + age | person)",
    "log1p(y) ~ arm + log1p(x) + C(age) + factor(team)",
    "v0 ~ v1 + v2 + v0a",
    "v1 ~ v0 + v2:v0 - 1",
    "log ~ sqrt + exp(log1p) + (1 | center)",
    "mean ~ arm + within",
    "y ~ arm + mean(x | team) + within(x | team)",
    "`a b` ~ arm + `c d`",
    "y.1 ~ arm + .x",
    "über ~ größe + (1 | ort)",
    "y ~ (a + b)*(c + d) - a:c + (1 | t + u)",
    "  y~arm  ",
    "y ~ 1e5 + x",
    "y ~ a + a:b:a",
]
WRONG = [
    "y ~ y",
    "log(y) ~ arm + log(y)",
    "y ~ 2x",
    "y ~ (1 | a) + (1 | a)",
    "y ~ a - b",
    "y",
    "y ~ foo(x)",
    "y ~ a b",
    "y ~",
]


def read_alone(text):
    """What the parser reads, or its problems."""
    parser = parse._Parser(text)
    formula = parser.formula()
    return parser.problems or (formula, formula.text)


def read(text):
    try:
        formula = parse_formula(text)
    except ModelError as error:
        return list(error.problems)
    return formula, formula.text


@pytest.mark.parametrize("text", TEXTS + WRONG)
def test_formula_and_one_with_other_names_are_as_the_parser_reads_them(text):
    renamed = text.replace("y", "outcome").replace("arm", "treated").replace("v1", "v3")
    for one in (text, renamed):
        assert read(one) == read_alone(one)


def test_formulas_of_random_pieces_are_as_the_parser_reads_them():
    draw = random.Random(7)
    pieces = [
        "y",
        "v0",
        "v1",
        "arm",
        "log",
        "mean",
        "x1",
        "0",
        "1",
        "12",
        "2b",
        *"~+-*/:()|",
        "||",
        "~",
        " + ",
        " ",
        ".",
    ]
    texts = ["y ~ " + "".join(draw.choices(pieces, k=draw.randint(1, 9))) for _ in range(4000)]
    assert sum(isinstance(read(text), tuple) for text in texts) > 200
    assert all(read(text) == read_alone(text) for text in texts)


def test_formula_of_a_known_shape_is_not_parsed_again(monkeypatch):
    parse_formula("first_6m ~ arm + first_0m + (1 | place)")
    monkeypatch.setattr(parse, "_Parser", None)
    found = parse_formula("second_6m ~ arm + second_0m + (1 | place)")
    assert str(found) == "second_6m ~ arm + second_0m + (1 | place)"
