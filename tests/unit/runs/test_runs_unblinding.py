"""The record of when the groups of a blinded study were told: what it holds, and what is said of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.chapters.process.sentences_unblinding import unblinding_sentences
from cpis_analysis.errors import CpisError, PlanError
from cpis_analysis.files import sha256
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.locked.blinded_folder import BLINDED, BLINDING, blinded_results, read_blinding
from cpis_analysis.runs.locked.lock import checksum_of
from cpis_analysis.runs.locked.lock_history import LockHistory
from cpis_analysis.runs.locked.lock_status import LockStatus, lock_status
from cpis_analysis.runs.locked.unblinding import UNBLINDING, read_unblinding, unblinding_of, unblinding_record

ROOT = Path(__file__).parents[3]
KEY = {"key": "k", "groups": {"new": "B", "usual": "A"}, "folder": "../blinded"}
LOCK = {"locked_on": "2018-02-01", "lock_sha256": "e" * 64}


@pytest.fixture
def blinded(tmp_path):
    """A folder that looks like a blinded study with a finished run."""
    files = {"config.yaml": (ROOT / "config.yaml").read_bytes(), "data/raw/x.csv": b"a\n1\n"}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    made = {name: sha256(tmp_path / name) for name in files}
    (tmp_path / BLINDED).write_text(json.dumps({"key_sha256": "mark", "files": made}))
    results = tmp_path / "results"
    results.mkdir()
    (results / "estimates.csv").write_text("analysis\n")
    digest = load_plan(tmp_path / "config.yaml").digest()
    outputs = {"results/estimates.csv": sha256(results / "estimates.csv")}
    (results / "manifest.json").write_text(json.dumps({"plan_sha256": digest, "outputs": outputs}))
    return tmp_path


def record_of(results, lock=LOCK, by="The committee", open_results=False):
    return unblinding_record("2018-03-01", by, KEY, "mark", lock, results, open_results=open_results)


def test_results_of_a_blinded_folder_are_finished_and_as_made(blinded):
    found = blinded_results(blinded, "mark")
    assert (found.plan_changed, found.data_changed) == (False, False)
    assert found.estimates_sha256 == sha256(blinded / "results" / "estimates.csv")
    assert found.manifest_sha256 == sha256(blinded / "results" / "manifest.json")


def test_results_of_a_blinded_folder_that_were_edited_are_not_finished(blinded):
    (blinded / "results" / "estimates.csv").write_text("analysis\nedited\n")
    assert blinded_results(blinded, "mark").estimates_sha256 == ""
    (blinded / "data/raw/x.csv").write_text("a\n2\n")
    text = (blinded / "config.yaml").read_text(encoding="utf-8")
    (blinded / "config.yaml").write_text(text.replace("earliest: 5", "earliest: 4"), encoding="utf-8")
    found = blinded_results(blinded, "mark")
    assert (found.plan_changed, found.data_changed) == (True, True)


def test_results_of_another_folder_are_refused(blinded, tmp_path):
    with pytest.raises(CpisError, match="not the blinded folder of this study"):
        blinded_results(blinded, "another mark")
    with pytest.raises(CpisError, match="not the blinded folder of this study"):
        blinded_results(tmp_path / "nowhere", "mark")


def test_record_holds_what_was_there_and_is_read_back(blinded, tmp_path):
    record = json.loads(json.dumps(record_of(blinded_results(blinded, "mark"))))
    assert record["without"] == []
    assert record["groups"] == {"A": "usual", "B": "new"}
    assert record["lock"] == LOCK
    assert "k" not in record.values()
    assert read_unblinding(tmp_path) is None
    (tmp_path / UNBLINDING).write_text(json.dumps(record))
    assert read_unblinding(tmp_path) == record


def test_record_names_what_was_missing():
    assert record_of(None, lock=None)["without"] == ["a lock", "finished results of the blinded analysis"]


@pytest.mark.parametrize(
    "edit",
    [
        {"unblinded_on": "2017-03-01"},
        {"unblinded_on": "2099-01-01"},
        {"by": "Somebody else"},
        {"without": []},
        {"blinded": {"estimates_sha256": "a" * 64}},
        {"groups": {"A": "new", "B": "usual"}},
        {"lock": 1},
        {"record_sha256": ""},
    ],
)
def test_record_that_was_edited_is_refused(tmp_path, edit):
    (tmp_path / UNBLINDING).write_text(json.dumps(record_of(None) | edit))
    with pytest.raises(PlanError, match=r"git checkout plan\.unblinded\.json"):
        read_unblinding(tmp_path)


def test_record_of_a_future_date_is_refused_although_its_checksum_fits(tmp_path):
    record = {name: value for name, value in record_of(None).items() if name != "record_sha256"}
    record["unblinded_on"] = "2099-01-01"
    (tmp_path / UNBLINDING).write_text(json.dumps(record | {"record_sha256": checksum_of(record)}))
    with pytest.raises(PlanError, match="its date lies in the future"):
        read_unblinding(tmp_path)
    assert read_unblinding(tmp_path, today="2100-01-01") is not None


def test_key_that_can_not_be_read_is_refused(tmp_path):
    assert read_blinding(tmp_path) is None
    (tmp_path / BLINDING).parent.mkdir(parents=True)
    (tmp_path / BLINDING).write_text(json.dumps(KEY))
    assert read_blinding(tmp_path) == KEY
    (tmp_path / BLINDING).write_text("{}")
    with pytest.raises(CpisError, match="key of the blinded study can't be read"):
        read_blinding(tmp_path)


def test_lock_status_tells_of_the_record_with_and_without_a_lock(tmp_path):
    content = load_plan(ROOT / "config.yaml").content
    assert lock_status(content, tmp_path, LockHistory()).unblinding is None
    (tmp_path / UNBLINDING).write_text(json.dumps(record_of(None)))
    told = lock_status(content, tmp_path, LockHistory()).unblinding
    assert (told.unblinded_on, told.other_lock, told.finished) == ("2018-03-01", True, False)


TOLD = unblinding_of(record_of(None), LOCK)
FINISHED = replace(TOLD, finished=True, plan="1" * 12, estimates="2" * 12)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (TOLD, "was unblinded on 2018-03-01 at the request of The committee."),
        (replace(TOLD, by=""), "was unblinded on 2018-03-01."),
        (TOLD, "The blinded analysis had not been run to its end by then."),
        (FINISHED, "run to its end by then (plan 111111111111, estimates 222222222222)."),
        (replace(FINISHED, plan_changed=True), "; its plan had been changed since the copy was made."),
        (replace(FINISHED, plan_changed=True, data_changed=True), "; its plan and its data had been changed"),
        (TOLD, "The plan had been locked on 2018-02-01."),
        (replace(TOLD, other_lock=True), "is not the one that is there now"),
        (replace(TOLD, locked_on=""), "The plan was not locked when the groups were told."),
        (replace(TOLD, open_results=True), "under their own names were in the study's folder then"),
        (TOLD, "is not in version control, so nothing but itself vouches"),
    ],
)
def test_sentences_say_what_the_record_shows(told, words):
    assert words in " ".join(unblinding_sentences(LockStatus(unblinding=told)))


def test_sentences_say_what_version_control_knows_of_the_record():
    known = LockHistory(True, "a" * 10, "2018-03-02", "a" * 10, "2018-03-02")
    assert unblinding_sentences(LockStatus()) == []
    said = unblinding_sentences(LockStatus(unblinding=TOLD, unblinding_history=known))
    assert said[-1] == "The record of it is in version control since 2018-03-02 (commit aaaaaaaaaa)."
    (gone,) = unblinding_sentences(LockStatus(unblinding_history=known))
    assert "is not there any more" in gone
    changed = replace(known, changes=1)
    assert "was changed after that" in unblinding_sentences(LockStatus(unblinding=TOLD, unblinding_history=changed))[-1]
