"""Instruments without peculiarities: a sum of items, and a single rating."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instrument import Instrument, MinimalDifference, ScoreInfo, Setting, Values, defaults_of, numbered
from .item_rules import ItemRule
from .scale import ScaleRule, Scored, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd


def summed_items(
    name: str,
    label: str,
    short_label: str,
    n_items: int,
    low: int,
    high: int,
    max_missing: int,
    note: str,
    source: str,
    minimal_important_difference: MinimalDifference | None = None,
) -> Instrument:
    """Instrument of numbered items, all in one direction (higher is better), whose rule has been verified.

    Parameters
    ----------
    name, label, short_label : str
        Name in the registry, full name, and label of the score.
    n_items, low, high : int
        Number of items, and the range of each.
    max_missing : int
        Missing items allowed unless the plan says otherwise.
    note, source : str
        See `ScoreInfo`.
    minimal_important_difference : MinimalDifference, optional
    """
    items = numbered(name, n_items)
    settings = (
        Setting("items", "Item columns, in the questionnaire's order.", items, "columns", length=n_items),
        Setting("max_missing", "Missing items allowed.", max_missing, "integer", low=0, high=n_items - 1),
    )

    def rule(values: Values) -> ScaleRule:
        return ScaleRule(tuple(values["items"]), low, high, max_missing=int(values["max_missing"]))

    def describe(score_name: str, values: Values) -> tuple[ScoreInfo, ...]:
        own = rule(values)
        missing = missing_rule(n_items, own.max_missing)
        shown = values["label"] or short_label
        return (ScoreInfo(score_name, shown, *own.bounds, "better", True, note, source, missing),)

    def score(frame: pd.DataFrame, score_name: str, values: Values) -> dict[str, Scored]:
        return {score_name: score_scale(frame, rule(values))}

    return Instrument(
        name=name,
        label=label,
        items=items,
        scores=describe(name, defaults_of(settings)),
        settings=settings,
        describe=describe,
        required=lambda values: list(values["items"]),
        score=score,
        minimal_important_difference=minimal_important_difference,
        item_rules=lambda score_name, values: {score_name: ItemRule(rule(values))},
    )


def rating(
    name: str,
    label: str,
    short_label: str,
    item: str,
    item_description: str,
    low: int,
    high: int,
    verified: bool,
    note: str,
    source: str,
    whole: bool = True,
) -> Instrument:
    """Instrument of one rating (higher is better), taken over where it is in range.

    Parameters
    ----------
    name, label, short_label : str
        Name in the registry, full name, and label of the score.
    item, item_description : str
        Column of the rating, and what the setting that names it says.
    low, high : int
        Range.
    verified : bool
    note, source : str
        See `ScoreInfo`.
    whole : bool
        Whether only whole numbers are answers.
    """
    settings = (Setting("item", item_description, item, "column"),)

    def describe(score_name: str, values: Values) -> tuple[ScoreInfo, ...]:
        shown = values["label"] or short_label
        missing = missing_rule(1, 0)
        return (ScoreInfo(score_name, shown, float(low), float(high), "better", verified, note, source, missing),)

    def score(frame: pd.DataFrame, score_name: str, values: Values) -> dict[str, Scored]:
        return {score_name: score_scale(frame, ScaleRule((values["item"],), low, high, whole=whole))}

    return Instrument(
        name=name,
        label=label,
        items=(item,),
        scores=describe(name, defaults_of(settings)),
        settings=settings,
        describe=describe,
        required=lambda values: [values["item"]],
        score=score,
    )
