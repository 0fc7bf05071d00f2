"""`cpis shells`: the tables that the plan will give, empty, before any data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_checked_plan, shown
from cpis_analysis.commands.terminal import Terminal


def shells(
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder to write to; default: shells, beside the plan.")
    ] = None,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Write the report's tables without numbers, as a web page, for Word and as PDF.

    From the plan and the dictionary alone: no data are read, and none need be there.
    """
    from cpis_analysis.files import write_bytes, write_text
    from cpis_analysis.publish.forms.written import in_every_form
    from cpis_analysis.report.shells import shells_document, shells_page

    loaded, dictionary = open_checked_plan(plan, data=False)
    terminal = Terminal(as_json)
    document = shells_document(loaded, dictionary)
    place = folder or loaded.root / "shells"
    write_text(place / "shells.html", shells_page(document))
    for form, written in in_every_form(document, {}):
        write_bytes(place / f"shells.{form.ending}", written)
    files = sorted(shown(path) for path in place.glob("shells.*"))
    terminal.good(f"Wrote {', '.join(files)}. No data were read.")
    terminal.json({"files": files})
