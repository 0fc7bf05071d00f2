"""EQ-5D-5L index under four value sets: van Hout crosswalk, UK 2026, England 2018, NICE DSU mapping.

A health state is one level 1-5 on each of mobility, self-care, usual activities, pain/discomfort and
anxiety/depression. A value set gives each of the 3,125 states a number; 1 is full health, 0 as bad as dead.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .dsu import dsu_values, read_dsu_table
from .instrument import Instrument, ScoreInfo, Setting, Values, defaults_of
from .scale import Scored, item_matrix

if TYPE_CHECKING:
    import pandas as pd

DIMENSIONS = ("mo", "sc", "ua", "pd", "ad")
ITEMS = tuple(f"eq5d5l_{dimension}" for dimension in DIMENSIONS)
N_STATES = 5 ** len(DIMENSIONS)

# UK EQ-5D-3L tariff (Dolan 1997, as in fragla/eq5d data-raw/TTO.csv): decrements of level 2 and level 3
ANY_PROBLEM = 0.081
ANY_LEVEL_3 = 0.269
TARIFF_3L = ((0.069, 0.314), (0.104, 0.214), (0.036, 0.094), (0.123, 0.386), (0.071, 0.236))
# van Hout et al. 2012 (as in eq5dsuite .EQxwprob): 5L level 2 is 3L level 1 or 2, 5L level 4 is 3L level 2 or 3
P_3L_1_GIVEN_5L_2 = (0.1773472, 0.1673469, 0.1978155, 0.1988690, 0.2066038)
P_3L_2_GIVEN_5L_4 = (0.92788462, 0.75694444, 0.67156863, 0.60050251, 0.50931677)

# thousandths lost at levels 1-5, one row a dimension (fragla/eq5d data-raw/VT.csv)
ADDITIVE = {
    "uk_2026": (
        (0, 32, 58, 179, 279), (0, 38, 60, 162, 206), (0, 49, 86, 184, 212), (0, 56, 66, 371, 479),
        (0, 41, 126, 313, 391),
    ),
    "england_2018": (
        (0, 58, 76, 207, 274), (0, 50, 80, 164, 203), (0, 50, 63, 162, 184), (0, 63, 84, 276, 335),
        (0, 78, 104, 285, 289),
    ),
}  # fmt: skip

LABELS = {
    "vanhout_uk": "van Hout UK crosswalk",
    "uk_2026": "UK 2026 value set",
    "england_2018": "England 2018 value set",
    "nice_dsu": "NICE DSU mapping",
}
SOURCES = {
    "vanhout_uk": "van Hout et al. 2012, doi:10.1016/j.jval.2012.02.008; 3L tariff: Dolan 1997",
    "uk_2026": "Rowen et al. 2026, doi:10.1016/j.jval.2026.03.008",
    "england_2018": "Devlin et al. 2018, doi:10.1002/hec.3564",
    "nice_dsu": "Hernandez Alava et al., doi:10.1007/s40273-022-01218-7; values from the file the plan names",
}
NOTES = {
    "vanhout_uk": (
        "Computed from the published coefficients and rounded like the official table, all 3,125 states of which it "
        "reproduces. It is a mapping from the three-level version, not a value set of its own."
    ),
    "uk_2026": "NICE consulted on this set as its reference case; final adoption was not verified.",
    "england_2018": "NICE does not recommend this set.",
    "nice_dsu": (
        "The values come from a file supplied with the plan and are checked for completeness, not for correctness. "
        "Age and sex are the person's first known; other or unknown sex, and age below the first band, give no value."
    ),
}

SETTINGS = (
    Setting("items", "The five dimension columns, in the order MO, SC, UA, PD, AD.", ITEMS, "columns", length=5),
    Setting("value_set", "Which value set.", "vanhout_uk", "choice", choices=tuple(LABELS)),
    Setting("value_set_file", "CSV with columns state, age_band, sex and one of values; for nice_dsu."),
    Setting("age", "Column of age in years; for nice_dsu.", "age", "column"),
    Setting("sex", "Column with the codes male and female; for nice_dsu.", "gender", "column"),
)


def state_codes() -> list[str]:
    """Name the 3,125 states in the order of the value vectors: 11111, 11112, ..., 55555."""
    return ["".join(levels) for levels in itertools.product("12345", repeat=5)]


@lru_cache(maxsize=1)
def crosswalk_exact() -> np.ndarray:
    """Compute the van Hout crosswalk before rounding.

    Returns
    -------
    ndarray of float, shape (3125,)
        In the order of ``state_codes``; read-only.

    Notes
    -----
    The value of a 5L state is the expected 3L tariff value, the five dimensions being independent:

    1 - .081 [1 - prod P(level 1)] - .269 [1 - prod (1 - P(level 3))] - sum [d2 P(level 2) + d3 P(level 3)].
    """
    p1 = np.array([(1.0, p, 0.0, 0.0, 0.0) for p in P_3L_1_GIVEN_5L_2])
    p3 = np.array([(0.0, 0.0, 0.0, 1.0 - p, 1.0) for p in P_3L_2_GIVEN_5L_4])
    tariff = np.array(TARIFF_3L)
    lost = tariff[:, :1] * (1.0 - p1 - p3) + tariff[:, 1:] * p3
    levels = np.array(list(itertools.product(range(5), repeat=5)))
    dimension = np.arange(5)
    no_problem = p1[dimension, levels].prod(axis=1)
    no_level_3 = (1.0 - p3[dimension, levels]).prod(axis=1)
    additive = lost[dimension, levels].sum(axis=1)
    value = 1.0 - ANY_PROBLEM * (1.0 - no_problem) - ANY_LEVEL_3 * (1.0 - no_level_3) - additive
    value.flags.writeable = False
    return value


@lru_cache(maxsize=3)
def state_values(value_set: str) -> np.ndarray:
    """Give the value of each state under a value set that does not depend on age and sex.

    Parameters
    ----------
    value_set : str
        ``vanhout_uk``, ``uk_2026`` or ``england_2018``.

    Returns
    -------
    ndarray of float, shape (3125,)
        In the order of ``state_codes``, to three decimals as published; read-only.

    Notes
    -----
    The official crosswalk table was rounded twice: to four decimals, then to three with halves away from
    zero. Rounding once differs from it in 192 states by .001; rounding twice reproduces all 3,125.
    """
    if value_set == "vanhout_uk":
        ten_thousandths = np.rint(crosswalk_exact() * 1e4).astype(int)
        thousandths = np.sign(ten_thousandths) * ((np.abs(ten_thousandths) + 5) // 10)
    else:
        lost = np.array(ADDITIVE[value_set])
        levels = np.array(list(itertools.product(range(5), repeat=5)))
        thousandths = 1000 - lost[np.arange(5), levels].sum(axis=1)
    values = thousandths / 1000
    values.flags.writeable = False
    return values


def state_index(levels: np.ndarray) -> np.ndarray:
    """Place rows of levels 1-5 in the order of ``state_codes``; -1 where a level is missing.

    Parameters
    ----------
    levels : ndarray of float, shape (n, 5)
        NaN where missing.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    complete = ~np.isnan(levels).any(axis=1)
    index = np.full(len(levels), -1)
    index[complete] = (levels[complete].astype(int) - 1) @ (5 ** np.arange(4, -1, -1))
    return index


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the index under the chosen value set."""
    chosen = values["value_set"]
    # the DSU mapping predicts 3L tariff values, so it stays within the tariff's bounds, those of the crosswalk
    low = float(state_values("vanhout_uk" if chosen == "nice_dsu" else chosen)[-1])
    return (
        ScoreInfo(
            name,
            values["label"] or f"EQ-5D-5L index ({LABELS[chosen]})",
            low,
            1.0,
            higher_is="better",
            verified=chosen != "nice_dsu",
            note=NOTES[chosen],
            source=SOURCES[chosen],
            missing_rule="all 5 dimensions must be answered",
        ),
    )


def check(values: Values) -> Sequence[tuple[str, str]]:
    """List settings that contradict each other."""
    if values["value_set"] == "nice_dsu" and not values["value_set_file"]:
        return [("value_set_file", "is needed for nice_dsu: the mapping is not shipped")]
    if values["value_set"] != "nice_dsu" and values["value_set_file"]:
        return [("value_set_file", f"is only read for nice_dsu, not for {values['value_set']}")]
    return []


def required(values: Values) -> list[str]:
    """Name the dimension columns, and age and sex where the value set needs them."""
    extra = [values["age"], values["sex"]] if values["value_set"] == "nice_dsu" else []
    return [*values["items"], *extra]


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Look up the value of each complete state; the index is never prorated."""
    levels = item_matrix(frame, tuple(values["items"]), 1, 5)
    index = state_index(levels)
    items_missing = np.isnan(levels).sum(axis=1)
    never = np.zeros(len(frame), dtype=bool)
    if values["value_set"] == "nice_dsu":
        table = read_dsu_table(values["value_set_file"])
        return {name: Scored(dsu_values(frame, index, values["age"], values["sex"], table), items_missing, never)}
    known = index >= 0
    result = np.full(len(frame), np.nan)
    result[known] = state_values(values["value_set"])[index[known]]
    return {name: Scored(result, items_missing, never)}


INSTRUMENT = Instrument(
    name="eq5d",
    label="EuroQol questionnaire, five dimensions of five levels (EQ-5D-5L), index",
    items=ITEMS,
    scores=describe("eq5d", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
    check=check,
)
