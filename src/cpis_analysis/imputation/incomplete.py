"""Variables of an imputation: which are incomplete, and what kind of values each has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Operand
from cpis_analysis.lmm.designs.cluster_parts import cluster_numbers

_MOST_CATEGORIES = 20
UNDONE = {"log": np.exp, "log1p": np.expm1}
"""Transforms of an outcome that can be undone for every number, so that it is imputed as the model has it."""


@dataclass(frozen=True)
class Incomplete:
    """One incomplete variable.

    Attributes
    ----------
    name : str
    kind : str
        ``continuous``, ``binary``, ``ordinal`` or ``nominal``.
    values : (n,) float
        Numbers, on the scale of the model for a transformed outcome, or levels from 0; NaN where missing.
    missing : (n,) bool
    categories : tuple
        Values of the levels; empty for numbers.
    transforms : tuple of str
        Of the outcome, the innermost first.
    dtype : object
        Of the column.
    """

    name: str
    kind: str
    values: np.ndarray
    missing: np.ndarray
    categories: tuple[Any, ...]
    transforms: tuple[str, ...]
    dtype: Any

    @property
    def n_levels(self) -> int:
        """Levels of a variable with categories; 0 for numbers."""
        return len(self.categories) or (2 if self.kind == "binary" else 0)

    def column(self, values: np.ndarray) -> Any:
        """A column for predictors: numbers on the working scale, or a categorical of levels from 0 (any shape)."""
        flat = values.ravel()
        if not self.categories:
            return flat
        return pd.Categorical.from_codes(flat.astype(np.intp), categories=list(self.categories))

    def numbers(self, values: np.ndarray) -> np.ndarray:
        """Numbers of which clusters have means, of working values of any shape; 1 for yes and 0 for no."""
        if not self.categories:
            return values
        as_numbers = cluster_numbers(pd.Series(list(self.categories), name=self.name))
        return np.asarray(as_numbers[values.astype(np.intp)])

    def traced(self, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What chains must agree in, of values (M, missing): mean and SD, or shares of the two commonest categories."""
        if self.kind != "nominal":
            return drawn.mean(axis=1), drawn.std(axis=1)
        counts = np.bincount(self.values[~self.missing].astype(np.intp))
        first, second = np.argsort(-counts, kind="stable")[:2]
        return (drawn == first).mean(axis=1), (drawn == second).mean(axis=1)

    def completed(self, series: pd.Series, drawn: np.ndarray) -> pd.Series:
        """The column of the data frame with drawn values (missing,) in their places."""
        out = series.copy()
        if self.categories:
            values = pd.Series(list(self.categories)).to_numpy()[drawn.astype(np.intp)]
        else:
            values = drawn
            for name in reversed(self.transforms):
                values = UNDONE[name](values)
        if not self.categories and pd.api.types.is_integer_dtype(out.dtype):
            out = out.astype(float)
        out.iloc[np.flatnonzero(self.missing)] = values
        return out


def incomplete_variables(
    frame: pd.DataFrame, names: Iterable[str], response: Operand, ordinal: Iterable[str] = ()
) -> list[Incomplete]:
    """The incomplete variables among some, fewest missing values first.

    Parameters
    ----------
    frame : DataFrame
    names : iterable of str
        Variables of the imputation.
    response : Operand
        Outcome of the analysis, with its transforms.
    ordinal : iterable of str
        Variables whose categories, or numbers, are in order and no more than that.

    Raises
    ------
    ModelError
        With every variable that can't be imputed: nobody observed, more categories than a model could tell apart, a
        transform of the outcome that can't be undone for every number.
    """
    found, problems = [], []
    for name in names:
        transforms = response.transforms if name == response.variable else ()
        series = frame[name]
        missing = series.isna().to_numpy()
        if not missing.any():
            continue
        if missing.all():
            problems.append(
                Problem("nobody has a value", variable=name, hint="take the variable out of the imputation")
            )
            continue
        if strange := [one for one in transforms if one not in UNDONE]:
            said = "a missing outcome can't be imputed on this scale"
            problems.append(Problem(said, variable=name, value=strange[0], allowed=f"{', '.join(UNDONE)}, or none"))
            continue
        kind, values, categories = _values(series, missing, name in set(ordinal))
        if kind == "nominal" and len(categories) > _MOST_CATEGORIES:
            hint = "say that they are in order, or leave the variable out of the imputation"
            said = f"more than {_MOST_CATEGORIES} categories without an order can't be imputed"
            problems.append(Problem(said, variable=name, value=str(len(categories)), hint=hint))
            continue
        for one in transforms:
            with np.errstate(invalid="ignore", divide="ignore"):
                values = getattr(np, one)(values)
        found.append(Incomplete(name, kind, values, missing, categories, transforms, series.dtype))
    if problems:
        raise ModelError("Missing values can't be imputed.", problems)
    return sorted(found, key=lambda one: int(one.missing.sum()))


def _values(series: pd.Series, missing: np.ndarray, ordered: bool) -> tuple[str, np.ndarray, tuple[Any, ...]]:
    """Kind, values and categories of a column."""
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        values = series.to_numpy(dtype=float, na_value=np.nan)
        if ordered:
            levels, codes = np.unique(values[~missing], return_inverse=True)
            out = np.full(len(values), np.nan)
            out[~missing] = codes
            return ("ordinal" if len(levels) > 2 else "binary"), out, tuple(levels.tolist())
        return ("binary" if set(np.unique(values[~missing])) <= {0.0, 1.0} else "continuous"), values, ()
    if isinstance(series.dtype, pd.CategoricalDtype):
        used = set(series.dropna().unique())
        categories = tuple(one for one in series.cat.categories if one in used)
        ordered = ordered or bool(series.cat.ordered)
    else:
        categories = tuple(sorted(series.dropna().unique()))
    place: Mapping[Any, int] = {value: i for i, value in enumerate(categories)}
    values = np.array([np.nan if gone else place[value] for value, gone in zip(series, missing, strict=True)])
    if len(categories) <= 2:
        return "binary", values, categories
    return ("ordinal" if ordered else "nominal"), values, categories
