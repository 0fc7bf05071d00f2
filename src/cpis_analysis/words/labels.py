"""Where the words of tables and figures come from: the plan and the data dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from cpis_analysis.errors import DataError
from cpis_analysis.formula.parse import ClusterPart, cluster_part
from cpis_analysis.instruments import ITEMS_MISSING, score_infos
from cpis_analysis.plan.dictionary_columns import CHOICES
from cpis_analysis.plan.outcome_scale import PER_CENT
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import MONTHS
from cpis_analysis.publish.capitals import of_code
from cpis_analysis.publish.format import Digits, is_missing, lower_first, one_line, scale_digits
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.study.coding import ALL
from cpis_analysis.study.coding import code_of as code_text
from cpis_analysis.words.plan_sources import PLAN_FILE, SUMMARIES, judged_with_sources
from cpis_analysis.words.study_nouns import StudyNouns

__all__ = ["ALL", "UNVERIFIED", "Dictionary", "Labels", "code_text"]


UNVERIFIED = "†"
"""Stands beside scores whose scoring rule is not verified."""


class Dictionary(Protocol):
    """What is asked of the data dictionary."""

    def values(self) -> Iterable[Any]:
        """Its variables."""

    def label(self, name: str) -> str:
        """Label of a variable."""

    def choices(self, name: str) -> Mapping[str, str]:
        """Code -> label of a categorical variable, in order; empty for others."""


class Labels(StudyNouns):
    """Labels of variables, codes, arms, clusters, waves, outcomes and models; a name stands in for itself.

    Parameters
    ----------
    content : PlanFile
        The plan.
    dictionary : Dictionary
        Labels of variables and codes.
    order : sequence of str, optional
        Order of the outcomes; default: that of the plan. (A plan that was passed as canonical JSON has lost it;
        results/estimates.csv keeps it.)
    """

    def __init__(self, content: PlanFile, dictionary: Dictionary, order: Sequence[str] = ()) -> None:
        super().__init__(judged_with_sources(content))
        self.dictionary = dictionary
        self.synthetic = content.study.synthetic
        self.minimum = setting(content.report.minimum_cell, PLAN_FILE, "report.minimum_cell")
        self.rounding = setting(content.report.round_counts_to, PLAN_FILE, "report.round_counts_to")
        self._order = [name for name in dict.fromkeys(order) if name in content.outcomes]
        self._scores = score_infos(content.scoring_settings()) if content.scoring else {}
        self._variables: dict[str, str] = {}

    def variable(self, name: str) -> str:
        """Label of a variable; that of ``score_0m`` is the outcome's with the wave."""
        if name in self.content.outcomes:
            return self.outcome(name)
        if name not in self._variables:
            part = cluster_part(name)
            self._variables[name] = self._variable(name) if part is None else self._cluster_part(part)
        file = self.content.data.dictionary
        return quoted(self._variables[name], file, name, "Field Label")

    def _variable(self, name: str) -> str:
        if name in self.content.outcomes:
            return one_line(self.content.outcomes[name].label)
        if name in self.content.derived:
            return one_line(self.content.derived[name].label)
        if name in self._scores:
            return one_line(self._scores[name].label)
        score = name.removesuffix(ITEMS_MISSING)
        if score != name and score in self._scores:
            return f"Items missing of {one_line(self._scores[score].label)}"
        known = self._ask(self.dictionary.label, name)
        if known:
            return one_line(known)
        for wave in self.design.waves:
            stem = name.removesuffix(f"_{wave.name}")
            if stem != name and stem.endswith("_change"):
                return f"{self._variable(stem)} to {lower_first(one_line(wave.label))}"
            if stem != name:
                return f"{self._variable(stem)}, {lower_first(one_line(wave.label))}"
        if name == MONTHS:
            return "Months"
        stem = name.removesuffix("_change")
        return f"{self._variable(stem)}, change" if stem != name else one_line(name)

    def _cluster_part(self, part: ClusterPart) -> str:
        """ "Team mean of age", "Difference from the team mean of age", "Share of the trust in the arm"."""
        cluster = one_line(self.design.noun_of(part.groups[-1]))
        label = self._variable(part.variable)
        if part.variable == self.design.arm.variable:
            arms = [code for code in self.arms() if code != self.design.arm.reference]
            mean = f"share of the {cluster} in {self.arm_within(arms[0]) if arms else 'the other arm'}"
        else:
            mean = f"{cluster} mean of {lower_first(label)}"
        return f"{mean[:1].upper()}{mean[1:]}" if part.kind == "mean" else f"Difference from the {mean}"

    def choice(self, variable: str, code: Any) -> str:
        """Label of a code."""
        choices = self._ask(self.dictionary.choices, variable) or {}
        text = code_text(code)
        file = self.content.data.dictionary if choices.get(text) else SUMMARIES
        return quoted(one_line(choices.get(text) or text), file, variable, CHOICES)

    def names_levels(self, variable: str) -> bool:
        """Whether the plan has words for both levels of a variable that it derives."""
        derived = self.content.derived.get(variable)
        return derived is not None and derived.otherwise is not None

    def level(self, variable: str, code: Any) -> str:
        """People who share a code ("Gender: Female"); of a derived variable as the plan calls them."""
        derived = self.content.derived.get(variable)
        if derived is None or derived.otherwise is None:
            return f"{self.variable(variable)}: {self.choice(variable, code)}"
        if code_text(code) == "yes":
            return self.variable(variable)
        return quoted(one_line(derived.otherwise), PLAN_FILE, "", f"derived.{variable}.otherwise")

    def asked_if(self, name: str) -> tuple[tuple[str, str], ...]:
        """Answers that let a question be asked, as (variable, code); none where the dictionary does not tell."""
        return self._ask(getattr(self.dictionary, "asked_if", lambda _: ()), name) or ()

    def choice_within(self, variable: str, code: Any) -> str:
        """Label of a code inside a sentence; its capital stays unless the data write the code small."""
        return of_code(self.choice(variable, code), code_text(code))

    def arm_within(self, code: Any) -> str:
        """Label of an arm inside a sentence."""
        return self.choice_within(self.design.arm.variable, code)

    def codes(self, variable: str | None, seen: Iterable[Any] = ()) -> list[str]:
        """Codes of a variable in the dictionary's order, then those seen that it does not have; of None those seen."""
        known = [str(code) for code in (self._ask(self.dictionary.choices, variable) or {})] if variable else []
        rest = dict.fromkeys(code_text(code) for code in seen if not is_missing(code))
        return [*known, *(code for code in rest if code not in known)]

    def arms(self, seen: Iterable[Any] = ()) -> list[str]:
        """Codes of the arms, the reference first; only those seen, if any are given, else those that are compared."""
        seen = [code_text(code) for code in seen if not is_missing(code)]
        codes = self.codes(self.design.arm.variable, seen)
        reference = self.design.arm.reference
        ordered = [reference, *(code for code in codes if code != reference)]
        shown = seen or [code for code in ordered if code not in self.arms_left_out(ordered)]
        return [code for code in ordered if code in shown]

    def arms_left_out(self, seen: Iterable[Any]) -> list[str]:
        """Of the arms seen those of the dictionary that the plan does not compare."""
        arm = self.design.arm
        apart = set(self.codes(arm.variable)) - {arm.reference, *arm.compared} if arm.compared else set()
        return [code for code in seen if code in apart]

    def arm(self, code: Any) -> str:
        """Label of an arm."""
        return self.choice(self.design.arm.variable, code)

    def trust(self, code: Any) -> str:
        """Label of one of the largest clusters."""
        return code_text(code) if self.design.trust is None else self.choice(self.design.trust, code)

    def inner(self, team: Any) -> str:
        """Label of a smallest cluster by its name within the largest: "North", or "School 3 / Class 2"."""
        within = self.design.clusters[1:]
        known = self._inner.get(code_text(team)) if len(within) > 1 else None
        return known or self.choice(within[-1], team)

    @cached_property
    def _inner(self) -> dict[str, str]:
        """Labels of names of two levels together, of all pairs that the dictionary allows."""
        middle, inner = self.design.clusters[1:]
        return {
            f"{one} / {other}": f"{self.choice(middle, one)} / {self.choice(inner, other)}"
            for one in self.codes(middle)
            for other in self.codes(inner)
        }

    def team(self, trust: Any, team: Any) -> str:
        """Label of a smallest cluster: "A / North", because labels may repeat in larger ones."""
        if is_missing(team) or self.design.team is None:
            return self.trust(trust)
        return f"{self.trust(trust)} / {self.inner(team)}"

    def wave(self, code: Any) -> str:
        """Label of a wave."""
        text = code_text(code)
        if text == "change":
            return "Change"
        label = next((wave.label for wave in self.design.waves if wave.name == text), text)
        return quoted(one_line(label), PLAN_FILE, "", "design.waves")

    def outcome(self, name: str) -> str:
        """Full label of an outcome."""
        part = self.content.outcomes.get(name)
        return quoted(one_line(part.label), PLAN_FILE, "", f"outcomes.{name}.label") if part else self.variable(name)

    def outcome_short(self, name: str) -> str:
        """Short label of an outcome, for figures."""
        part = self.content.outcomes.get(name)
        if not part or not part.short_label:
            return self.outcome(name)
        return quoted(one_line(part.short_label), PLAN_FILE, "", f"outcomes.{name}.short_label")

    def mark(self, outcome: str) -> str:
        """The mark of a score whose rule is not verified, or nothing."""
        info = self._scores.get(outcome)
        return "" if info is None or info.verified else f" {UNVERIFIED}"

    def model(self, name: str) -> str:
        """Label of a model."""
        part = self.content.models.get(name)
        return quoted(one_line(part.label if part else name), PLAN_FILE, "", f"models.{name}.label")

    def population(self, name: str) -> str:
        """Label of a population."""
        part = self.content.populations.get(name)
        if part:
            return quoted(one_line(part.label), PLAN_FILE, "", f"populations.{name}.label")
        return "All with the data" if name == "available" else one_line(name)

    def outcomes(self) -> list[str]:
        """Names of the outcomes: primary first, then in order, negative controls last."""
        names = list(dict.fromkeys([*self._order, *self.content.outcomes]))
        return sorted(names, key=lambda name: (self.content.outcomes[name].role != "primary", self.is_control(name)))

    def is_control(self, outcome: str) -> bool:
        """Whether an outcome is a negative control, which the intervention can't have moved: no finding."""
        part = self.content.outcomes.get(outcome)
        return part is not None and part.role == "negative_control"

    def is_binary(self, outcome: str) -> bool:
        """Whether an outcome is an event that happened or not; its differences are printed in percentage points."""
        part = self.content.outcomes.get(outcome)
        return part is not None and part.is_event

    def points(self, outcome: str) -> str:
        """Unit of a difference in an outcome: "points", or "percentage points"."""
        return "percentage points" if self.is_binary(outcome) else "points"

    def headline(self, outcome: str) -> str:
        """Name of an outcome's headline model."""
        return self.content.outcomes[outcome].models[0]

    def trust_heading(self, code: Any) -> str:
        """Label of an outer cluster with what it is: "Trust A", never "Trust Trust A"."""
        label = self.trust(code)
        word = self.trust_word
        return label if label.lower().startswith(word.lower()) else f"{word[:1].upper()}{word[1:]} {label}"

    def scale(self, outcome: str) -> tuple[float | None, float | None]:
        """Ends of an outcome's scale: the plan's, else the instrument's, else unknown."""
        if self.is_binary(outcome):
            return 0.0, PER_CENT
        part = self.content.outcomes.get(outcome)
        info = self._scores.get(outcome)
        low = part.low if part and part.low is not None else getattr(info, "low", None)
        high = part.high if part and part.high is not None else getattr(info, "high", None)
        return low, high

    def digits(self, outcome: str, sd: float | None = None) -> Digits:
        """Decimals with which an outcome is printed; differences in risk have one of a percentage point."""
        if self.is_binary(outcome):
            return Digits(1, 1)
        return scale_digits(*self.scale(outcome), sd=sd)

    def _ask(self, question: Any, name: str) -> Any:
        # a dictionary that does not know a name looks for the nearest one, which nobody reads here
        if isinstance(self.dictionary, Mapping) and name not in self.dictionary:
            return None
        try:
            return question(name)
        except (KeyError, DataError):
            return None
