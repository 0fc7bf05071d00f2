"""Words that each study has of its own, in texts that are made without its plan.

Such a text is made with the marked words below, ``f"few {PEOPLE} have an outcome"``: what any study may say, and
behind it a mark that nobody sees. `StudyWords` puts the words of a plan in their place, and in no other, so a file, a
code or a label that is called people stays what it is. Where nobody knows the plan, `plain` takes the marks away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

MARK, MARK_WITH_ARTICLE = "\u2063", "\u2064"
"""Behind a marked word, and behind one whose article belongs to it. No plan can hold them (`yaml_reader`)."""

PERSON, PEOPLE = f"person{MARK}", f"people{MARK}"
A_PERSON = f"a person{MARK_WITH_ARTICLE}"
PERSONS, PARTICIPANT, PARTICIPANTS = f"persons{MARK}", f"participant{MARK}", f"participants{MARK}"
INTERVIEW, INTERVIEWS = f"interview{MARK}", f"interviews{MARK}"
AN_INTERVIEW = f"an interview{MARK_WITH_ARTICLE}"


def with_article(noun: str) -> str:
    """ "A class", "an interview", in small letters; by the first letter, as English sounds mostly go."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def is_marked(text: str) -> bool:
    """Whether a text has marked words."""
    return MARK in text or MARK_WITH_ARTICLE in text


@dataclass(frozen=True)
class StudyWords:
    """Words of a study, put into texts that are made without its plan.

    Attributes
    ----------
    person, people : str
        What one of those who take part is called, and several.
    occasion, occasions : str
        What a person has at a wave, and several of them.
    """

    person: str = "person"
    people: str = "people"
    occasion: str = "interview"
    occasions: str = "interviews"

    def __call__(self, text: str) -> str:
        """The text with these words for the marked ones."""
        if is_marked(text):
            for marked, word in self._words:
                text = text.replace(marked, word)
        return text

    @cached_property
    def _words(self) -> tuple[tuple[str, str], ...]:
        pairs = list(self._pairs())
        return (*pairs, *((marked[0].upper() + marked[1:], word[:1].upper() + word[1:]) for marked, word in pairs))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if (self.person, self.people) == ("person", "people"):
            # a person has several names where the plan gives none
            yield from ((word, word[:-1]) for word in (PERSON, PEOPLE, PERSONS, PARTICIPANT, PARTICIPANTS, A_PERSON))
        else:
            yield from ((word, self.person) for word in (PERSON, PARTICIPANT))
            yield from ((word, self.people) for word in (PEOPLE, PERSONS, PARTICIPANTS))
            yield A_PERSON, with_article(self.person)
        yield INTERVIEW, self.occasion
        yield INTERVIEWS, self.occasions
        yield AN_INTERVIEW, with_article(self.occasion)


plain = StudyWords()
"""The text with the words of any study, where nobody knows a plan."""
