"""One test for every trap in which other implementations were caught, named after it."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import lmer, ols, simulate

pytestmark = pytest.mark.thorough


def trial(seed=0, sd_team=0.0, people=8):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"team": np.repeat(np.arange(10), people)})
    frame["trust"] = frame["team"] // 2
    frame["arm"] = np.where(frame["team"] % 2 == 0, "usual", "new")
    frame["x"] = rng.normal(size=len(frame))
    frame["y"] = 50 + frame["x"] + sd_team * rng.normal(size=10)[frame["team"]] + rng.normal(size=len(frame))
    return frame.astype({"team": str, "trust": str})


def test_trap_wrong_optimum_near_a_zero_variance():
    """Some optimisers stop at a small positive variance, or at zero, and report success."""
    zeros = 0
    for seed in range(60):
        frame = trial(seed, sd_team=0.25)
        fit = lmer("y ~ arm + (1 | team)", frame)
        grid = [0.0, *np.geomspace(1e-6, 10, 60)]
        from cpis_analysis.lmm import likelihood_grid

        best = likelihood_grid(fit, fit.design.y, np.array(grid)[:, None]).max()
        assert fit.log_likelihood >= best - 1e-9
        gradient = fit.optimum.likelihood.gradient[0]
        ratio = fit.variance_ratios[0]
        assert gradient <= 1e-9 if ratio == 0.0 else abs(gradient) * ratio < 1e-7
        zeros += ratio == 0.0
    assert 5 < zeros < 55


def test_trap_fixed_effects_of_zero_when_the_variance_goes_to_zero():
    """statsmodels issue 10239: with the variance at zero all coefficients came back as exactly zero."""
    for seed in range(40):
        frame = trial(seed)
        fit = lmer("y ~ arm + x + (1 | team)", frame)
        if fit.is_singular:
            np.testing.assert_allclose(fit.coefficients, ols("y ~ arm + x", frame).coefficients, rtol=1e-9)
            assert fit.messages == ["the team variance was estimated as zero"]
            break
    else:
        pytest.fail("no design had a zero variance")


def test_trap_standard_errors_from_the_joint_hessian():
    """The covariance of the coefficients is (X'V^-1X)^-1 at the estimated variances, nothing numerical."""
    frame = trial(2, sd_team=1.0)
    fit = lmer("y ~ arm + x + (1 | team)", frame)
    codes = fit.design.random[0].codes
    V = fit.sigma2 * np.eye(len(frame)) + fit.variance_parameters[0] * (codes[:, None] == codes[None, :])
    expected = np.linalg.inv(fit.design.X.T @ np.linalg.solve(V, fit.design.X))
    np.testing.assert_allclose(fit.vcov("satterthwaite"), expected, rtol=1e-9)


def test_trap_kenward_roger_that_is_only_rescaled_satterthwaite():
    """Under imbalance the adjusted standard error is larger than the model's, and df differ."""
    frame = trial(3, sd_team=0.6).drop(index=range(20, 34))
    fit = lmer("y ~ arm + x + (1 | trust) + (1 | team)", frame)
    kr, satterthwaite = fit.summary(), fit.summary("satterthwaite")
    assert (kr["std_error"] > satterthwaite["std_error"] * 1.0001).any()
    assert (kr["df"] / satterthwaite["df"]).std() > 1e-3


def test_trap_residual_df_in_marginal_means():
    """A team-level arm has means and a difference with the teams' df, not the people's."""
    frame = trial(4, sd_team=0.8)
    fit = lmer("y ~ arm + (1 | team)", frame)
    means = fit.marginal_means("arm")
    assert (means["df"] < 11).all()
    np.testing.assert_allclose(fit.marginal_differences("arm")["df"], 8.0, rtol=1e-6)
    np.testing.assert_allclose(means["estimate"], frame.groupby("arm")["y"].mean(), rtol=1e-10)


@pytest.mark.parametrize("offset", [1e7, 1e8])
def test_trap_large_offset_in_the_outcome(offset):
    frame = trial(5, sd_team=0.7)
    a = lmer("y ~ arm + x + (1 | team)", frame)
    b = lmer("y ~ arm + x + (1 | team)", frame.assign(y=frame["y"] + offset))
    np.testing.assert_allclose(a.log_likelihood, b.log_likelihood, atol=1e-5)
    np.testing.assert_allclose(a.summary().iloc[1:], b.summary().iloc[1:], rtol=1e-5)


def test_trap_badly_scaled_column():
    frame = trial(6, sd_team=0.7)
    frame["pence"] = frame["x"] * 1e9 + 1e12
    a = lmer("y ~ arm + x + (1 | team)", frame)
    b = lmer("y ~ arm + pence + (1 | team)", frame)
    np.testing.assert_allclose(a.summary().loc["x", "p_value"], b.summary().loc["pence", "p_value"], rtol=1e-4)
    np.testing.assert_allclose(a.fitted(), b.fitted(), rtol=1e-7)


def test_trap_rank_deficient_columns_are_named():
    frame = trial(7, sd_team=0.5)
    frame["double"] = 2 * frame["x"] + 1
    fit = lmer("y ~ x + double + arm + (1 | team)", frame)
    assert fit.dropped_columns == ["double"]
    assert any("double" in line for line in fit.messages)
    same = lmer("y ~ x + arm + (1 | team)", frame)
    np.testing.assert_allclose(fit.log_likelihood, same.log_likelihood, rtol=1e-9)
    np.testing.assert_allclose(fit.summary(), same.summary(), rtol=1e-7)
    with pytest.raises(ModelError, match="dropped"):
        fit.contrast({"double": 1.0})


def test_trap_constant_column_is_named():
    frame = trial(8).assign(site=3.0)
    assert lmer("y ~ site + arm + (1 | team)", frame).dropped_columns == ["site"]


def test_trap_one_person_per_team():
    frame = trial(9, people=1)
    with pytest.raises(ModelError, match="as many levels as there are rows"):
        lmer("y ~ arm + (1 | team)", frame)


def test_trap_a_single_trust():
    frame = trial(10).assign(trust="A")
    with pytest.raises(ModelError, match="one level"):
        lmer("y ~ arm + (1 | trust) + (1 | team)", frame)


def test_trap_missing_rows_dropped_without_a_word():
    frame = trial(11, sd_team=0.5)
    frame.loc[[0, 5, 7], "y"] = np.nan
    frame.loc[5, "x"] = np.nan
    frame.loc[9, "team"] = None
    fit = lmer("y ~ arm + x + (1 | team)", frame)
    assert fit.n_dropped == 4
    assert fit.n_obs == len(frame) - 4
    assert fit.design.missing == {"arm": 0, "team": 1, "x": 1, "y": 3}
    assert "4 of 80 rows left out for missing values (team 1, x 1, y 3)" in fit.messages
    np.testing.assert_allclose(
        fit.log_likelihood, lmer("y ~ arm + x + (1 | team)", frame.dropna()).log_likelihood, rtol=1e-12
    )


def test_trap_labels_that_repeat_across_trusts_are_merged():
    frame = trial(12, sd_team=0.8)
    frame["label"] = np.where(frame["arm"] == "usual", "North", "South")
    nested = lmer("y ~ 1 + (1 | trust/label)", frame)
    assert nested.n_groups == {"trust": 5, "trust:label": 10}
    assert lmer("y ~ 1 + (1 | trust) + (1 | label)", frame).n_groups == {"trust": 5, "label": 2}


def test_trap_an_arm_that_equals_a_cluster():
    """One cluster an arm: no analysis can tell the arm from the cluster."""
    frame = trial(13)
    frame["site"] = np.where(frame["arm"] == "new", "B", "A")
    with pytest.raises(ModelError, match="'arm' and 'site' are the same groups"):
        lmer("y ~ arm + (1 | site)", frame)


def test_trap_a_single_cluster_in_one_arm_is_said():
    frame = trial(14, sd_team=0.5)
    frame["arm"] = np.where(frame["team"] == "3", "new", "usual")
    fit = lmer("y ~ arm + (1 | team)", frame)
    assert "arm 'new' is a single cluster of team: its effect rests on one cluster" in fit.messages


def test_trap_a_cluster_that_is_also_a_fixed_factor():
    with pytest.raises(ModelError, match="already explain every difference"):
        lmer("y ~ trust + (1 | trust)", trial(15))


def test_trap_two_names_for_the_same_groups():
    frame = trial(16)
    frame["unit"] = "u" + frame["team"]
    with pytest.raises(ModelError, match="same as those of 'team'"):
        lmer("y ~ arm + (1 | team) + (1 | unit)", frame)


def test_trap_every_problem_at_once():
    frame = trial(17, people=1).assign(trust="A")
    with pytest.raises(ModelError) as caught:
        lmer("y ~ arm + (1 | trust) + (1 | team)", frame)
    assert len(caught.value.problems) == 2


def test_trap_outcome_without_variation():
    with pytest.raises(ModelError, match="does not vary"):
        lmer("y ~ arm + (1 | team)", trial(18).assign(y=3.0))
    frame = trial(18)
    with pytest.raises(ModelError, match="explain it exactly"):
        lmer("y ~ arm + x + (1 | team)", frame.assign(y=1e6 + 2 * frame["x"]))


def test_trap_outcome_constant_within_groups():
    frame = trial(19)
    frame["y"] = frame["team"].astype(float) ** 2
    with pytest.raises(ModelError, match="within groups"):
        lmer("y ~ 1 + (1 | team)", frame)


def test_trap_too_few_rows():
    frame = trial(20).head(3)
    with pytest.raises(ModelError, match="too few"):
        ols("y ~ arm + x + square(x) + cube(x)", frame.assign(arm=["a", "b", "a"]))


def test_trap_more_slopes_than_rows():
    frame = trial(21, people=2)
    with pytest.raises(ModelError, match="too many for 20 rows"):
        lmer("y ~ x + (1 + x | team)", frame)


def test_trap_text_outcome_and_unknown_columns():
    frame = trial(22)
    with pytest.raises(ModelError, match="needs a numeric outcome"):
        lmer("arm ~ x + (1 | team)", frame)
    with pytest.raises(ModelError, match="did you mean 'team'") as caught:
        lmer("y ~ xx + (1 | teem)", frame)
    assert len(caught.value.problems) == 2


def test_trap_infinite_values_and_impossible_logarithms():
    frame = trial(23)
    with pytest.raises(ModelError, match="infinite"):
        lmer("y ~ x + (1 | team)", frame.assign(x=np.where(frame.index == 3, np.inf, frame["x"])))
    with pytest.raises(ModelError, match=r"log\(\) of an impossible value"):
        lmer("y ~ log(x) + (1 | team)", frame)


def test_trap_perfectly_correlated_slopes_are_said():
    found = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"g": np.repeat(np.arange(8), 6).astype(str), "t": np.tile(np.arange(6.0), 8)})
        frame["y"] = rng.normal(size=8)[frame["g"].astype(int)] + rng.normal(size=48)
        fit = lmer("y ~ t + (1 + t | g)", frame)
        apart = lmer("y ~ t + (1 + t || g)", frame)
        assert fit.log_likelihood > apart.log_likelihood - 1e-8
        if any("perfectly correlated" in line for line in fit.messages):
            assert fit.is_singular
            assert np.isfinite(fit.summary()).all(axis=None)
            found += 1
    assert found > 1


def test_trap_unused_levels_and_booleans():
    frame = trial(24, sd_team=0.5)
    frame["arm"] = pd.Categorical(frame["arm"], ["never", "usual", "new"])
    frame["flag"] = frame["x"] > 0
    fit = lmer("y ~ arm + flag + (1 | team)", frame)
    assert fit.term_names == ["(Intercept)", "arm[new]", "flag[True]"]


def test_trap_negative_variances_are_flagged():
    for seed in range(40):
        frame = trial(seed)
        if lmer("y ~ arm + (1 | team)", frame).is_singular:
            break
    free = lmer("y ~ arm + (1 | team)", frame, bounded=False)
    assert free.variance_components["variance"][0] < 0
    assert "the team variance was allowed to be negative and is" in free.messages
    assert free.log_likelihood > lmer("y ~ arm + (1 | team)", frame).log_likelihood
    np.testing.assert_allclose(free.summary().loc["arm[usual]", "df"], 8.0, rtol=1e-6)
    with pytest.raises(ModelError, match="negative"):
        simulate(free, 2, seed=1)
