"""The folder of a run: whether there is room in it, and who is at work there."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from shutil import disk_usage
from typing import Any

from cpis_analysis.errors import FileError, Problem
from cpis_analysis.files import TEMPORARY
from cpis_analysis.runs.leftovers import FOLDERS, clear_leftovers, restore_interrupted
from cpis_analysis.runs.making import forget_others
from cpis_analysis.runs.occupancy import Claim, claim_folder, wait_for_steps
from cpis_analysis.workflow.rule_parameters import stop

ROOM = 32 * 1024**2
"""Bytes that must be free before a run; the shipped study writes about 25 MB."""


def make_sure_of_room(root: Path) -> None:
    """Stop before anything is written if the folder may not be written to, or hardly anything fits on the disk."""
    try:
        for folder in (root / name for name in FOLDERS):
            if not folder.exists():
                folder.mkdir(parents=True)
            if folder.is_dir():
                with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=TEMPORARY):
                    pass
    except OSError as error:
        stop(str(FileError.of(error, folder)))
    free = disk_usage(root).free
    if free < ROOM:
        stop(
            str(
                FileError(
                    "There is hardly any room left.",
                    Problem(
                        f"{free // 1024:,} kB are free",
                        file=str(root),
                        allowed=f"{ROOM // 1024**2} MB or more",
                        hint="make room on the disk and run again",
                    ),
                )
            )
        )


def take_folder(root: Path, persistence: Any, rules: set[str]) -> Claim:
    """Begin to work in a folder: alone, without the lock of a run that was killed, and without what it left."""
    memory = Path(persistence.path)
    claim = claim_folder(memory)
    if claim is None:
        stop("Another run is at work in this folder. Wait until it has ended, or stop it (Ctrl-C where it runs).")
    if not wait_for_steps(memory, _tell):
        stop("A step of an earlier run, which was killed, is still at work. Wait until it has ended, or end it.")
    if not claim.certain:
        # Snakemake's own lock has to do, as its message says
        return claim
    # nobody else is here, so whatever lock there is belongs to a run that was killed
    locks = list((memory / "locks").glob("*.lock"))
    for lock in locks:
        lock.unlink(missing_ok=True)
    if locks:
        _tell("An earlier run was killed. Its lock is removed, as no process holds it any more.")
    restore_interrupted(root, memory)
    clear_leftovers(root, memory)
    forget_others(root, rules)
    return claim


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
