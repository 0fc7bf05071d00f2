"""Rows of a description of people or teams by group, as baseline and retention tables show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.disclosure.counts import WITHHELD, small_mark
from cpis_analysis.publish.format import (
    DASH,
    count,
    count_percent,
    is_missing,
    mean_sd,
    median_quartiles,
    number,
    scale_digits,
)
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.publish.table import Row
from cpis_analysis.words.labels import ALL, Labels, code_text

NOTE_NUMBERS = "Numbers: mean (standard deviation), and median (quartiles), of those with a value."
NOTE_CATEGORIES = "Categories: number (per cent of those with a value)."
NOTE_SHORT = "Mean (standard deviation), or number (per cent of those with a value) with the commonest answer."
NOTE_SMD = (
    "SMD: absolute standardised difference; for numbers the difference of the means divided by the square root of the "
    "mean of the two variances, for categories the distance of Yang and Dalton (2012)."
)


def group_sizes(frame: pd.DataFrame) -> dict[str, int]:
    """Group -> number of units."""
    return {str(row.group): row.n_group for row in frame.drop_duplicates("group").itertuples()}


def characteristic_rows(
    frame: pd.DataFrame,
    groups: Sequence[str],
    labels: Labels,
    *,
    minimum: int,
    smd_group: str | None,
    short: bool = False,
) -> list[Row]:
    """One block of rows for each variable.

    Parameters
    ----------
    frame : DataFrame
        As `study.characteristics.characteristics` gives it, after disclosure control.
    groups : sequence of str
        Columns, in order.
    labels : Labels
    minimum : int
        Smallest count shown.
    smd_group : str or None
        Group whose SMD is shown in a last column; None for no such column.
    short : bool
        One row a variable: the mean, or how many gave the answer that is the commonest of all people.

    Returns
    -------
    list of Row
        Cells: label, one for each group, the SMD. A yes/no variable has one row, others a header and one a code.
    """
    rows: list[Row] = []
    parts: dict[str, list[dict[str, Any]]] = {}
    for one in rows_of(frame):
        parts.setdefault(str(one["variable"]), []).append(one)
    for variable, part in parts.items():
        cells = {(_code(row["code"]), str(row["group"])): row for row in part}
        present = [group for group in groups if any(key[1] == group for key in cells)]
        smd = _smd(part, smd_group)
        label = labels.variable(variable)
        if part[0]["kind"] == "number":
            found = _number_rows(label, cells, groups, smd, short)
        else:
            found = _category_rows(variable, label, cells, groups, labels, minimum, smd, short)
        if short:
            rows.append(found[0])
            continue
        rows += found
        missing = [next(row for key, row in cells.items() if key[1] == group)["n_missing"] for group in present]
        if any(missing):
            shown = dict(zip(present, missing, strict=True))
            rows.append(_row("Missing", [count(shown.get(group)) for group in groups], "", smd is not None, 1))
    return rows


def _number_rows(label: str, cells: dict, groups: Sequence[str], smd: str | None, short: bool) -> list[Row]:
    spread = [row["sd"] for row in cells.values() if not is_missing(row["sd"])]
    digits = scale_digits(sd=max(spread) if spread else None).level
    first, second = [], []
    for group in groups:
        row = cells.get(("", group))
        hidden = row is not None and row["state"] != "shown"
        first.append(WITHHELD if hidden else DASH if row is None else mean_sd(row["mean"], row["sd"], digits))
        quartiles = DASH if row is None else median_quartiles(row["median"], row["q1"], row["q3"], digits)
        second.append(WITHHELD if hidden else quartiles)
    more = smd is not None
    name = label if short else f"{label}: mean (SD)"
    return [_row(name, first, smd, more, 0), _row("Median (quartiles)", second, "", more, 1)]


def _category_rows(
    variable: str,
    label: str,
    cells: dict,
    groups: Sequence[str],
    labels: Labels,
    minimum: int,
    smd: str | None,
    short: bool,
) -> list[Row]:
    codes = list(dict.fromkeys(key[0] for key in cells))
    more = smd is not None

    def shown(code: str) -> list[str]:
        return [_count_cell(cells.get((code, group)), minimum) for group in groups]

    if set(codes) == {"yes", "no"}:
        return [_row(label, shown("yes"), smd, more, 0)]
    if short:
        yes = {code.casefold(): code for code in codes}
        if set(yes) == {"yes", "no"}:
            return [_row(label, shown(yes["yes"]), smd, more, 0)]
        code = _commonest(codes, cells)
        return [_row(f"{label}: {labels.choice(variable, code)}", shown(code), smd, more, 0)]
    rows = [_row(label, [""] * len(groups), smd, more, 0)]
    rows += [_row(labels.choice(variable, code), shown(code), "", more, 1) for code in codes]
    return rows


def _commonest(codes: Sequence[str], cells: dict) -> str:
    """The code that most people have, of those whose number is shown; the first of as many."""
    told = {code: cells[code, ALL]["count"] for code in codes if cells.get((code, ALL), {}).get("state") == "shown"}
    return max(told, key=lambda code: float(told[code])) if told else codes[0]


def _count_cell(row: dict | None, minimum: int) -> str:
    if row is None:
        return DASH
    if row["state"] == "small":
        return small_mark(minimum)
    if row["state"] != "shown":
        return WITHHELD
    return count_percent(row["count"], row["n"])


def _smd(part: Sequence[Mapping[str, Any]], group: str | None) -> str | None:
    if group is None:
        return None
    if any(not is_missing(hidden := row.get("smd_hidden")) and hidden for row in part):
        return WITHHELD
    value = next((row["smd"] for row in part if str(row["group"]) == group), None)
    return DASH if is_missing(value) else number(abs(value), 2)


def _row(label: str, cells: Sequence[str], smd: str | None, with_smd: bool, indent: int) -> Row:
    return Row((label, *cells, *([smd or ""] if with_smd else [])), indent=indent)


def _code(value: object) -> str:
    return "" if is_missing(value) else code_text(value)
