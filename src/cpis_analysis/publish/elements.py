"""Elements of HTML and text in its styles, as every writer of the page needs them."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from cpis_analysis.publish.lines import Line, Run

_ELEMENTS = {"strong": "strong", "emphasis": "em", "code": "code"}


def element(tag: str, inner: str, **attributes: str) -> str:
    """An element around HTML; attributes without a value are left out, and an underscore stands for a hyphen."""
    given = "".join([_attribute(name, value) for name, value in attributes.items() if value])
    return f"<{tag}{given}>{inner}</{tag}>"


@lru_cache(maxsize=4096)
def _attribute(name: str, value: str) -> str:
    """An attribute; most come again in every row of a table."""
    return f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'


def line_html(line: Line) -> str:
    """Text in its styles and links."""
    return "".join(map(_run, line))


def numbered(number: str, caption: str) -> str:
    """A caption after the number of its exhibit."""
    return (f'<span class="exhibit">{escape(number)}.</span> ' if number else "") + escape(caption)


def _run(run: Run) -> str:
    if run.style == "break":
        return "<br>"
    words = escape(run.text)
    if run.style:
        words = element(_ELEMENTS[run.style], words)
    if run.title:
        words = element("abbr", words, title=run.title)
    target = f"{run.file}#{run.target}" if run.target else run.file
    return element("a", words, href=target) if target else words
