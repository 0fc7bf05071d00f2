"""Error rates that stay: what they were made from, and what makes them be simulated again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import cpis_analysis
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.runs import kept_rates
from cpis_analysis.runs.kept_rates import KeptRates
from made_up_study import spec
from two_people import two_people

SOURCE = Path(cpis_analysis.__file__).parents[1]
SPEC = spec("y_6m ~ arm + y_0m + (1 | trust)")
CELLS = [Cell(0.02, 0.05), Cell(0.05, 0.10)]
SETTINGS = {"replicates": 10, "seed": 1, "comparators": ("by the normal distribution",)}


class Simulation:
    """Notes what it is asked for."""

    __name__ = "simulation"

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []
        self.columns: list[str] = []

    def __call__(self, specs, data, cells, *, replicates, seed, comparators):
        self.asked += [(one.name, cell.icc_team) for cell in cells for one in specs]
        self.columns = list(data.participants)
        return [[{"model": one.model, "size": cell.icc_team, "width": float("nan")} for one in specs] for cell in cells]


def asked(folder: Path, one=SPEC, cells=CELLS, frames=None, **settings) -> list[float]:
    """Correlations of the cells that are simulated, once the store was settled."""
    simulate = Simulation()
    kept = KeptRates(folder, SOURCE, frames or two_people())
    rates = kept.of(simulate, [one], cells, **SETTINGS | settings)
    kept.settle()
    assert [[row["size"] for row in rows] for rows in rates] == [[cell.icc_team] for cell in cells]
    assert kept.n_kept == len(cells) - len(simulate.asked)
    return [correlation for _, correlation in simulate.asked]


def test_rates_that_are_known_are_not_simulated_again(tmp_path):
    assert asked(tmp_path) == [0.05, 0.10]
    assert asked(tmp_path) == []
    # what is not estimated is no number, there and back
    again = KeptRates(tmp_path, SOURCE, two_people()).of(Simulation(), [SPEC], CELLS, **SETTINGS)
    assert pd.isna(again[0][0]["width"])


def test_only_the_cells_that_are_new_are_simulated(tmp_path):
    asked(tmp_path)
    assert asked(tmp_path, cells=[Cell(0.01, 0.2), *CELLS]) == [0.2]
    assert asked(tmp_path, cells=CELLS) == []
    # what the last run did not ask for is forgotten
    assert asked(tmp_path, cells=[Cell(0.01, 0.2)]) == [0.2]


@pytest.mark.parametrize(
    "changed",
    [
        {"one": replace(SPEC, formula="y_6m ~ arm + (1 | trust)")},
        {"one": replace(SPEC, df_method="satterthwaite")},
        {"frames": two_people(y_0m=[1.0, 2.5])},
        {"frames": two_people(arm=pd.Categorical(["a", "b"], categories=["b", "a"]))},
        {"seed": 2},
        {"replicates": 11},
        {"comparators": ()},
    ],
    ids=["formula", "degrees", "values", "order of codes", "seed", "replicates", "comparators"],
)
def test_what_rates_are_made_from_makes_them_be_simulated_again(tmp_path, changed):
    asked(tmp_path)
    assert asked(tmp_path, **changed) == [0.05, 0.10]


def test_a_variable_that_no_analysis_names_changes_nothing_and_is_not_handed_on(tmp_path):
    asked(tmp_path)
    assert asked(tmp_path, frames=two_people(other=[5.0, 6.0])) == []
    simulate = Simulation()
    KeptRates(tmp_path / "empty", SOURCE, two_people()).of(simulate, [SPEC], CELLS, **SETTINGS)
    assert "other" not in simulate.columns
    assert {"y_6m", "y_0m", "arm", "trust", "has_6m"} <= set(simulate.columns)


def test_other_code_and_other_libraries_simulate_again(tmp_path, monkeypatch):
    asked(tmp_path)
    monkeypatch.setattr(kept_rates, "bytes_digest", lambda files, source: "other")
    assert asked(tmp_path) == [0.05, 0.10]
    monkeypatch.setattr(kept_rates, "libraries_digest", lambda: "other")
    assert asked(tmp_path) == [0.05, 0.10]


def test_code_is_that_of_both_kinds_of_rates(tmp_path):
    files = {Path(file).name for file in kept_rates.module_sources(kept_rates.SIMULATING, SOURCE)}
    assert {"simulated_answers.py", "simulated_cell.py", "cluster_summary.py", "many_tests.py", "training.py"} <= files


def test_the_file_is_the_same_whatever_was_simulated_before(tmp_path):
    asked(tmp_path / "one")
    asked(tmp_path / "two", cells=CELLS[1:])
    asked(tmp_path / "two")
    one, two = ((tmp_path / name / "rates" / "rates.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_file_that_is_not_as_it_was_written_is_none(tmp_path):
    asked(tmp_path)
    (path,) = (tmp_path / "rates").iterdir()
    text = path.read_text(encoding="utf-8")
    for spoilt in (text.replace("0.1", "0.2"), text[: len(text) // 2], "[]"):
        path.write_text(spoilt, encoding="utf-8")
        assert asked(tmp_path) == [0.05, 0.10]
