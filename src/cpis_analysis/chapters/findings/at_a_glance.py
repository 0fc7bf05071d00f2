"""The study in one line, for the head of the page."""

from __future__ import annotations

from cpis_analysis.chapters.flow.sentences import people_counts
from cpis_analysis.chapters.page import Page


def study_facts(page: Page) -> str:
    """ "10 teams in 5 trusts · 159 people recruited · groups not formed at random"."""
    words, clusters = page.words, page.clusters
    trusts, teams = clusters["trusts"], clusters["teams"]
    places = words.places(trusts, teams)
    counts = page.content.flow.get("overall") or people_counts(page.content.design_audit["arms"], words)
    recruited = counts.get("recruited")
    people = f"{words.labels.counted_people(recruited)} recruited" if recruited else ""
    formed = "groups formed at random" if words.randomised else "groups not formed at random"
    return " · ".join(filter(None, (places, people, formed)))
