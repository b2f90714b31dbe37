"""The reference in a real browser: from a page to a rule and back, readable on a phone, nothing from elsewhere."""

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.api.releasing import APPROVER, AUTHOR, signed, ward_with
from tests.api.serving import served
from tests.own_protocols import write_own
from tests.pages.test_pages import PHONE, sign_in
from tests.pages.watching import watched


def test_the_reference_leads_from_a_protocol_to_its_rules_and_contradictions(page: Page, address: str) -> None:
    sign_in(page, address, "viewer", "/reference")
    seen = watched(page, address)

    page.get_by_role("main").get_by_role("link", name="Protocols", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="ALL-REZ BFM 90", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ALL-REZ BFM 90")
    expect(page.get_by_role("img", name="Timing windows of ALL-REZ BFM 90, version")).to_be_visible()
    window = page.get_by_role("row").filter(has_text="Next block").first
    expect(window).to_contain_text("21 d: target, latest")
    expect(page.get_by_role("heading", name="Worked examples")).to_be_visible()

    window.get_by_role("link", name="TR-001").click()
    expect(page).to_have_url(f"{address}/reference/timing-rules#tr-001")
    page.goto(f"{address}/reference/risk-schemes")
    page.get_by_role("row").filter(has_text="calls early isolated extramedullary").first.get_by_role("link").click()
    expect(page).to_have_url(f"{address}/reference/contradictions#c28")
    expect(page.locator("#c28")).to_be_in_viewport()
    assert seen.complaints == []
    assert seen.elsewhere == []

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for name in ("", "/protocol-all-rez-bfm-90", "/risk-schemes", "/chart", "/timing-rules"):
        page.goto(f"{address}/reference{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name


def test_the_schemas_of_protocol_files_are_a_click_away(page: Page, address: str) -> None:
    sign_in(page, address, "viewer", "/reference")

    for name in ("protocol.schema.json", "examples.schema.json"):
        link = page.get_by_role("link", name=name).get_attribute("href")
        assert page.request.get(f"{address}{link}").json()["$schema"].endswith("2020-12/schema")


def test_who_signed_a_protocol_of_ones_own_and_when_stands_on_both_pages(
    page: Page, sqlite_template: Path, tmp_path: Path
) -> None:
    own, file = tmp_path / "own", tmp_path / "coursewatch.sqlite3"
    sha256 = write_own(own)
    shutil.copy(sqlite_template, file)
    with ward_with(own, f"sqlite:///{file}") as ward, served(ward.client.app) as address:
        assert signed(ward, "author", AUTHOR, sha256).status_code == 201
        sign_in(page, address, "viewer", "/protocols")
        expect(page.get_by_text("draft, to be signed by its approver")).to_be_visible()
        told = page.get_by_text(f"{AUTHOR} as its author on 2025-06-30 at 09:00 UTC")
        expect(told).to_be_visible()

        assert signed(ward, "approver", APPROVER, sha256).status_code == 201
        page.reload()
        expect(told).to_contain_text(f"and {APPROVER} as its approver on 2025-06-30")
        page.goto(f"{address}/reference/protocol-home-blocks")
        expect(page.get_by_role("row").filter(has_text="released; signed by")).to_contain_text(APPROVER)


def test_a_page_that_is_not_there_says_so(page: Page, address: str) -> None:
    sign_in(page, address, "viewer", "/reference")
    page.goto(f"{address}/reference/nothing")

    expect(page.get_by_text("the reference has no such page")).to_be_visible()
