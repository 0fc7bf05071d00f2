"""Scores of which items are imputed: who answered what, what the completed answers make, and what can't be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.parse import Operand
from cpis_analysis.imputation.incomplete import UNDONE, Incomplete
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.study_words import PEOPLE

_MOST_LEVELS = 7
"""Whole answers of up to so many kinds are drawn as answers in order, finer ones as numbers."""


@dataclass(frozen=True)
class ScoredItems:
    """A score of which some people answered a part of the items.

    Attributes
    ----------
    rule : ItemScore
    answers : (n, items) float
        NaN where missing.
    target : Incomplete
        The score: missing where nobody could compute it from any answer, drawn anew where items are missing.
    """

    rule: ItemScore
    answers: np.ndarray
    target: Incomplete

    @property
    def there(self) -> np.ndarray:
        """Who answered anything, (n,) bool."""
        return ~self.target.missing

    @property
    def partly(self) -> np.ndarray:
        """Who answered some items and not others, (n,) bool."""
        return self.there & np.isnan(self.answers).any(axis=1)

    @property
    def cells(self) -> np.ndarray:
        """Items that are filled in, (n, items) bool."""
        return np.isnan(self.answers) & self.there[:, None]

    def working(self, raw: np.ndarray) -> np.ndarray:
        """Scores of weighted sums on the scale on which the score is imputed."""
        values = self.rule.of_raw(raw)
        for name in self.target.transforms:
            with np.errstate(invalid="ignore", divide="ignore"):
                values = getattr(np, name)(values)
        return values

    def completed(self, frame: pd.DataFrame, drawn: np.ndarray) -> pd.DataFrame:
        """The frame with drawn answers (cells,) in their places, and the scores that they make.

        Items of people who answered none stay missing; their score is drawn itself.
        """
        answers = self.answers.copy()
        answers[self.cells] = drawn
        scores = frame[self.rule.score].astype(float).to_numpy(copy=True)
        scores[self.partly] = self.rule.of(answers[self.partly])
        columns = dict(zip(self.rule.items, answers.T, strict=True))
        return frame.assign(**{self.rule.score: scores}, **columns)

    def item(self, position: int) -> Incomplete | None:
        """One item among those who answered anything; None where nobody of them lacks it.

        Raises
        ------
        ModelError
            If a conversion would need whole answers where numbers would be drawn.
        """
        values = self.answers[self.there, position]
        missing = np.isnan(values)
        if not missing.any():
            return None
        levels = np.unique(values[~missing])
        name, dtype = self.rule.items[position], np.dtype(float)
        if len(levels) <= _MOST_LEVELS and (levels == np.rint(levels)).all():
            codes = np.full(len(values), np.nan)
            codes[~missing] = np.searchsorted(levels, values[~missing])
            kind = "binary" if len(levels) <= 2 else "ordinal"
            return Incomplete(name, kind, codes, missing, tuple(levels.tolist()), (), dtype)
        if self.rule.conversion:
            said = "a score that is looked up needs whole answers of few kinds"
            raise ModelError(
                "Missing items can't be imputed.",
                Problem(said, variable=name, value=str(len(levels)), allowed=f"{_MOST_LEVELS} or fewer"),
            )
        return Incomplete(name, "continuous", values, missing, (), (), dtype)


def scored_items(frame: pd.DataFrame, rule: ItemScore, response: Operand) -> ScoredItems | None:
    """A score and its items as they are in a frame; None where everybody answered all items or none.

    Parameters
    ----------
    frame : DataFrame
    rule : ItemScore
        That `check_item_scores` has nothing to say of.
    response : Operand
        Outcome of the analysis, with its transforms.

    Raises
    ------
    ModelError
        An item that nobody answered; a transform of the outcome that can't be undone, or has no value for some score.
    """
    answers = frame[list(rule.items)].to_numpy(dtype=float, na_value=np.nan)
    lacking = np.isnan(answers)
    none = lacking.all(axis=1)
    if not (lacking.any(axis=1) & ~none).any():
        return None
    transforms = response.transforms if rule.score == response.variable else ()
    problems = [
        Problem(
            "nobody has answered the item", variable=name, hint="take the item out of the scale, or write items: false"
        )
        for name, unknown in zip(rule.items, lacking.all(axis=0), strict=True)
        if unknown
    ]
    said, allowed = "a missing outcome can't be imputed on this scale", f"{', '.join(UNDONE)}, or none"
    problems += [
        Problem(said, variable=rule.score, value=name, allowed=allowed) for name in transforms if name not in UNDONE
    ]
    if "log" in transforms and rule.lowest <= 0.0:
        hint = "use log1p, or impute the score itself"
        problems.append(Problem("items may make a score that has no logarithm", variable=rule.score, hint=hint))
    if problems:
        raise ModelError("Missing items can't be imputed.", problems)
    # where items are missing the score is a chain's own, and these values are never read
    target = Incomplete(rule.score, "continuous", np.full(len(frame), np.nan), none, (), transforms, np.dtype(float))
    found = ScoredItems(rule, answers, target)
    whole = ~lacking.any(axis=1)
    target.values[whole] = found.working(rule.raw(answers[whole]))
    return found


def check_item_scores(frame: pd.DataFrame, rules: Sequence[ItemScore], names: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with scores that are to be computed from imputed items.

    Parameters
    ----------
    frame : DataFrame
    rules : sequence of ItemScore
    names : sequence of str
        Variables of the imputation.
    """
    known, seen = [str(name) for name in frame], set(names)
    for rule in rules:
        if rule.score not in names:
            yield Problem(
                "a score of items is no variable of the imputation",
                variable=rule.score,
                hint="name the score among the variables of the imputation",
            )
        for item in rule.items:
            if item in seen:
                yield Problem(
                    "an item stands in two places of the imputation",
                    variable=item,
                    hint="take one of the two scores out of imputation.auxiliary",
                )
            seen.add(item)
        absent = [name for name in (rule.score, *rule.items) if name not in frame]
        yield from (
            Problem("no such column", variable=name, hint=did_you_mean(name, known) or "name a column of the frame")
            for name in absent
        )
        if not absent:
            yield from _answers(frame, rule)


