"""Checks across the keys of a plan: what one part names, another must define."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.outcome_scale import scale_named
from cpis_analysis.plan.reading.consistency_balance import BalanceChecks
from cpis_analysis.plan.reading.consistency_conditions import ConditionTexts
from cpis_analysis.plan.reading.consistency_items import ItemChecks
from cpis_analysis.plan.reading.consistency_missing import MissingChecks
from cpis_analysis.plan.reading.consistency_models import ModelChecks
from cpis_analysis.plan.reading.consistency_one_arm import OneArmChecks
from cpis_analysis.plan.reading.consistency_report import ReportChecks
from cpis_analysis.plan.reading.consistency_roles import RoleChecks
from cpis_analysis.plan.reading.consistency_tipping import TippingChecks
from cpis_analysis.plan.reading.consistency_types import TypeChecks
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import scale_of_model
from cpis_analysis.plan.reading.yaml_reader import Document, Path_
from cpis_analysis.plan.schema import Family, Outcome, PlanFile, Source

__all__ = ["consistency_problems"]


def consistency_problems(content: PlanFile, document: Document) -> list[Problem]:
    """Every contradiction between the parts of a plan that needs no data to be seen."""
    check, models = _Check(content, document), ModelChecks(content, document)
    checks = RoleChecks(content, document)
    one_arm = OneArmChecks(content, document)
    roles = [*checks.roles(), *checks.without_clusters(), *one_arm.levels()]
    if roles:
        # what formulas make of the arm and the clusters can't be judged before these are told apart
        return [
            *roles,
            *check.sources(),
            *check.waves(),
            *check.arms(),
            *check.outcomes(),
            *check.families(),
            *ReportChecks(content, document).lists(),
            *check.expected(),
        ]
    return [
        *check.sources(),
        *check.waves(),
        *check.arms(),
        *check.outcomes(),
        *models.covariates(),
        *ConditionTexts(content, document).conditions(),
        *models.models(),
        *one_arm.models(),
        *MissingChecks(content, document).models(),
        *ItemChecks(content, document).outcomes(),
        *BalanceChecks(content, document).models(),
        *TippingChecks(content, document).outcomes(),
        *check.families(),
        *ReportChecks(content, document).lists(),
        *check.expected(),
    ]


class _Check(PlanProblems):
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
                yield self.problem(path, "only a file of measurements (or interviews) has one wave", value=source.wave)
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
                allowed="files of participants and of measurements (or interviews), or one of all waves (long or wide)",
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

    def waves(self) -> Iterator[Problem]:
        design, names = self.plan.design, self.plan.design.wave_names
        for at, (before, wave) in enumerate(pairwise(design.waves), start=1):
            if wave.name in names[:at]:
                yield self.problem(("design", "waves", at, "name"), "two waves have the same name", value=wave.name)
            if wave.months <= before.months:
                two, line = len(names) == 2, self.document.line_of(("design", "waves", at - 1, "months"))
                yield self.problem(
                    ("design", "waves", at, "months"),
                    "the follow-up is not after baseline" if two else "the wave is not after the one before it",
                    value=f"{wave.months:g}",
                    allowed=f"more than {before.months:g}",
                    hint=f"the months of {'baseline' if two else 'the wave before'} stand in line {line}",
                )
        for at, name in enumerate(names):
            if name == "change":
                yield self.problem(
                    ("design", "waves", at, "name"), "change is what changes since baseline are called", value=name
                )
        yield from self.primary_wave()
        window = self.plan.cleaning.followup_window
        if window.earliest > window.latest:
            yield self.problem(
                ("cleaning", "followup_window"),
                "the window ends before it begins",
                value=f"{window.earliest:g} to {window.latest:g}",
                hint="latest must be at least earliest",
            )

    def primary_wave(self) -> Iterator[Problem]:
        """The primary wave is one of the plan's, and not baseline."""
        design, names = self.plan.design, self.plan.design.wave_names
        if design.primary_wave is not None and design.primary_wave not in names:
            yield self.unknown(("design", "primary_wave"), "wave", design.primary_wave, names)
        elif design.followup_wave == design.baseline_wave:
            yield self.problem(
                ("design", "primary_wave"),
                "the primary wave is baseline",
                value=design.primary_wave,
                allowed=", ".join(names[1:]),
                hint="a first wave that was after the intervention is no baseline: set baseline: false",
            )

    def outcomes(self) -> Iterator[Problem]:
        primary = [name for name, part in self.plan.outcomes.items() if part.role == "primary"]
        if len(primary) != 1:
            yield self.problem(("outcomes",), "one outcome must be primary", value=", ".join(primary) or "none")
        for name, part in self.plan.outcomes.items():
            for position, model in enumerate(part.models):
                path = ("outcomes", name, "models", position)
                if model not in self.plan.models:
                    yield self.unknown(path, "model", model, self.plan.models)
                elif model in part.models[:position]:
                    yield self.problem(path, "the model stands twice", value=model)
            if part.minimal_important_difference_source and part.minimal_important_difference is None:
                yield self.problem(
                    ("outcomes", name, "minimal_important_difference_source"),
                    "a source of no important difference",
                    hint="add minimal_important_difference, or remove the key",
                )
            for key in ("phrase", "low_means", "high_means"):
                if part.is_event and getattr(part, key):
                    yield self.problem(
                        ("outcomes", name, key),
                        f"a binary outcome has no key {key}",
                        hint="its values are an event that happened or not: remove the key",
                    )
            if part.low is not None and part.high is not None and part.low >= part.high:
                yield self.problem(("outcomes", name, "low"), "low is not below high")
            yield from TypeChecks(self.plan, self.document).outcome(("outcomes", name), name, part)
            yield from self.scales(("outcomes", name), name, part)

    def scales(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        """What is given on a scale that no model has, or can't be meant on it; a binary outcome that is transformed."""
        known: dict[str, str] = {}
        for model in part.models:
            if model in self.plan.models:
                known.setdefault(scale_of_model(self.plan, name, model).name, model)
        other = [scale for scale in known if not scale_named(scale).natural]
        if part.is_event or part.type == "ordinal":
            for scale in [one for one in other if not scale_named(one).of_model]:
                yield self.problem(
                    (*path, "models"),
                    f"a{'n' * (part.type == 'ordinal')} {part.type} outcome can't be transformed ({scale})",
                    value=known[scale],
                    hint="use the outcome as it is, or estimator: "
                    f"{listed([method.name for method in methods() if method.families], 'or')}",
                )
        for scale, judged in part.on_scale.items():
            here: Path_ = (*path, "on_scale", scale)
            if scale not in other:
                yield self.problem(
                    here,
                    "no model of this outcome is on this scale",
                    value=scale,
                    allowed=", ".join(other) or "none: no model transforms the outcome",
                    hint=did_you_mean(scale, other),
                )
                continue
            ratio = scale_named(scale).is_ratio
            middle, margins, least = (1.0 if ratio else 0.0), judged.equivalence, judged.minimal_important_difference
            if margins and not (margins.low < middle < margins.high and (margins.low > 0 or not ratio)):
                yield self.problem(
                    (*here, "equivalence"),
                    "the margins do not lie on both sides of no difference",
                    value=f"{margins.low:g} to {margins.high:g}",
                    allowed="ratios below and above 1, such as 0.8 and 1.25"
                    if ratio
                    else "a number below zero and one above",
                )
            if least is not None and ratio and not least > 1:
                yield self.problem(
                    (*here, "minimal_important_difference"),
                    "an important ratio is one above 1",
                    value=f"{least:g}",
                    allowed="such as 1.25, which stands for 0.8 as well",
                )

    def families(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for name, family in self.plan.families.items():
            for position, outcome in enumerate(family.outcomes):
                path = ("families", name, "outcomes", position)
                if outcome not in self.plan.outcomes:
                    yield self.unknown(path, "outcome", outcome, self.plan.outcomes)
                elif outcome in seen:
                    yield self.problem(
                        path,
                        f"the outcome is in family '{seen[outcome]}' already",
                        value=outcome,
                        hint="an outcome is adjusted once; keep one",
                    )
                elif self.plan.outcomes[outcome].role == "negative_control":
                    yield self.problem(
                        path,
                        "a negative control is no finding, and its p-value is adjusted with none",
                        value=outcome,
                        hint="leave it out",
                    )
                seen.setdefault(outcome, name)
            if family.permuted:
                yield from self._joint(name, family)

    def _joint(self, name: str, family: Family) -> Iterator[Problem]:
        """Outcomes that are permuted together: each by a method that exchanges arms, all in the same way."""
        heads = [
            (part.models[0], self.plan.model_of(outcome, part.models[0]))
            for outcome in family.outcomes
            if (part := self.plan.outcomes.get(outcome)) and part.models and part.models[0] in self.plan.models
        ]
        path = ("families", name, "method")
        others = {name for name, model in heads if not method_of(model).exchanges}
        if others:
            yield self.problem(
                path,
                "outcomes are permuted together only where their headline models are permutations",
                value=", ".join(sorted(others)),
                allowed=listed([method.name for method in methods() if method.exchanges], "or"),
                hint="set this estimator there, or method: holm",
            )
        elif len({model.across for _, model in heads}) > 1:
            yield self.problem(path, "its headline models differ in across, so clusters differ in what they exchange")

    def arms(self) -> Iterator[Problem]:
        """Which arms take part, and which of them comes first."""
        arm = self.plan.design.arm
        others = [code for code in dict.fromkeys(arm.compared) if code != arm.reference]
        if arm.compared and not others:
            yield self.problem(
                ("design", "arm", "compared"),
                "no arm is left to be compared with the reference",
                value=", ".join(arm.compared),
                hint="name one other arm at least, or leave the key out",
            )
        if arm.primary == arm.reference:
            yield self.problem(
                ("design", "arm", "primary"),
                "the reference can't be compared with itself",
                value=arm.reference,
                allowed=", ".join(others) or None,
            )
        elif arm.primary and arm.compared and arm.primary not in others:
            yield self.problem(
                ("design", "arm", "primary"),
                "the arm takes no part in the comparison",
                value=arm.primary,
                allowed=", ".join(others),
                hint=did_you_mean(arm.primary, others),
            )

    def expected(self) -> Iterator[Problem]:
        """Nobody has a follow-up without baseline, and nobody is interviewed who was not recruited."""
        design, expected = self.plan.design, self.plan.design.expected
        if expected.baseline is not None and design.baseline_wave is None:
            yield self.problem(
                ("design", "expected", "baseline"),
                "the study has no baseline",
                value=str(expected.baseline),
                hint="people seen after the intervention are counted by followup, and by waves",
            )
        for name, n in expected.waves.items():
            path: Path_ = ("design", "expected", "waves", name)
            if name not in design.wave_names:
                yield self.unknown(path, "wave", name, design.wave_names)
            elif name not in design.other_waves:
                key = "baseline" if name == design.baseline_wave else "followup"
                yield self.problem(path, f"the wave has a key of its own: {key}", value=str(n))
        known = [
            (key, count)
            for key in ("recruited", "baseline", "followup")
            if (count := getattr(expected, key)) is not None
        ]
        for (before, first), (key, count) in pairwise(known):
            if count > first:
                yield self.problem(
                    ("design", "expected", key),
                    f"more people are expected than at the stage before ({before})",
                    value=str(count),
                    allowed=f"at most {first}",
                )
