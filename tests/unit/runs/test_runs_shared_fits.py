"""Many analyses, of which another process fits some."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.files import write_parquet
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.runs.fit_store import read_fits
from cpis_analysis.steps import fit_models
from made_up_study import spec, study

MODELS = ("first", "second", "third", "fourth")
MEANS = spec("y_6m ~ arm", estimator="cluster_summary", cluster="team")
SPECS = [replace(MEANS, name=f"y.{model}", model=model, level=0.9 + at / 100) for at, model in enumerate(MODELS)]

forked = pytest.mark.skipif(platform.system() != "Linux", reason="other processes do not have what a test changes")


@pytest.fixture
def fitted(tmp_path, monkeypatch):
    """What the step writes with some number of processes."""
    data = study(size=4)
    write_parquet(tmp_path / "participants.parquet", data.participants)
    write_parquet(tmp_path / "interviews.parquet", data.interviews)
    asked = {"analyses": json.loads(specs_to_json(SPECS)), "seed": 1, "minimum_cell": {}, "headlines": []}
    monkeypatch.setattr(fit_models, "SHARED", 4)
    monkeypatch.chdir(tmp_path)

    def run(processes: str) -> dict[str, bytes]:
        place = Path(f"with{processes}")
        out = [f"{place}/{model}.json" for model in MODELS]
        fit_models.main(asked, "participants.parquet", "interviews.parquet", f"{place}/fits", out, processes)
        assert set(read_fits(place / "fits")) == {one.name for one in SPECS}
        return {path.name: path.read_bytes() for path in place.glob("*.json")}

    return run


def test_another_process_fits_some_and_nothing_shows_of_it(fitted, capfd):
    alone = fitted("1")
    assert capfd.readouterr().out.count(": fitted") == 4
    together = fitted("2")
    # each says what it did, and none of it twice
    said = capfd.readouterr().out
    assert sorted(line for line in said.splitlines() if line.endswith(": fitted")) == [
        f"y.{model}: fitted" for model in sorted(MODELS)
    ]
    assert together == alone
    assert len(alone) == 4


@forked
def test_whoever_is_done_first_takes_the_next_analysis(fitted, monkeypatch):
    keep, by, first = fit_models.Fitting._keep, Path("by").absolute(), SPECS[0].name
    by.mkdir()

    def noted(self, name, fit):
        (by / f"{name} {os.getpid()}").touch()
        # the first one is a long one: it waits until the three others are done
        deadline = time.monotonic() + 60
        while name == first and len(list(by.iterdir())) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        keep(self, name, fit)

    monkeypatch.setattr(fit_models.Fitting, "_keep", noted)
    fitted("2")
    done = dict(path.name.split() for path in by.iterdir())
    assert set(done) == {one.name for one in SPECS}
    assert len({process for name, process in done.items() if name != first}) == 1
    assert len(set(done.values())) == 2


def test_few_fits_are_done_by_one_process(fitted, monkeypatch):
    monkeypatch.setattr(fit_models, "SHARED", 5)
    monkeypatch.setattr(fit_models, "get_context", None)
    assert len(fitted("2")) == 4


@forked
def test_what_another_process_does_not_come_to_is_done_by_the_first(fitted, capfd, monkeypatch):
    alone = fitted("1")
    capfd.readouterr()
    monkeypatch.setattr(fit_models, "_help", lambda *taken: os._exit(1))
    assert fitted("2") == alone
    assert capfd.readouterr().out.count(": fitted") == 4


def test_files_of_models_whose_fits_stay_are_not_written_again(fitted, monkeypatch, capsys):
    alone, wrote = fitted("1"), []
    write = fit_models.write_json
    monkeypatch.setattr(fit_models, "write_json", lambda path, content: wrote.append(path.stem) or write(path, content))
    assert fitted("1") == alone
    assert wrote == []
    Path("with1/second.json").write_text("edited", encoding="utf-8")
    Path("with1/fits/y.third.json").unlink()
    capsys.readouterr()
    assert fitted("1") == alone
    # the fit that was made anew is as it was, so its file stands
    assert wrote == ["second"]
    said = capsys.readouterr().out
    assert "y.third: fitted" in said
    assert "y.second: as it was" in said
    assert "y.second: All" not in said
