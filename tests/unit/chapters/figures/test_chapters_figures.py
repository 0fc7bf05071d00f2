"""Figures: the same bytes every time, safe text, alternative text from the numbers, and sums that are checked."""

import dataclasses
import hashlib
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

import chapter_material
from chapter_material import HOSTILE, LABELS, Words, flow, labels, people, plan, results
from cpis_analysis.chapters.flow.boxes import flow_problems
from cpis_analysis.chapters.flow.figure import draw_flow
from cpis_analysis.chapters.models.figure import draw_diagnostics
from cpis_analysis.chapters.outcomes.figure_forest import draw_forest
from cpis_analysis.chapters.outcomes.figure_teams import draw_teams
from cpis_analysis.chapters.people.figure import draw_missing
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.errors import DataError
from cpis_analysis.publish.pen.inks import WIDTH
from cpis_analysis.publish.pen.style import wrap
from cpis_analysis.report.figures import all_figures
from cpis_analysis.study.cluster_rows import team_frame
from cpis_analysis.study.describe import summaries

pytestmark = pytest.mark.thorough

FOLDERS = [str(Path(__file__).parent), str(Path(chapter_material.__file__).parent)]


@cache
def usual_frames():
    return protect_summaries(summaries(plan(), people()), 5)[0]


def frames(content=None, frame=None):
    """Summaries after disclosure control."""
    if content is None and frame is None:
        return usual_frames()
    return protect_summaries(summaries(content or plan(), people() if frame is None else frame), 5)[0]


def draw_all(content=None, words=None):
    return all_figures(frames(content), results(content), flow(people()), labels(content, words))


def draw_some(content=None, words=None):
    """One figure of each kind."""
    s, found, names = frames(content), results(content), labels(content, words)
    return [
        draw_flow(flow(people()), s["team_list"], names),
        draw_forest(found, names),
        draw_teams(s["team_means"], "rguk", names),
        draw_missing(s["missing"], names),
        draw_diagnostics(found[0], names),
    ]


@pytest.fixture(scope="module")
def figures():
    return {figure.id: figure for figure in draw_all()}


def digest(figures):
    return hashlib.sha256("".join(f.id + f.svg + f.alt + f.title for f in figures).encode()).hexdigest()


def test_all_figures_of_the_study(figures):
    assert list(figures) == [
        "forest",
        "flow",
        "missing",
        "team-means-rguk",
        "team-means-gas",
        "diagnostics-rguk-ancova",
        "diagnostics-gas-post",
    ]


def test_bytes_are_the_same_again_and_in_another_process(figures):
    again = draw_some()
    assert all(figure == figures[figure.id] for figure in again)
    first = digest(again)
    code = (
        f"import sys; sys.path[:0] = {FOLDERS!r}; import matplotlib; matplotlib.rcParams['font.size'] = 20; "
        "matplotlib.rcParams['svg.fonttype'] = 'none'; "
        "from test_chapters_figures import digest, draw_some; print(digest(draw_some()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        # the same package, wherever this process has it from
        env={"PYTHONHASHSEED": "7", "PATH": "", "SOURCE_DATE_EPOCH": "1", "LANG": "C"}
        | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")},
    )
    assert found.stdout.strip() == first


def test_svg_holds_no_style_sheet_script_comment_or_date(figures):
    for figure in figures.values():
        root = ElementTree.fromstring(figure.svg)
        assert root.get("role") == "img"
        tags = {element.tag.split("}")[1] for element in root.iter()}
        assert tags <= {"svg", "title", "desc", "g", "path", "use", "defs", "circle", "rect"}
        assert "<!--" not in figure.svg
        assert not re.search(r"\b20\d\d-\d\d-\d\d|matplotlib\.org", figure.svg)


def test_svg_ids_are_prefixed_and_resolve(figures):
    for figure in figures.values():
        ids = re.findall(r'\bid="([^"]*)"', figure.svg)
        assert len(ids) == len(set(ids))
        assert all(name.startswith(f"{figure.id}-") for name in ids)
        used = re.findall(r'href="#([^"]*)"', figure.svg) + re.findall(r"url\(#([^)]*)\)", figure.svg)
        assert set(used) <= set(ids)


