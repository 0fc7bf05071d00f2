"""What is printed, read with the source of every number.

Apart from `runs.stored_frames`, so that a change of how numbers are traced or look fits nothing anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.publish.source import Cell, Rows
from cpis_analysis.publish.sourced import carrying, sourced
from cpis_analysis.runs.stored_frames import read_estimates, read_json, read_results, read_summaries
from cpis_analysis.runs.stored_names import read_names

__all__ = [
    "read_lines",
    "read_printed_estimates",
    "read_printed_json",
    "read_printed_results",
    "read_printed_summaries",
    "with_sources",
]

_HEADER = 2
"""Line of the first row of a CSV file: the first has the names of the columns."""


def read_printed_results(paths: Iterable[str], contrasts: str) -> list[AnalysisResult]:
    """Results of all models."""
    names = read_names(contrasts)
    return [_with_sources(result, path) for path in paths for result in read_results([path], names)]


def _with_sources(result: AnalysisResult, path: str) -> AnalysisResult:
    name = result.spec.name
    return replace(sourced(result, path, name), spec=sourced(result.spec, path, name, "spec", kind="setting"))


def read_printed_estimates(path: str) -> pd.DataFrame:
    """results/estimates.csv."""
    return with_sources(read_estimates(path), path)


def read_printed_summaries(path: str) -> dict[str, pd.DataFrame]:
    """Every frame of the summaries."""
    return {name: with_sources(frame, path, f"{name}:", 0) for name, frame in read_summaries(path).items()}


def read_printed_json(path: str | Path) -> Any:
    """A record."""
    return sourced(read_json(path), str(path), "")


def read_lines(path: str) -> pd.DataFrame:
    """Lines of the cleaning's account as text; the frame remembers its file, for their number is printed."""
    frame = pd.read_csv(path, dtype=str)
    frame.attrs["file"] = path
    return frame


def with_sources(frame: pd.DataFrame, file: str, prefix: str = "", first: int = _HEADER) -> pd.DataFrame:
    """A frame whose columns of numbers hold numbers with sources.

    Parameters
    ----------
    frame : DataFrame
        As it stands in the file, from its first row on.
    file : str
    prefix : str
        Stands before the number of a row.
    first : int
        Number of the first row.
    """
    columns = {}
    for name in frame:
        values = frame[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            held = np.empty(len(frame), dtype=object)
            held[:] = [
                carrying(value, Cell(file, f"{prefix}{row}", str(name)))
                for row, value in enumerate(values.tolist(), start=first)
            ]
            columns[name] = held
        else:
            columns[name] = values
    made = pd.DataFrame(columns, index=frame.index)
    made.attrs["source"] = Rows(file, prefix, first)
    return made
