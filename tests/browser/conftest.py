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
            item.add_marker(pytest.mark.xdist_group("browser"))
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
def report(tmp_path_factory) -> Path:
    """A findings report with every kind of table and figure, of a made-up study."""
    from browser_study import write_report

    return write_report(tmp_path_factory.mktemp("report") / "findings.html")


@pytest.fixture
def open_page(browser, report):
    """Open the report; every request for anything but the file itself is a failure."""
    contexts = []

    def opened(**settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(report.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
