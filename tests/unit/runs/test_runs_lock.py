"""A locked plan: what deviates is found by itself, with the reason that the plan gives."""

import json
from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.locked.deviations import (
    NO_REASON,
    Today,
    deviation_rows,
    deviations,
    headline_deviations,
    reasons_without_deviation,
)
from cpis_analysis.runs.locked.lock import LOCK, checksum_of, lock_record, locked_files, outcomes_at_lock, read_lock

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
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
    assert deviations(plan.content, lock, Today(lock["files"])) == []


def test_deviations_name_key_values_and_no_reason(tmp_path, lock):
    plan = plan_of(tmp_path, ("earliest: 5", "earliest: 4"), ("title: Findings report", "title: Findings"))
    found = deviations(plan.content, lock, Today(lock["files"]))
    assert [(item.key, item.before, item.after, item.presentation, item.reason) for item in found] == [
        ("cleaning.followup_window.earliest", "5.0", "4.0", False, NO_REASON),
        ("report.title", "Findings report", "Findings", True, NO_REASON),
    ]
    assert deviation_rows(found)[0] == {
        "what": "cleaning.followup_window.earliest",
        "at_lock": "5.0",
        "now": "4.0",
        "bearing": "analysis",
        "reason": NO_REASON,
        "date": "",
    }


def test_deviations_take_the_most_exact_reason(tmp_path, lock):
    more = """
deviations:
  - {key: models, reason: broad}
  - {key: models.change, reason: age left out at the sponsor's wish, date: 2018-09-03}
"""
    plan = plan_of(tmp_path, ('"{outcome}_change ~ arm + age', '"{outcome}_change ~ arm'), more=more)
    (found,) = deviations(plan.content, lock, Today(lock["files"]))
    assert (found.key, found.reason, found.date) == (
        "models.change.formula",
        "age left out at the sponsor's wish",
        "2018-09-03",
    )


def test_deviations_added_and_removed_parts_are_one_each(tmp_path, lock):
    families = TEXT[TEXT.index("\nfamilies:") :]
    families = families[: families.index("\n\n")]
    women = "\npopulations:\n  only_women: {label: Women, where: {gender: female}}"
    plan = (
        plan_of(tmp_path, (families, ""), ("\npopulations:", women))
        if "\npopulations:" in TEXT
        else (plan_of(tmp_path, (families, women)))
    )
    found = {item.key: item.kind for item in deviations(plan.content, lock, Today(lock["files"]))}
    assert found == {"populations.only_women": "added", "families.secondary": "removed"}


def test_deviations_see_a_changed_dictionary(tmp_path, lock):
    plan = plan_of(tmp_path)
    files = dict.fromkeys(locked_files(plan.content, tmp_path), "another checksum")
    assert [(item.key, item.kind) for item in deviations(plan.content, lock, Today(files))] == [
        ("data/raw/dictionary.csv", "file")
    ]


def test_deviations_ignore_defaults_that_came_later(tmp_path, lock):
    del lock["plan"]["cleaning"]["decimal_comma"]
    assert deviations(plan_of(tmp_path).content, lock, Today(lock["files"])) == []


def test_deviations_of_a_lock_that_the_schema_no_longer_reads(tmp_path, lock):
    lock["plan"]["study"]["forgotten_key"] = 1
    found = deviations(plan_of(tmp_path).content, lock, Today(lock["files"]))
    assert [(item.key, item.kind) for item in found] == [("study.forgotten_key", "removed")]


def test_reasons_that_fit_nothing_are_named(tmp_path, lock):
    plan = plan_of(tmp_path, more="\ndeviations:\n  - {key: models.ancova, reason: none}\n")
    assert reasons_without_deviation(plan.content, lock) == ["models.ancova"]
    assert deviations(plan.content, lock, Today(lock["files"])) == []


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"plan": 1, "locked_on": "x"}'])
def test_lock_that_is_none_is_refused(tmp_path, text):
    assert read_lock(tmp_path) is None
    (tmp_path / LOCK).write_text(text)
    with pytest.raises(PlanError, match="is not a lock"):
        read_lock(tmp_path)


def test_lock_as_made_is_read(tmp_path, lock):
    (tmp_path / LOCK).write_text(json.dumps(lock))
    assert read_lock(tmp_path) == lock


