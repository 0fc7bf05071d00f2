"""Which entries of the settings have items that can be imputed, what makes their scores, and how answers are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .item_rules import ItemRule
from .scale import item_matrix
from .settings import ScorePlan

if TYPE_CHECKING:
    import pandas as pd


def imputable_rules(plan: ScorePlan) -> Mapping[str, ItemRule]:
    """By score column, what complete answers make; none where items of the instrument can't be imputed.

    A score of one item is none of them: the item is the score.
    """
    rules = plan.instrument.item_rules(plan.name, plan.values) if plan.instrument.item_rules else {}
    return {name: rule for name, rule in rules.items() if len(rule.scale.items) > 1}


def answer_columns(plan: ScorePlan) -> dict[str, str]:
    """What the analysis data call the answers to each item of an entry, without the wave; by item."""
    items = plan.instrument.required(plan.values)
    return {item: f"{plan.name}_item_{number:02d}" for number, item in enumerate(items, 1)}


def scored_answers(frame: pd.DataFrame, plan: ScorePlan) -> np.ndarray:
    """Answers to the items of an entry as its rules read them, (rows, items); NaN where missing.

    Raises
    ------
    DataError
        With every answer that can't be one.
    """
    if plan.instrument.answers:
        return plan.instrument.answers(frame, plan.values)
    scale = next(iter(imputable_rules(plan).values())).scale
    return item_matrix(frame, scale.items, scale.low, scale.high, scale.whole)
