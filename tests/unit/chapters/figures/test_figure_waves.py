"""The figure of differences at each wave: its rows, of two arms and of three."""

from dataclasses import replace

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.outcomes.figure_waves import by_wave, draw_waves
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.words.labels import Labels
from wave_studies import STUDIES, three_waves, wave_plan, wave_specs


@pytest.fixture(scope="module")
def labels():
    file = STUDIES / "three_waves" / "data" / "raw" / "dictionary.csv"
    return Labels(wave_plan("three_waves"), read_dictionary(file, file.name))


@pytest.fixture(scope="module")
def result():
    return run_analysis(wave_specs("three_waves")["score.all"], three_waves())


def test_waves_stand_in_the_order_of_time_and_their_average_last(result, labels):
    assert [(one.contrast.last, one.contrast.over) for one in by_wave(result)] == [
        ("6m", ()),
        ("12m", ()),
        ("", ("6m", "12m")),
    ]
    alt = draw_waves(result, labels).alt
    places = [alt.index(words) for words in ("Six months", "Twelve months", "Average of six months and twelve months")]
    assert places == sorted(places)
    assert "in the change since baseline in Score (New care − Usual care)" in alt


def test_several_arms_stand_one_after_the_other_by_name(result, labels):
    other = [
        replace(one, contrast=replace(one.contrast, arm="more"))
        for one in (result.estimate, *result.contrasts)
        if one.measure != "joint test"
    ]
    both = replace(result, contrasts=(*result.contrasts, *other))
    assert [one.contrast.arm for one in by_wave(both)] == ["new"] * 3 + ["more"] * 3
    figure = draw_waves(both, labels)
    assert "New care: six months" in figure.alt
    assert "more: average of six months and twelve months" in figure.alt
    assert "each group − usual care" in figure.alt
