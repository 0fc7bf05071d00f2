"""Where a result comes from: which code, which inputs, which versions."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from cpis_analysis.files import sha256

PACKAGE = "cpis_analysis"
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n#(]+)"
    r"|import[ \t]+(?P<plain>[^\n#]+))",
    re.MULTILINE,
)
_LATE = re.compile(
    r"\blate_(?:functions|choice)\(\s*(?P<registry>\w+),\s*\"(?P<field>\w+)\",\s*(?:\"(?P<package>[.\w]+)\"|__package__)"
)
_BESIDE = ("data/processed/logs/", "data/processed/records/", "data/processed/fits/")
"""What a run writes beside its outputs."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_NAMED_VERSIONS = (
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pandera",
    "pyarrow",
    "pydantic",
    "python-docx",
    "scipy",
    "snakemake",
    "statsmodels",
    "typst",
    "xlsxwriter",
)


def module_sources(module: str, source: str | Path) -> list[str]:
    """Files of this package that a module imports, itself included, directly or through others.

    A step lists them as inputs, so that a changed module reruns the steps that use it and no others.

    Parameters
    ----------
    module : str
        Dotted name, such as ``cpis_analysis.steps.fit_models``.
    source : path
        The folder ``src`` that holds the package.

    Returns
    -------
    list of str
        Sorted paths.

    Notes
    -----
    Read from the text, not by importing. Imports inside functions count. Importing a
    package by its own name counts every module in its folder, because its ``__init__``
    may load them late. A registry whose entries name modules counts with the field that
    a module asks `late.late_functions` or `late_choice` for, and with no other.
    """
    return list(_reached(module, Path(source)))


@cache
def _reached(module: str, source: Path) -> tuple[str, ...]:
    """Asked for every job as the run is planned and again as it starts."""
    found: set[Path] = set()
    waiting = [module]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for file in _files(source, name):
            found.add(file)
            waiting.extend(_imports(file))
    return tuple(sorted(map(str, found)))


@cache
def _files(source: Path, name: str) -> tuple[Path, ...]:
    """The file of a module, or those of a package; none of what is neither."""
    path = source.joinpath(*name.split("."))
    if path.with_suffix(".py").is_file():
        return (path.with_suffix(".py"),)
    return tuple(sorted(path.glob("*.py"))) if path.is_dir() and name != PACKAGE else ()


def sources_of_steps(source: str | Path) -> list[str]:
    """`module_sources` of every step of the workflow, each file once."""
    steps = sorted(path.stem for path in Path(source, PACKAGE, "steps").glob("*.py") if not path.stem.startswith("_"))
    return sorted({file for step in steps for file in module_sources(f"{PACKAGE}.steps.{step}", source)})


_FOUND: dict[Path, tuple[str, ...]] = {}
"""What files import, once somebody has looked."""


def known_imports() -> dict[str, tuple[str, ...]]:
    """Modules that files of the package import, by path below the folder that holds it: of those looked at so far."""
    return {path.relative_to(_root(path)).as_posix(): names for path, names in _FOUND.items()}


def know_imports(source: Path, imports: Mapping[str, Iterable[str]]) -> None:
    """Take `known_imports` of another process for those of the files below ``source``, which are not read then."""
    _FOUND.update({source / name: tuple(names) for name, names in imports.items()})


def _imports(path: Path) -> tuple[str, ...]:
    if path not in _FOUND:
        _FOUND[path] = _read_imports(path)
    return _FOUND[path]


def _read_imports(path: Path) -> tuple[str, ...]:
    """Modules of the package that a file imports, wherever in the file the statement stands.

    Found by pattern rather than by parsing: this is done for every file each time Snakemake starts, and a pattern
    is an order of magnitude faster. A sentence that looks like an import can only add a dependency, never lose one.
    """
    names: list[str] = []
    homes: dict[str, str] = {}
    text, root = path.read_text(encoding="utf-8"), _root(path)
    for match in _statements(text):
        if match["plain"]:
            names += [part.split(" as ")[0].strip() for part in match["plain"].split(",")]
            continue
        module = _absolute(path, match["module"])
        if module.split(".")[0] != PACKAGE:
            continue
        listed = re.sub(r"#[^\n]*", "", match["names"]).strip("() \n\t")
        aliases = [part.split(" as ")[0].strip() for part in listed.split(",") if part.strip()]
        # what a file offers is no module, and most statements name a file
        submodules = [] if _is_file(root, module) else [f"{module}.{alias}" for alias in aliases]
        known = [name for name in submodules if _exists(root, name)]
        names += known if known and len(known) == len(submodules) else [*known, module]
        homes |= dict.fromkeys(aliases, module)
    # a few files ask registries, and to look for the pattern takes three times as long as all imports
    for match in _LATE.finditer(text) if "late_" in text else ():
        own = ".".join(path.relative_to(root).parent.parts)
        names += _named_late(root, homes.get(match["registry"], ""), match["field"], match["package"] or own)
    return tuple(sorted({name for name in names if name.split(".")[0] == PACKAGE}))


