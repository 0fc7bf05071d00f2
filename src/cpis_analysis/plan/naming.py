"""What clusters are called: their codes as text and in order, and nouns in the plural."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cpis_analysis.study_words import StudyWords, with_article

EVERYWHERE = "all"
"""What the one place of a study is called that names no clusters."""

ALONE = "(alone)"
"""How the label of a person begins who is a cluster of one, as the clusters of their level are in other arms only."""

MANY = 40
"""Beyond so many clusters rows can't be read one by one: tables and figures sum them up."""

_NAMED = 12
"""So many clusters at most a sentence names."""

_IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "staff": "staff",
    "series": "series",
    "criterion": "criteria",
    "half": "halves",
    "shelf": "shelves",
    "quiz": "quizzes",
}
_ENDINGS = (
    (r"sis$", lambda word: word[:-2] + "es"),
    (r"([^aeiou]|qu)y$", lambda word: word[:-1] + "ies"),
    (r"(s|x|z|ch|sh)$", lambda word: word + "es"),
    (r"", lambda word: word + "s"),
)
_KEY = re.compile(r"_(id|ids|no|nr|num|number|code|key|name)$", re.IGNORECASE)


class Noun(str):
    """A noun in the singular that knows its plural, where the plan gives one."""

    many: str

    def __new__(cls, one: str, many: str | None = None) -> Noun:
        noun = super().__new__(cls, one)
        noun.many = many or _by_rule(one)
        return noun

    @property
    def with_article(self) -> str:
        """ "A class", "an interview", in small letters; by the first letter, as English sounds mostly go."""
        return with_article(self)


PERSON = Noun("person", "people")
"""What one of those who take part is called where the plan doesn't say."""


INTERVIEW = Noun("interview", "interviews")
"""What a person has at a wave where files of interviews have a date of it."""


def study_words(person: Noun = PERSON, occasion: Noun = INTERVIEW) -> StudyWords:
    """Words of a study, for texts that are made without its plan."""
    return StudyWords(str(person), person.many, str(occasion), occasion.many)


def plural(noun: str) -> str:
    """Plural of a noun: the plan's, where it gives one; else by rule: class -> classes, study -> studies.

    Of several words the last one takes the ending, of "degree of freedom" the one before "of".
    """
    return noun.many if isinstance(noun, Noun) else _by_rule(noun)


def counted_noun(value: int, noun: str) -> str:
    """The noun after a number: "class" after 1, "classes" after any other."""
    return noun if value == 1 else plural(noun)


def noun_of(variable: str) -> str:
    """What a variable of clusters holds, for texts that know no labels: ``School_id`` -> school, ``GP`` -> GP."""
    words = _KEY.sub("", variable).split("_")
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def code_of(value: Any) -> str:
    """A code as text; a whole number that pandas turned into 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def change_of(variable: str, wave: str = "") -> str:
    """Name of the change of a variable since baseline: at the primary wave, or at another one that is named."""
    return f"{variable}_change_{wave}" if wave else f"{variable}_change"


def place_of(codes: Sequence[Any]) -> tuple[str, str | None]:
    """Where somebody is, from codes of clusters, the largest first: the largest, and those within it as one name.

    A name within is None where there is one level; a study without clusters is one place.
    """
    outer, *inner = [code_of(code) for code in codes] or [EVERYWHERE]
    return outer, " / ".join(inner) if inner else None


def in_arms_of(level: str) -> str:
    """Variable that is 1 in the arms that have the clusters of a level, where not all have, and 0 in the others."""
    return f"in_{level}"


def is_alone(label: Any) -> bool:
    """Whether a label of a smallest cluster, or of one within larger ones, is that of a single person (`ALONE`)."""
    return str(label).rpartition(" / ")[2].startswith(ALONE)


def together(label: str) -> str:
    """The label under which single people are counted together; any other label as it is."""
    return label[: label.rindex(ALONE) + len(ALONE)] if is_alone(label) else label


def some_of(names: Sequence[str]) -> str:
    """Names in a sentence: all of a few, of many the first and how many there are more."""
    if len(names) <= _NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def natural_order(code: Any) -> tuple[tuple[int, int, str], ...]:
    """Key that sorts codes as people do: 2 before 10, "Site 2" before "Site 10", small letters with capitals.

    Numbers come before words. Codes that differ in case or in zeros in front alone keep an order of their own.
    """
    text = code_of(code)
    parts = re.findall(r"\d+|\D+", text)
    return (*((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts), (-1, 0, text))


@lru_cache(maxsize=1024)
def _by_rule(noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    before, space, word = head.rpartition(" ")
    return before + space + _word(word) + of + rest


def _word(word: str) -> str:
    if word.lower() in _IRREGULAR:
        return word[:1] + _IRREGULAR[word.lower()][1:]
    if word.isupper():
        return f"{word}s"
    return next(made(word) for ending, made in _ENDINGS if re.search(ending, word, re.IGNORECASE))
