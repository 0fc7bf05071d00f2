"""What git says of a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git_output(root: Path, *arguments: str) -> str | None:
    """What git prints when it is run in a folder; None where there is no git, it refuses or does not end."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False, timeout=30)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
