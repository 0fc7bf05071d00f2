"""New figures and what they rest on: choices, quantiles of cluster effects, curves without people."""

import dataclasses

import numpy as np
import pytest
from scipy.special import ndtri

from chapter_material import HOSTILE, LABELS, Words, labels, people, plan, results
from cpis_analysis.chapters.models.effect_quantiles import effect_quantiles
from cpis_analysis.chapters.models.sentences_diagnostics import diagnostic_sentences
from cpis_analysis.chapters.outcomes.figure_spread import draw_spread
from cpis_analysis.chapters.outcomes.figure_trajectories import draw_trajectories, has_trajectory
from cpis_analysis.chapters.robustness.choices import choices_of
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.distribution import distribution_summaries
from cpis_analysis.words.wording import Wording

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def frames():
    described = summaries(plan(), people())
    described |= distribution_summaries(plan(), people(), {"rguk": (0, 27), "gas": (None, None)})
    return protect_summaries(described, 5)[0]


def variants():
    """Three analyses of the primary outcome that differ in formula, estimator and cluster."""
    first = results()[0]
    found = [first]
    for name, formula, change in (
        ("change", "rguk_change ~ arm + (1 | trust)", 0.8),
        ("post", "rguk_6m ~ arm + age + trust + (1 | trust:team)", -0.6),
    ):
        spec = dataclasses.replace(first.spec, name=f"rguk.{name}", model=name, formula=formula)
        estimate = dataclasses.replace(
            first.estimate,
            analysis=spec.name,
            model=name,
            estimate=first.estimate.estimate + change,
            ci_low=first.estimate.ci_low + change,
            ci_high=first.estimate.ci_high + change,
        )
        found.append(dataclasses.replace(first, spec=spec, estimate=estimate))
    return found


def test_choices_are_read_from_the_formula():
    first, change, post = (choices_of(result, labels()) for result in variants())
    assert (first["Baseline"], change["Baseline"], post["Baseline"]) == (
        "covariate",
        "change from baseline",
        "not in the model",
    )
    assert (first["Trust"], change["Trust"], post["Trust"]) == ("random", "random", "fixed")
    assert (first["Team"], change["Team"]) == ("random", "not in the model")
    assert post["Covariates"] == "age"


@pytest.mark.parametrize(("groups", "level"), [("team", "team"), ("team:trust", "team"), ("trust", "trust")])
def test_choices_know_the_random_effects_of_the_design_in_any_order(groups, level):
    first = variants()[0]
    spec = dataclasses.replace(first.spec, formula=f"rguk_6m ~ arm + (1 | {groups})")
    found = choices_of(dataclasses.replace(first, spec=spec, variance_components=[]), labels())
    assert found[level.capitalize()] == "random"
    assert found["Team" if level == "trust" else "Trust"] == "not in the model"


def test_choices_know_a_level_of_the_design_by_another_name():
    first = variants()[0]
    spec = dataclasses.replace(first.spec, formula="rguk_6m ~ arm + (1 | school_id)")
    parts = [{"group": "school_id", "name": "(Intercept)", "variance": 1.0, "std_dev": 1.0, "level": "team"}]
    assert choices_of(dataclasses.replace(first, spec=spec, variance_components=parts), labels())["Team"] == "random"


def test_choices_of_cluster_estimators():
    first = results()[0]
    spec = dataclasses.replace(
        first.spec, estimator="cluster_summary", cluster="team", pairs=True, formula="rguk_6m ~ arm"
    )
    found = choices_of(dataclasses.replace(first, spec=spec), labels())
    assert (found["Trust"], found["Team"]) == ("pairs", "one mean each")
    spec = dataclasses.replace(first.spec, estimator="ols_cr2", cluster="trust", formula="rguk_6m ~ arm")
    assert choices_of(dataclasses.replace(first, spec=spec), labels())["Trust"] == "robust variance"


def test_trajectories_say_means_and_no_interval_of_few_teams(frames):
    figure = draw_trajectories("rguk", frames["observed_means"], results(), labels())
    mean = people().query("arm == 'comparison'")["rguk_0m"].mean()
    assert f"baseline {mean:.1f}, " in figure.alt
    assert "No interval where a group has few teams" in figure.alt
    assert not has_trajectory("gas", frames["observed_means"])
    with pytest.raises(ValueError, match="two waves"):
        draw_trajectories("gas", frames["observed_means"], results(), labels())


