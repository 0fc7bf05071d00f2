"""The engine's objects in a notebook, a log and another process."""

import dataclasses
import gc
import importlib
import pickle
import pkgutil
import pydoc
import re
import weakref
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

import cpis_analysis.lmm
from cpis_analysis.lmm import cluster_robust, lmer, ols, refit, simulate
from cpis_analysis.lmm.designs.display import ShortRepr

SECRET = 77.123456


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(2)
    n = 90
    frame = pd.DataFrame({"id": [f"person-{i}" for i in range(n // 3) for _ in range(3)], "x": rng.normal(size=n)})
    frame["team"] = np.arange(n) // 9
    frame["odd"] = rng.integers(0, 7, n)
    frame["y"] = rng.normal(size=n) + rng.normal(size=10)[frame["team"]]
    frame.loc[4, ["y", "x"]] = SECRET
    return frame


FORMULAS = {
    "nested": "y ~ x + (1 | team/id)",
    "blocks": "y ~ x + (1 + x | team) + (1 | odd)",
    "none": "y ~ x",
}


def fitted(kind, frame):
    return (ols if kind == "none" else lmer)(FORMULAS[kind], frame)


@pytest.mark.parametrize("kind", FORMULAS)
def test_repr_is_short_and_holds_nothing_of_a_row(kind, people):
    fit = fitted(kind, people)
    robust = cluster_robust(fit, "team", data=people)
    many = refit(fit, simulate(fit, 3, seed=1), contrasts=["x"])
    for thing in (fit, fit.design, fit.basis, fit.optimum, fit.moments, fit.inference, fit.variances, robust, many):
        assert len(repr(thing)) < 2000
        assert "person-" not in repr(thing)
        assert "77.12" not in repr(thing)
    for part in fit.design.random:
        assert "person-" not in repr(part) + repr(part.grouping)
    assert "person-" not in fit._repr_html_()
    assert "<table" in fit._repr_html_()
    assert "x" in repr(fit)


def test_repr_of_every_dataclass_with_arrays_is_the_short_one():
    wrong = []
    for module in pkgutil.walk_packages(cpis_analysis.lmm.__path__, "cpis_analysis.lmm."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            if isinstance(thing, type) and dataclasses.is_dataclass(thing) and thing.__module__ == module.name:
                arrays = any("ndarray" in str(field.type) for field in dataclasses.fields(thing))
                if arrays and not issubclass(thing, ShortRepr):
                    wrong.append(f"{module.name}.{name}")
    assert wrong == []


def test_repr_counts_what_it_does_not_show_and_escapes_labels():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"site": [f"<b>{i % 40}" for i in range(200)], "y": rng.normal(size=200)})
    fit = ols("y ~ site", frame)
    assert "and 20 more" in repr(fit)
    assert "<b>3" not in fit._repr_html_().replace("<p><b>", "")


@pytest.mark.parametrize("kind", FORMULAS)
def test_pickle_gives_a_fit_that_answers_the_same(kind, people):
    fit = fitted(kind, people)
    again = pickle.loads(pickle.dumps(fit))
    assert again.summary().equals(fit.summary())
    assert again.variance_components.equals(fit.variance_components)
    assert np.array_equal(simulate(again, 2, seed=1), simulate(fit, 2, seed=1))


def test_pickle_of_a_large_crossed_fit_makes_its_moments_in_the_other_place(people, monkeypatch):
    monkeypatch.setattr("cpis_analysis.lmm.structures.choose.LARGE_BLOCK", 2)
    fit = lmer("y ~ x + (1 | team) + (1 | odd)", people)
    again = pickle.loads(pickle.dumps(fit))
    assert "moments" not in vars(again.solution)
    assert again.summary().equals(fit.summary())


def estimate(work):
    fit, y = work
    return refit(fit, y, contrasts=["x"]).contrasts["x"]["kenward-roger"].p_value


@pytest.mark.thorough
def test_fits_go_through_a_pool_of_processes(people):
    fit = fitted("nested", people)
    Y = simulate(fit, 4, seed=1)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        found = list(pool.map(estimate, [(fit, Y[:, j]) for j in range(4)]))
    here = refit(fit, Y, contrasts=["x"]).contrasts["x"]["kenward-roger"].p_value
    np.testing.assert_allclose(np.concatenate(found), here, rtol=1e-9)


def test_dir_and_help_show_every_function():
    page = pydoc.plain(pydoc.render_doc(cpis_analysis.lmm))
    for name in cpis_analysis.lmm.__all__:
        assert name in dir(cpis_analysis.lmm)
        assert name in page
    assert re.search(r"refit\(\s*fit: ", page)


def test_typed_marker_is_delivered():
    from importlib.resources import files

    assert files("cpis_analysis").joinpath("py.typed").is_file()


@pytest.mark.parametrize("kind", FORMULAS)
def test_conf_int_is_the_summarys_interval(kind, people):
    fit = fitted(kind, people)
    for options in ({}, {"ddf": "satterthwaite"}, {"level": 0.9}):
        assert fit.conf_int(**options).equals(fit.summary(**options)[["ci_low", "ci_high"]])


def test_marginal_means_have_the_levels_in_the_index(people):
    frame = people.assign(arm=np.where(people["team"] % 2, "b", "a"), sex=np.where(people["odd"] > 3, "f", "m"))
    fit = lmer("y ~ arm + sex + (1 | team)", frame)
    one, two = fit.marginal_means("arm"), fit.marginal_means(["arm", "sex"])
    assert one.index.name == "arm"
    assert one.index.tolist() == ["a", "b"]
    assert two.index.names == ["arm", "sex"]
    difference = two.loc[("b", "f"), "estimate"] - two.loc[("a", "f"), "estimate"]
    assert difference == pytest.approx(fit.coefficients["arm[b]"], rel=1e-10)


@pytest.mark.parametrize("kind", FORMULAS)
def test_a_fit_is_freed_when_nobody_holds_it(kind, people):
    fit = fitted(kind, people)
    for answer in (fit.summary, fit.vcov, fit.fitted, fit.__repr__):
        answer()
    gone = weakref.ref(fit)
    gc.disable()
    try:
        del fit, answer
        assert gone() is None
    finally:
        gc.enable()
