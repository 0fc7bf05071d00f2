"""The rules by which imputed items become scores: on complete answers they say what the instruments say."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.instruments import INSTRUMENTS
from cpis_analysis.instruments.imputable_items import answer_columns, imputable_rules, scored_answers
from cpis_analysis.instruments.settings import resolve

MOOD = {
    "instrument": "scale",
    "items": ["a", "b", "c"],
    "low": [1, 0, 1],
    "high": [5, 3, 4],
    "reverse": ["b", "c"],
    "method": "mean",
}
SETTINGS = [
    {"rguk": {}},
    {"rguk": {"coding": "tie_source", "staff_counts": False}},
    {"wemwbs": {}},
    {"swemwbs": {}},
    {"qpr": {"max_missing": 0}},
    {"mood": MOOD},
    {"mood": MOOD | {"method": "sum"}},
]


def drawn(plan, random, n=40):
    """Complete answers as the interviews have them."""
    most = {"tie_source": 7, "binary": 1}.get(plan.values.get("coding", ""), None)
    columns = {}
    for position, item in enumerate(plan.instrument.required(plan.values)):
        low, high = 1, 5
        if most is not None:
            low, high = 0, most
        elif plan.name == "qpr":
            low, high = 0, 4
        elif plan.name == "mood":
            low, high = MOOD["low"][position], MOOD["high"][position]
        columns[item] = random.integers(low, high + 1, n).astype(float)
    return pd.DataFrame(columns).assign(participant_id=[str(i) for i in range(n)], wave="0m")


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda one: "-".join(map(str, next(iter(one.items())))))
def test_item_rules_make_of_complete_answers_what_the_instrument_makes(settings):
    (plan,) = resolve(settings)
    frame = drawn(plan, np.random.default_rng(4))
    answers = scored_answers(frame, plan)
    items = plan.instrument.required(plan.values)
    assert list(answer_columns(plan).values()) == [f"{plan.name}_item_{k:02d}" for k in range(1, len(items) + 1)]
    scored = plan.instrument.score(frame, plan.name, plan.values)
    rules = imputable_rules(plan)
    assert set(rules) == set(scored)
    place = {item: number for number, item in enumerate(items)}
    for name, rule in rules.items():
        own = answers[:, [place[item] for item in rule.scale.items]]
        score = ItemScore(
            name, rule.scale.items, rule.low, rule.high, rule.weights, rule.constant, rule.divisor, rule.conversion
        )
        np.testing.assert_array_equal(score.of(own), scored[name].score)
        info = next(one for one in plan.infos if one.name == name)
        assert score.lowest == pytest.approx(info.low)


def test_items_are_not_imputed_of_indices_goals_and_single_ratings():
    (goals, index, rating, scope) = resolve({"gas": {}, "eq5d": {}, "eq_vas": {}, "scope": {}})
    for plan in (goals, index, rating, scope):
        assert imputable_rules(plan) == {}
    able = {name for name, one in INSTRUMENTS.items() if one.item_rules}
    assert able == {"rguk", "wemwbs", "swemwbs", "qpr", "scale"}
