"""What texts that know no plan call those who take part and what each has at a wave, in the words of the study."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cpis_analysis.plan.naming import PERSON, Noun
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_design import occasion_of

INTERVIEW = Noun("interview")
_BESIDE = r"(?<![\w:./\\-])(?<!\bvariable )"
"""What stands before a word that is no name of a file, of a term or of a variable."""
_AFTER = r"\b(?![:/\\-]\w|\.\w)"
_NAMES = re.compile(
    r"(?<!\w)'[^']*'(?!\w)|“[^”]*”|`[^`]*`|\"[^\"]*\"|\([^()]*\|[^()]*\)|(?<=\bin: ).*|(?<=\ballowed: )\w+(?:, \w+)+"
)
"""What a text quotes, lists or has from a formula: names of the study, which stay as they are."""


@dataclass(frozen=True)
class Speech:
    """Words of a study, put into texts that are made without its plan.

    What a text quotes, and what it lists after "in:" or "allowed:", are names and stay.

    Attributes
    ----------
    person : Noun
        What one of those who take part is called.
    occasion : Noun
        What a person has at a wave.
    """

    person: Noun = PERSON
    occasion: Noun = INTERVIEW

    def __call__(self, text: str) -> str:
        """The same text where the plan calls them people and has interviews."""
        words = self._words
        if not words:
            return text
        said = re.compile(rf"{_BESIDE}\b(?:(an?)( ))?({'|'.join(words)}){_AFTER}", re.IGNORECASE)
        return "\n".join(self._line(line, said, words) for line in text.split("\n"))

    @property
    def _words(self) -> dict[str, str]:
        words: dict[str, str] = {}
        if self.person != PERSON or self.person.many != PERSON.many:
            one, many = str(self.person), self.person.many
            words |= {"person": one, "people": many, "persons": many, "participant": one, "participants": many}
        if self.occasion != INTERVIEW:
            words |= {"interview": str(self.occasion), "interviews": self.occasion.many}
        return words

    def _line(self, line: str, said: re.Pattern[str], words: Mapping[str, str]) -> str:
        def spoken(found: re.Match[str]) -> str:
            article, space, word = found.groups()
            new = words[word.lower()]
            new = new[:1].upper() + new[1:] if word[:1].isupper() else new
            if not article:
                return new
            return article[:1] + ("n" if new[:1].lower() in "aeiou" else "") + space + new

        parts, last = [], 0
        for name in _NAMES.finditer(line):
            parts += [said.sub(spoken, line[last : name.start()]), name[0]]
            last = name.end()
        return "".join([*parts, said.sub(spoken, line[last:])])


def speaking_of(text: str, person: Noun) -> str:
    """A text of a method or a fit, which know no plan and call those who take part people, in the plan's words."""
    return Speech(person)(text)


def speech_of(plan: PlanFile) -> Speech:
    """Words of a plan."""
    return Speech(plan.design.people.noun, occasion_of(plan.data, plan.design))
