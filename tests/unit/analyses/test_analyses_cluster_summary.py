"""Two-stage analysis against scipy and arithmetic by hand."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.analyses.estimators.cluster_summary import compare_cluster_means
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import ModelError
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import PAIRED, spec, study

pytestmark = pytest.mark.thorough


def run(formula, data, **changes):
    wanted = spec(formula, "cluster_summary", **({"cluster": "team"} | changes))
    return compare_cluster_means(wanted, analysis_rows(wanted, data))


def test_cluster_t_without_covariates_matches_hand_computation():
    values = {"A/1/c": [1.0, 3.0], "B/2/c": [5.0], "C/1/i": [4.0, 6.0, 8.0], "D/2/i": [9.0, 11.0], "E/1/i": [1.0]}
    data = study(tuple(values), size=[len(v) for v in values.values()])
    data.participants["y_6m"] = [x for v in values.values() for x in v]
    # cluster means: control 2, 5; intervention 6, 10, 1; estimate 17/3 - 7/2 = 13/6
    # squares about the arms' means: 4.5 + 122/3, on 3 df; SE^2 = s^2 (1/2 + 1/3)
    fit = run("y_6m ~ arm", data)
    s2 = (4.5 + 122 / 3) / 3
    assert fit.contrast.estimate == pytest.approx(13 / 6, rel=1e-14)
    assert fit.contrast.df == 3
    assert fit.contrast.se == pytest.approx(np.sqrt(s2 * 5 / 6), rel=1e-14)
    assert fit.adjusted_means[0]["estimate"] + fit.contrast.estimate == pytest.approx(fit.adjusted_means[1]["estimate"])


def test_cluster_t_with_covariates_matches_scipy_on_adjusted_means():
    data = study(size=[4, 9, 5, 7, 6, 8, 3, 6, 7, 5])
    fit = run("y_6m ~ arm + y_0m + age", data)
    wide = data.participants
    X = np.column_stack([np.ones(len(wide)), wide["arm"] == "i", wide["y_0m"], wide["age"]]).astype(float)
    slopes = np.linalg.lstsq(X, wide["y_6m"], rcond=None)[0][2:]
    adjusted = (wide["y_6m"] - X[:, 2:] @ slopes).rename("mean")
    means = adjusted.groupby([wide["trust"], wide["team"], wide["arm"]], observed=True).mean().reset_index()
    expected = stats.ttest_ind(means.loc[means["arm"] == "i", "mean"], means.loc[means["arm"] == "c", "mean"])
    assert fit.contrast.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert fit.contrast.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    interval = expected.confidence_interval(0.95)
    assert (fit.contrast.ci_low, fit.contrast.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-10)


def known_truth(imbalance, paired, seed=2):
    """An effect of exactly 2 beside covariates; teams differ in directions that move no coefficient of either stage.

    The deviations u of the teams solve X'u = 0 for the columns of people, and for those of teams counting once, so that
    least squares finds the truth exactly and yet the means of teams vary.
    """
    data = study(size=[6, 9, 7, 6, 8, 7, 9, 6, 8, 7], seed=seed)
    people, rng = data.participants, np.random.default_rng(seed)
    treated = (people["arm"] == "i").to_numpy().astype(float)
    trust = people["trust"].astype(str)
    people["age"] = rng.normal(40, 10, len(people)) + 10 * imbalance * treated
    people["gender"] = pd.Categorical(np.where(rng.random(len(people)) < 0.4 + 0.2 * treated, "m", "f"))
    people["rooms"] = trust.map(dict(zip("ABCDE", (2.0, 6.0, 3.0, 5.0, 4.0), strict=True))) + treated * (trust > "C")
    by_trust = pd.get_dummies(trust).to_numpy(float)
    own = np.column_stack(
        [np.ones(len(people)), treated, people["age"], people["gender"] == "m", by_trust if paired else people["rooms"]]
    ).astype(float)
    team = people.groupby(["trust", "team"], observed=True).ngroup().to_numpy()
    member = np.eye(10)[team]
    once = (member.T @ own[:, [1] if paired else [0, 1, 4]]) / member.sum(axis=0)[:, None]
    _, values, vectors = np.linalg.svd(np.vstack([own.T @ member, (2 * once if not paired else 2 * once - 1).T]))
    u = 3 * vectors[int((values > 1e-9).sum())]
    people["y_6m"] = (
        2 * treated
        + 0.3 * people["age"]
        + 1.5 * (people["gender"] == "m")
        + member @ u
        + (by_trust @ [0.0, 3.0, -2.0, 5.0, 1.0] if paired else 0.7 * people["rooms"])
    )
    return data


@pytest.mark.parametrize("imbalance", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("paired", [False, True])
def test_cluster_t_finds_a_known_effect_exactly(imbalance, paired):
    """Identity: without the arm in stage one the estimate shrank, by the R^2 of the arm on the covariates."""
    formula = "y_6m ~ arm + age + gender" + ("" if paired else " + rooms")
    fit = run(formula, known_truth(imbalance, paired), pairs=paired)
    assert fit.contrast.estimate == pytest.approx(2.0, rel=1e-9)
    assert fit.contrast.se > 0.01
    assert fit.contrast.df == (4 if paired else 7)


def test_cluster_t_of_arms_apart_in_a_covariate_is_not_shrunk():
    """With an imbalance of one standard deviation, stage one without the arm gave .40 for .50 on average."""
    found, warned = [], 0
    data = study(size=12)
    people, rng = data.participants, np.random.default_rng(1)
    for _ in range(40):
        treated = (people["arm"] == "i").to_numpy().astype(float)
        people["age"] = rng.normal(0, 1, len(people)) + treated
        people["y_6m"] = 0.5 * treated + 0.6 * people["age"] + 0.8 * rng.normal(0, 1, len(people))
        fit = run("y_6m ~ arm + age", data)
        found.append(fit.contrast.estimate)
        warned += any("lie apart in covariates" in line for line in fit.warnings)
    wanted = spec("y_6m ~ arm + age", "cluster_summary", cluster="team")
    assert not any("lie apart" in line for line in forecast(wanted, data).remarks)
    assert np.mean(found) == pytest.approx(0.5, abs=3.5 * np.std(found) / np.sqrt(40))
    assert np.mean(found) > 0.44
    assert warned > 20


def test_cluster_t_alike_arms_are_not_warned_of():
    assert not any("lie apart" in line for line in run("y_6m ~ arm + age + gender", study(size=12)).warnings)


@pytest.mark.parametrize("paired", [False, True])
def test_cluster_t_is_refused_where_a_covariate_nearly_tells_the_arm(paired):
    """A function of the arm but for rounding: its slope is hardly known, and the means' standard error says nothing."""
    data = study(size=12)
    people = data.participants
    people["y_0m"] = np.round(people["age"] / 3 + 7 * (people["arm"] == "i"), 2)
    with pytest.raises(ModelError, match=r"covariates of people nearly tell the arm"):
        run("y_6m ~ arm + age + y_0m", data, pairs=paired)
    wanted = spec("y_6m ~ arm + age + y_0m", "cluster_summary", cluster="team", pairs=paired)
    assert "nearly tell the arm" in str(forecast(wanted, data).refused[0])


