"""Notebooks run on the results of a full run, write nothing, and are kept without outputs."""

from __future__ import annotations

import json

import pytest

from project_copy import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.workflow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_writes_nothing(finished, monkeypatch, path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("CPIS_PROJECT", str(finished.study))
    before = finished.hashes()
    files = {p for p in finished.study.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(finished.study)}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert {"text/html", "image/png"} <= kinds
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert finished.hashes() == before
    assert {p for p in finished.study.rglob("*") if p.is_file() and "__pycache__" not in p.parts} == files


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs_and_says_synthetic_first(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert "SYNTHETIC" in "".join(cells[0]["source"])
    for cell in cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
