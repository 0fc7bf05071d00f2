"""Archived runs whose data differ by few people."""

import pandas as pd
import pytest

from cpis_analysis.files import write_parquet
from cpis_analysis.runs.people import FewPeople, keep_people, runs_that_differ_by_few
from cpis_analysis.study_words import PEOPLE


def kept(root, run, frame):
    write_parquet(root / "data/processed/participants.parquet", frame)
    keep_people(root, run, "who")


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "who": [f"CP{i:03d}" for i in range(20)],
            "arm": pd.Categorical(["a", "b"] * 10),
            "score": [float(i) if i % 3 else None for i in range(20)],
        }
    )


def test_runs_of_the_same_people_are_not_close(tmp_path, frame):
    kept(tmp_path, "one", frame)
    kept(tmp_path, "two", frame.sample(frac=1, random_state=1)[["score", "who", "arm"]])
    assert runs_that_differ_by_few(tmp_path, "two", 5) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda frame: frame.iloc[1:], FewPeople("one", 0, 1, 0)),
        (lambda frame: pd.concat([frame, frame.iloc[:2].assign(who=["X1", "X2"])]), FewPeople("one", 2, 0, 0)),
        (
            lambda frame: frame.assign(score=frame["score"].where(frame["who"] != "CP004", 99.0)),
            FewPeople("one", 0, 0, 1),
        ),
        (lambda frame: frame.iloc[1:].assign(more=1.0), FewPeople("one", 0, 1, 0)),
        (lambda frame: frame.iloc[5:], None),
        (lambda frame: frame.assign(more=1.0), None),
    ],
)
def test_few_people_added_removed_or_changed_are_noticed(tmp_path, frame, change, found):
    kept(tmp_path, "one", frame)
    kept(tmp_path, "two", change(frame))
    assert runs_that_differ_by_few(tmp_path, "two", 5) == (() if found is None else (found,))


def test_one_person_is_too_few_whatever_the_plan_allows(tmp_path, frame):
    kept(tmp_path, "one", frame)
    kept(tmp_path, "two", frame.iloc[1:])
    assert runs_that_differ_by_few(tmp_path, "two", 0)[0].n == 1
    assert str(runs_that_differ_by_few(tmp_path, "two", 0)[0]) == (
        f"the data differ from those of run one by 1 of the {PEOPLE} (1 removed)"
    )


def test_digests_name_nobody_and_no_value(tmp_path, frame):
    kept(tmp_path, "one", frame)
    text = (tmp_path / "data/archived/one.people.json").read_text(encoding="utf-8")
    assert "CP0" not in text
    assert "score" not in text


def test_runs_without_digests_are_passed_over(tmp_path, frame):
    kept(tmp_path, "two", frame)
    (tmp_path / "data/archived/one.people.json").write_text("{", encoding="utf-8")
    assert runs_that_differ_by_few(tmp_path, "two", 5) == ()
    assert runs_that_differ_by_few(tmp_path, "older", 5) == ()
