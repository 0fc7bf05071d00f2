"""Which source files each step is made of, as an earlier run found it.

To find it, the imports of all files of the package are read, which takes longer than all else that a run with nothing
to do does with the package. Where no file of it has another time or size, and none has come or gone, it is as it was.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from cpis_analysis.files import json_line, write_text
from cpis_analysis.runs.making import RECORDS
from cpis_analysis.workflow.kept_digests import JUST
from cpis_analysis.workflow.source_states import State, source_states

SOURCES = f"{RECORDS}/sources"


class KeptSources:
    """Source files by what they are asked for.

    Parameters
    ----------
    package : Path
        The folder of the package.
    root : Path
        The study's folder.
    """

    def __init__(self, package: Path, root: Path) -> None:
        self._package = package
        self._root = root
        self._new = False
        self._looked = 0

    def of(self, name: str, find: Callable[[], list[str]]) -> list[str]:
        """Those of an earlier run, or what `find` gives."""
        if name not in self._known:
            self._known[name] = find()
            self._new = True
        return self._known[name]

    def keep(self) -> None:
        """Write them for the next run, where something is new and the study has records."""
        if self._new and (self._root / RECORDS).is_dir() and self._settled:
            said = {"package": self._state, "sources": self._known}
            write_text(self._root / SOURCES, json_line(said) + "\n", flushed=False)

    @cached_property
    def _states(self) -> dict[str, State]:
        return source_states(self._package)

    @property
    def _settled(self) -> bool:
        """No file had just been written when its state was looked at."""
        return self._looked - max(max(state[:2]) for state in self._states.values()) > JUST

    @cached_property
    def _state(self) -> str:
        self._looked = time.time_ns()
        lines = [f"{path} {state}" for path, state in sorted(self._states.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        state = self._state
        try:
            said = json.loads((self._root / SOURCES).read_text(encoding="utf-8"))
            return dict(said["sources"]) if said["package"] == state else {}
        except (OSError, ValueError, TypeError, KeyError):
            return {}
