"""Where the data of a new study lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.new_study.raw_files import SUFFIXES, RawFile, read_raw
from cpis_analysis.study_words import PEOPLE


def find_files(folder: Path, said: Sequence[str], sheet: str | None) -> list[RawFile]:
    """The files that were named, or the one data file of the folder.

    Parameters
    ----------
    folder : Path
        Of the study.
    said : sequence of str
        Paths; of several files each with its wave in front, as in ``6m=followup.csv``.
    sheet : str or None

    Raises
    ------
    DataError
        With everything that is wrong with any of them.
    """
    named = list(said)
    if not named:
        found = sorted(
            path
            for place in (folder / "data/raw", folder)
            if place.is_dir()
            for path in place.iterdir()
            if path.suffix.lower() in SUFFIXES and path.name != "dictionary.csv"
        )
        if len(found) != 1:
            what = "several data files lie" if found else "no data file lies"
            hint = "name the file with --file" + (
                "; if each is one wave: --file 0m=FILE --file 6m=FILE" if found else ", wherever it lies"
            )
            raise DataError(
                "Where the data are can't be told.",
                Problem(f"{what} in the folder", str(folder), value=", ".join(map(str, found[:8])) or None, hint=hint),
            )
        named = [str(found[0])]
    files, problems = [], []
    for text in named:
        wave, sign, path = text.partition("=")
        wave, path = (wave, path) if sign and not Path(text).exists() else ("", text)
        try:
            files.append(read_raw(Path(path), wave, sheet))
        except DataError as error:
            problems += [_nearby(problem, Path(path)) for problem in error.problems]
    if len(files) > 1 and not all(one.wave for one in files):
        problems.append(
            Problem(
                "of several files each is one wave, and must be said to be",
                value=", ".join(str(one.path) for one in files if not one.wave),
                hint=f"say it: --file 0m=baseline.csv --file 6m=followup.csv; lists of {PEOPLE} or clusters are "
                "added to the plan by hand (docs/formats.md)",
            )
        )
    if problems:
        raise DataError("A study can't begin with these files.", problems)
    return files


def _nearby(problem: Problem, path: Path) -> Problem:
    """A file that is not there, with one of a similar name."""
    if path.exists():
        return problem
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    like = did_you_mean(path.name, beside)
    return Problem(problem.message, problem.file, hint=like or f"look where it lies; this is {Path.cwd()}")
