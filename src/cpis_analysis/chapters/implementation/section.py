"""Whether the intervention was put into practice, and whom it reached: told before the outcomes."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.implementation.activities import activities_chart, details_sentence
from cpis_analysis.chapters.implementation.alone import alone_chart
from cpis_analysis.chapters.implementation.content import reach, singled_counts
from cpis_analysis.chapters.implementation.fidelity import fidelity_answer, fidelity_chart, fidelity_slot
from cpis_analysis.chapters.implementation.reached import reach_answer, reach_chart, support_chart
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, said
from cpis_analysis.publish.format import capital, count, percent
from cpis_analysis.words.wording import plural


def implementation_answer(page: Page, *, short: bool = False) -> str:
    """The answer in one sentence without a full stop; empty where the plan names neither fidelity nor reach."""
    close, reached = fidelity_answer(page, short=short), reach_answer(page)
    return f"{close}, but {reached}" if close and reached and _few(page) else "; ".join(filter(None, (close, reached)))


def _few(page: Page) -> bool:
    found = reach(page)
    return found is not None and 2 * found.answers.counts["yes"] < found.answers.n


def implementation(page: Page) -> Iterator[Block]:
    """Fidelity, reach, support, teams singled out, activities; nothing where the plan names none of these."""
    answer = implementation_answer(page)
    yield from said([f"{capital(answer)}."] if answer else [], "lede")
    yield from said(_facts(page))
    fidelity = fidelity_chart(page)
    if fidelity is not None:
        yield fidelity
        yield from said(filter(None, [fidelity_slot(page)]), "slot")
    for chart in (reach_chart(page), support_chart(page), alone_chart(page)):
        if chart is not None:
            yield chart
    activities = activities_chart(page)
    if activities is not None:
        yield from said(filter(None, [details_sentence(page)]))
        yield activities


def _facts(page: Page) -> list[str]:
    """Who trained, and the number behind the reach."""
    done, words = page.content.plan.report.implementation, page.words
    sentences = []
    counts = singled_counts(page)
    if counts is not None and done.singled_out is not None:
        chosen, all_, arm = counts
        noun = plural(page.labels.team_word)
        teams = f"{count(chosen)} of {count(all_)} {page.labels.arm_within(arm)} {noun}"
        did = done.singled_out.did
        sentences.append(f"{teams} {did}." if did else f"{capital(done.singled_out.label)}: {teams}.")
    found = reach(page)
    if found is not None and found.answers.counts.get("yes") is not None:
        yes, n = found.answers.counts["yes"], found.answers.n
        what = done.reached_phrase or "said yes"
        sentences.append(
            f"{count(yes)} of {count(n)} {page.labels.people} ({percent(yes, n)}) in the {words.arm(found.arm)} {what}."
        )
    return sentences
