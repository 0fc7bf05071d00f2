"""Names that plan, dictionary and scores give twice: the second would hide the first, or stop the run late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpis_analysis.errors import Problem
from cpis_analysis.instruments import required_items, score_columns
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.schema_design import occasion_of
from cpis_analysis.study.variables import known_variables
from cpis_analysis.study_words import A_PERSON


class NameChecks(PlanProblems):
    """Checks of names against those that the analysis data have anyway."""

    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary = dictionary
        self.scores = score_columns(plan.content.scoring_settings())

    def names(self) -> Iterator[Problem]:
        """Every name that is given twice."""
        own = self.own()
        made = {name: what for name, what in self.made().items() if name not in own}
        for variable in self.dictionary.values():
            what = own.get(variable.name) or ("" if variable.waves else made.get(variable.name))
            if what:
                yield Problem(
                    f"the analysis data have {what} of this name, so a variable can't be called so",
                    self.dictionary.file,
                    variable.line,
                    variable=variable.name,
                    hint="rename it in the dictionary, and with rename: in its file",
                )
        items = required_items(self.plan.scoring_settings())
        for column, score in self.scores.items():
            # a score may replace the one item that it is made of
            if column in self.dictionary and column not in items[score]:
                yield self.problem(
                    ("scoring", score),
                    "the score has the name of a variable of the dictionary",
                    value=column,
                    hint="call the score otherwise",
                )
            elif column in own:
                yield self.problem(
                    ("scoring", score),
                    f"the score has the name of {own[column]} of the analysis data",
                    value=column,
                    hint="call the score otherwise",
                )
        for name, part in self.plan.outcomes.items():
            if part.variable is not None and (name in self.scores or name in own):
                what = "a score" if name in self.scores else own[name]
                yield self.problem(
                    ("outcomes", name),
                    f"the name is taken by {what}",
                    value=name,
                    hint="a binary outcome needs a name of its own",
                )
        yield from self.derived(own | made)

    def derived(self, taken: Mapping[str, str]) -> Iterator[Problem]:
        """Derived variables need names of their own."""
        others = {
            **dict.fromkeys(self.dictionary, "a variable of the dictionary"),
            **dict.fromkeys(self.scores, "a score"),
            **taken,
        }
        for name in self.plan.derived:
            if name in others:
                yield self.problem(
                    ("derived", name),
                    f"the data have a variable of this name already: {others[name]}",
                    value=name,
                    hint="call it otherwise",
                )

    def own(self) -> dict[str, str]:
        """Names that every study's data have, with what they stand for."""
        waves = [wave.name for wave in self.plan.design.waves]
        once = occasion_of(self.plan.data, self.plan.design).with_article
        own = {
            "wave": f"the wave of {once}",
            "source": "the file of a row",
            "line": "the line of a row",
            "outside_window": "whether a follow-up was on time",
            **{f"has_{wave}": f"whether there is {once} of wave {wave}" for wave in waves},
        }
        if self.plan.design.participant != "participant_id":
            own["participant_id"] = f"the number of {A_PERSON} (while scores are computed)"
        return own

    def made(self) -> dict[str, str]:
        """Names that come of variables and waves, such as ``rguk_6m``."""
        known = known_variables(self.plan.model_copy(update={"derived": {}}), self.dictionary)
        design = self.plan.design
        found: dict[str, str] = {}
        for name, asked in known.measured.items():
            if name not in design.characteristics:
                found |= {f"{name}_{wave}": f"{name} at {wave}" for wave in asked}
                found |= dict.fromkeys(design.changes_of(name), f"the change of {name}")
        return {name: what for name, what in found.items() if name in known.wide}
