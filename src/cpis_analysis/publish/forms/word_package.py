"""A Word document as a file: a ZIP archive of its parts, the same bytes for the same parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time at which every part was written, as far as the file says."""
_UNIX = 3
_BY_ENDING = {
    "png": "image/png",
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
}
"""What a part is, where its ending tells."""
_PACKED = {"png"}
"""Endings of what is packed already: to pack pictures once more takes as long as to write all the text, and leaves nine
tenths of them."""


def word_package(made: Any) -> bytes:
    """What python-docx saves, without the time at which it was saved.

    Parameters
    ----------
    made : docx.Document
    """
    package = made.part.package
    parts = package.parts
    for part in parts:
        part.before_marshal()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _contents(package, parts):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = _UNIX
            entry.compress_type = zipfile.ZIP_STORED if _ending(name) in _PACKED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _contents(package: Any, parts: Sequence[Any]) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the archive: which type each part has, how they belong together, and the parts."""
    from docx.opc.packuri import PACKAGE_URI

    yield "[Content_Types].xml", _types(parts).encode()
    yield PACKAGE_URI.rels_uri.membername, package.rels.xml
    for part in parts:
        yield part.partname.membername, part.blob
        if len(part.rels):
            yield part.partname.rels_uri.membername, part.rels.xml


def _types(parts: Sequence[Any]) -> str:
    others = {part.partname: part.content_type for part in parts}
    others = {name: kind for name, kind in others.items() if _BY_ENDING.get(_ending(name)) != kind}
    types = [
        *(
            f"<Default Extension={quoteattr(ending)} ContentType={quoteattr(kind)}/>"
            for ending, kind in _BY_ENDING.items()
        ),
        *(f"<Override PartName={quoteattr(name)} ContentType={quoteattr(others[name])}/>" for name in sorted(others)),
    ]
    return (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<Types xmlns=\"{_TYPES}\">{''.join(types)}</Types>"
    )


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