def _statements(text: str) -> Iterator[re.Match[str]]:
    """What the pattern finds, tried only where the word stands: that takes less than half the time."""
    end, at = 0, text.find("import")
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        found = _IMPORT.match(text, start) if start >= end else None
        if found:
            yield found
            end = found.end()
        at = text.find("import", max(at + 1, end))


def _named_late(source: Path, registry: str, field: str, package: str) -> list[str]:
    """Modules that the entries of a registry name in a field, as ``.module:function`` within a package."""
    file = source.joinpath(*registry.split(".")).with_suffix(".py")
    if not file.is_file():
        return []
    return [
        package + text.value.partition(":")[0]
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for given in call.keywords
        if given.arg == field
        for text in ast.walk(given.value)
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value
    ]


def _root(path: Path) -> Path:
    for parent in path.parents:
        if parent.name == PACKAGE:
            return parent.parent
    return path.parent


def _absolute(path: Path, module: str) -> str:
    """Dotted name of the module that an import statement in ``path`` reads from."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level == 0:
        return name
    package = path.relative_to(_root(path)).parent.parts
    return ".".join([*package[: len(package) - level + 1], *([name] if name else [])])


@cache
def _is_file(source: Path, name: str) -> bool:
    return os.path.isfile(os.path.join(source, *name.split(".")) + ".py")


@cache
def _exists(source: Path, name: str) -> bool:
    target = os.path.join(source, *name.split("."))
    return os.path.isfile(f"{target}.py") or os.path.isdir(target)


def bytes_digest(files: Iterable[str], source: str | Path) -> str:
    """SHA-256 over the bytes of source files, with their places below ``source``."""
    named = [f"{Path(file).relative_to(source).as_posix()} {sha256(file)}" for file in sorted(files)]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def source_texts(files: Iterable[str], source: str | Path) -> dict[str, str]:
    """Text of source files by their place below ``source``."""
    return {Path(file).relative_to(source).as_posix(): Path(file).read_text(encoding="utf-8") for file in sorted(files)}


def code_digest(texts: Mapping[str, str]) -> str:
    """SHA-256 over what source files do: comments, documentation and layout do not count.

    Parameters
    ----------
    texts : mapping of str to str
        As `source_texts` gives them.

    Notes
    -----
    A file counts as the syntax tree that Python reads it as, so the digest is one of this version of Python.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    for name, text in texts.items():
        tree = ast.parse(text)
        _leave_documentation_away(tree)
        digest.update(f"\n{name}\n{ast.dump(tree)}".encode())
    return digest.hexdigest()


def _leave_documentation_away(tree: ast.Module) -> None:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DOCUMENTED):
            node.body = [line for line in node.body if not _is_text(line)]
        # functions and classes stand in blocks, which only statements have
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, name, None)
            waiting += block if isinstance(block, list) else []


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def checksums(paths: Iterable[str | Path], root: str | Path) -> dict[str, str]:
    """SHA-256 by path relative to ``root``, sorted by path; always with forward slashes."""
    root = Path(root)
    return {name: sha256(os.path.join(root, name)) for name in sorted(_relative(path, root) for path in paths)}


def _relative(path: str | Path, root: Path) -> str:
    path = Path(path)
    return (path.relative_to(root) if path.is_absolute() else path).as_posix()


def stale_files(folders: Iterable[Path], current: Iterable[str], root: Path) -> list[str]:
    """Files in the output folders that no step of the present plan writes, sorted.

    Logs, records of how files were made, fits and hidden files do not count; logs in `results`, where earlier versions
    wrote them, do.
    """
    known = {os.path.normpath(name).replace(os.sep, "/") for name in current}
    names = (name for folder in folders for name in _files_in(root, folder.as_posix()))
    return sorted(name for name in names if name not in known)


def _files_in(root: Path, folder: str) -> Iterator[str]:
    """Files below a folder that are neither hidden nor what a run writes beside its outputs."""
    if f"{folder}/" in _BESIDE or not os.path.isdir(os.path.join(root, folder)):
        return
    with os.scandir(os.path.join(root, folder)) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files_in(root, name)
            elif entry.is_file():
                yield name


def versions() -> dict[str, str]:
    """Versions of Python, this package and the libraries that results depend on."""
    named = {name: version_of(name) for name in (PACKAGE.replace("_", "-"), *_NAMED_VERSIONS)}
    return {"python": platform.python_version()} | {name: found for name, found in named.items() if found}


@cache
def version_of(name: str) -> str:
    """Version of an installed package; empty where it is not installed."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""
    # `version` reads the whole description with it, as if it were a letter: seven times as long
    line = _VERSION_LINE.search(found.read_text("METADATA") or "")
    return line[1].strip() if line else found.version


_VERSION_LINE = re.compile(r"^Version:(.+)$", re.MULTILINE)
