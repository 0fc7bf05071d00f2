"""The summary in plain English: four questions, short sentences, no abbreviations, whole without a picture.

It follows what funders ask for (NIHR: plain English summaries): written afresh and not cut from the report. What
only authors know, why the study was done and what it means for people, comes from the plan; without a text the report
says nothing in their place.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.authors.section import slot
from cpis_analysis.chapters.flow.sentences import people_counts
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.summary.everyday_gap import Gap, gap_of, phrase_of
from cpis_analysis.chapters.verdict.sizes import OF_A_HUNDRED
from cpis_analysis.publish.blocks import Block, Heading, Paragraph, Run, said
from cpis_analysis.publish.format import count, is_missing, lower_first, number, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.labels import ALL
from cpis_analysis.words.plan_sources import PLAN_FILE
from cpis_analysis.words.wording import capitalised, in_words, listed, mid_sentence, plural


def plain_title(page: Page) -> str:
    """The answer as a heading."""
    if not page.primary:
        return "What the study found"
    gap = gap_of(page)
    if gap is None or gap.kind in ("open", "unsettled"):
        return "We cannot say if there was a difference"
    if gap.kind == "alike":
        return "The two groups did about as well as each other"
    better = gap.arm if gap.kind == "better" else gap.reference
    return capitalised(f"{page.words.people} in the {better} did better")


def plain_summary(page: Page) -> Iterator[Block]:
    """The four questions with their answers."""
    yield Heading(1, plain_title(page), "plain-english")
    yield Heading(2, "Why did we do this study?")
    yield from slot(page, "plain_background") or [_gap("plain_background")]
    yield Heading(2, "What did we do?")
    yield from said(_done(page))
    yield Heading(2, "What did we find?")
    yield from said(_found(page))
    yield from said(_told(page))
    yield Heading(2, "What does this mean?")
    yield from said(_means(page))
    yield from slot(page, "plain_meaning")


def _gap(key: str) -> Paragraph:
    """A gap is shown as a gap, by the name of what would fill it."""
    return Paragraph((Run("No text yet: ", "emphasis"), Run(f"report.texts.{key}", "code"), Run(".")), "note")


def _done(page: Page) -> Iterator[str]:
    words, clusters = page.words, page.clusters
    trusts, teams = clusters["trusts"], clusters["teams"]
    places = words.places(trusts, teams, words=True)
    if places:
        yield f"{capitalised(places)} took part."
    counts = page.content.flow.get("overall") or people_counts(page.content.design_audit["arms"], page.words)
    verb = "met" if page.labels.met == "interviewed" else "saw"
    if words.has_baseline:
        yield (
            f"We {verb} {count(counts['baseline'])} {page.words.people} at the start and "
            f"{count(counts['followup'])} of them again at {words.followup}."
        )
    else:
        yield f"We {verb} {count(counts['followup'])} {page.words.people} at {words.followup}."
    if page.primary:
        arms = page.primary[0].estimate.contrast.arms
        yield f"We set the {words.arm(arms[0])} beside the {words.arm(arms[1])}."
        yield _looked_at(page.primary[0], page)


def _looked_at(head: AnalysisResult, page: Page) -> str:
    phrase = phrase_of(page)
    if not phrase:
        return f"We looked first at one thing: {page.words.outcome(head.spec.outcome).within}."
    high = page.labels.scale(head.spec.outcome)[1]
    if is_missing(high):
        return f"We counted {phrase}."
    part = page.content.plan.outcomes[head.spec.outcome]
    top = part.high_means
    if top:
        top = quoted(lower_first(one_line(top)), PLAN_FILE, "", f"outcomes.{head.spec.outcome}.high_means")
        return f"We counted {phrase}: at best, {top}."
    return f"We counted {phrase}."


def _found(page: Page) -> Iterator[str]:
    if not page.primary:
        return
    head, words = page.primary[0], page.words
    gap = gap_of(page)
    if gap is None:
        yield "The main analysis gave no answer that can be put in plain words; the full report says more."
        return
    people = words.people
    yield {
        "open": "We cannot say if the groups differed.",
        "unsettled": "We cannot say if the groups differed: two good ways to work it out do not agree.",
        "alike": "The groups did about as well as each other.",
        "better": f"{capitalised(people)} in the {gap.arm} did better than {people} in the {gap.reference}.",
        "worse": f"{capitalised(people)} in the {gap.arm} did worse than {people} in the {gap.reference}.",
    }[gap.kind]
    means = {
        row["arm"]: row["estimate"] for row in head.adjusted_means if row["wave"] in (None, page.labels.followup_wave)
    }
    arm, reference = head.estimate.contrast.arms
    if arm in means and reference in means and page.labels.is_binary(head.spec.outcome):
        scale = words.outcome(head.spec.outcome).scale
        share, other = (f"{number(scale.in_units(means[one]), 0)} {OF_A_HUNDRED}" for one in (arm, reference))
        yield f"At {words.followup}, {share} {people} in the {gap.arm} had it. In the {gap.reference} it was {other}."
    elif arm in means and reference in means:
        own, name = number(means[arm], 1), head.spec.outcome
        phrase = phrase_of(page) or ("points" if name in page.content.plan.scoring else "")
        had = f"{people} in the {gap.arm} had {own} {phrase} on average"
        if not phrase:
            # a value in a unit of its own, which its label names
            had = f"{mid_sentence(page.labels.outcome(name))} was {own} in the {gap.arm} on average"
        yield f"At {words.followup}, {had}. In the {gap.reference} it was {number(means[reference], 1)}."
    else:
        yield f"The gap between the groups was {gap.size}."
    yield f"Our results fit a gap from {gap.low} to {gap.high}."


def _told(page: Page) -> Iterator[str]:
    """What people said of the intervention and of their lives, as shares of those who were asked."""
    frame = page.summary("experience")
    done = page.content.plan.report.implementation
    if len(frame) == 0:
        return
    for name in dict.fromkeys(filter(None, (done.reached, done.supported))):
        yield from _shares(page, name)


def _shares(page: Page, variable: str) -> Iterator[str]:
    frame = page.summary("experience")
    if "state" not in frame:
        return
    rows = frame[(frame["variable"] == variable) & (frame["code"].astype(str) == "yes") & (frame["state"] == "shown")]
    known = [row for row in rows_of(rows[(rows["trust"] == ALL) & (rows["group"] != ALL)]) if row["n"]]
    if known:
        each = listed(
            f"{count(row['count'])} of {count(row['n'])} {page.words.people} in the {page.words.arm(str(row['group']))}"
            for row in known
        )
        yield f"To “{page.labels.variable(variable)}”, {each} said yes."


def _means(page: Page) -> Iterator[str]:
    gap: Gap | None = gap_of(page) if page.primary else None
    if gap is not None and gap.kind == "open":
        yield "This study does not show that the groups differed. It does not show that they did not."
    if gap is not None and gap.kind == "unsettled":
        yield "More studies are needed to settle it."
    if gap is not None and gap.kind == "alike":
        yield "Any gap is too small to matter, by what was agreed before."
    if not page.words.randomised:
        yield "The groups were not made by chance. They may also have differed in other ways."
    elif gap is not None and gap.kind in ("better", "worse"):
        put = f"{capitalised(page.words.people)} were put into groups by chance."
        yield f"{put} So the gap most likely comes from what was done in them."
    teams = page.clusters["teams"] or page.clusters["trusts"]
    if gap is not None and gap.kind == "open" and teams:
        many = in_words(teams)
        more = f"more than {many} {plural(page.words.unit)}, not just more {page.words.people}"
        yield f"To find out more, a study would need {more}."
