"""REFI-QDA projects (.qdpx, .qde): the codings of texts, as NVivo, MAXQDA, ATLAS.ti and Quirkos export them.

One row a coding. What programs do differently and is read alike: the name of the project file inside the archive, its
namespace, identifiers in braces or capitals, codings of a whole source or of a selection, transcripts of recordings,
and whether what is known of a source stands with it, with a case that refers to it, or with a case that is a code of
its own, so that a coding with it says whose a part is. No text of a source is read.

The schema lets a case refer to codes, sources and selections (CaseType; its name may be missing). MAXQDA and Quirkos
write cases without a name that refer to one source; in other projects a case and a code share one identifier: both as
the import of QualCoder found them (github.com/ccbogel/QualCoder, refi.py, and its issue 465).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.plan.schema import Source

COLUMNS = ("theme", "n_mentions", "document", "segment", "coder")
_LARGEST = 300_000_000
_SOURCES = {"TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource"}
_VALUES = ("TextValue", "IntegerValue", "FloatValue", "BooleanValue", "DateValue", "DateTimeValue")


@dataclass
class _Node:
    """An element without its namespace."""

    name: str
    attributes: Mapping[str, str]
    children: list[_Node] = field(default_factory=list)
    text: str = ""

    def all(self, *names: str) -> Iterator[_Node]:
        """Elements of these names at any depth."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.all(*names)

    def own(self, *names: str) -> Iterator[_Node]:
        return (child for child in self.children if child.name in names)


class _Refused(Exception):
    """What is no project that can be read."""


def read_refi_qda(path: Path, source: Source, known: frozenset[str]) -> tuple[Delivered | None, list[Problem]]:
    """Read the codings of a project.

    Returns
    -------
    delivered : Delivered or None
        Columns `COLUMNS`, then one for each variable of sources and cases: its value for the source of the coding.
        ``theme`` is the name of the code, ``n_mentions`` 1, ``segment`` where the coded part begins and ends.
    problems : list of Problem
        Why it cannot be used; never an exception for what stands in the file.
    """
    try:
        root = _parsed(_project(path))
        if root.name == "CodeBook":
            raise _Refused("is a codebook: it has codes and no codings; export the project (.qdpx)")
        if root.name != "Project":
            raise _Refused("is no REFI-QDA project")
        return _delivered(root, source.file)
    except _Refused as error:
        return None, [
            Problem(str(error), file=source.file, hint="export the project again from the program that wrote it")
        ]