def test_cluster_t_paired_matches_scipy():
    data = study(trust_sd=2.0)
    fit = run("y_6m ~ arm", data, pairs=True)
    means = data.participants.groupby(["trust", "arm"], observed=True)["y_6m"].mean().unstack()
    expected = stats.ttest_rel(means["i"], means["c"])
    assert fit.contrast.df == 4
    assert fit.contrast.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert fit.contrast.p_value == pytest.approx(expected.pvalue, rel=1e-10)


def test_cluster_t_trust_as_covariate_costs_its_df_and_equals_paired_when_balanced():
    data = study(trust_sd=3.0)
    fixed, paired = run("y_6m ~ arm + trust", data), run("y_6m ~ arm", data, pairs=True)
    assert fixed.contrast.df == 4
    assert fixed.contrast.statistic == pytest.approx(paired.contrast.statistic, rel=1e-10)
    assert "took 4 degrees of freedom" in fixed.messages[0]


def test_cluster_t_team_lost_whole_leaves_its_trust_out_of_the_pairs():
    data = study(lost=["A/North"])
    assert run("y_6m ~ arm", data).contrast.df == 7
    paired = run("y_6m ~ arm", data, pairs=True)
    assert paired.contrast.df == 3
    assert paired.messages == ("1 of 5 trusts have one arm only and are left out of the paired comparison.",)


