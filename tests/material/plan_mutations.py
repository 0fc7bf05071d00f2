"""Plans with one mistake each, made from good ones by a seed, and where the mistake stands.

A plan is plain values; `written` puts every key and every entry of a list on a line of its own, so that the line of a
mistake is known. Values that are written otherwise than JSON would are `Raw`.
"""

from __future__ import annotations

import copy
import json
import random
import re
from dataclasses import dataclass

from cpis_analysis.errors import CpisError
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.study.checks.plan_check import load_and_check
from cpis_analysis.study.checks.plan_remarks import remarks_of
from cpis_analysis.study.checks.raw_check import check_raw
from cpis_analysis.study.factors import explained_variables
from cpis_analysis.translate.explain import explain

__all__ = ["Case", "Judge", "Raw", "case_of", "places", "written"]


class Raw(str):
    """Text that stands in the file as it is."""


@dataclass(frozen=True)
class Case:
    """A plan with one change.

    Attributes
    ----------
    kind : str
    text : str
        The file.
    path : tuple
        The changed key.
    lines : frozenset of int
        Where a message may point: the changed key, its section and what stands beside it there.
    words : tuple of str
        What was written there before and after; a message about something that referred to it names one.
    same : bool
        The change means nothing, so that the plan must stay as it is.
    """

    kind: str
    text: str
    path: tuple
    lines: frozenset
    words: tuple = ()
    same: bool = False


