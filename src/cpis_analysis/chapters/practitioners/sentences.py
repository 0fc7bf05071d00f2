"""Sentences on focus groups: how many, which themes go together, how far coders agreed, what is not given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.practitioners.content import facts, theme_name, themes
from cpis_analysis.publish.format import interval, is_missing, level_words, lower_first, number, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.sources.sourced_columns import how_many, rows_of
from cpis_analysis.study.themes import LEVEL
from cpis_analysis.words.plan_sources import PLAN_FILE
from cpis_analysis.words.wording import counted, listed

_LEVEL = setting(LEVEL, "src/cpis_analysis/study/themes.py", "LEVEL")
_PAIRS = 2


def group_sentences(page: Page) -> list[str]:
    """How many groups, people and themes."""
    known, found = facts(page), themes(page)
    texts = []
    if "groups" in known:
        texts.append(counted(known["groups"], "focus group"))
    if "people" in known:
        texts.append(counted(known["people"], "practitioner"))
    coded = counted(how_many(one.total for one in found), "theme", words=True)
    if not texts:
        return [f"Focus groups of practitioners were coded for {coded}."]
    return [f"{' with '.join(texts)} {'was' if known.get('groups') == 1 else 'were'} coded for {coded}."]


def pair_sentences(page: Page) -> list[str]:
    """Themes that were spoken of together."""
    frame = page.summary("theme_pairs")
    rows = rows_of(frame)[:_PAIRS] if len(frame) else []
    if not rows:
        return []
    pairs = listed(
        f"{lower_first(theme_name(page, str(row['theme'])))} with {lower_first(theme_name(page, str(row['other'])))} "
        f"({counted(row['n_passages'], 'passage')})"
        for row in rows
    )
    return [f"Most often spoken of together: {pairs}."]


def agreement_sentences(page: Page) -> Iterator[str]:
    """Agreement of coders: over all themes, and of the theme on which they agreed least."""
    frame = page.summary("theme_agreement")
    rows = [row for row in rows_of(frame) if not is_missing(row["estimate"])] if len(frame) else []
    coders = facts(page).get("coders")
    for row in (one for one in rows if one["measure"] == "alpha"):
        who = f"Of {counted(coders, 'coder')}" if coders is not None else "Of the coders"
        between = f"{_between(row)}; " if _between(row) else ""
        yield (
            f"{who}, agreement over {counted(row['passages'], 'passage')} was {number(row['estimate'], 2)} "
            f"({between}Krippendorff's alpha)."
        )
    kappas = sorted((one for one in rows if one["measure"] == "kappa"), key=lambda one: float(one["estimate"]))
    if kappas:
        low = kappas[0]
        yield (
            f"Cohen's kappa was lowest for {lower_first(theme_name(page, str(low['theme'])))}: "
            f"{number(low['estimate'], 2)}{f' ({_between(low)})' if _between(low) else ''}."
        )


def _between(row: dict[str, Any]) -> str:
    if is_missing(row["ci_low"]):
        return ""
    return f"{level_words(_LEVEL)} confidence interval {interval(row['ci_low'], row['ci_high'], 2)}"


def quotation_sentences(page: Page) -> list[str]:
    """References of cleared quotations by theme."""
    given = page.content.plan.report.focus_groups.quotations
    found = [
        f"{lower_first(theme_name(page, name))}: {listed(_reference(name, text) for text in given[name])}"
        for name in (one.name for one in themes(page))
        if given.get(name)
    ]
    return [f"Cleared quotations, by reference: {'; '.join(found)}."] if found else []


def _reference(theme: str, text: str) -> str:
    return quoted(one_line(text), PLAN_FILE, "", f"report.focus_groups.quotations.{theme}")


def missing_words(page: Page) -> str:
    """What the plan and the coded file do not give."""
    known = facts(page)
    missing = [
        *(["the number of focus groups"] if "groups" not in known else []),
        *(["the number of practitioners"] if "people" not in known else []),
        *([] if page.content.plan.report.focus_groups.quotations else ["a cleared quotation for each theme"]),
    ]
    return f"Not given in the plan: {listed(missing)}." if missing else ""
