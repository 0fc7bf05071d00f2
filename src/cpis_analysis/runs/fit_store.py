"""Fits that earlier runs have made, one file an analysis, each with the digests of what it was made from.

An analysis is fitted again where one of them differs: its specification, the columns of the data that it can read, the
code that fits it, or the libraries. The files are beside the private data, since digests of data are private.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpis_analysis.files import TEMPORARY, write_bytes, write_text
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_record
from cpis_analysis.provenance import bytes_digest, code_digest, module_sources, source_texts, version_of

if TYPE_CHECKING:
    from cpis_analysis.plan.reading.load import Plan

STORE = "data/processed/fits"
CODE = "code"
"""Folder within the store for the text of the code that fitted."""
TESTS = "tests"
"""Folder within the store for nearly optimal tests, one file a design: outcomes with the same rows share it."""
_TRAINING = "cpis_analysis.lmm.optimal_test.training"
_MOST_TESTS, _MOST_CODES = 200, 10
FITTING = "cpis_analysis.analyses.fitting.result_to_leave"
"""The module through which every fit of a run goes: its code and all that it imports make the fit."""
_LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels")


@dataclass(frozen=True)
class FitKey:
    """Digests of all that a fit depends on.

    Attributes
    ----------
    specification : str
        The analysis, the seed, and the smallest number of people that may be told of.
    data : str
        The columns that the analysis can read.
    code : str
        The sources (`FittingCode.digest`).
    libraries : str
        Versions.
    """

    specification: str
    data: str
    code: str
    libraries: str


@dataclass(frozen=True)
class StoredFit:
    """A fit of an earlier run.

    Attributes
    ----------
    key : FitKey
    text : bytes
        Its record, as its file has it.
    """

    key: FitKey
    text: bytes

    @classmethod
    def of(cls, key: FitKey, record: Mapping[str, Any]) -> StoredFit:
        """A new fit."""
        # as bytes: what is written as text loses the marks of words, of which the study's are made (`study_words`)
        return cls(key, json.dumps(record, ensure_ascii=False, allow_nan=False).encode())

    @cached_property
    def record(self) -> dict[str, Any]:
        """The result as results/models has it; read when it is asked for, as of most fits nobody asks."""
        found: dict[str, Any] = json.loads(self.text)
        return found


class FittingCode:
    """The code that fits, in a package's source folder, or that trains tests.

    Whether other code does the same is told by its text, which the store keeps: to read what a few hundred sources do
    takes longer than a tenth of all fits, and is needed only where their bytes differ.

    Parameters
    ----------
    source : Path
        The folder ``src`` that holds the package.
    folder : Path
        The store.
    module : str, optional
        The one whose code, with all that it imports, is meant; by default `FITTING`.
    """

    def __init__(self, source: Path, folder: Path, module: str = "") -> None:
        self.source = source
        self.files = module_sources(module or FITTING, source)
        self._folder = folder / CODE
        self._same: dict[str, bool] = {}

    @cached_property
    def digest(self) -> str:
        """Digest of the bytes."""
        return bytes_digest(self.files, self.source)

    def does_the_same(self, digest: str) -> bool:
        """Whether the code of an earlier fit differs in comments, documentation and layout at most."""
        if digest not in self._same:
            self._same[digest] = digest == self.digest or self._is_known_to_do_the_same(digest)
        return self._same[digest]

    def keep(self) -> None:
        """Keep the text, so that later code can be told from it."""
        path = self._path(self.digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, json.dumps(source_texts(self.files, self.source)))

    def forget_others(self) -> None:
        """Remove the texts of earlier code, of which no fit is left."""
        for path in self._folder.glob("*.json"):
            if path != self._path(self.digest):
                path.unlink()

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"

    def _is_known_to_do_the_same(self, digest: str) -> bool:
        try:
            earlier = json.loads(self._path(digest).read_text(encoding="utf-8"))
            return code_digest(earlier) == self._does
        except (OSError, ValueError, SyntaxError, TypeError, AttributeError):
            return False

    @cached_property
    def _does(self) -> str:
        return code_digest(source_texts(self.files, self.source))


def specification_digest(spec: AnalysisSpec, seed: int, minimum: int) -> str:
    """Digest of what the plan says of an analysis."""
    return json_digest([spec_record(spec), seed, minimum])


def smallest_numbers(plan: Plan) -> dict[str, int]:
    """By model, the smallest number of people that its results may tell of, where they tell of any.

    Results of binary outcomes tell how many people had the event, those of populations how many gave an answer, those
    without each cluster about the people of one, and those of imputed items of whom some answers are missing.
    """
    telling = {
        spec.model
        for spec in plan.specifications()
        if spec.outcome_type in ("binary", "time_to_event", "ordinal")
        or spec.where
        or spec.condition
        or spec.leave_one_out
        or (spec.imputation and spec.imputation.scores)
    }
    return dict.fromkeys(sorted(telling), plan.content.report.minimum_cell)


def json_digest(content: Any) -> str:
    """SHA-256 of what JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def libraries_digest() -> str:
    """Digest of the versions of Python and of the libraries that fits go through."""
    return json_digest([platform.python_version(), *map(version_of, _LIBRARIES)])


