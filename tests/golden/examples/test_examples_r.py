"""The examples against R: lme4 with pbkrtest, clubSandwich, nlme and t.test (data/examples/make_reference.R)."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.robustness.choices import is_average_of_waves
from cpis_analysis.lmm import lmer
from example_studies import example_data, example_specs

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "examples" / "expected.json").read_text(encoding="utf-8"))
AWARDS, BLUES = EXPECTED["awards"], EXPECTED["beat_the_blues"]
# one worker reads the raw files
pytestmark = [pytest.mark.xdist_group("examples_r"), pytest.mark.thorough]

TOLERANCE = 1e-5
ALONE = ("risk", "adjusted", "cr2", "means", "pairs")
WAVES = {"8m": "at 8m", "2m": "at 2m", "3m": "at 3m", "5m": "at 5m", "average": "mean of 2m, 3m, 5m, 8m"}


@cache
def fitted(study, analysis, **changes):
    return run_analysis(replace(example_specs(study)[analysis], **changes), example_data(study))


def numbers(found, wanted):
    return {name: getattr(found, name) for name in wanted}


@pytest.mark.parametrize(
    ("outcome", "model"), [(outcome, model) for outcome in AWARDS for model in ALONE if model in AWARDS[outcome]]
)
def test_awards_difference_is_that_of_r(outcome, model):
    wanted = AWARDS[outcome][model]
    found = fitted("awards", f"{outcome}.{model}").estimate
    assert numbers(found, wanted) == pytest.approx(wanted, rel=TOLERANCE)
    assert found.n_participants == 3821


@pytest.mark.parametrize("outcome", AWARDS)
def test_awards_of_girls_and_boys_are_those_of_clubsandwich(outcome):
    result = fitted("awards", f"{outcome}.by_sex")
    found = {str(one.contrast): one for one in (result.estimate, *result.contrasts)}
    of = {"boys": "1 - 0 (sex = Boy)", "difference": "1 - 0 (sex: Girl - Boy)", "girls": "1 - 0 (sex = Girl)"}
    for who, name in of.items():
        wanted = AWARDS[outcome]["by_sex"][who]
        keys = wanted if who == "difference" else ("estimate", "se", "df")
        assert numbers(found[name], keys) == pytest.approx({key: wanted[key] for key in keys}, rel=TOLERANCE), who


@pytest.mark.parametrize("sex", ["Girl", "Boy"])
def test_awards_regressions_of_the_report_are_those_of_clubsandwich(sex):
    """Each sex by itself, as in the trial's own report: its README compares the two."""
    wanted = AWARDS["bagrut"]["report"][sex]
    found = fitted("awards", "bagrut.cr2", where=(("sex", (sex,)),), population="one sex").estimate
    assert numbers(found, wanted) == pytest.approx(wanted, rel=TOLERANCE)


def test_awards_odds_are_those_of_glmer():
    result = fitted("awards", "bagrut.odds")
    wanted = AWARDS["bagrut"]["odds"]
    # an optimum is told to less than its standard error, by far
    assert abs(result.estimate.estimate - wanted["estimate"]) < 1e-4 * result.estimate.se
    assert f"Log-likelihood: {wanted['log_likelihood']:.2f}." in result.messages


@pytest.mark.parametrize("model", ["all_waves", "adjusted"])
def test_blues_every_wave_and_their_average_are_those_of_nlme(model):
    """nlme has no Kenward-Roger; tests/identities holds it against its definition."""
    result = fitted("beat_the_blues", f"bdi.{model}", df_method="z")
    found = {str(one.contrast): one for one in (result.estimate, *result.contrasts)}
    for key, name in WAVES.items():
        wanted = BLUES[model][key]
        assert numbers(found[f"BtheB - TAU ({name})"], wanted) == pytest.approx(wanted, rel=2e-5), name
    assert result.estimate.reml_loglik == pytest.approx(BLUES[model]["log_likelihood"], abs=1e-6)


def test_blues_every_wave_with_person_random_is_that_of_lmertest_and_pbkrtest():
    result = fitted("beat_the_blues", "bdi.person")
    found = {str(one.contrast): one for one in (result.estimate, *result.contrasts)}
    for key, name in WAVES.items():
        wanted = BLUES["person"][key]
        assert numbers(found[f"BtheB - TAU ({name})"], wanted) == pytest.approx(wanted, rel=TOLERANCE), name


@pytest.mark.parametrize("model", ["lines", "ancova"])
def test_blues_one_difference_is_that_of_r(model):
    wanted = BLUES[model]
    assert numbers(fitted("beat_the_blues", f"bdi.{model}").estimate, wanted) == pytest.approx(wanted, rel=TOLERANCE)


def test_blues_model_of_the_handbook_has_the_numbers_that_it_prints():
    """BtheB_lmer1, Fig. 13.2 of HSAUR3's vignette on longitudinal data: maximum likelihood, 280 rows, 97 people."""
    spec, data = example_specs("beat_the_blues")["bdi.lines"], example_data("beat_the_blues")
    rows = data.interviews[data.interviews["wave"].astype(str) != "pre"].dropna(subset=["bdi"])
    rows = rows.merge(data.participants[["person", "bdi_pre"]], on="person")
    rows = rows.assign(months=rows["wave"].astype(str).map({"2m": 2, "3m": 3, "5m": 5, "8m": 8}))
    fit = lmer(spec.formula, rows, reml=False, reference={"treatment": "TAU"})
    row = fit.summary(ddf="z").loc["treatment[BtheB]"]
    assert (len(rows), rows["person"].nunique()) == (280, 97)
    assert (round(row["estimate"], 5), round(row["std_error"], 5)) == (-2.32908, 1.67036)
    assert fit.log_likelihood == pytest.approx(BLUES["handbook"]["log_likelihood"], abs=1e-6)


@pytest.mark.parametrize("model", ["all_waves", "person"])
def test_blues_difference_at_a_wave_is_told_by_its_name_and_no_warning(model):
    warnings = fitted("beat_the_blues", f"bdi.{model}").estimate.warnings
    assert not any("interactions of the arm" in text for text in warnings)


def test_awards_effect_among_boys_is_warned_of_as_one_of_an_interaction():
    assert any("interactions of the arm" in text for text in fitted("awards", "bagrut.by_sex").estimate.warnings)


def test_awards_test_simulated_with_ten_clusters_says_that_there_are_39():
    (said,) = [text for text in fitted("awards", "bagrut.odds").estimate.warnings if "With ten schools" in text]
    assert said.startswith("With ten schools (here there are 39) and an arm that varies within every pair this test ")


def test_blues_only_the_common_line_is_an_average_of_waves():
    found = {name: is_average_of_waves(fitted("beat_the_blues", name)) for name in example_specs("beat_the_blues")}
    assert [name for name, average in found.items() if average] == ["bdi.lines"]
