"""What version control knows of a lock or another record: since when it is there, and whether it was ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.runs.git import git_output
from cpis_analysis.runs.locked.lock import LOCK


@dataclass(frozen=True)
class LockHistory:
    """The history of plan.lock.json, or of another record beside the plan, in the repository that holds the plan.

    Attributes
    ----------
    repository : bool
        Whether the plan stands in a git repository whose history is whole (a shallow clone is not).
    first, first_on : str
        Commit (ten characters) that first held a lock, and its date; empty where none did.
    commit, committed_on : str
        Commit that brought the lock as it is now; empty where none did.
    changes : int
        Commits after the first that changed, deleted or brought back the lock.
    deletions : int
        Those that deleted it.
    uncommitted : bool
        Whether the lock in the folder is not the one of the last commit: edited, new or deleted.
    """

    repository: bool = False
    first: str = ""
    first_on: str = ""
    commit: str = ""
    committed_on: str = ""
    changes: int = 0
    deletions: int = 0
    uncommitted: bool = False


def lock_history(root: Path, file: str = LOCK) -> LockHistory:
    """Ask git for the commits that touched the lock, or another file, beside a plan.

    1. Without git, a repository, or its whole history: nothing is known.
    2. ``git log`` of the path, oldest last, merges included by their content; each line is a commit, its date and
       whether it added, modified or deleted the file.
    3. The lock in the folder against the last commit.
    """
    if _said(root, "rev-parse", "--is-shallow-repository") != "false":
        return LockHistory()
    said = _said(root, "log", "--full-history", "--no-renames", "--format=commit %H %cs", "--name-status", "--", file)
    if said is None:
        # a repository without a commit
        return LockHistory(repository=True, uncommitted=(root / file).is_file())
    commits: list[tuple[str, str, str]] = []
    for line in said.splitlines():
        if line.startswith("commit "):
            _, commit, date = line.split()
            commits.append((commit[:10], date, ""))
        elif line and commits:
            commits[-1] = (*commits[-1][:2], line[0])
    touched = [item for item in commits if item[2]]
    # by content: `git status` passes over a file that git was told to take as unchanged
    there = _said(root, "hash-object", "--", file) if (root / file).is_file() else None
    changed = there != _said(root, "rev-parse", "--verify", "--quiet", f"HEAD:./{file}")
    if not touched:
        return LockHistory(repository=True, uncommitted=changed)
    last, first = touched[0], touched[-1]
    now = "" if changed or last[2] == "D" else last[0]
    return LockHistory(
        repository=True,
        first=first[0],
        first_on=first[1],
        commit=now,
        committed_on=last[1] if now else "",
        changes=len(touched) - 1,
        deletions=sum(kind == "D" for _, _, kind in touched),
        uncommitted=changed,
    )


def _said(root: Path, *arguments: str) -> str | None:
    """What git prints, without the end of its last line."""
    said = git_output(root, *arguments)
    return None if said is None else said.strip("\n")
