"""One cell of a simulation: a design, a truth, and what every analysis reports of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitting.rows_to_fit import rows_to_fit
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.errors import ModelError
from cpis_analysis.methods import method_of
from cpis_analysis.operating.comparators import COMPARATORS, least_squares
from cpis_analysis.operating.drawn_answers import draw_answers
from cpis_analysis.operating.drawn_outcomes import Truth, draw_outcomes, draw_over_time
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.operating.many import analyse_many, check_many
from cpis_analysis.operating.simulated_names import LEAST_SQUARES
from cpis_analysis.operating.tested_effects.cell_rows import EFFECTS, Joined, cell_rows
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData

_DESIGNS = 8
"""Designs over which further loss is drawn anew."""
_FEWER_OVER_TIME = 10
"""Models of several waves are fitted one outcome after the other, so each gets so many times fewer."""
_FEWER_ONE_BY_ONE = 5
"""The same of models of one wave that are fitted so."""


def simulate_cell(
    specs: Sequence[AnalysisSpec],
    data: AnalysisData,
    cell: Cell,
    replicates: int,
    seed: int,
    *,
    comparators: Sequence[str] = (*COMPARATORS, LEAST_SQUARES),
    part: int = 0,
    effects: Sequence[float] = EFFECTS,
) -> list[dict[str, Any]]:
    """Size, power and the rest of every analysis in one cell.

    Parameters
    ----------
    specs : sequence of AnalysisSpec
        Analyses of one outcome, the headline first; `comparators` of the first are simulated beside them. Those of
        several waves get a tenth of the replicates, others that are fitted one after the other a fifth.
    data : AnalysisData
    cell : Cell
    replicates : int
    seed : int
        Master seed.
    comparators : sequence of str
        Of `comparators.COMPARATORS`, and least squares.
    part : int
        Each part has outcomes of its own.
    effects : sequence of float
        True differences at which power is told.

    Returns
    -------
    list of dict
        `COLUMNS` of each analysis. What an analysis refuses in this design has no row.

    Notes
    -----
    The first response of each design goes through `run_analysis` and has to come out the same. Everything that is drawn
    depends on the names of cell, people and seed alone, so analyses of the same people see the same outcomes.
    """
    allocated = reallocated(data, specs[0], cell.allocation)
    designs = _DESIGNS if cell.loss > 0 else 1
    found: dict[tuple[str, str], list[ManyTests]] = {}
    sizes = [len(part) for part in np.array_split(np.arange(replicates), min(designs, replicates))]
    for number, n in enumerate(sizes):
        place = f"{part}.{number}"
        thinned = _thinned(allocated, cell, generator(seed, "operating loss", cell.name, place))
        for group in same_fits(specs):
            beside = comparators if group[0] is specs[0] else ()
            (tests,) = _on_design(group, thinned, [cell], n, seed, place, beside)
            for key, one in tests.items():
                found.setdefault(key, []).append(one)
    return _told(cell, found, specs[0].level, effects)


def simulate_cells(
    specs: Sequence[AnalysisSpec],
    data: AnalysisData,
    cells: Sequence[Cell],
    replicates: int,
    seed: int,
    *,
    comparators: Sequence[str],
    level: float,
    effects: Sequence[float] = EFFECTS,
) -> list[list[dict[str, Any]]]:
    """What `simulate_cell` gives of each of some cells of the study's own design, whose rows are chosen once for all.

    Parameters
    ----------
    specs : sequence of AnalysisSpec
        Analyses that differ in their inference only (`same_fits`).
    cells : sequence of Cell
        Without further loss, with the arms as they are.
    level : float
        The headline's.

    The others are those of `simulate_cell`.
    """
    each = _on_design(specs, data, cells, replicates, seed, "0.0", comparators)
    return [
        _told(cell, {key: [one] for key, one in tests.items()}, level, effects)
        for cell, tests in zip(cells, each, strict=True)
    ]


def _told(
    cell: Cell, found: Mapping[tuple[str, str], Sequence[ManyTests]], level: float, effects: Sequence[float]
) -> list[dict[str, Any]]:
    return [
        asdict(cell) | {"model": model, "comparator": comparator} | cell_rows(Joined(parts), level, effects)
        for (model, comparator), parts in found.items()
    ]


def _on_design(
    group: Sequence[AnalysisSpec],
    data: AnalysisData,
    cells: Sequence[Cell],
    n: int,
    seed: int,
    place: str,
    comparators: Sequence[str],
) -> list[dict[tuple[str, str], ManyTests]]:
    """Of each cell the tests of analyses with the same fits, by model and comparator; none where they are refused."""
    first = group[0]
    try:
        rows, _ = rows_to_fit(first, data)
    except ModelError:
        return [{} for _ in cells]
    many = -(-n // _fewer(first))
    # what other inferences say of the headline's fits, from the same fits
    specs = {(one.model, ""): one for one in group} | _beside(first, comparators)
    found, checked = [], set()
    for cell in cells:
        Y = _outcomes(first, rows, cell, n if first.rows == "wide" else many, seed, place)[:, :many]
        tests = _allowed(specs, rows, Y)
        for one in group:
            if (one.model, "") in tests and one.model not in checked:
                check_many(one, rows, data, Y, tests[one.model, ""])
                checked.add(one.model)
        if not any(comparator == "" for _, comparator in tests):
            tests = {}
        elif LEAST_SQUARES in comparators:
            tests[first.model, LEAST_SQUARES] = least_squares(first, rows, Y)
        found.append(tests)
    return found


def same_fits(specs: Sequence[AnalysisSpec]) -> list[list[AnalysisSpec]]:
    """Analyses that differ in their inference only, together."""
    groups: dict[tuple[Any, ...], list[AnalysisSpec]] = {}
    for one in specs:
        weights = (one.predictors, one.predictors_by_arm, one.balance)
        chosen = (one.population, one.where, one.condition)
        key = (one.estimator, one.formula, one.effect, one.cluster, one.pairs, chosen, weights)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _fewer(spec: AnalysisSpec) -> int:
    """How many times fewer outcomes an analysis gets than one that is fitted to all at once."""
    if spec.rows == "long":
        return _FEWER_OVER_TIME
    return _FEWER_ONE_BY_ONE if method_of(spec).one_by_one else 1


def _outcomes(spec: AnalysisSpec, rows: AnalysisRows, cell: Cell, n: int, seed: int, place: str) -> np.ndarray:
    """Outcomes (rows, n) of the people analysed; the same person has the same in every analysis of these people."""
    rng = generator(seed, "operating outcomes", cell.name, place, str(len(rows.frame)))
    treated = (rows.frame[spec.arm].astype(str) == rows.other_arm).to_numpy()
    truth = Truth(cell.icc_trust, cell.icc_team, cell.departure)
    if spec.rows == "long":
        return draw_over_time(rows.frame, truth, treated, spec.trust, spec.team, spec.participant, n, rng)
    drawn = draw_outcomes(rows.frame, truth, treated, spec.trust, spec.team, n, rng)
    return drawn if spec.outcome_type == "continuous" else draw_answers(spec, rows, drawn)


def _beside(spec: AnalysisSpec, names: Sequence[str]) -> dict[tuple[str, str], AnalysisSpec]:
    """Other inferences of the headline's fits, where it is a mixed model."""
    method = method_of(spec)
    # where fits are made one after the other, other inferences would cost as many fits again
    others = [name for name in names if name in COMPARATORS and method.random_part and not method.one_by_one]
    specs = {(spec.model, name): COMPARATORS[name](spec) for name in others}
    return {key: one for key, one in specs.items() if (one.df_method, one.boundary) != (spec.df_method, spec.boundary)}


