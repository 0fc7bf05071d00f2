"""What is printed, read with the source of every number.

Apart from `runs.stored_frames`, so that a change of how numbers are traced or look fits nothing anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.printed_result import PrintedResult
from cpis_analysis.publish.sources.source import Cell, Rows
from cpis_analysis.publish.sources.sourced import carrying, sourced
from cpis_analysis.runs.stored_frames import read_estimates, read_json, read_summaries, stored_results
from cpis_analysis.runs.stored_levels import audit_levels, column_levels, flow_levels
from cpis_analysis.runs.stored_names import read_names

_HEADER = 2
"""Line of the first row of a CSV file: the first has the names of the columns."""


def read_printed_results(paths: Iterable[str], contrasts: str) -> list[AnalysisResult]:
    """Results of all models."""
    stored = stored_results(paths, read_names(contrasts))
    return [PrintedResult.of(one.result, one.file, one.digest) for one in stored]


def read_printed_estimates(path: str, levels: Sequence[str]) -> pd.DataFrame:
    """results/estimates.csv. Cells have the code's names of levels, here and below: `runs.stored_levels`."""
    return with_sources(read_estimates(path, levels), path)


def read_printed_error_rates(path: str, levels: Sequence[str]) -> pd.DataFrame:
    """results/error_rates.csv."""
    return with_sources(column_levels(pd.read_csv(path), levels, back=True), path)


def read_printed_summaries(path: str, levels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Every frame of the summaries."""
    return {name: with_sources(frame, path, f"{name}:", 0) for name, frame in read_summaries(path, levels).items()}


def read_printed_audit(path: str, levels: Sequence[str]) -> dict[str, Any]:
    """results/design_audit.json."""
    return sourced(audit_levels(read_json(path), levels, back=True), path, "")


def read_printed_flow(path: str, levels: Sequence[str]) -> dict[str, Any]:
    """results/flow.json."""
    return sourced(flow_levels(read_json(path), levels, back=True), path, "")


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
    rows = [f"{prefix}{row}" for row in range(first, first + len(frame))]
    for name in frame:
        values = frame[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            held = np.empty(len(frame), dtype=object)
            held[:] = [
                carrying(value, Cell(file, row, str(name))) for row, value in zip(rows, values.tolist(), strict=True)
            ]
            columns[name] = held
        else:
            columns[name] = values
    made = pd.DataFrame(columns, index=frame.index)
    made.attrs["source"] = Rows(file, prefix, first)
    return made
