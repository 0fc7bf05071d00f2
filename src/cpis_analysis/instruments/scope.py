"""SCOPE, the Social and Community Opportunities Profile: the single overall inclusion rating, 1-5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instrument import Instrument, ScoreInfo, Setting, Values, defaults_of
from .scale import ScaleRule, Scored, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd

ITEM = "scope_overall"
SOURCE = "https://rtcom.umn.edu/database/instruments/scope ; short form: doi:10.1177/0004867413491161"
NOTE = (
    "No single validated total of SCOPE was found; using the overall inclusion rating with range 1-5, high = more "
    "included, is an assumption."
)

SETTINGS = (Setting("item", "Column of the overall rating.", ITEM, "column"),)


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the overall rating."""
    label = values["label"] or "SCOPE overall inclusion"
    return (ScoreInfo(name, label, 1.0, 5.0, "better", False, NOTE, SOURCE, missing_rule(1, 0)),)


def required(values: Values) -> list[str]:
    """Name the item column."""
    return [values["item"]]


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Take over the rating where it is in range."""
    return {name: score_scale(frame, ScaleRule((values["item"],), 1, 5))}


INSTRUMENT = Instrument(
    name="scope",
    label="Social and Community Opportunities Profile (SCOPE), overall rating",
    items=(ITEM,),
    scores=describe("scope", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
)
