"""Page of the Word documents: its sides, head and foot, and what a new document is freed of."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from cpis_analysis.publish.forms.word_elements import Markup, element, field, paragraph, read_markup, run
from cpis_analysis.publish.forms.word_styles import LANGUAGE, LONG, MARGIN, SHORT, write_bullets, write_styles


@dataclass(frozen=True)
class Sides:
    """The two kinds of pages as sections of Word: upright, and on their side."""

    upright: Any
    across: Any

    def break_after(self, *, across: bool) -> Any:
        """An empty paragraph that ends a section of one kind."""
        (made,) = read_markup([paragraph("Section Break")])
        made[0].append(deepcopy(self.across if across else self.upright))
        return made


def prepare(made: Any, *, running: str, title: str) -> Sides:
    """Give a new document of python-docx this page and these styles and no others.

    Parameters
    ----------
    made : docx.Document
    running : str
        Stands at the head of every page.
    title : str
        Stands at the foot of every page.
    """
    _strip(made)
    write_bullets(made.part.numbering_part.element)
    write_styles(made.styles.element)
    _settings(made.settings.element)
    return _sections(made, running, title)


def _strip(made: Any) -> None:
    """Drop what the empty document of python-docx brings along: a picture of it, its statistics, unused styles."""
    dropped = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml", "webSettings")
    for holder in (made.part.package, made.part):
        for name, relation in list(holder.rels.items()):
            if relation.reltype.endswith(dropped):
                del holder.rels[name]


def _settings(settings: Any) -> None:
    from docx.oxml.ns import qn

    for kind in ("w:rsids", "w:savePreviewPicture", "w:proofState", "w:themeFontLang"):
        for found in settings.findall(qn(kind)):
            settings.remove(found)
    for part in settings.iter(qn("w:compatSetting")):
        if part.get(qn("w:name")) == "compatibilityMode":
            # of Word 2013 and later; with an earlier one the title bar speaks of a compatibility mode
            part.set(qn("w:val"), "15")
    (language,) = read_markup([element("w:themeFontLang", val=LANGUAGE)])
    settings.find(qn("w:clrSchemeMapping")).addprevious(language)


def _sections(made: Any, running: str, title: str) -> Sides:
    from docx.section import Section

    upright = made.element.body.sectPr
    section = Section(upright, made.part)
    _page(section, SHORT, LONG, top=1361, bottom=1247)
    _fill(section.header, paragraph("Header", run(running)))
    _fill(section.footer, _foot("Footer", title))
    across = deepcopy(upright)
    across.remove(across.footerReference_lst[0])
    section = Section(across, made.part)
    # a page on its side is short: the notes of a table should fit below it
    _page(section, LONG, SHORT, top=1134, bottom=907)
    _fill(section.footer, _foot("Footer Wide", title))
    return Sides(upright, across)


def _page(section: Any, width: int, height: int, *, top: int, bottom: int) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Twips

    section.page_width, section.page_height = Twips(width), Twips(height)
    section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Twips(MARGIN)
    section.top_margin, section.bottom_margin = Twips(top), Twips(bottom)
    section.header_distance, section.footer_distance = Twips(624), Twips(567)


def _fill(part: Any, content: Markup) -> None:
    """Give a section a header or footer of its own."""
    part.is_linked_to_previous = False
    root = part.part.element
    for child in list(root):
        root.remove(child)
    root.extend(read_markup([content]))


def _foot(style: str, title: str) -> Markup:
    pages = (run("Page "), *field("PAGE", run("1")), run(" of "), *field("NUMPAGES", run("1")))
    return paragraph(style, run(title), element("w:r", element("w:tab")), *pages)
