"""The least effect that is found often enough, for simulated and for computed power alike."""

import math

import pytest
from scipy import stats

from cpis_analysis.operating.over_time.known_power import KnownPower
from cpis_analysis.operating.tested_effects.halving import least_found


@pytest.mark.parametrize("halvings", [1, 5, 20])
def test_least_effect_has_the_power_and_is_the_least_to_its_precision(halvings):
    found = least_found(lambda effect: effect**2, 0.5, 0.0, 4.0, halvings)
    assert found**2 >= 0.5
    assert found - math.sqrt(0.5) <= 4.0 / 2**halvings


def test_least_effect_of_power_in_steps_stands_at_the_step():
    assert least_found(lambda effect: float(effect >= 0.3), 0.8, 0.0, 4.0, 40) == pytest.approx(0.3, abs=1e-11)


def test_detectable_difference_of_a_model_over_time_has_its_power():
    known = KnownPower("change", 2.0, 8.0, 0.95)
    size = known.detectable(0.8)
    assert known.power(size) == pytest.approx(0.8, abs=1e-12)
    limit = stats.t.ppf(0.975, 8.0)
    assert 1 - stats.nct.cdf(limit, 8.0, size / 2.0) + stats.nct.cdf(-limit, 8.0, size / 2.0) == pytest.approx(0.8)
