"""Many analyses, of which another process fits its share."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import cpis_analysis
from cpis_analysis.files import write_parquet
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.runs.fit_store import read_fits
from cpis_analysis.steps import fit_models
from made_up_study import spec, study

MODELS = ("first", "second", "third", "fourth")
MEANS = spec("y_6m ~ arm", estimator="cluster_summary", cluster="team")
SPECS = [replace(MEANS, name=f"y.{model}", model=model, level=0.9 + at / 100) for at, model in enumerate(MODELS)]


@pytest.fixture
def fitted(tmp_path, monkeypatch):
    """What the step writes with some number of processes."""
    data = study(size=4)
    write_parquet(tmp_path / "participants.parquet", data.participants)
    write_parquet(tmp_path / "interviews.parquet", data.interviews)
    asked = {"analyses": json.loads(specs_to_json(SPECS)), "seed": 1, "minimum_cell": {}, "headlines": []}
    monkeypatch.setattr(fit_models, "MANY", 2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(cpis_analysis.__file__).parents[1]))

    def run(processes: str) -> dict[str, bytes]:
        place = Path(f"with{processes}")
        given = {
            "spec": json.dumps(asked),
            "participants": "participants.parquet",
            "interviews": "interviews.parquet",
            "store": f"{place}/fits",
            "processes": processes,
        }
        out = [f"{place}/{model}.json" for model in MODELS]
        monkeypatch.setattr(
            sys, "argv", ["step", *(part for key, text in given.items() for part in (f"--{key}", text)), "--out", *out]
        )
        fit_models.main(**given | {"spec": asked}, out=out)
        assert set(read_fits(place / "fits")) == {one.name for one in SPECS}
        return {path.name: path.read_bytes() for path in place.glob("*.json")}

    return run


def test_another_process_fits_every_other_analysis_and_nothing_shows_of_it(fitted, capsys):
    alone = fitted("1")
    assert capsys.readouterr().out.count(": fitted") == 4
    together = fitted("2")
    # what the other process says goes to the log, and not through this one
    assert capsys.readouterr().out.count(": fitted") == 2
    assert together == alone
    assert len(alone) == 4


def test_what_another_process_does_not_come_to_is_done_by_the_first(fitted, capsys, monkeypatch):
    alone = fitted("1")
    capsys.readouterr()
    monkeypatch.setattr(fit_models.step, "__file__", "nowhere.py")
    assert fitted("2") == alone
    assert capsys.readouterr().out.count(": fitted") == 4
