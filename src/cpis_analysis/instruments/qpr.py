"""QPR-15, the Questionnaire about the Process of Recovery: 15 items of 0-4, summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instrument import Instrument, MinimalDifference, ScoreInfo, Setting, Values, defaults_of, numbered
from .scale import ScaleRule, Scored, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd

ITEMS = numbered("qpr", 15)
SOURCE = (
    "https://www.phenxtoolkit.org/protocols/view/661101 (15 items of 0-4 added together, higher = greater "
    "recovery); 15-item version recommended: https://eprints.nottingham.ac.uk/31028/"
)
NOTE = "No missing-item rule was found: the person's mean for at most 3 of 15 is an assumption."

SETTINGS = (
    Setting("items", "Item columns, in the questionnaire's order.", ITEMS, "columns", length=15),
    Setting("max_missing", "Missing items allowed.", 3, "integer", low=0, high=14),
)


def _rule(values: Values) -> ScaleRule:
    return ScaleRule(tuple(values["items"]), 0, 4, max_missing=int(values["max_missing"]))


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the sum of the 15 items."""
    rule = _rule(values)
    label = values["label"] or "QPR-15"
    missing = missing_rule(15, rule.max_missing)
    return (ScoreInfo(name, label, *rule.bounds, "better", True, NOTE, SOURCE, missing),)


def required(values: Values) -> list[str]:
    """Name the item columns."""
    return list(values["items"])


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Sum the 15 items."""
    return {name: score_scale(frame, _rule(values))}


INSTRUMENT = Instrument(
    name="qpr",
    label="Questionnaire about the Process of Recovery, 15 items (QPR-15)",
    items=ITEMS,
    scores=describe("qpr", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
    minimal_important_difference=MinimalDifference(
        between_groups=4.0,
        within_person=5.0,
        basis="minimal important difference, n = 681",
        source="https://informahealthcare.com/doi/abs/10.1080/17522439.2021.1883726",
    ),
)
