"""The pages of alerts in a real browser: what stands, and one alert as the link of a notice leads to it."""

from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import Page, expect

from api.app import create_app
from tests.api.ledger import CRITICAL, acted, alert_id, late_patient
from tests.api.people import key_of
from tests.api.serving import served
from tests.api.ward import UNKNOWN_PATIENT, Ward
from tests.pages.test_pages import INTENDED_USE, PHONE, row_of, sign_in
from tests.pages.watching import watched


def critically_late(ward: Ward) -> str:
    """Return the id of a critical alert; of the same patient one is acknowledged, another was resolved by hand."""
    late_patient(ward, CRITICAL)
    acted(ward, "acknowledge", alert_id(ward, "RM-04"))
    acted(ward, "resolve", alert_id(ward, "RM-02"), "treating_doctor")
    return alert_id(ward, "RM-05")


def test_the_open_alerts_are_listed_the_gravest_first_and_lead_on(page: Page, address: str, ward: Ward) -> None:
    critical = critically_late(ward)
    sign_in(page, address, path="/alerts")
    seen = watched(page, address)
    page.reload()

    assert page.locator("tbody .standing").all_inner_texts() == ["▲ Critical", "◆ Warning"]
    expect(page).to_have_title("Alerts: 1 critical, 1 warning · Coursewatch")
    expect(row_of(page, "Next block late")).to_contain_text("by ward_nurse: fever; the round decides at noon")
    expect(row_of(page, "Next block critically late")).to_contain_text("Since 2025-02-03")
    expect(page.get_by_text(INTENDED_USE)).to_be_visible()
    assert seen.complaints == []
    assert seen.elsewhere == []

    page.get_by_label("Resolved").check()
    page.get_by_role("button", name="Show").click()
    expect(row_of(page, "Plan the next block")).to_contain_text("by hand, 2025-02-03 09:00: fever")
    page.get_by_role("link", name="Next block critically late").click()
    expect(page).to_have_url(f"{address}/alerts/{critical}")


def test_the_link_of_a_notice_leads_to_its_alert_by_way_of_signing_in(page: Page, address: str, ward: Ward) -> None:
    critical = critically_late(ward)
    sign_in(page, address, path=f"/alerts/{critical}")

    expect(page).to_have_url(f"{address}/alerts/{critical}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Next block critically late")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/alerts/{critical}")
    expect(page.get_by_role("heading", name="Sign in to see the alert")).to_be_visible()


def test_an_alert_says_what_why_whether_right_what_happened_and_who_was_told(
    page: Page, address: str, ward: Ward
) -> None:
    critical = critically_late(ward)
    sign_in(page, address, path=f"/alerts/{critical}")
    seen = watched(page, address)
    page.reload()

    shown = page.get_by_role("main")
    expect(shown).to_contain_text("Decide and document: start, defer until, or stop.")
    expect(shown).to_contain_text("ALL-0007")
    expect(shown).to_contain_text("2025-02-03 − 2025-01-08 = 26 d")
    expect(shown).to_contain_text("associated with worse survival")
    expect(page.get_by_role("heading", name="Was it right?")).to_have_text("Was it right? Right so far.")
    expect(shown).to_contain_text("2025-02-03, 26 days after the start of R1 (2025-01-08)")
    expect(shown).to_contain_text("iLive: history of the ALL-REZ BFM 83, 90 and 95 trials")
    expect(shown).to_contain_text(f"/api/v1/alerts/{critical}/acknowledge")
    expect(shown).to_contain_text("Record a start or a stop and the alert resolves itself.")
    expect(row_of(page, "Raised")).to_contain_text("2025-02-03 00:00")
    expect(row_of(page, "log")).to_contain_text("to be sent")
    assert "day 26" not in page.content().lower()
    assert seen.complaints == []
    assert seen.elsewhere == []


