"""Answers to one question as sections read them: by arm or of all arms together, after disclosure control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cpis_analysis.chapters.page import Page
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.publish.format import is_missing
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.labels import ALL, code_text


@dataclass(frozen=True)
class Answers:
    """Answers of one group to one question.

    Attributes
    ----------
    n : int
        Who answered.
    counts : dict
        Code -> count, in the dictionary's order; None where it is hidden.
    small : tuple of str
        Codes that are hidden because few people gave them.
    """

    n: Any
    counts: dict[str, Any]
    small: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether anything is shown."""
        return any(count is not None for count in self.counts.values())

    @property
    def rest(self) -> Any:
        """Who gave one of the answers that are hidden; 0 where none is."""
        if all(count is not None for count in self.counts.values()):
            return 0
        rest = self.n
        for count in self.counts.values():
            if count is not None:
                rest = rest - count
        return rest


def answers_by_arm(page: Page, variable: str) -> dict[str, Answers]:
    """Answers by arm, the reference first; arms that were not asked are left out."""
    found = _answers(page, "experience", variable)
    return {arm: found[arm] for arm in page.labels.arms(found) if arm in found}


def pooled_answers(page: Page, variable: str) -> Answers | None:
    """Answers of all arms together; None where they are not told."""
    return _answers(page, "pooled", variable).get(ALL)


def _answers(page: Page, summary: str, variable: str) -> dict[str, Answers]:
    frame = page.summary(summary)
    if frame.empty:
        return {}
    frame = require_protected(frame)
    rows = [row for row in rows_of(frame) if row["variable"] == variable and row["trust"] == ALL and row["n"] > 0]
    return {
        group: _of(page, variable, [row for row in rows if str(row["group"]) == group])
        for group in dict.fromkeys(str(row["group"]) for row in rows)
    }


def _of(page: Page, variable: str, rows: Sequence[dict[str, Any]]) -> Answers:
    by_code = {code_text(row["code"]): row for row in rows}
    codes = page.labels.codes(variable, by_code)
    counts = {
        code: None if is_missing(by_code[code]["count"]) else by_code[code]["count"]
        for code in codes
        if code in by_code
    }
    small = tuple(code for code in counts if by_code[code]["state"] == "small")
    return Answers(rows[0]["n"], counts, small)
