"""Plain arithmetic in named cells: what the expression of a derived number may say, and how it is computed again.

An expression has numbers, names of cells, ``+ - * /``, brackets and the functions of `FUNCTIONS`.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cpis_analysis.errors import OUR_FAULT, CpisError, Problem

Value = float | Sequence[Any]


def _t_quantile(share: float, freedom: float) -> float:
    # not scipy.stats, which takes most of a second to load
    from scipy import special

    # the upper tail, as precise as it gets
    return float(-special.stdtrit(freedom, 1 - share))


def _normal_quantile(share: float) -> float:
    from scipy import special

    return float(-special.ndtri(1 - share))


def _t_share(value: float, freedom: float) -> float:
    from scipy import special

    return float(special.stdtr(freedom, value))


def _normal_share(value: float) -> float:
    from scipy import special

    return float(special.ndtr(value))


def _one_figure(value: float) -> float:
    return float(f"{value:.0e}")


def normal_envelope(number: int, share: float = 0.95) -> tuple[Any, Any, Any]:
    """Quantiles of each place in a normal sample of this size: lower end of the middle share, median, upper end."""
    import numpy as np
    from scipy import special

    place = np.arange(1, number + 1)
    low, middle, high = (
        special.ndtri(special.betaincinv(place, number - place + 1, part))
        for part in ((1 - share) / 2, 0.5, (1 + share) / 2)
    )
    return low, middle, high


def _normal_held(modes: Sequence[float], errors: Sequence[float], variance: float) -> int:
    found = sorted(mode / math.sqrt(variance - error**2) for mode, error in zip(modes, errors, strict=True))
    low, _, high = normal_envelope(len(found))
    return _within(found, low, high)


def _within(values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> int:
    return sum(a <= value <= b for value, a, b in zip(values, low, high, strict=True))


def _excluding(value: float, low: Sequence[float], high: Sequence[float]) -> int:
    return sum(not a <= value <= b for a, b in zip(low, high, strict=True))


def _below(value: float, values: Sequence[float]) -> int:
    return sum(other < value for other in values)


def _above(value: float, values: Sequence[float]) -> int:
    return sum(other > value for other in values)


def _different(*columns: Sequence[Any]) -> int:
    return len(set(zip(*columns, strict=True)))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "sum": sum,
    "length": len,
    "different": _different,
    "within": _within,
    "excluding": _excluding,
    "below": _below,
    "above": _above,
    "abs": abs,
    "exp": math.exp,
    "t_quantile": _t_quantile,
    "normal_quantile": _normal_quantile,
    "t_share": _t_share,
    "normal_share": _normal_share,
    "normal_held": _normal_held,
    "one_figure": _one_figure,
    "log": math.log,
}
"""sum, length (values): of a list; different(list, ...): how many different rows lists have; within(x, low, high): how
many of a list lie between two others; excluding(x, low, high): how many intervals do not hold x; below(x, list),
above(x, list): how many of a list are; abs(x), exp(x), log(x), one_figure(x): to one figure; t_quantile(share, df),
normal_quantile(share), t_share(x, df), normal_share(x): the share up to x; normal_held(modes, errors, variance): how
many standardised effects of clusters lie within the 95% envelope of normal ones."""
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
        "A derived number cannot be computed.",
        Problem(
            "is no expression in known names",
            value=expression,
            hint=OUR_FAULT,
        ),
    )
