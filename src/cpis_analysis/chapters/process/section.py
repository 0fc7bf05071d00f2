"""Sections on how the results came about: methods, deviations, limitations, provenance, and what no other shows."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.design.sentences import audit_text, limitation_sentences
from cpis_analysis.chapters.models.sentences import method_sentences, policy_sentence
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.sentences_confounding import prorated_sentences
from cpis_analysis.chapters.process.sentences_lock import deviation_sentences
from cpis_analysis.chapters.process.sentences_unblinding import unblinding_sentences
from cpis_analysis.chapters.result.sentences import association_sentence
from cpis_analysis.publish.blocks import Block, Bullets, Facts, Heading, Line, Paragraph, Run, points, said
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import DASH, count, one_line
from cpis_analysis.publish.sources.ledger import marked, quoted
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.runs.locked.deviations import deviation_rows
from cpis_analysis.runs.locked.lock import LOCK
from cpis_analysis.words.plan_sources import PLAN_FILE


def further(page: Page) -> Iterator[Block]:
    """Tables and figures that no other section has shown."""
    tables, figures = page.rest()
    yield from figures
    yield from tables


def methods(page: Page) -> Iterator[Block]:
    """How the estimates were made, in words; nothing without a primary result."""
    if not page.primary:
        return
    yield from said(filter(None, [policy_sentence(page.words), association_sentence(page.words)]))
    outcome = page.labels.outcome(page.primary[0].spec.outcome)
    yield Paragraph(
        (Run("What exactly is estimated, attribute by attribute: "), Run(outcome, target=_anchor(page)), Run(".")),
        "note",
    )
    yield Heading(2, "Statistical analysis")
    yield from said(method_sentences(page.primary, page.words))
    families = [
        page.adjustment_name(method) for method in dict.fromkeys(method for _, method in page.adjusted.values())
    ]
    if families:
        yield from said([f"P-values of secondary outcomes are adjusted for their number by {'; '.join(families)}."])
    minimum = page.labels.minimum
    if minimum > 1:
        yield Heading(2, "Protection of participants")
        yield from said(
            [
                f"In tables of characteristics and answers, counts of 1 to {count(minimum - 1)} {page.labels.people} "
                "are not shown, and others are withheld where a hidden count could be worked out from them. Numbers of "
                f"{page.labels.people} at each stage of the study are shown as counted."
            ]
        )


def deviations(page: Page) -> Iterator[Block]:
    """The lock, its past, what differs from it and why, and when groups were told; nothing where there was neither."""
    status = page.content.lock
    yield from said([*deviation_sentences(status), *unblinding_sentences(status)])
    rows = [
        {name: quoted(one_line(text), LOCK, row["what"], name) for name, text in row.items()}
        for row in deviation_rows(status.deviations)
    ]
    if rows:
        heads = ("What", "When locked", "Now", "Bears on", "Reason", "Decided on")
        yield plain_table(
            "Deviations from the locked plan, with the reasons that the plan gives",
            [(head, "left") for head in heads],
            [
                (
                    (Run(row["what"], "code"),),
                    row["at_lock"] or DASH,
                    row["now"] or DASH,
                    row["bearing"],
                    row["reason"],
                    row["date"] or DASH,
                )
                for row in rows
            ],
            id="table-deviations",
            widths=(18, 22, 22, 10, 18, 10),
        )


def limitations(page: Page) -> Iterator[Block]:
    """What the reader has to bear in mind; what the audit says of labels and data stands in the annex."""
    technical = {audit_text(text, page.words) for text in page.content.design_audit["warnings"]}
    yield from points(text for text in cautions(page) if text not in technical)


def cautions(page: Page) -> tuple[str, ...]:
    """Sentences on what cannot be concluded."""
    sentences = limitation_sentences(
        page.content.design_audit,
        page.words,
        headlines=page.headlines,
        unverified=[page.labels.outcome_short(name) for name in page.unverified if name in page.results],
        added=page.content.plan.report.limitations,
    )
    if prorated_sentences(page.content.scoring, page.primary, page.words):
        rests = (
            f"Scores with few answers missing were completed from the {page.words.person}'s other answers: an "
            "assumption on which the primary analysis rests."
        )
        return (*sentences, rests)
    return sentences


def provenance(page: Page) -> Iterator[Block]:
    """Where data, numbers and this report come from, and the models of the plan."""
    content = page.content
    yield from _models(page)
    yield from said([content.plan.study.source or ""])
    seed = setting(content.plan.study.seed, PLAN_FILE, "study.seed")
    digest = (Run("; SHA-256 of its content "), Run(content.plan_digest, "code")) if content.plan_digest else ()
    yield Facts(
        (
            ("Plan", (Run(content.plan_file), *digest)),
            ("Seed", (Run(marked(str(seed), seed)),)),
            ("Estimates", (Run(f"{content.estimates_file} holds every estimate with full precision"),)),
        )
    )
    if content.versions:
        yield Heading(2, "Versions")
        lines = tuple((Run(f"{name} {version}"),) for name, version in sorted(content.versions.items()))
        yield Bullets(lines, "versions")
    if content.inputs:
        yield Heading(2, "Input files")
        yield plain_table(
            "Input files and their checksums",
            [("File", "left"), ("SHA-256", "left")],
            [(name, _checksum(digest)) for name, digest in sorted(content.inputs.items())],
        )


def _anchor(page: Page) -> str:
    return f"outcome-{slug(page.primary[0].spec.outcome)}"


def _models(page: Page) -> Iterator[Block]:
    used = {row.spec.model for rows in page.results.values() for row in rows}
    parts = [(page.labels.model(name), part) for name, part in page.content.plan.models.items() if name in used]
    if parts:
        yield Heading(2, "Models of the plan")
        yield Facts(tuple((label, (Run(part.formula, "code"),)) for label, part in parts), "models")
        yield Paragraph(
            (
                Run("Formulas are in the notation of lme4: "),
                Run("(1 | group)", "code"),
                Run(" is a random intercept that varies between groups; "),
                Run("{outcome}", "code"),
                Run(" stands for the name of the outcome."),
            ),
            "note",
        )


def _checksum(digest: str) -> str | Line:
    return (Run(digest, "code"),) if digest else "kept with the private files"
