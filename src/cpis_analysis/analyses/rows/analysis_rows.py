"""The rows that an analysis uses: its population, complete, counted, and fit to be compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.rows.row_checks import all_known, clusters_apart, values_fit_type
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.plan.naming import is_alone, natural_order, place_of
from cpis_analysis.plan.specification import MONTHS, AnalysisSpec
from cpis_analysis.study.allocation import Allocation, allocation_of, allocation_problems, texts_of
from cpis_analysis.study.cluster_means import with_cluster_means
from cpis_analysis.study.coding import cluster_label, other_arms
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import in_population, with_derived
from cpis_analysis.study_words import PEOPLE


@dataclass(frozen=True)
class AnalysisRows:
    """Complete rows of one analysis.

    Attributes
    ----------
    formula : Formula
    frame : DataFrame
        Variables of the formula and of the design; no missing values, no unused categories.
    other_arm : str
        The arm that is compared with the reference.
    other_arms : tuple of str
        All arms that are, the first one first: of several each gets a turn as `other_arm` (`several_arms`).
    allocation : Allocation
        Of the people in `frame`.
    messages : tuple of str
        Who was left out.
    n_people : int
        People of the population.
    without_outcome : DataFrame
        Those of them who have everything but the outcome, in the columns of `frame`; empty where no tipping point is
        asked for.
    clusters_lost, clusters_of_one : tuple of str
        Clusters of the population in which nobody is analysed, and those in which one person is.
    weights : (rows,) float or None
        Of the rows of `frame`, where the plan asks for some.
    told : dict of AnalysisSpec to Columns
        What `named_estimability.told_columns` has found of these rows, for whoever asks again; other rows, such as
        `dataclasses.replace` makes, begin with nothing.
    """

    formula: Formula
    frame: pd.DataFrame
    other_arm: str
    allocation: Allocation
    messages: tuple[str, ...]
    n_people: int = 0
    without_outcome: pd.DataFrame = field(default_factory=pd.DataFrame)
    clusters_lost: tuple[str, ...] = ()
    clusters_of_one: tuple[str, ...] = ()
    weights: np.ndarray | None = None
    other_arms: tuple[str, ...] = ()
    told: dict[AnalysisSpec, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def groups(self, spec: AnalysisSpec) -> list[dict[str, Any]]:
        """What was analysed in each place and arm: for the people who hold the data."""
        keys = [*spec.levels, spec.arm]
        parts = self._counts(spec, keys)
        return [
            {
                **dict(zip(("trust", "team"), place_of(key[:-1]), strict=True)),
                "arm": str(key[-1]),
                "n_participants": people,
                "n_obs": rows,
            }
            for key, people, rows in parts
        ]

    def clusters(self, spec: AnalysisSpec, arm: str | None = None) -> tuple[int, ...]:
        """How many clusters of each level were analysed, the largest first: all, or those with people of an arm."""
        columns = [_values(self.frame[level]) for level in spec.levels]
        here = [True] * len(self.frame) if arm is None else [str(code) == arm for code in self.frame[spec.arm].tolist()]
        places = {place for place, kept in zip(zip(*columns, strict=True), here, strict=False) if kept}
        return tuple(len({place[: n + 1] for place in places}) for n in range(len(columns)))

    def by_arm(self, spec: AnalysisSpec) -> list[dict[str, Any]]:
        """What was analysed in each arm."""
        return [
            {"arm": str(arm), "n_participants": people, "n_obs": rows}
            for (arm,), people, rows in self._counts(spec, [spec.arm])
        ]

    def _counts(self, spec: AnalysisSpec, keys: list[str]) -> list[tuple[tuple[Any, ...], int, int]]:
        """People and rows by the values of some variables, in the order of their categories."""
        sorted_codes = [_sorted_codes(self.frame[key]) for key in keys]
        people: dict[tuple[int, ...], set[Any]] = {}
        rows: Counter[tuple[int, ...]] = Counter()
        codes = zip(*(codes for codes, _ in sorted_codes), strict=True)
        for place, person in zip(codes, self.frame[spec.participant].tolist(), strict=True):
            people.setdefault(place, set()).add(person)
            rows[place] += 1
        values = [values for _, values in sorted_codes]
        return [
            (tuple(of[code] for of, code in zip(values, place, strict=True)), len(people[place]), rows[place])
            for place in sorted(rows)
        ]


def analysis_rows(spec: AnalysisSpec, data: AnalysisData) -> AnalysisRows:
    """Select the rows of an analysis.

    1. Participants of the population, with the means of their clusters that the formula names; their one row (wide) or
       their interviews (long, to which variables that stand only in the wide data are joined).
    2. Rows with every variable of the formula, and with arm, trust and team. What is left out is counted.
    3. The people left must be comparable: two arms, each with two clusters at the level of allocation.

    Raises
    ------
    DataError
        Unknown variables or codes.
    ModelError
        Nobody left, an impossible comparison, or a formula that would merge teams of one label from different trusts.
    """
    formula = parse_formula(spec.formula)
    everyone = with_derived(data.participants, spec.derived)
    chosen_people = spec.where or spec.condition
    people = everyone[in_population(everyone, spec.where, spec.condition)] if chosen_people else everyone
    people = with_cluster_means(spec, formula, people)
    source = people if spec.rows == "wide" else _interviews(spec, data, people, formula)
    needed = list(
        dict.fromkeys([spec.participant, spec.arm, *spec.levels, *formula.variables,
             *([spec.exposure] if spec.exposure else []), *(["wave"] if spec.by_wave_of_person else [])])
    )  # fmt: skip
    all_known(spec, needed, source)
    # by places, and with an index of its own, which takes pandas half the time
    places = {name: place for place, name in enumerate(source.columns.tolist())}
    chosen = source.take([places[name] for name in needed], axis=1)
    known = {name: _known(chosen[name]) for name in needed}
    missing = {name: n for name in needed if (n := int((~known[name]).sum()))}
    complete = np.logical_and.reduce(list(known.values()))
    frame = chosen.take(np.flatnonzero(complete))
    frame.index = pd.RangeIndex(len(frame))
    frame = without_unused(frame)
    if frame.empty:
        raise ModelError(
            f"The analysis {spec.name} has no data.",
            [
                Problem(
                    "nobody is in its population",
                    value=spec.population,
                    hint="widen the condition of the population: cpis check counts whom it selects",
                )
                if chosen.empty
                else Problem(
                    "nobody has all variables of the model",
                    value=spec.formula,
                    hint=f"leave variables out: missing values occur in {', '.join(missing)}",
                )
            ],
        )
    clusters_apart(spec, formula, frame)
    values_fit_type(spec, formula, frame)

    persons = _one_row_each(frame, spec.participant)
    allocation = allocation_of(persons, spec.arm, spec.levels)
    arms = sorted(set(texts_of(persons[spec.arm])))
    others = other_arms(persons[spec.arm], spec.reference, spec.primary_arm)
    first = other_arms(people[spec.arm], spec.reference, spec.primary_arm)[:1]
    problems = allocation_problems(allocation, arms, spec.reference, spec.trust)
    if not problems and first != others[:1]:
        # another arm in its place would be another question
        problems = [
            Problem(
                "nobody is in the arm that is compared first",
                value=", ".join(first),
                hint="choose another arm in design.arm.primary, or another population",
            )
        ]
    if problems:
        raise ModelError(f"The analysis {spec.name} can't be valid; nothing was fitted.", problems)
    lost, of_one = _thin_clusters(spec, people, persons)
    return AnalysisRows(
        formula=formula,
        frame=frame,
        other_arm=others[0],
        other_arms=tuple(others),
        allocation=allocation,
        messages=(_left_out(spec, people, missing, len(chosen), frame),),
        n_people=len(people),
        without_outcome=_without_outcome(chosen, formula) if spec.tipping_point else frame.iloc[:0],
        clusters_lost=lost,
        clusters_of_one=of_one,
    )


def with_frame(spec: AnalysisSpec, rows: AnalysisRows, frame: pd.DataFrame) -> AnalysisRows:
    """The analysis of a part of its rows, in their own allocation and without the categories that none of them has."""
    allocation = allocation_of(_one_row_each(frame, spec.participant), spec.arm, spec.levels)
    return replace(rows, frame=without_unused(frame), allocation=allocation)


def rows_left(spec: AnalysisSpec, rows: AnalysisRows, frame: pd.DataFrame, people: pd.DataFrame) -> AnalysisRows:
    """`with_frame` where people who lack something to weigh them by are left out: the arms and clusters that are left.

    Parameters
    ----------
    people : DataFrame
        The population's.

    Raises
    ------
    ModelError
        If those left out were needed for a comparison.
    """
    left = with_frame(spec, rows, frame)
    arms = set(left.frame[spec.arm].astype(str))
    problems = allocation_problems(left.allocation, sorted(arms), spec.reference, spec.trust)
    if not problems and left.other_arm not in arms:
        problems = [
            Problem(
                "nobody is in the arm that is compared first",
                value=left.other_arm,
                hint="choose another arm in design.arm.primary, or another population",
            )
        ]
    if problems:
        raise ModelError(
            f"The analysis {spec.name} can't be weighted: those who lack a predictor of the weights are left out, and "
            "the others can't be compared.",
            problems,
        )
    lost, of_one = _thin_clusters(spec, people, _one_row_each(left.frame, spec.participant))
    others = tuple(arm for arm in left.other_arms if arm in arms)
    return replace(left, other_arms=others, clusters_lost=lost, clusters_of_one=of_one)


def without_unused(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame without the categories that no row has."""
    fewer = {}
    for name in frame.columns:
        values = frame[name].array
        # asked of the codes first, which takes a twentieth of the time
        if isinstance(values, pd.Categorical):
            used = np.bincount(values.codes[values.codes >= 0], minlength=len(values.categories))
            if not used.all():
                fewer[str(name)] = frame[name].cat.remove_unused_categories()
    return frame.assign(**fewer) if fewer else frame


