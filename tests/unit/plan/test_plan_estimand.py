"""Estimands follow from the specification by rules."""

import pytest

from cpis_analysis.plan.estimand import estimand_of
from made_up_study import spec

MIXED = "y_6m ~ arm + y_0m + age + (1 | trust) + (1 | trust:team)"
LONG = "y ~ arm * wave + (1 | trust:team) + (1 | trust:team:wave) + (1 | participant_id)"


@pytest.mark.parametrize(
    ("one", "part", "said"),
    [
        (spec(MIXED), "population", "everyone recruited"),
        (spec(MIXED, population="x", condition='trust != "C"'), "population", 'people with trust != "C"'),
        (spec(MIXED, population="x", where=(("trust", ("A", "B")),)), "population", "people with trust in [A, B]"),
        (spec(MIXED), "variable", "y, at 6m"),
        (spec("log1p(y_6m) ~ arm + (1 | trust)"), "variable", "y, at 6m, transformed by log1p"),
        (spec("y_change ~ arm + (1 | trust)"), "variable", "y, change from 0m to 6m"),
        (spec(LONG, effect="arm:wave"), "variable", "y, at 0m and 6m"),
        (spec(MIXED, outcome_type="binary"), "variable", "y, at 6m (happened or not)"),
        (spec(MIXED), "contrast", "difference in means between the arms, against c, for people alike in y_0m, age"),
        (spec("y_6m ~ arm + (1 | trust)"), "contrast", "difference in means between the arms, against c, unadjusted"),
        (
            spec("y_6m ~ arm + (1 | trust)", outcome_type="binary"),
            "contrast",
            "difference in risk between the arms, against c, unadjusted",
        ),
        (
            spec(LONG, effect="arm:wave"),
            "contrast",
            "difference between the arms in the change of the mean from 0m to 6m, against c, unadjusted",
        ),
        (
            spec("y_6m ~ arm * gender + (1 | trust)", effect="arm:gender"),
            "contrast",
            "by how much the difference in means between the arms, against c, differs with gender, unadjusted",
        ),
        (
            spec("y ~ arm + wave + (1 | trust)", waves=("6m", "12m", "18m")),
            "contrast",
            "difference in means between the arms averaged over 6m, 12m and 18m, against c, unadjusted",
        ),
        (spec("y_6m ~ arm", "ols_cr2", cluster="team"), "average", "over people, each counting once"),
        (spec("y_6m ~ arm + y_0m", "mixed"), "average", "over people, each counting once"),
        (
            spec("y ~ arm * wave + (1 | participant_id)", "mixed", rows="long", effect="arm:wave"),
            "average",
            "over people, weighted by the estimated variances of their measurements",
        ),
        (spec("y_6m ~ arm", "cluster_summary", cluster="team"), "average", "over teams, each counting once"),
        (
            spec("y_6m ~ arm", "cluster_summary", cluster="team", pairs=True),
            "average",
            "over trusts, each counting once",
        ),
    ],
)
def test_estimand_part_follows_from_the_specification(one, part, said):
    assert getattr(estimand_of(one), part) == said


def test_estimand_loss_depends_on_what_the_model_uses():
    losses = [
        estimand_of(one).loss
        for one in (spec(MIXED), spec("y_change ~ arm + (1 | trust)"), spec(LONG, effect="arm:wave"))
    ]
    assert losses[0].startswith("people without the follow-up")
    assert losses[1].startswith("people without both measurements")
    assert losses[2].startswith("everyone with a measurement counts")


def test_estimand_words_and_population_are_the_callers():
    found = estimand_of(spec(MIXED), lambda name: {"y": "the score", "c": "usual care"}.get(name, name), "All")
    assert found.population == "All"
    assert found.variable.startswith("the score")
    assert "against usual care" in found.contrast
