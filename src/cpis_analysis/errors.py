"""One tree of errors, each of which lists every problem at once.

A user who has made five mistakes reads five lines, not the first one five times.
``Problem`` is one line of that list: where it is, what was found, what is allowed.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike

from cpis_analysis.study_words import PARTICIPANT, plain

RUN_AGAIN = "run the workflow again: cpis run"
"""Next step where files of a run do not belong together."""

OUR_FAULT = "run the workflow again; if it stays so, report it as a fault of the software"
"""Next step where nothing that a user did can be the reason."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, with all that is needed to find and mend it.

    Attributes
    ----------
    message : str
        What is wrong, in plain words.
    file, line, participant, variable, value : optional
        Where, and what was found there.
    allowed : str, optional
        What would have been right.
    hint : str, optional
        What to do next, such as "did you mean 'team'?".
    count : int
        How often the same problem occurs; the position is that of the first.
    character : int, optional
        Where in a text that the user wrote, counted from 1.
    key : tuple of str
        Key of the plan that the message is about, where no line is known; not printed.
    """

    message: str
    file: str | None = None
    line: int | None = None
    participant: str | None = None
    variable: str | None = None
    value: str | None = None
    allowed: str | None = None
    hint: str | None = None
    count: int = 1
    character: int | None = None
    key: tuple[str, ...] = ()

    def __str__(self) -> str:
        return plain(self.text)

    @property
    def text(self) -> str:
        """The line with marked words (`study_words`), for those who know the study's."""
        place = [str(self.file)] if self.file else []
        if self.line is not None:
            place.append(f"line {self.line}")
        if self.participant:
            place.append(f"{PARTICIPANT} {self.participant}")
        if self.variable:
            place.append(f"variable {self.variable}")
        text = ", ".join(place) + ": " if place else ""
        text += f"position {self.character}: {self.message}" if self.character is not None else self.message
        if self.value is not None:
            text += f" (found {_shorten(self.value)!r})"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.hint:
            text += f"; {self.hint}"
        if self.count > 1:
            text += f" [{self.count} times]"
        return text


class CpisError(Exception):
    """Base of every error that a user can cause.

    Parameters
    ----------
    summary : str
        One sentence that says what could not be done.
    problems : Problem or iterable of Problem
        Everything that was found to be wrong.

    Attributes
    ----------
    says : callable
        Puts the words of the study into a text, where whoever prints the error knows them (`StudyWords`).
    """

    says: Callable[[str], str] = staticmethod(plain)

    def __init__(self, summary: str, problems: Problem | Iterable[Problem] = ()) -> None:
        self.summary = summary
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(summary)

    def __str__(self) -> str:
        return self.says(self.text)

    @property
    def text(self) -> str:
        """Summary and problems with marked words."""
        return "\n".join([self.summary, *(f"  - {problem.text}" for problem in self.problems)])


class PlanError(CpisError):
    """config.yaml cannot be carried out as written."""


class DataError(CpisError):
    """A data file cannot be used as delivered."""


class ModelError(CpisError):
    """A model cannot be fitted, or its fit is not to be trusted."""


class EventsError(ModelError):
    """A model without an estimate because of those to whom the events happened: with others it might have one."""


class FileError(CpisError):
    """A file can't be read or written, for a reason that lies with the disk and not with its content."""

    @classmethod
    def of(cls, error: OSError, path: str | PathLike[str] | None = None) -> FileError:
        """What an error of the system means, and for which file."""
        name = path if path is not None else error.filename
        reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), None))
        return cls(
            "A file can't be read or written.", Problem(reason, file=None if name is None else str(name), hint=hint)
        )


_REASONS = {
    errno.ENOSPC: ("the disk is full", "make room on it and run again"),
    errno.EDQUOT: ("your quota of the disk is used up", "make room on it and run again"),
    errno.EROFS: ("the disk may only be read", "work in a folder that may be written to"),
    errno.EACCES: ("permission is denied", "see who owns the file and its folder"),
    errno.EPERM: ("permission is denied", "see who owns the file and its folder"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "move it away"),
    errno.EEXIST: ("a file stands where a folder is needed", "move it away"),
    errno.EISDIR: ("a folder stands where a file is needed", "move it away"),
    errno.ENAMETOOLONG: ("the name is too long", None),
    errno.EMFILE: ("too many files are open", None),
    errno.EIO: ("the disk reports a fault", "look after the disk first"),
}
"""Reason and what to do, by the system's number; other errors keep the system's words."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return "did you mean 'x'?" for the closest known word, or None."""
    names = [str(name) for name in known]
    close = get_close_matches(str(word), names, n=1, cutoff=0.6)
    if not close:
        by_lower = {name.lower(): name for name in reversed(names)}
        close = [by_lower[name] for name in get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)]
    return f"did you mean '{close[0]}'?" if close else None


def _shorten(value: str, limit: int = 60) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
