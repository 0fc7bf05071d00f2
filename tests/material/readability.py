"""How hard a text is to read: Flesch-Kincaid grade (Kincaid et al. 1975), syllables by the hyphenation of Pyphen."""

from __future__ import annotations

import re

import pyphen

__all__ = ["grade"]

_SYLLABLES = pyphen.Pyphen(lang="en_GB")


def grade(sentences: list[str]) -> float:
    """School grade of the United States at which the sentences are read; reading age is about five years more."""
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z']+|\d[\d.,]*", sentence)]
    syllables = sum(1 if word[0].isdigit() else _of(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _of(word: str) -> int:
    """The larger of hyphenation, which leaves out breaks after a single letter, and groups of vowels."""
    groups = re.findall(r"[aeiouy]+", word.lower().removesuffix("e") or word.lower())
    return max(1, len(_SYLLABLES.positions(word)) + 1, len(groups))
