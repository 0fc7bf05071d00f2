"""Validate an RO-Crate with rocrate-validator and without a network. Run as a program: it needs libraries of its own.

The terms of RO-Crate's context are those of schema.org under their own names, but for two; a context made of that rule
takes the place of the one that the validator would ask for.
"""

from __future__ import annotations

import io
import json
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
OTHERS = {"File": "http://schema.org/MediaObject", "conformsTo": "http://purl.org/dc/terms/conformsTo"}


def terms(crate: dict[str, Any]) -> dict[str, Any]:
    """The context of a crate's terms."""
    names = {name for entity in crate["@graph"] for name in entity if not name.startswith("@")}
    names |= {entity["@type"] for entity in crate["@graph"]}
    return {"@context": {name: f"http://schema.org/{name}" for name in sorted(names)} | OTHERS}


def main(folder: str) -> int:
    known = terms(json.loads((Path(folder) / "ro-crate-metadata.json").read_text("utf-8")))

    def answer(address: str) -> bytes:
        if CONTEXT not in address:
            raise OSError(f"{address} is not asked")
        return json.dumps(known).encode()

    def urlopen(request: Any, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(answer(getattr(request, "full_url", str(request))))

    urllib.request.urlopen = urlopen  # type: ignore[assignment]
    import rdflib.plugins.shared.jsonld.context as jsonld_context
    import rdflib.plugins.shared.jsonld.util as jsonld
    import requests

    read = jsonld.source_to_json

    def source_to_json(source: Any, *others: Any, **more: Any) -> Any:
        return (known, None) if str(source) == CONTEXT else read(source, *others, **more)

    def request(_session: Any, _method: str, url: str, **_: Any) -> SimpleNamespace:
        content = answer(url)
        return SimpleNamespace(
            status_code=200,
            ok=True,
            content=content,
            text=content.decode(),
            json=lambda: known,
            headers={"Content-Type": "application/ld+json"},
        )

    jsonld.source_to_json = jsonld_context.source_to_json = source_to_json
    requests.Session.request = request  # type: ignore[assignment]
    from rocrate_validator import models, services

    settings = services.ValidationSettings(
        rocrate_uri=folder,
        profile_identifier="ro-crate-1.1",
        requirement_severity=models.Severity.RECOMMENDED,
        no_cache=True,
    )
    found = services.validate(settings).get_issues()
    for issue in found:
        print(f"{issue.severity.name}: {issue.check.identifier}: {issue.message}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
