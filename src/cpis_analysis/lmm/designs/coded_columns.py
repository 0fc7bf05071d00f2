"""Columns of a data frame as the model sees them: numbers or factors, missing values, transforms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.parse import Operand
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.unusable import INFINITE, MEND_INFINITE

_FEW_TEXTS = 2000
_DOMAIN = {"log": 0.0, "log1p": -1.0, "sqrt": 0.0}


@dataclass(frozen=True, repr=False)
class FactorColumn(ShortRepr):
    """A column of labels: integer codes (-1 missing) with their levels."""

    name: str
    codes: np.ndarray
    levels: tuple[Any, ...]

    @property
    def missing(self) -> np.ndarray:
        """Boolean mask of the missing rows."""
        return self.codes < 0

    @property
    def as_factor(self) -> FactorColumn:
        """Itself."""
        return self


@dataclass(frozen=True, repr=False)
class NumberColumn(ShortRepr):
    """A column of numbers, NaN where missing."""

    name: str
    numbers: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """Boolean mask of the missing rows."""
        return np.isnan(self.numbers)

    @cached_property
    def as_factor(self) -> FactorColumn:
        """The column as a factor whose levels are the numbers."""
        codes, levels = pd.factorize(self.numbers, sort=True)
        whole = (levels == np.floor(levels)) & (np.abs(levels) < 2**53)
        if whole.all():
            names = tuple(levels.astype(np.int64).tolist())
        else:
            names = tuple(int(x) if w else x for x, w in zip(levels.tolist(), whole.tolist(), strict=True))
        return FactorColumn(self.name, codes.astype(np.intp), names)


Column = NumberColumn | FactorColumn


def read_column(frame: pd.DataFrame | Mapping[str, Any], name: str) -> Column:
    """Read a column: numeric stays numeric; text, categories and booleans become factors.

    The levels of a categorical column keep their order; those of any other factor are sorted.
    """
    series = frame[name]
    values = getattr(series, "array", series)
    if isinstance(values, pd.Categorical):
        return FactorColumn(name, np.asarray(values.codes, dtype=np.intp), tuple(values.categories))
    dtype = getattr(series, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        # the values themselves: of a Series NumPy asks for attributes that pandas looks for among its labels
        return NumberColumn(name, np.asarray(values, dtype=float))
    if not isinstance(series, pd.Series):
        series = pd.Series(series)
        dtype = series.dtype
    if isinstance(dtype, pd.StringDtype):
        codes, levels = (_factorize_few if len(series) <= _FEW_TEXTS else _factorize_objects)(series)
        return FactorColumn(name, codes, tuple(levels))
    if pd.api.types.is_bool_dtype(series.dtype):
        codes, levels = pd.factorize(series, sort=True)
    elif pd.api.types.is_numeric_dtype(series.dtype):
        return NumberColumn(name, series.to_numpy(dtype=float, na_value=np.nan))
    elif isinstance(series.dtype, pd.DatetimeTZDtype) or series.dtype.kind in "mM":
        raise ModelError(
            "A column cannot enter the model.",
            Problem("dates and durations are not numbers or groups", variable=name, hint="compute days first"),
        )
    else:
        codes, levels = _factorize_objects(series)
    return FactorColumn(name, np.asarray(codes, dtype=np.intp), tuple(levels))


def _factorize_few(series: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """Codes and sorted levels of a short column of texts, in fewer calls than pandas takes."""
    values = series.array.tolist()
    found = dict.fromkeys(values, -1)
    try:
        levels = sorted(found)
    except TypeError:
        levels = []
    if not (levels and isinstance(levels[0], str)):
        # what is missing is no text, and nothing else has a place among texts
        levels = sorted(value for value in found if isinstance(value, str))
    found.update(zip(levels, range(len(levels)), strict=True))
    return np.fromiter(map(found.__getitem__, values), np.intp, len(values)), levels


def _factorize_objects(series: pd.Series) -> tuple[np.ndarray, list[Any]]:
    codes, found = series.array.factorize()
    # Python's own values, of whatever array: asking pandas whether a type is object takes longer than the list
    levels = list(found) if isinstance(found, np.ndarray) else found.tolist()
    try:
        order = sorted(range(len(levels)), key=levels.__getitem__)
    except TypeError:
        order = sorted(range(len(levels)), key=lambda i: (type(levels[i]).__name__, str(levels[i])))
    rank = np.empty(len(levels) + 1, dtype=np.intp)
    rank[order] = np.arange(len(levels))
    rank[-1] = -1
    return rank[codes], [levels[i] for i in order]


@dataclass(frozen=True, repr=False)
class FactorCoding(ShortRepr):
    """How a factor enters the model: kept levels, the reference first, and its contrasts.

    Attributes
    ----------
    operand : Operand
    levels : tuple
        Levels present in the data; the first is the reference.
    kind : str
        ``treatment`` or ``sum``.
    """

    operand: Operand
    levels: tuple[Any, ...]
    kind: str = "treatment"

    def codes(self, column: Column) -> np.ndarray:
        """Positions of a column's values in `levels`; an unknown level raises."""
        factor = column.as_factor
        where = {level: i for i, level in enumerate(self.levels)}
        table = np.array([where.get(level, -1) for level in factor.levels] + [-1], dtype=np.intp)
        unknown = sorted({str(factor.levels[c]) for c in np.unique(factor.codes) if c >= 0 and table[c] < 0})
        if unknown:
            allowed = ", ".join(map(str, self.levels))
            raise ModelError(
                "New data do not fit the model.",
                [Problem("level not seen in the fit", variable=column.name, value=v, allowed=allowed) for v in unknown],
            )
        return table[factor.codes]

    def labels(self, full: bool) -> list[str]:
        """Names of the columns."""
        name = str(self.operand)
        if full or self.kind == "treatment":
            return [f"{name}[{level}]" for level in (self.levels if full else self.levels[1:])]
        return [f"{name}[sum:{level}]" for level in self.levels[1:]]

    def matrix(self, full: bool) -> np.ndarray:
        """Rows are levels, columns what enters the model."""
        eye = np.eye(len(self.levels))
        if full:
            return eye
        out = eye[:, 1:].copy()
        if self.kind == "sum":
            out[0] = -1.0
        return out


