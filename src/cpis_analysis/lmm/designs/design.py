"""From a formula and a data frame to the arrays of the model.

Rows with a missing value in any column of the formula are left out and counted. Factors are coded by
R's rule: a factor has contrasts in a term when the term without it is also in the model, otherwise one
column a level.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, Operand, Term, term_text
from cpis_analysis.lmm.designs.coded_columns import (
    Column,
    FactorCoding,
    FactorColumn,
    NumberColumn,
    NumericCoding,
    learn_factor,
    learn_numeric,
    read_column,
)
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.grouping import Grouping, encode_groups
from cpis_analysis.lmm.designs.model_frame import ModelFrame, read_model_frame
from cpis_analysis.lmm.designs.residual import ResidualPart, ResidualTerm
from cpis_analysis.lmm.designs.unusable import UnusableResponse


@dataclass(frozen=True, repr=False)
class RandomPart(ShortRepr):
    """One random term as arrays.

    Attributes
    ----------
    group : str
        Grouping factor, such as ``trust:team``.
    names : tuple of str
        What varies: ``(Intercept)`` or a column.
    columns : (n, q) float or None
        Values of what varies; None for the intercept alone.
    grouping : Grouping
        Group of each row.
    variables : tuple of str
        Columns that make up the grouping factor.
    coding : TermCoding
        How `columns` are made from new data.
    """

    group: str
    names: tuple[str, ...]
    columns: np.ndarray | None
    grouping: Grouping
    variables: tuple[str, ...]
    coding: TermCoding

    @property
    def codes(self) -> np.ndarray:
        """Group of each row."""
        return self.grouping.codes

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return self.grouping.n_groups

    @property
    def q(self) -> int:
        """Number of effects in each group."""
        return len(self.names)

    @property
    def index(self) -> pd.Index:
        """Labels of the groups."""
        labels = self.grouping.labels
        if len(self.variables) == 1:
            return pd.Index([label[0] for label in labels], name=self.group)
        return pd.MultiIndex.from_tuples(labels, names=list(self.variables))

    def spread(self, effects: np.ndarray) -> np.ndarray:
        """What effects of the groups (groups, q) add to each row, (n,)."""
        u = effects[self.codes]
        return u[:, 0] if self.columns is None else np.einsum("ij,ij->i", self.columns, u)


@dataclass(frozen=True, repr=False)
class TermCoding(ShortRepr):
    """Recipe for the columns of a list of terms.

    ``terms`` holds, for each term, its operands with a flag: whether a factor has all its levels.
    """

    terms: tuple[tuple[tuple[Operand, bool], ...], ...]
    names: tuple[str, ...]
    term_of_column: tuple[int, ...]

    def matrix(
        self, values: Mapping[Operand, np.ndarray], codings: Mapping[Operand, NumericCoding | FactorCoding], n: int
    ) -> np.ndarray:
        """Model matrix (n, number of columns); ``values`` are codes for factors, numbers otherwise."""
        out = np.empty((n, len(self.names)), order="F")
        at = 0
        for term in self.terms:
            blocks = []
            for operand, full in term:
                coding = codings[operand]
                if isinstance(coding, FactorCoding):
                    blocks.append(coding.matrix(full)[values[operand]])
                else:
                    blocks.append(values[operand])
            at = _fill(out, at, blocks)
        return out


_INTERCEPT = TermCoding(((),), ("(Intercept)",), (0,))


def _fill(out: np.ndarray, at: int, blocks: list[np.ndarray]) -> int:
    """Write the products of the blocks' columns, the first block varying fastest."""
    if not blocks:
        out[:, at] = 1.0
        return at + 1
    if len(blocks) == 1:
        block = blocks[0]
        width = 1 if block.ndim == 1 else block.shape[1]
        out[:, at : at + width] = block[:, None] if block.ndim == 1 else block
        return at + width
    blocks = [block[:, None] if block.ndim == 1 else block for block in blocks]
    for choice in itertools.product(*(range(block.shape[1]) for block in reversed(blocks))):
        column = np.multiply(blocks[0][:, choice[-1]], blocks[1][:, choice[-2]], out=out[:, at])
        for block, k in zip(blocks[2:], choice[-3::-1], strict=True):
            column *= block[:, k]
        at += 1
    return at


