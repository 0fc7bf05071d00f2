"""Fits that stay: what they were made from, and what makes them be fitted again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import cpis_analysis
from cpis_analysis.analyses.fitting.result_to_leave import columns_read
from cpis_analysis.runs import fit_store
from cpis_analysis.runs.data_digests import DataDigests
from cpis_analysis.runs.fit_store import (
    FitKey,
    FittingCode,
    StoredFit,
    TrainedTests,
    forget_other_fits,
    read_fits,
    specification_digest,
    write_fit,
)
from cpis_analysis.study_words import PEOPLE
from made_up_study import spec
from two_people import two_people

FIT = StoredFit.of(FitKey("a", "b", "c", "d"), {"estimate": 0.1, "messages": ["ä", f"few {PEOPLE}"]})
SPEC = spec("y_6m ~ arm + y_0m + (1 | trust)")


def test_store_gives_back_what_was_kept_and_forgets_the_rest(tmp_path):
    for name in ("y.one", "z.two"):
        write_fit(tmp_path, name, FIT)
    assert read_fits(tmp_path) == {"y.one": FIT, "z.two": FIT}
    assert read_fits(tmp_path)["y.one"].record == {"estimate": 0.1, "messages": ["ä", f"few {PEOPLE}"]}
    assert json.loads((tmp_path / "y.one.json").read_text(encoding="utf-8"))["record"] == FIT.record
    forget_other_fits(tmp_path, ["z.two", "new.three"])
    assert read_fits(tmp_path) == {"z.two": FIT}
    assert read_fits(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("0.1", "0.2"),
        lambda text: text.replace('"code": "c"', '"code": "x"'),
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: json.dumps(json.loads(text) | {"more": 1}),
    ],
)
def test_store_takes_a_file_that_is_not_as_written_for_none(tmp_path, spoil):
    write_fit(tmp_path, "y.one", FIT)
    path = tmp_path / "y.one.json"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert read_fits(tmp_path) == {}


def test_store_takes_a_renamed_file_for_none(tmp_path):
    write_fit(tmp_path, "y.one", FIT)
    (tmp_path / "y.one.json").rename(tmp_path / "y.two.json")
    assert read_fits(tmp_path) == {}


@pytest.fixture
def fitting_code(tmp_path, monkeypatch):
    """The code that fits, as one module with a text of the test's."""
    monkeypatch.setattr(fit_store, "FITTING", "cpis_analysis.module")

    def made(text: str) -> FittingCode:
        path = tmp_path / "src" / "cpis_analysis" / "module.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return FittingCode(tmp_path / "src", tmp_path / "fits")

    return made


def test_code_with_the_bytes_of_an_earlier_fit_is_not_looked_at(fitting_code, monkeypatch):
    code = fitting_code("x = 1\n")
    monkeypatch.setattr(fit_store, "code_digest", None)
    assert code.does_the_same(code.digest)


def test_code_does_the_same_whatever_is_said_about_it_and_nothing_else_does(fitting_code):
    first = fitting_code("x = 1\n")
    first.keep()
    assert fitting_code("x = 1  # one\n").does_the_same(first.digest)
    assert not fitting_code("x = 2\n").does_the_same(first.digest)
    # nobody knows what it did
    assert not fitting_code("x = 1\n").does_the_same("0" * 64)


def test_code_of_which_no_fit_is_left_is_forgotten(fitting_code):
    first = fitting_code("x = 1\n")
    first.keep()
    second = fitting_code("x = 1  # one\n")
    second.keep()
    second.forget_others()
    assert not fitting_code("x = 1\n\n").does_the_same(first.digest)
    assert fitting_code("x = 1\n\n").does_the_same(second.digest)


def test_specification_digest_hangs_on_plan_seed_and_smallest_number():
    asked = [(SPEC, 1, 0), (replace(SPEC, level=0.9), 1, 0), (SPEC, 2, 0), (SPEC, 1, 5)]
    assert len({specification_digest(*one) for one in asked}) == 4


def test_columns_read_are_those_of_the_specification():
    other = two_people(z_6m=[1.0, 2.0], y_change=[1.0, 2.0], has_0m=[True, True])
    assert columns_read(SPEC, other.participants) == [
        "participant_id",
        "arm",
        "trust",
        "team",
        "has_6m",
        "y_0m",
        "y_6m",
        "has_0m",
    ]
    used = replace(SPEC, condition="older", derived=(("older", "z_6m > 1 and team == 'u'"),))
    assert "z_6m" in columns_read(used, other.participants)


def test_data_digest_hangs_on_the_columns_read_alone():
    digest = DataDigests(two_people()).of(SPEC)
    assert DataDigests(two_people(z_6m=[1.0, 2.0])).of(SPEC) == digest


@pytest.mark.parametrize(
    "columns",
    [
        {"y_0m": [1.0, 2.0000000000000004]},
        {"y_0m": [1, 2]},
        {"y_6m": [3.0, 0.0]},
        {"arm": pd.Categorical(["a", "b"], categories=["b", "a"])},
        {"arm": pd.Categorical(["a", "b"], categories=["a", "b", "c"])},
        {"arm": pd.Categorical(["a", "b"], ordered=True)},
        {"arm": pd.Categorical(["a", None])},
        {"participant_id": ["p1", "p3"]},
    ],
    ids=["last bit", "whole numbers", "not missing", "order", "more categories", "ordered", "missing", "people"],
)
def test_data_digest_differs_with_any_value_type_or_category(columns):
    assert DataDigests(two_people(**columns)).of(SPEC) != DataDigests(two_people()).of(SPEC)


def test_store_of_trained_tests_gives_back_what_this_code_has_trained(tmp_path, monkeypatch):
    source = Path(cpis_analysis.__file__).parents[1]
    folder = tmp_path / "tests"
    TrainedTests(folder, source).write("a1", {"critical": 0.25})
    assert TrainedTests(folder, source).read("a1") == {"critical": 0.25}
    assert TrainedTests(folder, source).read("b2") is None
    # the same code in other words, then other code, then code of which nobody knows what it did
    monkeypatch.setattr(fit_store, "bytes_digest", lambda files, source: "other")
    assert TrainedTests(folder, source).read("a1") == {"critical": 0.25}
    with monkeypatch.context() as patch:
        digests = iter(("one", "other"))
        patch.setattr(fit_store, "code_digest", lambda texts: next(digests))
        assert TrainedTests(folder, source).read("a1") is None
    (kept,) = (folder / fit_store.CODE).iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(fit_store, "CODE", "nowhere")
        assert TrainedTests(folder, source).read("a1") is None
    # other libraries, or half a file
    monkeypatch.setattr(fit_store, "libraries_digest", lambda: "others")
    assert TrainedTests(folder, source).read("a1") is None
    (folder / "a1.json").write_text("{", encoding="utf-8")
    assert TrainedTests(folder, source).read("a1") is None
    # of very many the oldest are forgotten
    monkeypatch.setattr(fit_store, "_MOST_TESTS", 2)
    for name in ("b2", "c3"):
        TrainedTests(folder, source).write(name, {})
    assert len(list(folder.glob("*.json"))) == 2
    assert kept.exists()
    # the fits forget what the plan does not have; tests are none of them
    forget_other_fits(tmp_path, [])
    assert len(list(folder.glob("*.json"))) == 2
