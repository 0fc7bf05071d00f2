"""What leaves a study with its results: every kind of file, who reads it, and what it may hold by cluster."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpis_analysis.plan.level_names import LevelNames

__all__ = ["KINDS", "Counts", "allowed_by_cluster", "counts_by_cluster", "kind_of"]

KINDS = {
    # read here: structured numbers
    "json": r"flow\.json|design_audit\.json|summaries\.json|models/\w+\.json",
    "csv": r"(estimates|error_rates|operating_characteristics|tipping|cross_check|disclosure_log)\.csv"
    r"|tables/[\w-]+\.csv",
    # no numbers of people: checksums, versions, the plan, names of contrasts
    "record": r"manifest\.json|ro-crate-metadata\.json|contrasts\.json",
    # printed: each number is traced to a file above, by numbers.json (test_numbers_run.py reads them again)
    "traced": r"tables/[\w-]+\.html|figures/[\w-]+\.(svg|png|alt\.txt|page\.json)"
    r"|report/(findings|annex|summary)\.(html|docx|pdf)|report/tables\.xlsx",
    "index": r"tables/tables\.json|figures/figures\.json|(tables|figures)/[\w-]+\.numbers\.json|report/numbers\.json",
}
"""A file of no kind is a file of which nobody has decided whether it may leave."""

STAGES = r"recruited|baseline|followup|allocated|analysed"


def allowed_by_cluster(names: LevelNames) -> dict[str, str]:
    """File -> what may stand there by cluster; counts of people only where they are stages or protected."""
    by = "|".join((names.columns["by_trust"], names.columns["by_team"]))
    clusters, means, risks = (names.frames[name] for name in ("team_list", "team_means", "team_risks"))
    return {
        r"flow\.json": rf"({by})\.({STAGES})|screening\.({by})\.(approached|eligible|consented|recruited)",
        r"design_audit\.json": rf"cells\.({STAGES})",
        # protected, cell by cell (state), or stages of the study, or no people
        r"summaries\.json": rf"{clusters}\.({STAGES}|trained|fidelity)|({means}|{risks})\.n|{risks}\.count"
        rf"|experience\.(n|n_group|count)|themes\.n_mentions|{means}\.(mean|sd)",
        r"tables/design\.csv": r".*",
        r"tables/(experience-[\w-]+|themes)\.csv": r".*",
        # coefficients of trusts
        r"tables/model-[\w-]+\.csv": r"Estimate|SE|SD|df|t|F|.*CI.*|Statistic",
        r"models/\w+\.json": r"diagnostics\.random_effects\.(mode|se)",
    }


Counts = tuple[str, str, dict[str, float]]


def kind_of(name: str) -> str | None:
    """Kind of a file, by its path in results; None for one that nobody has decided on."""
    return next((kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, name)), None)


def counts_by_cluster(folder: Path, clusters: dict[str, str], names: LevelNames) -> Iterator[Counts]:
    """Everything that gives numbers to two clusters or more.

    Parameters
    ----------
    folder : Path
        The results.
    clusters : mapping
        Every way to write a cluster -> its name: the trust, or "trust / team".
    names : LevelNames
        What files call the levels.

    Yields
    ------
    file, field, {cluster: number}
        Numbers of the same field that stand beside different clusters.
    """
    levels = (names.columns["trust"], names.columns["team"])
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            continue
        if kind_of(name) == "json":
            content = json.loads(path.read_text(encoding="utf-8"))
            if name == "summaries.json":
                content = {frame: _records(part) for frame, part in content.items()}
            yield from ((name, field, found) for field, found in _in_json(content, "", clusters, levels))
        elif kind_of(name) == "csv":
            yield from ((name, field, found) for field, found in _in_csv(path, clusters))


def _records(frame: dict[str, Any]) -> list[dict[str, Any]]:
    columns = {name: column["values"] for name, column in frame["columns"].items()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _in_json(
    content: Any, place: str, clusters: dict[str, str], levels: tuple[str, str]
) -> Iterator[tuple[str, dict[str, float]]]:
    if isinstance(content, dict):
        named = {key: clusters[key] for key in content if key in clusters}
        if len(named) > 1:
            yield from _fields({named[key]: content[key] for key in named}, place)
        else:
            for key, value in content.items():
                yield from _in_json(value, f"{place}.{key}".lstrip("."), clusters, levels)
    elif isinstance(content, list):
        rows = [(_cluster(row, clusters, levels), row) for row in content if isinstance(row, dict)]
        groups: dict[tuple, dict[str, Any]] = {}
        for cluster, row in rows:
            if cluster is None:
                yield from _in_json(row, place, clusters, levels)
            else:
                other = tuple(
                    str(value)
                    for key, value in row.items()
                    if isinstance(value, str) and key not in (*levels, "arm", "label", "state")
                )
                groups.setdefault(other, {})[f"{cluster}, {row.get('arm') or row.get('group') or ''}"] = row
        for found in groups.values():
            yield from _fields(found, place)


def _cluster(row: dict[str, Any], clusters: dict[str, str], levels: tuple[str, str]) -> str | None:
    upper, lower = (row.get(name) for name in levels)
    return clusters.get(f"{upper} / {lower}") or clusters.get(str(upper)) or clusters.get(str(row.get("label")))


def _fields(found: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, float]]]:
    """Numbers by cluster, however deep they stand below it."""
    if all(isinstance(value, dict) for value in found.values()):
        for key in dict.fromkeys(key for value in found.values() for key in value):
            inner = {cluster: value[key] for cluster, value in found.items() if key in value}
            yield from _fields(inner, f"{place}.{key}".lstrip("."))
    numbers = {
        cluster: value
        for cluster, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    if numbers:
        yield place, numbers


def _in_csv(path: Path, clusters: dict[str, str]) -> Iterator[tuple[str, dict[str, float]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found: dict[str, dict[str, float]] = {}
    for number, row in enumerate(rows):
        named = [key for key, text in row.items() if text and _names(text, clusters)]
        across = [key for key in row if _names(key, clusters)]
        for key, text in row.items():
            if (named and key not in named) or key in across:
                value = re.match(r"\d+(?![.\d])", text or "")
                if value:
                    place = key if key not in across else "across"
                    found.setdefault(place, {})[f"{number} {key}"] = float(value[0])
    yield from ((field, numbers) for field, numbers in found.items() if len(numbers) > 1)


def _names(text: str, clusters: dict[str, str]) -> bool:
    words = text.replace(" team", "").removeprefix("Trust ").replace("Trust: ", "").strip()
    return words in clusters
