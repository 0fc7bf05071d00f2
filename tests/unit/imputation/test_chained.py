"""Chained equations: frames come back complete, in their types, the same for the same seed; mistakes are listed."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula, term_text
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.predictors import predictor_terms

pytestmark = pytest.mark.thorough

N = 120
FORMULA = parse_formula("y ~ arm * x + sex + (1 | trust) + (1 | trust:team)")


def trial(seed=1):
    random = np.random.default_rng(seed)
    team = np.arange(N) % 8
    x = random.normal(50, 10, N)
    y = np.exp(1 + 0.02 * x + 0.3 * (team % 2) + random.normal(0, 0.3, N))
    grade = np.digitize(x + random.normal(0, 5, N), [42, 50, 58])
    frame = pd.DataFrame(
        {
            "trust": pd.Categorical([f"N{t // 2}" for t in team]),
            "team": pd.Categorical([f"T{t}" for t in team]),
            "arm": pd.Categorical(np.where(team % 2, "new", "old")),
            "x": x,
            "sex": pd.Categorical(random.choice(["f", "m"], N)),
            "grade": pd.Categorical.from_codes(grade, ["low", "mid", "high", "top"], ordered=True),
            "whole": random.integers(0, 30, N),
            "asked": pd.array(random.random(N) < 0.4, dtype="boolean"),
            "y": y,
        }
    )
    for name, share in (("x", 0.1), ("sex", 0.1), ("grade", 0.15), ("asked", 0.1), ("y", 0.25)):
        frame.loc[random.random(N) < share, name] = pd.NA if name == "asked" else np.nan
    return frame


def completed(frame, **settings):
    given = {"m": 20, "random": np.random.default_rng(7), "auxiliary": ["grade", "asked", "whole"]} | settings
    return impute(frame, given.pop("formula", FORMULA), **given)


@pytest.mark.parametrize("by", [None, "arm"])
def test_impute_completes_every_variable_in_its_type_and_leaves_what_was_known(by):
    kinds = np.where(np.arange(N) % 11 == 3, None, np.array(["city", "town", "village", "isle"])[np.arange(N) % 3])
    kinds[[0, 16]] = "isle"  # nobody of the other arm is of this kind
    frame = trial().assign(kind=pd.Categorical(kinds))
    found = completed(frame, by=by, auxiliary=["grade", "asked", "whole", "kind"])
    assert found.m == 20
    for i in (0, 19):
        full = found.frame(i)
        assert full.notna().all(axis=None)
        assert list(full.dtypes) == list(frame.dtypes)
        known = frame.notna()
        assert (full.astype(object)[known] == frame.astype(object)[known]).where(known).fillna(True).all(axis=None)
    assert not found.frame(0).equals(found.frame(1))
    assert {one.variable: one.n_missing for one in found.convergence} == {
        name: n if by is None else pytest.approx(n / 2, abs=n / 2) for name, n in frame.isna().sum().items() if n
    }


def test_impute_same_seed_same_values_other_seed_others():
    formula = parse_formula("y ~ arm + x + (1 | team)")
    first, again, other = (
        completed(trial(), formula=formula, auxiliary=[], random=np.random.default_rng(s)).frame(0) for s in (7, 7, 8)
    )
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first.equals(other)


def test_impute_transformed_outcome_is_imputed_as_the_model_has_it():
    frame = trial()
    formula = parse_formula("log(y) ~ arm + x + (1 | trust:team)")
    plain = parse_formula("ly ~ arm + x + (1 | trust:team)")
    logs = completed(frame.assign(ly=np.log(frame["y"])), formula=plain, auxiliary=[])
    values = completed(frame, formula=formula, auxiliary=[])
    np.testing.assert_allclose(np.log(values.frame(2)["y"]), logs.frame(2)["ly"], rtol=1e-12)
    assert (values.frame(2)["y"] > 0).all()


def test_impute_joined_blocks_hold_the_imputations_of_both():
    frame = trial()
    first, second = (completed(frame, auxiliary=[], random=np.random.default_rng(s)) for s in (7, 9))
    both = first.joined(second)
    assert both.m == 40
    pd.testing.assert_frame_equal(both.frame(21), second.frame(1))
    assert max(c.worst for c in both.convergence) == max(c.worst for c in (*first.convergence, *second.convergence))


def test_impute_apart_in_each_arm_needs_nothing_of_the_other():
    frame = trial()
    odd = frame.assign(y=frame["y"].where(frame["arm"] == "old", frame["y"] * 1000))
    formula = parse_formula("y ~ arm + x + (1 | trust:team)")
    old = frame["arm"] == "old"
    # arms are drawn in the order of their names: the first draws the same whatever the other is
    swapped = [completed(one.assign(arm=one["arm"].cat.rename_categories({"old": "a", "new": "b"})), formula=formula,
                         by="arm", auxiliary=[]).frame(0)["y"][old] for one in (frame, odd)]  # fmt: skip
    pd.testing.assert_series_equal(*swapped)


def test_impute_a_lost_team_is_imputed_with_the_spread_of_teams():
    random = np.random.default_rng(3)
    team = np.arange(200) % 10
    y = random.normal(0, 3, 10)[team] + random.normal(0, 1, 200)
    frame = pd.DataFrame({"team": pd.Categorical(team.astype(str)), "y": np.where(team == 9, np.nan, y)})
    found = impute(frame, parse_formula("y ~ 1 + (1 | team)"), m=300, random=random)
    means = found.drawn["y"].mean(axis=1)
    seen = pd.Series(y[team < 9]).groupby(team[team < 9]).mean()
    assert means.std() > 0.8 * seen.std()
    one = impute(frame.assign(y=np.where(np.arange(200) == 0, np.nan, y)), parse_formula("y ~ 1 + (1 | team)"), m=300,
                 random=random)  # fmt: skip
    assert one.drawn["y"].std() < 1.5


def test_predictors_outcome_has_the_model_of_the_analysis_covariates_have_the_outcome():
    shown = {
        target: [" x ".join(map(str, term)) or "1" for term in predictor_terms(target, FORMULA, ["grade"])]
        for target in ("y", "x", "grade")
    }
    assert shown["y"] == ["1", "arm", "x", "sex", "grade", "arm x x"]
    assert shown["x"] == ["1", "arm", "y", "sex", "grade", "y x arm"]
    assert shown["grade"] == ["1", "arm", "x", "sex", "y", "arm x x"]


def test_predictors_of_a_covariate_whose_mean_is_in_the_model_are_means_of_the_outcome():
    formula = parse_formula("y ~ arm + within(x | team) + mean(x | team) + arm:mean(x | team) + z + (1 | team)")
    assert [term_text(term) for term in predictor_terms("x", formula, ["w"])] == [
        "1",
        "arm",
        "y",
        "mean(y | team)",
        "z",
        "w",
        "mean(y | team):arm",
    ]
    assert [term_text(term) for term in predictor_terms("z", formula, [])][1:4] == [
        "arm",
        "within(x | team)",
        "mean(x | team)",
    ]


def test_impute_lists_every_mistake_at_once():
    frame = trial()
    with pytest.raises(ModelError) as error:
        completed(frame.drop(columns="sex").assign(team=frame["team"].where(frame.index > 3)), m=1)
    assert {problem.message for problem in error.value.problems} == {
        "no such column", "must be known for everybody", "number of imputations"
    }  # fmt: skip
    frame["place"] = pd.Categorical(["nowhere", *(f"place {k % 25}" for k in range(1, N))])
    frame.loc[5, "place"] = np.nan
    with pytest.raises(ModelError) as error:
        completed(frame.assign(never=np.nan), formula=parse_formula("sqrt(y) ~ arm + (1 | team)"),
                  auxiliary=["place", "never"])  # fmt: skip
    assert sorted((problem.variable, problem.message) for problem in error.value.problems) == [
        ("never", "nobody has a value"),
        ("place", "more than 20 categories without an order can't be imputed"),
        ("y", "a missing outcome can't be imputed on this scale"),
    ]
    frame["steps"] = pd.Series(np.arange(N) % 4, dtype=float).where(frame.index > 6)
    drawn = completed(frame, auxiliary=["steps"], ordinal=["steps"]).frame(0)["steps"]
    assert (set(drawn), drawn.dtype) == ({0.0, 1.0, 2.0, 3.0}, float)
    assert completed(frame, auxiliary=["place"], ordinal=["place"]).frame(0)["place"].notna().all()
