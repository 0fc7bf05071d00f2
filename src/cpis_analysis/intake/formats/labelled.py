"""SPSS and Stata data files: value labels, user-missing values and ranges are kept."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.intake.formats.delivered import Delivered, MissingCodes, as_column
from cpis_analysis.intake.numbers import plain_text

__all__ = ["cell_text", "read_labelled"]

_LARGEST = 4_000_000_000


def read_labelled(path: Path, name: str, kind: str) -> tuple[Delivered | None, list[Problem]]:
    """Read a .sav, .zsav or .dta file with everything that it says about its values.

    Notes
    -----
    Numbers come as float64 from the file; 72.0 is written ``72``. Stata's missing values ``.a`` to ``.z`` are
    codes that the file declares missing.
    """
    import pyreadstat

    what = "SPSS" if kind == "spss" else "Stata"
    if path.stat().st_size > _LARGEST:
        return None, [Problem("the file is larger than 4 GB", file=name)]
    read = pyreadstat.read_sav if kind == "spss" else pyreadstat.read_dta
    try:
        frame, meta = read(str(path), user_missing=True, apply_value_formats=False)
    except Exception as error:  # the library raises its own kinds and plain ValueError, UnicodeDecodeError, MemoryError
        reason = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
        return None, [Problem(f"is no readable {what} file; it may be cut off or damaged", file=name, hint=reason)]
    header = tuple(str(column) for column in frame.columns)
    labels = tuple(meta.column_names_to_labels.get(column) or "" for column in header)
    columns, missing = [], {}
    for at, column in enumerate(header):
        declared = list((meta.missing_user_values or {}).get(column, ()))
        columns.append(_texts(frame.iloc[:, at], declared))
        codes = _missing(meta, column, kind)
        if codes is not None:
            missing[at] = codes
    value_labels = {
        at: {_code_text(value): str(label) for value, label in meta.variable_value_labels[column].items()}
        for at, column in enumerate(header) if column in meta.variable_value_labels
    }
    remarks = [f"{what} file"]
    if meta.file_encoding:
        remarks.append(f"text in {meta.file_encoding}")
    return Delivered(
        format=kind, header=header, columns=tuple(columns), lines=np.arange(2, len(frame) + 2), labels=labels,
        value_labels=value_labels, missing=missing, remarks=tuple(remarks),
    ), []


def cell_text(value: Any) -> str:
    """A value as text: 72.0 is 72, midnight says nothing."""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return "" if math.isnan(value) else plain_text(float(value))
    if isinstance(value, datetime):
        day = value.date().isoformat()
        return day if value.time() == time(0) else f"{day} {value.time().isoformat('seconds')}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _texts(values: pd.Series, declared: list[Any]) -> np.ndarray:
    codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    marks = {value for value in declared if isinstance(value, str)}
    texts = as_column([*(f".{value}" if isinstance(value, str) and value in marks else cell_text(value)
                         for value in distinct), ""])
    return texts[codes]


def _missing(meta: Any, column: str, kind: str) -> MissingCodes | None:
    if kind == "stata":
        codes = (meta.missing_user_values or {}).get(column, ())
        return MissingCodes(tuple(f".{code}" for code in codes)) if codes else None
    codes, ranges = [], []
    for part in (meta.missing_ranges or {}).get(column, ()):
        if part["lo"] == part["hi"]:
            codes.append(_code_text(part["lo"]))
        else:
            ranges.append((float(part["lo"]), float(part["hi"])))
    return MissingCodes(tuple(codes), tuple(ranges)) if codes or ranges else None


def _code_text(value: Any) -> str:
    if isinstance(value, str):
        return f".{value}" if len(value) == 1 and value.islower() else value.strip()
    return cell_text(value)
