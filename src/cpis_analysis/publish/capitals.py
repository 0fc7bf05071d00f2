"""Labels inside a sentence: a small first letter, unless the capital belongs to the word.

Labels of the data as they stand are never wrong; a capital that was lost is ("the catholic group"). So the label of a
code gets a small letter only where the data themselves write the code with one, or where its first word is one that
names groups and answers everywhere.
"""

from __future__ import annotations

import re
from itertools import pairwise

_PROPER = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas easter ramadan "
    "catholic protestant christian anglican orthodox muslim islamic jewish hindu sikh buddhist quaker methodist "
    "english welsh scottish irish british european american african asian caribbean australian canadian chinese indian "
    "pakistani bangladeshi arab french german dutch belgian italian spanish portuguese greek turkish polish russian "
    "ukrainian swedish danish norwegian finnish japanese korean vietnamese brazilian mexican latin hispanic maori roma "
    "gypsy london paris england scotland wales ireland britain europe africa asia america "
    "likert beck hamilton rosenberg edinburgh warwick montgomery barthel rankin apgar braden waterlow kessler "
    "zarit cohen goldberg zung spielberger raven wechsler bayley conners achenbach rutter morisky charlson karnofsky "
    "parkinson alzheimer crohn hodgkin asperger tourette".split()
)
"""Days, months, peoples, faiths, places, and the names in names of scales and diseases."""

_OWN = frozenset("black white".split())
"""Words with a capital of their own that are none at the beginning: White British, but white blood cells."""

_COMMON = frozenset(
    "yes no other none never always sometimes often rarely unknown not missing male female man woman "
    "control comparison intervention implementation treatment treated untreated usual standard care placebo active "
    "experimental immediate delayed waiting early late new old routine enhanced better same worse "
    "after before during in on with without at".split()
)
"""First words of groups and answers that are never a name."""


def is_proper(word: str) -> bool:
    """Whether a word keeps its capital wherever it stands: "Catholic", "Beck's"."""
    return re.split(r"['’-]", word.lower())[0].strip(".,;:()") in _PROPER


def mid_sentence(label: str) -> str:
    """A label with a small first letter, unless the capital belongs to it.

    "Six months" -> "six months"; "EQ-5D index", "T", "Catholic school" and "Connecting People" stay: a first word in
    capitals, a single letter, a name, and several capitalised words keep theirs. An article has none of its own, and
    a later word that has one anywhere ("Identification as Black", "Letter from the NHS") says nothing of the first.
    """
    words = re.sub(r"\([^)]*\)", "", label).split()
    if not words:
        return label
    first = words[0]
    if first in ("A", "An", "The") and len(words) > 1 and len(words[1]) > 1 and "level" not in words[1]:
        # an article, however the name behind it is written; "A & E", "A levels" and "The" alone have none
        return label.replace(first, first.lower(), 1)
    plain = len(first) > 1 and first[0].isupper() and first[1:] == first[1:].lower() and first.isascii()
    named = is_proper(first) or any(
        later[:1].isupper() and (before == "of" or not _has_own(later)) for before, later in pairwise(words)
    )
    if not plain or named or any(c.isdigit() for c in first):
        return label
    return label[0].lower() + label[1:]


def _has_own(word: str) -> bool:
    """Whether a word has its capitals wherever it stands: a name or an acronym."""
    bare = word.strip(".,;:()")
    return is_proper(bare) or bare.lower() in _OWN or (len(bare) > 1 and bare.isupper())


def of_code(label: str, code: str) -> str:
    """The label of a code inside a sentence.

    Parameters
    ----------
    label, code : str
        As the data write them: "Comparison" of the code ``comparison`` becomes small, "Comenius" of ``1`` does not.
    """
    small = mid_sentence(label)
    written_small = code[:1].islower() and code[:1] == small[:1]
    first = re.split(r"[\s,;:()-]", label.strip().lower(), maxsplit=1)[0]
    return small if written_small or first in _COMMON else label
