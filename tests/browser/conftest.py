"""The page in a real browser: opened from a file, without network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items):
    """Skip what needs a browser where there is none, with the reason."""
    reason = missing()
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def missing() -> str:
    """Why no browser can be used; empty if one can."""
    try:
        import axe_playwright_python
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed: pip install -e '.[browser]'"
    return "" if program() and axe_playwright_python else "Chromium is not installed (Debian: apt-get install chromium)"


def program() -> str | None:
    """A browser of the system; CHROMIUM names another."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> dict[str, Path]:
    """Every page that the project writes, of a made-up study with every kind of table and figure."""
    from browser_study import study_content
    from other_pages import write_pages

    return write_pages(tmp_path_factory.mktemp("pages"), study_content())


@pytest.fixture
def open_page(browser, pages):
    """Opens a page by name."""
    from browser_pages import opener

    with opener(browser, pages) as opened:
        yield opened
