"""How long another process takes, by the clock and in processor seconds."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["timed_call"]


def timed_call(folder: Path, command: list[str], kept: Callable[[str], bool]) -> tuple[float, float]:
    """Wall and processor seconds of a command in a folder, which must succeed.

    Parameters
    ----------
    folder : Path
    command : list of str
    kept : callable
        Which variables of the environment the command has.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        check=False,
        env={name: value for name, value in os.environ.items() if kept(name)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout[-4000:])
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