@dataclass(frozen=True, repr=False)
class Design(ShortRepr):
    """All arrays of a model.

    Attributes
    ----------
    formula : Formula
    y : (n,) float
    X : (n, p) float
        Model matrix before any column is dropped.
    term_names : tuple of str
        Names of the columns of `X`.
    coding : TermCoding
    codings : dict of Operand to NumericCoding or FactorCoding
    values : dict of Operand to array
        Fitted rows of each operand.
    numbers : dict of str to array
        Fitted rows of each numeric variable before transforms.
    random : tuple of RandomPart
    weights : (n,) float or None
    rows : (n,) int or None
        Positions of the fitted rows in the frame; None when all were used.
    n_frame : int
        Rows of the frame.
    missing : dict of str to int
        Missing values by column.
    index : pandas.Index
        Row labels of the fitted rows.
    residual : ResidualPart, optional
        How residuals belong together; None where they are independent with one variance.
    """

    formula: Formula
    y: np.ndarray
    X: np.ndarray
    term_names: tuple[str, ...]
    coding: TermCoding
    codings: dict[Operand, NumericCoding | FactorCoding]
    values: dict[Operand, np.ndarray]
    numbers: dict[str, np.ndarray]
    random: tuple[RandomPart, ...]
    weights: np.ndarray | None
    rows: np.ndarray | None
    n_frame: int
    missing: dict[str, int]
    index: pd.Index = field(repr=False, default=None)
    residual: ResidualPart | None = None

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.y)

    def operand_values(
        self, frame: pd.DataFrame | Mapping[str, Any], operands: set[Operand]
    ) -> dict[Operand, np.ndarray]:
        """Codes and transformed numbers of new data, with the constants of the fit."""
        out = {}
        for operand in operands:
            coding = self.codings[operand]
            column = read_column(frame, operand.variable)
            if isinstance(coding, FactorCoding):
                out[operand] = coding.codes(column)
            elif isinstance(column, FactorColumn):
                problem = Problem(
                    "a number in the fit, text in the new data",
                    variable=operand.variable,
                    hint="give the new data numbers",
                )
                raise ModelError("New data do not fit the model.", problem)
            else:
                out[operand] = coding.values(column.numbers)
        return out


def build_design(
    formula: Formula,
    frame: pd.DataFrame | Mapping[str, Any],
    *,
    weights: str | np.ndarray | None = None,
    reference: Mapping[str, object] | None = None,
    contrasts: Mapping[str, str] | None = None,
    residual: ResidualTerm | None = None,
) -> Design:
    """Build the arrays of a model.

    Parameters
    ----------
    formula : Formula
    frame : DataFrame or mapping of columns
    weights : str or array, optional
        Prior weights (a row's error variance is sigma^2 / weight): a column name or one number a row.
    reference : mapping of str to level, optional
        Reference level of a factor; otherwise its first category.
    contrasts : mapping of str to str, optional
        ``treatment`` (default) or ``sum`` for a factor.
    residual : ResidualTerm, optional
        How residuals belong together.

    Raises
    ------
    ModelError
        With every unknown column, unusable value or impossible option.
    """
    structured = residual if residual is not None and not residual.plain else None
    more = structured.columns if structured is not None else {}
    read = read_model_frame(formula, frame, weights, reference or {}, contrasts or {}, more)
    columns, rows = read.columns, read.rows
    outcome = columns[formula.response.variable]
    if isinstance(outcome, FactorColumn) or "factor" in formula.response.transforms:
        raise ModelError(
            "The outcome is not a number.",
            Problem(
                "a linear mixed model needs a numeric outcome",
                variable=formula.response.variable,
                hint="give its categories numbers, or take a generalised model",
            ),
        )
    try:
        _, y = learn_numeric(formula.response, read.numbers(outcome))
    except ModelError as error:
        raise UnusableResponse("The model cannot be fitted.", error.problems) from None
    codings, values, numbers = _learn(formula, read, reference or {}, contrasts or {})
    coding = _code_terms(formula.fixed_terms, codings)
    X = coding.matrix(values, codings, read.n)
    random = tuple(_random_parts(formula, columns, rows, values, codings, read.n))
    return Design(
        formula, np.ascontiguousarray(y), X, coding.names, coding, codings, values, numbers, random,
        read.weights, rows, read.n_frame, read.missing, read.index,
        None if structured is None else ResidualPart.read(structured, columns, rows, read.n),
    )  # fmt: skip


