"""Differences at waves, their average and their joint test, against each other and against the model's own effect."""

from dataclasses import replace

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.known_names import KnownNames
from cpis_analysis.plan.contrast import contrast_from_record, contrast_to_record
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.plan.specification_records import spec_from_record, spec_record
from made_up_study import spec, study
from wave_studies import three_waves, wave_specs

ALL, AFTER, LINES = (f"score.{name}" for name in ("all", "after", "lines"))


@pytest.fixture(scope="module")
def results():
    return {name: run_analysis(wave_specs("three_waves")[name], three_waves()) for name in (ALL, AFTER, LINES)}


def estimates(result):
    return {str(one.contrast): one for one in (result.estimate, *result.contrasts)}


@pytest.mark.parametrize(("name", "last", "first"), [(ALL, "{} - 0m", " - 0m"), (AFTER, "at {}", "")])
def test_average_over_waves_is_the_mean_of_their_differences(results, name, last, first):
    found = estimates(results[name])
    at = [found[f"new - usual ({last.format(wave)})"].estimate for wave in ("6m", "12m")]
    average = found[f"new - usual (mean of 6m, 12m{first})"]
    assert average.estimate == pytest.approx(np.mean(at), rel=1e-12)


def test_changes_are_differences_at_waves_less_those_at_baseline(results):
    spec_of = wave_specs("three_waves")[ALL]
    at = estimates(run_analysis(replace(spec_of, effect="arm"), three_waves()))
    changes = estimates(results[ALL])
    for wave in ("6m", "12m"):
        gain = at[f"new - usual (at {wave})"].estimate - at["new - usual (at 0m)"].estimate
        assert changes[f"new - usual ({wave} - 0m)"].estimate == pytest.approx(gain, rel=1e-9)


def test_differences_along_lines_grow_by_the_slope(results):
    found = estimates(results[LINES])
    slope = found["new - usual (change a month)"]
    at = {wave: found[f"new - usual (at {wave})"].estimate for wave in ("0m", "6m", "12m")}
    assert (at["12m"] - at["6m"]) / 6 == pytest.approx(slope.estimate, rel=1e-9)
    assert (at["6m"] - at["0m"]) / 6 == pytest.approx(slope.estimate, rel=1e-9)
    assert not slope.measure.endswith("difference"), "a slope must not stand beside differences in tables of them"


def test_joint_test_of_two_waves_has_two_degrees_of_freedom_and_one_wave_the_squared_t(results):
    joint = estimates(results[ALL])["joint test of arm:wave"]
    assert joint.num_df == 2
    two = spec("y ~ arm * wave + (1 | trust:team) + (1 | participant_id)", effect="arm:wave")
    result = run_analysis(replace(two, contrasts=(ContrastSpec("by_wave"),)), study())
    (only,) = result.contrasts
    assert only.statistic == pytest.approx(result.estimate.statistic**2, rel=1e-8)
    assert only.p_value == pytest.approx(result.estimate.p_value, rel=1e-8)


def test_every_contrast_has_a_name_that_is_found_again(results):
    names = KnownNames(three_waves())
    for result in results.values():
        known = names.of(result.spec).contrasts
        for one in (result.estimate, *result.contrasts):
            assert known[str(one.contrast)] == one.contrast
            assert contrast_from_record(contrast_to_record(one.contrast)) == one.contrast


def test_specifications_survive_their_record_and_those_of_two_waves_have_nothing_new():
    for one in wave_specs("three_waves").values():
        assert spec_from_record(spec_record(one)) == one
    two = spec("y ~ arm * wave + (1 | trust:team) + (1 | participant_id)", effect="arm:wave")
    assert not {"waves", "months", "primary_wave"} & set(spec_record(two))
    assert two.waves_of_rows == ("0m", "6m")
    assert two.reference_wave == "0m"