def test_svg_outlines_stay_inside_the_drawing(figures):
    for figure in figures.values():
        width, height = (float(v) for v in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', figure.svg).groups())
        assert width == WIDTH
        for x, y in re.findall(r'transform="translate\(([-\d.]+) ([-\d.]+)\)', figure.svg):
            assert -1 <= float(x) <= width or float(y) == 0  # glyphs within a line are placed from its start
            assert -1 <= float(y) <= height


def test_synthetic_data_are_marked_and_real_ones_are_not(figures):
    content = plan(study={"synthetic": False})
    real = draw_flow(flow(people()), frames(content)["team_list"], labels(content))
    heights = [float(re.search(r'height="([\d.]+)pt"', f.svg)[1]) for f in (figures["flow"], real)]
    assert heights[0] > heights[1]
    assert "#801650" not in real.svg
    assert all("#801650" in figure.svg for figure in figures.values())


def test_alt_text_is_made_from_the_numbers(figures):
    assert "RG-UK 0.04 (−0.54 to 0.63), p 0.250" in figures["forest"].alt
    assert "90 people recruited in 3 trusts, 6 teams" in figures["flow"].alt
    assert "4 of 5 lie within the 95% envelope" in figures["diagnostics-rguk-ancova"].alt
    assert "P001" not in figures["diagnostics-rguk-ancova"].alt
    mean = people().query("trust == 'A' and team == 'North'")["rguk_0m"].mean()
    assert f"Trust A, North, comparison: {mean:.1f} (14)" in figures["team-means-rguk"].alt


def test_hostile_labels_are_shown_as_they_stand():
    words = Words({name: HOSTILE for name in LABELS}, {"arm": {"comparison": HOSTILE, "implementation": "$\\frac{1}$"}})
    content = plan(design={"levels": [{"variable": "trust", "label": HOSTILE}, {"variable": "team"}]})
    for figure in draw_some(content, words):
        assert "<script" not in figure.svg
        root = ElementTree.fromstring(figure.svg)
        assert root[1].text == figure.alt


def test_flow_contradictions_are_all_listed():
    frame = people()
    wrong = flow(frame)
    clusters = frames()["team_list"]
    assert not list(flow_problems(wrong, clusters))
    wrong["overall"]["baseline"] += 1
    wrong["losses"][1]["n"] += 2
    wrong["by_arm"]["implementation"]["recruited"] -= 1
    with pytest.raises(DataError, match="does not add up") as caught:
        draw_flow(wrong, clusters, labels())
    assert len(caught.value.problems) >= 4


def test_flow_small_reasons_are_combined():
    figure = draw_flow(flow(people()), frames()["team_list"], labels())
    assert "moved away" not in figure.alt
    assert "for other reasons" in figure.alt


def screened():
    """A flow whose log has three stages before recruitment."""
    screening = {
        "overall": {"approached": 141, "consented": 97, "eligible": 120, "recruited": 90},
        "by_trust": {
            "A": {"approached": 50, "consented": 34, "eligible": 41, "recruited": 30},
            "B": {"approached": 44, "consented": 32, "eligible": 40, "recruited": 30},
            "C": {"approached": 47, "consented": 31, "eligible": 39, "recruited": 30},
        },
        "not_recruited": [
            {"trust": "A", "team": "A / North", "reason": "moved", "n": 20},
            {"trust": "B", "team": "B / North", "reason": "withdrew", "n": 27},
            {"trust": "C", "team": "not known", "reason": "died", "n": 4},
        ],
    }
    return flow(people()) | {"screening": screening}


def test_flow_stages_before_recruitment_stand_above_it():
    plain, figure = (draw_flow(one, frames()["team_list"], labels()) for one in (flow(people()), screened()))
    assert (
        "Before recruitment: 141 people approached (By trust: A 50, B 44, C 47); not eligible: 21; 120 eligible; "
        "did not agree to take part: 23; 97 agreed to take part; not recruited: 7 (All reasons: 27 withdrew, "
        "20 moved, 4 for other reasons). 90 people recruited in 3 trusts, 6 teams."
    ) in figure.alt.replace("moved away", "moved")
    heights = [float(re.search(r'height="([\d.]+)pt"', one.svg)[1]) for one in (plain, figure)]
    assert heights[1] > heights[0] + 100
    assert "recruitment" not in plain.alt


def test_flow_stages_before_recruitment_that_do_not_add_up_are_listed():
    wrong = screened()
    wrong["screening"]["overall"] |= {"recruited": 91, "eligible": 95}
    wrong["screening"]["not_recruited"][0]["n"] = 40
    with pytest.raises(DataError, match="does not add up") as caught:
        draw_flow(wrong, frames()["team_list"], labels())
    said = " ".join(str(problem) for problem in caught.value.problems)
    for words in (
        "end with another number",
        "eligible: the sum over the trusts",
        "more people consented than eligible",
        "more reasons than people",
    ):
        assert words in said


def test_study_without_teams_losses_or_reasons():
    content = plan(design={"levels": [{"variable": "trust"}], "team_characteristics": []}, report={"experience": []})
    frame = people().assign(has_6m=True, has_0m=True)
    s = protect_summaries(summaries(content, frame), 5)[0]
    by_arm = {arm: {"recruited": 45, "baseline": 45, "followup": 45} for arm in ("comparison", "implementation")}
    counts = {"overall": {"recruited": 90, "baseline": 90, "followup": 90}, "by_arm": by_arm, "losses": []}
    drawn = all_figures(s, results(content)[:1], counts, labels(content))
    assert [figure.id for figure in drawn] == [
        "forest",
        "flow",
        "missing",
        "trust-means-rguk",
        "trust-means-gas",
        "diagnostics-rguk-ancova",
    ]
    assert "team" not in drawn[0].alt


def test_small_team_has_no_mean_in_the_figure():
    frame = people()
    few = frame.index[(frame["trust"] == "A") & (frame["arm"] == "comparison") & frame["has_6m"]]
    frame.loc[few[2:], "rguk_6m"] = float("nan")
    s = frames(frame=frame)
    alt = draw_teams(s["team_means"], "rguk", labels()).alt
    assert "[c] (2)" in alt
    assert alt.count("[c]") == 2
    with pytest.raises(ValueError, match="disclosure"):
        draw_teams(summaries(plan(), frame)["team_means"], "rguk", labels())


def test_forest_without_estimate_or_with_endless_interval():
    found = results()
    none = dataclasses.replace(
        found[0], standardised={"estimate": None, "ci_low": None, "ci_high": None, "sd": None, "sd_source": None}
    )
    assert "RG-UK –" in draw_forest([none, found[2]], labels()).alt
    wide = dataclasses.replace(found[0], standardised=found[0].standardised | {"ci_low": -9e5, "ci_high": 9e5})
    assert "−900,000.00 to 900,000.00" in draw_forest([wide, found[2]], labels()).alt
    with pytest.raises(ValueError, match="headline"):
        draw_forest([found[1]], labels())


def test_nothing_to_draw_is_said():
    with pytest.raises(ValueError, match="nothing"):
        draw_missing(pd.DataFrame(columns=["level", "variable", "wave", "arm", "n", "n_missing"]), labels())
    with pytest.raises(ValueError, match="no diagnostics"):
        draw_diagnostics(dataclasses.replace(results()[0], diagnostics={}), labels())


def test_wrap_keeps_every_character():
    text = "a few words and Donaudampfschifffahrtsgesellschaft " + "W" * 80
    lines = wrap(text, 100)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap("", 50) == [""]


def test_figures_are_drawn_without_matplotlib():
    code = (
        f"import sys; sys.path[:0] = {FOLDERS!r}; from test_chapters_figures import draw_some; draw_some(); "
        "print('matplotlib' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_flow_of_one_arm_of_one_cluster_is_drawn():
    frame = people()
    frame = frame[(frame["trust"] == "A") & (frame["arm"] == "comparison")]
    clusters = team_frame(frame, "arm", ["trust", "team"], {"baseline": "0m", "followup": "6m"})
    counts = {"recruited": 15, "baseline": int(frame["has_0m"].sum()), "followup": int(frame["has_0m"].sum())}
    counts["followup"] = int(frame["has_6m"].sum())
    losses = [
        {
            "stage": "before_baseline",
            "arm": "comparison",
            "team": "A / North",
            "reason": None,
            "n": counts["recruited"] - counts["baseline"],
        },
        {
            "stage": "after_baseline",
            "arm": "comparison",
            "team": "A / North",
            "reason": None,
            "n": counts["baseline"] - counts["followup"],
        },
    ]
    drawn = draw_flow({"overall": counts, "by_arm": {"comparison": counts}, "losses": losses}, clusters, labels())
    assert "1 trust, 1 team" in drawn.alt
