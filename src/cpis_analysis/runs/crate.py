"""RO-Crate metadata of a run: what each file is, from what it was made, under which plan.

Research Object Crate 1.1 (https://w3id.org/ro/crate/1.1), written by hand: it is one JSON document, and a library
would add times and chance identifiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from cpis_analysis.publish.forms.forms import FORMS
from cpis_analysis.runs.outputs import RESULTS

FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
} | {f".{form.ending}": form.media_type for form in FORMS}
_NAMES = RESULTS | {"manifest.json": "Manifest: plan, versions, and hashes of everything that may be shared"}


def crate_metadata(
    *,
    name: str,
    description: str,
    credits: Mapping[str, Any],
    outputs: Mapping[str, str],
    inputs: Mapping[str, str],
    versions: Mapping[str, str],
    plan_digest: str,
    sizes: Mapping[str, int],
) -> dict[str, Any]:
    """The content of ro-crate-metadata.json.

    Parameters
    ----------
    name, description : str
    credits : mapping
        What the plan says of publication: ``authors``, each with ``name``, ``orcid`` and ``affiliation``, which may be
        None, and ``group``, whether it is no person; ``published``, an ISO date or None; ``licence`` and ``publisher``,
        each ``name`` and ``url`` or None. RO-Crate demands date and licence.
    outputs : mapping of str to str
        SHA-256 of the files in the crate's folder, by path within it.
    inputs : mapping of str to str
        SHA-256 of the input files, by path within the project; empty for files about people, whose hashes stay with
        them. They are named but are not part of the crate.
    versions : mapping of str to str
        Version by name of program.
    plan_digest : str
    sizes : mapping of str to int
        Bytes of each output.

    Returns
    -------
    dict
        Keys in the order in which they are to be written; no times, so that the same run gives the same crate.
    """
    people, places = _people(credits["authors"])
    terms = _named(credits["licence"], "CreativeWork", "Licence of the results")
    by = _named(credits["publisher"], "Organization", "Publisher of the results")
    software = [
        {"@id": f"#software-{program}", "@type": "SoftwareApplication", "name": program, "version": version}
        for program, version in sorted(versions.items())
    ]
    files = [
        {
            "@id": path,
            "@type": "File",
            "name": _NAMES.get(path, PurePosixPath(path).name),
            "encodingFormat": FORMATS.get(PurePosixPath(path).suffix, "application/octet-stream"),
            "contentSize": sizes[path],
            "sha256": digest,
        }
        for path, digest in sorted(outputs.items())
    ]
    raw = [
        {"@id": f"#raw-{place}", "@type": "CreativeWork", "name": path, **({"sha256": digest} if digest else {})}
        for place, (path, digest) in enumerate(sorted(inputs.items()), start=1)
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": name,
        "description": description,
        **({"author": _references(people)} if people else {}),
        **({"datePublished": credits["published"]} if credits["published"] else {}),
        **({"license": _reference(terms[0])} if terms else {}),
        **({"publisher": _reference(by[0])} if by else {}),
        "hasPart": _references(files),
        "mentions": {"@id": "#run"},
    }
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run of the plan with SHA-256 {plan_digest}",
        "instrument": _references(software),
        "object": _references(raw),
        "result": _references(files),
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    context = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]
    return {
        "@context": context,
        "@graph": [descriptor, root, run, *people, *places, *terms, *by, *software, *raw, *files],
    }


def _people(authors: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Authors, and the places where they work, each once."""
    names = dict.fromkeys(one["affiliation"] for one in authors if one["affiliation"])
    places = {
        name: {"@id": f"#affiliation-{place}", "@type": "Organization", "name": name}
        for place, name in enumerate(names, start=1)
    }
    people = []
    for place, one in enumerate(authors, start=1):
        person = {
            "@id": f"https://orcid.org/{one['orcid']}" if one["orcid"] else f"#author-{place}",
            "@type": "Organization" if one["group"] else "Person",
            "name": one["name"],
        }
        if one["affiliation"]:
            person["affiliation"] = _reference(places[one["affiliation"]])
        people.append(person)
    return people, list(places.values())


def _named(entry: Mapping[str, str] | None, kind: str, description: str) -> list[dict[str, Any]]:
    if entry is None:
        return []
    url = entry["url"]
    return [{"@id": url, "@type": kind, "name": entry["name"], "description": description, "url": url}]


def _reference(entity: Mapping[str, Any]) -> dict[str, str]:
    return {"@id": entity["@id"]}


def _references(entities: Sequence[Mapping[str, Any]]) -> Any:
    """References; a single one is no list, as RO-Crate recommends."""
    found = [_reference(entity) for entity in entities]
    return found[0] if len(found) == 1 else found
