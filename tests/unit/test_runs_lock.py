"""A locked plan: what deviates is found by itself, with the reason that the plan gives."""

import json
from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.load import load_plan
from cpis_analysis.runs.lock import (
    NO_REASON,
    deviation_rows,
    deviations,
    lock_record,
    locked_files,
    outcomes_at_lock,
    read_lock,
    reasons_without_deviation,
)

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")


def plan_of(tmp_path, *pairs, more=""):
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "data" / "raw").mkdir(parents=True, exist_ok=True)
    dictionary = tmp_path / "data" / "raw" / "dictionary.csv"
    if not dictionary.exists():
        dictionary.write_bytes((ROOT / "data" / "raw" / "dictionary.csv").read_bytes())
    path = tmp_path / "config.yaml"
    path.write_text(text + more, encoding="utf-8")
    return load_plan(path)


@pytest.fixture
def lock(tmp_path):
    return json.loads(json.dumps(lock_record(plan_of(tmp_path), "2018-02-01", "0.1.0")))


def test_lock_record_holds_plan_analyses_and_what_was_there(tmp_path, lock):
    plan = plan_of(tmp_path)
    assert lock["locked_on"] == "2018-02-01"
    assert lock["plan_sha256"] == plan.digest()
    assert lock["analyses"] == [spec.name for spec in plan.specifications()]
    assert list(lock["files"]) == ["data/raw/dictionary.csv"]
    assert set(lock["raw"].values()) == {None}
    assert outcomes_at_lock(lock) == []


def test_lock_record_names_interviews_that_were_there(tmp_path):
    plan = plan_of(tmp_path)
    for name in ("participants", "six_months", "focus_groups"):
        (tmp_path / "data" / "raw" / f"{name}.csv").write_text("x\n", encoding="utf-8")
    assert outcomes_at_lock(lock_record(plan, "2018-02-01", "0.1.0")) == ["data/raw/six_months.csv"]


def test_deviations_of_the_locked_plan_are_none(tmp_path, lock):
    plan = plan_of(tmp_path, ("# Every key", "# A comment.\n# Every key"))
    assert deviations(plan.content, lock, lock["files"]) == []


def test_deviations_name_key_values_and_no_reason(tmp_path, lock):
    plan = plan_of(tmp_path, ("earliest: 5", "earliest: 4"), ("title: Findings report", "title: Findings"))
    found = deviations(plan.content, lock, lock["files"])
    assert [(item.key, item.before, item.after, item.presentation, item.reason) for item in found] == [
        ("cleaning.followup_window.earliest", "5.0", "4.0", False, NO_REASON),
        ("report.title", "Findings report", "Findings", True, NO_REASON),
    ]
    assert deviation_rows(found)[0] == {
        "what": "cleaning.followup_window.earliest", "at_lock": "5.0", "now": "4.0", "bearing": "analysis",
        "reason": NO_REASON, "date": "",
    }


def test_deviations_take_the_most_exact_reason(tmp_path, lock):
    more = """
deviations:
  - {key: models, reason: broad}
  - {key: models.change, reason: age left out at the sponsor's wish, date: 2018-09-03}
"""
    plan = plan_of(tmp_path, ('"{outcome}_change ~ arm + age', '"{outcome}_change ~ arm'), more=more)
    (found,) = deviations(plan.content, lock, lock["files"])
    assert (found.key, found.reason, found.date) == (
        "models.change.formula", "age left out at the sponsor's wish", "2018-09-03")


def test_deviations_added_and_removed_parts_are_one_each(tmp_path, lock):
    families = TEXT[TEXT.index("\nfamilies:"):]
    families = families[: families.index("\n\n")]
    women = "\npopulations:\n  only_women: {label: Women, where: {gender: female}}"
    plan = plan_of(tmp_path, (families, ""), ("\npopulations:", women)) if "\npopulations:" in TEXT else (
        plan_of(tmp_path, (families, women)))
    found = {item.key: item.kind for item in deviations(plan.content, lock, lock["files"])}
    assert found == {"populations.only_women": "added", "families.secondary": "removed"}


def test_deviations_see_a_changed_dictionary(tmp_path, lock):
    plan = plan_of(tmp_path)
    files = dict.fromkeys(locked_files(plan.content, tmp_path), "another checksum")
    assert [(item.key, item.kind) for item in deviations(plan.content, lock, files)] == [
        ("data/raw/dictionary.csv", "file")]


def test_deviations_ignore_defaults_that_came_later(tmp_path, lock):
    del lock["plan"]["cleaning"]["decimal_comma"]
    assert deviations(plan_of(tmp_path).content, lock, lock["files"]) == []


def test_deviations_of_a_lock_that_the_schema_no_longer_reads(tmp_path, lock):
    lock["plan"]["study"]["forgotten_key"] = 1
    found = deviations(plan_of(tmp_path).content, lock, lock["files"])
    assert [(item.key, item.kind) for item in found] == [("study.forgotten_key", "removed")]


def test_reasons_that_fit_nothing_are_named(tmp_path, lock):
    plan = plan_of(tmp_path, more="\ndeviations:\n  - {key: models.ancova, reason: none}\n")
    assert reasons_without_deviation(plan.content, lock) == ["models.ancova"]
    assert deviations(plan.content, lock, lock["files"]) == []


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"plan": 1, "locked_on": "x"}'])
def test_lock_that_is_none_is_refused(tmp_path, text):
    assert read_lock(tmp_path) is None
    (tmp_path / "plan.lock.json").write_text(text)
    with pytest.raises(PlanError, match="is not a lock"):
        read_lock(tmp_path)