def places(value, path=()):
    """Paths of everything in a plan."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*path, key)
            yield from places(value[key], (*path, key))


def at(plan, path):
    """What stands at a path."""
    for key in path:
        plan = plan[key]
    return plan


def written(plan):
    """The file, and the line of each path."""
    rows, lines = [], {}

    def put(value, indent, path):
        for key in value if isinstance(value, dict) else range(len(value)):
            inner, here = value[key], (*path, key)
            start = (
                f"{key if isinstance(key, Raw) or plain(key) else json.dumps(key)}:" if isinstance(value, dict) else "-"
            )
            lines[here] = len(rows) + 1
            if isinstance(inner, dict | list) and inner:
                rows.append(" " * indent + start)
                put(inner, indent + 2, here)
            else:
                text = inner if isinstance(inner, Raw) else json.dumps(inner, ensure_ascii=False)
                rows.append(f"{' ' * indent}{start} {text}")

    put(plan, 0, ())
    return "\n".join(rows) + "\n", lines


def plain(key):
    return (
        isinstance(key, str)
        and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key)
        and key.lower() not in ("yes", "no", "on", "off", "y", "n", "true", "false", "null")
    )


NUMBERS = [
    1e308,
    -1e308,
    1e-300,
    0,
    -1,
    0.5,
    10**30,
    Raw(".nan"),
    Raw(".inf"),
    Raw("-.inf"),
    Raw("1_000"),
    Raw("0x1F"),
    Raw("1e400"),
    Raw("007"),
    Raw("12:30"),
    Raw("1,5"),
    Raw("0.9999999999999999"),
    Raw("+1e2"),
    Raw("5 months"),
]
WORDS = [
    Raw("no"),
    Raw("Yes"),
    Raw("on"),
    Raw("OFF"),
    Raw("true"),
    Raw("~"),
    Raw("null"),
    Raw("2014-05-31"),
    "",
    " ",
    "  x",
    "x" * 3000,
    "a\u0301",
    "\u0440rimary",
    "zero\u200bwidth",
    "\u202eabc",
    "\uff11\uff12",
    "\u00e9",
    "\U0001f642",
    "\u00a0",
    "{outcome}",
    "{covariates}",
    "../x",
    "a: b",
    "# c",
    "'",
    '"',
    "%s {0}",
    "==",
    "and",
    "trust == ",
    "(((",
    "wave",
    "has_0m",
    "results/estimates.csv",
    "available",
]
SHAPES = [None, True, False, [], {}, [[]], {"a": 1}, ["x", "x"], 3, 2.5, "text", [1, 2], {"key": {"key": {}}}]
INSIDE = [
    Raw(text)
    for text in (
        "&a 1",
        "*a",
        "!!str 1",
        "!x 1",
        "!!python/name:os.system",
        "[1, 2",
        "{a: 1",
        '"open',
        "'open",
        "a: b: c",
        "@x",
        "`x`",
        "%x",
        "| x",
        "- x",
        "? x",
        "{<<: {a: 1}}",
    )
]
EXTRA = (
    "label level df boundary cluster pairs effect population covariates link type event variable low high wave waves "
    "format sheet ignore rename models formula where role contrasts estimator nonsense wave_column "
    "minimal_important_difference_source"
).split()


def misspelt(rng, text):
    """A word with one slip of the finger."""
    if len(text) < 2:
        return text + rng.choice("xz_")
    spot = rng.randrange(len(text) - 1)
    return rng.choice(
        [
            text[:spot] + text[spot + 1 :],
            text[:spot] + text[spot] + text[spot:],
            text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :],
            text.swapcase(),
            text + "s",
            text[:spot] + rng.choice("aeiou") + text[spot + 1 :],
        ]
    )


def case_of(plan, seed):
    """One change of a plan, by its seed."""
    rng = random.Random(seed)
    for _ in range(100):
        changed = copy.deepcopy(plan)
        made = rng.choice(_KINDS)(rng, changed)
        if made is not None:
            return made
    raise ValueError("no change could be made")


def _pick(rng, plan, wanted):
    found = [path for path in places(plan) if wanted(path, at(plan, path))]
    return rng.choice(found) if found else None


def _made(kind, plan, path, *words, lines=(), same=False):
    text, where = written(plan)
    allowed = {where[path]} if path in where else set()
    # what contradicts the changed key stands beside it
    allowed |= {line for other, line in where.items() if len(other) == len(path) and other[:-1] == path[:-1]}
    allowed |= {where[path[:-1]]} if path[:-1] in where else set()
    words = tuple(str(word) for word in words if str(word))
    return Case(kind, text, path, frozenset(allowed | set(lines)), words, same)


def _section(where, path):
    """Lines of what a path stands in, or the first line of the file."""
    return {where[path[:n]] for n in range(1, len(path)) if path[:n] in where} or {1}


def key_misspelt(rng, plan):
    path = _pick(rng, plan, lambda path, _: isinstance(path[-1], str))
    parent, old = at(plan, path[:-1]), path[-1]
    new = misspelt(rng, old)
    if new in parent:
        return None
    items = [(new if key == old else key, value) for key, value in parent.items()]
    parent.clear()
    parent.update(items)
    made = _made("key misspelt", plan, (*path[:-1], new), old, new)
    return made


def key_deleted(rng, plan):
    path = _pick(rng, plan, lambda path, _: isinstance(path[-1], str))
    value = at(plan, path)
    del at(plan, path[:-1])[path[-1]]
    _, after = written(plan)
    return _made("key deleted", plan, path, path[-1], *(_texts(value)), lines=_section(after, path))


def entry_deleted(rng, plan):
    path = _pick(rng, plan, lambda path, _: isinstance(path[-1], int))
    value = at(plan, path)
    del at(plan, path[:-1])[path[-1]]
    _, after = written(plan)
    return _made("entry deleted", plan, path, *(_texts(value)), lines=_section(after, path))


def entry_doubled(rng, plan):
    path = _pick(rng, plan, lambda path, _: isinstance(path[-1], int))
    parent = at(plan, path[:-1])
    parent.insert(path[-1] + 1, copy.deepcopy(parent[path[-1]]))
    _, after = written(plan)
    return _made(
        "entry doubled",
        plan,
        (*path[:-1], path[-1] + 1),
        *(_texts(parent[path[-1]])),
        lines={after[path], *_section(after, path)},
    )


def value_of(kind, choices, wanted):
    def change(rng, plan):
        path = _pick(rng, plan, wanted)
        if path is None:
            return None
        old, new = at(plan, path), rng.choice(choices)
        at(plan, path[:-1])[path[-1]] = copy.deepcopy(new)
        _, after = written(plan)
        below = {line for other, line in after.items() if other[: len(path)] == path}
        return _made(kind, plan, path, *_texts(old), *_texts(new), lines=below)

    return change


def word_misspelt(rng, plan):
    path = _pick(
        rng,
        plan,
        lambda path, value: (
            isinstance(value, str)
            and re.search(r"\w{2}", value)
            and path[-1] not in ("label", "description", "notice", "source", "title", "name")
        ),
    )
    old = at(plan, path)
    words = [match for match in re.finditer(r"[A-Za-z_]\w+", old)]
    if not words:
        return None
    match = rng.choice(words)
    new = misspelt(rng, match[0])
    at(plan, path[:-1])[path[-1]] = old[: match.start()] + new + old[match.end() :]
    return _made("word misspelt", plan, path, new, match[0])


def values_swapped(rng, plan):
    """Two keys of one section exchange what they hold."""
    path = _pick(rng, plan, lambda _, value: isinstance(value, dict) and len(value) > 1)
    parent = at(plan, path)
    one, two = rng.sample(list(parent), 2)
    if parent[one] == parent[two]:
        return None
    parent[one], parent[two] = parent[two], parent[one]
    _, after = written(plan)
    below = {line for other, line in after.items() if other[: len(path)] == path}
    words = (one, two, *_texts(parent[one]), *_texts(parent[two]))
    return _made("values swapped", plan, (*path, one), *words, lines=below)


def key_added(rng, plan):
    path = _pick(rng, plan, lambda _, value: isinstance(value, dict) and value)
    parent = at(plan, path)
    key = rng.choice(EXTRA)
    if key in parent:
        return None
    parent[key] = copy.deepcopy(rng.choice([*SHAPES, *WORDS[:8], "trust", "team", "mixed", 0.9, ["age"]]))
    if parent[key] in ([], {}, None) and not isinstance(parent[key], bool):
        parent[key] = "text"
    _, after = written(plan)
    below = {line for other, line in after.items() if other[: len(path) + 1] == (*path, key)}
    return _made("key added", plan, (*path, key), key, *_texts(parent[key]), lines=below | {after[path]})


def _texts(value):
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (str(key), *_texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [*re.findall(r"[^\s\"'(){}\[\]|+*:,]+", str(value)), str(value)]


def _line_changed(kind, change, same=False):
    """A change of the written line of a scalar entry."""

    def made(rng, plan):
        text, where = written(plan)
        rows = text.split("\n")
        path = _pick(rng, plan, lambda path, value: isinstance(path[-1], str) and not isinstance(value, dict | list))
        line = where[path]
        new = change(rng, rows[line - 1])
        if new is None:
            return None
        rows[line - 1] = new
        lines = range(line - 1, line + 3)
        return Case(kind, "\n".join(rows), path, frozenset(lines), (path[-1], *_texts(at(plan, path))), same)

    return made


def _whole(kind, change):
    def made(rng, plan):
        text, _ = written(plan)
        return Case(kind, change(text), (), frozenset([1]), (), True)

    return made


def _number(path, value):
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS = [
    *[key_misspelt] * 5,
    *[key_deleted] * 5,
    entry_deleted,
    entry_doubled,
    *[word_misspelt] * 6,
    *[values_swapped] * 3,
    *[key_added] * 5,
    *[value_of("number", NUMBERS, _number)] * 5,
    *[value_of("text", WORDS, lambda _, value: isinstance(value, str | bool))] * 4,
    *[value_of("type", SHAPES, lambda path, _: True)] * 4,
    *[value_of("YAML", INSIDE, lambda path, value: not isinstance(value, dict | list))] * 2,
    _line_changed("twice", lambda rng, row: f"{row}\n{row}"),
    _line_changed("twice otherwise", lambda rng, row: f"{row}\n{row.split(':')[0]}: 7"),
    _line_changed("tab", lambda rng, row: "\t" + row.lstrip()),
    _line_changed("indented more", lambda rng, row: "   " + row),
    _line_changed("indented less", lambda rng, row: row[1:] if row.startswith("  ") else None),
    _line_changed("without colon", lambda rng, row: row.replace(":", "", 1)),
    _line_changed("without space", lambda rng, row: row.replace(": ", ":", 1)),
    _line_changed("comment", lambda rng, row: f"{row}  # as agreed", same=True),
    _line_changed("space behind", lambda rng, row: row + "   ", same=True),
    _whole("Windows lines", lambda text: text.replace("\n", "\r\n")),
    _whole("byte-order mark", lambda text: "\ufeff" + text),
    _whole("document mark", lambda text: "---\n" + text),
]


class Judge:
    """What must come of a plan with one change: a message about it, or another plan; never silence, never a crash.

    Parameters
    ----------
    folder : Path
        Holds the files that the plan names.
    plan : dict
        The plan without the change.
    raw : bool
        Whether the raw files are there to be read, too.
    """

    def __init__(self, folder, plan, raw=True):
        self.folder, self.raw = folder, raw
        self.digest, self.specs, self.content, _ = self.resolved(written(plan)[0])

    def resolved(self, text):
        """A plan on every road that needs no clean data: checked, resolved, put into words."""
        path = self.folder / "config.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        plan, dictionary = load_and_check(path)
        specs = plan.specifications()
        assert specs_from_json(specs_to_json(specs)) == sorted(specs, key=lambda spec: spec.name)
        variables = explained_variables(plan.content, dictionary)
        for spec in specs:
            assert explain(spec, plan.content, variables).words
            assert estimand_of(spec).text()
        assert all(str(remark) for remark in remarks_of(plan, dictionary))
        if self.raw:
            assert all(str(problem) for problem in check_raw(plan, dictionary).problems)
        return plan.digest(), specs, plan.content.model_dump(mode="json"), plan.document.content

    def verdict(self, case):
        """What came of it: refused, changed or same.

        Raises
        ------
        AssertionError
            If the message does not lead to the change, or the change was passed over in silence.
        """
        try:
            digest, specs, content, found = self.resolved(case.text)
        except CpisError as error:
            self.leads_there(case, error)
            return "refused"
        if digest == self.digest:
            assert case.same or self.means_the_same(case, content, found), "the change was passed over in silence"
            return "same"
        assert not case.same, "the plan changed although what was written means the same"
        if case.path[0] == "models" and len(case.path) > 2 and case.path[2] not in ("label", "effect"):
            assert specs != self.specs, "no analysis knows of the change"
        return "changed"

    def leads_there(self, case, error):
        """A message names the place and says what to do."""
        assert error.problems, "a message without problems"
        assert len(str(error)) < 60_000, "a message that nobody reads"
        here = [
            problem
            for problem in error.problems
            if case.lines & {problem.line, *map(int, re.findall(r"line (\d+)", str(problem)))}
        ]
        near = [
            problem
            for problem in error.problems
            if any(re.search(rf"(?<!\w){re.escape(word[:50])}", str(problem)) for word in case.words)
        ]
        assert here or near, "no message names the place"
        said = [
            problem
            for problem in here or near
            if problem.allowed
            or problem.hint
            or re.search(r"should|must|needs?\b|is missing|twice|only|can't|no such|not? ", problem.message)
        ]
        assert said, "no message says what is allowed"

    def means_the_same(self, case, content, found):
        """Whether what was written, or left out, is what the plan has without it."""
        if case.kind in ("key deleted", "key added"):
            # the key is known, and what it stands for is its default
            return _get(content, case.path) == _get(self.content, case.path) != _NOTHING
        now = _get(found, case.path)
        return now is not _NOTHING and _normal(now) == _normal(_get(self.content, case.path))


_NOTHING = object()


def _get(value, path):
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return value


def _normal(value):
    """Numbers by value, text without white space at its ends."""
    if isinstance(value, dict):
        return {str(key): _normal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value).strip()
