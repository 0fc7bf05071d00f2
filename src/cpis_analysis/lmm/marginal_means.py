"""Rows of weights that turn coefficients into estimated marginal means (a reference grid)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.lmm.basis import Basis
from cpis_analysis.lmm.columns import FactorCoding
from cpis_analysis.lmm.design import Design

__all__ = ["marginal_rows"]


def marginal_rows(
    design: Design, basis: Basis, factors: str | Sequence[str], weights: str, at: Mapping[str, object]
) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """Weights on the coefficients for the mean of each level.

    1. The grid has every combination of the levels of all factors; numbers stand at their mean.
    2. The grid's model rows are averaged over the other factors, equally or by the rows in each combination.

    Parameters
    ----------
    design, basis : Design, Basis
    factors : str or sequence of str
        Factors whose levels are wanted.
    weights : str
        ``proportional`` or ``equal``.
    at : mapping
        Values at which variables are held.

    Returns
    -------
    labels : list of tuple of str
    rows : (levels, columns) float
        On all columns of the design.

    Raises
    ------
    ModelError
        For unknown names or levels, or a mean that the data cannot give (empty cells).
    """
    wanted = [factors] if isinstance(factors, str) else list(factors)
    levels = _levels(design)
    problems = [
        Problem("not a factor of the model", variable=name, allowed=", ".join(sorted(levels)),
                hint=did_you_mean(name, levels))
        for name in wanted if name not in levels
    ]  # fmt: skip
    if weights not in ("proportional", "equal"):
        problems.append(Problem("weights", value=str(weights), allowed="proportional, equal"))
    means = {name: float(np.mean(values)) for name, values in design.numbers.items() if name not in levels}
    fixed: dict[str, int] = {}
    for name, value in at.items():
        if name in means:
            means[name] = float(value)
        elif name in levels and name not in wanted:
            match = [i for i, level in enumerate(levels[name][0]) if level == value or str(level) == str(value)]
            if match:
                fixed[name] = match[0]
            else:
                problems.append(Problem("no such level", variable=name, value=str(value),
                                        allowed=", ".join(map(str, levels[name][0]))))  # fmt: skip
        else:
            known = [*means, *levels]
            problems.append(
                Problem("'at' names no variable to hold", variable=str(name), hint=did_you_mean(name, known))
            )
    if problems:
        raise ModelError("The marginal means cannot be computed.", problems)
    others = [name for name in levels if name not in wanted]
    grid = list(
        itertools.product(
            *(range(len(levels[name][0])) for name in wanted),
            *([fixed[name]] if name in fixed else range(len(levels[name][0])) for name in others),
        )
    )
    columns = {
        name: pd.Series([levels[name][0][combination[i]] for combination in grid], dtype=object)
        for i, name in enumerate([*wanted, *others])
    }
    for name in list(columns):
        if all(isinstance(x, int | float) and not isinstance(x, bool) for x in columns[name]):
            columns[name] = columns[name].astype(float)
    for name, value in means.items():
        columns[name] = pd.Series(np.full(len(grid), value))
    operands = {operand for term in design.coding.terms for operand, _ in term}
    X = design.coding.matrix(design.operand_values(columns, operands), design.codings, len(grid))
    share = _shares(design, grid, [levels[name][1] for name in others], len(wanted), weights,
                    [name in fixed for name in others])  # fmt: skip
    labels, rows = [], []
    for combination in itertools.product(*(range(len(levels[name][0])) for name in wanted)):
        here = [i for i, place in enumerate(grid) if place[: len(wanted)] == combination]
        part = share[here] / share[here].sum()
        labels.append(tuple(str(levels[name][0][c]) for name, c in zip(wanted, combination, strict=True)))
        rows.append(part @ X[here])
    full = np.array(rows)
    _check_estimable(design, basis, full, labels)
    return labels, full


def _levels(design: Design) -> dict[str, tuple[tuple, np.ndarray]]:
    """Levels and codes of each factor of the fixed part, by variable."""
    out = {}
    for term in design.coding.terms:
        for operand, _ in term:
            if isinstance(design.codings[operand], FactorCoding):
                out[operand.variable] = (design.codings[operand].levels, design.values[operand])
    return out


def _shares(design, grid, codes, skip, weights, held) -> np.ndarray:
    if weights == "equal" or not codes:
        return np.ones(len(grid))
    free = [code for code, fixed in zip(codes, held, strict=True) if not fixed]
    if not free:
        return np.ones(len(grid))
    counts: dict[tuple[int, ...], int] = {}
    for key in zip(*(code.tolist() for code in free), strict=True):
        counts[key] = counts.get(key, 0) + 1
    places = [tuple(c for c, fixed in zip(place[skip:], held, strict=True) if not fixed) for place in grid]
    return np.array([float(counts.get(place, 0)) for place in places])


def _check_estimable(design: Design, basis: Basis, rows: np.ndarray, labels: list[tuple[str, ...]]) -> None:
    bad = ~basis.row_space.contains(rows)
    if bad.any():
        raise ModelError(
            "The marginal means cannot be computed.",
            [Problem("the data have no rows for this mean", value=":".join(label))
             for label, b in zip(labels, bad, strict=True) if b],
        )  # fmt: skip
