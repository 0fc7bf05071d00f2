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
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData

EFFECTS = (0.3, 0.5)
"""True differences at which power is told, in SDs of what the covariates leave."""
_DESIGNS = 8
"""Designs over which further loss is drawn anew."""
_FEWER_OVER_TIME = 10
"""Models of several waves are fitted one outcome after the other, so each gets so many times fewer."""
_FEWER_ONE_BY_ONE = 5
"""The same of models of one wave that are fitted so."""
_Z = 1.959963984540054

COLUMNS = (
    "model", "comparator", "icc_trust", "icc_team", "loss", "allocation", "departure", "replicates", "failed",
    "singular", "rejected", "size", "size_low", "size_high", "coverage", "bias", "rmse", "width",
    *(f"power_{effect:g}" for effect in EFFECTS), "detectable_80",
)  # fmt: skip


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
        for group in _same_fits(specs):
            try:
                rows, _ = rows_to_fit(group[0], thinned)
            except ModelError:
                continue
            many = -(-n // _fewer(group[0]))
            Y = _outcomes(group[0], rows, cell, n if group[0].rows == "wide" else many, seed, place)[:, :many]
            allowed = _allowed({one.model: one for one in group}, rows, Y)
            for one in group:
                if one.model in allowed:
                    check_many(one, rows, thinned, Y, allowed[one.model])
                    found.setdefault((one.model, ""), []).append(allowed[one.model])
            if group[0] is specs[0] and allowed:
                for key, tests in _comparators(group[0], rows, Y, comparators).items():
                    found.setdefault((group[0].model, key), []).append(tests)
    level = specs[0].level
    return [
        asdict(cell) | {"model": model, "comparator": comparator} | cell_rows(_joined(parts), level, effects)
        for (model, comparator), parts in found.items()
    ]


def cell_rows(tests: ManyTests | _Joined, level: float, effects: Sequence[float]) -> dict[str, Any]:
    """What a table says of the tests of one analysis, with the limits of Monte Carlo error (Wilson, 95%)."""
    good = ~tests.failed
    n = int(good.sum())
    if n == 0:
        return {"replicates": 0, "failed": float(tests.failed.mean())}
    alpha = 1.0 - level
    rejected = int((tests.p_values(0.0)[good] <= alpha).sum())
    size, (low, high) = rejected / n, wilson(rejected, n)
    width = 2.0 * tests.half_widths(level)[good]
    return {
        "replicates": n,
        "failed": float(tests.failed.mean()),
        "singular": float(tests.singular[good].mean()),
        "rejected": rejected,
        "size": size,
        "size_low": low,
        "size_high": high,
        "coverage": 1.0 - size,
        "bias": float(tests.estimate[good].mean()),
        "rmse": float(np.sqrt((tests.estimate[good] ** 2).mean())),
        "width": float(width.mean()),
        **{f"power_{effect:g}": _power(tests, good, effect, alpha) for effect in effects},
        "detectable_80": _detectable(tests, good, alpha),
    }


def wilson(count: int, n: int) -> tuple[float, float]:
    """95% limits of a share (Wilson 1927)."""
    share, z2 = count / n, _Z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return float(max(centre - reach, 0.0)), float(min(centre + reach, 1.0))


def _power(tests: ManyTests | _Joined, good: np.ndarray, effect: float, alpha: float) -> float:
    return float((tests.p_values(effect)[good] <= alpha).mean())


def _detectable(tests: ManyTests | _Joined, good: np.ndarray, alpha: float, power: float = 0.8) -> float:
    """Difference, in SDs, that is found in four of five studies; by halving, as power rises with the difference."""
    low, high = 0.0, 4.0
    if _power(tests, good, high, alpha) < power:
        return float("nan")
    for _ in range(12):
        middle = (low + high) / 2.0
        low, high = (low, middle) if _power(tests, good, middle, alpha) >= power else (middle, high)
    return high


class _Joined:
    """The tests of several designs, one after the other."""

    def __init__(self, parts: Sequence[ManyTests]) -> None:
        self._parts = parts
        self.estimate = np.concatenate([part.estimate for part in parts])
        self.singular = np.concatenate([part.singular for part in parts])
        self.failed = np.concatenate([part.failed for part in parts])

    def p_values(self, effect: float) -> np.ndarray:
        return np.concatenate([part.p_values(effect) for part in self._parts])

    def half_widths(self, level: float) -> np.ndarray:
        return np.concatenate([part.half_widths(level) for part in self._parts])


def _joined(parts: Sequence[ManyTests]) -> _Joined:
    return _Joined(parts)


def _same_fits(specs: Sequence[AnalysisSpec]) -> list[list[AnalysisSpec]]:
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


def _comparators(
    spec: AnalysisSpec, rows: AnalysisRows, Y: np.ndarray, names: Sequence[str]
) -> Mapping[str, ManyTests]:
    """What other inferences would say of the headline's fits, where it is a mixed model, and without clusters."""
    method = method_of(spec)
    # where fits are made one after the other, other inferences would cost as many fits again
    others = [name for name in names if name in COMPARATORS and method.random_part and not method.one_by_one]
    specs = {name: COMPARATORS[name](spec) for name in others}
    specs = {
        name: one for name, one in specs.items() if (one.df_method, one.boundary) != (spec.df_method, spec.boundary)
    }
    return _allowed(specs, rows, Y) | ({LEAST_SQUARES: least_squares(spec, rows, Y)} if LEAST_SQUARES in names else {})


def _allowed(specs: Mapping[str, AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> dict[str, ManyTests]:
    """Tests by name, of analyses of one model; one that the design does not allow takes no other with it."""
    if not specs:
        return {}
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
