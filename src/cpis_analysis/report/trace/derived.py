"""Numbers that follow from cells of files: an expression in named cells, which anybody can compute again.

An expression is plain arithmetic (``+ - * /``, brackets, numbers, names of cells) with the functions of `FUNCTIONS`.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.report.trace.sources import Cell

__all__ = ["FUNCTIONS", "derived_cell", "evaluate"]

Value = float | Sequence[Any]


def _t_quantile(share: float, freedom: float) -> float:
    from scipy import stats

    # the upper tail, as precise as it gets
    return float(stats.t.isf(1 - share, freedom))


def _normal_quantile(share: float) -> float:
    from scipy import stats

    return float(stats.norm.isf(1 - share))


def _within(values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> int:
    return sum(a <= value <= b for value, a, b in zip(values, low, high, strict=True))


def _excluding(value: float, low: Sequence[float], high: Sequence[float]) -> int:
    return sum(not a <= value <= b for a, b in zip(low, high, strict=True))


def _below(value: float, values: Sequence[float]) -> int:
    return sum(other < value for other in values)


def _above(value: float, values: Sequence[float]) -> int:
    return sum(other > value for other in values)


def _different(values: Sequence[Any]) -> int:
    return len(set(values))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "sum": sum,
    "length": len,
    "different": _different,
    "within": _within,
    "excluding": _excluding,
    "below": _below,
    "above": _above,
    "exp": math.exp,
    "t_quantile": _t_quantile,
    "normal_quantile": _normal_quantile,
}
"""sum, length and different (values): of a list; within(x, low, high): how many of a list lie between two others;
excluding(x, low, high): how many intervals do not hold x; below(x, list), above(x, list): how many of a list are;
exp(x); t_quantile(share, df), normal_quantile(share)."""
_OPERATORS: dict[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}


def evaluate(expression: str, values: Mapping[str, Value]) -> float:
    """Compute an expression.

    Parameters
    ----------
    expression : str
    values : mapping of str to float or list
        What the names stand for.

    Raises
    ------
    CpisError
        If the expression has anything but numbers, names, arithmetic and the functions of `FUNCTIONS`.
    """
    return float(_value(ast.parse(expression, mode="eval").body, values, expression))


def derived_cell(
    expression: str,
    parts: Mapping[str, Cell],
    labels: tuple[str, ...] = (),
    owners: tuple[str, ...] = (),
    values: Mapping[str, Value] | None = None,
) -> Cell:
    """What an expression gives, as a cell that names those it was computed from.

    Parameters
    ----------
    expression : str
    parts : mapping of str to Cell
    labels, owners : tuple of str
        As of a `Cell`.
    values : mapping, optional
        Of the parts that are lists.
    """
    known = {name: part.value for name, part in parts.items()} | dict(values or {})
    return Cell("", "", "", evaluate(expression, known), labels, owners, expression, parts)


def _value(node: ast.AST, values: Mapping[str, Value], expression: str) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, values, expression), _value(node.right, values, expression))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand, values, expression))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        return FUNCTIONS[node.func.id](*(_value(part, values, expression) for part in node.args))
    raise CpisError(
        "A derived number cannot be computed.", [Problem("is no expression in known names", value=expression)]
    )
