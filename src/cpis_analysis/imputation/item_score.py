"""A score as its items make it: a linear map, with or without a conversion. Plans hold it; it loads no data frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ItemScore:
    """A score that is computed from items: a weighted sum, divided, or looked up in a conversion.

    Attributes
    ----------
    score : str
        Column of the score.
    items : tuple of str
        Columns of its items, numbers.
    low, high : tuple of float
        Smallest and largest answer to each.
    weights : tuple of float
        1, or -1 for a reversed item.
    constant : float
        Added to the weighted sum: what reversal asks for.
    divisor : float
        1 for a sum, the number of items for a mean.
    conversion : tuple of float
        Score of each raw sum, from the smallest possible in steps of 1; empty for none.
    """

    score: str
    items: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    weights: tuple[float, ...]
    constant: float = 0.0
    divisor: float = 1.0
    conversion: tuple[float, ...] = ()

    def raw(self, answers: np.ndarray) -> np.ndarray:
        """Weighted sums of answers (..., items), (...)."""
        return self.constant + answers @ np.array(self.weights)

    def of_raw(self, raw: np.ndarray) -> np.ndarray:
        """Scores of weighted sums, of any shape."""
        if not self.conversion:
            return raw / self.divisor
        return np.array(self.conversion)[np.rint(raw - float(self.raw(self._lowest))).astype(np.intp)]

    @property
    def lowest(self) -> float:
        """Smallest possible score."""
        return float(self.of(self._lowest))

    @property
    def _lowest(self) -> np.ndarray:
        return np.where(np.array(self.weights) > 0, self.low, self.high)

    def of(self, answers: np.ndarray) -> np.ndarray:
        """Scores of answers (..., items), (...)."""
        return self.of_raw(self.raw(answers))

    def of_some(self, answers: np.ndarray) -> np.ndarray:
        """Scores of people (n, items) with the mean of their own answers in the place of others; NaN without any."""
        turned = np.where(np.array(self.weights) > 0, answers, np.add(self.low, self.high) - answers)
        known = ~np.isnan(answers)
        some, whole = known.any(axis=1), known.all(axis=1)
        scores = np.full(len(answers), np.nan)
        mean = np.where(known, turned, 0.0)[some].sum(axis=1) / known[some].sum(axis=1)
        scores[some] = self.of_raw(len(self.items) * mean)
        scores[whole] = self.of(answers[whole])
        return scores


def item_score_from_record(record: Mapping[str, Any]) -> ItemScore:
    """An `ItemScore` from plain values, as `dataclasses.asdict` gives them and JSON keeps them."""
    plain: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in record.items()}
    return ItemScore(**plain)
