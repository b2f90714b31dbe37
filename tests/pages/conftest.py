"""Gives page tests one browser a test process, and a fresh, forgetful page each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.browser import started_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield an empty page in a context of its own: no cookies, no cache, UTC."""
    context = browser.new_context(timezone_id="UTC", locale="en-GB")
    try:
        yield context.new_page()
    finally:
        context.close()
