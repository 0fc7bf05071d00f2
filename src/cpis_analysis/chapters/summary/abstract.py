"""The scientific abstract: structured, with the numbers that a reviewer looks for, and a table of all outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cpis_analysis.chapters.authors.section import told
from cpis_analysis.chapters.experience.headline import headline as said_headline
from cpis_analysis.chapters.findings.section import primary_judgement
from cpis_analysis.chapters.flow.section import flow_text
from cpis_analysis.chapters.flow.sentences_dates import dates_sentences
from cpis_analysis.chapters.implementation.headline import headline as implementation_headline
from cpis_analysis.chapters.models.sentences import method_sentences
from cpis_analysis.chapters.outcomes.sentences import secondary_sentences
from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.chapters.people.sentences_confounding import (
    confounding_sentences,
    lost_sentences,
    prorated_sentences,
)
from cpis_analysis.chapters.practitioners.headline import headline as barriers_headline
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.chapters.result.sentences import (
    association_sentence,
    difference_sentence,
    level,
    p_text,
    unusable_sentence,
)
from cpis_analysis.chapters.verdict.sentences import answer_sentence, so_what_sentence
from cpis_analysis.publish.blocks import Block, Heading, Line, Paragraph, Run
from cpis_analysis.publish.data_table import DataTable, plain_table
from cpis_analysis.publish.format import DASH, is_missing, p_value
from cpis_analysis.publish.markdown import markdown_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.words.plan_sources import PLAN_FILE
from cpis_analysis.words.scales import interval_cell, result_digits, shown_number
from cpis_analysis.words.wording import capitalised, listed, mid_sentence

_KEY = "report.texts"


def scientific_abstract(page: Page) -> Iterator[Block]:
    """Parts of the abstract in their order, then every outcome in one table."""
    yield Heading(1, "Scientific abstract", "abstract")
    parts: list[tuple[str, Line]] = [
        ("Background", _slot(page, "abstract_background") or _gap("abstract_background")),
        ("Objective", _slot(page, "objectives") or _line(_objective(page))),
        ("Design, setting and participants", _line(_design(page))),
        ("Outcomes", _line(_outcomes(page))),
        ("Analysis", _line(_analysis(page))),
        ("Results", _line(_results(page))),
        ("Limitations", _line(_limitations(page))),
        ("Conclusion", _line(_conclusion(page))),
        ("Funding", _slot(page, "funding") or _gap("funding")),
        ("Registration", _slot(page, "registration") or _gap("registration")),
    ]
    for title, line in parts:
        if line:
            yield Paragraph((Run(f"{title}.", "strong"), Run(" "), *line))
    if page.headlines:
        yield _table(page)


def _slot(page: Page, key: str) -> Line:
    texts = page.content.plan.report.texts
    if not told(texts, key):
        return ()
    return markdown_line(getattr(texts, key), lambda text: quoted(text, PLAN_FILE, "", f"{_KEY}.{key}"))


def _gap(key: str) -> Line:
    """A gap is shown as a gap, by the name of what would fill it."""
    return (Run("No text yet: ", "emphasis"), Run(f"{_KEY}.{key}", "code"), Run("."))


def _line(sentences: Iterable[str]) -> Line:
    text = " ".join(sentences)
    return (Run(text),) if text else ()


def _objective(page: Page) -> Iterator[str]:
    if page.primary:
        head, words = page.primary[0], page.words
        arm, reference = head.estimate.contrast.arms
        yield (
            f"To compare {words.outcome(head.spec.outcome).within} at {words.followup} between the "
            f"{words.arm(arm)} and the {words.arm(reference)}."
        )


def _design(page: Page) -> Iterator[str]:
    kind = "Groups formed at random" if page.words.randomised else "Groups not formed at random"
    waves = listed(f"at {mid_sentence(page.labels.wave(wave))}" for wave in page.labels.design.wave_names)
    yield f"{kind}; {page.labels.people} seen {waves}."
    yield flow_text(page)
    yield from dates_sentences(page.summary("dates"), page.words)[:1]


def _outcomes(page: Page) -> Iterator[str]:
    names = [name for name in page.results if not _explores(page, name)]
    primary = [name for name in names if page.content.plan.outcomes[name].role == "primary"]
    others = [name for name in names if name not in primary]
    for name in primary:
        low, high = page.labels.scale(name)
        ends = (
            "" if is_missing(low) or is_missing(high) else f", {page.content.plan.outcomes[name].higher_is} if higher"
        )
        yield f"Primary: {mid_sentence(page.labels.outcome(name))}{page.mark(name)}{ends}."
    if others:
        yield f"Secondary: {listed(mid_sentence(page.labels.outcome(name)) for name in others)}."


def _analysis(page: Page) -> Iterator[str]:
    if page.primary:
        yield from method_sentences(page.primary, page.words)[:2]
    methods = dict.fromkeys(method for _, method in page.adjusted.values())
    if methods:
        named = listed(page.adjustment_name(method) for method in methods)
        yield f"P-values of secondary outcomes are adjusted for their number by {named}."


def _results(page: Page) -> Iterator[str]:
    if page.primary:
        head = page.primary[0]
        if not usable(head):
            yield unusable_sentence(head, page.words)
        else:
            yield difference_sentence(head, page.words, brief=True).removesuffix(".") + (
                f"; p {p_text(head.estimate.p_value)}."
            )
    if page.secondary:
        yield from secondary_sentences(page.secondary, page.words, page.adjusted)[:2]
    for tile in (implementation_headline(page), said_headline(page), barriers_headline(page)):
        if tile is not None:
            yield " ".join([f"{tile.answer}.", *(_words(line) for line in tile.text)])


def _explores(page: Page, outcome: str) -> bool:
    """An exploratory outcome has no place in two pages."""
    return page.content.plan.outcomes[outcome].role == "exploratory"


def _words(line: Line) -> str:
    """What a tile says, without the links that follow."""
    return "".join(run.text for run in line if not run.target).strip()


def _limitations(page: Page) -> Iterator[str]:
    if association := association_sentence(page.words):
        yield association
        yield from confounding_sentences(page.summary("baseline"), page.primary, page.words)[-1:]
    yield from prorated_sentences(page.content.scoring, page.primary, page.words)[-1:]
    yield from lost_sentences(page.summary("retention"), page.words)


def _conclusion(page: Page) -> Iterator[str]:
    judged = primary_judgement(page)
    if judged is not None:
        yield f"{answer_sentence(judged)}. {so_what_sentence(judged)}."


def _table(page: Page) -> DataTable:
    arms = page.headlines[0].estimate.contrast.arms
    heads = [
        ("Outcome", "left"),
        (page.labels.arm(arms[1]), "right"),
        (page.labels.arm(arms[0]), "right"),
        (f"Difference ({level(page.headlines[0])} CI)", "right"),
        ("p", "right"),
    ]
    rows = []
    for head in (one for one in page.headlines if not _explores(page, one.spec.outcome)):
        outcome = page.words.outcome_of(head)
        decimals = result_digits(head, page.labels, head.standardised.get("sd"))
        means = {
            row["arm"]: row["estimate"]
            for row in head.adjusted_means
            if row["wave"] in (None, page.labels.followup_wave)
        }
        cells = [
            shown_number(means[arm], outcome.scale, decimals.level) if arm in means else DASH for arm in reversed(arms)
        ]
        e = head.estimate
        if usable(head):
            difference = (
                f"{shown_number(e.estimate, outcome.scale, decimals.difference)} "
                f"({interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals.difference)})"
            )
        else:
            difference = "not estimable"
        label = capitalised(page.labels.outcome_short(head.spec.outcome))
        rows.append((f"{label}{page.mark(head.spec.outcome)}", *cells, difference, p_value(e.p_value)))
    mark = [f"{MARK.strip()} Scoring rule not verified in full."] if any(map(page.mark, page.results)) else []
    table = plain_table("Every outcome", heads, rows, id="table-abstract", widths=(34, 14, 14, 28, 10), fixed=True)
    note = "Adjusted means at follow-up, and adjusted differences; CI: confidence interval."
    if any(page.labels.is_binary(head.spec.outcome) for head in page.headlines):
        note += " Of events: per cent, and percentage points."
    return replace(table, notes=(note, *mark), phone="under")
