"""Where names of levels stand in files: the code's become the study's as a file is written, and back as it is read.

What a file of an earlier version calls by the code's names is read as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from cpis_analysis.disclosure.differences import PANEL
from cpis_analysis.plan.level_names import LevelNames, names_of
from cpis_analysis.publish.sources.source import Cell

_CODES = ("trust", "team")
_SIZES = ("n_trusts", "n_middles", "n_teams", "icc_trust", "icc_middle", "icc_team")
_GROUPS = ("by_trust", "by_team")
_BY_PLACE = ("team_list", "team_means", "team_risks", "experience", "themes", "pooled")
"""Frames of the summaries with codes of clusters."""
_ESTIMATE = re.compile(r"((?:estimate|contrasts\[\d+\])\.)(\w+)")
_PLACE = re.compile(r"((?:arms|cells)\[\d+\]\.)(\w+)")
_FLOW = re.compile(r"((?:screening\.|analyses\[[^\]]*\]\.)?)(by_\w+)(.*)", flags=re.DOTALL)


def column_levels(frame: pd.DataFrame, levels: Sequence[str], *, back: bool = False) -> pd.DataFrame:
    """A frame of estimates or error rates, with the names of files; ``back``: read from a file."""
    return frame.rename(columns=_pairs(names_of(levels), _SIZES, back))


def frame_levels(
    frames: Mapping[str, pd.DataFrame], levels: Sequence[str], *, back: bool = False
) -> dict[str, pd.DataFrame]:
    """The frames of the summaries: their names, their columns, and cells that name a level."""
    names = names_of(levels)
    values = _turned({**names.values, PANEL: _panel(names)}, back)
    columns, called = _pairs(names, _CODES, back), _turned(names.frames, back)
    found = {}
    for stored, frame in frames.items():
        name, made = called.get(stored, stored), frame
        if (name if back else stored) in _BY_PLACE:
            made = frame.rename(columns=columns)
        elif stored == "differences":
            cells = {name: [values.get(cell, cell) for cell in frame[name]] for name in ("cluster", "why")}
            made = frame.assign(
                **{name: pd.Series(of, frame.index, dtype=frame[name].dtype) for name, of in cells.items()}
            )
        made.attrs = dict(frame.attrs)
        found[name] = made
    return found


def log_levels(log: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """The log of disclosure control: which frame of the summaries a line is about."""
    frames = names_of(levels).frames
    return log.assign(table=log["table"].map(lambda name: frames.get(name, name)))


def size_levels(rows: Iterable[Mapping[str, Any]], levels: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of error rates, each with what is taken for correlations of people of a cluster."""
    keys = _pairs(names_of(levels), _SIZES, back=False)
    return [_renamed(row, keys) for row in rows]


def result_levels(record: Mapping[str, Any], *, back: bool = False) -> dict[str, Any]:
    """The record of a result, which has its levels with it."""
    names = names_of(record["spec"]["levels"])
    keys, values = _pairs(names, _SIZES, back), _turned(names.values, back)
    rows = [dict(row) for row in record["variance_components"]]
    for row in rows:
        if row.get("level") is not None:
            name, by, rest = row["level"].partition("-by-")
            row["level"] = values.get(name, name) + by + rest
    return {
        **record,
        "estimate": _renamed(record["estimate"], keys),
        "contrasts": [_renamed(one, keys) for one in record["contrasts"]],
        "variance_components": rows,
    }


def audit_levels(record: Mapping[str, Any], levels: Sequence[str], *, back: bool = False) -> dict[str, Any]:
    """The record of the audit of the design."""
    names = names_of(levels)
    level = record["level"]
    return {
        **record,
        "level": _turned(names.values, back).get(level, level),
        "arms": [_renamed(row, _pairs(names, _SIZES, back)) for row in record["arms"]],
        "cells": cluster_levels(record["cells"], levels, back=back),
    }


def cluster_levels(
    rows: Iterable[Mapping[str, Any]], levels: Sequence[str], *, back: bool = False
) -> list[dict[str, Any]]:
    """Rows with the codes of clusters."""
    keys = _pairs(names_of(levels), _CODES, back)
    return [_renamed(row, keys) for row in rows]


def flow_levels(record: Mapping[str, Any], levels: Sequence[str], *, back: bool = False) -> dict[str, Any]:
    """The participant flow: keys of its groupings, not the codes of clusters and arms below them."""
    groups = _pairs(names_of(levels), _GROUPS, back)
    made = _renamed(record, groups)
    if made.get("losses"):
        made["losses"] = cluster_levels(made["losses"], levels, back=back)
    if made.get("screening"):
        screening = _renamed(made["screening"], groups)
        made["screening"] = screening | {"not_recruited": cluster_levels(screening["not_recruited"], levels, back=back)}
    if made.get("analyses"):
        made["analyses"] = {name: _renamed(counts, groups) for name, counts in made["analyses"].items()}
    return made


def cells_as_written(levels: Sequence[str]) -> Callable[[Cell], Cell]:
    """What a cell is called in its file, of cells that have the code's names of levels."""
    names = names_of(levels)

    def written(cell: Cell) -> Cell:
        if cell.kind == "setting":
            return cell
        (folder, name), column = _named(cell.file), cell.column
        if name == "summaries.json":
            frame, colon, row = cell.row.partition(":")
            column = names.columns.get(column, column) if frame in _BY_PLACE and column in _CODES else column
            return _called(cell, names.frames.get(frame, frame) + colon + row, column)
        if name in ("estimates.csv", "error_rates.csv"):
            return _called(cell, cell.row, names.columns.get(column, column))
        at = {"design_audit.json": _PLACE, "flow.json": _FLOW}.get(name)
        at = _ESTIMATE if folder == "models" else at
        if at is None or (found := at.fullmatch(column)) is None:
            return cell
        before, key, *after = found.groups()
        return _called(cell, cell.row, before + names.columns.get(key, key) + "".join(after))

    return written


def _called(cell: Cell, row: str, column: str) -> Cell:
    # most are called the same in the file
    return cell if row == cell.row and column == cell.column else replace(cell, row=row, column=column)


@cache
def _named(file: str) -> tuple[str, str]:
    """Name of a file's folder, and its own."""
    path = PurePosixPath(file)
    return path.parent.name, path.name


def todays_row(row: Mapping[str, Any], levels: Sequence[str]) -> dict[str, Any]:
    """A row of estimates as files have it now; one of an earlier version has the code's names."""
    keys = names_of(levels).columns
    return dict(row) if keys["n_trusts"] in row else _renamed(row, keys)


def todays_record(file: str, record: dict[str, Any], levels: Sequence[str]) -> dict[str, Any]:
    """The record of the flow or the audit, likewise; any other record stays."""
    keys = names_of(levels).columns
    if file == "flow.json" and keys["by_trust"] not in record:
        return flow_levels(record, levels)
    if file == "design_audit.json" and not any(keys["n_trusts"] in row for row in record["arms"]):
        return audit_levels(record, levels)
    return record


def _panel(names: LevelNames) -> str:
    return PANEL.replace("trust", names.values["trust"])


def _pairs(names: LevelNames, keys: Sequence[str], back: bool) -> dict[str, str]:
    # a level in the middle is one of three
    return _turned({key: names.columns[key] for key in keys if key in names.columns}, back)


def _turned(names: Mapping[str, str], back: bool) -> dict[str, str]:
    return {name: own for own, name in names.items()} if back else dict(names)


def _renamed(record: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    return {keys.get(key, key): value for key, value in record.items()}
