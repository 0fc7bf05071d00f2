"""What each output was made from: one record a job, kept with the private files.

Snakemake has a memory of its own, but it is lost with the folder ``.snakemake``, does not come along when results
are copied, and does not notice that an output was edited. A record holds the digests of a job's parameters, of its
inputs (code included) and of all that it wrote, so whether an output is current can be told from the files alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cpis_analysis.files import sha256, write_json

RECORDS = "data/processed/records"
"""Digests of private files stand in the records, so these are private, too."""

CHANGED, GONE = "changed since it was written", "no longer there"
UNKNOWN = "there is no record of how it was made"
INTERRUPTED = "an earlier run was interrupted"
AGAIN = "To be made again: "
"""Begins a line of a run, or of a dry run, about a file that a job wrote: ``AGAIN``file: what is wrong [job]."""
INDEXES = ("results/tables/tables.json", "results/figures/figures.json")
"""Outputs that name files beside them, which their job wrote, too."""


@dataclass(frozen=True)
class Making:
    """How the outputs of one job were made.

    Attributes
    ----------
    job : str
        The rule, with its wildcards where it has some.
    command : str
        SHA-256 of the rule's command line before anything is filled in.
    params : dict of str to str
        SHA-256 of each parameter's text, by name.
    inputs, outputs : dict of str to str
        SHA-256 by path relative to the study's folder. Outputs include the files that an index of tables or figures
        names.
    begun : bool
        The job was started again and did not end; the outputs may be of either time.
    """

    job: str
    command: str
    params: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str]
    begun: bool = False


@dataclass(frozen=True)
class Difference:
    """What keeps the outputs of a job from being current; nothing of it: they are.

    Attributes
    ----------
    outputs : dict of str to str
        What is wrong with a file that the job wrote, by path.
    params : bool
        The part of the plan that the job depends on differs.
    inputs : tuple of str
        Input files with other content.
    sources : bool
        It would be made from other files than before.
    command : bool
        The rule itself differs.
    """

    outputs: Mapping[str, str]
    params: bool = False
    inputs: tuple[str, ...] = ()
    sources: bool = False
    command: bool = False

    def __bool__(self) -> bool:
        return bool(self.outputs or self.params or self.inputs or self.sources or self.command)


class Digests:
    """SHA-256 of files below a folder; each is read once, and again when its size or times have changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}

    def __call__(self, name: str) -> str | None:
        """Hex digest, or None where there is no such file."""
        path = os.path.join(self.root, name)
        try:
            state = os.stat(path)
            stamp = (state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino)
            if name not in self._known or self._known[name][0] != stamp:
                self._known[name] = (stamp, self._read(name, path, stamp))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        return self._known[name][1]

    def _read(self, name: str, path: str, stamp: tuple[int, ...]) -> str:
        return sha256(path)

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """Digests of the files that are there, sorted by name."""
        found = {name: self(name) for name in sorted(set(names))}
        return {name: digest for name, digest in found.items() if digest is not None}


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def exhibit_files(root: Path, outputs: Iterable[str]) -> list[str]:
    """Outputs with the files that indexes among them name; an index that can't be read names none."""
    names = []
    for output in outputs:
        names.append(output)
        if output in INDEXES:
            folder = Path(output).parent.as_posix()
            try:
                entries = json.loads((root / output).read_text(encoding="utf-8"))
                names += [f"{folder}/{name}" for entry in entries for name in entry["files"]]
            except (OSError, ValueError, KeyError, TypeError):
                continue
    return names


def write_making(root: Path, making: Making) -> None:
    """Keep the record of a job that has ended."""
    # its parts are plain already: to copy thousands of digests took a tenth of the time between two jobs
    write_json(_path(root, making.job), vars(making))


def begin(root: Path, job: str) -> None:
    """Note that a job begins: until it ends, its outputs may be those of the record or newer ones."""
    known = read_making(root, job)
    if known is not None and not known.begun:
        write_making(root, replace(known, begun=True))


def settle(root: Path, job: str) -> None:
    """Take the note of `begin` back where a job has failed and its earlier outputs stand as they were."""
    known = read_making(root, job)
    if known is not None and known.begun and not changed_outputs(known, Digests(root)):
        write_making(root, replace(known, begun=False))


def read_making(root: Path, job: str) -> Making | None:
    """The record of a job; None where there is none that can be read."""
    return _read(_path(root, job))


def read_makings(root: Path) -> dict[str, Making]:
    """All records by job."""
    found = (_read(path) for path in sorted((root / RECORDS).glob("*.json")))
    return {making.job: making for making in found if making is not None}


def is_known(root: Path, parameter: str) -> bool:
    """Whether some job had this parameter when its record was written."""
    digest = f'"{text_digest(parameter)}"'
    return any(digest in path.read_text(encoding="utf-8") for path in (root / RECORDS).glob("*.json"))


def forget_others(root: Path, rules: Iterable[str]) -> None:
    """Remove records of rules that the workflow no longer has; their outputs may be another rule's by now."""
    known = set(rules)
    for path in (root / RECORDS).glob("*.json"):
        if path.name.partition(".")[0] not in known:
            path.unlink()


def compare(known: Making | None, now: Making, digests: Digests) -> Difference:
    """Hold the outputs of a job against its record, and the record against what the job would be made from now.

    Parameters
    ----------
    known : Making or None
        The record.
    now : Making
        Parameters, inputs and the names of the declared outputs as they are now. Inputs that are not there yet are
        left out; they come from jobs that are done first.
    digests : Digests
    """
    if known is None:
        return Difference({name: UNKNOWN for name in now.outputs})
    changed = tuple(name for name, digest in now.inputs.items() if known.inputs.get(name, digest) != digest)
    return Difference(
        changed_outputs(known, digests),
        known.params != now.params,
        changed,
        known.inputs.keys() != now.inputs.keys(),
        known.command != now.command,
    )


def changed_outputs(known: Making, digests: Digests) -> dict[str, str]:
    """What is wrong with the files that a job wrote, by path."""
    wrong = {}
    for name, digest in known.outputs.items():
        found = digests(name)
        if found != digest:
            wrong[name] = INTERRUPTED if known.begun else GONE if found is None else CHANGED
    return wrong


def _path(root: Path, job: str) -> Path:
    return root / RECORDS / f"{job}.json"


def _read(path: Path) -> Making | None:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        making = Making(**record)
        parts = (making.params, making.inputs, making.outputs)
        return making if all(isinstance(part, dict) for part in parts) else None
    except (OSError, ValueError, TypeError):
        # a record that was cut or edited is as good as none: the job is done again
        return None
