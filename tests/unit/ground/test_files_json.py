"""JSON files: indented, or with one line for each record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cpis_analysis.files import write_json, write_records


def test_records_hold_what_indented_json_holds_one_a_line(tmp_path: Path) -> None:
    rows = [{"value": 1e-300, "text": "x\ny"}, {}]
    content = {"of": {'a "b"': 1, "ä": [None, 0.1]}, "rows": rows, "none": [], "no": {}}
    write_records(tmp_path / "lines.json", content)
    write_json(tmp_path / "indented.json", content)
    text = (tmp_path / "lines.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads((tmp_path / "indented.json").read_text(encoding="utf-8")) == content
    assert '{"value": 1e-300, "text": "x\\ny"},' in text.splitlines()


def test_records_may_not_hold_what_json_cannot(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_records(tmp_path / "lines.json", {"rows": [float("nan")]})
    assert not (tmp_path / "lines.json").exists()
