"""Which contrasts a design can tell: by algebra, and whatever the names of levels and the order of terms."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.lmm import cluster_robust, lmer, ols
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.lmm.designs.estimability import RowSpace, explaining_terms


def trial(labels="PQRST", places="ABCDE", seed=3):
    """Five trusts with two teams each, of which one has the new arm; team labels may repeat between trusts."""
    rng = np.random.default_rng(seed)
    n = 80
    frame = pd.DataFrame({"place": np.repeat(np.arange(5), 16), "team": np.tile(np.repeat([0, 1], 8), 5)})
    frame["arm"] = np.where((frame["team"] + frame["place"]) % 2 == 0, "usual", "new")
    frame["trust"] = [places[i] for i in frame["place"]]
    frame["label"] = [labels[(p + t) % 5] for p, t in zip(frame["place"], frame["team"], strict=True)]
    frame["y0"] = rng.normal(50, 8, n)
    frame["age"] = rng.integers(20, 70, n).astype(float)
    frame["y"] = 10 + 0.5 * frame["y0"] + rng.normal(0, 4, n)
    return frame


def unit(design, name):
    return np.eye(len(design.term_names))[design.term_names.index(name)]


def random_matrix(rng, n, independent, repeated):
    X = rng.normal(size=(n, independent)) * 10.0 ** rng.integers(-8, 9, independent)
    mixed = X @ (rng.integers(-2, 3, (independent, repeated)) / np.abs(X).max(axis=0)[:, None])
    return np.hstack([X, mixed])[:, rng.permutation(independent + repeated)]


@pytest.mark.parametrize("seed", range(8))
def test_row_space_matches_the_definition_by_ranks(seed):
    """Oracle: a row is estimable if and only if it does not raise the rank of the scaled matrix."""
    rng = np.random.default_rng(seed)
    X = random_matrix(rng, 30, 4, 3)
    size = np.abs(X).max(axis=0)
    keep = size > 0
    X, size = X[:, keep], size[keep]
    rows = np.vstack([np.eye(X.shape[1]), rng.normal(size=(3, 30)) @ X])
    rank = np.linalg.matrix_rank(X / size, tol=1e-9)
    expected = [
        np.linalg.matrix_rank(np.vstack([X / size, row / size / np.abs(row / size).max()]), tol=1e-9) == rank
        for row in rows
    ]
    assert RowSpace.of(X).contains(rows).tolist() == expected
    assert expected[-3:] == [True] * 3
    assert orthogonalise(X).row_space.contains(rows).tolist() == expected


@pytest.mark.parametrize(("factor", "shift"), [(1e-8, 0.0), (1e8, 0.0), (1.0, 1e6), (1e-3, 1e6)])
def test_row_space_does_not_depend_on_unit_or_origin(factor, shift):
    frame = trial()
    frame["copy"] = factor * (2 * frame["age"] - 3 * frame["y0"]) + shift
    design = build_design(parse_formula("y ~ age + y0 + copy + arm"), frame)
    told = dict(zip(design.term_names, RowSpace.of(design.X).contains(np.eye(5)), strict=True))
    assert told == {"(Intercept)": shift == 0, "age": False, "y0": False, "copy": False, "arm[usual]": True}
    near = frame.assign(copy=frame["copy"] + factor * 0.01 * np.random.default_rng(1).normal(size=len(frame)))
    assert RowSpace.of(build_design(parse_formula("y ~ age + y0 + copy + arm"), near).X).contains(np.eye(5)).all()


@pytest.mark.parametrize("far", [1e3, 1e4])
def test_a_near_repetition_makes_nothing_vague_but_what_it_repeats(far):
    """Powers of a number far from zero are nearly dependent; arm and covariates beside them are told as before."""
    rng = np.random.default_rng(4)
    frame = trial()
    frame["far"] = far + rng.normal(size=len(frame))
    frame["near"] = frame["age"] + 1e-4 * frame["age"].std() * rng.normal(size=len(frame))
    design = build_design(parse_formula("y ~ arm + far + square(far) + cube(far) + age + near + y0"), frame)
    basis = orthogonalise(design.X)
    told = dict(zip(design.term_names, basis.row_space.contains(np.eye(8)), strict=True))
    assert all(told[name] for name in ("arm[usual]", "age", "near", "y0"))
    assert told["cube(far)"] == (not basis.dropped)
    assert basis.dropped == (() if told["far"] else (4,))


TERMS = ("arm", "y0", "trust:label", "age")


@settings(max_examples=40)
@given(st.permutations(TERMS), st.permutations("PQRST"), st.permutations("ABCDE"))
def test_arm_beside_team_columns_is_refused_whatever_names_and_order(order, labels, places):
    design = build_design(parse_formula("y ~ " + " + ".join(order)), trial(labels, places), reference={"arm": "usual"})
    row = unit(design, "arm[new]")
    assert not orthogonalise(design.X).row_space.contains(row)[0]
    assert explaining_terms(design, row) == ("trust:label",)


@settings(max_examples=25)
@given(st.permutations(("arm", "trust", "trust:label", "age")), st.permutations("PQRST"))
def test_arm_beside_trusts_and_teams_names_the_teams(order, labels):
    """The teams' columns are coded beside their trusts', yet it is the teams that tell the arm."""
    design = build_design(parse_formula("y ~ " + " + ".join(order)), trial(labels), reference={"arm": "usual"})
    row = unit(design, "arm[new]")
    assert not RowSpace.of(design.X).contains(row)[0]
    assert explaining_terms(design, row) == ("trust:label",)


@pytest.mark.parametrize("order", list(itertools.permutations(("arm", "age", "dose"))))
def test_arm_that_needs_two_terms_to_be_explained_names_both(order):
    frame = trial()
    frame["dose"] = 3.0 * (frame["arm"] == "new") - 0.2 * frame["age"]
    design = build_design(parse_formula("y ~ y0 + " + " + ".join(order)), frame)
    row = unit(design, "arm[usual]")
    assert not RowSpace.of(design.X).contains(row)[0]
    assert explaining_terms(design, row) == ("age", "dose")


def test_contrast_refused_by_name_and_told_where_it_can_be():
    frame = trial()
    formula = "y ~ arm + y0 + trust:label"
    fit = ols(formula, frame, reference={"arm": "usual"})
    for refused in (
        lambda: fit.contrast({"arm[new]": 1.0}),
        lambda: fit.joint_test(["arm"]),
        lambda: cluster_robust(fit, "trust", data=frame).contrast({"arm[new]": 1.0}),
        lambda: fit.joint_test(np.eye(len(fit.term_names))[[1]]),
        lambda: fit.marginal_means("arm"),
    ):
        with pytest.raises(ModelError):
            refused()
    with pytest.raises(ModelError, match="can be computed from trust:label"):
        fit.contrast({"arm[new]": 1.0})
    without = ols("y ~ y0 + trust:label", frame)
    np.testing.assert_allclose(fit.contrast({"y0": 1.0}), without.contrast({"y0": 1.0}), rtol=1e-9)


def test_contrast_of_repeated_columns_is_told_where_their_sum_is():
    """x and 2x have one slope between them: x + 2 (2x) is estimable, either alone is not."""
    frame = trial()
    frame["double"] = 2 * frame["age"]
    fit = lmer("y ~ arm + age + double + (1 | trust)", frame)
    alone = lmer("y ~ arm + age + (1 | trust)", frame)
    np.testing.assert_allclose(fit.contrast({"age": 1.0, "double": 2.0}), alone.contrast({"age": 1.0}), rtol=1e-6)
    for column in ("age", "double"):
        with pytest.raises(ModelError, match="dropped"):
            fit.contrast({column: 1.0})
    assert "not told apart from the columns left out: age" in fit.messages


def test_joint_test_of_a_term_with_an_empty_cell_tests_what_the_data_tell():
    """Oracle: the F test of models with and without the interaction, whose empty cell costs a degree of freedom."""
    frame = trial()
    frame["group"] = pd.Categorical(np.array(["a", "b", "c"])[np.arange(80) % 3])
    frame = frame[(frame["arm"] == "new") | (frame["group"] != "c")]
    full, less = ols("y ~ arm * group", frame), ols("y ~ arm + group", frame)
    found = full.joint_test(["arm:group"]).iloc[0]
    squares = [float((fit.residuals() ** 2).sum()) for fit in (full, less)]
    expected = (squares[1] - squares[0]) / (squares[0] / full.df_residual)
    assert (found["df1"], found["df2"]) == (1, pytest.approx(full.df_residual))
    assert found["statistic"] == pytest.approx(expected, rel=1e-9)
    renamed = frame.assign(group=frame["group"].map({"a": "z", "b": "y", "c": "x"}).astype(str))
    assert ols("y ~ group * arm", renamed).joint_test(["group:arm"]).iloc[0]["statistic"] == pytest.approx(expected)
