"""Whether rows can be analysed: variables known, clusters told apart, values that the outcome's type has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from cpis_analysis.errors import DataError, EventsError, ModelError, Problem, did_you_mean
from cpis_analysis.formula.parse import Formula
from cpis_analysis.plan.specification import AnalysisSpec


def known_to_weigh_by(spec: AnalysisSpec, needed: Iterable[str], people: pd.DataFrame) -> None:
    """Check that the data have all variables that weights are made of.

    Raises
    ------
    DataError
        With those that they do not have.
    """
    known = [str(name) for name in people.columns]
    problems = [
        Problem(
            "no such variable in the analysis data",
            variable=name,
            hint=did_you_mean(name, known) or "name a variable of data/processed/codebook.csv",
        )
        for name in needed
        if name not in people
    ]
    if problems:
        raise DataError(f"The analysis {spec.name} can't be weighted.", problems)


def all_known(spec: AnalysisSpec, needed: Iterable[str], source: pd.DataFrame, user: str = "the model") -> None:
    """Check that the data have all variables; `user` is what uses them.

    Raises
    ------
    DataError
        With those that they do not have.
    """
    known = [str(name) for name in source.columns]
    problems = [
        Problem(
            f"{user} uses a variable that is not in the analysis data",
            variable=name,
            value=spec.formula,
            hint=did_you_mean(name, known) or "name a variable of data/processed/codebook.csv",
        )
        for name in dict.fromkeys(needed)
        if name not in source
    ]
    if problems:
        raise DataError(f"The analysis {spec.name} can't be run.", problems)


def clusters_apart(spec: AnalysisSpec, formula: Formula, frame: pd.DataFrame) -> None:
    """Refuse a formula in which two clusters that share a label would count as one."""
    terms = [random.groups for random in formula.random_terms]
    terms += [tuple(operand.variable for operand in term) for term in formula.fixed_terms]
    problems = []
    for level, outer in zip(spec.levels[1:], spec.levels, strict=False):
        keys = spec.keys_of(level)
        for term in sorted({term for term in terms if level in term and not set(keys) <= set(term)}):
            named = [key for key in keys if key in term]
            shared = _shared_labels(frame, keys, named)
            if shared:
                problems.append(
                    Problem(
                        f"labels of {level} occur in more than one {outer}: {', '.join(shared)}",
                        value=spec.formula,
                        hint=f"write {':'.join(keys)} instead of {':'.join(named)}",
                    )
                )
    if problems:
        raise ModelError(f"The analysis {spec.name} would merge different clusters.", problems)


def _shared_labels(frame: pd.DataFrame, keys: tuple[str, ...], named: list[str]) -> list[str]:
    """Labels of clusters that some of the variables that tell them apart give to more than one."""
    places = set(zip(*(frame[key].astype(str).tolist() for key in keys), strict=True))
    kept = [keys.index(name) for name in named]
    counted = Counter(tuple(place[i] for i in kept) for place in places)
    return sorted({label[-1] for label, n in counted.items() if n > 1})


def values_fit_type(spec: AnalysisSpec, formula: Formula, frame: pd.DataFrame) -> None:
    """Refuse values that the outcome's type does not have, an exposure that is none, and outcomes that do not vary."""
    response = formula.response.variable
    values = frame[response]
    if spec.outcome_type == "continuous" or not pd.api.types.is_numeric_dtype(values):
        return
    if spec.is_change(response) and not formula.response.transforms:
        return
    if spec.exposure and (frame[spec.exposure].astype(float) <= 0).any():
        raise DataError(
            f"The analysis {spec.name} can't be run.",
            Problem(
                "a time is zero or less" if spec.outcome_type == "time_to_event" else "an exposure is zero or less",
                variable=spec.exposure,
                allowed="numbers above 0",
            ),
        )
    if spec.outcome_type in ("binary", "time_to_event"):
        strange = sorted(set(values.unique()) - {0.0, 1.0})
        allowed, name = "0 and 1", "a binary outcome"
    elif spec.outcome_type == "count":
        strange = sorted(values[(values < 0) | (values != values.round())].unique())
        allowed, name = "0, 1, 2, ...", "a count"
    elif spec.outcome_type == "ordinal":
        strange = sorted(values[(values < 0) | (values > spec.high) | (values != values.round())].unique())
        allowed, name = f"0 to {spec.high:g}", "an ordered outcome"
    else:
        strange = sorted(values[(values < spec.low) | (values > spec.high)].unique())
        allowed, name = f"{spec.low:g} to {spec.high:g}", "a bounded count"
    if strange:
        raise DataError(
            f"The analysis {spec.name} can't be run.",
            Problem(
                f"the outcome has values that {name} can't have",
                variable=response,
                value=", ".join(f"{value:g}" for value in strange[:5]),
                allowed=allowed,
            ),
        )
    if spec.outcome_type == "binary" and values.nunique() == 1:
        said = "everybody who was analysed had the event" if values.iloc[0] else "nobody who was analysed had the event"
        raise EventsError(
            f"The analysis {spec.name} has no result.",
            Problem(
                f"{said}, so there is no risk to compare",
                variable=response,
                hint="choose another event, or describe it without a comparison",
            ),
        )
