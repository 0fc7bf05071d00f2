"""The examples of one wave in many clusters and of five waves, from raw file to page, Word and PDF."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from html_tree import parse_html
from project_copy import ROOT, Project, fresh
from result_names import with_marked_words

pytestmark = [pytest.mark.workflow, pytest.mark.long]

GOLD = json.loads((ROOT / "tests/golden/data/examples/expected.json").read_text(encoding="utf-8"))
OF_OTHERS = r"\b(trusts?|teams?|interviews?|interviewed|CPIS|NHS|StaRI|social|Connecting|nan|NaN|None(?! agreed))\b"
"""Words of the home study, and what a program prints where it has no word."""
OF_CLUSTERS = r"\b(clusters?|clustering|of one study|the studies)\b"
FORMS = {f"{page}.{form}" for page in ("findings", "annex", "summary") for form in ("html", "pdf", "docx")}


@pytest.fixture(scope="module", params=["awards", "beat_the_blues"])
def run(request, tmp_path_factory) -> tuple[str, Project]:
    """Name and project of an example that was run whole."""
    project = fresh(tmp_path_factory.mktemp(request.param) / "project", request.param)
    project.run()
    return request.param, project


def words(project: Project, *pages: str) -> str:
    text = "\n".join((project.study / "results/report" / f"{page}.html").read_text(encoding="utf-8") for page in pages)
    return parse_html(re.sub(r"<(style|script|code|pre)\b.*?</\1>", "", text, flags=re.DOTALL)).text


def test_example_has_every_form_and_the_estimates_of_r(run):
    name, project = run
    assert {path.name for path in (project.study / "results" / "report").iterdir()} >= FORMS
    rows = pd.read_csv(project.study / "results" / "estimates.csv")
    assert rows["status"].eq("estimated").all()
    first = rows.drop_duplicates("analysis").set_index("analysis")
    wanted = {
        "awards": {"bagrut.risk": GOLD["awards"]["bagrut"]["risk"], "maths.pairs": GOLD["awards"]["maths"]["pairs"]},
        "beat_the_blues": {
            "bdi.person": GOLD["beat_the_blues"]["person"]["8m"],
            "bdi.ancova": GOLD["beat_the_blues"]["ancova"],
        },
    }[name]
    for analysis, numbers in wanted.items():
        assert first.loc[analysis, list(numbers)].to_dict() == pytest.approx(numbers, rel=1e-5)


def test_example_has_no_word_of_another_study(run):
    text = words(run[1], "findings", "annex", "summary")
    said = [text[max(found.start() - 60, 0) : found.end() + 40] for found in re.finditer(OF_OTHERS, text)]
    assert not said, said[:5]
    assert "Intercurrent: ." not in text


def test_example_calls_those_who_took_part_as_its_plan_does(run):
    name, project = run
    text = words(project, "findings", "summary")
    assert re.search({"awards": r"3,821 pupils", "beat_the_blues": r"100 patients"}[name], text)
    said = re.findall(r".{0,40}\b(?:people|persons?)\b", text, flags=re.IGNORECASE)
    assert [one for one in said if not one.endswith("holds no data of single people")] == []


def test_example_has_its_words_in_the_files_of_results_and_no_marks(run):
    name, project = run
    word = {"awards": "pupils", "beat_the_blues": "patients"}[name]
    for path in (project.study / "results" / "models").glob("*.json"):
        for record in json.loads(path.read_text(encoding="utf-8")):
            said = " ".join([*record["messages"], *record["estimate"]["warnings"]])
            assert word in said
            assert not re.search(r"\b(?:people|persons?)\b", said)
    assert with_marked_words(project.study) == []


def test_example_has_a_readme_whose_numbers_are_those_of_the_run(run):
    name, project = run
    readme = (ROOT / "examples" / name / "README.md").read_text(encoding="utf-8").replace("\n", " ")
    rows = pd.read_csv(project.study / "results" / "estimates.csv").set_index(["analysis", "contrast"])
    printed = {
        "awards": {("bagrut.risk", "1 - 0"): 100, ("bagrut.by_sex", "1 - 0 (sex: Girl - Boy)"): 100},
        "beat_the_blues": {
            ("bdi.all_waves", "BtheB - TAU (at 8m)"): 1,
            ("bdi.all_waves", "BtheB - TAU (at 2m)"): 1,
            ("bdi.ancova", "BtheB - TAU"): 1,
        },
    }[name]
    for place, unit in printed.items():
        estimate, low, high = (unit * rows.loc[place, key] for key in ("estimate", "ci_low", "ci_high"))
        assert re.search(rf"{estimate:.1f}\b.{{0,30}}?{low:.1f} to {high:.1f}", readme), place


def test_pages_of_people_without_clusters_say_nothing_of_clusters(run):
    name, project = run
    text = words(project, "findings")
    found = re.findall(rf"[^.]*{OF_CLUSTERS}[^.]*", text)
    assert bool(found) == (name == "awards"), found[:3]


def test_many_schools_are_spread_and_few_are_named(run):
    name, project = run
    drawn = {path.stem for path in (project.study / "results" / "figures").glob("*.svg")}
    schools = {"school-risks-bagrut", "school-risks-maths", "school-risks-english", "school-means-awarded"}
    assert {one for one in drawn if "-risks-" in one or "-means-" in one} == (schools if name == "awards" else set())
    assert ("how the percentages of the schools are spread" in words(project, "annex")) == (name == "awards")


def test_all_is_told_of_who_was_analysed(run):
    name, project = run
    text = words(project, "findings")
    if name == "awards":
        assert "nobody lacks a value" in text
        assert "free of bias by loss" not in text
    else:
        assert "Same question, only of those who were seen then" in text
        assert "Average of the waves: another question" in text
        assert "Everybody seen at a wave has a value" in text
