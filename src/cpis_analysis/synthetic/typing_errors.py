"""Dirt in how answers are written: spelling, labels, formats, codes that do not exist."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cpis_analysis.synthetic.bench import Bench
from cpis_analysis.synthetic.dirt_kinds import DIRT_KINDS
from cpis_analysis.synthetic.variable_rows import Variable

_MISSPELT = {"North": "Nort", "South": "Souuth", "East": "Easst", "West": "Wesst", "Central": "Centrl"}
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
    return str(variable.high + 1) if variable.high is not None and variable.name.startswith(scales) else None


def _unknown_code(variable: Variable, value: str, rng: np.random.Generator) -> str | None:
    decisive = ("trust", "team", "gender", "support_received", "materials_explained")
    return "2" if variable.kind == "category" and variable.name not in decisive else None


Change = Callable[[Variable, str, np.random.Generator], str | None]

_TYPING: dict[str, Change] = {
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


def typing_errors(bench: Bench) -> None:
    """Soil the wanted number of cells of each kind, at most one of a kind in a row while rows last."""
    for kind, change in _TYPING.items():
        for file in bench.sheets:
            _soil_file(bench, kind, file, change)


def _soil_file(bench: Bench, kind: str, file: str, change: Change) -> None:
    sheet = bench.sheets[file]
    left = bench.count(kind, file)
    rng = bench.rng(kind, file)
    for row in bench.rows(sheet, rng, careless=True) if left else []:
        for at in np.argsort(rng.random(len(sheet.columns)), kind="stable"):
            column = sheet.columns[at]
            value = sheet.rows[row][column]
            if not value or column == "participant_id" or not bench.log.is_free(file, row, column):
                continue
            wrong = change(bench.known[column], value, rng)
            if wrong is not None and wrong != value:
                bench.change(kind, sheet, row, column, wrong, value if DIRT_KINDS[kind].decidable else "")
                left -= 1
                break
        if left == 0:
            return