def test_trajectories_with_adjusted_means_of_all_waves(frames):
    first = results()[0]
    means = [
        {
            "arm": arm,
            "wave": wave,
            "estimate": 10.0 + place,
            "std_error": 1.0,
            "df": 4.0,
            "ci_low": 8.0,
            "ci_high": 12.0,
        }
        for arm in ("comparison", "implementation")
        for place, wave in enumerate(("0m", "6m"))
    ]
    figure = draw_trajectories(
        "rguk", frames["observed_means"], [dataclasses.replace(first, adjusted_means=means)], labels()
    )
    assert "Adjusted means (ANCOVA)" in figure.alt
    assert "six months 11.0 (8.0 to 12.0)" in figure.alt


def test_spread_shows_quartiles_and_no_extremes(frames):
    figure = draw_spread("rguk", frames["spreads"], frames["outcomes"], labels())
    low, high = people()["rguk_0m"].min(), people()["rguk_0m"].max()
    quartile = people().query("arm == 'comparison'")["rguk_0m"].quantile(0.25)
    assert f"({quartile:.1f} to " in figure.alt
    assert "too smooth to show single people" in figure.alt
    assert "minimum" not in figure.alt
    assert low < quartile < high


def test_figures_of_unprotected_numbers_are_refused():
    raw = summaries(plan(), people()) | distribution_summaries(plan(), people(), {"rguk": (0, 27)})
    with pytest.raises(ValueError, match="disclosure"):
        draw_trajectories("rguk", raw["observed_means"], results(), labels())
    with pytest.raises(ValueError, match="disclosure"):
        draw_spread("rguk", raw["spreads"], raw["outcomes"], labels())


def test_new_figures_take_hostile_labels(frames):
    words = Words({name: HOSTILE for name in LABELS}, {"arm": {"comparison": HOSTILE, "implementation": "W" * 90}})
    names = labels(plan(), words)
    for figure in (
        draw_trajectories("rguk", frames["observed_means"], results(), names),
        draw_spread("rguk", frames["spreads"], frames["outcomes"], names),
    ):
        assert "<script" not in figure.svg


def with_effects(modes, variance=4.0, se=1.0):
    first = results()[0]
    effects = [{"group": "trust", "label": f"T{place}", "mode": mode, "se": se} for place, mode in enumerate(modes)]
    parts = [{"group": "trust", "name": "(Intercept)", "variance": variance, "std_dev": variance**0.5}]
    return dataclasses.replace(
        first, variance_components=parts, diagnostics=first.diagnostics | {"random_effects": effects}
    )


def test_effect_quantiles_are_divided_by_the_spread_of_predictions():
    one = effect_quantiles(with_effects([3.0, -1.0, 0.5, 1.0, -2.0]))[0]
    assert one.observed == pytest.approx(np.sort([3.0, -1.0, 0.5, 1.0, -2.0]) / np.sqrt(3))
    assert one.theoretical[2] == pytest.approx(0, abs=1e-12)
    assert one.low[0] == pytest.approx(ndtri(1 - 0.975 ** (1 / 5)))
    assert all(a < b < c for a, b, c in zip(one.low, one.theoretical, one.high, strict=True))


def test_effect_quantiles_need_clusters_and_a_variance():
    assert effect_quantiles(with_effects([1.0, 2.0, 3.0, 4.0])) == []
    assert effect_quantiles(with_effects([0.0] * 6, variance=0.0, se=0.0)) == []


def test_diagnostic_sentences_count_what_lies_outside():
    words = Wording(labels())
    text = " ".join(diagnostic_sentences(with_effects([3.0, -1.0, 0.5, 1.0, -2.0]), words))
    assert "1 of 5 quantiles of the standardised residuals lies outside" in text
    assert "All 5 predicted trust effects lie within" in text
    assert diagnostic_sentences(dataclasses.replace(results()[0], diagnostics={}), words) == ()
