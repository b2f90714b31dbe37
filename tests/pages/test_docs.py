"""The interactive API documentation works without internet and under the content security policy."""

from playwright.sync_api import Page, expect

from tests.api.people import key_of
from tests.pages.watching import watched

# Counted from the contract, not asked of the schema: patients 4, courses 4, facts 2, corrections 2, alerts 6
# (list, read, was it right, acknowledge, snooze, resolve), worklist 1, cohort 1, protocols 4, sites 2, health and
# metrics 3.
OPERATIONS = 30


def test_the_documentation_loads_from_our_own_server_without_a_complaint(page: Page, address: str) -> None:
    seen = watched(page, address)

    page.goto(address + "/docs")
    expect(page.get_by_role("heading", name="Coursewatch")).to_be_visible()
    expect(page.locator(".opblock")).to_have_count(OPERATIONS)
    page.locator("#operations-facts-facts_record button.opblock-summary-control").click()
    expect(page.get_by_text("Record one fact, or with")).to_be_visible()

    assert seen.complaints == []
    assert seen.elsewhere == []


def test_a_request_can_be_tried_out_with_a_key(page: Page, address: str) -> None:
    seen = watched(page, address)
    page.goto(address + "/docs")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(key_of("viewer"))
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Close").click()

    page.locator("#operations-sites-sites_listed button.opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    expect(page.locator(".live-responses-table")).to_contain_text("Hospital north")
    assert seen.complaints == []
    assert seen.elsewhere == []
