"""The pages in a real browser: signing in, the worklist, protocols drawn, and nothing from elsewhere."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.people import key_of
from tests.api.ward import Ward
from tests.pages.watching import watched

INTENDED_USE = "It is not a substitute for individual treatment decisions."
PHONE = {"width": 390, "height": 844}


def sign_in(page: Page, address: str, who: str = "treating_doctor", path: str = "/worklist") -> None:
    """Open a page as a person does who has no session yet."""
    page.goto(address + path)
    page.get_by_label("Your key").fill(key_of(who))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.wait_for_load_state("networkidle")


def row_of(page: Page, pseudonym: str) -> Locator:
    """Return the first row of a patient."""
    return page.get_by_role("row").filter(has_text=pseudonym).first


@pytest.fixture
def course_of_each_kind(ward: Ward) -> Ward:
    """Start blocks so that on 2025-06-30 one next block is critical, one late, one due and one not yet open."""
    for pseudonym, started_on in (
        ("DUE-1", "2025-06-11"),
        ("LATE-1", "2025-06-08"),
        ("CRITICAL-1", "2025-06-04"),
        ("EARLY-1", "2025-06-28"),
    ):
        patient = ward.relapsed(pseudonym=pseudonym)
        ward.recorded(patient, "block_started", started_on, {"element": "R1"})
        ward.recorded(patient, "contact_recorded", "2025-06-30", {"on": "2025-06-30"})
        ward.recorded(patient, "owner_changed", "2025-06-30", {"actor": "dr.lang", "deputy": "dr.weiss"})
    return ward


def test_the_start_page_says_what_this_is_and_leads_on(page: Page, address: str) -> None:
    seen = watched(page, address)

    page.goto(address)

    expect(page.get_by_role("heading", level=1)).to_contain_text("due, late or critical")
    expect(page.get_by_text(INTENDED_USE)).to_be_visible()
    for name, leads_to in (("Worklist", "/worklist"), ("Protocols", "/protocols"), ("Health", "/health/ready")):
        expect(page.get_by_role("main").get_by_role("link", name=name)).to_have_attribute("href", leads_to)
    assert seen.complaints == []
    assert seen.elsewhere == []


def test_a_key_leads_to_the_page_that_was_asked_for(page: Page, address: str) -> None:
    sign_in(page, address, path="/worklist?as_of=2025-06-01")

    expect(page).to_have_url(address + "/worklist?as_of=2025-06-01")
    expect(page.get_by_text("treating_doctor")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.goto(address + "/worklist")
    expect(page.get_by_role("heading", name="Sign in to see the worklist")).to_be_visible()


def test_a_wrong_key_is_told_and_forgotten(page: Page, address: str) -> None:
    page.goto(address + "/sign-in")
    page.get_by_label("Your key").fill("cw_viewer_wrong")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("not known here, or was revoked")
    expect(page.get_by_label("Your key")).to_have_value("")


def test_the_worklist_shows_the_gravest_first_in_words_and_dates(
    page: Page, address: str, course_of_each_kind: Ward
) -> None:
    sign_in(page, address, path="/worklist?rule=TR-001")
    seen = watched(page, address)
    page.reload()

    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    assert rows.locator(".standing").all_inner_texts() == ["▲ Critical", "◆ Late", "● Due"]
    critical = row_of(page, "CRITICAL-1")
    expect(critical).to_contain_text("26 days after the start of 2025-06-04")
    expect(critical).to_contain_text("5 days past the latest day, 2025-06-25.")
    expect(critical).to_contain_text("Decide and document: start, defer until, or stop.")
    expect(critical).to_contain_text("dr.lang, deputy dr.weiss")
    expect(row_of(page, "LATE-1")).to_contain_text("22 days after the start of 2025-06-08")
    expect(row_of(page, "LATE-1")).to_contain_text("Next threshold: critical 2025-07-04")
    expect(row_of(page, "DUE-1")).to_contain_text("Latest day 2025-07-02, in 2 days.")
    expect(page).to_have_title("Worklist: 1 critical, 1 late, 1 due · Coursewatch")
    expect(page.get_by_text(INTENDED_USE)).to_be_visible()
    assert "day 22" not in page.content().lower()
    assert seen.complaints == []
    assert seen.elsewhere == []


def test_the_worklist_of_another_day_and_site_is_chosen_in_the_page(
    page: Page, address: str, course_of_each_kind: Ward
) -> None:
    sign_in(page, address, "admin", "/worklist?rule=TR-001")
    page.get_by_label("As of").fill("2025-06-29")
    page.get_by_label("Due").uncheck()
    # The contacts of 2025-06-30 had not been yet: on that day all these patients were silent.
    page.get_by_label("Silent").uncheck()
    page.get_by_label("Site").select_option("north")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("As of 2025-06-29")).to_be_visible()
    expect(row_of(page, "CRITICAL-1")).to_contain_text("25 days after the start of 2025-06-04")
    expect(row_of(page, "CRITICAL-1")).to_contain_text("Late")
    expect(page.get_by_text("DUE-1")).to_have_count(0)
    expect(page.get_by_label("Due")).not_to_be_checked()

    page.get_by_label("Site").select_option("south")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Nothing asks for attention here")).to_be_visible()


def test_an_impossible_day_in_the_address_is_told_as_a_page(page: Page, address: str) -> None:
    sign_in(page, address)
    page.goto(address + "/worklist?as_of=2025-02-30")

    expect(page.get_by_text("as_of is not a date that exists; check day and month")).to_be_visible()


def test_another_hospital_sees_its_own_patients_only(page: Page, address: str, course_of_each_kind: Ward) -> None:
    sign_in(page, address, "other_hospital")

    expect(page.get_by_role("heading", name="Nothing asks for attention here")).to_be_visible()
    assert "CRITICAL-1" not in page.content()


def test_a_silent_patient_is_asked_about(page: Page, address: str, ward: Ward) -> None:
    patient = ward.relapsed(pseudonym="QUIET-1")
    ward.recorded(patient, "block_started", "2025-06-20", {"element": "R1"})

    sign_in(page, address)

    expect(row_of(page, "QUIET-1")).to_contain_text("Nothing recorded for 10 days, since 2025-06-20")


def test_the_worklist_of_today_grows_no_older_than_five_minutes(page: Page, address: str) -> None:
    sign_in(page, address)

    expect(page.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "300")
    page.goto(address + "/worklist?as_of=2025-06-01")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, address: str, course_of_each_kind: Ward) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in(page, address)

    for path in ("/", "/worklist", "/protocols", "/reference", "/sign-in"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_on_a_phone_drawings_are_read_whole_and_without_scrolling(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in(page, address, path="/protocols")

    drawn = page.get_by_role("img", name="Timing windows of")
    assert drawn.count() == page.get_by_role("figure").count() > 1
    for picture in drawn.all():
        left, right, scale = picture.evaluate(
            "svg => { const box = svg.getBoundingClientRect(); return [box.left, box.right, svg.getScreenCTM().a]; }"
        )
        assert 0 <= left < right <= PHONE["width"]
        assert 13 * scale >= 11  # the size of its type, in pixels of the screen
        assert picture.evaluate(
            "svg => [...svg.querySelectorAll('text')].every(words => "
            "words.getBoundingClientRect().right <= svg.getBoundingClientRect().right)"
        )


def test_what_a_pseudonym_holds_is_text_and_never_markup(page: Page, address: str, ward: Ward) -> None:
    patient = ward.relapsed(pseudonym="<img src=x onerror=alert(1)>")
    ward.recorded(patient, "block_started", "2025-06-01", {"element": "R1"})
    seen = watched(page, address)

    sign_in(page, address)

    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    assert not [url for url in seen.requested if url.endswith("/x")]


def test_more_rows_than_a_page_holds_are_one_link_away(page: Page, address: str, ward: Ward) -> None:
    for number in range(3):
        ward.recorded(ward.relapsed(pseudonym=f"P-{number}"), "block_started", "2025-06-01", {"element": "R1"})
    sign_in(page, address, path="/worklist?rule=TR-001&limit=2")

    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_protocols_are_drawn_and_said_in_a_table(page: Page, address: str) -> None:
    sign_in(page, address, path="/protocols")
    seen = watched(page, address)
    page.reload()

    expect(page.get_by_role("img", name="Timing windows of ALL-REZ BFM 2002, version 2")).to_be_visible()
    rule = page.get_by_role("row").filter(has_text="TR-001").first
    expect(rule).to_contain_text("21 d: target, latest")
    expect(rule).to_contain_text("26 d: critical from")
    expect(page.get_by_text("day 1 is the day of the start").first).to_be_visible()
    gate = page.get_by_role("listitem").filter(has_text="TR-041: No start of CYCLE under 14 d after the end of CYCLE.")
    expect(gate.first).to_be_visible()
    expect(page.get_by_text("What the sources do not state").first).to_be_visible()
    assert seen.complaints == []
    assert seen.elsewhere == []
