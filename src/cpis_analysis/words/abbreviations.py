"""What abbreviations stand for: those of our own words, of instruments, and those that the plan explains."""

from __future__ import annotations

import re

from cpis_analysis.instruments.registry import INSTRUMENTS
from cpis_analysis.publish.format import one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.plan_sources import PLAN_FILE

_OURS = {
    "ANCOVA": "analysis of covariance",
    "CI": "confidence interval",
    "CR2": "cluster-robust variance, corrected for few clusters",
    "GEE": "generalised estimating equations",
    "ICC": "intracluster correlation",
    "MMRM": "mixed model for repeated measures",
    "REML": "restricted maximum likelihood",
    "SD": "standard deviation",
}
_NAMED = re.compile(r"(?P<full>[^()]+?)(?:, \d+ items)? \((?P<short>[A-Z][\w-]*)\)")


def abbreviations(labels: Labels) -> dict[str, str]:
    """Abbreviation -> what it stands for; what the plan says goes before what an instrument is called.

    Parameters
    ----------
    labels : Labels
    """
    content = labels.content
    scored = {content.scoring[name].instrument for name in content.outcomes if name in content.scoring}
    names = (_NAMED.match(INSTRUMENTS[name].label) for name in sorted(scored))
    of_instruments = {found["short"]: found["full"] for found in names if found}
    of_plan = {
        one_line(short): quoted(one_line(full), PLAN_FILE, "", f"report.abbreviations.{short}")
        for short, full in content.report.abbreviations.items()
    }
    return _OURS | of_instruments | of_plan
