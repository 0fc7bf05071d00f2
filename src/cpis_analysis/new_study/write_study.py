"""A settled study as files: the raw data in their place, the dictionary, and the plan."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.files import write_text
from cpis_analysis.intake.dictionary_draft import draft_text
from cpis_analysis.new_study.first_dictionary import dictionary_rows
from cpis_analysis.new_study.models import first_models
from cpis_analysis.new_study.plan_text import plan_text
from cpis_analysis.new_study.settled import Settled
from cpis_analysis.new_study.shape import shape_of

_PLAN, _RAW, _DICTIONARY = "config.yaml", "data/raw", "data/raw/dictionary.csv"


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    plan, dictionary : Path
    copied : tuple of Path
        Raw files that were copied into the study's folder.
    analyses : int
    variables : int
    """

    plan: Path
    dictionary: Path
    copied: tuple[Path, ...]
    analyses: int
    variables: int


def refuse_to_overwrite(folder: Path) -> None:
    """A plan or a dictionary that is there is somebody's work.

    Raises
    ------
    CpisError
        If there is one.
    """
    there = [name for name in (_PLAN, _DICTIONARY) if (folder / name).exists()]
    if there:
        raise CpisError(
            "A study is there already; nothing was written.",
            [
                Problem(
                    "is there",
                    str(folder / name),
                    hint="--force writes it anew and raw data stay, or give another folder",
                )
                for name in there
            ],
        )


def write_study(study: Settled, folder: Path) -> Written:
    """Write a study into a folder; files that lie outside it are copied to ``data/raw``, others stay where they are.

    Raises
    ------
    CpisError
        If another file of the same name lies there.
    """
    shape = shape_of(study)
    models = first_models(study, shape)
    copied, places = [], []
    for file in study.files:
        place = _inside(file.path, folder)
        if place is None:
            place = f"{_RAW}/{file.path.name}"
            _copy(file.path, folder / place)
            copied.append(folder / place)
        places.append(place)
    rows = dictionary_rows(study, shape)
    write_text(folder / _DICTIONARY, draft_text(rows))
    write_text(folder / _PLAN, plan_text(study, shape, models, places))
    return Written(folder / _PLAN, folder / _DICTIONARY, tuple(copied), sum(map(len, models.values())), len(rows))


def _inside(path: Path, folder: Path) -> str | None:
    """The path relative to the study's folder; None if it lies elsewhere."""
    relative = os.path.relpath(path.resolve(), folder.resolve()).replace(os.sep, "/")
    return None if relative.startswith("..") else relative


def _copy(source: Path, target: Path) -> None:
    if target.exists() and target.read_bytes() != source.read_bytes():
        raise CpisError(
            "Another file of this name lies in the study's folder; nothing was written.",
            Problem("is another file than the one named", str(target), hint=f"remove it, or rename {source}"),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copyfile(source, target)
