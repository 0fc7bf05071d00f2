"""Every number in page, Word and PDF of a run stands in numbers.json, and each entry can be computed again."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.publish.sources.arithmetic import evaluate
from cpis_analysis.publish.sources.tokens import find_numbers
from cpis_analysis.report.layout import RUNNING
from cpis_analysis.report.trace.numbers import CLASSES
from printed_report import Files, docx_alternatives, docx_numbers, numbers_of, page_sections, pdf_numbers, rounds_to

DOCUMENTS = (("findings", "report"), ("annex", "annex"), ("summary", "summary"))
"""Documents, and what numbers.json calls their Word and PDF."""

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module", params=["cpis", "periodontal"])
def study(request) -> Path:
    name = "finished" if request.param == "cpis" else request.param
    return request.getfixturevalue(name).study


@pytest.fixture(scope="module")
def report(study) -> Path:
    return study / "results" / "report"


@pytest.fixture(scope="module")
def traced(report) -> list[dict]:
    return json.loads((report / "numbers.json").read_text("utf-8"))["numbers"]


@pytest.fixture(scope="module")
def files(study) -> Files:
    return Files(study)


def wanted(traced: list[dict], form: str, of: str | None = None) -> Counter[str]:
    """Numbers that a form of the report has to show."""
    return Counter(entry["printed"] for entry in traced if form in entry["in"] and entry.get("of") == of)


def computed(record: dict, files: Files) -> float:
    """The value of a source, or of an expression, from the files alone."""
    if "derived" in record:
        return evaluate(record["derived"], {name: files.value(place) for name, place in record["from"].items()})
    return files.value(record.get("source", record))


def test_numbers_are_all_of_a_class_that_is_explained(report, traced):
    content = json.loads((report / "numbers.json").read_text("utf-8"))
    assert content["classes"] == CLASSES
    assert content["counts"] == {name: sum(e["class"] == name for e in traced) for name in CLASSES}
    assert {entry["class"] for entry in traced} <= set(CLASSES)


def test_numbers_of_each_section_of_the_page_are_exactly_those_listed(report, traced):
    for name, form in (("findings", "page"), ("annex", "annex page")):
        sections = page_sections((report / f"{name}.html").read_text("utf-8"))
        assert len(sections) > 8
        for section, texts in sections.items():
            listed = Counter(
                entry["printed"]
                for entry in traced
                if entry["section"] == section and form in entry["in"] and "of" not in entry
            )
            assert numbers_of(iter(texts)) == listed, section


def test_numbers_of_the_word_document_are_exactly_those_listed(report, traced):
    pytest.importorskip("docx")
    for name, form in DOCUMENTS:
        assert docx_numbers(report / f"{name}.docx") == wanted(traced, form)
        told = numbers_of(iter(docx_alternatives(report / f"{name}.docx")))
        assert told == wanted(traced, form, "alternative text")


def test_numbers_of_the_pdf_are_exactly_those_listed(study, report, traced):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    plan = yaml.safe_load((study / "config.yaml").read_text("utf-8"))["study"]
    title = plan["name"] if plan["short_name"] in plan["name"] else f"{plan['name']} ({plan['short_name']})"
    for name, form in DOCUMENTS:
        text = subprocess.run(
            ["pdftotext", "-raw", str(report / f"{name}.pdf"), "-"], capture_output=True, text=True, check=True
        ).stdout
        found, listed = pdf_numbers(text, RUNNING, title), wanted(traced, form)
        assert listed - found == Counter()
        # a table that goes on to the next page repeats its header there
        headers = {entry["printed"] for entry in traced if entry.get("at", [""])[0] == "header"}
        # and what is written in a drawing of marks is text
        drawn = {entry["printed"] for entry in traced if entry.get("of") == "drawing" and form in entry["in"]}
        assert set(found - listed) <= headers | drawn


def test_numbers_of_drawings_are_told_from_the_marks_of_their_axes(traced):
    drawn = [entry for entry in traced if entry.get("of") == "drawing"]
    assert {entry["class"] for entry in drawn} >= {"axis", "cell"}
    # the tiles of the first screen are no exhibits
    assert all(entry.get("exhibit", "figure-").startswith("figure-") for entry in drawn)
    assert all("value" not in entry for entry in drawn if entry["class"] == "axis")


def test_numbers_round_to_what_is_printed(traced):
    assert [
        entry
        for entry in traced
        if "value" in entry
        and not rounds_to(entry["value"] * (100 if entry["printed"].endswith("%") else 1), entry["printed"])
    ] == []


def test_numbers_stand_where_they_are_said_to_stand(traced, files):
    for entry in traced:
        if entry["class"] in ("cell", "derived"):
            assert computed(entry, files) == pytest.approx(entry["value"], rel=1e-9, abs=1e-12), entry
        elif entry["class"] == "share":
            parts = [computed(entry[name], files) for name in ("source", "source_of_whole")]
            assert parts == [entry["part"], entry["whole"]], entry
            assert entry["value"] == pytest.approx(entry["part"] / entry["whole"])


def test_numbers_of_quoted_texts_stand_in_the_file_that_is_named(study, traced, files):
    root = next(folder for folder in (study, *study.parents) if (folder / "src").is_dir())
    plan = json.dumps(load_plan(study / "config.yaml").content.model_dump(mode="json"), ensure_ascii=False)
    numbers: dict[str, set[str]] = {}
    for entry in traced:
        if entry["class"] in ("quoted", "fixed"):
            place = entry["source"]
            owner = files if (study / place["file"]).is_file() else Files(root)
            # keys that the file leaves out have their defaults
            text = owner.text(place) + (plan if place["file"] == "config.yaml" else "")
            if text not in numbers:
                numbers[text] = {token.text for token in find_numbers(text)}
            assert entry["printed"] in numbers[text] or entry["printed"] in text, entry


def test_numbers_of_small_counts_are_given_no_value(traced):
    assert all("value" not in entry for entry in traced if entry["class"] == "suppressed")
