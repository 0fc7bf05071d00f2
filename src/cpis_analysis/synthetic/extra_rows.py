"""Rows that do not belong: of people who should have none, entered twice, or blank."""

from __future__ import annotations

from itertools import islice

import numpy as np

from cpis_analysis.synthetic.bench import Bench
from cpis_analysis.synthetic.sheets import Sheet, as_text
from cpis_analysis.synthetic.variable_rows import columns_of


def foreign_rows(bench: Bench) -> None:
    """Six-month rows of people without baseline, and of numbers that nobody was given."""
    sheet = bench.sheets["six_months"]
    log = bench.truth["participants"]
    width = len(log["participant_id"].iloc[0]) - 2
    rng = bench.rng("foreign rows")
    for kind, status in (
        ("followup_without_baseline", "lost_before_baseline"),
        ("unknown_participant", "lost_after_baseline"),
    ):
        lost = log.loc[log["status"] == status, "participant_id"].tolist()
        lost = [lost[i] for i in np.argsort(rng.random(len(lost)), kind="stable")]
        for person in lost[: bench.count(kind, "six_months")]:
            values = _would_have_said(bench, person)
            if kind == "unknown_participant":
                number = len(log) + int(rng.integers(20, 60))
                while f"CP{number:0{width}d}" in set(sheet.column("participant_id")):
                    number += 1
                values["participant_id"] = f"CP{number:0{width}d}"
            before = sheet.column("interview_date") <= values["interview_date"]
            row = sheet.add(values, float(before.sum()) - 0.5)
            bench.log.note(kind, sheet, row)
            bench.log.reserved.add((sheet.name, row))


def _would_have_said(bench: Bench, person: str) -> dict[str, str]:
    """A six-month row from the complete data, as written."""
    complete = bench.truth["complete"]
    row = complete[(complete["participant_id"] == person) & (complete["wave"] == "6m")]
    return as_text(row)[list(columns_of("six_months", bench.parameters.design))].iloc[0].to_dict()


def _items(bench: Bench, sheet: Sheet, row: int) -> list[str]:
    """Answered, unsoiled items of a row."""
    return [
        column
        for column, value in sheet.rows[row].items()
        if value and column.startswith(("rguk_", "wemwbs_", "qpr_")) and bench.log.is_free(sheet.name, row, column)
    ]


def conflicting_duplicates(bench: Bench) -> None:
    """Two versions of an interview; which of them is right differs from cell to cell."""
    for file in ("baseline", "six_months"):
        sheet = bench.sheets[file]
        rng = bench.rng("conflicting duplicate", file)
        wanted = bench.count("conflicting_duplicate", file)
        cells = bench.parameters.dirt.conflicting_cells
        careless = set(bench.careless[file])
        possible = (r for r in bench.rows(sheet, rng) if r not in careless and len(_items(bench, sheet, r)) > cells)
        for row in list(islice(possible, wanted)):
            second = dict(sheet.rows[row])
            items = _items(bench, sheet, row)
            for i in np.argsort(rng.random(len(items)), kind="stable")[:cells]:
                variable = bench.known[items[i]]
                true = sheet.rows[row][variable.name]
                others = [v for v in variable.whole_numbers if str(v) != true]
                wrong = str(others[int(rng.integers(0, len(others)))])
                if rng.random() < 0.5:
                    second[variable.name] = wrong
                    bench.change("conflicting_duplicate", sheet, row, variable.name, true)
                else:
                    bench.change("conflicting_duplicate", sheet, row, variable.name, wrong)
            copy = sheet.add(second, _below(sheet, row, rng))
            bench.log.note("conflicting_duplicate", sheet, copy, action="set aside")
            bench.log.reserved |= {(file, row), (file, copy)}


def exact_duplicates(bench: Bench) -> None:
    """Rows entered a second time, cell for cell."""
    for file in ("participants", "baseline", "six_months"):
        sheet = bench.sheets[file]
        rng = bench.rng("duplicate", file)
        for row in bench.rows(sheet, rng)[: bench.count("duplicate_row", file)]:
            copy = sheet.add(dict(sheet.rows[row]), _below(sheet, row, rng))
            bench.log.note("duplicate_row", sheet, copy)
            bench.log.reserved |= {(file, row), (file, copy)}


def blank_rows(bench: Bench) -> None:
    """Rows of separators alone."""
    for file in ("participants", "baseline", "six_months"):
        sheet = bench.sheets[file]
        rng = bench.rng("blank", file)
        last = max(sheet.position.values())
        for _ in range(bench.count("blank_row", file)):
            row = sheet.add({}, float(np.floor(rng.random() * last)) + 0.75)
            bench.log.note("blank_row", sheet, row)


def _below(sheet: Sheet, row: int, rng: np.random.Generator) -> float:
    """A place somewhere below a row: where a second entry was typed."""
    last = max(sheet.position.values())
    start = sheet.position[row]
    return float(start + np.floor(rng.random() * (last - start))) + 0.5
