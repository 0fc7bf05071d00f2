"""Rows of weights that turn coefficients into estimated marginal means: predictions averaged over the rows analysed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.parse import Operand
from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.designs.design import Design


def marginal_rows(
    design: Design, basis: Basis, factors: str | Sequence[str], weights: str, at: Mapping[str, Any]
) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """Weights on the coefficients for the mean of each level.

    ``proportional``: the mean prediction over the rows of the fit, each with its own values of everything but the
    wanted factors and what is held. ``weighted``: the same, rows counting by the weights of the fit. ``equal``: the
    mean over all combinations of the levels of the other factors, each combination counting once; numbers are averaged
    over the rows.

    A number is averaged as it enters the model, not before: the mean of log(x) over people, not the log of their mean,
    so that the means of the arms lie about the outcome's mean. Where no number is transformed or multiplied this is
    the mean at the mean of the numbers, emmeans' default.

    Parameters
    ----------
    design, basis : Design, Basis
    factors : str or sequence of str
        Factors whose levels are wanted.
    weights : str
        ``proportional``, ``weighted`` or ``equal``.
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
    if weights not in _AVERAGES:
        problems.append(Problem("weights", value=str(weights), allowed=", ".join(_AVERAGES)))
    numbers: dict[str, float] = {}
    fixed: dict[str, int] = {}
    for name, value in at.items():
        if name in design.numbers and name not in levels:
            numbers[name] = float(value)
        elif name in levels and name not in wanted:
            match = [i for i, level in enumerate(levels[name][0]) if level == value or str(level) == str(value)]
            if match:
                fixed[name] = match[0]
            else:
                problems.append(Problem("no such level", variable=name, value=str(value),
                                        allowed=", ".join(map(str, levels[name][0]))))  # fmt: skip
        else:
            known = [*design.numbers, *levels]
            problems.append(
                Problem(
                    "'at' names no variable to hold",
                    variable=str(name),
                    hint=did_you_mean(name, known) or "name a variable of the formula",
                )
            )
    if problems:
        raise ModelError("The marginal means cannot be computed.", problems)
    average = _AVERAGES[weights]
    places = list(itertools.product(*(range(len(levels[name][0])) for name in wanted)))
    labels = [tuple(str(levels[name][0][c]) for name, c in zip(wanted, place, strict=True)) for place in places]
    full = np.array(
        [average(design, levels, fixed | dict(zip(wanted, place, strict=True)), numbers) for place in places]
    )
    _check_estimable(design, basis, full, labels)
    return labels, full


def mean_rows(
    design: Design, basis: Basis, factors: str | Sequence[str], weights: str, at: Mapping[str, Any]
) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """`marginal_rows` on the kept coefficients, (levels, p)."""
    labels, rows = marginal_rows(design, basis, factors, weights, at)
    return labels, rows[:, list(basis.kept)]


def difference_rows(
    design: Design, basis: Basis, factors: str | Sequence[str], versus: str, weights: str, at: Mapping[str, Any]
) -> tuple[list[str], np.ndarray]:
    """Names and rows (differences, p) of each level against the first (``reference``) or of all pairs."""
    if versus not in ("reference", "pairwise"):
        raise ModelError("Unknown differences.", Problem("versus", value=versus, allowed="reference, pairwise"))
    labels, rows = mean_rows(design, basis, factors, weights, at)
    pairs = [(j, i) for i in range(len(rows)) for j in range(i + 1, len(rows))]
    if versus == "reference":
        pairs = [pair for pair in pairs if pair[1] == 0]
    names = [f"{':'.join(labels[j])} - {':'.join(labels[i])}" for j, i in pairs]
    return names, np.array([rows[j] - rows[i] for j, i in pairs]).reshape(-1, basis.p)


