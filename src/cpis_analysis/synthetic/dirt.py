"""Soil clean files, and keep a record of every piece of dirt."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.synthetic import contradictory_answers, extra_rows
from cpis_analysis.synthetic.bench import Bench
from cpis_analysis.synthetic.parameters import Parameters
from cpis_analysis.synthetic.sheets import Log, Sheet
from cpis_analysis.synthetic.typing_errors import typing_errors
from cpis_analysis.synthetic.variable_rows import variables


def soil(parameters: Parameters, truth: dict[str, pd.DataFrame], sheets: dict[str, Sheet], seed: int) -> pd.DataFrame:
    """Soil ``sheets`` in place and return the record of dirt (columns ``DIRT_COLUMNS``).

    1. Rows that do not belong are added.
    2. Unanswered questions get missing codes; answers are made to contradict each other.
    3. Typing errors fall on few careless rows.
    4. Rows are entered twice, and blank rows are added.

    No cell is soiled twice. A row that is to be set aside has one entry in the record, whatever else is
    wrong in it.
    """
    known = {v.name: v for v in variables(parameters.design)}
    bench = Bench(parameters, truth, sheets, known, seed, Log(), {})
    _mark_careless(bench)
    extra_rows.foreign_rows(bench)
    contradictory_answers.missing_codes(bench)
    contradictory_answers.outside_window(bench)
    contradictory_answers.arm_mismatch(bench)
    contradictory_answers.gender_changed(bench)
    contradictory_answers.before_baseline(bench)
    contradictory_answers.contradiction(bench)
    typing_errors(bench)
    extra_rows.conflicting_duplicates(bench)
    extra_rows.exact_duplicates(bench)
    extra_rows.blank_rows(bench)
    return bench.log.table(sheets)


def _mark_careless(bench: Bench) -> None:
    for file in ("participants", "baseline", "six_months"):
        sheet = bench.sheets[file]
        rows = bench.rows(sheet, bench.rng("careless", file))
        bench.careless[file] = rows[: max(3, round(bench.parameters.dirt.careless_rows * len(rows)))]
