"""Error contrasts say of a response what the moments of the nested model say, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import lmer
from cpis_analysis.lmm.fits.model import fit_response
from cpis_analysis.lmm.structures.error_contrasts import ErrorContrasts
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_grid import grid, values_of_one
from cpis_analysis.lmm.structures.sufficient_moments import likelihood

DESIGNS = {
    "teams": "y ~ arm + x + (1 | trust) + (1 | trust:team)",
    "one level": "y ~ arm + x + (1 | team)",
    "people over waves": "y ~ arm * wave + (1 | trust) + (1 | trust:team) + (1 | trust:team:id)",
    "columns that vary in everything": "y ~ x + wave + (1 | trust:team) + (1 | trust:team:id)",
}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    rows = [
        (k // 2, k, k % 2, f"p{k}_{i}", w)
        for k in range(8)
        for i in range(2 + k % 4)
        for w in range(1 + (i + k) % 3 % 2 + 1)
    ]
    frame = pd.DataFrame(rows, columns=["trust", "team", "arm", "id", "wave"])
    frame["x"] = rng.normal(size=len(frame)) + frame["team"] / 3
    frame["w"] = rng.choice([0.5, 1.0, 2.0], size=len(frame))
    person = pd.factorize(frame["id"])[0]
    frame["y"] = (
        1e3 + frame["x"] + rng.normal(size=8)[frame["team"]] + rng.normal(size=person.max() + 1)[person]
        + rng.normal(size=len(frame))
    )  # fmt: skip
    return frame


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("known", [None, 0.7])
@pytest.mark.parametrize("name", DESIGNS)
def test_error_contrasts_equal_the_moments(people, name, known, weights):
    fit = lmer(DESIGNS[name], people, weights=weights)
    structure = fit.structure
    assert isinstance(structure, NestedStructure)
    sums = structure.sums(fit.y_scaled)
    contrasts = ErrorContrasts(structure._dense, sums, known)
    rng = np.random.default_rng(5)
    p, R = structure.p, structure.n_levels
    for psi in [np.zeros(R), *rng.gamma(0.5, size=(4, R)), np.full(R, 900.0)]:
        m = structure.moments(psi, sums)
        wanted, slopes = likelihood(m, True, known), contrasts.slopes(psi)
        found = slopes.complete()
        assert slopes.value == pytest.approx(wanted.value, abs=1e-9)
        for of in ("gradient", "observed", "average", "trace", "expected", "b", "Phi"):
            expected = getattr(wanted, of)
            size = max(1e-3, np.abs(expected).max())
            np.testing.assert_allclose(getattr(found, of), expected, rtol=1e-8, atol=1e-9 * size, err_msg=of)
        Phi, P, Q = wanted.Phi, m.P[:, :p, :p], m.Q[:, :, :p, :p]
        first = Phi @ P @ Phi
        second = Phi @ (Q - np.einsum("rab,bc,scd->rsad", P, Phi, P)) @ Phi
        np.testing.assert_allclose(found.movements.first, first, rtol=1e-7, atol=1e-9 * np.abs(first).max())
        # of the difference of two large matrices the moments keep fewer digits
        lost = 1e-11 * np.abs(Phi @ Q @ Phi).max()
        np.testing.assert_allclose(found.movements.second, second, rtol=1e-7, atol=lost)


@pytest.mark.parametrize("known", [None, 0.7])
def test_values_of_many_points_equal_the_recursion(people, known):
    fit = lmer(DESIGNS["people over waves"], people)
    sums = fit.structure.sums(fit.y_scaled)
    points, _ = grid(fit.structure)
    wanted = values_of_one(fit.structure, points, sums.with_known(None if known is None else np.array([known])), True)
    found = ErrorContrasts(fit.structure._dense, sums, known).values(points[np.argsort(fit.structure.order)])
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_ratios_beyond_the_reach_of_error_contrasts_are_found_by_the_moments(people):
    """Almost all variance lies between the teams: the ratio is beyond 1e4, and its profile is flat in nothing."""
    rng = np.random.default_rng(2)
    team = rng.normal(size=8)[people["team"]]
    fit = lmer(DESIGNS["one level"], people.assign(y=100.0 * team + rng.normal(size=len(people))))
    contrasts = fit.structure.error_contrasts(fit.structure.sums(fit.y_scaled), None)
    assert fit.optimum.psi[0] > 1e4
    assert not contrasts.reach(fit.optimum.psi)
    assert fit.optimum.likelihood.movements is None
    slope = fit.optimum.likelihood.gradient * fit.optimum.psi
    np.testing.assert_allclose(slope, 0.0, atol=1e-6)


def test_a_fit_by_error_contrasts_is_the_one_of_many_sums(people, monkeypatch):
    """The same response by the other route: estimates, Kenward-Roger and its joint test."""
    fit = lmer(DESIGNS["people over waves"], people)
    assert fit.optimum.likelihood.movements is not None
    monkeypatch.setattr(NestedStructure, "error_contrasts", lambda *_: None)
    other = fit_response(fit, people["y"].to_numpy())
    assert other.optimum.likelihood.movements is None
    np.testing.assert_allclose(fit.optimum.psi, other.optimum.psi, rtol=1e-7, atol=1e-10)
    assert fit.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-9)
    for boundary in ("keep", "drop"):
        one, two = (of.summary("kenward-roger", boundary=boundary) for of in (fit, other))
        np.testing.assert_allclose(one, two, rtol=1e-6)
        one, two = (of.joint_test(["arm", "wave"], boundary=boundary) for of in (fit, other))
        np.testing.assert_allclose(one, two, rtol=1e-6)
