"""Notes and labels of instruments print in every study that uses them, so they speak of the instrument alone."""

import re
from pathlib import Path

import pytest

import cpis_analysis.instruments

FILES = sorted(Path(cpis_analysis.instruments.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_instruments_name_no_study(path):
    assert not re.search(r"CPIS|Connecting People", path.read_text("utf-8"))
