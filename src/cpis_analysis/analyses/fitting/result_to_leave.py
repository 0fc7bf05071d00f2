"""One analysis from its data to what may leave: the only door to the estimators for a run of the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.leaving.released_diagnostics import diagnostics_fit_to_release
from cpis_analysis.analyses.refusal import not_estimable
from cpis_analysis.errors import ModelError
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_record
from cpis_analysis.study.dataset import AnalysisData


def result_to_leave(spec: AnalysisSpec, data: AnalysisData, seed: int, minimum: int) -> AnalysisResult:
    """Carry out an analysis, and round what figures draw of it.

    Parameters
    ----------
    spec : AnalysisSpec
    data : AnalysisData
    seed : int
        Master seed of the study.
    minimum : int
        No part of the result tells of fewer people than this; 0 leaves everything.

    Returns
    -------
    AnalysisResult
        Where the estimator refuses the analysis, a result that says why.

    Raises
    ------
    DataError
        If the data lack what the analysis needs.
    """
    try:
        result = run_analysis(spec, data, seed, minimum)
    except ModelError as error:
        result = not_estimable(spec, data, error, minimum)
    sigma = result.variance_components[-1]["std_dev"] if result.variance_components else None
    drawn = diagnostics_fit_to_release(result.diagnostics, sigma, result.estimate.n_obs)
    return replace(result, diagnostics=drawn)


def data_read(spec: AnalysisSpec, data: AnalysisData) -> AnalysisData:
    """The columns of the data that an analysis can read; see `columns_read`."""
    return AnalysisData(
        # taken by their places, which pandas does in a third of the time
        participants=data.participants.take(_places_read(spec, data.participants), axis=1),
        interviews=data.interviews.take(_places_read(spec, data.interviews), axis=1),
    )


def columns_read(spec: AnalysisSpec, frame: pd.DataFrame) -> list[str]:
    """Columns that a specification names anywhere, that of the waves, and those that say who was interviewed.

    An analysis that is given these alone can depend on no other, so a new outcome leaves it as it is.
    """
    names = frame.columns.tolist()
    return [names[place] for place in _places_read(spec, frame)]


def _places_read(spec: AnalysisSpec, frame: pd.DataFrame) -> list[int]:
    places, always = _named_places(tuple(frame.columns.tolist()))
    return sorted(always.union(places[word] for word in _words(spec) if word in places))


@lru_cache(maxsize=8)
def _named_places(names: tuple[Any, ...]) -> tuple[dict[Any, int], frozenset[int]]:
    """Places of a frame's columns by their names, and of those that every analysis reads."""
    places = {name: place for place, name in enumerate(names)}
    return places, frozenset(at for name, at in places.items() if name == "wave" or str(name).startswith("has_"))


@lru_cache(maxsize=8)
def _words(spec: AnalysisSpec) -> frozenset[str]:
    """All that a specification names; asked for by digests and data in turn."""
    return frozenset().union(*map(_words_of, _texts(spec_record(spec))))


@lru_cache(maxsize=4096)
def _words_of(text: str) -> frozenset[str]:
    """A text and its words: most analyses have most texts in common."""
    return frozenset((text, *re.findall(r"\w+", text)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