def _project(path: Path) -> bytes:
    """The project's XML, which may stand in an archive."""
    if path.stat().st_size > _LARGEST * 10:
        raise _Refused("is too large")
    if not zipfile.is_zipfile(path):
        content = path.read_bytes()
        if len(content) > _LARGEST:
            raise _Refused(f"is larger than {_LARGEST // 1_000_000} MB")
        return content
    try:
        with zipfile.ZipFile(path) as archive:
            found = [one for one in archive.infolist() if one.filename.lower().endswith((".qde", ".qdc"))]
            if len(found) != 1:
                raise _Refused("has no project (.qde) in it" if not found else "has several projects in it")
            with archive.open(found[0]) as stream:
                content = stream.read(_LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _Refused(f"is no readable archive: {error}") from None
    if len(content) > _LARGEST:
        raise _Refused(f"has a project of more than {_LARGEST // 1_000_000} MB")
    return content


def _parsed(content: bytes) -> _Node:
    """The elements; a document type, with which a file could ask for others or grow without bound, is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    root = _Node("", {})
    open_nodes = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        node = _Node(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        open_nodes[-1].children.append(node)
        open_nodes.append(node)
        if len(open_nodes) > 200:
            raise _Refused("is nested too deeply")

    def end(name: str) -> None:
        open_nodes.pop()

    def text(data: str) -> None:
        open_nodes[-1].text += data

    def refuse(*_: object) -> None:
        raise _Refused("has a document type declaration, which no project needs")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _Refused(f"is no readable XML: {error}") from None
    return root.children[0]


def _delivered(root: _Node, file: str) -> tuple[Delivered | None, list[Problem]]:
    codes = {_id(one): one.attributes.get("name", "") for one in root.all("Code")}
    coders = {_id(one): one.attributes.get("name", "") for one in root.all("User")}
    sources = [one for part in root.own("Sources") for one in part.own(*_SOURCES)]
    names, values, problems = _variables(root, sources, file)
    cases = _case_codes(root)
    rows: list[list[str]] = []
    unknown = 0
    for one in sources:
        document = one.attributes.get("name", "")
        held = list(_codings(one))
        parts = [(at, cases[to]) for coding, at, _ in held for to in _coded(coding) if to in cases]
        parts += [(at, values[within]) for _, at, within in held if within in values]
        for coding, segment, _ in held:
            target = next(_coded(coding), "")
            if target in cases:
                # it says whose this part is, and is no theme
                continue
            if target not in codes:
                unknown += 1
                continue
            coder = coders.get(_plain(coding.attributes.get("creatingUser", "")), "")
            known = values.get(_id(one), {}) | _agreed(own for at, own in parts if _within(segment, at))
            rows.append([codes[target], "1", document, segment, coder, *(known.get(name, "") for name in names)])
    if unknown:
        problems.append(
            Problem(
                "codings of codes that the project does not have",
                file=file,
                count=unknown,
                hint="export the project again from the program that wrote it",
            )
        )
    if not rows and not problems:
        problems.append(
            Problem(
                "has no codings",
                file=file,
                hint="export the project with its codings, or take the file out of data.sources",
            )
        )
    if problems:
        return None, problems
    header = (*COLUMNS, *names)
    coded = {row[2] for row in rows}
    remarks = [f"REFI-QDA project{' of ' + origin if (origin := root.attributes.get('origin', '').strip()) else ''}"]
    remarks.append(f"{len(rows)} codings in {len(coded)} of {len(sources)} sources")
    return (
        Delivered(
            format="refi_qda",
            header=header,
            columns=tuple(as_column(row[at] for row in rows) for at in range(len(header))),
            lines=np.arange(1, len(rows) + 1),
            labels=("",) * len(header),
            remarks=tuple(remarks),
        ),
        [],
    )


def _codings(source: _Node) -> Iterator[tuple[_Node, str, str]]:
    """Codings of a source, each with the part that it codes and the selection's identifier; of the whole, without."""
    for one in source.children:
        if one.name == "Coding":
            yield one, "", ""
        elif one.name.endswith("Selection"):
            place = _place(one)
            for coding in one.all("Coding"):
                yield coding, place, _id(one)
        elif one.name in ("Transcript", "Representation"):
            yield from _codings(one)


def _coded(coding: _Node) -> Iterator[str]:
    return map(_target, coding.own("CodeRef"))


def _within(segment: str, part: str) -> bool:
    """Whether a coded segment lies in a part of its source; the whole source holds all."""
    if not part or segment == part:
        return True
    ends = [text.split("-") for text in (segment, part)]
    if not all(len(pair) == 2 and all(end.isdigit() for end in pair) for pair in ends):
        return False
    (first, last), (begin, end) = ([int(end) for end in pair] for pair in ends)
    return begin <= first and last <= end


def _agreed(known: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Values that several cases have alike; one on which they differ is not known."""
    every: dict[str, set[str]] = {}
    for values in known:
        for name, value in values.items():
            every.setdefault(name, set()).add(value)
    return {name: next(iter(values)) if len(values) == 1 else "" for name, values in every.items()}


def _case_codes(root: _Node) -> dict[str, dict[str, str]]:
    """Values of the variables of each case by the identifiers of codes that stand for it: its own, or one it names."""
    named = {_id(one): one.attributes.get("name", "") for one in root.all("Variable")}
    found: dict[str, dict[str, str]] = {}
    for case in root.all("Case"):
        values = dict(_values(case, named))
        found |= dict.fromkeys((_id(case), *map(_target, case.own("CodeRef"))), values)
    return found


def _values(holder: _Node, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables of a source or a case, and their values."""
    for one in holder.own("VariableValue"):
        name = next((named.get(_target(ref), "") for ref in one.own("VariableRef")), "")
        value = next((part.text.strip() for part in one.own(*_VALUES)), "")
        if name and value and name not in COLUMNS:
            yield name, value


def _place(selection: _Node) -> str:
    """Where a selection begins and ends: characters, seconds of a transcript, or corners on a page."""
    known = selection.attributes
    for first, last in (
        ("startPosition", "endPosition"),
        ("fromSyncPoint", "toSyncPoint"),
        ("begin", "end"),
    ):
        if first in known:
            return f"{known[first]}-{known.get(last, '')}"
    corners = [known[name] for name in ("page", "firstX", "firstY", "secondX", "secondY") if name in known]
    return ",".join(corners) or _id(selection)


def _variables(
    root: _Node, sources: list[_Node], file: str
) -> tuple[list[str], dict[str, dict[str, str]], list[Problem]]:
    """Names of the variables, their values by source, and sources of which two values are given."""
    named = {_id(one): one.attributes.get("name", "") for one in root.all("Variable")}
    found: dict[str, dict[str, str]] = {}
    problems: dict[tuple[str, str], None] = {}
    titles = {_id(one): one.attributes.get("name", "") for one in sources}

    def give(target: str, holder: _Node) -> None:
        for name, value in _values(holder, named):
            if found.setdefault(target, {}).setdefault(name, value) != value:
                problems[titles.get(target, target), name] = None

    for one in sources:
        give(_id(one), one)
    for case in root.all("Case"):
        for ref in case.own("SourceRef", "SelectionRef"):
            give(_target(ref), case)
    told = [
        Problem(
            "the source has two values of a variable",
            file=file,
            variable=name,
            value=title,
            hint="remove one of them in the program that wrote the project, and export again",
        )
        for title, name in problems
    ]
    by_code = _case_codes(root)
    used = {name for known in (*found.values(), *by_code.values()) for name in known}
    return [name for name in dict.fromkeys(named.values()) if name in used], found, told


def _id(node: _Node) -> str:
    return _plain(node.attributes.get("guid", node.attributes.get("id", "")))


def _target(ref: _Node) -> str:
    return _plain(ref.attributes.get("targetGUID", ""))


def _plain(guid: str) -> str:
    return guid.strip().strip("{}").lower()
