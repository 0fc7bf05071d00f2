"""What the report says of scenarios that no analysis can put right: people lost by their outcome, groups not alike."""

import re
from dataclasses import replace

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.people.sentences import balance_sentences, missing_analysis_sentences
from cpis_analysis.chapters.people.sentences_confounding import confounding_sentences, lost_sentences
from cpis_analysis.chapters.tipping.content import tipping_points
from cpis_analysis.chapters.tipping.sentences import tipping_paragraphs
from scenario_studies import scenario_study

pytestmark = pytest.mark.thorough


def said(study, *, tipping):
    """Sentences of the findings on balance, loss and tipping points; the first analysis."""
    spec = replace(study.plan.specifications()[0], tipping_point=tipping)
    result = run_analysis(spec, study.data, seed=1)
    found = tipping_points([result], study.words.labels).get(spec.outcome, [])
    balance = study.summaries["baseline"]
    lines = [
        *balance_sentences(balance, study.words),
        *confounding_sentences(balance, [result], study.words),
        *lost_sentences(study.summaries["retention"], study.words),
        *missing_analysis_sentences(result, study.words),
        *(line for paragraph in tipping_paragraphs(found, study.words) for line in paragraph),
    ]
    return " ".join(lines), result


def test_people_lost_by_their_outcome_are_called_an_assumption_and_a_tipping_point_is_told():
    text, result = said(scenario_study("mnar"), tipping=True)
    e = result.estimate
    assert e.ci_low < 0 < e.ci_high
    for part in (
        "those lost would have had the same outcomes as those who stayed. The data cannot show whether that holds.",
        "the model says what to expect of them if outcomes are missing at random",
        "The interval includes zero.",
        "It would exclude zero, with the higher mean in the",
    ):
        assert part in text
    assert re.search(r"The \d+ people lost after baseline differed from the \d+ seen again", text)
    assert not re.search(r"\b(effect|effective|caused|likely|unlikely|robust)\b", text)


def test_groups_that_began_better_off_are_said_to_differ_and_the_difference_is_no_effect():
    text, result = said(scenario_study("baseline_imbalance"), tipping=False)
    for pattern in (
        r"At baseline \w+ of \d+ characteristics.* differed between the groups by more than 0.25 standard dev",
        r"The primary analysis adjusts for baseline score, age at baseline and gender\.",
        r"It leaves out first scores of other outcomes that differed: experience of recovery .*baseline",
        r"differed between the groups and are not adjusted for; no analysis in the plan adds them, so how much of "
        r"the difference they explain is not known\.",
    ):
        assert re.search(pattern, text), text
    # in truth there is no effect: those who began better off end better off, baseline adjusted for or not
    assert result.estimate.estimate > 0
    assert not re.search(r"\b(effect|effective|caused|randomised)\b", text)
