"""The documents of a whole run: every number in each is known to numbers.json and rounds to what is printed."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from cpis_analysis.present.tokens import find_numbers
from cpis_analysis.report.document_reader import Node, parse_html

pytestmark = pytest.mark.workflow

NUMBERED = re.compile(r"(Table|Figure) A?\d+")
LEFT_OUT = ("models-section", "provenance-section", "methods-section", "deviations-section", "checklists-section")
"""Sections with formulas, versions and lines of files, whose digits are no results."""


@pytest.fixture(scope="module", params=["cpis", "periodontal"])
def results(request) -> Path:
    name = "finished" if request.param == "cpis" else request.param
    return request.getfixturevalue(name).study / "results"


@pytest.fixture(scope="module")
def traced(results) -> dict:
    return json.loads((results / "report" / "numbers.json").read_text("utf-8"))


def visible(node: Node) -> str:
    """Text of a page without code, scripts, drawings and sections that print no results."""
    parts = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag not in ("script", "style", "svg", "code", "nav", "template", "button", "select", "label"):
            if child.attributes.get("id") not in LEFT_OUT:
                parts.append(f" {visible(child)} ")
    return "".join(parts)


def printed(text: str) -> set[str]:
    """Numbers of a text without those of tables, figures and pages."""
    text = re.sub(r"Page \d+ of \d+", " ", NUMBERED.sub(" ", text))
    return {token.text for token in find_numbers(text)}


def rounds_to(value: float, text: str) -> bool:
    """Whether a value prints as this text."""
    bare = text.replace("−", "-").replace(",", "").rstrip("%")
    if bare[0] in "<>":
        limit = float(bare[1:])
        return value < limit if bare[0] == "<" else value > limit
    decimals = len(bare.partition(".")[2])
    unit = Decimal(1).scaleb(-decimals)
    return abs(Decimal(repr(abs(value))).quantize(unit, rounding=ROUND_HALF_UP)) == abs(Decimal(bare))


def test_numbers_of_the_page_are_all_known(results, traced):
    text = visible(parse_html((results / "report" / "findings.html").read_text("utf-8")))
    text = text[text.index("Key findings"):]
    known = {entry["printed"] for entry in traced["numbers"]}
    assert len(known) > 300
    assert printed(text) - known == set()


def test_numbers_of_the_word_document_are_all_known(results, traced):
    with zipfile.ZipFile(results / "report" / "findings.docx") as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    xml = xml[:xml.index(">How this report was made</w:t></w:r></w:p>", xml.index("Heading1"))]
    xml = re.sub(r"<w:r><w:rPr><w:rStyle w:val=\"VerbatimChar\" ?/>.*?</w:r>", " ", xml, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", re.sub(r"</w:t></w:r><w:r>(?:<w:rPr>.*?</w:rPr>)?<w:t[^>]*>", "", xml))
    known = {entry["printed"] for entry in traced["numbers"]}
    missing = printed(text) - known
    assert {token for token in missing if "." in token or "%" in token} == set()
    assert len(missing) <= 3


def test_numbers_of_results_stand_in_the_pdf(results, traced):
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(results / "report" / "findings.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    known = {entry["printed"] for entry in traced["numbers"]}
    body = text[text.rindex("Key findings", 0, len(text) // 2):text.rindex("How this report was made")]
    assert {token for token in printed(body) if "." in token or "%" in token} - known == set()
    for section in ("key-findings-section", "outcomes-section", "baseline-section"):
        wanted = {entry["printed"] for entry in traced["numbers"]
                  if entry["section"] == section and "figure" not in entry.get("exhibit", "")
                  and entry["class"] in ("cell", "share") and "at" not in entry}
        # two words of a line may be parted by a hyphen, never a number
        assert {token for token in wanted if token not in text} == set()


def test_numbers_round_to_what_is_printed(traced):
    wrong = [
        entry for entry in traced["numbers"]
        if "value" in entry and not rounds_to(entry["value"] * (100 if entry["printed"].endswith("%") else 1),
                                              entry["printed"])
    ]
    assert wrong == []


def test_numbers_stand_where_they_are_said_to_stand(results, traced):
    with open(results / "estimates.csv", encoding="utf-8", newline="") as stream:
        lines = [[], *csv.reader(stream)]
    checked = 0
    for entry in traced["numbers"]:
        source = entry.get("source")
        if source and source["file"] == "results/estimates.csv" and entry["class"] == "cell":
            cell = lines[int(source["row"])][lines[1].index(source["column"])]
            assert float(cell) == entry["value"]
            checked += 1
    assert checked > 50


def test_numbers_of_results_are_nearly_all_traced_to_a_cell(traced):
    counts = traced["counts"]
    assert sum(counts.values()) == len(traced["numbers"])
    assert counts["derived"] <= 0.01 * len(traced["numbers"])
    assert counts["words"] <= 0.1 * len(traced["numbers"])


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
    for name in ("findings", "summary"):
        done = subprocess.run(
            [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
             "--outdir", str(tmp_path), str(results / "report" / f"{name}.docx")],
            capture_output=True, timeout=300, check=False,
        )
        assert done.returncode == 0, done.stderr
        pages = pypdf.PdfReader(tmp_path / f"{name}.pdf").pages
        assert len(pages) >= 2
        if name == "summary":
            assert len(pages) == 2
