"""Problems of a plan, each with the line of its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.plan.reading.yaml_reader import Document, Path_
from cpis_analysis.plan.schema import Model, PlanFile


class PlanProblems:
    """What checks of a plan share.

    Parameters
    ----------
    content : PlanFile
    document : Document
        Where each key stands.
    """

    def __init__(self, content: PlanFile, document: Document) -> None:
        self.plan = content
        self.document = document

    def problem(self, path: Path_, message: str, **more: Any) -> Problem:
        """A problem at a key."""
        return Problem(message, file=self.document.file, line=self.document.line_of(path), **more)

    def unknown(self, path: Path_, kind: str, name: str, known: Iterable[str]) -> Problem:
        """A name that nothing defines, with the nearest one."""
        known = list(known)
        allowed = ", ".join(known) or f"none, because the plan defines no {kind}"
        return self.problem(
            path, f"no {kind} of this name", value=name, allowed=allowed, hint=did_you_mean(name, known)
        )

    def unfit(self, path: Path_, message: str, name: str, known: Iterable[str], instead: str | None = None) -> Problem:
        """A name that is not among those that would do, with the nearest one; what to do where none is near."""
        return self.problem(path, message, value=name, hint=did_you_mean(name, known) or instead)

    def of_models(self, check: Callable[[Path_, Model], Iterator[Problem]]) -> Iterator[Problem]:
        """Problems of every model, and of models as outcomes override them."""
        for name, model in self.plan.models.items():
            yield from check(("models", name), model)
        for outcome, part in self.plan.outcomes.items():
            for name in part.overrides:
                if name in self.plan.models:
                    yield from self.of_override(outcome, name, check)

    def of_override(
        self, outcome: str, name: str, check: Callable[[Path_, Model], Iterator[Problem]]
    ) -> Iterator[Problem]:
        """Problems of a model as an outcome overrides it, but those that the model has by itself."""
        model = self.plan.models[name]
        before = {(problem.message, problem.character) for problem in check(("models", name), model)}
        changed = self.plan.outcomes[outcome].overrides[name].applied_to(model)
        path: Path_ = ("outcomes", outcome, "overrides", name)
        found = check(path, changed)
        yield from (problem for problem in found if (problem.message, problem.character) not in before)
