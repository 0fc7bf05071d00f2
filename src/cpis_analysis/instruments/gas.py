"""Goal attainment scaling (GAS): a T score of how far a person's own goals were reached.

Goals and their weights are set at baseline; attainment is rated at a later wave.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError, Problem
from .carry import carried
from .instrument import Instrument, ScoreInfo, Setting, Values, defaults_of
from .scale import Scored, item_matrix

if TYPE_CHECKING:
    import pandas as pd

SCORES = tuple(f"gas_{goal}_score" for goal in (1, 2, 3))
WEIGHTS = tuple(f"gas_{goal}_weight" for goal in (1, 2, 3))
SOURCE = "https://nationalcalculatorauthority.com/goal-attainment-score-calculator.html (formula, rho = .30)"
NOTE = (
    "Goal attainment is scored in several forms. The T score is an assumption where a study does not say which form it "
    "used, as are the weights and the rule that every goal set must be rated."
)

SETTINGS = (
    Setting("items", "Attainment columns, one a goal, -2 to +2.", SCORES, "columns"),
    Setting("weight_items", "Weight columns, in the same order.", WEIGHTS, "columns"),
    Setting(
        "weights",
        "baseline: weights set when the goals were set; equal: every rated goal counts the same.",
        "baseline",
        "choice",
        choices=("baseline", "equal"),
    ),
    Setting("lowest_weight", "Smallest weight.", 1, "number", low=1e-9),
    Setting("highest_weight", "Largest weight.", 3, "number", low=1e-9),
    Setting("rho", "Assumed correlation between goals.", 0.30, "number", low=0, high=1),
    Setting("max_missing", "Goals that were set but not rated, still giving a score.", 0, "integer", low=0),
)


def t_score(attained: np.ndarray, weights: np.ndarray, rho: float = 0.30) -> np.ndarray:
    """Compute T = 50 + 10 sum(w x) / sqrt((1 - rho) sum(w^2) + rho (sum w)^2).

    Parameters
    ----------
    attained : ndarray of float, shape (n, goals)
        Attainment x, -2 to +2; NaN where a goal is absent or not rated.
    weights : ndarray of float, shape (n, goals)
        Weights w; NaN where a goal is absent.
    rho : float
        Assumed correlation between goals.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where no goal has both; mean 50 and SD 10 if attainment is as expected. Only goals with both count.
    """
    used = ~(np.isnan(attained) | np.isnan(weights))
    w = np.where(used, weights, 0.0)
    x = np.where(used, attained, 0.0)
    spread = (1.0 - rho) * (w**2).sum(axis=1) + rho * w.sum(axis=1) ** 2
    return 50.0 + 10.0 * (w * x).sum(axis=1) / np.sqrt(np.where(used.any(axis=1), spread, np.nan))


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the T score; its bounds are those of equal weights on all goals, which no other weights exceed."""
    n_goals, limit = len(values["items"]), int(values["max_missing"])
    reach = 20.0 / math.sqrt((1.0 - values["rho"]) / n_goals + values["rho"])
    missing = (
        "every goal that was set must be rated"
        if limit == 0
        else f"at most {limit} of the goals that were set may be unrated; the score then uses the rated goals"
    )
    label = values["label"] or "Goal attainment (GAS T score)"
    return (ScoreInfo(name, label, 50.0 - reach, 50.0 + reach, "better", False, NOTE, SOURCE, missing),)


def check(values: Values) -> Sequence[tuple[str, str]]:
    """List settings that contradict each other."""
    found = []
    if values["weights"] == "baseline" and len(values["weight_items"]) != len(values["items"]):
        found.append(("weight_items", f"{len(values['weight_items'])} weights for {len(values['items'])} goals"))
    if values["lowest_weight"] > values["highest_weight"]:
        found.append(("lowest_weight", f"is above highest_weight ({values['highest_weight']:g})"))
    if values["max_missing"] >= len(values["items"]):
        found.append(("max_missing", "must leave at least one rated goal"))
    return found


def required(values: Values) -> list[str]:
    """Name attainment and, unless all count the same, weight columns."""
    return [*values["items"], *(values["weight_items"] if values["weights"] == "baseline" else ())]


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Score goal attainment.

    1. Carry the weights to the person's later waves: a goal was set if it has a weight.
    2. Count goals that were set but not rated, and goals that were rated but have no weight; a person
       without any goal lacks one item.
    3. Where at most ``max_missing`` are missing, compute T over the goals that have both.
    """
    attained, weights = _read(frame, values)
    was_set, rated = ~np.isnan(weights), ~np.isnan(attained)
    items_missing = (was_set != rated).sum(axis=1)
    items_missing[~(was_set | rated).any(axis=1)] = 1
    usable = (items_missing <= values["max_missing"]) & (was_set & rated).any(axis=1)
    result = np.where(usable, t_score(attained, weights, float(values["rho"])), np.nan)
    return {name: Scored(result, items_missing, usable & (items_missing > 0))}


def _read(frame: pd.DataFrame, values: Values) -> tuple[np.ndarray, np.ndarray]:
    """Read attainment and carried weights, listing the problems of both."""
    problems: list[Problem] = []
    attained = stated = np.empty((0, 0))
    try:
        attained = item_matrix(frame, tuple(values["items"]), -2, 2)
    except DataError as error:
        problems += error.problems
    if values["weights"] == "equal":
        if problems:
            raise DataError("Items cannot be scored.", problems)
        return attained, np.where(np.isnan(attained), np.nan, 1.0)
    columns = tuple(values["weight_items"])
    try:
        stated = item_matrix(frame, columns, values["lowest_weight"], values["highest_weight"], whole=False)
    except DataError as error:
        problems += error.problems
    if problems:
        raise DataError("Items cannot be scored.", problems)
    waves = frame[["participant_id", "wave"]]
    weights = [carried(waves.assign(weight=column), "weight") for column in stated.T]
    return attained, np.array(weights, dtype=float).T.reshape(stated.shape)


INSTRUMENT = Instrument(
    name="gas",
    label="Goal attainment scaling (GAS)",
    items=(*SCORES, *WEIGHTS),
    scores=describe("gas", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
    check=check,
)
