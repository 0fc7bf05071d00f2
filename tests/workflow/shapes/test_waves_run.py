"""Studies of one wave and of three from raw file to page, through the same workflow."""

import json
import re

import pandas as pd
import pytest

from html_tree import parse_html
from project_copy import fresh
from wave_studies import EXPECTED

pytestmark = [pytest.mark.workflow, pytest.mark.long]


@pytest.fixture(scope="module", params=["one_wave", "three_waves"])
def run(request, tmp_path_factory):
    """Name, folder and pages of a study that was run whole: numbers in its documents have their sources."""
    project = fresh(tmp_path_factory.mktemp(request.param) / "project", request.param)
    project.run()
    pages = "\n".join(
        (project.study / "results" / "report" / f"{name}.html").read_text(encoding="utf-8")
        for name in ("findings", "annex")
    )
    return request.param, project.study, re.sub(r"<(style|script)\b.*?</\1>", "", pages, flags=re.DOTALL)


def test_estimates_of_the_run_are_those_of_r(run):
    study, folder, _ = run
    rows = pd.read_csv(folder / "results" / "estimates.csv").set_index(["model", "contrast"])
    for model, wanted in EXPECTED[study].items():
        by_contrast = {"yes - no": wanted} if study == "one_wave" else wanted
        for contrast, numbers in by_contrast.items():
            found = {name: rows.loc[(model, contrast), name] for name in numbers}
            assert found == pytest.approx(numbers, rel=1e-5), contrast


def test_flow_counts_people_at_every_wave(run):
    study, folder, _ = run
    overall = json.loads((folder / "results" / "flow.json").read_text(encoding="utf-8"))["overall"]
    assert (
        overall
        == {
            "one_wave": {"recruited": 162, "followup": 162, "analysed": 156},
            "three_waves": {"recruited": 112, "baseline": 112, "followup": 96, "wave_12m": 93, "analysed": 96},
        }[study]
    )


def test_page_of_one_wave_says_nothing_of_a_baseline_or_of_people_seen_again(run):
    study, _, pages = run
    text = parse_html(pages).text
    checklists = text.index("Reporting checklists", len(text) // 2)
    said = re.findall(r"[^.]*\b(?:baseline|seen again|change from|before the intervention)\b[^.]*", text[:checklists])
    assert bool(said) == (study == "three_waves"), said[:3]


def test_page_of_three_waves_has_each_wave_and_their_average(run):
    study, _, pages = run
    text = parse_html(pages).text
    for words in ("at each wave", "Average of six months and twelve months", "difference in change from baseline to"):
        assert (words in text) == (study == "three_waves")
    assert ("lost before six months" in text.lower()) == (study == "three_waves")