def read_fits(folder: Path, names: Iterable[str] | None = None) -> dict[str, StoredFit]:
    """Fits by the name of the analysis, all or some; a file that is not as it was written is none."""
    found = {}
    paths = sorted(folder.glob("*.json")) if names is None else [folder / f"{name}.json" for name in names]
    for path in paths:
        try:
            sealed, about, record = path.read_bytes().split(b"\n", 2)
            content = json.loads(b"{%b}" % about.removesuffix(b","))
            if sealed == _seal(about, record) and content["analysis"] == path.stem:
                found[path.stem] = StoredFit(FitKey(**content["key"]), record[len(_RECORD) : -len(_END)])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def write_fit(folder: Path, name: str, fit: StoredFit) -> None:
    """Keep a fit, whole or not at all."""
    about = f'"analysis": {json.dumps(name)}, "key": {json.dumps(asdict(fit.key))},'.encode()
    record = _RECORD + fit.text + _END
    write_bytes(folder / f"{name}.json", b"\n".join([_seal(about, record), about, record]), flushed=False)


_RECORD, _END = b'"record": ', b"}\n"


def _seal(about: bytes, record: bytes) -> bytes:
    """The first line of a file, which tells whether the others are as they were written."""
    return b'{"sha256": "%b",' % hashlib.sha256(about + record).hexdigest().encode()


def forget_other_fits(folder: Path, names: Iterable[str]) -> None:
    """Remove the fits of analyses that the plan no longer has."""
    kept = {f"{name}.json" for name in names}
    for path in folder.iterdir():
        if path.is_file() and path.name not in kept and not path.name.endswith(TEMPORARY):
            path.unlink()


class TrainedTests:
    """Nearly optimal tests that earlier runs have trained, as the engine asks for them (`kept.TrainedStore`).

    A test depends on design, level and region, of which its file has the name, and on the code that trains and the
    libraries, whose digests stand in it. Like the fits, the files can be deleted at any time.

    Parameters
    ----------
    folder : Path
    source : Path
        The folder ``src`` that holds the package.
    """

    def __init__(self, folder: Path, source: Path) -> None:
        self._folder, self._source = folder, source

    @cached_property
    def _code(self) -> FittingCode:
        """The code that trains; found when the first test is asked for."""
        return FittingCode(self._source, self._folder, _TRAINING)

    def read(self, digest: str) -> Mapping[str, Any] | None:
        """The record of a test, or None where there is none that this program has made."""
        try:
            content = json.loads((self._folder / f"{digest}.json").read_text(encoding="utf-8"))
            made_by = content["made_by"]
            same = made_by["libraries"] == libraries_digest() and self._code.does_the_same(made_by["code"])
            return content["record"] if same else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, digest: str, record: Mapping[str, Any]) -> None:
        """Keep a record, whole or not at all; of very many the oldest are forgotten."""
        self._folder.mkdir(parents=True, exist_ok=True)
        made_by = {"code": self._code.digest, "libraries": libraries_digest()}
        text = json.dumps({"made_by": made_by, "record": record}, allow_nan=False)
        write_text(self._folder / f"{digest}.json", text + "\n")
        self._code.keep()
        _forget_oldest(self._folder, _MOST_TESTS)
        _forget_oldest(self._folder / CODE, _MOST_CODES)


def _forget_oldest(folder: Path, most: int) -> None:
    # the step that fits and the one that simulates keep theirs here at the same time
    with suppress(FileNotFoundError):
        for path in sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime, path.name))[:-most]:
            path.unlink(missing_ok=True)
