"""Items that are to be imputed, against the dictionary: everybody must have been asked them, at every wave."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.reading.imputed_items import answers_kept, score_entries
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.study_words import PEOPLE


class ImputedItems(PlanProblems):
    """Checks of the entries of `scoring` whose items are imputed."""

    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.kept = answers_kept(plan.content, plan.specifications())
        self.dictionary = dictionary

    def items(self) -> Iterator[Problem]:
        """Items that not everybody is asked, and waves at which an item is not asked."""
        entries = {entry.name: entry for entry in score_entries(self.plan).values()}
        for name, waves in self.kept.items():
            items = [self.dictionary[one] for one in entries[name].instrument.required(entries[name].values)]
            some = [f"{one.name} (line {one.line})" for one in items if one.branching is not None]
            if some:
                yield self.problem(
                    ("scoring", name),
                    f"items that are asked of some {PEOPLE} alone do not apply to the others and can't be imputed",
                    value=", ".join(some),
                    hint="leave items: true out of the imputation of this score",
                )
            for wave in waves:
                absent = [one.name for one in items if wave not in one.waves]
                if absent:
                    yield self.problem(
                        ("scoring", name),
                        f"items that are imputed are not asked at {wave}",
                        value=", ".join(absent),
                        hint="leave items: true out of the imputation of this score",
                    )
