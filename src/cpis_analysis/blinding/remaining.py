"""Which analyses of a plan can be done without knowing the groups, and which variables they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpis_analysis.blinding.terms import Terms
from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.instruments import required_items, score_columns
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import variables_of
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification import AnalysisSpec

_WORD = re.compile(r"[A-Za-z]\w*")
_CONDITION = "its condition names a group or a cluster"


@dataclass(frozen=True)
class LeftOut:
    """One thing that is not in the blinded study.

    Attributes
    ----------
    what : str
        ``variable``, ``score``, ``outcome``, ``analysis``, ``report`` or ``cleaning``.
    name, why : str
    """

    what: str
    name: str
    why: str


@dataclass(frozen=True)
class Kept:
    """What stays.

    Attributes
    ----------
    analyses : tuple of AnalysisSpec
    scores : tuple of str
        Entries of ``scoring``.
    derived, populations, covariates : frozenset of str
        Definitions of the plan that the analyses use.
    variables : frozenset of str
        Of the dictionary, without those of the design.
    left_out : tuple of LeftOut
    """

    analyses: tuple[AnalysisSpec, ...]
    scores: tuple[str, ...]
    derived: frozenset[str]
    populations: frozenset[str]
    covariates: frozenset[str]
    variables: frozenset[str]
    left_out: tuple[LeftOut, ...]

    def models_of(self, outcome: str) -> list[str]:
        """Models of an outcome, in the order of the plan."""
        return [spec.model for spec in self.analyses if spec.outcome == outcome]


def kept_of_plan(plan: Plan, dictionary: Dictionary, telling: Mapping[str, str], terms: Terms) -> Kept:
    """Go through scores, outcomes and analyses.

    1. A score goes with any of its items, an outcome with its score or variable.
    2. An analysis goes if its formula, contrasts, imputation or weights name a variable that goes, or if its
       population or a derived variable asks for a group, a cluster or such a variable.
    3. Names of outcomes, models, populations and derived variables that hold a telling word go with what they name.
    4. Of the dictionary stays what the remaining analyses, characteristics and tables of answers need.

    Raises
    ------
    PlanError
        If no analysis of the primary outcome remains.
    """
    review = _Review(plan, dictionary, telling, terms)
    analyses, left_out = [], [*review.scores_out(), *review.outcomes_out()]
    if plan.content.design.one_sided is not None:
        message = "some groups only have clusters (design.levels.arms), so that having one tells the group"
        raise PlanError(
            "The study can't be blinded.",
            Problem(message, hint="have the data analysed as they are; docs/blinding.md says what else can be done"),
        )
    for spec in plan.specifications():
        if spec.outcome in review.gone:
            continue
        why = review.against(spec)
        if why:
            left_out.append(LeftOut("analysis", spec.name, why))
        else:
            analyses.append(spec)
    remaining = {spec.outcome for spec in analyses}
    primary = next(name for name, part in plan.content.outcomes.items() if part.role == "primary")
    if primary not in remaining:
        raise PlanError(
            "The study can't be blinded.",
            [
                Problem(
                    f"no analysis of the primary outcome {primary} would remain",
                    hint="keep one that needs no group to be known, or leave fewer variables out",
                ),
                *(
                    Problem(
                        f"{one.what} {one.name}: {one.why}",
                        hint="remove it from the plan of the blinded study, or keep what it needs",
                    )
                    for one in left_out
                    if one.name.startswith(primary)
                ),
            ],
        )
    return review.kept(analyses, left_out)


class _Review:
    def __init__(self, plan: Plan, dictionary: Dictionary, telling: Mapping[str, str], terms: Terms) -> None:
        self.content: PlanFile = plan.content
        self.dictionary, self.telling, self.terms = dictionary, telling, terms
        design = self.content.design
        self.groups = {design.arm.variable, *design.clusters}
        settings = self.content.scoring_settings()
        self.items = required_items(settings)
        self.columns = score_columns(settings)
        self.known = {*dictionary, *self.columns, *self.content.outcomes, *self.content.derived}
        waves = design.wave_names
        self.ends = ["_change", *(f"{change}_{wave}" for wave in waves for change in ("_change", ""))]
        self.bad_scores = {name for name, items in self.items.items() if set(items) & set(telling)}
        self.gone = {name: why for name in self.content.outcomes if (why := self._outcome(name))}
        self.bad_derived: set[str] = set()
        for _ in self.content.derived:
            # one may be made of another
            self.bad_derived |= {
                name
                for name, part in self.content.derived.items()
                if terms.tells(name) or self.condition(part.where) is not None
            }

    def base(self, word: str) -> str:
        """The variable, score or outcome that a word of a formula or condition means."""
        if word in self.known:
            return word
        stems = (word.removesuffix(end) for end in self.ends)
        return next((stem for stem in stems if stem in self.known), word)

    def word(self, word: str) -> str | None:
        """Why a word can't stand in an analysis."""
        name = self.base(word)
        if name in self.telling:
            return f"it uses {name}"
        if self.columns.get(name) in self.bad_scores:
            return f"it uses the score {self.columns[name]}"
        if name in self.gone:
            return f"it uses the outcome {name}"
        return f"it uses {name}, which asks for a group or a cluster" if name in self.bad_derived else None

    def condition(self, text: str) -> str | None:
        """Why a condition can't stand."""
        for name in variables_of(parse_condition(text)):
            if name in self.groups:
                return _CONDITION
            if why := self.word(name):
                return why
        return None

    def against(self, spec: AnalysisSpec) -> str | None:
        """Why an analysis can't be done; None where it can."""
        if self.terms.tells(spec.model, spec.population):
            return "its name holds a word that tells a group or a cluster"
        asked = [name for name, _ in spec.where if name in self.groups]
        if asked:
            return _CONDITION
        if spec.condition and (why := self.condition(spec.condition)):
            return why
        return next((why for word in words_of(spec) if (why := self.word(word))), None)

    def scores_out(self) -> Iterator[LeftOut]:
        for name in self.bad_scores:
            items = ", ".join(sorted(set(self.items[name]) & set(self.telling)))
            yield LeftOut("score", name, f"it is made of {items}")

    def outcomes_out(self) -> Iterator[LeftOut]:
        for name, why in self.gone.items():
            yield LeftOut("outcome", name, why)

    def _outcome(self, name: str) -> str | None:
        part = self.content.outcomes[name]
        if self.terms.tells(name):
            return "its name holds a word that tells a group or a cluster"
        for variable in filter(None, (name, part.variable, part.exposure)):
            if variable in self.telling:
                return f"it is made of {variable}: {self.telling[variable]}"
            if self.columns.get(variable) in self.bad_scores:
                return f"it is made of the score {self.columns[variable]}"
        return None

    def kept(self, analyses: list[AnalysisSpec], left_out: list[LeftOut]) -> Kept:
        """What the analyses need of the plan and of the dictionary."""
        content, report = self.content, self.content.report
        scores = [name for name in content.scoring if name not in self.bad_scores]
        derived = {self.base(word) for spec in analyses for word in words_of(spec)} & set(content.derived)
        for _ in content.derived:
            asked = [content.derived[name].where for name in derived]
            derived |= {name for text in asked for name in variables_of(parse_condition(text))} & set(content.derived)
        models = [content.model_of(spec.outcome, spec.model) for spec in analyses]
        models += [content.models[spec.model] for spec in analyses]
        lists = {model.covariates for model in models if model.covariates}
        named = {word for spec in analyses for word in words_of(spec)}
        named |= {word for name in lists for term in content.covariates[name] for word in _WORD.findall(term)}
        named |= {name for one in derived for name in variables_of(parse_condition(content.derived[one].where))}
        named |= {*content.design.characteristics, *report.experience, *report.changes, *report.barriers}
        for name in {spec.outcome for spec in analyses}:
            outcome = content.outcomes[name]
            named |= {name, *filter(None, (outcome.variable, outcome.exposure))}
        used = {self.base(name) for name in named} | {item for name in scores for item in self.items[name]}
        used = self._with_parents((used & set(self.dictionary)) - set(self.telling))
        return Kept(
            analyses=tuple(analyses),
            scores=tuple(scores),
            derived=frozenset(derived),
            populations=frozenset({spec.population for spec in analyses} & set(content.populations)),
            covariates=frozenset(lists),
            variables=frozenset(used - self.groups - {content.design.participant}),
            left_out=tuple(left_out),
        )

    def _with_parents(self, used: set[str]) -> set[str]:
        """With the answers on which it depends whether a question is asked."""
        while True:
            parents = {
                name
                for variable in used
                if (branching := self.dictionary[variable].branching) is not None
                for name in branching.variables()
                if self.dictionary[name].is_categorical and name not in self.telling
            }
            if parents <= used:
                return used
            used = used | parents


def words_of(spec: AnalysisSpec) -> list[str]:
    """Every word of an analysis that may name a variable, beside conditions that are text."""
    imputation = spec.imputation
    texts = [
        spec.formula,
        spec.exposure,
        *(term for one in spec.contrasts for term in (*one.terms, one.moderator or "")),
        *((*imputation.auxiliary, *imputation.ordinal) if imputation else ()),
        *spec.predictors,
        *(spec.balance.variables if spec.balance else ()),
        *(name for name, _ in spec.where),
        *(variables_of(parse_condition(spec.condition)) if spec.condition else ()),
    ]
    return list(dict.fromkeys(word for text in texts for word in _WORD.findall(text)))
