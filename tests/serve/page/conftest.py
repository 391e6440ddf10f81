"""The page of `symgen serve` in a real browser, with the real server."""

import contextlib
import time

import pytest

from tests.serve.page import browsing


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of a server with the models that ship."""
    with browsing.serving(tmp_path_factory.mktemp("serve")) as address:
        yield address


@pytest.fixture
def visit(chromium, server):
    """Open the page: `visit("?study=1#seed=3", width=390)`; each visit is of a new person.

    At the end nothing may have gone to another origin or been complained about by the browser.
    """
    asked, complaints, addresses = [], [], []
    with contextlib.ExitStack() as stack:

        def go(rest="", width=1280, height=900, address=server, **options):
            addresses.append(address.partition("?")[0])
            context = chromium.new_context(viewport=dict(width=width, height=height), **options)
            stack.callback(context.close)
            context.on("request", lambda request: asked.append(request.url))
            page = context.new_page()
            page.on("console", lambda message: complaints.append((message.type, message.text)))
            page.on("pageerror", lambda error: complaints.append(("error", str(error))))
            page.set_default_timeout(15_000)
            page.goto(address + rest)
            page.wait_for_selector("html[data-ready]")
            return page

        go.complaints = complaints
        yield go
        time.sleep(0.05)  # the last events come
    assert [url for url in asked if not url.startswith((*addresses, "blob:", "data:"))] == []
    assert [text for kind, text in complaints if kind in ("error", "warning")] == []
