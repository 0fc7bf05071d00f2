"""Files that a plan names, and what its sections on raw data and cleaning say that the dictionary contradicts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cpis_analysis.errors import Problem
from cpis_analysis.instruments import input_files
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.expected_columns import layout_problems
from cpis_analysis.intake.privacy.ages_and_pseudonyms import privacy_problems
from cpis_analysis.intake.rules.declared import declared_problems
from cpis_analysis.intake.rules.screening import screening_problems
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_


class FileChecks(PlanProblems):
    """Whether the files of a plan are there."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.content, plan.document)
        self.root = plan.root

    def files(self) -> Iterator[Problem]:
        """Dictionary, checksums, corrections and raw files that are not there."""
        data = self.plan.data
        places: list[tuple[Path_, str | None]] = [
            (("data", "dictionary"), data.dictionary),
            (("data", "checksums"), data.checksums),
        ]
        places += [(("data", "withdrawn"), data.withdrawn)]
        places += [(("data", "corrections", at), name) for at, name in enumerate(data.correction_files)]
        places += [(("data", "sources", name, "file"), source.file) for name, source in data.sources.items()]
        yield from self.absent(places)

    def value_sets(self) -> Iterator[Problem]:
        """Files that scoring reads and that are not there."""
        files = input_files(self.plan.scoring_settings())
        yield from self.absent([(("scoring", score, "value_set_file"), file) for score, file in files.items()])

    def absent(self, places: Sequence[tuple[Path_, str | None]]) -> Iterator[Problem]:
        """Named files that are not there."""
        for path, name in places:
            if name is not None and not (self.root / name).is_file():
                yield self.problem(
                    path, "there is no such file", value=name, hint="put it there, or write where it lies"
                )


class DeclaredChecks(PlanProblems):
    """What the intake would refuse before it reads a file, said with the line of the plan."""

    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.root, self.dictionary = plan.root, dictionary

    def problems(self, found: Sequence[Problem]) -> list[Problem]:
        """Problems that are not among those found already."""
        data, design, cleaning = self.plan.data, self.plan.design, self.plan.cleaning
        own = [
            *layout_problems(self.dictionary, data, design, cleaning),
            *declared_problems(self.dictionary, data, design, cleaning),
            *screening_problems(self.dictionary, data, design),
            *privacy_problems(self.dictionary, data, self.root),
        ]
        said = {problem.value for problem in found if problem.value is not None}
        return [self.placed(problem) for problem in own if not said & {problem.variable, problem.value}]

    def placed(self, problem: Problem) -> Problem:
        """The same problem with the line of the key that it is about, where it is about one."""
        if not problem.key:
            return problem
        path: Path_ = problem.key
        words = [word for word in (problem.value, problem.variable) if word]
        content: Any = self.document.content
        for key in path:
            content = content.get(key) if isinstance(content, dict) else None
        line = self.document.line_of(next((place for word in words for place in _holding(content, word, path)), path))
        return replace(problem, file=self.document.file, line=line)


def _holding(content: Any, word: str, path: Path_) -> Iterator[Path_]:
    """Paths of keys and texts that hold a word."""
    if isinstance(content, dict | list):
        for key, inner in content.items() if isinstance(content, dict) else enumerate(content):
            if key == word:
                yield (*path, key)
            yield from _holding(inner, word, (*path, key))
    elif content == word or (isinstance(content, str) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", content)):
        yield path