def _one_row_each(frame: pd.DataFrame, participant: str) -> pd.DataFrame:
    """The first row of each person."""
    if len(set(frame[participant].tolist())) == len(frame):
        return frame
    return frame.drop_duplicates(participant)


def _sorted_codes(column: pd.Series) -> tuple[list[int], list[Any]]:
    """Numbers of the values in the order of their categories, or sorted, and the values."""
    values = column.array
    if isinstance(values, pd.Categorical):
        return values.codes.tolist(), list(values.categories)
    codes, found = pd.factorize(column, sort=True)
    return codes.tolist(), list(found)


def _known(column: pd.Series) -> np.ndarray:
    """Where a value is not missing (n,): asked of codes and of numbers first, which takes a tenth of the time."""
    values = column.array
    if isinstance(values, pd.Categorical):
        return values.codes >= 0
    if column.dtype == np.float64:
        return ~np.isnan(column.to_numpy())
    return column.notna().to_numpy()


def _values(column: pd.Series) -> list[Any]:
    """What `tolist` gives; of codes without a text of each row's own."""
    values = column.array
    if not isinstance(values, pd.Categorical):
        return list(column.tolist())
    # the code of a missing value is -1
    of_code = [*values.categories.tolist(), np.nan]
    return [of_code[code] for code in values.codes.tolist()]


