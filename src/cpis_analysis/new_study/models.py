"""Which models a study of a shape gets in its first plan: the usual ones, few, with the reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cpis_analysis.methods.method import listed
from cpis_analysis.new_study.settled import OutcomeOf, Settled
from cpis_analysis.new_study.shape import Shape
from cpis_analysis.plan.naming import in_arms_of, plural

MOST_UNSTRUCTURED = 5
"""Waves up to which residuals of a person get a covariance without a pattern: of 5 it has 15 parameters."""


@dataclass(frozen=True)
class FirstModel:
    """One model of the plan.

    Attributes
    ----------
    name, label, formula, why : str
    keys : mapping of str to str
        Other keys than label and formula.
    """

    name: str
    label: str
    formula: str
    why: str
    keys: dict[str, str] = field(default_factory=dict)


def first_models(study: Settled, shape: Shape) -> dict[str, list[FirstModel]]:
    """Models by outcome, the headline first."""
    return {name: _Models(study, shape, one).all() for name, one in shape.outcomes}


class _Models:
    """Models of one outcome."""

    def __init__(self, study: Settled, shape: Shape, outcome: OutcomeOf) -> None:
        self.study, self.shape, self.outcome = study, shape, outcome
        self.first, self.last = study.waves[0], study.waves[-1]
        self.person, self.people = str(study.people), plural(study.people)
        self.one_by_one = (
            f"{self.people} were allocated one by one; standard errors hold where the spread differs between the arms"
        )
        self.alike = f"{self.people} of a cluster are alike, so each level of clusters has a random intercept"
        self.before = study.baseline and self.first.written in outcome.columns and not outcome.is_event
        measured = [wave for wave in study.waves if wave.written in outcome.columns]
        self.last = measured[-1]
        self.several = len(measured) > 2 or (len(measured) == 2 and not study.baseline)
        self.suffix = "" if self.before or not study.baseline else "_after"

    def all(self) -> list[FirstModel]:
        """The headline, and what stands beside it."""
        if self.shape.some_arms and self.outcome.kind != "continuous":
            models = [self.robust_of_some_arms()]
        elif self.outcome.kind == "binary":
            models = self.risks()
        elif self.outcome.kind == "time_to_event":
            models = self.hazards()
        elif self.outcome.kind == "ordinal":
            models = [*self.means("scores", "mean scores"), *self.odds()]
        elif self.outcome.kind == "count":
            models = self.counts()
        elif self.shape.some_arms:
            models = self.some_arms()
        elif self.shape.random:
            models = self.mixed()
        else:
            models = self.least_squares()
        return [*models, *self.all_waves()]

    def formula(
        self, response: str, *more: str, baseline: bool = True, sites: bool = True, as_ratio: bool = False
    ) -> str:
        """A formula: response, baseline (of counts on the scale of their ratio), arm, few sites, and what else."""
        terms = [self.shape.arm]
        if baseline and self.before:
            before = "{outcome}_" + self.first.name
            terms.append(f"log1p({before})" if as_ratio else before)
        terms += [*self.shape.adjusted, *(self.shape.fixed if sites else ()), *more]
        return f"{response} ~ {' + '.join(terms)}"

    @property
    def followup(self) -> str:
        return "{outcome}_" + self.last.name

    def random(self, some: Sequence[str] | None = None) -> list[str]:
        """Random intercepts of levels, each named within those above it, as labels may repeat there."""
        levels = self.shape.levels
        chosen = self.shape.random if some is None else some
        return [f"(1 | {':'.join(levels[: levels.index(one) + 1])})" for one in chosen]

    def sites_random(self, name: str, called: str, *, baseline: bool = True) -> list[FirstModel]:
        """The same with the few sites as random effects, for whoever wants to speak of other sites."""
        if not self.shape.fixed:
            return []
        return [
            FirstModel(
                name,
                f"{called}, {self.called(self.shape.fixed)} random",
                self.formula(self.followup, *self.random(self.shape.fixed), baseline=baseline, sites=False),
                f"the {self.called(self.shape.fixed)} as a random effect, as if they stood for others",
            )
        ]

    def called(self, levels: Sequence[str]) -> str:
        """What clusters of some levels are called."""
        return listed(self.shape.called[one] for one in levels)

    def least_squares(self) -> list[FirstModel]:
        """People were allocated one by one, and no clusters are random."""
        called = "ANCOVA" if self.before or self.shape.adjusted else "Difference of means"
        robust = {"estimator": "ols_cr2", "cluster": self.shape.person}
        return [
            FirstModel(
                f"ancova{self.suffix}",
                f"{called}, least squares",
                self.formula(self.followup),
                self.one_by_one,
                robust,
            ),
            *self.sites_random(f"mixed{self.suffix}", called),
        ]

    def mixed(self) -> list[FirstModel]:
        """Clusters are random."""
        called = "ANCOVA" if self.before or self.shape.adjusted else "Difference of means"
        levels = self.called(self.shape.random)
        models = [
            FirstModel(
                f"ancova{self.suffix}",
                f"{called}, {levels} random",
                self.formula(self.followup, *self.random()),
                self.alike,
            )
        ]
        if self.shape.allocated:
            models += self.by_cluster("", "means", baseline=True)
        else:
            site = self.shape.random[0]
            called = f"{called}, effect varies between {plural(self.called([site]))}"
            models.append(
                FirstModel(
                    f"differs{self.suffix}",
                    called,
                    self.formula(self.followup, *self.random(), f"(1 | {site}:{self.shape.arm})"),
                    f"{self.people} were allocated in each {self.called([site])}, so the effect may differ",
                )
            )
        return models

    def own(self) -> list[str]:
        """What clusters of some arms add to the variance there: those of other arms are single people."""
        level, levels = self.shape.some_arms, self.shape.levels
        return [f"(0 + {in_arms_of(level)} | {':'.join(levels)})"] if level else []

    def some_arms(self) -> list[FirstModel]:
        """Some arms only have the smallest clusters."""
        called = "ANCOVA" if self.before or self.shape.adjusted else "Difference of means"
        units = plural(self.called([self.shape.some_arms]))
        keys = {"estimator": "mmrm", "covariance": "independent", "residual_by": self.shape.arm}
        return [
            FirstModel(
                f"by_arm{self.suffix}",
                f"{called}, {units} and residuals by arm",
                self.formula(self.followup, *self.random(), *self.own()),
                f"{units} vary in the arms that have them, and each arm has a residual variance of its own",
                keys,
            ),
            self.robust_of_some_arms(),
        ]

    def robust_of_some_arms(self) -> FirstModel:
        """Least squares, robust to the clusters of the arms that have them; of events and counts as well."""
        names = {"continuous": "cr2", "binary": "risk", "ordinal": "scores", "count": "counts"}
        compared = {"binary": "risks", "ordinal": "mean scores", "count": "mean counts"}
        unit = self.shape.allocated or self.shape.some_arms
        what = compared.get(self.outcome.kind)
        event = self.outcome.is_event
        return FirstModel(
            names[self.outcome.kind] + ("" if event else self.suffix),
            f"{f'Difference of {what}, least' if what else 'Least'} squares, standard errors by {self.called([unit])}",
            self.formula(self.followup, baseline=not event),
            f"no model of how alike {self.people} of a cluster are; whoever is in none counts alone",
            {"estimator": "ols_cr2", "cluster": unit},
        )

    def by_cluster(self, begin: str, what: str, *, baseline: bool) -> list[FirstModel]:
        """What needs no model of how alike people of the allocated clusters are."""
        unit, formula = self.shape.allocated, self.formula(self.followup, baseline=baseline)
        end = self.suffix if baseline else ""
        return [
            FirstModel(
                f"{begin}means{end}",
                f"t-test of the {what} of each {self.called([unit])}",
                formula,
                f"each cluster counts once: no assumption on how alike its {self.people} are",
                {"estimator": "cluster_summary", "cluster": unit},
            ),
            FirstModel(
                f"{begin}cr2{end}",
                f"Least squares, standard errors by {self.called([unit])}",
                formula,
                f"no model of how alike {self.people} of a cluster are",
                {"estimator": "ols_cr2", "cluster": unit},
            ),
        ]

    def risks(self) -> list[FirstModel]:
        """The outcome is an event."""
        if not self.shape.random:
            return [
                FirstModel(
                    "risk",
                    "Difference of risks, least squares",
                    self.formula(self.followup, baseline=False),
                    "the difference of the risks, with standard errors that hold for events",
                    {"estimator": "ols_cr2", "cluster": self.shape.person},
                ),
                *self.sites_random("risk_mixed", "Difference of risks", baseline=False),
            ]
        levels = self.called(self.shape.random)
        return [
            FirstModel(
                "risk",
                f"Difference of risks, {levels} random",
                self.formula(self.followup, *self.random(), baseline=False),
                "a linear model of the risk: its difference is in percentage points",
            ),
            *(self.by_cluster("risk_", "risks", baseline=False) if self.shape.allocated else ()),
            FirstModel(
                "odds",
                f"Logistic model, {levels} random",
                self.formula(self.followup, *self.random(), baseline=False),
                "the same on the scale of odds",
                {"estimator": "glmm"},
            ),
        ]

    def means(self, name: str, called: str) -> list[FirstModel]:
        """A test of means that holds its size with few clusters, for what is no normal number."""
        label = f"Difference of {called}"
        formula = self.formula(self.followup)
        if self.shape.allocated or not self.shape.levels:
            why = "the test that the allocation asks for; it needs no distribution of the answers"
            keys = {"estimator": "by_design"}
            return [FirstModel(f"{name}{self.suffix}", f"{label}, test by allocation", formula, why, keys)]
        if not self.shape.random:
            why = self.one_by_one
            keys = {"estimator": "ols_cr2", "cluster": self.shape.person}
            return [FirstModel(f"{name}{self.suffix}", f"{label}, least squares", formula, why, keys)]
        levels = self.called(self.shape.random)
        why = self.alike
        mixed = self.formula(self.followup, *self.random())
        return [FirstModel(f"{name}{self.suffix}", f"{label}, {levels} random", mixed, why)]

    def odds(self) -> list[FirstModel]:
        """The common odds ratio of answers in order, where there are clusters that can be random."""
        if not self.shape.random:
            return []
        return [
            FirstModel(
                f"common_odds{self.suffix}",
                f"Cumulative logit, {self.called(self.shape.random)} random",
                self.formula(self.followup, *self.random()),
                "the common odds ratio, by a model of the answers themselves",
                {"estimator": "glmm"},
            )
        ]

    def rates(self) -> FirstModel:
        """The ratio of rates: what people of a cluster, or else a person's own rate, add to Poisson's variance."""
        if self.shape.random:
            who, random, family = self.called(self.shape.random), self.random(), "negative_binomial"
        else:
            who, random, family = self.person, [f"(1 | {self.shape.person})"], "poisson"
        return FirstModel(
            f"rates{self.suffix}",
            f"Ratio of rates, {who} random",
            self.formula(self.followup, *random, as_ratio=True),
            "the ratio of rates, by a model of counts that vary more than Poisson's",
            {"estimator": "glmm", "family": family},
        )

    def counts(self) -> list[FirstModel]:
        """The outcome counts something; with an exposure rates are compared, of the model and beside it of clusters."""
        first = self.cluster_rates() if self.outcome.beside else self.means("counts", "mean counts")
        return [*first, self.rates()]

    def cluster_rates(self) -> list[FirstModel]:
        """The ratio of the clusters' rates, where clusters have the arm."""
        if not self.shape.allocated:
            return []
        who = self.shape.called.get(self.shape.allocated, self.shape.allocated)
        return [
            FirstModel(
                f"cluster_rates{self.suffix}",
                f"Ratio of rates, t-test by {who}",
                self.formula(self.followup, as_ratio=True),
                f"each {who} counts once by its own rate, however counts vary; it holds its size with few",
                {"estimator": "cluster_rates", "cluster": self.shape.allocated},
            )
        ]

    def hazards(self) -> list[FirstModel]:
        """The outcome is the time to an event."""
        unit = self.shape.allocated or (self.shape.random[0] if self.shape.random else self.shape.person)
        return [
            FirstModel(
                "hazards",
                "Proportional hazards",
                self.formula(self.followup),
                f"hazards are compared; standard errors by {self.shape.called.get(unit, self.person)}",
                {"estimator": "cox", "cluster": unit},
            )
        ]

    def all_waves(self) -> list[FirstModel]:
        """All interviews in one model, where there are several after baseline."""
        if not self.several or self.outcome.kind != "continuous":
            return []
        arm, person = self.shape.arm, self.shape.person
        terms = [f"{arm} * wave", *(["{outcome}_" + self.first.name] if self.before else [])]
        terms += [*self.shape.adjusted, *self.shape.fixed, *self.random(), *self.own()]
        if len(self.study.waves) <= MOST_UNSTRUCTURED:
            label, keys = (
                f"All waves, any covariance within the {self.person}",
                {"estimator": "mmrm", "covariance": "unstructured"},
            )
        else:
            label, keys = f"All waves, {self.person} random", {}
            terms.append(f"(1 | {person})")
        return [
            FirstModel(
                f"all_waves{self.suffix}",
                label,
                "{outcome} ~ " + " + ".join(terms),
                f"{self.people} who miss a wave still count; the difference at each wave and on average",
                keys,
            )
        ]
