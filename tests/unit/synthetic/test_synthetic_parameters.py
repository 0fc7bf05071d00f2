"""Parameters are documented; the calibration does what it says."""

import numpy as np
import pytest

from cpis_analysis.synthetic import parameter_table
from cpis_analysis.synthetic.calibration import calibrate, score_correlation, score_mean, score_variance
from cpis_analysis.synthetic.normal import bisect, normal_cdf, normal_ppf, pick
from cpis_analysis.synthetic.parameter_tags import TAGS
from cpis_analysis.synthetic.parameters import Latent
from cpis_analysis.synthetic.parameters_outcomes import OUTCOMES

TOTALS = [o for o in OUTCOMES if o.level_shares is None and o.name != "gas"]


def test_parameters_each_has_tag_and_source():
    table = parameter_table()
    assert len(table) > 150
    assert set(table["tag"]) == set(TAGS)
    assert (table["source"].str.len() > 0).all()


def test_parameters_found_values_name_a_public_source():
    table = parameter_table()
    found = table[table["tag"] == "found"]
    same = found["source"].str.startswith("same as")
    assert found.loc[~same, "source"].str.contains("https://").all()


@pytest.mark.parametrize("outcome", TOTALS, ids=lambda o: o.name)
def test_calibration_moments_are_the_wanted_ones(outcome):
    c = calibrate(outcome, Latent())
    assert score_mean(outcome, c.thresholds, c.loading) == pytest.approx(outcome.mean, abs=1e-4)
    assert score_variance(outcome, c.thresholds, c.loading) == pytest.approx(outcome.sd**2, rel=1e-4)
    icc = score_correlation(outcome, c.thresholds, c.loading, c.variance_trust)
    assert icc == pytest.approx(outcome.icc_trust, abs=1e-5)
    raised = score_mean(outcome, c.thresholds, c.loading, c.shift_change + c.shift_effect)
    assert raised - outcome.mean == pytest.approx(outcome.change + outcome.effect, abs=1e-4)
    assert c.variance_trust + c.variance_team + c.variance_person == pytest.approx(1.0)
    assert (np.diff(c.thresholds, axis=1) > 0).all()


def test_calibration_totals_match_simulation():
    outcome = OUTCOMES[1]
    c = calibrate(outcome, Latent())
    rng = np.random.default_rng(1)
    n, rho = 40000, 0.5
    shared = rng.standard_normal(n)
    totals = []
    for _ in range(2):
        theta = np.sqrt(rho) * shared + np.sqrt(1 - rho) * rng.standard_normal(n)
        noise = rng.standard_normal((n, len(outcome.columns)))
        x = c.loading * theta[:, None] + np.sqrt(1 - c.loading**2) * noise
        totals.append((outcome.low + (x[:, :, None] > c.thresholds).sum(axis=2)).sum(axis=1))
    assert np.mean(totals) == pytest.approx(outcome.mean, abs=0.15)
    assert np.std(totals[0]) == pytest.approx(outcome.sd, abs=0.15)
    wanted = score_correlation(outcome, c.thresholds, c.loading, rho)
    assert np.corrcoef(totals)[0, 1] == pytest.approx(wanted, abs=0.015)


def test_normal_cdf_and_quantiles_invert_each_other():
    p = np.array([0.001, 0.025, 0.5, 0.9, 0.999])
    assert normal_cdf(normal_ppf(p)) == pytest.approx(p, abs=1e-7)
    assert normal_ppf(0.975) == pytest.approx(1.959963984540054)


def test_pick_shares_are_kept_in_the_long_run():
    uniform = (np.arange(1000) + 0.5) / 1000
    assert np.bincount(pick(uniform, (0.2, 0.5, 0.3))).tolist() == [200, 500, 300]
    rows = np.tile((0.0, 1.0), (3, 1))
    assert pick(np.array([0.0, 0.5, 0.99]), rows).tolist() == [1, 1, 1]


def test_bisect_without_change_of_sign_is_an_error():
    with pytest.raises(ValueError, match="no solution"):
        bisect(lambda x: x + 10.0, 0.0, 1.0)
