"""How long and how heavy the findings are: readers stop, and a page has to open at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from html_tree import Node, parse_html

pytestmark = pytest.mark.workflow

WORDS, PAGES, BYTES = 4500, 12, 700_000
_UNSEEN = {"script", "style", "template", "head", "title", "desc", "symbol", "defs"}


@pytest.fixture(scope="module", params=["cpis", "periodontal"])
def report(request) -> Path:
    name = "finished" if request.param == "cpis" else request.param
    return request.getfixturevalue(name).study / "results" / "report"


def seen(node: Node) -> str:
    """Words that stand open: of what is folded its summary, and nothing that only a screen reader says."""
    parts = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag in _UNSEEN or "hidden" in child.classes:
            continue
        elif child.tag == "details":
            summary = child.first("summary")
            parts.append(seen(summary) if summary else "")
        else:
            parts.append(seen(child))
    return " ".join(parts)


def test_findings_keep_to_their_words(report):
    body = parse_html((report / "findings.html").read_text("utf-8")).first("body")
    assert len(seen(body).split()) <= WORDS


def test_findings_keep_to_their_pages(report):
    pypdf = pytest.importorskip("pypdf")
    assert len(pypdf.PdfReader(report / "findings.pdf").pages) <= PAGES


def test_findings_page_is_light(report):
    assert (report / "findings.html").stat().st_size < BYTES


def test_findings_and_annex_lead_to_each_other(report):
    pages = {name: (report / f"{name}.html").read_text("utf-8") for name in ("findings", "annex")}
    for name, other in (("findings", "annex"), ("annex", "findings")):
        links = {
            attributes["href"]
            for attributes in (node.attributes for node in parse_html(pages[name]).elements("a"))
            if attributes.get("href", "").startswith(f"{other}.html")
        }
        assert f"{other}.html" in links
        assert all(f'id="{link.partition("#")[2]}"' in pages[other] for link in links if "#" in link)


def test_plain_summary_of_a_real_plan_is_easy_to_read(report):
    """Reading age 12 is grade 7; and of the words that no plan chooses, none is for statisticians alone."""
    pytest.importorskip("pyphen")
    from readability import grade

    main = parse_html((report / "summary.html").read_text("utf-8")).first("main")
    told = []
    for node in (child for child in main.children if not isinstance(child, str)):
        if node.tag == "h2" and told:
            break
        if node.tag == "p" and "report.texts" not in node.text:
            told += [part for part in re.split(r"(?<=[.?!])\s+", node.text) if part]
    assert len(told) > 8
    assert grade(told) < 7
    assert not [word for word in ("confidence", "significan", "p =", "standard deviation") if word in " ".join(told)]
