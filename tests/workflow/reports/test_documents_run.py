"""The documents of a whole run: how long the summary is, what the crate names, and whether LibreOffice opens Word."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module", params=["cpis", "periodontal"])
def results(request) -> Path:
    name = "finished" if request.param == "cpis" else request.param
    return request.getfixturevalue(name).study / "results"


def test_summary_fits_two_pages(results):
    pypdf = pytest.importorskip("pypdf")
    assert len(pypdf.PdfReader(results / "report" / "summary.pdf").pages) <= 2


def test_crate_names_every_file_of_the_results_with_its_hash(results):
    crate = json.loads((results / "ro-crate-metadata.json").read_text("utf-8"))
    files = {entity["@id"]: entity for entity in crate["@graph"] if entity["@type"] == "File"}
    root = next(entity for entity in crate["@graph"] if entity["@id"] == "./")
    assert {part["@id"] for part in root["hasPart"]} == set(files)
    assert "report/findings.pdf" in files
    assert not any("processed" in name for name in files)
    for name, entity in files.items():
        content = (results / name).read_bytes()
        assert entity["sha256"] == hashlib.sha256(content).hexdigest()
        assert entity["contentSize"] == len(content)
    known = {entity["@id"] for entity in crate["@graph"]}
    references = re.findall(r'\{"@id": "([^"]+)"\}', json.dumps(crate))
    assert set(references) - known <= {"https://w3id.org/ro/crate/1.1"}


@pytest.mark.slow
def test_word_document_is_opened_by_libreoffice(results, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    pypdf = pytest.importorskip("pypdf")
    for name in ("findings", "annex", "summary"):
        done = subprocess.run(
            [
                office,
                f"-env:UserInstallation=file://{tmp_path}/profile",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                str(tmp_path),
                str(results / "report" / f"{name}.docx"),
            ],
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        pages = pypdf.PdfReader(tmp_path / f"{name}.pdf").pages
        assert len(pages) >= 2
        if name == "summary":
            assert len(pages) == 2
        elif name == "annex":
            assert re.search(r"Contents.*Design and clusters.*The plan as it was run", pages[0].extract_text(), re.S)
