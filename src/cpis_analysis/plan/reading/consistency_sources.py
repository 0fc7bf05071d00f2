"""Checks of the files that a plan names, as far as they need no data."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Source
from cpis_analysis.study_words import PARTICIPANTS


class SourceChecks(PlanProblems):
    """Checks of what each file holds and of the keys that its kind needs."""

    def sources(self) -> Iterator[Problem]:
        waves = [wave.name for wave in self.plan.design.waves]
        kinds = [source.kind for source in self.plan.data.sources.values()]
        for name, source in self.plan.data.sources.items():
            path = ("data", "sources", name, "wave")
            if source.kind == "interviews" and source.wave is None:
                yield self.problem(
                    path[:-1], f"a file that holds {source.holds} needs its wave", allowed=", ".join(waves)
                )
            elif source.wave is not None and source.kind != "interviews":
                yield self.problem(
                    path,
                    "only a file of measurements (or interviews) has one wave",
                    value=source.wave,
                    hint="remove wave from the source",
                )
            elif source.wave is not None and source.wave not in waves:
                yield self.unknown(path, "wave", source.wave, waves)
            yield from self.of_long_files(path[:-1], source)
            yield from self.of_matrices(path[:-1], source)
        for kind in ("participants", "wide", "teams", "themes"):
            if kinds.count(kind) > 1:
                held = next(source.holds for source in self.plan.data.sources.values() if source.kind == kind)
                yield self.problem(("data", "sources"), f"more than one file holds {held}", allowed="one")
        if not {"wide", "long", "interviews"} & set(kinds):
            yield self.problem(
                ("data", "sources"),
                "no file holds what was asked or measured at a wave",
                allowed=f"files of {PARTICIPANTS} and of measurements (or interviews), or one of all waves "
                "(long or wide)",
            )

    def of_matrices(self, path: Path_, source: Source) -> Iterator[Problem]:
        """What the cases of a matrix of themes need."""
        if source.cases and source.holds != "themes":
            yield self.problem((*path, "cases"), "only a file of themes has the key cases", hint="remove the key")
        variables = list(dict.fromkeys(name for case in source.cases.values() for name in case))
        for name, case in source.cases.items():
            missing = [variable for variable in variables if variable not in case]
            if missing or not case:
                yield self.problem(
                    (*path, "cases", name),
                    "the case lacks a value that others have" if missing else "the case has no values",
                    allowed=", ".join(missing) or "such as the outer cluster and the arm",
                )

    def of_long_files(self, path: Path_, source: Source) -> Iterator[Problem]:
        """Keys that only long files have, and what they need of the waves."""
        for key in ("wave_column", "waves", "baseline_columns"):
            if getattr(source, key) and source.kind != "long":
                yield self.problem(
                    (*path, key),
                    f"only a long file has the key {key}",
                    hint="remove the key, or set holds: long",
                )
        if source.baseline_columns and self.plan.design.baseline_wave is None:
            yield self.problem(
                (*path, "baseline_columns"),
                "the study has no baseline",
                hint="list it in design.waves, before the other waves",
            )
