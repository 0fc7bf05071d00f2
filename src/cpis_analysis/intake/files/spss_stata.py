"""SPSS and Stata data files: value labels, user-missing values and ranges are kept."""

from __future__ import annotations

import math
import pickle
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered, MissingCodes, as_column
from cpis_analysis.intake.files import own_process as read_in_child
from cpis_analysis.intake.values.written_numbers import plain_text
from cpis_analysis.plan.schema import Source

_STATA_MISSING = re.compile(r"\.[a-z]\Z")
_LARGEST = 4_000_000_000
_LONGEST_S = 1800


def read_spss(path: Path, source: Source, known: frozenset[str]) -> tuple[Delivered | None, list[Problem]]:
    """Read a .sav or .zsav file with everything that it says about its values."""
    return _labelled(path, source.file, "spss")


def read_stata(path: Path, source: Source, known: frozenset[str]) -> tuple[Delivered | None, list[Problem]]:
    """Read a .dta file with everything that it says about its values."""
    return _labelled(path, source.file, "stata")


def _labelled(path: Path, name: str, kind: str) -> tuple[Delivered | None, list[Problem]]:
    """Names, values and labels of the file.

    Notes
    -----
    Numbers come as float64 from the file; 72.0 is written ``72``. Stata's missing values ``.a`` to ``.z`` are
    codes that the file declares missing.

    The file is read in a process of its own: the C library under the reader can crash on a damaged file.
    """
    what = "SPSS" if kind == "spss" else "Stata"
    if path.stat().st_size > _LARGEST:
        return None, [Problem("the file is larger than 4 GB", file=name, hint="save it with fewer columns, or as CSV")]
    found = _read(path, kind)
    if "error" in found:
        return None, [
            Problem(f"is no readable {what} file; it may be cut off or damaged", file=name, hint=found["error"])
        ]
    header = tuple(column for column, _ in found["columns"])
    lengths = {len(values) for _, values in found["columns"]}
    if len(lengths) > 1:
        return None, [
            Problem(
                f"is no readable {what} file; its columns differ in length",
                file=name,
                hint="save the file again in the program that wrote it, or as CSV",
            )
        ]
    rows = lengths.pop() if lengths else 0
    columns, missing = [], {}
    for at, (column, values) in enumerate(found["columns"]):
        columns.append(_texts(values, found["missing_user_values"].get(column, ())))
        codes = _missing(found, column, kind)
        if codes is not None:
            missing[at] = codes
    value_labels = {
        at: {_code_text(value): str(label) for value, label in found["value_labels"][column].items()}
        for at, column in enumerate(header)
        if column in found["value_labels"]
    }
    remarks = [f"{what} file"]
    if found["encoding"]:
        remarks.append(f"text in {found['encoding']}")
    return Delivered(
        format=kind,
        header=header,
        columns=tuple(columns),
        lines=np.arange(2, rows + 2),
        labels=tuple(found["labels"].get(column) or "" for column in header),
        value_labels=value_labels,
        missing=missing,
        remarks=tuple(remarks),
    ), []


def _read(path: Path, kind: str) -> dict[str, Any]:
    """What a child process reads; a crash of it is a damaged file."""
    try:
        done = subprocess.run(
            [sys.executable, read_in_child.__file__, kind, str(path)],
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not read after {_LONGEST_S} seconds"}
    if done.returncode or not done.stdout:
        return {"error": "the reader broke down over it"}
    return pickle.loads(done.stdout)


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


def _texts(values: list[Any], declared: Sequence[Any]) -> np.ndarray:
    codes, distinct = pd.factorize(as_column(values), use_na_sentinel=True)
    marks = {value for value in declared if isinstance(value, str)}
    texts = as_column(
        [*(f".{value}" if isinstance(value, str) and value in marks else cell_text(value) for value in distinct), ""]
    )
    return texts[codes]


def _missing(found: dict[str, Any], column: str, kind: str) -> MissingCodes | None:
    if kind == "stata":
        labelled = (_code_text(value) for value in found["value_labels"].get(column, ()))
        codes = dict.fromkeys(
            [
                *(f".{code}" for code in found["missing_user_values"].get(column, ())),
                *(code for code in labelled if _STATA_MISSING.match(code)),
            ]
        )
        return MissingCodes(tuple(codes)) if codes else None
    ranges: list[tuple[float, float]] = []
    single: list[str] = []
    for part in found["missing_ranges"].get(column, ()):
        if part["lo"] == part["hi"]:
            single.append(_code_text(part["lo"]))
        else:
            ranges.append((float(part["lo"]), float(part["hi"])))
    return MissingCodes(tuple(single), tuple(ranges)) if single or ranges else None


def _code_text(value: Any) -> str:
    if isinstance(value, str):
        return f".{value}" if len(value) == 1 and value.islower() else value.strip()
    return cell_text(value)
