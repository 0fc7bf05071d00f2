"""The first screen: an answer to each question that a reader has, and what follows."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.authors.section import slot
from cpis_analysis.chapters.experience.headline import headline as said_headline
from cpis_analysis.chapters.flow.section import flow_text
from cpis_analysis.chapters.implementation.headline import headline as implementation_headline
from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.chapters.practitioners.headline import headline as barriers_headline
from cpis_analysis.chapters.process.sentences_lock import planned_sentences
from cpis_analysis.chapters.two_methods.content import anchors_of
from cpis_analysis.chapters.verdict.arms import (
    adjusted_over_arms,
    adjusted_sentence,
    arm_lead,
    arm_sentences,
    joint_sentence,
    judged_arms,
)
from cpis_analysis.chapters.verdict.filled_in import filled_in_sentence
from cpis_analysis.chapters.verdict.picture import verdict_picture
from cpis_analysis.chapters.verdict.sentences import (
    answer_sentence,
    caution_sentence,
    so_what_sentence,
    sure_sentences,
)
from cpis_analysis.chapters.verdict.sizes import Sizes
from cpis_analysis.chapters.verdict.state import Answer, Judgement, judgement
from cpis_analysis.publish.blocks import Block, Line, Paragraph, Run, Tile, Tiles, Verdict, said
from cpis_analysis.publish.format import lower_first


def key_findings_section(page: Page) -> Iterator[Block]:
    """The verdict with its picture, the tiles of the other questions, and what the mark at a measure means."""
    judged = primary_judgement(page)
    if judged is not None:
        yield verdict_block(page, judged)
    else:
        yield from said([flow_text(page)])
    found = (implementation_headline(page), said_headline(page), barriers_headline(page), so_what(page, judged))
    tiles = tuple(tile for tile in found if tile is not None)
    if tiles:
        yield Tiles(tiles)
    if mark := unverified_mark(page):
        words = f"{mark} The scoring rule has not been verified in full; see "
        yield Paragraph((Run(words), Run("Measures", target="measures-section"), Run(".")), "note")


def primary_judgement(page: Page) -> Judgement | None:
    """The primary outcome's headline analysis, judged; None where the study has none."""
    if not page.primary:
        return None
    return judgement(page.primary[0], page.words, anchors_of(page.primary))


def verdict_block(page: Page, judged: Judgement, question: str = "Was there a difference?") -> Verdict:
    """A judgement as the verdict of the first screen."""
    words = page.words
    lead, sure = sure_sentences(judged, words)
    if adjusted := adjusted_sentence(judged, adjusted_over_arms(page.content.estimates)):
        sure = f"{sure} {adjusted}"
    main = f"{arm_lead(judged)}, the main comparison. " if len(judged.result.effects) > 1 else ""
    later: list[Line] = [(Run(f"{main}{lead}", "strong"), Run(f" {sure}"), *_filled_in(page, judged))]
    later += _of_arms(page, judged)
    planned = planned_sentences(page.content.lock, judged.result.spec.outcome)
    if planned:
        later.append((Run("Planned and done.", "strong"), Run(f" {' '.join(planned)}")))
    usable = judged.answer is not Answer.UNUSABLE
    return Verdict(
        question,
        answer_sentence(judged),
        (Run(Sizes(judged, words).lede()),) if usable else (),
        verdict_picture(judged, words),
        tuple(later),
        (Run(f"{caution_sentence(words)} "), Run("All outcomes", target="outcomes-section")),
    )


def _of_arms(page: Page, judged: Judgement) -> list[Line]:
    """The answers of the comparisons beside the main one, and the test of all; nothing where two arms are compared."""
    outcome = judged.result.spec.outcome
    adjusted = adjusted_over_arms(page.content.estimates)
    lines: list[Line] = []
    for other in judged_arms(page.results.get(outcome, []), page.words)[1:]:
        lead, said = arm_sentences(other, adjusted, page.words)
        lines.append((Run(f"{lead}.", "strong"), Run(f" {said}")))
    joint = joint_sentence(judged.result)
    return [*lines, (Run(joint),)] if joint else lines


def so_what(page: Page, judged: Judgement | None) -> Tile | None:
    """What follows: what is shown, what is not answered here, and the authors' words or the place for them.

    Of several arms it says what follows from the main comparison, and names it.
    """
    if judged is None:
        return None
    follows = so_what_sentence(judged)
    if len(judged.result.effects) > 1:
        follows = f"{arm_lead(judged)}: {lower_first(follows)}"
    open_questions = [] if page.words.randomised else ["whether the groups differed for other reasons"]
    if not page.content.plan.report.texts.economics:
        open_questions.append("what it cost")
    lines: list[Line] = []
    if open_questions:
        lines.append((Run(f"Not answered here: {', and '.join(open_questions)}."),))
    own = [block.line for block in slot(page, "so_what", 2) if isinstance(block, Paragraph)]
    place = "The authors’ interpretation goes here: report.texts.so_what in the plan." if not own else ""
    return Tile("So what?", follows, (*lines, *own), slot=place)


def unverified_mark(page: Page) -> str:
    """The mark of the primary outcome, if its scoring rule has not been verified."""
    return MARK if page.primary and page.mark(page.primary[0].spec.outcome) else ""


def _filled_in(page: Page, judged: Judgement) -> Line:
    """How many scores of the outcome rest on filled-in answers, where that is more than a few."""
    text = filled_in_sentence(page, judged.result.spec.outcome)
    return (Run(f" {text}"),) if text else ()
