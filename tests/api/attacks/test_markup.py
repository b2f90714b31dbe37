"""Markup in names: what people typed is shown as they typed it, and never becomes part of a page."""

import re

import pytest

from tests.api.attacks.harmless import harmless
from tests.api.people import NORTH, key_of
from tests.api.ward import BASE, Ward, as_person
from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.actors import issue_key, make_actor, present_key

MARKUP = "<script>alert(1)</script>"
ATTRIBUTE = '" onmouseover="alert(1)" x="'
TEMPLATE = "{{ 7*191 }}${7*191}"
EVERYTHING = f"{MARKUP}{ATTRIBUTE}{TEMPLATE}</textarea></title><img src=x onerror=alert(1)>"
SECRET = "another-secret-of-forty-three-letters-in-all"


@pytest.fixture
def marked(edge: Ward) -> Ward:
    """Fill a ward with markup wherever somebody may write: site, pseudonym, actor, reason, note, owner."""
    clinician = Actor("marked", EVERYTHING, (Grant(Role.CLINICIAN, NORTH),))
    with edge.house.database.write() as connection:
        make_actor(connection, clinician, at=edge.clock())
        issue_key(connection, "marked", key_id="marked", secret=SECRET, at=edge.clock())
    site = {"name": MARKUP + ATTRIBUTE, "time_zone": "Europe/Berlin"}
    assert edge.client.put(f"{BASE}/sites/{NORTH}", json=site, headers=as_person("admin")).status_code == 200
    patient = edge.in_first_block(pseudonym=f"P {MARKUP}")
    for fact_type, data in (
        ("note_added", {"text": EVERYTHING}),
        ("owner_changed", {"actor": f"o {MARKUP}", "deputy": f"d {ATTRIBUTE}"[:60]}),
    ):
        answer = edge.record(patient, fact_type, "2025-01-10", data)
        assert answer.status_code in {201, 422}, answer.text
    alert = edge.get(f"/patients/{patient}").json()["alerts"][0]["id"]
    headers = {"Authorization": f"Bearer {present_key('marked', SECRET)}"}
    seen_to = edge.client.post(f"{BASE}/alerts/{alert}/acknowledge", json={"reason": EVERYTHING}, headers=headers)
    assert seen_to.status_code == 200, seen_to.text
    edge.client.post("/sign-in", data={"key": present_key("marked", SECRET)})
    return edge


def assert_inert(text: str) -> None:
    """Assert that no markup of ours stands in a page, and that nothing was filled in by a template."""
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert not re.search(r"<[^>]*\sonmouseover=", text)
    assert "1337" not in text


def test_pages_show_markup_as_text(marked: Ward) -> None:
    alert = marked.get("/alerts").json()["items"][0]["id"]
    shown = []
    for path in ("/", "/worklist", "/alerts", f"/alerts/{alert}", "/protocols", "/reference", "/worklist?site=north"):
        answer = marked.client.get(path, headers={"Accept": "text/html"})

        harmless(answer, 200)
        assert_inert(answer.text)
        shown.append(answer.text)
    assert any("&lt;script&gt;alert(1)" in page for page in shown)


def test_what_is_asked_comes_back_as_text_only(edge: Ward) -> None:
    edge.client.post("/sign-in", data={"key": key_of("viewer")})
    for path in ("/worklist", "/alerts", "/sign-in", "/nowhere", "/reference/x", "/docs"):
        for name in ("next", "site", "rule", "status", "cursor", "as_of", EVERYTHING):
            answer = edge.client.get(path, params={name: EVERYTHING}, headers={"Accept": "text/html"})

            harmless(answer, 200, 404, 422)
            assert_inert(answer.text)
    for path in ("/sign-in", "/sign-out", f"/{EVERYTHING}"):
        answer = edge.client.post(
            path, data={"key": EVERYTHING, "next": f"/worklist?{EVERYTHING}"}, headers={"Accept": "text/html"}
        )
        harmless(answer)
        assert_inert(answer.text)


def test_answers_to_programs_are_never_taken_for_pages(edge: Ward) -> None:
    for path in (f"{BASE}/{MARKUP}", f"{BASE}/patients?{MARKUP}={MARKUP}", f"{BASE}/protocols/{MARKUP}"):
        answer = edge.client.get(path, headers={**as_person("viewer"), "Accept": "text/html"})

        harmless(answer, 404, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_names_have_no_lines_of_their_own(edge: Ward) -> None:
    for pseudonym in ("A\r\nATTENDEE:x", "A\nB", "A\x00B", "A\x1b[2J"):
        refused = edge.post(
            "/patients",
            {"pseudonym": pseudonym, "site": NORTH, "diagnosis_date": "2022-03-01", "phenotype": "BCP"},
            "admin",
        )
        harmless(refused, 422)
