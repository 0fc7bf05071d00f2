"""Who is at work in a study's folder.

Snakemake's own lock is a file that stays when its process is killed. The locks here are held by the process itself:
the system lets go of them whatever ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: Snakemake's own lock alone
    fcntl = None  # type: ignore[assignment]

_RUN, _STEPS = "cpis_run.lock", "cpis_steps.lock"


@dataclass(frozen=True)
class Claim:
    """A folder that is held by this process.

    Attributes
    ----------
    stream : file
        To be kept open as long as the folder is held.
    certain : bool
        Whether nobody else can hold it at the same time; some network disks have no locks.
    """

    stream: IO[bytes]
    certain: bool

    def close(self) -> None:
        """Let go of the folder."""
        self.stream.close()


def claim_folder(memory: Path) -> Claim | None:
    """Take the folder for one run.

    Parameters
    ----------
    memory : Path
        Snakemake's folder, ``.snakemake``.

    Returns
    -------
    Claim or None
        None if another run that is alive holds the folder.
    """
    return _held(memory / _RUN, exclusive=True)


def join_steps(memory: Path) -> Claim | None:
    """Note that a step is at work; to be kept open as long as it is. None where there is no such folder."""
    try:
        return _held(memory / _STEPS, exclusive=False) if memory.is_dir() else None
    except OSError:
        # a step run by hand in a folder that may only be read
        return None


def wait_for_steps(memory: Path, tell: Callable[[str], None], seconds: float = 600.0) -> bool:
    """Wait until steps that outlived their run have ended; they would write over the files of this run.

    Returns
    -------
    bool
        Whether all have ended in time.
    """
    ends, told = time.monotonic() + seconds, False
    while (lock := _held(memory / _STEPS, exclusive=True)) is None:
        if time.monotonic() > ends:
            return False
        if not told:
            tell("A step of an earlier run, which was killed, is still at work; this run begins when it has ended.")
            told = True
        time.sleep(0.2)
    lock.close()
    return True


def _held(path: Path, *, exclusive: bool) -> Claim | None:
    stream = open(path, "ab")
    if fcntl is None:
        return Claim(stream, False)
    try:
        fcntl.flock(stream, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        return None
    except OSError:
        return Claim(stream, False)
    return Claim(stream, True)
