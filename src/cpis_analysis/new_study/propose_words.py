"""What those who take part are likely to be called, by the column that names them."""

from __future__ import annotations

import re

from cpis_analysis.new_study.proposals import Proposal, words_of
from cpis_analysis.new_study.raw_files import Column

_NOUNS = {
    noun: noun
    for noun in (
        "pupil student learner patient child infant baby adolescent woman mother man father resident client respondent "
        "participant volunteer employee worker farmer prisoner veteran carer caregiver nurse teacher user household"
    ).split()
} | {"subject": "participant", "subj": "participant", "pat": "patient", "pt": "patient", "kid": "child"}
"""The noun by the word of a name."""
_END = re.compile(r"(?<=.)(?:id|ids|no|nr|num|number|code|key)$")
"""How names of such columns end."""


def propose_people(column: Column | None) -> Proposal:
    """What one of those who take part is called.

    Parameters
    ----------
    column : Column or None
        The column that names them; None where there is none.

    Returns
    -------
    Proposal
        Its value is empty where the column's name and label say nothing of it.
    """
    for text in (column.name, column.label) if column is not None else ():
        words = words_of(text)
        for word in (*words, *(_END.sub("", word) for word in words)):
            if word in _NOUNS or word.removesuffix("s") in _NOUNS:
                return Proposal(_NOUNS.get(word) or _NOUNS[word.removesuffix("s")], f"the column is called {text}")
    return Proposal("", "no name of a column says what they are called", told=False)
