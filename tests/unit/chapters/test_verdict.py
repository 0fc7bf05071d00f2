"""The verdict: the interval chooses the sentence, and no sentence says more than it may."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.findings.section import verdict_block
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.two_methods.content import Anchors
from cpis_analysis.chapters.verdict.picture import verdict_picture
from cpis_analysis.chapters.verdict.sentences import answer_sentence, so_what_sentence, sure_sentences
from cpis_analysis.chapters.verdict.sizes import Sizes
from cpis_analysis.chapters.verdict.state import Answer, answer_to, judgement
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.publish.blocks import plain
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.synthetic.parameters import SCENARIOS
from cpis_analysis.synthetic.study import simulate
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording
from report_material import TEAM_WORDS, result, team_content, team_plan, wording

NEVER = r"\bno effect\b|\btrend\b|in favour of|significan|\bwork(?:s|ed)\b|\[c\]|proves?\b|\bcaus(?:e|al)"


def plan(important=None, margins=None, randomised=False, higher_is="better", **more):
    made = team_plan()
    changed = {"minimal_important_difference": important, "higher_is": higher_is, **more}
    if margins:
        changed["equivalence"] = {"low": -margins, "high": margins}
    outcome = type(made.outcomes["score"]).model_validate(made.outcomes["score"].model_dump() | changed)
    study = made.study.model_copy(update={"randomised": randomised})
    return made.model_copy(update={"outcomes": {**made.outcomes, "score": outcome}, "study": study})


def judged(estimate, low, high, of=None, anchors=None):
    of = of or plan()
    return judgement(result(estimate, low, high, plan=of), wording(of), anchors)


@pytest.mark.parametrize(
    ("low", "high", "important", "declared", "answer"),
    [
        (4.6, 10.0, 4, False, Answer.IMPORTANT),
        (-9.6, -4.2, 4, False, Answer.IMPORTANT),
        (4.0, 10.0, 4, False, Answer.IMPORTANT),
        (1.0, 6.0, 4, False, Answer.OPEN),
        (-6.0, -1.0, 4, False, Answer.OPEN),
        (0.3, 1.9, 3, False, Answer.SMALL),
        (0.3, 1.9, None, True, Answer.SMALL),
        (0.3, 1.9, None, False, Answer.CLEAR),
        (-1.9, 2.5, 4, True, Answer.ALIKE),
        (-1.9, 2.5, None, True, Answer.ALIKE),
        (-4.7, 7.5, 4, False, Answer.EITHER_WAY),
        (-4.0, 4.0, 4, False, Answer.EITHER_WAY),
        (-1.0, 7.5, 4, False, Answer.ONE_WAY),
        (-7.5, 1.0, 4, False, Answer.ONE_WAY),
        (-1.9, 2.5, 4, False, Answer.WITHIN),
        (-1.8, 3.5, None, False, Answer.UNCLEAR),
        (0.0, 3.5, None, False, Answer.UNCLEAR),
        (-3.5, 0.0, None, False, Answer.UNCLEAR),
    ],
)
def test_interval_chooses_the_answer(low, high, important, declared, answer):
    assert answer_to(low, high, important, declared) is answer


def test_answers_of_a_grid_of_intervals_are_those_of_the_definition():
    """Oracle: the table of docs/report.md, said as properties of each interval."""
    ends = [value / 2 for value in range(-12, 13)]
    for low, high in itertools.combinations(ends, 2):
        answer = answer_to(low, high, 4)
        assert answer.excludes_zero == (low > 0 or high < 0)
        assert (answer is Answer.IMPORTANT) == (low >= 4 or high <= -4)
        assert (answer is Answer.EITHER_WAY) == (low <= -4 and high >= 4)
        assert (answer in (Answer.SMALL, Answer.WITHIN)) == (-4 < low and high < 4)
        mirrored = answer_to(-high, -low, 4)
        assert mirrored is answer


@pytest.mark.parametrize(
    ("numbers", "of", "heading"),
    [
        ((7.3, 4.6, 10.0), plan(4), "Access to help was clearly better in the new way group, by enough to matter"),
        ((-6.9, -9.6, -4.2), plan(4), "Access to help was clearly worse in the new way group, by enough to matter"),
        (
            (7.3, 4.6, 10.0),
            plan(4, higher_is="worse"),
            "Access to help was clearly worse in the new way group, by enough to matter",
        ),
        (
            (3.5, 1.0, 6.0),
            plan(4),
            "Access to help was better in the new way group; whether by enough to matter is open",
        ),
        (
            (1.1, 0.3, 1.9),
            plan(3),
            "Access to help was clearly better in the new way group, but by too little to matter",
        ),
        (
            (1.1, 0.3, 1.9),
            plan(),
            "Access to help was clearly better in the new way group; what size matters has not been agreed",
        ),
        ((1.4, -4.7, 7.5), plan(4), "No clear difference in access to help: the study could not tell"),
        (
            (3.2, -1.0, 7.5),
            plan(4),
            "No clear difference in access to help; one that matters for the worse does not fit",
        ),
        (
            (3.2, -1.0, 7.5),
            plan(4, higher_is="worse"),
            "No clear difference in access to help; one that matters for the better does not fit",
        ),
        (
            (0.3, -1.9, 2.5),
            plan(4),
            "No clear difference in access to help; the data do not fit one that matters, either way",
        ),
        ((0.87, -1.77, 3.5), plan(), "No clear difference was found in access to help"),
        (
            (0.3, -0.9, 1.5),
            plan(margins=4),
            "The groups were alike in access to help: any difference was too small to matter",
        ),
    ],
)
def test_answer_is_the_sentence_of_its_interval(numbers, of, heading):
    found = judged(*numbers, of=of)
    assert answer_sentence(found) == heading
    everything = " ".join([heading, so_what_sentence(found), *sure_sentences(found, wording(of))])
    assert not re.search(NEVER, everything, flags=re.IGNORECASE)
    if found.outcome.important is None and found.tested is None:
        assert not re.search(r"enough to matter|too (?:small|little)|agreed to matter|would matter", everything)


def test_two_main_methods_that_disagree_leave_the_question_open():
    of = plan(4)
    first, second = result(2.0, -0.2, 4.2, plan=of), result(2.0, 0.1, 3.9, plan=of)
    found = judgement(first, wording(of), Anchors(first, second))
    assert found.answer is Answer.UNSETTLED
    assert "is not settled: the two main methods disagree" in answer_sentence(found)
    lead, text = sure_sentences(found, wording(of))
    assert lead == "How sure? Not settled."
    assert "headline analysis includes zero" in text
    assert "0.1 to 3.9" in text
    assert judgement(first, wording(of), Anchors(first, first)).answer is not Answer.UNSETTLED


def test_harm_is_said_in_the_words_and_at_the_length_of_benefit():
    of = plan(4)
    good, bad = judged(7.3, 4.6, 10.0, of=of), judged(-7.3, -10.0, -4.6, of=of)
    better = answer_sentence(good)
    assert answer_sentence(bad) == better.replace("better", "worse")
    assert Sizes(bad, wording(of)).lede() == Sizes(good, wording(of)).lede().replace("higher", "lower")
    assert "fared worse" in so_what_sentence(bad)


def test_lede_has_the_size_on_the_whole_scale_and_the_plans_phrase():
    scored = Sizes(judged(0.87, -1.77, 3.5), wording()).lede()
    assert scored.endswith("scored 0.9 points higher than people in the usual way group, on a scale from 0 to 27.")
    of = plan(phrase="kinds of help within reach")
    counted = Sizes(judged(-0.87, -3.5, 1.77, of=of), wording(of)).lede()
    assert "had 0.9 fewer kinds of help within reach (of 27) than people" in counted
    # rounded once, from the unrounded value
    assert "0.6 points" in Sizes(judged(0.649, -1, 2), wording()).lede()
    assert "the same in both groups" in Sizes(judged(0.01, -1, 1), wording()).lede()


def test_no_words_of_causes_where_the_groups_were_not_formed_at_random():
    page = Page(team_content())
    text = blocks_html([verdict_block(page, judgement(page.primary[0], page.words))])
    assert "a difference between groups, not an effect" in text
    assert "All outcomes" in text


def test_picture_shows_the_interval_from_the_comparison_groups_average():
    of = plan(4)
    made = replace(
        result(2.0, -1.0, 5.0, plan=of),
        adjusted_means=[
            {"arm": "usual", "wave": None, "estimate": 10.0},
            {"arm": "new", "wave": None, "estimate": 12.0},
        ],
    )
    chart = verdict_picture(judgement(made, wording(of)), wording(of))
    assert chart.title == "The data fit anything from 1.0 lower to 5.0 higher"
    wide = next(mark for mark in chart.drawing.marks if getattr(mark, "look", "") == "interval-wide")
    # from 9 to 15 on a scale from 0 to 27, with 1.5 per cent free on either side
    assert (wide.x1, wide.x2) == pytest.approx((1.5 + 97 * 9 / 27, 1.5 + 97 * 15 / 27))
    assert "agreed important difference" in chart.key[1].text
    assert "guide" not in chart.key[1].text


def test_picture_without_an_agreed_size_calls_its_band_a_guide():
    of = plan()
    made = replace(result(2.0, -1.0, 5.0, plan=of), standardised={"sd": 6.0, "estimate": 0.3})
    chart = verdict_picture(judgement(made, wording(of)), wording(of))
    assert [entry.text for entry in chart.key][1:] == [
        "Less than 3.0 apart: half a standard deviation, a guide. No size that matters is agreed"
    ]


def test_unusable_analysis_has_an_answer_and_no_picture():
    of = plan()
    broken = result(plan=of)
    broken = replace(broken, estimate=replace(broken.estimate, converged=False))
    found = judgement(broken, wording(of))
    assert found.answer is Answer.UNUSABLE
    assert verdict_picture(found, wording(of)) is None
    page = Page(team_content(plan=of, results=[broken]))
    made = verdict_block(page, judgement(page.primary[0], page.words))
    assert made.picture is None
    assert not made.lede
    assert plain(made.later[0])


@pytest.mark.thorough
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_verdict_of_every_scenario_is_what_its_interval_says(scenario):
    """One quick fit each, of the truth behind a simulated study; the sentence is checked against the numbers."""
    shipped = load_plan(Path(__file__).parents[3] / "config.yaml")
    spec = next(one for one in shipped.specifications() if one.name == "rguk.ancova")
    truth = simulate(scenario, 20180214, messy=False).truth
    interviews = truth["interviews"]
    items = [name for name in interviews if re.fullmatch(r"rguk_\d+", name)]
    scores = interviews.assign(score=interviews[items].astype(float).mean(axis=1) * len(items))
    wide = scores.pivot(index="participant_id", columns="wave", values="score").add_prefix("rguk_").reset_index()
    people = truth["participants"].merge(wide, on="participant_id", how="left")
    first = interviews[interviews["wave"] == "0m"][["participant_id", "age", "gender"]]
    found = run_analysis(spec, AnalysisData(people.merge(first, on="participant_id", how="left"), interviews))
    words = Wording(Labels(shipped.content, TEAM_WORDS))
    made = judgement(found, words)
    e, heading = found.estimate, answer_sentence(judgement(found, words))
    excludes = e.ci_low > 0 or e.ci_high < 0
    assert made.answer is (Answer.CLEAR if excludes else Answer.UNCLEAR)
    assert ("was clearly" in heading) == excludes
    assert ("No clear difference" in heading) != excludes
    assert ("better" in heading) == (e.ci_low > 0)
    everything = " ".join([heading, Sizes(made, words).lede(), so_what_sentence(made), *sure_sentences(made, words)])
    assert not re.search(NEVER, everything, flags=re.IGNORECASE)
    assert f"{abs(e.estimate):.1f} {'more' if e.estimate > 0 else 'fewer'} kinds of help" in everything
    picture = verdict_picture(made, words)
    assert picture.title.startswith("The data fit anything from" if not excludes else "The data fit ")
