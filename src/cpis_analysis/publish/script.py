"""What the page runs: plain JavaScript that makes its tables and its explorer answer to readers."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from cpis_analysis.errors import OUR_FAULT, CpisError, Problem

FILES = ("tables.js", "explorer.js")
"""In the order in which they run."""
_CLOSING = ("</script", "<!--")


def page_script(folder: Path) -> str:
    """The script of the page; it is the same for every study and holds nothing of the data.

    Parameters
    ----------
    folder : Path
        Folder of the templates.

    Raises
    ------
    CpisError
        If the text would end the element that it stands in.
    """
    lines = [line.rstrip() for name in FILES for line in (folder / name).read_text("utf-8").split("\n")]
    text = "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("//"))
    wrong = [mark for mark in _CLOSING if mark in text.lower()]
    if wrong:
        raise CpisError(
            "The script can't stand in a page.",
            [
                Problem(
                    "it holds this",
                    value=mark,
                    hint=OUR_FAULT,
                )
                for mark in wrong
            ],
        )
    return text


def script_digest(script: str) -> str:
    """Digest by which the page's content security policy lets this script run and no other."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
