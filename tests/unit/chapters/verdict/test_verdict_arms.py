"""Several arms: the interval of each comparison chooses its sentence by the same rule as the first's."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.chapters.findings.section import so_what, verdict_block
from cpis_analysis.chapters.outcomes.section import outcomes
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.chart import analyses_chart
from cpis_analysis.chapters.two_methods.content import Anchors
from cpis_analysis.chapters.verdict.arms import judged_arms
from cpis_analysis.chapters.verdict.sentences import answer_sentence
from cpis_analysis.chapters.verdict.state import Answer, answer_to, judgement
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.publish.blocks import Heading, Paragraph, plain
from report_material import Words, result, team_content, team_plan

WORDS = Words(
    {"age": "Age (years)"}, {"arm": {"usual": "Usual way", "new": "New way", "extra": "Extra way", "both": "Both ways"}}
)
ARMS = ("extra", "both")


def three(main, *others, p=0.21, plan=None, **more):
    """A result of the first arm with those of others as contrasts; each an estimate with its ends."""
    first = result(*main, p=p, plan=plan or several(), **more)
    contrasts = tuple(
        replace(
            first.estimate,
            contrast=Contrast("difference", arm, "usual"),
            estimate=estimate,
            ci_low=low,
            ci_high=high,
        )
        for arm, (estimate, low, high) in zip(ARMS, others, strict=False)
    )
    joint = replace(first.estimate, contrast=Contrast("joint", "new", "usual", terms=("arm",)), p_value=0.04)
    return replace(first, contrasts=(*contrasts, joint))


def several(important=4):
    made = team_plan(design={"arm": {"variable": "arm", "reference": "usual", "compared": ["usual", "new", *ARMS]}})
    outcome = made.outcomes["score"].model_copy(update={"minimal_important_difference": important})
    return made.model_copy(update={"outcomes": {**made.outcomes, "score": outcome}})


def adjusted(*values, analysis="score.ancova"):
    names = [f"{arm} - usual" for arm in ("new", *ARMS)]
    return pd.DataFrame(
        {"analysis": analysis, "outcome": "score", "contrast": names[: len(values)], "p_arms": values,
         "arms_adjustment": "holm"}
    )  # fmt: skip


def page(*results, estimates=None):
    content = team_content(plan=several(), results=list(results))
    return Page(replace(content, dictionary=WORDS, estimates=adjusted() if estimates is None else estimates))


INTERVALS = [(7.0, 4.6, 10.0), (3.0, 1.0, 6.0), (1.0, 0.3, 1.9), (0.5, -1.0, 1.5), (0.5, -5.0, 5.0), (-7.0, -9.6, -4.2),
             (1.0, -1.0, 6.0)]  # fmt: skip


@pytest.mark.parametrize("second", INTERVALS)
@pytest.mark.parametrize("third", INTERVALS[:3])
def test_each_comparison_has_the_answer_of_its_interval(second, third):
    made = page(three(INTERVALS[3], second, third))
    first, *others = judged_arms(made.primary, made.words)
    assert first.result is made.primary[0]
    assert [one.answer for one in others] == [answer_to(low, high, 4) for _, low, high in (second, third)]
    for one, (estimate, low, high) in zip(others, (second, third), strict=True):
        # word for word what the same numbers would be called were they the first's
        alone = judgement(replace(result(estimate, low, high, plan=several())), made.words)
        said, as_first = (answer_sentence(each).replace(each.direction.arm, "ARM") for each in (one, alone))
        assert said == as_first


def test_each_comparison_has_its_line_on_the_first_screen_with_the_adjusted_p():
    made = page(three((1.2, -0.8, 3.2), (7.0, 4.6, 10.0), (3.0, 1.0, 6.0)), estimates=adjusted(0.21, 0.003, 0.08))
    (judged, *_) = judged_arms(made.primary, made.words)
    lines = [plain(line) for line in verdict_block(made, judged).later]
    new, extra, both, joint = lines[:4]
    assert "Adjusted for comparing several groups with one (Holm's method), p\xa0= 0.21" in new
    assert extra.startswith("Extra way group against usual way group. Access to help was clearly better in the extra")
    assert "by enough to matter" in extra
    assert "p\xa0= 0.003; the interval is not adjusted." in extra
    assert "whether by enough to matter is open" in both
    assert "p\xa0= 0.08: with that adjustment the difference is not clear." in both
    assert joint == "Joint test of all arms: p\xa0= 0.04."


def test_the_first_screen_names_the_main_comparison_by_its_arms():
    made = page(three((1.2, -0.8, 3.2), (7.0, 4.6, 10.0), (3.0, 1.0, 6.0)))
    (judged, *_) = judged_arms(made.primary, made.words)
    assert plain(verdict_block(made, judged).later[0]).startswith(
        "New way group against usual way group, the main comparison. How sure?"
    )
    alone = so_what(Page(team_content()), judgement(team_content().results[0], Page(team_content()).words))
    tile = so_what(made, judged)
    assert tile.answer.startswith("New way group against usual way group: ")
    assert " against " not in alone.answer


def test_one_comparison_may_be_unsettled_and_the_others_not(monkeypatch):
    mixed = three((1.2, -0.8, 3.2), (7.0, 4.6, 10.0), (3.0, 1.0, 6.0))
    robust = three((1.2, -0.9, 3.3), (7.0, -0.1, 14.0), (3.0, 0.9, 6.1), model="fixed")
    monkeypatch.setattr("cpis_analysis.chapters.verdict.arms.anchors_of", lambda _: Anchors(mixed, robust))
    made = page(mixed, robust)
    assert [one.answer for one in judged_arms(made.primary, made.words)] == [
        Answer.WITHIN,
        Answer.UNSETTLED,
        Answer.OPEN,
    ]


def test_an_arm_without_an_estimate_says_so_and_takes_no_other_with_it():
    broken = three((1.2, -0.8, 3.2), (float("nan"), float("nan"), float("nan")), (3.0, 1.0, 6.0))
    made = page(broken, estimates=adjusted(0.2, 0.2, 0.02))
    answers = [one.answer for one in judged_arms(made.primary, made.words)]
    assert answers[1:] == [Answer.UNUSABLE, Answer.OPEN]
    assert "gave no estimate" in plain(verdict_block(made, judged_arms(made.primary, made.words)[0]).later[1])


def test_two_arms_say_nothing_of_comparisons():
    made = Page(team_content())
    block = verdict_block(made, judged_arms(made.primary, made.words)[0])
    assert not any("against" in plain(line) for line in block.later)


def test_every_comparison_has_rows_in_the_figure_of_analyses_and_its_title_says_whose_it_is():
    made = page(
        three((1.2, -0.8, 3.2), (7.0, 4.6, 10.0), (3.0, 1.0, 6.0)),
        three((1.3, -0.9, 3.3), (6.0, 4.1, 9.0), (2.0, -1.0, 5.0), model="fixed"),
    )
    chart = analyses_chart(made, made.primary)
    assert chart.title.startswith("New way − Usual way: ")
    heads = [row.label for row in chart.rows if row.group]
    assert [head.split(".")[0] for head in heads if head.startswith("Extra")] == ["Extra way − Usual way"]
    assert [head.split(".")[0] for head in heads if head.startswith("Both")] == ["Both ways − Usual way"]
    by_extra = chart.rows[next(at for at, row in enumerate(chart.rows) if row.label.startswith("Extra")) + 1]
    assert by_extra.value.startswith("7")
    assert by_extra.note.startswith("Main analysis")


def test_secondary_outcomes_say_of_which_comparison_they_speak():
    mood = three((1.0, -1.0, 3.0), (6.0, 4.5, 8.0), outcome="mood")
    made = page(three((1.2, -0.8, 3.2), (7.0, 4.6, 10.0)), mood)
    texts = [plain(block.line) for block in outcomes(made) if isinstance(block, Paragraph)]
    own = [text for text in texts if "mood" in text.lower()]
    assert any(text.startswith("New way group against") for text in own)
    assert any(text.startswith("Extra way group against") and "clearly better" in text for text in own)
    assert not any(isinstance(block, Heading) and "mood" in str(block) for block in outcomes(made))
