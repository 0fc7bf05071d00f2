"""Soil clean files, and keep a record of every piece of dirt.

Order: rows that do not belong (so that they are dirty like others), missing codes, contradictions,
typing errors on few careless rows, then duplicates and blank rows. No cell is soiled twice. A row
that is to be set aside has one entry in the record, whatever else is wrong in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.parameters import Design, Parameters
from cpis_analysis.synthetic.sheets import Log, Sheet, as_text
from cpis_analysis.synthetic.variables import FILES, Variable, columns_of, variables

__all__ = ["soil"]

_MISSPELT = {
    "North": "Nort",
    "South": "Souuth",
    "East": "Easst",
    "West": "Wesst",
    "Central": "Centrl",
}
_WORDS = {
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "20": "twenty",
    "30": "thirty",
    "40": "forty",
    "50": "fifty",
    "60": "sixty",
    "70": "seventy",
    "80": "eighty",
}


@dataclass
class Bench:
    """All that the soiling functions share."""

    parameters: Parameters
    truth: dict[str, pd.DataFrame]
    sheets: dict[str, Sheet]
    known: dict[str, Variable]
    seed: int
    log: Log
    careless: dict[str, list[int]]

    def rng(self, *names: str) -> np.random.Generator:
        return generator(self.seed, "synthetic", "dirt", *names)

    def count(self, kind: str, file: str) -> int:
        """Number wanted, scaled to the size of the study."""
        wanted = getattr(self.parameters.dirt, kind)[FILES.index(file)]
        standard = sum(Design().recruits)
        return max(1, round(wanted * len(self.truth["participants"]) / standard)) if wanted else 0

    def rows(self, sheet: Sheet, rng: np.random.Generator, careless: bool = False) -> list[int]:
        """Rows in random order; the careless ones first if wanted."""
        rows = [row for row in sheet.order() if (sheet.name, row) not in self.log.reserved]
        shuffled = [rows[i] for i in np.argsort(rng.random(len(rows)), kind="stable")]
        if careless:
            chosen = set(self.careless.get(sheet.name, ()))
            shuffled.sort(key=lambda row: row not in chosen)
        return shuffled


def soil(parameters: Parameters, truth: dict[str, pd.DataFrame], sheets: dict[str, Sheet], seed: int) -> pd.DataFrame:
    """Soil ``sheets`` in place and return the record of dirt (columns ``DIRT_COLUMNS``)."""
    known = {v.name: v for v in variables(parameters.design)}
    bench = Bench(parameters, truth, sheets, known, seed, Log(), {})
    _mark_careless(bench)
    _foreign_rows(bench)
    _missing_codes(bench)
    _outside_window(bench)
    _arm_mismatch(bench)
    _gender_changed(bench)
    _before_baseline(bench)
    _contradiction(bench)
    for kind, change in _TYPING.items():
        _typing_errors(bench, kind, change)
    _conflicting_duplicates(bench)
    _exact_duplicates(bench)
    _blank_rows(bench)
    return bench.log.table(sheets)


def _mark_careless(bench: Bench) -> None:
    for file in ("participants", "baseline", "six_months"):
        sheet = bench.sheets[file]
        rows = bench.rows(sheet, bench.rng("careless", file))
        bench.careless[file] = rows[: max(3, round(bench.parameters.dirt.careless_rows * len(rows)))]


# --------------------------------------------------------------------------- rows that do not belong


def _foreign_rows(bench: Bench) -> None:
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
                while f"CP{number:0{width}d}" in set(sheet.cells["participant_id"]):
                    number += 1
                values["participant_id"] = f"CP{number:0{width}d}"
            before = sheet.cells["interview_date"] <= values["interview_date"]
            row = sheet.add(values, float(before.sum()) - 0.5)
            bench.log.note(kind, sheet, row)
            bench.log.reserved.add((sheet.name, row))


def _would_have_said(bench: Bench, person: str) -> dict[str, str]:
    """A six-month row from the complete data, as written."""
    complete = bench.truth["complete"]
    row = complete[(complete["participant_id"] == person) & (complete["wave"] == "6m")]
    return as_text(row)[list(columns_of("six_months", bench.parameters.design))].iloc[0].to_dict()


# --------------------------------------------------------------------------- gaps and contradictions


def _missing_codes(bench: Bench) -> None:
    """Enter a missing code for some unanswered questions that were asked."""
    complete = bench.truth["complete"]
    for file, wave in (("baseline", "0m"), ("six_months", "6m")):
        sheet = bench.sheets[file]
        rng = bench.rng("missing codes", file)
        rows = sheet.cells.index
        theirs = np.array([(file, row) not in bench.log.reserved for row in rows])
        answers = as_text(complete[complete["wave"] == wave].set_index("participant_id"))
        # rows that do not belong have no complete answers of their own
        answers = answers.reindex(sheet.cells["participant_id"], fill_value="")
        for variable in (bench.known[c] for c in sheet.cells.columns):
            if not variable.missing:
                continue
            uniform = rng.random((len(rows), 2))
            gap = (sheet.cells[variable.name] == "").to_numpy() & (answers[variable.name] != "").to_numpy()
            if "support_received" in variable.branching:
                # details of support are asked of those who said yes
                gap &= (sheet.cells["support_received"] == "yes").to_numpy()
            entered = theirs & gap & (uniform[:, 0] < bench.parameters.dirt.missing_code)
            for at in np.flatnonzero(entered):
                # the first code is the usual one
                code = str(variable.missing[0 if uniform[at, 1] < 0.85 else -1][0])
                sheet.cells.at[rows[at], variable.name] = code
                bench.log.note("missing_code", sheet, rows[at], variable.name, raw=code)


def _outside_window(bench: Bench) -> None:
    sheet = bench.sheets["six_months"]
    baseline = bench.sheets["baseline"].cells.set_index("participant_id")["interview_date"]
    low, high = bench.parameters.schedule.followup_range
    for row in sheet.order():
        person = sheet.cells.at[row, "participant_id"]
        if (sheet.name, row) in bench.log.reserved:
            continue
        value = sheet.cells.at[row, "interview_date"]
        days = (pd.Timestamp(value) - pd.Timestamp(baseline[person])).days
        if not low <= days <= high:
            bench.log.note("outside_window", sheet, row, "interview_date", value, value, value)


def _arm_mismatch(bench: Bench) -> None:
    sheet = bench.sheets["participants"]
    rows = bench.rows(sheet, bench.rng("arm mismatch"))
    for row in rows[: bench.count("arm_mismatch", "participants")]:
        true = sheet.cells.at[row, "arm"]
        wrong = "comparison" if true == "implementation" else "implementation"
        _change(bench, "arm_mismatch", sheet, row, "arm", wrong, clean=true)


def _gender_changed(bench: Bench) -> None:
    sheet, first = bench.sheets["six_months"], bench.sheets["baseline"]
    at_baseline = {person: row for row, person in first.cells["participant_id"].items()}
    rows = [
        row for row in bench.rows(sheet, bench.rng("gender")) if sheet.cells.at[row, "gender"] in ("female", "male")
    ]
    for row in rows[: bench.count("gender_changed", "six_months")]:
        true = sheet.cells.at[row, "gender"]
        wrong = "male" if true == "female" else "female"
        _change(bench, "gender_changed", sheet, row, "gender", wrong, clean=true)
        # the answer that decides must itself stay as it is
        bench.log.touched.add((first.name, at_baseline[sheet.cells.at[row, "participant_id"]], "gender"))


def _before_baseline(bench: Bench) -> None:
    """The year before is typed."""
    sheet = bench.sheets["six_months"]
    rows = [
        row
        for row in bench.rows(sheet, bench.rng("before baseline"))
        if bench.log.is_free(sheet.name, row, "interview_date")
    ]
    for row in rows[: bench.count("followup_before_baseline", "six_months")]:
        true = sheet.cells.at[row, "interview_date"]
        wrong = f"{int(true[:4]) - 1}{true[4:]}"
        _change(bench, "followup_before_baseline", sheet, row, "interview_date", wrong)


def _contradiction(bench: Bench) -> None:
    """The materials were explained to people whose arm has none."""
    sheet = bench.sheets["six_months"]
    rng = bench.rng("contradiction")
    arm = bench.truth["participants"].set_index("participant_id")["arm"]
    rows = [row for row in bench.rows(sheet, rng) if arm[sheet.cells.at[row, "participant_id"]] == "comparison"]
    for row in rows[: bench.count("branching_contradiction", "six_months")]:
        answer = ("yes", "no", "unsure")[int(rng.integers(0, 3))]
        _change(bench, "branching_contradiction", sheet, row, "materials_explained", answer)


def _change(bench: Bench, kind: str, sheet: Sheet, row: int, variable: str, value: str, clean: str = "") -> None:
    true = sheet.cells.at[row, variable]
    sheet.cells.at[row, variable] = value
    bench.log.note(kind, sheet, row, variable, value, true, clean)


# --------------------------------------------------------------------------- typing errors


def _name_variant(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    if variable.name not in ("trust", "team"):
        return None
    forms = [f" {value}", f"{value} ", value.lower(), f"{value.upper()} ", f" {value.lower()}"]
    forms = [form for form in forms if form != value]
    return forms[int(rng.integers(0, len(forms)))]


def _name_misspelt(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    return _MISSPELT.get(value) if variable.name == "team" else None


def _label_for_code(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    # yes and no stand in most columns; other answers should have their turn
    if variable.name == "team" or (variable.codes == ("yes", "no") and rng.random() < 0.8):
        return None
    return dict(variable.choices).get(value)


def _date_format(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    return f"{value[8:]}/{value[5:7]}/{value[:4]}" if variable.kind == "date" else None


def _decimal_comma(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    return f"{value},0" if variable.name in ("age", "leisure_7d", "eq_vas") else None


def _number_words(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    return _WORDS.get(value) if variable.name in ("leisure_7d", "eq_vas") else None


def _text_number(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    if variable.name != "eq_vas" or not 10 <= int(value) <= 90:
        return None
    return f"about {value}" if rng.random() < 0.5 else f"{int(value) - 5}-{int(value) + 5}"


def _out_of_range(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    scales = ("rguk_", "wemwbs_", "qpr_", "eq5d5l_", "scope_", "gas_")
    return str(variable.high + 1) if variable.name.startswith(scales) else None


def _unknown_code(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    decisive = ("trust", "team", "gender", "support_received", "materials_explained")
    return "2" if variable.kind == "category" and variable.name not in decisive else None


_TYPING: dict[str, Callable[[Variable, str, np.random.Generator], str | None]] = {
    "name_variant": _name_variant,
    "name_misspelt": _name_misspelt,
    "date_format": _date_format,
    "decimal_comma": _decimal_comma,
    "number_words": _number_words,
    "text_number": _text_number,
    "unknown_code": _unknown_code,
    "label_for_code": _label_for_code,
    "out_of_range": _out_of_range,
}


def _typing_errors(bench: Bench, kind: str, change: Callable[[Variable, str, np.random.Generator], str | None]) -> None:
    """Soil the wanted number of cells, at most one of a kind in a row while rows last."""
    for file, sheet in bench.sheets.items():
        left = bench.count(kind, file)
        rng = bench.rng(kind, file)
        rows = bench.rows(sheet, rng, careless=True) if left else []
        for row in rows:
            if left == 0:
                break
            columns = [sheet.cells.columns[i] for i in np.argsort(rng.random(sheet.cells.shape[1]), kind="stable")]
            for column in columns:
                value = sheet.cells.at[row, column]
                if not value or not bench.log.is_free(file, row, column) or column == "participant_id":
                    continue
                wrong = change(bench.known[column], value, rng)
                if wrong is not None and wrong != value:
                    clean = value if kind not in ("text_number", "unknown_code", "out_of_range") else ""
                    _change(bench, kind, sheet, row, column, wrong, clean)
                    left -= 1
                    break


# --------------------------------------------------------------------------- duplicates and blanks


def _items(bench: Bench, sheet: Sheet, row: int) -> list[str]:
    """Answered, unsoiled items of a row."""
    return [
        column
        for column, value in sheet.cells.loc[row].items()
        if value and column.startswith(("rguk_", "wemwbs_", "qpr_")) and bench.log.is_free(sheet.name, row, column)
    ]


def _conflicting_duplicates(bench: Bench) -> None:
    """Two versions of an interview; which of them is right differs from cell to cell."""
    for file in ("baseline", "six_months"):
        sheet = bench.sheets[file]
        rng = bench.rng("conflicting duplicate", file)
        wanted = bench.count("conflicting_duplicate", file)
        cells = bench.parameters.dirt.conflicting_cells
        careless = set(bench.careless[file])
        possible = (r for r in bench.rows(sheet, rng) if r not in careless and len(_items(bench, sheet, r)) > cells)
        for row in list(islice(possible, wanted)):
            second = sheet.cells.loc[row].to_dict()
            items = _items(bench, sheet, row)
            for i in np.argsort(rng.random(len(items)), kind="stable")[:cells]:
                variable = bench.known[items[i]]
                true = sheet.cells.at[row, variable.name]
                others = [v for v in range(variable.low, variable.high + 1) if str(v) != true]
                wrong = str(others[int(rng.integers(0, len(others)))])
                if rng.random() < 0.5:
                    second[variable.name] = wrong
                    _change(bench, "conflicting_duplicate", sheet, row, variable.name, true)
                else:
                    _change(bench, "conflicting_duplicate", sheet, row, variable.name, wrong)
            copy = sheet.add(second, _below(sheet, row, rng))
            bench.log.note("conflicting_duplicate", sheet, copy, action="set aside")
            bench.log.reserved |= {(file, row), (file, copy)}


def _exact_duplicates(bench: Bench) -> None:
    for file in ("participants", "baseline", "six_months"):
        sheet = bench.sheets[file]
        rng = bench.rng("duplicate", file)
        for row in bench.rows(sheet, rng)[: bench.count("duplicate_row", file)]:
            copy = sheet.add(sheet.cells.loc[row].to_dict(), _below(sheet, row, rng))
            bench.log.note("duplicate_row", sheet, copy)
            bench.log.reserved |= {(file, row), (file, copy)}


def _blank_rows(bench: Bench) -> None:
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
