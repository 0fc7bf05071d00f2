"""Measured sizes of tests of answers: those that the documentation has, and the warning of those that are too large."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.methods import measured_sizes, simulated_rates
from cpis_analysis.methods.measured_sizes import measured_size
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.methods.simulated_rates import TABLES, rows_of_table
from made_up_study import spec

DOCS = Path(__file__).parents[3] / "docs"
BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
PAGES = {"error_rates": {"rates", "answers", "optimal answers"},
         "inference": {"optimal sizes", "optimal departures", "panel sizes"}}  # fmt: skip
PAGE = (DOCS / "error_rates.md").read_text(encoding="utf-8")
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
        assert 100 * measured_size(one, regime) == pytest.approx(max(shown), abs=1e-9)


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


@pytest.mark.parametrize(("page", "name"), [(page, name) for page, names in PAGES.items() for name in sorted(names)])
def test_pages_show_the_kept_tables_and_nothing_else(page, name):
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    shown = text.split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]
    assert shown == TABLES[name]


def test_every_kept_table_stands_in_a_page():
    assert set(TABLES) == set.union(*PAGES.values())


def test_every_row_that_a_size_is_read_from_is_in_the_kept_table():
    table = rows_of_table("answers")
    assert {row for kind in measured_sizes._ROWS.values() for rows in kind.values() for row, _ in rows} <= set(table)


def test_a_benchmark_keeps_its_table_once_for_page_and_report(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import marked_page

    file, page = tmp_path / "kept.py", tmp_path / "page.md"
    file.write_text(Path(simulated_rates.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    page.write_text("before\n<!-- rates: begin -->\nold\n<!-- rates: end -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(simulated_rates, "__file__", str(file))
    monkeypatch.setattr(simulated_rates, "TABLES", dict(TABLES))
    marked_page.keep_rates(page, "rates", "| method | A |\n|---|---|\n| new | 9.9 / 1 |")
    names: dict = {}
    exec(compile(file.read_text(encoding="utf-8"), "kept", "exec"), names)
    assert names["TABLES"] == TABLES | {"rates": "| method | A |\n|---|---|\n| new | 9.9 / 1 |\n"}
    assert "| new | 9.9 / 1 |" in page.read_text(encoding="utf-8")
    assert "old" not in page.read_text(encoding="utf-8")
