"""What is said of a lock: no more than the lock and version control show."""

import json
import subprocess
from dataclasses import replace

import pytest

from cpis_analysis.chapters.process.sentences_lock import deviation_sentences, headline_sentence, planned_sentences
from cpis_analysis.runs.locked.deviations import Deviation
from cpis_analysis.runs.locked.lock import LOCK
from cpis_analysis.runs.locked.lock_history import LockHistory, lock_history
from cpis_analysis.runs.locked.lock_status import LockStatus

LOCKED = LockStatus("2018-02-01", "2018-02-01", LockHistory(True, "a" * 10, "2018-02-02", "a" * 10, "2018-02-02"))


def said(status):
    return " ".join(
        [headline_sentence(status, "score"), *deviation_sentences(status), *planned_sentences(status, "score")]
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (LockStatus(), "is not locked, so nothing shows"),
        (LOCKED, "when no raw file of interviews and no results were in the folder"),
        (LOCKED, "in version control since 2018-02-02 (commit aaaaaaaaaa), never changed since"),
        (replace(LOCKED, made_on="2018-09-01"), "(the file was written on 2018-09-01)"),
        (replace(LOCKED, interviews=("six.csv",)), "interviews were there already (six.csv) then, and whether"),
        (replace(LOCKED, raw_known=False), "the key of their checksums is not with the private files"),
        (replace(LOCKED, estimates=True), "results of an earlier run were there already"),
        (
            replace(LOCKED, replaces=("2018-01-01", "2018-01-20")),
            "replaces earlier ones, dated 2018-01-01 and 2018-01-20",
        ),
        (replace(LOCKED, history=LockHistory()), "nothing but the lock itself vouches for its date"),
        (replace(LOCKED, history=LockHistory(True)), "The lock is not in version control"),
        (
            replace(LOCKED, history=replace(LOCKED.history, commit="", committed_on="", uncommitted=True)),
            "the one in the folder is another",
        ),
        (
            replace(LOCKED, history=replace(LOCKED.history, changes=2, deletions=1, commit="b" * 10)),
            "was changed twice after that (once by deleting it)",
        ),
        (
            LockStatus(history=LockHistory(True, "a" * 10, "2018-02-02", changes=1, deletions=1)),
            "is not there any more",
        ),
        (replace(LOCKED, headlines={"score": ("a.b", "c")}), "changed since are a.b and c (see Deviations"),
        (replace(LOCKED, headlines={"score": tuple("abcdef")}), "changed since are a, b, c, d and 2 others"),
        (
            replace(LOCKED, deviations=(Deviation("r.csv", "data", "", "", False, "", ""),)),
            "One raw file that was there when the plan was locked was changed since.",
        ),
    ],
)
def test_sentences_say_what_is_known(status, words):
    assert words in said(status)


def test_a_lock_without_a_past_gives_the_key_findings_nothing_to_say():
    assert planned_sentences(LOCKED, "score") == []
    assert planned_sentences(LockStatus(), "score") == []


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def keep(folder, text):
    """Commit a lock with this text; None: delete it."""
    if text is None:
        (folder / LOCK).unlink()
    else:
        (folder / LOCK).write_text(json.dumps(text))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "lock")


def test_history_outside_a_repository_is_not_known(tmp_path):
    assert lock_history(tmp_path) == LockHistory()


def test_history_tells_first_commit_changes_and_deletion(repository):
    assert lock_history(repository) == LockHistory(repository=True)
    (repository / LOCK).write_text("1")
    assert lock_history(repository) == LockHistory(repository=True, uncommitted=True)
    keep(repository, 1)
    first = lock_history(repository)
    assert (first.changes, first.deletions, first.uncommitted) == (0, 0, False)
    assert first.commit == first.first
    (repository / "other").write_text("x")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "other")
    assert lock_history(repository) == first
    (repository / LOCK).write_text("2")
    edited = lock_history(repository)
    assert (edited.commit, edited.uncommitted, edited.first) == ("", True, first.first)
    keep(repository, None)
    gone = lock_history(repository)
    assert (gone.first, gone.commit, gone.changes, gone.deletions) == (first.first, "", 1, 1)
    keep(repository, 3)
    back = lock_history(repository)
    assert (back.first, back.changes, back.deletions, back.uncommitted) == (first.first, 2, 1, False)
    assert back.commit not in ("", first.first)


def test_history_sees_a_lock_that_git_is_told_to_ignore(repository):
    (repository / ".gitignore").write_text(LOCK)
    (repository / LOCK).write_text("1")
    assert lock_history(repository).uncommitted


@pytest.mark.parametrize("told", ["--assume-unchanged", "--skip-worktree"])
def test_history_sees_an_edit_that_git_is_told_not_to_look_for(repository, told):
    keep(repository, 1)
    git(repository, "update-index", told, LOCK)
    assert not lock_history(repository).uncommitted
    (repository / LOCK).write_text("2")
    edited = lock_history(repository)
    assert (edited.commit, edited.uncommitted) == ("", True)


def test_history_of_a_shallow_clone_is_not_known(repository, tmp_path_factory):
    keep(repository, 1)
    keep(repository, 2)
    clone = tmp_path_factory.mktemp("clone") / "study"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", repository.as_uri(), str(clone)], check=True, capture_output=True
    )
    assert not lock_history(clone).repository
