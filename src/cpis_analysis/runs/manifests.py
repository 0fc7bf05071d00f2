"""The two manifests of a run: what may be shared, and what would let private files be guessed.

A hash of a file about people tells whoever can make up such a file, such as one with one answer changed, that it was
this one. So hashes of raw and processed data stand beside the processed data, and results/ holds names only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MANIFEST = "results/manifest.json"
PRIVATE_MANIFEST = "data/processed/manifest.json"
ARCHIVED = "data/archived"
"""Private manifests of archived runs, by the run's hash: `runs/` itself is fit to be shared."""


def private_inputs(path: Path) -> dict[str, str]:
    """Checksums of the raw files in a private manifest; empty where there is none that can be read."""
    return _read(path).get("inputs", {})


def current_outputs(root: Path) -> set[str]:
    """Every file that the last complete run wrote, private ones included."""
    return {name for file in (MANIFEST, PRIVATE_MANIFEST) for name in _read(root / file).get("outputs", {})}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
