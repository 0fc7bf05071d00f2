"""The house rules that no linter knows: who may import whom, and what the package may not contain."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "cpis_analysis"
FILES = sorted(PACKAGE.rglob("*.py"))

GROUND = {"study_words", "errors", "seeds", "files", "late", "provenance"}
ROAD = [
    "formula",
    "methods",
    "publish",
    "lmm",
    "imputation",
    "instruments",
    "plan",
    "translate",
    "intake",
    "study",
    "new_study",
    "disclosure",
    "analyses",
    "operating",
    "runs",
    "blinding",
    "words",
    "chapters",
    "report",
    "workflow",
]
ALLOWED = {"study_words": set(), "late": set(), "provenance": GROUND}
ALLOWED |= {"errors": {"study_words"}, "seeds": {"errors"}, "files": {"study_words", "errors"}}
ALLOWED |= {part: GROUND | set(ROAD[:at]) | {part} for at, part in enumerate(ROAD)}
ALLOWED["lmm"] = {"study_words", "errors", "formula", "lmm"}
ALLOWED["imputation"] = {"study_words", "errors", "formula", "lmm", "imputation"}
ALLOWED["methods"] = {"study_words", "errors", "methods"}
ALLOWED["publish"] = {"errors", "files", "late", "publish"}
ALLOWED["synthetic"] = {"study_words", "errors", "seeds", "files", "plan", "instruments", "synthetic"}
ALLOWED["steps"] = GROUND | set(ROAD) | {"steps"}
ALLOWED["commands"] = ALLOWED["steps"] | {"synthetic", "commands"}
ALLOWED["cli"] = GROUND | {"commands", "cli"}
ALLOWED["__init__"] = set()
ALLOWED["__main__"] = {"cli"}


def shown(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    """The folder (or top-level module) of the package that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported_modules(path: Path) -> list[tuple[int, str]]:
    """Line and dotted name of all that a file imports; relative imports are resolved, late ones included."""
    found = []
    package = ("cpis_analysis", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found


PARTS = {part_of(path) for path in FILES}


def imported_parts(path: Path) -> list[tuple[int, str]]:
    found = []
    for line, name in imported_modules(path):
        pieces = name.split(".")
        if pieces[0] == "cpis_analysis" and len(pieces) > 1:
            found.append((line, pieces[1] if pieces[1] in PARTS else "__init__"))
    return found


def test_imports_every_part_has_a_place_in_the_direction():
    assert {part_of(path) for path in FILES} <= set(ALLOWED)


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_imports_go_left_only(part):
    wrong = [
        f"{shown(path)}:{line} imports {other}"
        for path in FILES
        if part_of(path) == part
        for line, other in imported_parts(path)
        if other not in ALLOWED[part] | {"__init__"}
    ]
    assert wrong == []


def test_imports_relative_and_late_ones_are_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    sample = tmp_path / "study" / "sample.py"
    sample.parent.mkdir()
    sample.write_text("from ..report import page\nfrom . import flow\nif 1:\n    import cpis_analysis.steps.command\n")
    assert [name for _, name in imported_modules(sample)] == [
        "cpis_analysis.report.page",
        "cpis_analysis.study.flow",
        "cpis_analysis.steps.command",
    ]


def is_module(name: str) -> bool:
    place = PACKAGE.joinpath(*name.split(".")[1:])
    return place.is_dir() or place.with_suffix(".py").is_file()


@cache
def imports_at_start(path: Path, everything: bool) -> set[str]:
    """Modules of the package that importing a file imports; with `everything` late ones and those for types too."""
    late = () if everything else (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    package = ("cpis_analysis", *path.relative_to(PACKAGE).parent.parts)
    found, waiting = set(), [tree(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not everything:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {
                name if is_module(name) else module for name in (f"{module}.{alias.name}" for alias in node.names)
            }
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, late)]
    return found


def circles(files: list[Path], everything: bool = False) -> list[set[str]]:
    """Modules that import each other, directly or through others."""
    names = {
        ".".join(("cpis_analysis", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in files
    }
    graph = {name: (imports_at_start(path, everything) & set(names)) - {name} for name, path in names.items()}
    return loops(graph)


def loops(graph: dict[str, set[str]]) -> list[set[str]]:
    """Names that reach each other along the arrows."""
    reached = {}
    for name in graph:
        seen, waiting = set(), [name]
        while waiting:
            new = graph[waiting.pop()] - seen
            seen |= new
            waiting += new
        reached[name] = seen
    return sorted(
        {
            frozenset(other for other in reached[name] if name in reached[other])
            for name in graph
            if name in reached[name]
        },
        key=min,
    )


@cache
def named_late(path: Path) -> set[str]:
    """Modules that a registry names in text, ``.module:function``, for a file that asks `late` for them."""
    nodes = list(ast.walk(tree(path)))
    homes = {
        alias.name: PACKAGE.joinpath(*node.module.split(".")[1:]).with_suffix(".py")
        for node in nodes
        if isinstance(node, ast.ImportFrom) and not node.level and node.module
        for alias in node.names
    }
    found = set()
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("late_functions", "late_choice"):
            registry, start = node.args[0], node.args[2]
            package = ".".join(("cpis_analysis", *path.relative_to(PACKAGE).parent.parts))
            package = start.value if isinstance(start, ast.Constant) else package
            texts = [text.value for text in ast.walk(tree(homes[registry.id])) if isinstance(text, ast.Constant)]
            named = [re.fullmatch(r"(\.[\w.]+):\w+", text) for text in texts if isinstance(text, str)]
            found |= {package + match.group(1) for match in named if match}
    return found


def circles_of_rooms(files: list[Path], depth: int | None = None) -> list[set[str]]:
    """Rooms that import each other in whatever way: at the start, late, for types, by a package's own name or by text.

    A file's room is its folder; with a `depth`, the folder or file that stands so deep in the package and holds it.
    """

    def room(path: Path) -> str:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        return "/".join(parts[:-1] if depth is None else parts[:depth]) or parts[0]

    names = {
        ".".join(("cpis_analysis", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in files
    }
    graph = {room(path): set() for path in files}
    for path in files:
        for name in (imports_at_start(path, everything=True) | named_late(path)) & set(names):
            graph[room(path)] |= {room(names[name])} - {room(path)}
    return loops(graph)


def test_imports_no_circle_at_the_start_of_any_module():
    assert circles(FILES) == []


def test_imports_no_circle_of_files_late_ones_and_types_included():
    assert circles(FILES, everything=True) == []


def test_imports_a_circle_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    for name, text in {
        "a": "from cpis_analysis import b",
        "b": "from cpis_analysis.c import x",
        "c": "import cpis_analysis.a",
        "d": "def f():\n    from cpis_analysis import a, d, e",
        "e": "from cpis_analysis import d",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    files = sorted(tmp_path.glob("*.py"))
    first = {f"cpis_analysis.{name}" for name in "abc"}
    assert circles(files) == [first]
    assert circles(files, everything=True) == [first, {"cpis_analysis.d", "cpis_analysis.e"}]


def test_imports_no_circle_between_rooms_late_ones_and_types_included():
    assert circles_of_rooms(FILES) == []


@pytest.mark.parametrize("depth", range(1, 4))
def test_imports_no_circle_between_what_stands_side_by_side(depth):
    assert circles_of_rooms(FILES, depth) == []


def test_imports_a_circle_of_rooms_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    for name, text in {
        "a/top": "def f():\n    from cpis_analysis.a.b import low",
        "a/low": "",
        "a/b/low": "if TYPE_CHECKING:\n    from cpis_analysis.a import low",
        "a/c/list": "from cpis_analysis.f.names import ALL\nlate_functions(ALL, 'x', __package__)",
        "f/names": "ALL = (One(x='.d.end:f'),)",
        "a/c/d/end": "import cpis_analysis.e.end",
        "e/end": "from cpis_analysis.a.c import list",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.py").write_text(text)
    files = sorted(tmp_path.rglob("*.py"))
    assert circles(files, everything=True) == []
    assert circles_of_rooms(files) == [{"a", "a/b"}, {"a/c", "a/c/d", "e"}]
    assert circles_of_rooms(files, depth=1) == [{"a", "e"}]


def test_steps_do_not_import_each_other():
    rules = {
        path.stem
        for path in FILES
        if part_of(path) == "steps"
        and any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree(path).body)
    }
    assert rules
    wrong = [
        f"{shown(path)}:{line} imports {name}"
        for path in FILES
        for line, name in imported_modules(path)
        if name.startswith("cpis_analysis.steps.") and name.split(".")[2] in rules
    ]
    assert wrong == []


HEAVY = {"matplotlib", "statsmodels", "pandera", "pyarrow", "snakemake", "IPython", "rich", "seaborn"}


def test_imports_heavy_libraries_only_inside_the_function_that_needs_them():
    wrong = []
    for path in FILES:
        for node in tree(path).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            wrong += [f"{shown(path)}:{node.lineno} {name}" for name in names if name.split(".")[0] in HEAVY]
    assert wrong == []


def test_contributing_names_files_and_tests_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## To add something")[2].partition("\n## ")[0]
    named = [name.replace("NAME", "*").replace("SUBJECT", "*") for name in re.findall(r"`([\w./]+\.py)`", table)]
    assert len(named) > 20
    there = {path.name for path in (ROOT / "tests").rglob("*.py")}
    assert [
        name for name in named if not (list(PACKAGE.glob(name)) or name in there or list(PACKAGE.rglob(name)))
    ] == []


def test_names_of_modules_say_what_is_inside():
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "stuff"}
    parts = {part for path in FILES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert parts & vague == set()


def test_folders_hold_thirty_files_at_most():
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "data" not in path.parts]
    fullest = Counter(path.parent for path in [*FILES, *tests])
    assert {folder.name for folder, n in fullest.items() if n > 30} == set()


BY_FORM = {"table", "figure", "sentences", "section", "content"}
"""Files of a chapter, called by what they are: the folder says of what."""

BY_METHOD = {path.stem for path in FILES if path.parent.name == "methods"}
"""Estimators, each with one file of this name for its record, its numbers and its translation."""


def test_names_of_modules_stand_in_one_room_for_one_thing():
    rooms: dict[str, set[str]] = {}
    for path in FILES:
        # commands and steps are called by what they do with the thing of that name
        if path.stem.startswith("__") or part_of(path) in ("commands", "steps"):
            continue
        if path.stem in BY_METHOD or (part_of(path) == "chapters" and path.stem in BY_FORM):
            continue
        rooms.setdefault(path.stem, set()).add(part_of(path))
    assert {name: found for name, found in rooms.items() if len(found) > 1} == {}


def test_text_holds_no_machine_path_and_no_registry_address():
    pattern = re.compile(
        r"""(?<![\w.])/(?:home|Users|work|root|tmp|opt/conda|mnt)/\w|[A-Z]:\\\\?Users|https?://(?:[\w.-]*pypi\.org|files\.pythonhosted)
        |--(?:extra-)?index-url[ =]|--find-links|https?://(?:localhost|127\.|10\.|192\.168\.)""",
        re.VERBOSE,
    )
    folders = ["src", "workflow", "profiles", "docs", "examples", "notebooks", "benchmarks", "tests"]
    files = [path for name in folders for path in sorted((ROOT / name).rglob("*"))]
    files += [
        ROOT / name
        for name in (
            "Snakefile",
            "Makefile",
            "config.yaml",
            "pyproject.toml",
            "requirements.lock",
            "README.md",
            "CONTRIBUTING.md",
        )
    ]
    endings = {".py", ".md", ".smk", ".yaml", ".toml", ".ipynb", ".json", ".csv", ".lock", ".html", ".R", ""}
    generated = {"results", "processed", ".snakemake", "__pycache__", ".ipynb_checkpoints"}
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}: {match.group(0)}"
        for path in files
        if path.is_file() and path.suffix in endings and path != Path(__file__) and not generated & set(path.parts)
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert wrong == []


def test_repository_has_one_lock_file():
    assert not list(ROOT.glob("uv.lock")) + list(ROOT.glob("poetry.lock")) + list(ROOT.glob("Pipfile.lock"))


def test_source_raises_and_never_asserts():
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert)
    ]
    assert wrong == []


def test_source_holds_nothing_unfinished():
    pattern = re.compile(r"\b(?:TODO|FIXME|XXX|raise NotImplementedError|return NotImplemented)\b")
    wrong = [
        f"{shown(path)}: {match.group(0)}"
        for path in FILES
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_source_takes_tail_probabilities_by_sf():
    pattern = re.compile(r"1(?:\.0)?\s*-\s*[\w.()]*\bcdf\(")
    wrong = [
        f"{shown(path)}: {match.group(0)}"
        for path in FILES
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_source_docstrings_stand_on_every_public_module_class_and_function():
    wrong = []
    for path in FILES:
        module = tree(path)
        if module.body and not ast.get_docstring(module):
            wrong.append(shown(path))
        for node in module.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            # a step's main is described by its module
            if public and not ast.get_docstring(node) and not (node.name == "main" and part_of(path) == "steps"):
                wrong.append(f"{shown(path)}:{node.lineno} {node.name}")
    assert wrong == []


def test_source_decides_nothing_by_clock_or_by_hash_order():
    forbidden = {
        ("time", "time"),
        ("datetime", "now"),
        ("datetime", "today"),
        ("date", "today"),
        ("datetime", "utcnow"),
        ("random", "seed"),
        ("np", "seed"),
    }
    wrong = []
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                if (name, node.func.attr) in forbidden:
                    wrong.append(f"{shown(path)}:{node.lineno} {name}.{node.func.attr}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash":
                wrong.append(f"{shown(path)}:{node.lineno} hash()")
    assert wrong == []
