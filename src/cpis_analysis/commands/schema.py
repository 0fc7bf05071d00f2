"""`cpis schema`: what editors and readers need to know of the plan's keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption
from cpis_analysis.commands.terminal import Terminal


def schema(
    folder: Annotated[Path, typer.Argument(help="The project's folder.")] = Path("."), as_json: JsonOption = False
) -> None:
    """Write the JSON Schema for editors (config.schema.json) and the page of all keys (docs/config.md)."""
    from cpis_analysis.files import write_text
    from cpis_analysis.plan.documentation import json_schema, reference_page

    terminal = Terminal(as_json)
    write_text(folder / "config.schema.json", json_schema())
    write_text(folder / "docs" / "config.md", reference_page())
    terminal.line("Wrote config.schema.json and docs/config.md.")
    terminal.json({"written": ["config.schema.json", "docs/config.md"]})
