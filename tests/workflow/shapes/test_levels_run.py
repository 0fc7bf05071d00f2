"""Studies without clusters, with individual allocation in sites, and with three levels, from raw file to page."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import statsmodels.formula.api as smf

from html_tree import parse_html
from levelled_trial import people, plan, write_trial
from project_copy import Project, fresh
from result_names import names_in, office_texts

pytestmark = [pytest.mark.workflow, pytest.mark.long]

LEVELS = ("district", "school", "class")
NESTED = "(1 | district) + (1 | district:school) + (1 | district:school:class)"
OF_OTHERS = r"\b(trusts?|teams?|interviews?|interviewed|CPIS|NHS|StaRI|social|Connecting)\b"
"""Words of the home study."""
OF_OTHERS_IN_NAMES = r"trust|team|interview|nhs|stari"
"""The same in names of files, columns and keys, where other letters may stand beside them."""


def _models(random: str, cluster: str, fixed: str = "") -> dict[str, dict]:
    robust, ancova = {"estimator": "ols_cr2", "cluster": cluster}, "{outcome}_t1 ~ arm + {outcome}_t0"
    models = {"robust": robust | {"label": "ANCOVA, robust", "formula": f"{ancova}{fixed}"}}
    if random:
        models = {"mixed": {"label": "ANCOVA", "formula": f"{ancova} + {random}"}} | models
    return models | {"risk": robust | {"label": "Risk", "formula": f"{{outcome}}_t1 ~ arm{fixed}"}}


STUDIES = {
    "none": ((), (90,), None, _models("", "pupil")),
    "sites": (("school",), (5, 30), None, _models("(1 | school)", "pupil", " + school")),
    "three": (LEVELS, (4, 3, 2, 5), "school", _models(NESTED, "school")),
    "many": (("school",), (120, 6), "school", _models("(1 | school)", "school")),
}


@pytest.fixture(
    scope="module",
    params=["none", "three", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sites", "many"))],
)
def run(request, tmp_path_factory):
    """Name, people and project of a study that was run to its end."""
    levels, sizes, by, models = STUDIES[request.param]
    project = Project(fresh(tmp_path_factory.mktemp(request.param) / "project", "cpis").folder, "study")
    frame = people(levels, sizes, by)
    write_trial(project.study, frame, plan(levels, models))
    project.run()
    return request.param, frame, project


def _pages(project: Project) -> str:
    pages = [project.study / "results" / "report" / f"{name}.html" for name in ("findings", "annex")]
    return parse_html("\n".join(page.read_text(encoding="utf-8") for page in pages)).text


def test_levels_every_analysis_is_estimated_and_people_are_as_hc2_of_another_program(run):
    name, frame, project = run
    rows = pd.read_csv(project.study / "results" / "estimates.csv").set_index("analysis")
    assert rows["status"].eq("estimated").all()
    if name in ("none", "sites"):
        terms = "arm + before" + (" + school" if name == "sites" else "")
        usual_first = frame.assign(arm=pd.Categorical(frame["arm"], ["usual", "new"]))
        other = smf.ols(f"after ~ {terms}", usual_first.dropna(subset=["after"])).fit(cov_type="HC2")
        found = rows.loc["score.robust"]
        assert found["estimate"] == pytest.approx(other.params["arm[T.new]"], rel=1e-9)
        assert found["se"] == pytest.approx(other.bse["arm[T.new]"], rel=1e-9)


def test_levels_pages_have_the_study_s_own_nouns_and_no_word_of_another(run):
    name, _, project = run
    text = _pages(project)
    said = [text[max(found.start() - 60, 0) : found.end() + 40] for found in re.finditer(OF_OTHERS, text)]
    assert not said, said[:5]
    for noun in {"none": (), "sites": ("school",), "three": LEVELS, "many": ("school",)}[name]:
        assert re.search(rf"\b{noun}(s|es)?\b", text)
    assert ("HC2" in text) == (name in ("none", "sites"))


def test_levels_pages_count_the_clusters_that_were_allocated_and_none_where_there_are_none(run):
    name, _, project = run
    text = _pages(project)
    carry = re.findall(r"The (\d+ \w+), and not the number of", text)
    assert set(carry) == ({"12 schools"} if name == "three" else set())
    assert ("Design and clusters" in text) == (name != "none")
    assert "Number of studies" not in text
    assert ("how clustering was taken into account" in text) == (name in ("three", "many"))


def test_levels_pages_and_files_tell_of_every_level(run):
    name, _, project = run
    if name != "three":
        pytest.skip("one level or none")
    text = _pages(project)
    row = pd.read_csv(project.study / "results" / "estimates.csv").set_index("analysis").loc["score.mixed"]
    assert [row[f"n_{level}"] for level in ("districts", "schools", "classes")] == [4, 12, 24]
    correlations = [row[f"icc_{level}"] for level in LEVELS]
    assert correlations == sorted(correlations)
    shown = [f"{icc:.3f} for two people of one {level}" for icc, level in zip(correlations, LEVELS, strict=True)]
    assert f"was estimated as {shown[0]}, {shown[1]} and {shown[2]}." in text
    assert "Clusters of each level: number, and people of the group recruited in each" in text
    assert "SchoolsAs usual81010\nSchoolsNew books41010" in text
    assert "24 classes, 12 schools and 4 districts" in text


def test_levels_files_have_the_study_s_own_names_and_none_of_another(run):
    name, _, project = run
    found = list(names_in(project.study / "results"))
    assert not [pair for pair in found if re.search(OF_OTHERS_IN_NAMES, pair[1], re.IGNORECASE)][:5]
    upper = {"none": "place", "sites": "school", "three": "district", "many": "school"}[name]
    assert {("estimates.csv", f"icc_{upper}"), ("error_rates.csv", f"icc_{upper}")} <= set(found)


def test_levels_documents_have_no_word_of_another_study(run):
    texts = dict(office_texts(run[2].study / "results"))
    assert {name.partition("/")[0] for name in texts} >= {"tables.xlsx", "findings.docx", "annex.docx", "summary.docx"}
    said = [(name, found[0]) for name, text in texts.items() for found in re.finditer(OF_OTHERS, text)]
    assert not said, said[:5]


def test_levels_pages_name_few_of_many_clusters(run):
    named = set(re.findall(r"\bS\d+\b", _pages(run[2])))
    assert len(named) <= 12
