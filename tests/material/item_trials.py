"""A made-up trial with a scale of items at two waves, of which some answers are missing."""

import numpy as np
import pandas as pd

from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.instruments.item_rules import ItemRule
from cpis_analysis.instruments.scale import ScaleRule

FORMULA = parse_formula("y ~ arm + x + (1 | trust) + (1 | trust:team)")
ITEMS = 6
Y = tuple(f"y_{k}" for k in range(ITEMS))
X = tuple(f"x_{k}" for k in range(ITEMS))
REVERSE = {Y: ("y_1", "y_4"), X: ("x_1", "x_4")}


def item_score(score, rule):
    """The map that imputation is given, of a rule."""
    return ItemScore(
        score, rule.scale.items, rule.low, rule.high, rule.weights, rule.constant, rule.divisor, rule.conversion
    )


def rule_of(items, method="sum"):
    """Answers from 0 to 3, two of them reversed."""
    return ItemRule(ScaleRule(items, 0, 3, REVERSE[items], method))


RULES = [item_score("y", rule_of(Y)), item_score("x", rule_of(X))]


def item_trial(n=120, seed=3, items_lost=0.1, people_lost=0.15, baselines_lost=0.05):
    """Eight teams of four trusts; people with items and the scores of those who answered them all."""
    random = np.random.default_rng(seed)
    team = np.arange(n) % 8
    before = random.normal(size=n)
    after = 0.6 * before + 0.3 * (team % 2) + 0.2 * random.normal(size=8)[team] + 0.7 * random.normal(size=n)
    frame = pd.DataFrame(
        {
            "trust": pd.Categorical([f"N{t // 2}" for t in team]),
            "team": pd.Categorical([f"T{t}" for t in team]),
            "arm": pd.Categorical(np.where(team % 2, "new", "old")),
            "age": random.normal(45, 12, n),
        }
    )
    for items, of, lost in ((Y, after, people_lost), (X, before, baselines_lost)):
        for k, name in enumerate(items):
            answer = np.digitize(of + 0.8 * random.normal(size=n), [-0.9 + 0.1 * k, 0.0, 0.9]).astype(float)
            frame[name] = 3 - answer if name in REVERSE[items] else answer
            frame.loc[random.random(n) < items_lost, name] = np.nan
        frame.loc[random.random(n) < lost, list(items)] = np.nan
    for rule in RULES:
        # of people who lack an item the score is what no imputation may use
        whole = frame[list(rule.items)].notna().all(axis=1)
        some = frame[list(rule.items)].notna().any(axis=1)
        scores = pd.Series(rule.of(frame[list(rule.items)].fillna(0).to_numpy()), index=frame.index)
        frame[rule.score] = scores.where(whole, np.where(some, 99.0, np.nan))
    return frame