def test_cluster_t_repeated_labels_are_ten_teams_not_two():
    data = study()
    rows = analysis_rows(spec("y_6m ~ arm", "cluster_summary", cluster="team"), data)
    assert len(rows.groups(spec("y_6m ~ arm"))) == 10
    assert run("y_6m ~ arm", data).contrast.df == 8


def test_cluster_t_by_trust_needs_the_arm_to_belong_to_the_trust():
    with pytest.raises(ModelError, match="the arm varies within a trust"):
        run("y_6m ~ arm", study(), cluster="trust")
    of_trust = study([f"{t}/{n}/{a}" for t, a in zip("ABCDE", "cccii", strict=True) for n in "12"])
    assert run("y_6m ~ arm", of_trust, cluster="trust").contrast.df == 3


def test_cluster_t_individual_arm_is_refused_unless_paired():
    rows = [(f"P{i}", "ci"[i % 2], "WXYZ"[i % 4 // 2 + i % 8 // 4 * 2], float(i * i % 17)) for i in range(48)]
    wide = pd.DataFrame(rows, columns=["participant_id", "arm", "trust", "y_6m"]).assign(team=None)
    data = AnalysisData(wide, pd.DataFrame())
    with pytest.raises(ModelError, match=r"varies within a trust.*pairs: true"):
        run("y_6m ~ arm", data, cluster="trust", levels=("trust",))
    assert run("y_6m ~ arm", data, cluster="trust", levels=("trust",), pairs=True).contrast.df == 3


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("y_6m ~ arm * y_0m", "interactions"),
        ("y_6m ~ arm + trained", "explain the arm"),
        ("y ~ arm + wave", "one row a person"),
    ],
)
def test_cluster_t_impossible_models_are_refused(formula, message):
    data = study()
    data.participants["trained"] = (data.participants["arm"] == "i").astype(float)
    with pytest.raises(ModelError, match=message):
        run(formula, data)


def test_cluster_t_constant_outcome_is_refused():
    data = study()
    data.participants["y_6m"] = 3.0
    with pytest.raises(ModelError, match="do not vary"):
        run("y_6m ~ arm", data)


def test_cluster_t_person_in_the_other_arm_counts_with_the_cluster():
    data = study(size=12)
    data.participants.loc[0, "arm"] = "i"
    fit = run("y_6m ~ arm", data)
    assert fit.contrast.df == 8
    assert len(fit.warnings) == 1
    assert PAIRED[0] == "A/North/c"


@pytest.mark.parametrize("regime", ["A", "B", "C"])
def test_cluster_t_of_the_error_rates_is_that_of_the_estimator(regime):
    """The benchmark reckons many responses at once; each is what the estimator gives."""
    path = Path(__file__).parents[3] / "benchmarks" / "error_rates.py"
    loaded = importlib.util.spec_from_file_location("error_rates", path)
    simulation = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(simulation)
    random = np.random.default_rng(1)
    frame = simulation.people(random, regime)
    outcomes = simulation.responses(random, frame, (0.02, 0.05), 2)
    people = frame.assign(y_6m=outcomes[:, 1], participant_id=[f"P{i}" for i in range(len(frame))])
    for name, estimate, se, df in simulation.two_stages(frame, outcomes):
        found = run(
            "y_6m ~ arm + before",
            AnalysisData(people, pd.DataFrame()),
            cluster="trust" if regime == "C" else "team",
            pairs=name.endswith("paired"),
        ).contrast
        assert (found.estimate, found.se, found.df) == pytest.approx((estimate[1], se[1], df[1]))
