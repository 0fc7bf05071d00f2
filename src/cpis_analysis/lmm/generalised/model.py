"""Fit a generalised linear mixed model from a formula and a data frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.lmm.designs.basis import independent_columns
from cpis_analysis.lmm.designs.checks import check_groups
from cpis_analysis.lmm.designs.design import Design, build_design
from cpis_analysis.lmm.generalised.endless import separation_problem
from cpis_analysis.lmm.generalised.families import FAMILIES
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.lmm.generalised.laplace import Model
from cpis_analysis.lmm.generalised.maximum import maximum_of, penalised_maximum
from cpis_analysis.lmm.generalised.outcome import Family, Observed
from cpis_analysis.lmm.generalised.random_effects import effects_of

Array = NDArray[np.float64]

_THRESHOLDS = "thresholds"
_NUMBERS = ("int64", "float64")
"""Types of outcomes that are taken as they are."""


def glmer(  # noqa: PLR0913  what a model is, each by its name
    formula: str | Formula,
    data: pd.DataFrame | Mapping[str, Any],
    *,
    family: str,
    quadrature: int = 1,
    trials: str | None = None,
    offset: str | None = None,
    weights: str | None = None,
    reference: Mapping[str, object] | None = None,
    separation: str = "refuse",
) -> GeneralisedMixedFit:
    """Fit a generalised linear mixed model by maximum likelihood.

    Parameters
    ----------
    formula : str
        As for `lmer`: ``"event ~ arm + age + (1 | trust/team)"``.
    data : DataFrame or mapping of columns
    family : str
        ``binomial`` (0 and 1, or events among `trials`), ``poisson``, ``negative_binomial``, ``beta_binomial`` (a
        bounded sum: points among `trials`), ``ordinal`` (cumulative logit; an ordered categorical, or numbers in their
        order).
    quadrature : int
        Points of adaptive Gauss-Hermite quadrature for one random intercept, or two that are nested; 1 is the Laplace
        approximation.
    trials : str, optional
        Column with the number of trials (the largest possible sum) of each row.
    offset : str, optional
        Column that is added to the linear predictor, such as the logarithm of an exposure.
    weights : str, optional
        Column of prior weights: how often a row counts.
    reference : mapping, optional
        Reference level by factor.
    separation : str
        Where the fixed part tells of some rows exactly what happened, as with nobody or everybody in an arm:
        ``refuse`` says so, and by which term and level; ``penalise`` fits with Jeffreys' penalty (Firth's regression
        with random effects; `separation` of the fit says why). Without separation both are the same.

    Raises
    ------
    ModelError
        When formula, data or design do not allow the fit, or the maximum was not reached.
    """
    if separation not in ("refuse", "penalise"):
        problem = Problem("separation", value=separation, allowed="refuse, penalise")
        raise ModelError("The model cannot be fitted.", problem)
    read = read_model(formula, data, family=family, trials=trials, offset=offset, weights=weights, reference=reference)
    model = read.model
    cause = separation_problem(read.design, model, read.terms)
    if cause is None:
        maximum = maximum_of(model, quadrature)
    elif separation == "refuse":
        raise ModelError("The model cannot be fitted.", cause)
    else:
        maximum = penalised_maximum(model, quadrature)
    said = "" if cause is None else cause.message
    return GeneralisedMixedFit(read.design, model, maximum, read.terms, read.dropped, read.labels, quadrature, said)


@dataclass(frozen=True)
class ReadModel:
    """Formula and data as arrays.

    Attributes
    ----------
    design : Design
    model : Model
    terms, dropped : tuple of str
        Names of the coefficients, and of columns that repeat others.
    labels : tuple of str
        Categories of an ordered outcome.
    """

    design: Design
    model: Model
    terms: tuple[str, ...]
    dropped: tuple[str, ...]
    labels: tuple[str, ...]


def read_model(
    formula: str | Formula,
    data: pd.DataFrame | Mapping[str, Any],
    *,
    family: str,
    trials: str | None,
    offset: str | None,
    weights: str | None,
    reference: Mapping[str, object] | None,
) -> ReadModel:
    """Read formula and data; parameters and errors are those of `glmer`."""
    parsed = parse_formula(formula)
    kind = _family(family)
    if not parsed.random_terms:
        raise ModelError(
            "The model has no random part.",
            Problem("a term such as (1 | cluster) is missing", hint="write a random term, or use estimator: gee"),
        )
    frame, labels = _with_numeric_response(parsed, pd.DataFrame(data), kind, [trials, offset])
    design = build_design(parsed, frame, weights=weights, reference=reference)
    check_groups(design, residual=False)
    rows = slice(None) if design.rows is None else design.rows
    observed = _observed(kind, design, None if trials is None else _column(frame, trials)[rows], len(labels))
    X, terms, dropped = _fixed_part(design, kind)
    shift = np.zeros(design.n) if offset is None else _column(frame, offset)[rows]
    return ReadModel(design, Model(kind, observed, X, shift, effects_of(design.random)), terms, dropped, labels)


def _family(name: str) -> Family:
    if name not in FAMILIES:
        raise ModelError(
            "The model cannot be fitted.", Problem("unknown family", value=name, allowed=", ".join(sorted(FAMILIES)))
        )
    return FAMILIES[name]()


def _with_numeric_response(
    formula: Formula, frame: pd.DataFrame, family: Family, further: list[str | None]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame with the outcome as numbers, missing where a further column is; labels of ordered categories."""
    name = formula.response.variable
    unknown = [column for column in [name, *further] if column is not None and column not in frame.columns]
    if unknown:
        raise ModelError("The model does not fit the data frame.",
                         [Problem("no such column", variable=column, hint="name a column of the "
                                                                          "frame") for column in unknown])  # fmt: skip
    column = frame[name]
    labels: tuple[str, ...] = ()
    if family.name != "ordinal" and column.dtype in _NUMBERS and further == [None, None]:
        return frame, labels
    if family.name == "ordinal":
        levels = list(column.cat.categories) if hasattr(column, "cat") else sorted(column.dropna().unique())
        used = [level for level in levels if (column == level).any()]
        if len(used) < 2:
            raise ModelError("The model cannot be fitted.",
                             Problem("an ordered outcome needs two categories or more", variable=name,
                                     hint="look at its values: they are all the same"))  # fmt: skip
        numbers = column.map({level: place for place, level in enumerate(used)}).astype(float)
        labels = tuple(map(str, used))
    else:
        numbers = pd.to_numeric(column, errors="coerce").astype(float)
        if numbers.isna().sum() > column.isna().sum():
            raise ModelError("The model cannot be fitted.",
                             Problem("the outcome must be "
                                     "numbers", variable=name, hint="give its categories numbers"))  # fmt: skip
    for other in further:
        if other is not None:
            numbers = numbers.where(pd.to_numeric(frame[other], errors="coerce").notna())
    return frame.assign(**{name: numbers.to_numpy()}), labels


