"""Chains of the items of one score: each item in turn, given the others' sum, and then the score that they make.

A scale of 27 items can't be imputed from 26 others and as many of another wave by a hundred people. Each item is drawn
from the weighted sum of the scale's other items (a parcel), from what the score itself would be predicted from (the
score at the other wave among it) and from effects of clusters, with a prior that shrinks coefficients.

People who answered no item have no chain here: nothing of theirs would hold the items together. Their score is drawn
as scores are, by the model of the analysis, of which the completed scores of the others are the data (Eekhout advises
items where most are answered, the total where none is, and best both at once).

References
----------
Eekhout I, de Vet HCW, de Boer MR, Twisk JWR, Heymans MW (2018). Stat Methods Med Res 27:1128-1140 (passive imputation
and parcel summary scores are both valid to handle missing items).
Plumpton CO, Morris T, Hughes DA, White IR (2016). BMC Res Notes 9:45, doi 10.1186/s13104-016-1853-5 (items imputed from
summary scores in the place of other items).
van Buuren S (2018). Flexible Imputation of Missing Data, 2nd ed., 6.4 and 9.2 (passive imputation of sum scores).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.imputation.equations import Equation
from cpis_analysis.imputation.incomplete import Incomplete
from cpis_analysis.imputation.item_scores import ScoredItems
from cpis_analysis.imputation.mixed_chains import Component, MixedChains

_SLOPE_PRECISION = 1.0
"""Of an item's coefficients, on standardised predictors and the latent or residual SD."""


class ItemChains:
    """State of the chains of a score's items.

    Parameters
    ----------
    scored : ScoredItems
    equation : Equation
        Of the score: its predictors serve the items as well.
    chains : int
    random : Generator
    first : (M, cells) float
        Answers to start from, as `first_answers` gives them.
    """

    def __init__(
        self, scored: ScoredItems, equation: Equation, chains: int, random: np.random.Generator, first: np.ndarray
    ) -> None:
        if not isinstance(equation.chains, MixedChains):
            raise TypeError("scores are numbers")
        self.scored, self.equation, self.of_score = scored, equation, equation.chains
        there = scored.there
        own = [
            Component(one.codes[there], one.n_groups, None if one.column is None else one.column[there])
            for one in equation.components
        ]
        self.answers = completed_answers(scored, first)
        self.items: list[tuple[int, Incomplete, MixedChains | None]] = []
        for position in range(self.answers.shape[2]):
            item = scored.item(position)
            if item is not None:
                same = len(item.categories) == 1
                made = None if same else MixedChains(item, own, chains, random, slope_precision=_SLOPE_PRECISION)
                self.items.append((position, item, made))

    def sweep(self, now: dict[str, np.ndarray]) -> np.ndarray:
        """One draw of every missing item in turn, of the scores that they make, and of scores without any item.

        Returns
        -------
        (M, people) float
            Working scores of those who lack an item, those who lack all behind the others; put into `now` as well.
        """
        X, score = self.equation.matrix(now), now[self.equation.target.name]
        names = self.equation.design.term_names
        self._draw_items(X[:, self.scored.there], names)
        partly, none = self.scored.partly, self.scored.target.missing
        drawn = self.scored.working(self.scored.rule.raw(self.answers[:, partly[self.scored.there]]))
        score[:, partly] = drawn
        if none.any():
            score[:, none] = self.of_score.sweep(X, names, score[:, self.scored.there])
            drawn = np.concatenate([drawn, score[:, none]], axis=1)
        return drawn

    def drawn(self) -> np.ndarray:
        """Answers that were filled in, (M, cells)."""
        return self.answers[:, self.scored.cells[self.scored.there]]

    def _draw_items(self, X: np.ndarray, names: Sequence[str]) -> None:
        rule, p = self.scored.rule, X.shape[2]
        with_sum = np.empty((len(self.answers), X.shape[1], p + 1))
        with_sum[:, :, :p] = X
        raw = rule.raw(self.answers)
        for position, item, chain in self.items:
            if chain is None:
                continue
            weight, answers = rule.weights[position], self.answers[:, :, position]
            raw -= weight * answers
            with_sum[:, :, p] = raw
            drawn = chain.sweep(with_sum, [*names, "(other items)"])
            answers[:, item.missing] = np.array(item.categories)[drawn.astype(np.intp)] if item.categories else drawn
            raw += weight * answers


def first_answers(scored: ScoredItems, chains: int, random: np.random.Generator) -> np.ndarray:
    """Answers to start from, drawn among those that others gave to the item, (chains, cells)."""
    cells = scored.cells[scored.there]
    out = np.empty((chains, *cells.shape))
    for position, missing in enumerate(cells.T):
        known = scored.answers[scored.there, position][~missing]
        out[:, missing, position] = random.choice(known, (chains, int(missing.sum())))
    return out[:, cells]


def completed_answers(scored: ScoredItems, drawn: np.ndarray) -> np.ndarray:
    """Answers of all who gave any, (chains, people, items), with drawn ones (chains, cells) in their places."""
    answers = np.tile(scored.answers[scored.there], (len(drawn), 1, 1))
    answers[:, scored.cells[scored.there]] = drawn
    return answers