def _over_rows(
    design: Design, levels: dict[str, tuple[tuple, np.ndarray]], fixed: Mapping[str, int], numbers: Mapping[str, float]
) -> np.ndarray:
    """Mean row of the model matrix with factors and numbers held, everything else as it is."""
    values = {operand: _held(design, operand, levels, fixed, numbers) for operand in _operands(design)}
    return design.coding.matrix(values, design.codings, design.n).mean(axis=0)


def _over_weighted_rows(
    design: Design, levels: dict[str, tuple[tuple, np.ndarray]], fixed: Mapping[str, int], numbers: Mapping[str, float]
) -> np.ndarray:
    """The same, each row counting by its weight."""
    values = {operand: _held(design, operand, levels, fixed, numbers) for operand in _operands(design)}
    return np.average(design.coding.matrix(values, design.codings, design.n), axis=0, weights=design.weights)


def _over_combinations(
    design: Design, levels: dict[str, tuple[tuple, np.ndarray]], fixed: Mapping[str, int], numbers: Mapping[str, float]
) -> np.ndarray:
    """Mean row over all combinations of the factors that are not held, times the mean over rows of the numbers."""
    free = [name for name in levels if name not in fixed]
    grid = list(itertools.product(*(range(len(levels[name][0])) for name in free)))
    codes = {name: np.array([place[i] for place in grid], dtype=np.intp) for i, name in enumerate(free)}
    codes |= {name: np.full(len(grid), code, dtype=np.intp) for name, code in fixed.items()}
    cells: dict[Operand, np.ndarray] = {}
    rows: dict[Operand, np.ndarray] = {}
    for operand in _operands(design):
        coding = design.codings[operand]
        if isinstance(coding, FactorCoding):
            cells[operand] = codes[operand.variable]
        elif operand.variable in levels:
            of_level = np.array(levels[operand.variable][0], dtype=float)
            cells[operand] = coding.values(of_level[codes[operand.variable]])
        else:
            cells[operand] = np.ones(len(grid))
            rows[operand] = _held(design, operand, levels, {}, numbers)
    X = design.coding.matrix(cells, design.codings, len(grid)).mean(axis=0)
    for at, number in enumerate(design.coding.term_of_column):
        own = [rows[operand] for operand, _ in design.coding.terms[number] if operand in rows]
        if own:
            X[at] *= float(np.prod(own, axis=0).mean())
    return X


_AVERAGES = {"proportional": _over_rows, "weighted": _over_weighted_rows, "equal": _over_combinations}


def _operands(design: Design) -> set[Operand]:
    return {operand for term in design.coding.terms for operand, _ in term}


def _held(
    design: Design,
    operand: Operand,
    levels: dict[str, tuple[tuple, np.ndarray]],
    fixed: Mapping[str, int],
    numbers: Mapping[str, float],
) -> np.ndarray:
    """Values of an operand in the rows of the fit, or the one at which its variable is held."""
    name, coding = operand.variable, design.codings[operand]
    if name in fixed:
        if isinstance(coding, FactorCoding):
            return np.full(design.n, fixed[name], dtype=np.intp)
        return coding.values(np.full(design.n, float(levels[name][0][fixed[name]])))
    if name in numbers and not isinstance(coding, FactorCoding):
        return coding.values(np.full(design.n, numbers[name]))
    return design.values[operand]


def _levels(design: Design) -> dict[str, tuple[tuple, np.ndarray]]:
    """Levels and codes of each factor of the fixed part, by variable."""
    out = {}
    for term in design.coding.terms:
        for operand, _ in term:
            coding = design.codings[operand]
            if isinstance(coding, FactorCoding):
                out[operand.variable] = (coding.levels, design.values[operand])
    return out


def _check_estimable(design: Design, basis: Basis, rows: np.ndarray, labels: list[tuple[str, ...]]) -> None:
    bad = ~basis.row_space.contains(rows)
    if bad.any():
        raise ModelError(
            "The marginal means cannot be computed.",
            [Problem("the data have no rows for this mean", value=":".join(label), hint="ask for means of levels "
                                                                                        "that occur together")
             for label, b in zip(labels, bad, strict=True) if b],
        )  # fmt: skip