def _allowed(
    specs: Mapping[tuple[str, str], AnalysisSpec], rows: AnalysisRows, Y: np.ndarray
) -> dict[tuple[str, str], ManyTests]:
    """Tests by name, of analyses of one model; one that the design does not allow takes no other with it."""
    try:
        return dict(zip(specs, analyse_many(list(specs.values()), rows, Y), strict=True))
    except ModelError:
        alone = [{name: one} for name, one in specs.items()] if len(specs) > 1 else []
        return {name: tests for one in alone for name, tests in _allowed(one, rows, Y).items()}


def reallocated(data: AnalysisData, spec: AnalysisSpec, allocation: str) -> AnalysisData:
    """The data with the arms given to other clusters."""
    if allocation == "observed":
        return data
    people = data.participants
    arms = [spec.reference, *sorted(set(people[spec.arm].dropna().astype(str)) - {spec.reference})]
    trusts = pd.factorize(people[spec.trust].astype(str), sort=True)[0]
    if allocation == "between" or spec.team is None:
        codes = trusts
    else:
        codes = people.groupby([spec.trust, spec.team], observed=True, sort=True).ngroup().to_numpy()
        first = pd.Series(codes).groupby(trusts).transform("min").to_numpy()
        codes = codes - first
    arm = pd.Categorical(
        [arms[code % 2] for code in codes], categories=people[spec.arm].astype("category").cat.categories
    )
    of = dict(zip(people[spec.participant].tolist(), arm.tolist(), strict=True))
    talks = data.interviews
    if spec.arm in talks:
        theirs = pd.Categorical(talks[spec.participant].map(of), categories=arm.categories)
        talks = talks.assign(**{spec.arm: theirs})
    return replace(data, participants=people.assign(**{spec.arm: arm}), interviews=talks)


def _thinned(data: AnalysisData, cell: Cell, rng: np.random.Generator) -> AnalysisData:
    """The data without a share of the people, whoever they are."""
    if cell.loss <= 0:
        return data
    kept = rng.random(len(data.participants)) >= cell.loss
    return replace(data, participants=data.participants[kept].reset_index(drop=True))
