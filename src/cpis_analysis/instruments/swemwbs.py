"""SWEMWBS, the short WEMWBS: seven of the 14 items, their sum converted to the Rasch metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .instrument import Instrument, MinimalDifference, ScoreInfo, Setting, Values, defaults_of
from .item_rules import ItemRule
from .scale import ScaleRule, Scored, missing_rule, score_scale

if TYPE_CHECKING:
    import pandas as pd

POSITIONS = (1, 2, 3, 6, 7, 9, 11)  # of the 14 WEMWBS items
ITEMS = tuple(f"wemwbs_{position:02d}" for position in POSITIONS)
LOWEST_RAW = 7
METRIC = (
    7.00, 9.51, 11.25, 12.40, 13.33, 14.08, 14.75, 15.32, 15.84, 16.36,
    16.88, 17.43, 17.98, 18.59, 19.25, 19.98, 20.73, 21.54, 22.35, 23.21,
    24.11, 25.03, 26.02, 27.03, 28.13, 29.31, 30.70, 32.55, 35.00,
)  # fmt: skip  # raw sums 7 to 35
SOURCE = (
    "Conversion required: https://warwick.ac.uk/fac/med/research/platform/wemwbs/researchers/guidance/ ; "
    "item positions derived from the item order in CamCOPS (server/camcops_server/tasks/wemwbs.py)"
)
NOTE = (
    "The conversion table was read in one public secondary source and the item positions were derived from "
    "another, not from the licensed user guide; complete-only is common practice, not a rule that was read."
)

SETTINGS = (
    Setting("items", "The seven short-form columns, in the questionnaire's order.", ITEMS, "columns", length=7),
)


def to_metric(raw: np.ndarray) -> np.ndarray:
    """Convert raw sums 7-35 to the metric score; NaN stays NaN.

    Parameters
    ----------
    raw : ndarray of float, shape (n,)
        Sums of seven answered items.

    Returns
    -------
    ndarray of float, shape (n,)
        Metric scores 7-35, strictly increasing in the raw sum.
    """
    known = ~np.isnan(raw)
    metric = np.full(raw.shape, np.nan)
    metric[known] = np.asarray(METRIC)[raw[known].astype(int) - LOWEST_RAW]
    return metric


def _sum(values: Values) -> ScaleRule:
    return ScaleRule(tuple(values["items"]), 1, 5)


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the metric score."""
    label = values["label"] or "SWEMWBS (metric)"
    return (ScoreInfo(name, label, METRIC[0], METRIC[-1], "better", False, NOTE, SOURCE, missing_rule(7, 0)),)


def required(values: Values) -> list[str]:
    """Name the item columns."""
    return list(values["items"])


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Sum the seven items where all are answered and convert the sum."""
    raw = score_scale(frame, _sum(values))
    return {name: Scored(to_metric(raw.score), raw.items_missing, raw.prorated)}


INSTRUMENT = Instrument(
    name="swemwbs",
    label="Short Warwick-Edinburgh Mental Well-being Scale (SWEMWBS)",
    items=ITEMS,
    scores=describe("swemwbs", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
    item_rules=lambda name, values: {name: ItemRule(_sum(values), METRIC)},
    minimal_important_difference=MinimalDifference(
        between_groups=None,
        within_person=2.87,
        basis="2.77 standard errors of measurement (one is 1.03): beyond this a person's change is unlikely to be "
        "measurement error; not a difference that people were asked about",
        source="https://hqlo.biomedcentral.com/articles/10.1186/s12955-018-1060-2",
    ),
)
