"""Measured sizes of tests of answers: those that the documentation has, and the warning of those that are too large."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.methods.measured_sizes import measured_size
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from made_up_study import spec

PAGE = (Path(__file__).parents[3] / "docs" / "error_rates.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for cells in (
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")
    )
}
BY_TEAM = {"cluster": "team"}
CASES = [
    ("two-stage t on team proportions (C: of trusts)", "binary", "cluster_summary", BY_TEAM, "AB"),
    ("least squares, CR2 by trust", "binary", "ols_cr2", {"cluster": "trust"}, "ABC"),
    ("logistic GEE by team, Kauermann-Carroll, t(K - 2) *", "binary", "gee",
     {"correction": "kauermann-carroll", **BY_TEAM}, "ABC"),
    ("logistic mixed model (Laplace), trust + team, z", "binary", "glmm", {"df_method": "z"}, "ABC"),
    ("ordered answers: cumulative logit, trust + team, t(clusters - parameters) *", "ordinal", "glmm", {}, "ABC"),
    ("ordered answers: cumulative logit, trust + team, z *", "ordinal", "glmm", {"df_method": "z"}, "ABC"),
    ("counts: two-stage t on log team rates (`cluster_rates`)", "count", "cluster_rates", BY_TEAM, "AB"),
    ("counts: the same, paired within trusts", "count", "cluster_rates", {"pairs": True, **BY_TEAM}, "AB"),
    ("counts: Poisson mixed model, trust + team, t(clusters - parameters)", "count", "glmm", {}, "ABC"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "kind", "estimator", "changes", "regimes"), CASES, ids=[case[0] for case in CASES])
def test_sizes_are_the_higher_of_the_two_settings_in_the_table(row, kind, estimator, changes, regimes):
    one = spec("y_6m ~ arm", estimator, outcome_type=kind, **changes)
    for regime in regimes:
        place = "ABC".index(regime)
        shown = [float(re.match(r"[\d.]+", ROWS[row][at])[0]) for at in (place, place + 3)]
        assert 100 * measured_size(one, regime) == pytest.approx(max(shown), abs=0.11)


def test_the_nearly_optimal_test_has_the_highest_size_of_its_cells():
    part = PAGE.split("<!-- optimal answers: begin -->")[1].split("<!-- optimal answers: end -->")[0]
    highest = dict.fromkeys("ABC", 0.0)
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0][:1] in highest and len(cells) == 5:
            sizes = [float(cell.split("/")[0]) for cell in cells[2:]]
            highest[cells[0][0]] = max(highest[cells[0][0]], *sizes)
    one = replace(spec("y_6m ~ arm + (1 | trust)", outcome_type="binary"), df_method=NEARLY_OPTIMAL.name)
    assert {regime: round(100 * measured_size(one, regime), 1) for regime in "ABC"} == highest