def _column(frame: pd.DataFrame, name: str) -> Array:
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)


def _observed(family: Family, design: Design, trials: Array | None, levels: int) -> Observed:
    y, n = design.y, design.n
    name = str(design.formula.response)
    problems = []
    if family.name in ("binomial", "beta_binomial"):
        m = np.ones(n) if trials is None else trials
        if trials is None and family.name == "beta_binomial":
            problems.append(Problem("a bounded sum needs its largest value", variable=name, hint="name it: trials=..."))
        bad = int(((y < 0) | (y > m)).sum())
        if bad:
            problems.append(Problem("values outside what is possible", variable=name, count=bad,
                                    allowed="0 or 1" if trials is None else "0 to the number of trials"))  # fmt: skip
        if trials is None and np.any((y != 0) & (y != 1)):
            problems.append(Problem("values other than 0 and 1", variable=name, allowed="0 or 1, or name the trials"))
    else:
        m = np.ones(n)
        if family.name in ("poisson", "negative_binomial") and ((y < 0) | (y != np.round(y))).any():
            problems.append(Problem("values that are no counts", variable=name, allowed="0, 1, 2, ..."))
    if not problems and np.ptp(y / m) == 0:
        problems.append(
            Problem(
                "the outcome does not vary",
                variable=name,
                value=f"{y[0] / m[0]:g}",
                hint="look at its values: an outcome that is the same for everybody compares nothing",
            )
        )
    if problems:
        raise ModelError("The model cannot be fitted.", problems)
    return Observed(y, m, np.ones(n) if design.weights is None else design.weights, levels)


def _fixed_part(design: Design, family: Family) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    """Columns of full rank; thresholds take the place of an intercept."""
    columns, names = design.X, list(design.term_names)
    if family.name == "ordinal":
        columns, names = np.column_stack([np.ones(design.n), columns]), [_THRESHOLDS, *names]
    kept = [j for j in independent_columns(columns) if names[j] != _THRESHOLDS]
    left_out = [name for j, name in enumerate(names) if j not in kept and name != _THRESHOLDS]
    if family.name == "ordinal":
        left_out = [name for name in left_out if name != "(Intercept)"]
    return np.ascontiguousarray(columns[:, kept]), tuple(names[j] for j in kept), tuple(left_out)
