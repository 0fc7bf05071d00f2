"""Markdown of the plan: a safe part of CommonMark becomes blocks, everything else stays text and is escaped."""

import pytest
from markdown_it import MarkdownIt

from cpis_analysis.publish.blocks import Bullets, Heading, Paragraph, Run, plain
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.markdown import markdown_blocks, markdown_line

TEXT = """# Why

People *often* have **few** people to turn to,
says `a study` ([Smith & Co](https://example.org/a?b=1&c=2)).

- one
- two, with *emphasis*
  - within
- <https://example.org>

3. third
4. fourth
"""


def test_markdown_blocks_follow_the_text():
    heading, paragraph, bullets, third, fourth = markdown_blocks(TEXT)
    assert heading == Heading(2, "Why")
    assert paragraph.line == (
        Run("People "),
        Run("often", "emphasis"),
        Run(" have "),
        Run("few", "strong"),
        Run(" people to turn to,"),
        Run(" "),
        Run("says "),
        Run("a study", "code"),
        Run(" ("),
        Run("Smith & Co ("),
        Run("https://example.org/a?b=1&c=2", file="https://example.org/a?b=1&c=2"),
        Run(")"),
        Run(")."),
    )
    assert isinstance(bullets, Bullets)
    assert [plain(line) for line in bullets.lines] == ["one", "two, with emphasis", "within", "https://example.org"]
    assert [plain(one.line) for one in (third, fourth)] == ["3. third", "4. fourth"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '[x](https://e.org/"onmouseover="alert)',
        "![x](https://e.org/pixel.png)",
        "<https://e.org/<b>>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "`<b>` **<i>**",
    ],
)
def test_markdown_never_becomes_an_element_of_the_author(text):
    page = blocks_html(markdown_blocks(text))
    for tag in ("<script", "<img", "<b>", "<i>", 'href="javascript', 'href="data', '"onmouseover'):
        assert tag not in page


def test_markdown_says_the_words_that_the_whole_parser_says():
    """Words are those of CommonMark in full, addresses that we add for paper apart."""
    whole = MarkdownIt("commonmark").parse(TEXT)
    words = "".join(
        part.content or " "
        for token in whole
        if token.type == "inline"
        for part in token.children or ()
        if part.content
    )
    ours = "".join(
        plain(line)
        for block in markdown_blocks(TEXT)
        for line in (
            block.lines
            if isinstance(block, Bullets)
            else [block.line]
            if isinstance(block, Paragraph)
            else [(Run(block.text),)]
        )
    )
    for gone in (" (https://example.org/a?b=1&c=2)", "3. ", "4. "):
        ours = ours.replace(gone, "")
    assert ours.replace(" ", "") == words.replace(" ", "")


def test_markdown_marks_every_printed_text():
    seen = []

    def mark(text):
        seen.append(text)
        return text

    blocks = markdown_blocks("# 1\n\nab 2 *3* `4` [5](https://e.org/6)\n\n- 7\n\n8. x", mark=mark)
    printed = " ".join(str(block) for block in blocks)
    assert all(any(digit in text for text in seen) for digit in "12345678")
    assert "https://e.org/6" in printed
    assert plain(markdown_line("one\n\n- two\n- three")) == "one two three"