def _learn(
    formula: Formula, read: ModelFrame, reference: Mapping[str, object], contrasts: Mapping[str, str]
) -> tuple[dict[Operand, NumericCoding | FactorCoding], dict[Operand, np.ndarray], dict[str, np.ndarray]]:
    """How each operand enters the model, its values in the fitted rows, and its numbers before transforms."""
    codings: dict[Operand, NumericCoding | FactorCoding] = {}
    values: dict[Operand, np.ndarray] = {}
    numbers: dict[str, np.ndarray] = {}
    problems: list[Problem] = []
    for operand in _operands(formula):
        column, name = read.columns[operand.variable], operand.variable
        try:
            if isinstance(column, NumberColumn) and "factor" not in operand.transforms:
                numbers[name] = read.numbers(column)
                codings[operand], values[operand] = learn_numeric(operand, numbers[name])
            elif any(transform != "factor" for transform in operand.transforms):
                problems.append(
                    Problem(
                        "a factor cannot be transformed",
                        variable=str(operand),
                        hint="write the variable without the transform",
                    )
                )
            else:
                codings[operand], values[operand] = learn_factor(
                    column, operand, read.rows, reference.get(name), contrasts.get(name, "treatment")
                )
        except ModelError as error:
            problems += error.problems
    if problems:
        raise ModelError("The model matrix cannot be built.", problems)
    return codings, values, numbers


def _operands(formula: Formula) -> list[Operand]:
    found: dict[Operand, None] = {}
    for term in itertools.chain(formula.fixed_terms, *(random.terms for random in formula.random_terms)):
        found.update(dict.fromkeys(term))
    return list(found)


def _code_terms(terms: tuple[Term, ...], codings: Mapping[Operand, NumericCoding | FactorCoding]) -> TermCoding:
    present = {frozenset(term) for term in terms}
    recipe, names, owner = [], [], []
    for number, term in enumerate(terms):
        parts, labels = [], []
        for operand in term:
            coding = codings[operand]
            if isinstance(coding, FactorCoding):
                margin = frozenset(term) - {operand}
                full = margin not in present
                # without an intercept only the first factor has all its levels
                if (
                    not margin
                    and full
                    and any(len(t) == 1 and isinstance(codings[t[0]], FactorCoding) for t in terms[:number])
                ):
                    full = False
                parts.append((operand, full))
                labels.append(coding.labels(full))
            else:
                parts.append((operand, False))
                labels.append([str(operand)])
        recipe.append(tuple(parts))
        if not term:
            here = ["(Intercept)"]
        else:
            here = [":".join(reversed(combination)) for combination in itertools.product(*reversed(labels))]
        names += here
        owner += [number] * len(here)
    return TermCoding(tuple(recipe), tuple(names), tuple(owner))


def _random_parts(
    formula: Formula,
    columns: Mapping[str, Column],
    rows: np.ndarray | None,
    values: Mapping[Operand, np.ndarray],
    codings: Mapping[Operand, NumericCoding | FactorCoding],
    n: int,
) -> Iterator[RandomPart]:
    cache: dict[tuple[str, ...], Grouping] = {}
    for random in formula.random_terms:
        if random.groups not in cache:
            cache[random.groups] = encode_groups([columns[name] for name in random.groups], rows)
        coding = _INTERCEPT if random.terms == ((),) else _code_terms(random.terms, codings)
        matrix = None if coding.names == ("(Intercept)",) else coding.matrix(values, codings, n)
        yield RandomPart(random.group_name, coding.names, matrix, cache[random.groups], random.groups, coding)


def term_label(term: Term) -> str:
    """Name of a fixed term as `joint_test` takes it."""
    return "(Intercept)" if not term else term_text(term)