def recomputed(lock, **changes):
    """A lock edited by somebody who also mends its checksum."""
    changed = {**lock, **changes}
    return {**changed, "lock_sha256": checksum_of(changed)}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda lock: {**lock, "locked_on": "2017-02-01"}, "was edited after it was made"),
        (lambda lock: {**lock, "raw": {}}, "was edited after it was made"),
        (lambda lock: {**lock, "replaces": [{"locked_on": "2017-01-01"}]}, "was edited after it was made"),
        (lambda lock: {**lock, "estimates_at_lock": True}, "was edited after it was made"),
        (lambda lock: {**lock, "plan": {**lock["plan"], "covariates": {}}}, "was edited after it was made"),
        (lambda lock: {name: value for name, value in lock.items() if name != "lock_sha256"}, "was edited"),
        (lambda lock: recomputed(lock, plan={**lock["plan"], "covariates": {}}), "is not the one that was locked"),
        (lambda lock: recomputed(lock, locked_on="2099-01-01"), "lies in the future"),
        (lambda lock: recomputed(lock, locked_on="2018-02-02"), "after the day on which it was written"),
        (lambda lock: recomputed(lock, locked_on="yesterday"), "edited or cut"),
        (lambda lock: recomputed(lock, raw=[]), "edited or cut"),
    ],
)
def test_lock_that_was_edited_is_refused(tmp_path, lock, edit, said):
    (tmp_path / LOCK).write_text(json.dumps(edit(lock)))
    with pytest.raises(PlanError, match=said) as caught:
        read_lock(tmp_path)
    assert "git checkout plan.lock.json" in str(caught.value)


def test_deviations_see_raw_files_that_were_there_and_are_others_now(tmp_path):
    for name in ("participants", "baseline"):
        (tmp_path / "data" / "raw").mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / "raw" / f"{name}.csv").write_text("x\n", encoding="utf-8")
    plan = plan_of(tmp_path)
    lock = lock_record(plan, "2018-02-01", "0.1.0")
    there = lock["files"] | {"data/raw/participants.csv": "another", "data/raw/six_months.csv": "came later"}
    found = deviations(plan.content, lock, Today(there))
    assert [(item.key, item.kind, item.presentation) for item in found] == [
        ("data/raw/baseline.csv", "data", False),
        ("data/raw/participants.csv", "data", False),
    ]


def test_deviations_see_another_program(tmp_path, lock):
    plan = plan_of(tmp_path)
    (found,) = deviations(plan.content, lock, Today(lock["files"], "0.2.0", "f" * 64))
    assert (found.key, found.kind, found.after) == ("cpis-analysis", "program", "0.2.0, code ffffffffffff")
    assert not deviations(plan.content, lock, Today(lock["files"], "0.1.0", lock["code_sha256"]))


@pytest.mark.parametrize("name", ["label", "x_source"])
def test_deviations_named_like_a_label_are_no_presentation(tmp_path, lock, name):
    plan = plan_of(tmp_path, ("post_cluster_t]", f"{name}]"), ("\n  post_cluster_t:", f"\n  {name}:"))
    found = {item.key: item.presentation for item in deviations(plan.content, lock)}
    assert found == {"outcomes.gas.models": False, f"models.{name}": False, "models.post_cluster_t": False}


def test_headline_deviations_name_the_keys_that_bear_on_it(tmp_path, lock):
    plan = plan_of(
        tmp_path,
        (
            "    models: [ancova, trust_fixed, team_only, change, longitudinal, cr2_trust, cr2_team, "
            "cluster_t, cluster_t_paired,\n",
            "    models: [change, ancova, trust_fixed, team_only, longitudinal, cr2_trust, cr2_team, "
            "cluster_t, cluster_t_paired,\n",
        ),
        ("label: Six months only, trust and team random", "label: Other words"),
    )
    assert headline_deviations(plan.content, lock) == {"rguk": ("outcomes.rguk.models",)}
    # a model that goes from beside the headline is a deviation, but not of the headline
    plan = plan_of(tmp_path, ("cluster_t, cluster_t_paired]", "cluster_t]"))
    assert headline_deviations(plan.content, lock) == {}
    assert len(deviations(plan.content, lock)) == 1


def test_headline_deviations_of_a_family_are_those_of_its_outcomes(tmp_path, lock):
    plan = plan_of(tmp_path, ("    method: holm", "    method: bonferroni"))
    found = headline_deviations(plan.content, lock)
    assert set(found) == set(plan.content.families["secondary"].outcomes)
    assert "rguk" not in found


def test_headline_deviations_of_another_primary_outcome(tmp_path, lock):
    plan = plan_of(
        tmp_path,
        ("role: primary", "role: secondary"),
        (
            "    high_means: highest wellbeing\n    role: secondary",
            "    high_means: highest wellbeing\n    role: primary",
        ),
    )
    found = headline_deviations(plan.content, lock)
    assert found["wemwbs"] == ("outcomes.wemwbs.role",)
