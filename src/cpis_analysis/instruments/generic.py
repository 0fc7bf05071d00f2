"""A scale of another study: the plan names the items, their range and the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .instrument import Instrument, ScoreInfo, Setting, Values
from .item_rules import ItemRule
from .scale import ScaleRule, Scored, contradictions, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd

NOTE = "The scoring rule is the plan's own statement; nothing here confirms it."

SETTINGS = (
    Setting("items", "Item columns.", None, "columns", required=True),
    Setting("low", "Smallest answer, for all items or one for each.", None, "numbers", required=True),
    Setting("high", "Largest answer, for all items or one for each.", None, "numbers", required=True),
    Setting("reverse", "Items in which a high answer means a low standing.", (), "columns"),
    Setting("method", "How answers are combined.", "sum", "choice", choices=("sum", "mean")),
    Setting("max_missing", "Missing items allowed.", 0, "integer", low=0),
    Setting("whole_numbers", "Whether answers must be whole numbers.", True, "boolean"),
    Setting("higher_is", "What a high score means.", "better", "choice", choices=("better", "worse")),
    Setting("source", "Citation of the scoring rule.", ""),
)


def _parts(values: Values) -> dict[str, Any]:
    return {
        "items": tuple(values["items"]),
        "low": values["low"],
        "high": values["high"],
        "reverse": tuple(values["reverse"] or ()),
        "method": values["method"],
        "max_missing": int(values["max_missing"]),
    }


def _rule(values: Values) -> ScaleRule:
    return ScaleRule(**_parts(values), whole=values["whole_numbers"])


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the sum or mean."""
    rule = _rule(values)
    return (
        ScoreInfo(
            name,
            values["label"] or name,
            *rule.bounds,
            higher_is=values["higher_is"],
            verified=False,
            note=NOTE,
            source=values["source"] or "",
            missing_rule=missing_rule(len(rule.items), rule.max_missing),
        ),
    )


def check(values: Values) -> list[tuple[str, str]]:
    """List settings that contradict each other."""
    return contradictions(**_parts(values))


def required(values: Values) -> list[str]:
    """Name the item columns."""
    return list(values["items"])


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Apply the general rule."""
    return {name: score_scale(frame, _rule(values))}


INSTRUMENT = Instrument(
    name="scale",
    label="A scale stated in the plan",
    items=(),
    scores=(),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
    check=check,
    item_rules=lambda name, values: {name: ItemRule(_rule(values))},
)
