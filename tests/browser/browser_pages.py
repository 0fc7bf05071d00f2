"""Pages opened in a browser as readers open them: from a file, without network."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

TIMEOUT = 5000
"""Milliseconds to wait for an element. A page is a file and whole once opened, so what isn't there is missing."""


@contextmanager
def opener(browser, pages):
    """Open pages by name; what each asks for beside its own file, and what it complains of, is kept."""
    with ExitStack() as contexts:

        def opened(name, **settings):
            context = browser.new_context(**settings)
            contexts.callback(context.close)
            context.set_offline(True)
            context.set_default_timeout(TIMEOUT)
            page = context.new_page()
            page.requested, page.complaints = [], []
            page.on("request", lambda request: page.requested.append(request.url))
            page.on("console", lambda message: page.complaints.append(message.text))
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.goto(pages[name].as_uri())
            return page

        yield opened
