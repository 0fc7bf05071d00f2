"""Identities that a mixed-model engine must obey, with designs drawn by hypothesis."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpis_analysis.lmm import lmer, ols

FEW = settings(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
FORMULA = "y ~ arm + x + (1 | trust/team)"
seeds = st.integers(0, 10_000)


def trial(seed, sd=(0.5, 0.5)):
    rng = np.random.default_rng(seed)
    rows = [(t, k, i) for t in range(5) for k in range(2) for i in range(int(rng.integers(4, 9)))]
    frame = pd.DataFrame(rows, columns=["trust", "team", "person"])
    frame["arm"] = np.where(frame["team"] == 1, "new", "usual")
    frame["x"] = rng.normal(size=len(frame))
    frame["y"] = 10 + frame["x"] + sd[0] * rng.normal(size=5)[frame["trust"]]
    frame["y"] += sd[1] * rng.normal(size=10)[2 * frame["trust"] + frame["team"]] + rng.normal(size=len(frame))
    frame["trust"] = "T" + frame["trust"].astype(str)
    frame["team"] = frame["team"].map({0: "North", 1: "South"})
    return frame


def fit(frame, formula=FORMULA):
    return lmer(formula, frame, reference={"arm": "usual"})


def same(a, b, rtol=1e-7):
    np.testing.assert_allclose(a.log_likelihood, b.log_likelihood, rtol=1e-10, atol=1e-8)
    scale = a.variance_components["variance"].sum()
    np.testing.assert_allclose(
        a.variance_components["variance"] / scale, b.variance_components["variance"] / scale, rtol=1e-6, atol=1e-7
    )
    columns = ["estimate", "std_error", "df", "p_value"]
    np.testing.assert_allclose(a.summary()[columns], b.summary()[columns], rtol=rtol, atol=1e-9)


@FEW
@given(seeds)
def test_shuffled_rows_give_the_same_fit(seed):
    frame = trial(seed)
    shuffled = frame.sample(frac=1.0, random_state=seed)
    same(fit(frame), fit(shuffled))
    back = fit(shuffled).fitted().loc[frame.index]
    np.testing.assert_allclose(back, fit(frame).fitted(), rtol=1e-7)


@FEW
@given(seeds)
def test_relabelled_groups_give_the_same_fit(seed):
    frame = trial(seed)
    names = dict(zip("T0 T1 T2 T3 T4".split(), "zz m a k b".split(), strict=True))
    same(fit(frame), fit(frame.assign(trust=frame["trust"].map(names))))


@FEW
@given(seeds, st.sampled_from([-1e8, -3.0, 1e4, 1e7, 1e8]))
def test_shifted_outcome_moves_the_intercept_only(seed, shift):
    frame = trial(seed)
    a, b = fit(frame), fit(frame.assign(y=frame["y"] + shift))
    tolerance = 1e-5 if abs(shift) > 1e5 else 1e-7
    np.testing.assert_allclose(b.summary().iloc[1:, :3], a.summary().iloc[1:, :3], rtol=tolerance, atol=1e-6)
    np.testing.assert_allclose(b.coefficients.iloc[0] - shift, a.coefficients.iloc[0], atol=1e-6 + 1e-15 * abs(shift))
    np.testing.assert_allclose(a.log_likelihood, b.log_likelihood, atol=1e-5)


@FEW
@given(seeds, st.sampled_from([1e-8, 1e-3, -7.0, 1e8]))
def test_scaled_outcome_scales_the_fit(seed, factor):
    frame = trial(seed)
    a, b = fit(frame), fit(frame.assign(y=frame["y"] * factor))
    np.testing.assert_allclose(b.coefficients, a.coefficients * factor, rtol=1e-7)
    np.testing.assert_allclose(b.sigma2, a.sigma2 * factor**2, rtol=1e-7)
    np.testing.assert_allclose(b.summary()[["df", "p_value"]], a.summary()[["df", "p_value"]], rtol=1e-6)
    np.testing.assert_allclose(b.log_likelihood, a.log_likelihood - a.df_residual * np.log(abs(factor)), rtol=1e-9)


@FEW
@given(seeds, st.sampled_from([1e-8, 1e8]), st.sampled_from([0.0, 1e6]))
def test_rescaled_column_rescales_its_coefficient(seed, factor, shift):
    frame = trial(seed)
    a, b = fit(frame), fit(frame.assign(x=frame["x"] * factor + shift * factor))
    np.testing.assert_allclose(b.coefficients["x"] * factor, a.coefficients["x"], rtol=1e-6)
    rows = ["arm[new]", "x"]
    np.testing.assert_allclose(b.summary().loc[rows, "p_value"], a.summary().loc[rows, "p_value"], rtol=1e-5)


@FEW
@given(seeds)
def test_swapped_reference_flips_the_sign(seed):
    frame = trial(seed)
    a, b = fit(frame), lmer(FORMULA, frame, reference={"arm": "new"})
    np.testing.assert_allclose(a.log_likelihood, b.log_likelihood, rtol=1e-10)
    one, two = a.summary().loc["arm[new]"], b.summary().loc["arm[usual]"]
    np.testing.assert_allclose(one["estimate"], -two["estimate"], rtol=1e-7)
    np.testing.assert_allclose(one[["std_error", "df", "p_value"]], two[["std_error", "df", "p_value"]], rtol=1e-7)


@FEW
@given(seeds)
def test_split_nested_label_is_the_same_model(seed):
    frame = trial(seed)
    frame["unit"] = frame["trust"] + "-" + frame["team"]
    same(fit(frame), fit(frame, "y ~ arm + x + (1 | trust) + (1 | unit)"))
    same(fit(frame), fit(frame, "y ~ arm + x + (1 | trust) + (1 | trust:team)"))


@FEW
@given(seeds)
def test_sum_contrasts_are_the_same_model(seed):
    frame = trial(seed)
    a, b = fit(frame), lmer(FORMULA, frame, contrasts={"arm": "sum"})
    np.testing.assert_allclose(a.joint_test("arm").to_numpy(), b.joint_test("arm").to_numpy(), rtol=1e-7)
    np.testing.assert_allclose(a.fitted(), b.fitted(), rtol=1e-7)


@FEW
@given(seeds)
def test_marginal_difference_is_the_coefficient(seed):
    model = fit(trial(seed))
    difference = model.marginal_differences("arm").iloc[0]
    np.testing.assert_allclose(difference, model.summary().loc["arm[new]"], rtol=1e-9)


@FEW
@given(seeds)
def test_one_row_of_a_joint_test_is_the_t_test(seed):
    model = fit(trial(seed))
    for ddf in ("kenward-roger", "satterthwaite", "between-within", "residual", "z"):
        row, joint = model.summary(ddf).loc["arm[new]"], model.joint_test("arm", ddf).iloc[0]
        np.testing.assert_allclose(joint["statistic"], row["statistic"] ** 2, rtol=1e-8)
        np.testing.assert_allclose(joint[["df2", "p_value"]], row[["df", "p_value"]], rtol=1e-6)


@pytest.mark.parametrize("spread", [0.0, 0.3, 2.0])
def test_balanced_one_way_reml_is_anova_truncated_at_zero(spread):
    rng = np.random.default_rng(int(10 * spread))
    for _ in range(20):
        y = spread * rng.normal(size=6)[:, None] + rng.normal(size=(6, 5))
        frame = pd.DataFrame({"y": y.ravel(), "g": np.repeat(list("abcdef"), 5)})
        within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / 24
        between = 5 * ((y.mean(axis=1) - y.mean()) ** 2).sum() / 5
        table = lmer("y ~ 1 + (1 | g)", frame).variance_components["variance"]
        if between > within:
            np.testing.assert_allclose(table, [(between - within) / 5, within], rtol=1e-7)
        else:
            assert table[0] == 0.0
            np.testing.assert_allclose(table[1], ((y - y.mean()) ** 2).sum() / 29, rtol=1e-10)


def test_balanced_team_arm_kenward_roger_is_the_t_test_on_team_means():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"team": np.repeat(np.arange(10), 8)})
    frame["arm"] = np.where(frame["team"] % 2 == 0, "a", "b")
    frame["y"] = rng.normal(size=10)[frame["team"]] + rng.normal(size=80)
    frame["team"] = frame["team"].astype(str)
    row = lmer("y ~ arm + (1 | team)", frame).summary().loc["arm[b]"]
    means = frame.groupby(["arm", "team"])["y"].mean()
    a, b = means["a"].to_numpy(), means["b"].to_numpy()
    se = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2 * (2 / 5))
    np.testing.assert_allclose(row[["estimate", "std_error", "df"]], [b.mean() - a.mean(), se, 8.0], rtol=1e-6)


def test_ols_is_least_squares():
    frame = trial(4)
    model = ols("y ~ arm + x", frame, reference={"arm": "usual"})
    X = np.column_stack([np.ones(len(frame)), frame["arm"] == "new", frame["x"]]).astype(float)
    beta, rss, *_ = np.linalg.lstsq(X, frame["y"].to_numpy(), rcond=None)
    s2 = rss[0] / (len(frame) - 3)
    for ddf in ("kenward-roger", "satterthwaite", "between-within", "residual"):
        table = model.summary(ddf)
        np.testing.assert_allclose(table["estimate"], beta, rtol=1e-10)
        np.testing.assert_allclose(table["std_error"], np.sqrt(np.diag(np.linalg.inv(X.T @ X)) * s2), rtol=1e-8)
        np.testing.assert_allclose(table["df"], len(frame) - 3, rtol=1e-9)


def test_unit_weights_and_a_common_factor_change_nothing_but_sigma():
    frame = trial(5)
    plain = fit(frame)
    same(plain, lmer(FORMULA, frame, weights=np.ones(len(frame)), reference={"arm": "usual"}))
    double = lmer(FORMULA, frame, weights=np.full(len(frame), 4.0), reference={"arm": "usual"})
    np.testing.assert_allclose(double.summary(), plain.summary(), rtol=1e-6)
    np.testing.assert_allclose(double.sigma2, 4 * plain.sigma2, rtol=1e-6)


def test_whole_number_weights_are_repeated_rows_in_the_estimates():
    frame = trial(6)
    frame["w"] = 1 + (np.arange(len(frame)) % 3)
    frame["row"] = np.arange(len(frame)).astype(str)
    a = ols("y ~ arm + x", frame, weights="w")
    b = ols("y ~ arm + x", frame.loc[frame.index.repeat(frame["w"])])
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-10)
