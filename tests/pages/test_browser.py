"""Proves that page tests have a real browser, and that its absence is told in one clear line."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.pages import browser


def test_a_page_is_laid_out_and_runs_scripts(page: Page) -> None:
    page.set_content("<h1>Worklist</h1><p hidden>quiet</p>")

    assert page.get_by_role("heading", name="Worklist").is_visible()
    assert page.get_by_text("quiet").is_hidden()
    assert page.evaluate("new Intl.DateTimeFormat().resolvedOptions().timeZone") == "UTC"


def test_without_chromium_and_without_root_the_way_out_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "installed_chromium", lambda: None)
    monkeypatch.setattr(browser, "may_install", lambda: False)

    with pytest.raises(
        browser.NoBrowserError, match=r"^The page tests need Chromium: .*`apt-get install -y chromium`\.$"
    ):
        browser.chromium()


def test_where_it_may_be_installed_it_is_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[Path] = []
    monkeypatch.setattr(browser, "installed_chromium", lambda: installed[0] if installed else None)
    monkeypatch.setattr(browser, "may_install", lambda: True)
    monkeypatch.setattr(browser, "install_chromium", lambda: installed.append(Path("/usr/bin/chromium")))

    assert [browser.chromium(), browser.chromium()] == [Path("/usr/bin/chromium")] * 2
    assert len(installed) == 1
