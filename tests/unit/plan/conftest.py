"""What tests of plans share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the raw data of the shipped study, for plans that a test writes."""
    made = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "data" / "raw", made / "data" / "raw")
    return made
