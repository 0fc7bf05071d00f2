"""Frames between steps: read back exactly as they were written."""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.result_records import Names, result_from_record
from cpis_analysis.errors import DataError, Problem
from cpis_analysis.files import read_parquet, write_json
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_from_record
from cpis_analysis.runs.stored_levels import column_levels, frame_levels, result_levels
from cpis_analysis.study.dataset import AnalysisData

TEXT, NUMBER, TRUTH = "text", "number", "truth"


def read_data(participants: str, interviews: str) -> AnalysisData:
    """The analysis data set."""
    return AnalysisData(participants=read_parquet(participants), interviews=read_parquet(interviews))


def read_optional(path: str) -> pd.DataFrame | None:
    """A frame, or None where the study has nothing of the kind (no columns)."""
    frame = read_parquet(path)
    return frame if len(frame.columns) else None


def read_account(path: str) -> pd.DataFrame:
    """Lines of the cleaning's account (audit trail, queries, rows set aside) as text; nothing is missing."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def read_json(path: str | Path) -> Any:
    """Content of a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class StoredResult:
    """A result, and the file and the record from which it was read."""

    result: AnalysisResult
    file: str
    record: dict[str, Any]

    @property
    def digest(self) -> str:
        """Hex digest of all that was read, and of what the names in it stand for."""
        result = self.result
        names = ([one.contrast for one in (result.estimate, *result.contrasts)], result.parts)
        # the second version of this form writes the same for the same values, five times as fast as JSON
        return hashlib.sha256(marshal.dumps((self.file, self.record, repr(names)), 2)).hexdigest()


def read_results(paths: Iterable[str], names: Callable[[AnalysisSpec], Names]) -> list[AnalysisResult]:
    """Results of all models; the arguments and what is raised are those of `stored_results`."""
    return [one.result for one in stored_results(paths, names)]


def stored_results(paths: Iterable[str], names: Callable[[AnalysisSpec], Names]) -> list[StoredResult]:
    """Results of all models, with where they stand.

    Parameters
    ----------
    paths : iterable of str
    names : callable
        Specification -> what the names in its record stand for.

    Raises
    ------
    DataError
        With every contrast that is not among them.
    """
    found, problems = [], []
    for path in paths:
        for stored in read_json(path):
            record = result_levels(stored, back=True)
            spec = spec_from_record(record["spec"])
            known = names(spec)
            unknown = known.unknown(record)
            problems += [
                Problem(
                    "a contrast that plan and data do not have",
                    file=path,
                    variable=record["spec"]["name"],
                    value=name,
                    hint=f"make the file again: cpis run --force {path}",
                )
                for name in unknown
            ]
            if not unknown:
                found.append(StoredResult(result_from_record(record, known, spec), path, stored))
    if problems:
        raise DataError("The results can't be read; nothing was written.", problems)
    return found


def read_estimates(path: str, levels: Sequence[str]) -> pd.DataFrame:
    """results/estimates.csv of a study with these levels, largest first; only empty cells are missing."""
    text = (
        "analysis",
        "outcome",
        "model",
        "population",
        "contrast",
        "df_method",
        "warnings",
        "family",
        "adjustment",
        "std_sd_source",
        "formula",
        "measure",
        "estimand",
        "status",
        "reason",
        "arms_adjustment",
    )
    stored = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(text, "object"))
    return column_levels(stored, levels, back=True)


def write_summaries(path: str, summaries: dict[str, pd.DataFrame], levels: Sequence[str]) -> None:
    """Write named frames as one JSON file that remembers the kind of each column."""
    write_json(path, {name: _to_record(frame) for name, frame in frame_levels(summaries, levels).items()})


def read_summaries(path: str, levels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Inverse of `write_summaries`; text is object with None, numbers are float or int, truth values bool."""
    return frame_levels({name: _from_record(record) for name, record in read_json(path).items()}, levels, back=True)


def _to_record(frame: pd.DataFrame) -> dict[str, Any]:
    return {"rows": len(frame), "columns": {str(name): _column(frame[name]) for name in frame}}


def _column(values: pd.Series) -> dict[str, Any]:
    if pd.api.types.is_bool_dtype(values):
        return {"kind": TRUTH, "values": [bool(value) for value in values]}
    if pd.api.types.is_numeric_dtype(values) and not isinstance(values.dtype, pd.CategoricalDtype):
        whole = pd.api.types.is_integer_dtype(values)
        return {"kind": NUMBER, "values": [None if pd.isna(v) else int(v) if whole else _finite(v) for v in values]}
    return {"kind": TEXT, "values": [None if pd.isna(value) else str(value) for value in values]}


def _finite(value: float) -> float | str:
    return float(value) if np.isfinite(value) else repr(float(value))


def _from_record(record: dict[str, Any]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name, column in record["columns"].items():
        values = column["values"]
        if column["kind"] == NUMBER:
            whole = all(isinstance(value, int) for value in values) and len(values) > 0
            columns[name] = (
                np.array(values, dtype=int)
                if whole
                else np.array([np.nan if value is None else float(value) for value in values], dtype=float)
            )
        else:
            columns[name] = np.array(values, dtype=bool if column["kind"] == TRUTH else object)
    return pd.DataFrame(columns, index=range(record["rows"]))
