"""Files of results that stand as they would be written.

A file holds the results of one model. Most edits leave the fits of most models as they were, and to write thousands of
numbers takes longer than to see that they need not be written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from cpis_analysis.files import sha256, write_text
from cpis_analysis.runs.fit_store import StoredFit

_FILE = "written/models.json"


class WrittenModels:
    """What the files of results were made from when they were written.

    Like the fits, beside which it lies, the file can be deleted at any time.

    Parameters
    ----------
    folder : Path
        The store of the fits.
    made_by : str
        Digest of all else that the files depend on: the code that writes them, and the study's words.
    """

    def __init__(self, folder: Path, made_by: str) -> None:
        self._path, self._made_by = folder / _FILE, made_by
        self._earlier = self._read()
        self._present: dict[str, list[str]] = {}

    def stands(self, path: Path, fits: Iterable[StoredFit]) -> bool:
        """Whether a file is what would be written of these fits."""
        noted = self._earlier.get(path.as_posix())
        try:
            same = noted == [self._digest(fits), sha256(path)]
        except OSError:
            return False
        if same and noted:
            self._present[path.as_posix()] = noted
        return same

    def note(self, path: Path, fits: Iterable[StoredFit]) -> None:
        """A file was written of these fits."""
        self._present[path.as_posix()] = [self._digest(fits), sha256(path)]

    def settle(self) -> None:
        """Keep what was asked for or noted, and nothing else."""
        if self._present != self._earlier:
            write_text(self._path, json.dumps(self._present, sort_keys=True) + "\n", flushed=False)

    def _digest(self, fits: Iterable[StoredFit]) -> str:
        digest = hashlib.sha256(self._made_by.encode())
        for fit in fits:
            # a text holds no line feed
            digest.update(fit.text + b"\n")
        return digest.hexdigest()

    def _read(self) -> dict[str, list[str]]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
        except (OSError, ValueError):
            return {}
