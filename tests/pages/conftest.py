"""Gives page tests one browser a module, a fresh, forgetful page each, and a ward served to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.serving import served
from tests.api.ward import Ward, opened_ward
from tests.pages.browser import started_browser

# How long a busy machine may take to show something that will come; what comes is awaited, not timed.
PATIENCE_MILLISECONDS = 60_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)


# Not for a whole test process: while it runs, its event loop keeps every other one out of this thread.
@pytest.fixture(scope="module")
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


@pytest.fixture
def ward(sqlite_template: Path, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward on SQLite: what people see does not depend on the database."""
    file = tmp_path / "coursewatch.sqlite3"
    shutil.copy(sqlite_template, file)
    with opened_ward(f"sqlite:///{file}", tmp_path) as opened:
        yield opened


@pytest.fixture
def address(ward: Ward) -> Iterator[str]:
    """Serve the ward to the browser."""
    with served(ward.client.app) as url:
        yield url
