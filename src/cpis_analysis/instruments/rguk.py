"""RG-UK, the Resource Generator-UK: access to social resources within one week.

Each of 27 items asks for one resource. An item counts 1 if anyone known to the person would give access
to it, 0 if nobody would; the total is the number of resources within reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .instrument import Instrument, ScoreInfo, Setting, Values, defaults_of, numbered
from .item_rules import ItemRule
from .scale import ScaleRule, Scored, item_matrix, missing_rule, score_matrix

if TYPE_CHECKING:
    import pandas as pd

ITEMS = numbered("rguk", 27)
SUBSCALES = {
    "domestic": "domestic resources",
    "expert": "expert advice",
    "skills": "personal skills",
    "problem": "problem-solving resources",
}
# The published membership was looked for and not found: 8/8/6/5 in item order is a placeholder.
DEFAULT_MEMBERSHIP = {
    "domestic": tuple(range(1, 9)),
    "expert": tuple(range(9, 17)),
    "skills": tuple(range(17, 23)),
    "problem": tuple(range(23, 28)),
}
SOURCE = (
    "Webber & Huxley 2007, Social Science & Medicine (original); subscale names: doi:10.1016/j.socscimed.2013.02.027"
)
TOTAL_NOTE = (
    "Item count, 0/1 scoring and direction are general knowledge of the field, not read in the author's manual; "
    "the missing-item rule is an assumption."
)
SUBSCALE_NOTE = (
    "Which items belong to which subscale was looked for and not found: the default split in item order is an "
    "assumption, so this subscale score has no validated meaning until the membership is given."
)
GIVEN_NOTE = "Subscale membership is the study's own, as stated in the plan; the missing-item rule is an assumption."
STAFF_NOTE = "Resources reached only through mental health staff do not count as access: the analyst's choice."

SETTINGS = (
    Setting("items", "Item columns, in the questionnaire's order.", ITEMS, "columns", length=27),
    Setting(
        "coding",
        "binary: 1 access, 0 none; tie_source: 0 none, otherwise the code of who gives access.",
        "binary",
        "choice",
        choices=("binary", "tie_source"),
    ),
    Setting("highest_tie_code", "Largest tie-source code in the data.", 7, "integer", low=1),
    Setting("staff_code", "Tie-source code of mental health staff.", 7, "integer", low=1),
    Setting("staff_counts", "Whether access through mental health staff counts as access.", True, "boolean"),
    Setting("max_missing", "Missing items allowed in the total.", 5, "integer", low=0, high=26),
    Setting("subscale_max_missing", "Missing items allowed in a subscale.", 1, "integer", low=0),
    Setting(
        "subscales",
        "Item numbers of each subscale.",
        DEFAULT_MEMBERSHIP,
        "item_map",
        choices=tuple(SUBSCALES),
        low=1,
        high=27,
    ),
)


def _rules(name: str, values: Values) -> dict[str, ScaleRule]:
    items = tuple(values["items"])
    rules = {name: ScaleRule(items, 0, 1, max_missing=int(values["max_missing"]))}
    for key in SUBSCALES:
        members = tuple(items[int(number) - 1] for number in values["subscales"][key])
        rules[f"{name}_{key}"] = ScaleRule(members, 0, 1, max_missing=int(values["subscale_max_missing"]))
    return rules


def describe(name: str, values: Values) -> tuple[ScoreInfo, ...]:
    """Describe the total and the four subscales."""
    label = values["label"] or "RG-UK total"
    stem = values["label"] or "RG-UK"
    placeholder = all(tuple(values["subscales"][key]) == DEFAULT_MEMBERSHIP[key] for key in SUBSCALES)
    staff = "" if values["staff_counts"] else f" {STAFF_NOTE}"
    labels = [label, *(f"{stem}: {text}" for text in SUBSCALES.values())]
    notes = [TOTAL_NOTE, *([SUBSCALE_NOTE if placeholder else GIVEN_NOTE] * len(SUBSCALES))]
    return tuple(
        ScoreInfo(
            column,
            text,
            *rule.bounds,
            higher_is="better",
            verified=False,
            note=note + staff,
            source=SOURCE,
            missing_rule=missing_rule(len(rule.items), rule.max_missing),
        )
        for (column, rule), text, note in zip(_rules(name, values).items(), labels, notes, strict=True)
    )


def check(values: Values) -> list[tuple[str, str]]:
    """List settings that contradict each other."""
    found = []
    if values["coding"] == "binary" and not values["staff_counts"]:
        found.append(("staff_counts", "cannot be false with coding binary: the data do not say who gives access"))
    if values["staff_code"] > values["highest_tie_code"]:
        found.append(("staff_code", f"is above highest_tie_code ({values['highest_tie_code']})"))
    smallest = min(len(group) for group in values["subscales"].values())
    if values["subscale_max_missing"] >= smallest:
        found.append(("subscale_max_missing", f"must be below {smallest}, the size of the smallest subscale"))
    return found


def required(values: Values) -> list[str]:
    """Name the item columns."""
    return list(values["items"])


def answers(frame: pd.DataFrame, values: Values) -> np.ndarray:
    """Read the items as 1 for access and 0 for none, (rows, 27); NaN where missing."""
    raw = item_matrix(
        frame, tuple(values["items"]), 0, values["highest_tie_code"] if values["coding"] == "tie_source" else 1
    )
    access = np.where(np.isnan(raw), np.nan, raw > 0)
    if not values["staff_counts"]:
        access[raw == values["staff_code"]] = 0.0
    return access


def score(frame: pd.DataFrame, name: str, values: Values) -> dict[str, Scored]:
    """Score the total and the subscales; the steps are those of ``scale.score_matrix`` on 0/1 items."""
    access = answers(frame, values)
    place = {item: number for number, item in enumerate(values["items"])}
    return {
        column: score_matrix(access[:, [place[item] for item in rule.items]], rule)
        for column, rule in _rules(name, values).items()
    }


INSTRUMENT = Instrument(
    name="rguk",
    label="Resource Generator-UK (RG-UK)",
    items=ITEMS,
    scores=describe("rguk", defaults_of(SETTINGS)),
    settings=SETTINGS,
    describe=describe,
    required=required,
    score=score,
    check=check,
    item_rules=lambda name, values: {column: ItemRule(rule) for column, rule in _rules(name, values).items()},
    answers=answers,
)
