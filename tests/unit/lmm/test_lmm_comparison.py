"""Likelihood-ratio tests: which pairs of models may be compared, and what comes out."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import likelihood_ratio_test, lmer, ols


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(7)
    n = 120
    frame = pd.DataFrame({"team": np.arange(n) % 12, "x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["trust"] = frame["team"] // 3
    frame["arm"] = np.where(frame["team"] % 2, "a", "b")
    frame["y"] = rng.normal(size=n) + rng.normal(size=12)[frame["team"]] + 0.4 * frame["x"]
    frame["hole"] = frame["z"].where(frame.index > 3)
    return frame


def both(frame, smaller, larger, reml=False):
    return [(lmer if "|" in text else ols)(text, frame, reml=reml) for text in (smaller, larger)]


def test_ratio_is_twice_the_difference_of_the_log_likelihoods(frame):
    smaller, larger = both(frame, "y ~ x + (1 | team)", "y ~ x * arm + (1 | team)")
    found = likelihood_ratio_test(smaller, larger)
    assert found.statistic == pytest.approx(2 * (larger.log_likelihood - smaller.log_likelihood))
    assert (found.df, found.on_boundary) == (2, False)


def test_ratio_of_a_variance_is_on_the_boundary_and_least_squares_is_nested(frame):
    found = likelihood_ratio_test(*both(frame, "y ~ x", "y ~ x + (1 | team)"))
    assert (found.df, found.on_boundary) == (1, True)
    assert found.p_value < 0.01


def test_ratio_of_reml_fits_does_not_depend_on_how_the_fixed_part_is_written(frame):
    shifted = frame.assign(w=10 * frame["x"] + 3)
    one = likelihood_ratio_test(*both(frame, "y ~ x + (1 | team)", "y ~ x + (1 | trust/team)", reml=True))
    other = likelihood_ratio_test(lmer("y ~ w + (1 | team)", shifted), lmer("y ~ x + (1 | trust/team)", shifted))
    assert one.statistic == pytest.approx(other.statistic, abs=1e-8)


def test_ratio_takes_uncorrelated_slopes_as_part_of_correlated_ones_only(frame):
    loose, tied = both(frame, "y ~ x + (1 + x || team)", "y ~ x + (1 + x | team)")
    assert likelihood_ratio_test(loose, tied).df == 1
    with pytest.raises(ModelError, match="not in the larger"):
        likelihood_ratio_test(tied, loose)


@pytest.mark.parametrize(
    ("smaller", "larger", "reml", "words"),
    [
        ("y ~ x + (1 | team)", "y ~ x + arm + (1 | team)", True, "REML fits with different fixed parts"),
        ("y ~ x + (1 | team)", "y ~ z + arm + (1 | team)", False, "fixed part of the smaller model"),
        ("y ~ x + (1 | team)", "y ~ x + (1 | trust)", False, "not in the larger one"),
        ("y ~ x + (1 | team)", "y ~ x + hole + (1 | team)", False, "different rows"),
        ("y ~ x + (1 | team)", "z ~ x + arm + (1 | team)", False, "different outcomes"),
        ("y ~ x + arm + (1 | team)", "y ~ x + (1 | team)", False, "fixed part of the smaller model"),
        ("y ~ x + (1 | team)", "y ~ x + (1 | team)", False, "no more parameters"),
    ],
)
def test_pairs_that_are_no_pair_are_refused_in_words(frame, smaller, larger, reml, words):
    with pytest.raises(ModelError, match=words):
        likelihood_ratio_test(*both(frame, smaller, larger, reml))


def test_reml_beside_ml_and_other_weights_are_both_named(frame):
    weights = np.linspace(0.5, 2, len(frame))
    with pytest.raises(ModelError, match=r"(?s)prior weights.*REML fit, the other an ML fit"):
        likelihood_ratio_test(
            lmer("y ~ x + (1 | team)", frame), lmer("y ~ x + arm + (1 | team)", frame, reml=False, weights=weights)
        )
