"""What a killed run left in a study's folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from cpis_analysis.files import TEMPORARY, sha256, write_bytes
from cpis_analysis.runs.making import read_makings

BACKUPS = "backups"
"""Where Snakemake keeps the earlier outputs of jobs that are running, within its folder."""
FOLDERS = ("results", "data/processed")
"""What rules write."""


def restore_interrupted(root: Path, memory: Path) -> list[str]:
    """Put back what an interrupted job had replaced already, so that its outputs belong together again.

    Snakemake keeps the earlier outputs of a running job beside its memory. They are put back where they are those of
    the job's record.
    """
    restored = []
    for making in read_makings(root).values():
        for name, digest in making.outputs.items() if making.begun else ():
            kept = memory / BACKUPS / name
            if kept.is_file() and sha256(kept) == digest:
                write_bytes(root / name, kept.read_bytes())
                restored.append(name)
    return restored


def clear_leftovers(root: Path, memory: Path) -> list[str]:
    """Remove half-written hidden files and copies that a killed run left; for the run that holds the folder."""
    gone = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob(f".*{TEMPORARY}")):
            if path.is_file():
                path.unlink(missing_ok=True)
                gone.append(path.relative_to(root).as_posix())
    shutil.rmtree(memory / BACKUPS, ignore_errors=True)
    return gone