def _answers(frame: pd.DataFrame, rule: ItemScore) -> Iterator[Problem]:
    if strange := [name for name in rule.items if not pd.api.types.is_numeric_dtype(frame[name].dtype)]:
        yield from (
            Problem(
                "an item is not a number",
                variable=name,
                hint="give its choices numbers in the dictionary, or write items: false",
            )
            for name in strange
        )
        return
    answers = frame[list(rule.items)].to_numpy(dtype=float, na_value=np.nan)
    sound = True
    for name, column, low, high in zip(rule.items, answers.T, rule.low, rule.high, strict=True):
        outside = (column < low) | (column > high)
        if outside.any():
            sound = False
            allowed = f"{low:g} to {high:g}"
            yield Problem("item is out of range", variable=name, allowed=allowed, count=int(outside.sum()))
        if np.isnan(column).all():
            yield Problem(
                "nobody has answered the item",
                variable=name,
                hint="take the item out of the scale, or write items: false",
            )
    score = frame[rule.score].to_numpy(dtype=float, na_value=np.nan)
    lacking = np.isnan(answers)
    if alone := int((lacking.all(axis=1) & ~np.isnan(score)).sum()):
        yield Problem(
            f"{PEOPLE} have the score and none of its items",
            variable=rule.score,
            count=alone,
            hint="write items: false, so that the score itself is imputed",
        )
    whole = ~lacking.any(axis=1)
    if sound:
        off = ~np.isclose(score[whole], rule.of(answers[whole]), rtol=1e-9, atol=1e-9)
        if off.any():
            said = "the score is not what its items make by the rule"
            yield Problem(
                said,
                variable=rule.score,
                count=int(off.sum()),
                hint="write items: false, so that the score itself is imputed",
            )
