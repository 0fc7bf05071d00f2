"""What an imputation draws, and the values from which its chains start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.formula.parse import Formula
from cpis_analysis.imputation.incomplete import Incomplete, incomplete_variables
from cpis_analysis.imputation.item_chains import completed_answers, first_answers
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.imputation.item_scores import ScoredItems, scored_items


def targets_of(
    frame: pd.DataFrame, analysis: Formula, names: Sequence[str], ordinal: Sequence[str], scores: Sequence[ItemScore]
) -> tuple[list[Incomplete], dict[str, ScoredItems]]:
    """Incomplete variables, fewest missing values first, and by name the scores of which items are imputed."""
    parts = [scored_items(frame, rule, analysis.response) for rule in scores]
    scored = {part.rule.score: part for part in parts if part}
    plain = incomplete_variables(frame, [name for name in names if name not in scored], analysis.response, ordinal)
    targets = [*plain, *(part.target for part in scored.values())]
    return sorted(targets, key=lambda one: lacking(one, scored)), scored


def lacking(one: Incomplete, scored: Mapping[str, ScoredItems]) -> int:
    """People whose value is drawn, or computed from drawn items."""
    return int(one.missing.sum()) + (int(scored[one.name].partly.sum()) if one.name in scored else 0)


def first_values(
    targets: Sequence[Incomplete], scored: Mapping[str, ScoredItems], m: int, random: np.random.Generator
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Values of all rows in each chain, (m, n) by variable, and answers to items that are missing, (m, cells)."""
    now, answers = {}, {}
    for one in targets:
        if one.name not in scored:
            now[one.name] = _first_of(one, m, random)
            continue
        part = scored[one.name]
        answers[one.name] = first_answers(part, m, random)
        values = np.empty((m, len(one.missing)))
        values[:, part.there] = part.working(part.rule.raw(completed_answers(part, answers[one.name])))
        chosen = random.integers(0, int(part.there.sum()), int(one.missing.sum()))
        values[:, one.missing] = values[:, part.there][:, chosen]
        now[one.name] = values
    return now, answers


def _first_of(one: Incomplete, m: int, random: np.random.Generator) -> np.ndarray:
    """Values of all rows in each chain, (m, n): the missing ones drawn among the observed."""
    out = np.tile(one.values, (m, 1))
    out[:, one.missing] = random.choice(one.values[~one.missing], (m, int(one.missing.sum())))
    return out
