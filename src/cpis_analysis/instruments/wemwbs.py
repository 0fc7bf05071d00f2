"""WEMWBS, the Warwick-Edinburgh Mental Well-being Scale: 14 items of 1-5, summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instrument import Instrument, ScoreInfo, Setting, Values, defaults_of, numbered
from .scale import ScaleRule, Scored, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd

ITEMS = numbered("wemwbs", 14)
SOURCE = "https://warwick.ac.uk/fac/sci/med/research/platform/wemwbs/using/howto"
NOTE = (
    "The missing-item rule (person's mean for at most 3 of 14) is common practice; the user guide's own rule "
    "could not be read."
)

SETTINGS = (
    Setting("items", "Item columns, in the questionnaire's order.", ITEMS, "columns", length=14),
    Setting("max_missing", "Missing items allowed.", 3, "integer", low=0, high=13),
)


def _rule(values: Values) -> ScaleRule:
    return ScaleRule(tuple(values["items"]), 1, 5, max_missing=int(values["max_missing"]))


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the sum of the 14 items."""
    rule = _rule(values)
    label = values["label"] or "WEMWBS"
    missing = missing_rule(14, rule.max_missing)
    return (ScoreInfo(name, label, *rule.bounds, "better", True, NOTE, SOURCE, missing),)


def required(values: Values) -> list[str]:
    """Name the item columns."""
    return list(values["items"])


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Sum the 14 items."""
    return {name: score_scale(frame, _rule(values))}


INSTRUMENT = Instrument(
    name="wemwbs",
    label="Warwick-Edinburgh Mental Well-being Scale (WEMWBS)",
    items=ITEMS,
    scores=describe("wemwbs", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
)
