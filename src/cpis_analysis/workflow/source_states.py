"""Whether source files are as they were, without reading them."""

from __future__ import annotations

import os
from pathlib import Path

State = tuple[int, int, int]


def source_states(package: str | Path) -> dict[str, State]:
    """Times of content and of anything else, and size, of every source file in a package, by path."""
    found: dict[str, State] = {}
    for folder, _, names in os.walk(package):
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                found[path] = state_of(path)
    return found


def state_of(path: str) -> State:
    """Times and size of one file."""
    found = os.stat(path)
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size
