"""Chains of a variable whose categories have no order: one probit model after the other, each with drawn clusters.

Is it the most frequent category? If not, is it the next one? And so on, each among those who are in none before. Each
question has a mixed probit model of its own with all predictors (nested dichotomies; Fox 2016, Applied Regression
Analysis and Generalized Linear Models, ch. 14). All parameters are drawn from their posterior: with independent priors
the likelihood of the categories is the product of those of the questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cpis_analysis.imputation.incomplete import Incomplete
from cpis_analysis.imputation.mixed_chains import Component, MixedChains


class NominalChains:
    """State of the chains of one nominal variable.

    Parameters
    ----------
    target : Incomplete
    components : sequence of Component
    chains : int
    random : Generator
    """

    def __init__(
        self, target: Incomplete, components: Sequence[Component], chains: int, random: np.random.Generator
    ) -> None:
        values, known = target.values, ~target.missing
        counts = np.bincount(values[known].astype(np.intp), minlength=target.n_levels)
        self.order = np.argsort(-counts, kind="stable")
        self.questions: list[MixedChains] = []
        for place, code in enumerate(self.order[:-1]):
            asked = known & np.isin(values, self.order[place:])
            answer = replace(
                target, kind="binary", categories=(), values=np.where(known, (values == code).astype(float), np.nan)
            )
            self.questions.append(MixedChains(answer, components, chains, random, asked))

    def sweep(self, X: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """One draw of everything, given the predictors; as `MixedChains.sweep`, levels from 0."""
        drawn = np.zeros((0, 0))
        for place, question in enumerate(self.questions):
            yes = question.sweep(X, names) == 1.0
            if not place:
                drawn = np.full(yes.shape, float(self.order[-1]))
                settled = np.zeros(yes.shape, dtype=bool)
            drawn[yes & ~settled] = float(self.order[place])
            settled |= yes
        return drawn
