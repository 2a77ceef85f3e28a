"""A real browser for tests that look at a page: Chromium, headless, with loopback and nothing else.

@pytest.fixture(scope="module")
def chromium():
    with browser.launched() as found:
        yield found

def test_…(chromium):
    with browser.opened(chromium, url) as page: …
"""

import contextlib
import shutil
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
HERE = ("127.0.0.1", "localhost")


@contextlib.contextmanager
def launched():
    """The browser; a test that needs it is skipped, with the reason, where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)} is on the PATH")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        try:
            yield chromium
        finally:
            chromium.close()


@contextlib.contextmanager
def opened(chromium, url, *, forgiven=(), script="", clock=False, **settings):
    """The page at this address, in a fresh context.

    `script` runs before its own; with `clock`, its time goes by only when the test says so. What a
    page must not do fails the test: an error (unless a word of `forgiven` is in it), or a request
    to any other computer.
    """
    context = chromium.new_context(**settings)
    try:
        page, troubles = context.new_page(), []
        page.set_default_timeout(10_000)
        context.on("request", lambda request: troubles.extend(_strange(request.url)))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.extend([said.text] * (said.type == "error")))
        if clock:
            page.clock.install()
        if script:
            page.add_init_script(script)
        page.goto(url)
        yield page
        troubles = [one for one in troubles if not any(word in one for word in forgiven)]
        assert not troubles, troubles
    finally:
        context.close()


def _strange(url):
    parts = urlsplit(url)
    is_strange = parts.scheme not in ("data", "blob") and parts.hostname not in HERE
    return [f"a request to {url}"] * is_strange
