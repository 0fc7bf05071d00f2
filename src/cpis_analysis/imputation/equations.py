"""The equation of one incomplete variable: its predictors as columns, for all chains at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.formula.parse import ClusterPart, Formula, Operand, cluster_part
from cpis_analysis.imputation.incomplete import Incomplete
from cpis_analysis.imputation.mixed_chains import Component, MixedChains
from cpis_analysis.imputation.nominal_chains import NominalChains
from cpis_analysis.imputation.predictors import predictor_terms
from cpis_analysis.lmm.designs.cluster_parts import ClusterMeans, cluster_numbers
from cpis_analysis.lmm.designs.design import Design, build_design

_RESPONSE = "(imputed variable)"


class Equation:
    """Model of one incomplete variable given the others.

    Parameters
    ----------
    target : Incomplete
    frame : DataFrame
    analysis : Formula
    auxiliary, without : sequence of str
        As in `predictors.predictor_terms`.
    incomplete : sequence of Incomplete
        All of them.
    now : dict of str to (M, n) float
        First values of each in each chain.
    random : Generator
    reference : mapping
        Reference level by factor.
    clusters, outside
        As in `chained.impute`.
    """

    def __init__(  # noqa: PLR0913
        self,
        target: Incomplete,
        frame: pd.DataFrame,
        analysis: Formula,
        auxiliary: Sequence[str],
        without: Sequence[str],
        incomplete: Sequence[Incomplete],
        now: Mapping[str, np.ndarray],
        random: np.random.Generator,
        reference: Mapping[str, object],
        clusters: Mapping[str, Sequence[str]],
        outside: pd.DataFrame | None,
    ) -> None:
        self.target, self.n = target, len(frame)
        terms = predictor_terms(target.name, analysis, auxiliary, without)
        used = {operand.variable for term in terms for operand in term}
        made = [part for name in sorted(used) if name not in frame and (part := cluster_part(name))]
        used |= {part.variable for part in made}
        self.others = [one for one in incomplete if one.name in used]
        chains = len(next(iter(now.values())))
        self.copies = chains if self.others else 1
        response = Operand(analysis.response.variable)
        transforms = analysis.response.transforms
        self.complete: dict[str, object] = {}
        self.means: dict[str, tuple[ClusterPart, ClusterMeans]] = {}
        for part in made:
            keys = [key for name in part.groups for key in clusters.get(name, (name,))]
            beside = outside if outside is not None and part.variable in outside else None
            self.means[str(part)] = part, ClusterMeans.of(frame, keys, beside, part.variable)
        for name in used - {one.name for one in self.others} - set(self.means):
            column = frame[name]
            if name == response.variable:
                column = _transformed(column, transforms)
            self.complete[name] = _repeated(column, self.copies)
        columns = self.complete | self._columns(now)
        columns[_RESPONSE] = np.zeros(self.copies * self.n)
        self.design: Design = build_design(
            Formula(Operand(_RESPONSE), terms, ()),
            columns,
            reference={name: level for name, level in reference.items() if name in used},
        )
        kind = NominalChains if target.kind == "nominal" else MixedChains
        # what no sweep changes is coded once
        fixed = {operand for operand in self.design.codings if operand.variable in self.complete}
        self._changing = set(self.design.codings) - fixed
        self._fixed = self.design.operand_values(self.complete, fixed) if self.others else {}
        self.components = _components(analysis, frame, without)
        self.chains = kind(target, self.components, chains, random)

    def sweep(self, now: dict[str, np.ndarray]) -> np.ndarray:
        """Draw the missing values given the others' values now, and put them there; see `MixedChains.sweep`."""
        drawn = self.chains.sweep(self.matrix(now), self.design.term_names)
        now[self.target.name][:, self.target.missing] = drawn
        return drawn

    def matrix(self, now: Mapping[str, np.ndarray]) -> np.ndarray:
        """Predictors of all rows, (K, n, p); K is 1 where all chains share them."""
        X = self.design.X
        if self.others:
            values = self.design.operand_values(self._columns(now), self._changing)
            X = self.design.coding.matrix(self._fixed | values, self.design.codings, self.copies * self.n)
        return np.ascontiguousarray(X).reshape(self.copies, self.n, X.shape[1])

    def slopes(self) -> dict[str, np.ndarray]:
        """Coefficients of the last draw by name, (M,) each; none of a nominal variable, which has several models.

        Nor are there any of a score whose items were all that was drawn.
        """
        if isinstance(self.chains, NominalChains) or not self.target.missing.any():
            return {}
        return dict(zip(self.design.term_names, self.chains.slopes().T, strict=True))

    def _columns(self, now: Mapping[str, np.ndarray]) -> dict[str, object]:
        """What the values now make of the columns that change."""
        columns: dict[str, object] = {one.name: one.column(now[one.name]) for one in self.others}
        averaged = {part.variable for part, _ in self.means.values()}
        numbers = {one.name: one.numbers(now[one.name]) for one in self.others if one.name in averaged}
        for name, (part, means) in self.means.items():
            of = numbers.get(part.variable)
            if of is None:
                of = cluster_numbers(pd.Series(self.complete[part.variable], name=part.variable))
            columns[name] = means.column(part.kind, of.reshape(-1, self.n)).ravel()
        return columns


def _transformed(column: pd.Series, transforms: Sequence[str]) -> pd.Series:
    for name in transforms:
        column = getattr(np, name)(column)
    return column


def _repeated(column: pd.Series, times: int) -> object:
    """A column for all chains, one after the other."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical.from_codes(np.tile(column.cat.codes, times), categories=column.cat.categories)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return np.tile(column.to_numpy(dtype=float, na_value=np.nan), times)
    return pd.Categorical(np.tile(column.to_numpy(dtype=object), times))


def _components(analysis: Formula, frame: pd.DataFrame, without: Sequence[str]) -> list[Component]:
    """Random terms of the analysis, each varying column with a variance of its own; equal partitions count once."""
    found: list[Component] = []
    seen: set[bytes] = set()
    for term in analysis.random_terms:
        codes = pd.factorize(pd.MultiIndex.from_frame(frame[list(term.groups)].astype(str)), sort=True)[0]
        for column in _varying(term.terms, frame, without):
            # groups numbered as they occur are the same for the same partition, whatever they are called
            key = pd.factorize(codes)[0].tobytes() + (b"" if column is None else column.tobytes())
            if key not in seen and codes.max() > 0:
                seen.add(key)
                found.append(Component(codes, int(codes.max()) + 1, column))
    return found


def _varying(
    terms: Sequence[tuple[Operand, ...]], frame: pd.DataFrame, without: Sequence[str]
) -> Iterator[np.ndarray | None]:
    """Columns of what varies between groups; those of incomplete variables are left to the intercept."""
    for term in terms:
        names = {operand.variable for operand in term}
        if not term:
            yield None
        elif not names & set(without) and names <= set(frame) and frame[sorted(names)].notna().all(axis=None):
            formula = Formula(Operand(_RESPONSE), ((), term), ())
            columns = {name: frame[name] for name in names} | {_RESPONSE: np.zeros(len(frame))}
            yield from build_design(formula, columns).X[:, 1:].T
