"""What texts on methods call those who take part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PeopleWords:
    """The study's words for those who take part, for texts that are made with them.

    Attributes
    ----------
    one, a_one, many : str
        "pupil", "a pupil", "pupils".
    """

    one: str = "person"
    a_one: str = "a person"
    many: str = "people"


PEOPLE = PeopleWords()
"""What they are called where the plan doesn't say, and on the page of all keys."""
