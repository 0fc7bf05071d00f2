"""Properties of a Word document that hold its key numbers, so that a manuscript can show them by fields.

In Word: Insert, Quick Parts, Field, DocProperty; or Ctrl+F9 and ``DOCPROPERTY rguk_difference``. A manuscript in which
the properties of a later report are set shows the later numbers after its fields are updated.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

_KIND = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
)
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""Of properties that users define; ids begin at 2."""


def add_properties(made: Any, properties: tuple[tuple[str, str], ...]) -> None:
    """Put properties into a document of python-docx, which has no way for it.

    Parameters
    ----------
    made : docx.Document
    properties : tuple of (name, text)
    """
    if not properties:
        return
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    lines = (
        f"<property fmtid={quoteattr(_FORMAT)} pid={quoteattr(str(place))} name={quoteattr(name)}>"
        f"<vt:lpwstr>{escape(text)}</vt:lpwstr></property>"
        for place, (name, text) in enumerate(properties, start=2)
    )
    xml = f"{_OPEN}{''.join(lines)}</Properties>"
    package = made.part.package
    package.relate_to(Part(PackURI("/docProps/custom.xml"), _KIND, xml.encode(), package), _RELATION)
