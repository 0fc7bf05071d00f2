"""What the clean data hold, variable by variable: counts, reasons for missing, ranges, distributions; no rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from cpis_analysis.intake.account.audit_trail import CONFIRMED
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.plan.schema_design import Design

BLANK = "left blank"
_MOST_VALUES = 12
_BINS = 8
_ENOUGH = 10
_WORDS = {
    "missing_code": "",
    "not_asked": "not to be asked",
    "out_of_range": "out of range",
    "unknown_code": "unreadable",
    "unreadable_number": "unreadable",
    "unreadable_date": "unreadable",
    "ambiguous_number": "ambiguous",
    "ambiguous_date": "ambiguous",
    "conflicting_duplicate": "entered twice, differently",
    "correction": "corrected",
    "declared_missing": "declared wrong by the plan",
    "ambiguous_percent": "ambiguous",
    "swapped_date": "day and month may be swapped",
}


@dataclass(frozen=True)
class Described:
    """One variable at one wave.

    Attributes
    ----------
    variable : Variable
    wave : str
        Empty for what belongs to a person.
    rows : int
        People or interviews.
    values : dict
        Number by code, value, interval or quarter, in order; empty for text.
    missing : dict
        Number by reason.
    quartiles : tuple of float or None
        Lower quartile, median, upper quartile; None for few values.
    """

    variable: Variable
    wave: str
    rows: int
    values: dict[str, int]
    missing: dict[str, int]
    quartiles: tuple[float, float, float] | None = None

    @property
    def present(self) -> int:
        return self.rows - sum(self.missing.values())


def describe_variables(
    participants: pd.DataFrame, interviews: pd.DataFrame, audit: pd.DataFrame, dictionary: Dictionary, design: Design
) -> list[Described]:
    """Describe every variable of the dictionary that the clean data hold.

    Parameters
    ----------
    participants, interviews : DataFrame
        Clean data with ``source`` and ``line``.
    audit : DataFrame
        Says why cells are missing.
    """
    reasons = _reasons(audit)
    everybody = _Held.of(participants)
    held = {wave.name: _Held.of(interviews[interviews["wave"] == wave.name]) for wave in design.waves}
    found = []
    for name, variable in dictionary.items():
        if name == design.participant:
            continue
        if name in participants:
            found.append(_described(variable, "", everybody, name, reasons))
        for wave in design.waves:
            if name in interviews and wave.name in variable.waves:
                found.append(_described(variable, wave.name, held[wave.name], name, reasons, f"{name}_{wave.name}"))
    return found


@dataclass(frozen=True)
class _Held:
    """Rows with their places in the raw files."""

    frame: pd.DataFrame
    places: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame) -> _Held:
        places = np.empty(len(frame), dtype=object)
        places[:] = list(zip(frame["source"], frame["line"], strict=True))
        return cls(frame, places)


def _reasons(audit: pd.DataFrame) -> dict[str, dict[tuple[str, int], str]]:
    """Why a cell was set missing, by place, for each column of the raw files: its last line decides."""
    # a confirmation says that a value is right, not why it is missing
    last = audit[audit["rule"] != CONFIRMED].drop_duplicates(["source", "line", "variable"], keep="last")
    last = last[last["after"].fillna("") == ""]
    words = last["rule"].map(_WORDS)
    text = words.where(words.notna(), last["rule"].str.replace("_", " ")).where(
        last["rule"] != "missing_code", last["reason"]
    )
    found: dict[str, dict[tuple[str, int], str]] = {}
    for name, source, line, why in zip(last["variable"], last["source"], last["line"], text, strict=True):
        if not pd.isna(why):
            found.setdefault(str(name), {})[source, line] = why
    return found


def _described(
    variable: Variable,
    wave: str,
    held: _Held,
    name: str,
    reasons: dict[str, dict[tuple[str, int], str]],
    wide: str = "",
) -> Described:
    values = held.frame[name]
    own, of_wave = reasons.get(name, {}), reasons.get(wide, {})
    counts = Counter(of_wave.get(at, own.get(at, BLANK)) for at in held.places[values.isna().to_numpy()])
    missing = {str(reason): counts[reason] for reason in sorted(counts, key=lambda r: (r == BLANK, r))}
    shown, quartiles = _distribution(values.dropna(), variable)
    return Described(variable, wave, len(values), shown, missing, quartiles)


def _distribution(values: pd.Series, variable: Variable) -> tuple[dict[str, int], tuple[float, float, float] | None]:
    if variable.is_categorical:
        counts = values.value_counts()
        return {code: int(counts.get(code, 0)) for code in variable.choices}, None
    if variable.type == "date" and not values.empty:
        counts = values.dt.to_period("Q").value_counts().sort_index()
        return {f"{quarter.year} quarter {quarter.quarter}": int(n) for quarter, n in counts.items()}, None
    if not variable.is_numeric or values.empty:
        return {}, None
    numbers = values.to_numpy(dtype=float)
    quartiles = None
    if len(numbers) >= _ENOUGH:
        low, middle, high = np.quantile(numbers, [0.25, 0.5, 0.75])
        quartiles = (float(low), float(middle), float(high))
    possible = None
    if variable.type == "integer" and isinstance(variable.low, float) and isinstance(variable.high, float):
        possible = np.arange(variable.low, variable.high + 1) if variable.high - variable.low < _MOST_VALUES else None
    if possible is not None:
        return {f"{value:g}": int((numbers == value).sum()) for value in possible}, quartiles
    low, high = _edges(numbers, variable)
    edges = np.linspace(low, high, _BINS + 1)
    counts = np.histogram(numbers, edges)[0]
    names = [f"{a:.3g} to {b:.3g}" for a, b in pairwise(edges)]
    return {name: int(count) for name, count in zip(names, counts, strict=True)}, quartiles


def _edges(numbers: np.ndarray, variable: Variable) -> tuple[float, float]:
    """The dictionary's range; where it has none, round numbers around the values, so that no value is an edge."""
    if isinstance(variable.low, float) and isinstance(variable.high, float):
        return variable.low, variable.high
    spread = max(float(numbers.max() - numbers.min()), 1.0)
    step = 10.0 ** np.floor(np.log10(spread))
    return float(np.floor(numbers.min() / step) * step), float((np.floor(numbers.max() / step) + 1) * step)
