"""Checks across the keys of a plan: what one part names, another must define."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.plan.reading.consistency_balance import BalanceChecks
from cpis_analysis.plan.reading.consistency_conditions import ConditionTexts
from cpis_analysis.plan.reading.consistency_items import ItemChecks
from cpis_analysis.plan.reading.consistency_missing import MissingChecks
from cpis_analysis.plan.reading.consistency_models import ModelChecks
from cpis_analysis.plan.reading.consistency_one_arm import OneArmChecks
from cpis_analysis.plan.reading.consistency_outcomes import OutcomeConsistency
from cpis_analysis.plan.reading.consistency_report import ReportChecks
from cpis_analysis.plan.reading.consistency_roles import RoleChecks
from cpis_analysis.plan.reading.consistency_sources import SourceChecks
from cpis_analysis.plan.reading.consistency_tipping import TippingChecks
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Document, Path_
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study_words import PEOPLE


def consistency_problems(content: PlanFile, document: Document) -> list[Problem]:
    """Every contradiction between the parts of a plan that needs no data to be seen."""
    check, models = _Design(content, document), ModelChecks(content, document)
    sources, outcomes = SourceChecks(content, document), OutcomeConsistency(content, document)
    checks = RoleChecks(content, document)
    one_arm = OneArmChecks(content, document)
    roles = [*checks.roles(), *checks.without_clusters(), *one_arm.levels()]
    if roles:
        # what formulas make of the arm and the clusters can't be judged before these are told apart
        return [
            *roles,
            *sources.sources(),
            *check.waves(),
            *check.arms(),
            *outcomes.outcomes(),
            *outcomes.families(),
            *ReportChecks(content, document).lists(),
            *check.expected(),
        ]
    return [
        *sources.sources(),
        *check.waves(),
        *check.arms(),
        *outcomes.outcomes(),
        *models.covariates(),
        *ConditionTexts(content, document).conditions(),
        *models.models(),
        *one_arm.models(),
        *MissingChecks(content, document).models(),
        *ItemChecks(content, document).outcomes(),
        *BalanceChecks(content, document).models(),
        *TippingChecks(content, document).outcomes(),
        *outcomes.families(),
        *ReportChecks(content, document).lists(),
        *check.expected(),
    ]


class _Design(PlanProblems):
    def waves(self) -> Iterator[Problem]:
        design, names = self.plan.design, self.plan.design.wave_names
        for at, (before, wave) in enumerate(pairwise(design.waves), start=1):
            if wave.name in names[:at]:
                yield self.problem(
                    ("design", "waves", at, "name"),
                    "two waves have the same name",
                    value=wave.name,
                    hint="give each wave a name of its own",
                )
            if wave.months <= before.months:
                two, line = len(names) == 2, self.document.line_of(("design", "waves", at - 1, "months"))
                yield self.problem(
                    ("design", "waves", at, "months"),
                    "the follow-up is not after baseline" if two else "the wave is not after the one before it",
                    value=f"{wave.months:g}",
                    allowed=f"more than {before.months:g}",
                    hint=f"correct one of the two: the months of {'baseline' if two else 'the wave before'} stand "
                    f"in line {line}",
                )
        for at, name in enumerate(names):
            if name == "change":
                yield self.problem(
                    ("design", "waves", at, "name"),
                    "change is what changes since baseline are called",
                    value=name,
                    hint="choose another name",
                )
        yield from self.primary_wave()
        window = self.plan.cleaning.followup_window
        if window.earliest > window.latest:
            yield self.problem(
                ("cleaning", "followup_window"),
                "the window ends before it begins",
                value=f"{window.earliest:g} to {window.latest:g}",
                hint="give earliest first, and latest at least as late",
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
                hint="write followup, and under waves those of other waves",
            )
        for name, n in expected.waves.items():
            path: Path_ = ("design", "expected", "waves", name)
            if name not in design.wave_names:
                yield self.unknown(path, "wave", name, design.wave_names)
            elif name not in design.other_waves:
                key = "baseline" if name == design.baseline_wave else "followup"
                yield self.problem(
                    path, f"the wave has a key of its own: {key}", value=str(n), hint="write it under that key"
                )
        known = [
            (key, count)
            for key in ("recruited", "baseline", "followup")
            if (count := getattr(expected, key)) is not None
        ]
        for (before, first), (key, count) in pairwise(known):
            if count > first:
                yield self.problem(
                    ("design", "expected", key),
                    f"more {PEOPLE} are expected than at the stage before ({before})",
                    value=str(count),
                    allowed=f"at most {first}",
                )