def _thin_clusters(
    spec: AnalysisSpec, people: pd.DataFrame, analysed: pd.DataFrame
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Clusters of the population that the rows have lost whole, and those of whom they hold one person."""
    keys = [*spec.levels]
    if not keys:
        return (), ()
    placed = np.logical_and.reduce([_known(people[key]) for key in (*keys, spec.arm)]).tolist()
    known = zip(*(_values(people[key]) for key in keys), strict=True)
    places = dict.fromkeys(place for place, whole in zip(known, placed, strict=True) if whole)
    left = Counter(zip(*(_values(analysed[key]) for key in keys), strict=True))
    counts = {place: left[place] for place in sorted(places, key=lambda place: natural_order(cluster_label(place)))}
    return (
        tuple(cluster_label(place) for place, n in counts.items() if n == 0 and not is_alone(place[-1])),
        tuple(cluster_label(place) for place, n in counts.items() if n == 1 and not is_alone(place[-1])),
    )


def _without_outcome(chosen: pd.DataFrame, formula: Formula) -> pd.DataFrame:
    response = formula.response.variable
    rest = chosen.drop(columns=response).notna().all(axis=1)
    return chosen[chosen[response].isna() & rest].reset_index(drop=True)


def with_months(spec: AnalysisSpec, interviews: pd.DataFrame) -> pd.DataFrame:
    """Interviews with the months of their wave, where a model uses them and the data have no such variable."""
    if not spec.months or MONTHS in interviews:
        return interviews
    months = interviews["wave"].astype(str).map(dict(zip(spec.waves, spec.months, strict=True)))
    return interviews.assign(**{MONTHS: months.astype(float)})


def _interviews(spec: AnalysisSpec, data: AnalysisData, people: pd.DataFrame, formula: Formula) -> pd.DataFrame:
    talks = with_months(spec, data.interviews)
    talks = talks[talks[spec.participant].isin(people[spec.participant])]
    if spec.waves:
        talks = talks[talks["wave"].astype(str).isin(spec.waves)]
    only_wide = [name for name in formula.variables if name not in talks and name in people]
    if not only_wide:
        return talks
    return talks.merge(people[[spec.participant, *only_wide]], on=spec.participant, how="left", validate="many_to_one")


def _left_out(
    spec: AnalysisSpec, people: pd.DataFrame, missing: dict[str, int], n_rows: int, frame: pd.DataFrame
) -> str:
    """Who was left out of `n_rows`, and how many of them lack which variable."""
    used = len(set(frame[spec.participant].tolist()))
    lacking = ", ".join(f"{name} {n}" for name, n in missing.items())
    because = f" Missing values: {lacking}." if lacking else ""
    if spec.rows == "wide":
        if used == len(people):
            return f"All {used} {PEOPLE} of the population were analysed."
        return (
            f"{used} of {len(people)} {PEOPLE} of the population were analysed; {len(people) - used} were left out "
            f"because a variable of the model is missing.{because}"
        )
    text = f"{len(frame)} measurements of {used} {PEOPLE} were analysed, of {len(people)} {PEOPLE} in the population"
    if n_rows == len(frame):
        return text + "."
    return f"{text}; {n_rows - len(frame)} measurements were left out because a variable is missing.{because}"
