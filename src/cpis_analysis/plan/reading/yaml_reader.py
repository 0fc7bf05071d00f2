"""YAML that means what it looks like, with the line of every value.

The words that YAML 1.1 turns into something else (``no``, ``1e-3``, ``012``,
``12:30``) are read as the writer of a plan would read them, or refused with an
explanation; a key that stands twice is an error; tags, anchors and aliases are
refused, so that a file can neither make objects nor grow without bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cpis_analysis.errors import PlanError, Problem

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?\Z")
_UNDERSCORED = re.compile(r"[-+]?[0-9][0-9_.]*\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_YAML11_BOOLEAN = {"yes", "no", "on", "off", "y", "n"}
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
}
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
"""Characters that cannot be seen or change how the text around them reads."""
_LARGEST_FILE = 1_000_000
_DEEPEST = 40

Path_ = tuple[str | int, ...]


class Document:
    """The content of a YAML file and where each part of it stands.

    Attributes
    ----------
    content : dict, list or scalar
    file : str
    lines : dict
        From a path of keys and positions to the line (1-based) of that key.
    problems : list of Problem
        What could not be read safely; a plan with any of these must not be used.
    words : mapping of (str, str) to str
        Word that the file has, or that fits it, for a key of a section that the program knows by another.
    """

    def __init__(
        self,
        content: Any,
        file: str,
        lines: dict[Path_, int],
        problems: list[Problem],
        words: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.content = content
        self.file = file
        self.lines = lines
        self.problems = problems
        self.words = words or {}

    def key(self, *path: str | int) -> str:
        """A key as messages name it, after its sections."""
        return ".".join(self.word(*path[: at + 1]) for at in range(len(path)))

    def word(self, *path: str | int) -> str:
        """The last key of a path, in the file's own word for it."""
        *section, name = map(str, path)
        return self.words.get((section[0], name), name) if len(section) == 1 else name

    def line_of(self, path: Path_) -> int | None:
        """Line of the path, or of the nearest part of it that exists."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_yaml(path: str | Path, shown_as: str | None = None) -> Document:
    """Read one YAML document strictly.

    Raises
    ------
    PlanError
        The file can't be read or is not YAML. Repeated keys, tags, aliases and values that
        YAML versions read differently are in ``problems`` of what is returned.
    """
    file = shown_as or str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise PlanError(
            f"The plan {file} can't be read.",
            Problem(
                error.strerror or "can't be opened",
                file=file,
                hint="see who owns the file, and whether its name is right",
            ),
        ) from None
    if len(raw) > _LARGEST_FILE:
        raise PlanError(
            f"The plan {file} is not a plan.",
            Problem("larger than 1 MB", file=file, hint="move what is no plan out of the file"),
        )
    try:
        text = raw.decode("utf-8-sig")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise PlanError(
            f"The plan {file} can't be read.",
            Problem("not UTF-8 text", file=file, line=line, hint="save the file as UTF-8"),
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise PlanError(f"The plan {file} is not valid YAML.", [_syntax_problem(error, file, text)]) from None
    if node is None:
        raise PlanError(
            f"The plan {file} is empty.",
            Problem("no content", file=file, hint="write the plan into it, or begin with cpis new"),
        )
    builder = _Builder(file)
    content = builder.build(node, (), 0)
    return Document(content, file, builder.lines, builder.problems)


def _syntax_problem(error: Exception, file: str, whole: str) -> Problem:
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    text = getattr(error, "problem", None) or str(error) or "nested too deeply"
    context = getattr(error, "context", None)
    hint = "check indentation, colons, quotes and brackets near this line"
    if "\\t" in text:
        text, hint = "a tab stands where spaces must stand", "indent with spaces"
    elif "alias" in text:
        hint = "anchors and aliases are not used in plans; write the values out, and quote text that begins with *"
    line = mark.line + 1 if mark is not None else None
    quote = _quote_over_lines(whole, mark.line) if mark is not None else None
    if quote is not None:
        hint = f"a quotation mark of line {quote + 1} is closed in another line; was that meant?"
    opened = context is not None and any(word in context for word in _OPENED)
    if opened and begun is not None and mark is not None and begun.line != mark.line:
        # what was opened and never closed is noticed much later
        text, line = f"{text}; noticed in line {mark.line + 1}", begun.line + 1
    return Problem(f"{context}: {text}" if context else text, file=file, line=line, hint=hint)


def _quote_over_lines(whole: str, before: int) -> int | None:
    """Line of the last text in quotes that began in one line and ended in another, up to where reading stopped."""
    found = None
    try:
        for token in yaml.scan(whole, Loader=yaml.SafeLoader):
            if token.start_mark.line > before:
                break
            if getattr(token, "style", None) in ('"', "'") and token.start_mark.line != token.end_mark.line:
                found = token.start_mark.line
    except (yaml.YAMLError, RecursionError):
        pass
    return found


_OPENED = ("quoted scalar", "flow sequence", "flow mapping", "flow node", "simple key", "plain scalar")


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.problems: list[Problem] = []
        self.seen: set[int] = set()

    def build(self, node: yaml.Node, path: Path_, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if depth > _DEEPEST:
            self.complain("nested too deeply", line, hint="write the plan as docs/config.md shows it")
            return None
        if id(node) in self.seen:
            self.complain("an alias (*name) repeats another part", line, hint="write the values out")
            return None
        self.seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            self.complain(
                "a tag", line, value=node.tag, hint="write the value without it: plans hold plain values only"
            )
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, line)
        raise TypeError(f"YAML has no node of the kind {type(node).__name__}.")

    def mapping(self, node: yaml.MappingNode, path: Path_, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
                self.complain("a key must be a plain word", line, hint="write the key as docs/config.md has it")
                continue
            key = key_node.value
            self.visible(key, line)
            if key in result:
                first = self.lines[(*path, key)]
                self.complain(f"the key '{key}' stands twice (first in line {first})", line, hint="keep one")
                continue
            self.lines[(*path, key)] = line
            result[key] = self.build(value_node, (*path, key), depth + 1)
        return result

    def scalar(self, node: yaml.ScalarNode, line: int) -> Any:
        text = node.value
        self.visible(text, line)
        if node.style is not None:
            return text
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if text in ("true", "True", "TRUE"):
            return True
        if text in ("false", "False", "FALSE"):
            return False
        if text.lower() in _YAML11_BOOLEAN:
            self.complain(
                "YAML programs disagree whether this is a word or true/false",
                line,
                value=text,
                hint=f'write true or false, or "{text}" in quotes for the word',
            )
            return text
        if _LEADING_ZERO.match(text):
            self.complain(
                "YAML programs disagree whether this is octal",
                line,
                value=text,
                hint=f'write {text.lstrip("+-0") or "0"}, or "{text}" in quotes',
            )
            return text
        if "_" in text and _UNDERSCORED.match(text):
            self.complain(
                "YAML programs disagree whether this is a number",
                line,
                value=text,
                hint=f'write {text.replace("_", "")}, or "{text}" in quotes',
            )
            return text
        if _INTEGER.match(text):
            return int(text) if len(text) < 25 else float(text)
        if _FLOAT.match(text):
            return float(text)
        return text

    def visible(self, text: str, line: int) -> None:
        found = _HIDDEN.search(text)
        if found:
            self.complain(
                "a character that can't be seen, or that changes how the text around it reads",
                line,
                value=f"U+{ord(found[0]):04X}",
                hint="delete it",
            )

    def complain(self, message: str, line: int, value: str | None = None, hint: str | None = None) -> None:
        self.problems.append(Problem(message, file=self.file, line=line, value=value, hint=hint))
