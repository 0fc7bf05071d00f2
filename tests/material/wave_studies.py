"""Made-up studies of one wave and of three, whose plans and raw files lie in tests/material/studies."""

import json
from functools import cache
from pathlib import Path

import pandas as pd

from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.dataset import build_dataset

STUDIES = Path(__file__).resolve().parent / "studies"
EXPECTED = json.loads((STUDIES.parents[1] / "golden" / "data" / "waves" / "expected.json").read_text(encoding="utf-8"))


@cache
def wave_plan(name):
    """The plan of one of the studies."""
    return load_plan(STUDIES / name / "config.yaml").content


@cache
def wave_specs(name):
    """Its analyses by name."""
    return {spec.name: spec for spec in load_plan(STUDIES / name / "config.yaml").specifications()}


@cache
def three_waves():
    """Analysis data of the study of three waves."""
    design = wave_plan("three_waves").design
    rows = pd.read_csv(STUDIES / "three_waves" / "data" / "raw" / "visits.csv")
    people = rows[["pid", "site", "team", "arm", "age"]].drop_duplicates()
    return build_dataset(people, rows[["pid", "wave", "score"]], None, design, ["score"])


@cache
def one_wave():
    """Analysis data of the study of one wave."""
    design = wave_plan("one_wave").design
    rows = pd.read_csv(STUDIES / "one_wave" / "data" / "raw" / "pupils.csv")
    talks = rows.assign(wave="post", reading=rows["reading_post"])[["pupil", "wave", "reading"]]
    return build_dataset(rows[["pupil", "school", "programme", "sex"]], talks, None, design, ["reading"])
