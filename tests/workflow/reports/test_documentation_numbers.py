"""What pages of documentation quote of the shipped study's own simulation is what its run has found."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

PAGE = Path(__file__).parents[3] / "docs" / "inference.md"
QUOTED = {
    ("cluster_t", ""): r"the two-stage t finds half an SD in ([\d, and]+)% at",
    ("ancova", "by the nearly optimal test"): r"the nearly optimal test in ([\d, and]+)%",
    ("ancova", ""): r"Kenward-Roger with both components kept in ([\d, and]+)%",
}


def test_page_quotes_what_the_study_would_find_by_each_method(finished):
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    with (finished.study / "results" / "error_rates.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["drawn"] != "answers"]
    for (model, comparator), pattern in QUOTED.items():
        found = [row for row in rows if (row["model"], row["comparator"]) == (model, comparator)]
        told = re.search(pattern, text)[1]
        assert re.findall(r"\d+", told) == [f"{100 * float(row['power_0.5']):.0f}" for row in found]
