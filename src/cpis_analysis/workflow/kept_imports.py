"""What the files of the package import, as an earlier run found it.

To find which files a step is made of, all files are read, which takes longer than all else that a run with nothing to
do does with the package. Where no file of it has another time or size, and none has come or gone, it is as it was.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cpis_analysis.errors import CpisError
from cpis_analysis.files import json_line, write_text
from cpis_analysis.provenance import PACKAGE, know_imports, known_imports
from cpis_analysis.workflow.kept_digests import JUST, MEMORY
from cpis_analysis.workflow.source_states import State, source_states

IMPORTS = f"{MEMORY}/imports"


class KeptImports:
    """The imports of a package, which are known from here on where an earlier run kept them.

    Parameters
    ----------
    source : Path
        The folder that holds the package.
    root : Path
        The study's folder.
    """

    def __init__(self, source: Path, root: Path) -> None:
        self._root = root
        self._looked = time.time_ns()
        self._states = source_states(source / PACKAGE)
        self._kept = _kept(root / IMPORTS, _digest(self._states))
        know_imports(source, self._kept)

    def keep(self) -> None:
        """Write them for the next run, where something is new and no file had just been written."""
        found = known_imports()
        settled = self._looked - max(max(state[:2]) for state in self._states.values()) > JUST
        if len(found) > len(self._kept) and settled and (self._root / MEMORY).is_dir():
            said = {"package": _digest(self._states), "imports": found}
            # without, the next run looks again
            with suppress(CpisError):
                write_text(self._root / IMPORTS, json_line(said) + "\n", flushed=False)


def _digest(states: Mapping[str, State]) -> str:
    lines = [f"{path} {state}" for path, state in sorted(states.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _kept(path: Path, package: str) -> dict[str, list[str]]:
    """Imports by file; nothing where there are none, or those of another state of the package."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        imports = {str(name): list(map(str, names)) for name, names in said["imports"].items()}
        return imports if said["package"] == package else {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
