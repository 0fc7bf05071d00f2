"""What `cpis new` makes of the raw file of examples/awards, and of names of waves."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cpis_analysis import cli
from cpis_analysis.new_study.wide_waves import words_of_wave

RAW = Path(__file__).resolve().parents[3] / "examples" / "awards" / "data" / "raw" / "awards.csv"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What is said, the plan, and the dictionary by variable."""
    folder = tmp_path_factory.mktemp("new") / "awards"
    options = ["--yes", *("--characteristic", "sex", "--characteristic", "immigrant")]
    outcomes = [part for name in ("Bagrut_status", "achv_math") for part in ("--outcome", name)]
    done = CliRunner().invoke(cli.app, ["new", str(folder), "--file", str(RAW), *options, *outcomes])
    assert done.exit_code == 0, done.output
    with (folder / "data/raw/dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Variable / Field Name"]: row for row in csv.DictReader(file)}
    return done.output, yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")), rows


def test_what_clusters_are_like_is_no_level_of_clusters(written):
    """Kinds of schools lie across the pairs: school_type is called like a school, and names none."""
    said, plan, _ = written
    assert [level["variable"] for level in plan["design"]["levels"]] == ["pair", "school_id"]
    assert "not used: school_type, " in said


def test_events_in_allocated_schools_get_what_needs_no_model_of_schools(written):
    _, plan, _ = written
    outcome = plan["outcomes"]["Bagrut_status_event"]
    assert outcome["label"] == "Bagrut_status"
    assert outcome["models"] == ["risk", "risk_means", "risk_cr2", "odds"]
    made = {name: (model.get("estimator"), model.get("cluster")) for name, model in plan["models"].items()}
    assert made["risk_means"] == ("cluster_summary", "school_id")
    assert made["risk_cr2"] == ("ols_cr2", "school_id")


def test_outcomes_whose_direction_nothing_tells_share_a_remark(written):
    said, _, _ = written
    assert said.count("nothing says whether high is better") == 1
    assert "direction of Bagrut_status, achv_math: " in said


def test_characteristic_of_noughts_and_ones_is_yes_or_no(written):
    _, _, dictionary = written
    assert dictionary["immigrant"]["Field Type"] == "yesno"
    assert dictionary["siblings"]["Field Type"] == "text"


@pytest.mark.parametrize(
    ("wave", "words"),
    [
        ("pre", "Baseline"), ("BL", "Baseline"), ("2m", "2 months"), ("1y", "1 year"), ("w6", "6 weeks"), ("V5", "V5"),
        ("post", "post"), ("1.5 months", "1.5 months"),
    ],
)  # fmt: skip
def test_names_of_waves_are_read_out(wave, words):
    assert words_of_wave(wave) == words
