"""EQ-VAS: a person's own rating of health today, 0 (worst) to 100 (best)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instrument import Instrument, ScoreInfo, Setting, Values, defaults_of
from .scale import ScaleRule, Scored, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd

ITEM = "eq_vas"
SOURCE = (
    "EuroQol; range and direction as in https://build.fhir.org/ig/hl7-eu/gravitate-health-ips/"
    "Questionnaire-Questionnaire-EQ5D-5L.html"
)
NOTE = ""

SETTINGS = (Setting("item", "Column of the rating.", ITEM, "column"),)


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the rating."""
    label = values["label"] or "EQ-VAS"
    return (ScoreInfo(name, label, 0.0, 100.0, "better", True, NOTE, SOURCE, missing_rule(1, 0)),)


def required(values: Values) -> list[str]:
    """Name the item column."""
    return [values["item"]]


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Take over the rating where it is in range."""
    return {name: score_scale(frame, ScaleRule((values["item"],), 0, 100, whole=False))}


INSTRUMENT = Instrument(
    name="eq_vas",
    label="EQ-VAS",
    items=(ITEM,),
    scores=describe("eq_vas", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
)
