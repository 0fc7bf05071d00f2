"""A whole run with other codes of arms, levels and waves gives the same page, up to the codes."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from coded_trial import write_trial
from project_copy import Project, fresh

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

PAGES = ("results/report/findings.html", "results/report/annex.html")
CODES = {
    "C": "usual (TAU) [x: y = z] - and 1",
    "T": "новый - [plus: 2] (и = C)",
    "No": "n: o - (group = T)",
    "Yes": "yes = 1 [and] - 2",
    "MN": "Minne - sota (2)",
    "bl": "Q0Q",
    "v5": "Q9Z",
}


class Page(HTMLParser):
    """What a page says: text and descriptions of pictures, without styles and scripts."""

    def __init__(self, text):
        super().__init__()
        self.said, self.silent = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("style", "script")
        self.said += [value for name, value in attrs if name in ("alt", "aria-label", "title") and value]

    def handle_endtag(self, tag):
        self.silent -= tag in ("style", "script")

    def handle_data(self, data):
        if not self.silent and data.strip():
            self.said.append(data.strip())


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """The plain study and the one with other codes, run until the page."""
    found = []
    for name, codes in (("plain", {}), ("renamed", CODES)):
        project = fresh(tmp_path_factory.mktemp(name) / "project", "periodontal")
        write_trial(project.folder / "examples" / "coded", codes)
        study = Project(project.folder, "examples/coded")
        study.run(*PAGES)
        found.append(study.study)
    return found


def said(study, codes):
    lines = "\n".join(line for page in PAGES for line in Page((study / page).read_text(encoding="utf-8")).said)
    for plain, code in sorted(codes.items(), key=lambda pair: -len(pair[1])):
        lines = lines.replace(code, plain)
    return re.sub(r"\b[0-9a-f]{8,64}\b", "digest", lines).splitlines()


def test_renamed_codes_give_the_same_page_up_to_the_codes(studies):
    plain, renamed = said(studies[0], {}), said(studies[1], CODES)
    assert [pair for pair in zip(plain, renamed, strict=True) if pair[0].lower() != pair[1].lower()] == []
    assert any("difference in change from baseline to visit 5" in line for line in plain)


def test_renamed_codes_give_the_same_estimates_and_tables(studies):
    plain, renamed = (pd.read_csv(study / "results" / "estimates.csv") for study in studies)
    numbers = plain.select_dtypes("number").columns
    pd.testing.assert_frame_equal(plain[numbers], renamed[numbers])
    names = [study / "results" / "tables" / "model-pd-by-tobacco.csv" for study in studies]
    assert names[0].read_text(encoding="utf-8").lower() == _back(names[1].read_text(encoding="utf-8")).lower()


def _back(text):
    for plain, code in CODES.items():
        text = text.replace(code, plain)
    return text
