"""What is said and drawn of simulated residuals: as the model expects, or not."""

import dataclasses
import re

from chapter_material import labels, results
from cpis_analysis.chapters.models.figure import draw_diagnostics
from cpis_analysis.chapters.models.sentences_diagnostics import diagnostic_sentences, simulated_sentence
from cpis_analysis.words.wording import Wording

USUAL = {"n_simulated": 249, "distance": 0.04, "distance_p": 0.97, "dispersion": 1.04, "dispersion_p": 0.76}
SHARES = [0.1, 0.3, 0.5, 0.7, 0.9]


def result(tests, observed):
    diagnostics = {
        "residual_quantiles": {
            "probability": SHARES, "theoretical": SHARES, "observed": observed,
            "low": [p - 0.06 for p in SHARES], "high": [p + 0.06 for p in SHARES],
        },
        "residual_by_fitted": [
            {"fitted_mid": x, "n": 16, "q10": 0.1, "q50": x, "q90": 0.9} for x in (0.41, 0.5, 0.62)
        ],
        "simulated": tests,
        "random_effects": [{"group": "trust", "label": "A", "mode": 0.5, "se": 0.2}],
    }  # fmt: skip
    return dataclasses.replace(results()[0], diagnostics=diagnostics)


def test_residuals_as_expected_are_said_to_be():
    text = " ".join(diagnostic_sentences(result(USUAL, SHARES), Wording(labels())))
    assert text.startswith(
        "Residuals are as the model expects: ranked among 249 data sets simulated from the model, their distance from "
        "uniform is 0.04 (p = 0.97) and the variance is 1.04 times that expected (p = 0.76)."
    )
    assert "All 5 quantiles of the simulated residuals lie within" in text
    assert "the medians of the residuals lie between 0.41 and 0.62, where one half is expected" in text
    assert "normal" not in text


def test_any_statistic_that_few_simulated_data_sets_reach_is_said():
    zeros = USUAL | {"zeros": 2.5, "zeros_p": 0.008}
    assert simulated_sentence(zeros).startswith("Residuals are not as the model expects")
    assert "2.50 times as many zeros as expected (p = 0.008)" in simulated_sentence(zeros)
    assert simulated_sentence(USUAL | {"dispersion_p": 0.05}).startswith("Residuals are as the model expects")
    assert simulated_sentence(USUAL | {"dispersion_p": 0.04}).startswith("Residuals are not as the model expects")
    far = diagnostic_sentences(result(zeros, [0.3, *SHARES[1:]]), Wording(labels()))[1]
    assert far.startswith("1 of 5 quantiles of the simulated residuals lies outside the 95% envelope")


def test_figure_says_what_it_shows():
    figure = draw_diagnostics(result(USUAL, [0.3, *SHARES[1:]]), labels())
    assert "4 of 5 lie within the 95% envelope of simulated data" in figure.alt
    assert "range from 0.41 to 0.62, where one half is expected." in figure.alt
    assert "standard deviations" not in figure.alt
    usual = draw_diagnostics(result(USUAL, SHARES), labels())
    assert figure.svg != usual.svg
    assert re.search("<title|<path", usual.svg)
