"""Nouns in the plural, codes in order, and what variables of clusters are called."""

import pytest

from chapter_material import plan
from cpis_analysis.plan.naming import Noun, code_of, counted_noun, natural_order, noun_of, plural


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("class", "classes"),
        ("study", "studies"),
        ("practice", "practices"),
        ("clinic", "clinics"),
        ("day", "days"),
        ("church", "churches"),
        ("box", "boxes"),
        ("analysis", "analyses"),
        ("headline analysis", "headline analyses"),
        ("diagnosis", "diagnoses"),
        ("person", "people"),
        ("degree of freedom", "degrees of freedom"),
        ("GP", "GPs"),
        ("NHS trust", "NHS trusts"),
        ("city", "cities"),
        ("school class", "school classes"),
    ],
)
def test_plural_of_a_noun(one, many):
    assert plural(one) == many
    assert counted_noun(1, one) == one
    assert counted_noun(0, one) == counted_noun(2, one) == many


def test_plural_of_the_plan_comes_before_the_rules():
    assert plural(Noun("Kollegium", "Kollegien")) == "Kollegien"
    design = plan(
        design={
            "levels": [
                {"variable": "trust", "label": "school"},
                {"variable": "team", "label": "Klasse", "plural": "Klassen"},
            ]
        }
    ).design
    assert (plural(design.trust_noun), plural(design.team_noun)) == ("schools", "Klassen")
    assert f"one {design.team_noun}" == "one Klasse"


def test_codes_are_ordered_as_people_do():
    assert sorted(["10", "2", "1", "b", "A 10", "a 2", "12a", "12", "a"], key=natural_order) == [
        "1",
        "2",
        "10",
        "12",
        "12a",
        "a",
        "a 2",
        "A 10",
        "b",
    ]
    assert sorted([136.0, 9.0, 20.0], key=natural_order) == [9.0, 20.0, 136.0]
    assert [code_of(value) for value in (9.0, 9.5, 9, "9.0", "North")] == ["9", "9.5", "9", "9.0", "North"]


@pytest.mark.parametrize(
    ("variable", "noun"),
    [
        ("school_id", "school"),
        ("class", "class"),
        ("gp_practice", "gp practice"),
        ("ward_no", "ward"),
        ("Ward_No", "ward"),
        ("GP_practice", "GP practice"),
        ("school_name", "school"),
        ("id", "id"),
    ],
)
def test_variable_of_clusters_names_what_it_holds(variable, noun):
    assert noun_of(variable) == noun
