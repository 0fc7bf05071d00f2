"""Letters of other alphabets: which fonts they are drawn with, and what stands behind words from right to left."""

from pathlib import Path

import matplotlib
import pytest

from cpis_analysis.publish import letters
from cpis_analysis.publish.letters import SHIPPED, borrowed_families, foreign_letters, without_font
from cpis_analysis.publish.pen.style import canvas_of, finish, page_of
from cpis_analysis.publish.shown import as_shown

EUROPEAN_AND_RIGHT_TO_LEFT = "Δοκιμή Проверка Ստուգում გამოცდა ניסוי تجربة é ≥ −"
HOOKED = "\u1d81"
"""A letter that DejaVu Sans lacks and STIX, which comes with Matplotlib too, has."""
STIX = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "STIXGeneral.ttf"


@pytest.fixture
def machine(monkeypatch):
    """Let the machine have some fonts, and no others."""

    def has(*paths):
        letters._found.cache_clear()
        monkeypatch.setattr(letters, "_machine_fonts", lambda: tuple(map(str, paths)))

    yield has
    letters._found.cache_clear()


def test_letters_of_the_shipped_font_look_at_no_font_of_the_machine(monkeypatch):
    def asked():
        raise AssertionError("a font of the machine would make the bytes depend on it")

    monkeypatch.setattr(letters, "_machine_fonts", asked)
    assert foreign_letters(EUROPEAN_AND_RIGHT_TO_LEFT) == frozenset()
    assert borrowed_families(EUROPEAN_AND_RIGHT_TO_LEFT) == ()
    assert without_font([EUROPEAN_AND_RIGHT_TO_LEFT]) == ""


def test_letters_that_no_font_has_are_named(machine):
    machine()
    assert without_font(["阅读 reading", "读"]) == "读阅"
    assert borrowed_families("阅读") == ()


def test_letters_come_from_a_font_of_the_machine_that_has_them(machine, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    machine(broken, STIX)
    assert borrowed_families(HOOKED) == ("STIXGeneral",)
    assert without_font([HOOKED, "阅"]) == "阅"


def test_drawings_have_outlines_of_the_borrowed_font_and_name_them_apart(machine, recwarn):
    machine(STIX)
    canvas = canvas_of(40, False)
    page_of(canvas).text(50, 20, f"a{HOOKED}", 9)
    svg = finish(canvas, "hooked", "Title", "Alt").svg
    assert not [one for one in recwarn if "Glyph" in str(one.message)]
    assert svg.count("hooked-g") == 2  # one outline and its use
    assert "hooked-STIXGeneral-Regular-x" in svg
    assert SHIPPED == "DejaVu Sans"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Difference in درجة القراءة, 95% interval", "Difference in درجة القراءة\u200e, 95% interval"),
        ("ספרים חדשים − הוראה רגילה", "ספרים חדשים\u200e − הוראה רגילה"),
        ("גיל (שנים): 13.4", "גיל (שנים)\u200e: 13.4"),
        ("מדרסות (n = 54)", "מדרסות\u200e (n = 54)"),
        ("קיץ", "קיץ"),
        ("reading, 95%", "reading, 95%"),
    ],
)
def test_what_stands_behind_words_from_right_to_left_stays_there(text, shown):
    assert as_shown(text) == shown
