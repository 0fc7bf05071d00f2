"""Studies of one wave and of three against lme4, lmerTest with pbkrtest, and clubSandwich."""

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from wave_studies import EXPECTED, one_wave, three_waves, wave_specs

TOLERANCE = 1e-5


@pytest.mark.parametrize("model", EXPECTED["three_waves"])
def test_three_waves_every_contrast_matches_lmertest_and_pbkrtest(model):
    result = run_analysis(wave_specs("three_waves")[f"score.{model}"], three_waves())
    found = {str(one.contrast): one for one in (result.estimate, *result.contrasts)}
    assert set(found) == set(EXPECTED["three_waves"][model])
    for name, wanted in EXPECTED["three_waves"][model].items():
        numbers = {key: getattr(found[name], key) for key in wanted}
        assert numbers == pytest.approx(wanted, rel=TOLERANCE), name


@pytest.mark.parametrize("model", EXPECTED["one_wave"])
def test_one_wave_difference_matches_lmertest_and_clubsandwich(model):
    result = run_analysis(wave_specs("one_wave")[f"reading.{model}"], one_wave())
    wanted = EXPECTED["one_wave"][model]
    assert {key: getattr(result.estimate, key) for key in wanted} == pytest.approx(wanted, rel=TOLERANCE)
    assert result.standardised["sd_source"] == "follow-up"