@dataclass(frozen=True, repr=False)
class NumericCoding(ShortRepr):
    """How a number enters the model: its transforms with the constants found in the fitted rows."""

    operand: Operand
    constants: tuple[tuple[float, float], ...]

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """Transformed values."""
        out = np.asarray(numbers, dtype=float)
        for name, (shift, divisor) in zip(self.operand.transforms, self.constants, strict=True):
            out = _transform(name, out, shift, divisor)
        return out


def learn_numeric(operand: Operand, numbers: np.ndarray) -> tuple[NumericCoding, np.ndarray]:
    """Find the constants of center() and scale() and transform the fitted rows.

    Raises
    ------
    ModelError
        Where a logarithm or root of an impossible value is asked for, or a value is not finite.
    """
    out, constants, problems = numbers, [], []
    if not np.isfinite(out).all():
        problems.append(
            Problem(
                INFINITE,
                variable=operand.variable,
                count=int((~np.isfinite(out)).sum()),
                hint=MEND_INFINITE,
            )
        )
    for name in operand.transforms:
        shift, divisor = 0.0, 1.0
        if name in ("center", "scale") and len(out):
            shift = float(out.mean())
            if name == "scale":
                divisor = float(out.std(ddof=1)) if len(out) > 1 else 0.0
                if not divisor > 1e-13 * float(np.abs(out).max()):
                    problems.append(
                        Problem(
                            "a constant column cannot be scaled",
                            variable=str(operand),
                            hint="remove it from the formula",
                        )
                    )
                    divisor = 1.0
        limit = _DOMAIN.get(name)
        bad = np.zeros(0, bool) if limit is None else (out < limit if name == "sqrt" else out <= limit)
        if bad.any():
            worst = float(out[bad].min())
            message = f"{name}() of an impossible value"
            problems.append(
                Problem(
                    message,
                    variable=operand.variable,
                    value=repr(worst),
                    count=int(bad.sum()),
                    hint="write another transform, or correct these values",
                )
            )
            break
        constants.append((shift, divisor))
        out = _transform(name, out, shift, divisor)
    if operand.transforms and not problems and not np.isfinite(out).all():
        problems.append(
            Problem(
                "a transform overflows",
                variable=str(operand),
                hint="write the variable in a larger unit, or without the transform",
            )
        )
    if problems:
        raise ModelError("A column cannot enter the model.", problems)
    return NumericCoding(operand, tuple(constants)), out


def _transform(name: str, values: np.ndarray, shift: float, divisor: float) -> np.ndarray:
    with np.errstate(over="ignore"):
        if name in ("center", "scale"):
            return (values - shift) / divisor
        if name == "square":
            return values * values
        if name == "cube":
            return values * values * values
        return getattr(np, name)(values)


def learn_factor(
    column: Column, operand: Operand, rows: np.ndarray | None, reference: object, kind: str
) -> tuple[FactorCoding, np.ndarray]:
    """Drop unused levels, put the reference first, and return codes for the fitted rows."""
    factor = column.as_factor
    codes = factor.codes if rows is None else factor.codes[rows]
    used = np.flatnonzero(np.bincount(codes, minlength=len(factor.levels)))
    levels = [factor.levels[i] for i in used]
    if reference is not None:
        match = [level for level in levels if level == reference or str(level) == str(reference)]
        if not match:
            raise ModelError(
                "A reference level does not exist.",
                Problem(
                    "not a level that occurs in the data",
                    variable=operand.variable,
                    value=str(reference),
                    allowed=", ".join(map(str, levels)),
                    hint=did_you_mean(str(reference), map(str, levels)),
                ),
            )
        levels.remove(match[0])
        levels.insert(0, match[0])
    place = {level: i for i, level in enumerate(levels)}
    table = np.array([place.get(level, -1) for level in factor.levels] or [0], dtype=np.intp)
    return FactorCoding(operand, tuple(levels), kind), table[codes]
