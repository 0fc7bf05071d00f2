"""Digests of source files that an earlier run has read, so that the next one need not read hundreds to do nothing.

A source file is taken for the same where its times, its size and its place on the disk are. Nobody can set the time at
which the system last changed a file, so an edited file is never taken for the one before. A file that had just been
written when it was read is read again: within one tick of the clock it could have been written twice. Files of the
study are always read, as what damages a file on the disk does not change its times.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

from cpis_analysis.errors import CpisError
from cpis_analysis.files import json_line, write_text
from cpis_analysis.runs.making import Digests

MEMORY = ".snakemake"
"""Where Snakemake keeps what may be lost at any time."""
STAMPS = f"{MEMORY}/stamps"
JUST = 2_000_000_000
"""Nanoseconds for which a file counts as just written; clocks of file systems tick in up to two seconds."""


class KeptDigests(Digests):
    """Digests of files below a study's folder, and of source files.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._kept = _kept(root)
        self._known.update(self._kept)
        self._settled = dict(self._kept)
        self._found: set[str] = set()

    def __call__(self, name: str) -> str | None:
        """Hex digest, or None where there is no such file."""
        digest = super().__call__(name)
        if digest is not None:
            self._found.add(name)
        return digest

    def keep(self) -> None:
        """Write them for the next run, where something is new."""
        settled = {
            name: said for name, said in self._settled.items() if name in self._found and self._known[name] == said
        }
        if settled != self._kept and (self.root / MEMORY).is_dir():
            # without, the next run reads them again
            with suppress(CpisError):
                write_text(self.root / STAMPS, json_line(settled) + "\n", flushed=False)

    def _read(self, name: str, path: str, stamp: tuple[int, ...]) -> str:
        digest = super()._read(name, path, stamp)
        if name.endswith(".py") and time.time_ns() - max(stamp[:2]) > JUST:
            self._settled[name] = (stamp, digest)
        return digest


def _kept(root: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    """By name; nothing where there is none, or one that was cut."""
    try:
        found = json.loads((root / STAMPS).read_text(encoding="utf-8"))
        return {str(name): (tuple(map(int, stamp)), str(digest)) for name, (stamp, digest) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