def test_late_documentation_is_told_with_the_fact_that_came_late(page: Page, address: str, ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)
    ward.clock.now += timedelta(days=2)
    ward.recorded(patient, "block_started", "2025-01-27", {"element": "R2"})
    sign_in(page, address, path=f"/alerts/{alert_id(ward, 'RM-05')}")

    expect(page.get_by_role("heading", name="Was it right?")).to_contain_text("the documentation came late")
    expect(row_of(page, "f6")).to_contain_text("2025-01-27")
    expect(page.get_by_text("Resolved, by f6")).to_be_visible()
    expect(page.get_by_text("Through the API")).to_have_count(0)


def test_an_alert_that_was_right_and_is_over_was_right(page: Page, address: str, ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)
    ward.recorded(patient, "block_started", "2025-02-03", {"element": "R2"})
    sign_in(page, address, path=f"/alerts/{alert_id(ward, 'RM-05')}")

    expect(page.get_by_role("heading", name="Was it right?")).to_have_text("Was it right? Yes.")


def test_a_rehearsal_says_on_every_page_that_nobody_is_real(page: Page, ward: Ward) -> None:
    said = "Rehearsal: nobody here is real. Enter no real patient."
    for rehearsal in (True, False):
        with served(create_app(replace(ward.house, rehearsal=rehearsal))) as address:
            sign_in(page, address)
            for path in ("/", "/worklist", "/alerts", "/protocols", "/sign-in", f"/alerts/{UNKNOWN_PATIENT}"):
                page.goto(address + path)
                expect(page.get_by_text(said)).to_have_count(int(rehearsal))
            page.context.clear_cookies()


def test_recipients_are_shown_to_who_coordinates_only(page: Page, address: str, ward: Ward) -> None:
    ward.client.put(
        "/api/v1/sites/north",
        json={"contacts": ["ward-3@north.example"]},
        headers={"Authorization": f"Bearer {key_of('admin')}"},
    )
    critical = critically_late(ward)
    sign_in(page, address, path=f"/alerts/{critical}")
    assert "ward-3@north.example" not in page.content()

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, address, "data_manager", path=f"/alerts/{critical}")
    expect(page.get_by_text("email: ward-3@north.example")).to_be_visible()


def test_another_hospital_finds_no_alert(page: Page, address: str, ward: Ward) -> None:
    critical = critically_late(ward)
    sign_in(page, address, "other_hospital", path="/alerts")
    expect(page.get_by_role("heading", name="No alert stands so")).to_be_visible()

    for alert in (critical, UNKNOWN_PATIENT):
        page.goto(f"{address}/alerts/{alert}")
        expect(page.get_by_text("no such alert for this key")).to_be_visible()
        assert "ALL-0007" not in page.content()


def test_the_start_page_and_the_worklist_lead_to_the_alerts(page: Page, address: str) -> None:
    sign_in(page, address)
    expect(page.get_by_role("main").get_by_role("link", name="Open alerts")).to_have_attribute("href", "/alerts")

    page.goto(address)
    expect(page.get_by_role("main").get_by_role("link", name="Alerts")).to_have_attribute("href", "/alerts")


def test_on_a_phone_no_alert_is_wider_than_the_screen(page: Page, address: str, ward: Ward) -> None:
    critical = critically_late(ward)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in(page, address)

    for path in ("/alerts", f"/alerts/{critical}"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_what_people_wrote_is_text_and_never_markup(page: Page, address: str, ward: Ward) -> None:
    late_patient(ward, CRITICAL, pseudonym="<img src=x onerror=alert(1)>")
    critical = alert_id(ward, "RM-05")
    acted(ward, "acknowledge", critical, reason="<img src=y onerror=alert(1)>")
    sign_in(page, address, path="/alerts")
    seen = watched(page, address)

    for path in ("/alerts", f"/alerts/{critical}"):
        page.goto(address + path)
        expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
        expect(page.get_by_text("<img src=y onerror=alert(1)>").first).to_be_visible()
    assert not [url for url in seen.requested if url.endswith(("/x", "/y"))]
