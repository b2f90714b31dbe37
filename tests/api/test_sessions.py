"""Signing in with a browser: a sealed cookie for one shift, gone with its key, and no form from elsewhere."""

from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from api import sessions
from api.app import create_app
from tests.api.people import key_of
from tests.api.ward import Ward
from tests.introduced import changing
from workflow.bootstrap import build
from workflow.persistence.actors import revoke_key
from workflow.persistence.errors import DatabaseUnavailableError
from workflow.services import authenticate
from workflow.services.key_memory import REMEMBERED_FOR


def sign_in(ward: Ward, who: str = "viewer", landing: str = "/worklist", **headers: str) -> Response:
    sent = {"key": key_of(who), "next": landing}
    return ward.client.post("/sign-in", data=sent, headers=headers, follow_redirects=False)


def test_without_a_session_the_worklist_asks_for_a_key(edge: Ward) -> None:
    for path in (
        "/worklist",
        "/protocols",
        "/reference",
        "/reference/protocol-all-rez-bfm-90@1",
        "/alerts",
        "/alerts/0197f3a2-5c1e-7d43-9b60-2f8a41c7e905",
    ):
        answer = edge.client.get(path)

        assert answer.status_code == 401
        assert "Your key" in answer.text
        assert f'name="next" value="{path}"' in answer.text


def test_a_key_opens_a_session_of_one_shift(edge: Ward) -> None:
    answer = sign_in(edge, landing="/worklist?as_of=2025-06-30")

    assert (answer.status_code, answer.headers["location"]) == (303, "/worklist?as_of=2025-06-30")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert key_of("viewer") not in cookie
    assert edge.client.get("/worklist").status_code == 200

    edge.clock.now += sessions.LASTS
    assert edge.client.get("/worklist").status_code == 401


def test_a_cookie_travels_encrypted_everywhere_but_on_this_machine(edge: Ward) -> None:
    elsewhere = TestClient(edge.client.app, base_url="http://ward.example")

    here = sign_in(edge).headers["set-cookie"]
    there = elsewhere.post("/sign-in", data={"key": key_of("viewer")}, follow_redirects=False).headers["set-cookie"]

    assert "Secure" not in here
    assert "Secure" in there
    assert "is not encrypted" in elsewhere.get("/sign-in").text
    assert "is not encrypted" not in edge.client.get("/sign-in").text


def test_a_revoked_key_ends_its_sessions(edge: Ward) -> None:
    sign_in(edge)
    with changing(edge.house.database) as connection:
        assert revoke_key(connection, "viewer", at=edge.clock())
    edge.clock.now += timedelta(seconds=6)

    assert edge.client.get("/worklist").status_code == 401


def test_signing_out_ends_the_session_of_this_browser(edge: Ward) -> None:
    sign_in(edge)

    answer = edge.client.post("/sign-out", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert edge.client.get("/worklist").status_code == 401


def test_a_copied_cookie_ends_with_the_session_in_every_process(ward: Ward) -> None:
    other_process = build(ward.house.settings, clock=ward.clock)
    sign_in(ward)
    copied = {sessions.COOKIE: ward.client.cookies[sessions.COOKIE]}
    here = TestClient(ward.client.app, base_url="http://localhost", cookies=copied)
    there = TestClient(create_app(other_process), base_url="http://localhost", cookies=copied)
    assert (here.get("/worklist").status_code, there.get("/worklist").status_code) == (200, 200)

    ward.client.post("/sign-out")

    assert here.get("/worklist").status_code == 401
    ward.clock.now += REMEMBERED_FOR
    assert there.get("/worklist").status_code == 401
    sign_in(ward)
    assert ward.client.get("/worklist").status_code == 200
    other_process.close()


def test_two_who_sign_in_with_one_key_in_one_second_have_each_a_session_of_their_own(edge: Ward) -> None:
    neighbour = TestClient(edge.client.app, base_url="http://localhost")
    edge.clock.now = edge.clock.now.replace(microsecond=0)
    sign_in(edge)
    neighbour.post("/sign-in", data={"key": key_of("viewer")})

    neighbour.post("/sign-out")
    edge.clock.now += REMEMBERED_FOR

    assert neighbour.get("/worklist").status_code == 401
    assert edge.client.get("/worklist").status_code == 200


@pytest.mark.parametrize("remembered", [True, False])
def test_a_browser_is_signed_out_even_where_the_database_does_not_answer(
    edge: Ward, monkeypatch: pytest.MonkeyPatch, *, remembered: bool
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnavailableError("gone")

    sign_in(edge)
    session = sessions.opened(edge.client.cookies[sessions.COOKIE], edge.house.database.secret, edge.clock())
    assert session is not None
    if remembered:
        edge.client.get("/worklist")
    with monkeypatch.context() as without_database:
        without_database.setattr(authenticate, "end_session" if remembered else "actor_of_session", away)
        answer = edge.client.post("/sign-out", headers={"Accept": "text/html"})

    assert answer.status_code == 503
    assert "This browser is signed out." in answer.text
    assert f"works until {session.until:%H:%M} UTC" in answer.text
    assert edge.client.get("/worklist").status_code == 401


@pytest.mark.parametrize("key", ["", "nonsense", "cw_viewer_wrong", "cw_viewer_", key_of("viewer") + "x", "\x00", "é"])
def test_a_wrong_key_opens_nothing_and_is_not_repeated(edge: Ward, key: str) -> None:
    answer = edge.client.post("/sign-in", data={"key": key}, follow_redirects=False)

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "not known here, or was revoked" in answer.text
    assert "cw_viewer_" not in answer.text


@pytest.mark.parametrize(
    "landing",
    [
        "https://evil.example/worklist",
        "//evil.example/worklist",
        "/\\evil.example",
        "/docs",
        "javascript:alert(1)",
        "/worklist\r\nSet-Cookie: a=b",
        "/worklist?" + "a" * 1000,
        "http://[",
        "/alerts/",
        "/alerts/../docs",
        "/worklist/0197f3a2-5c1e-7d43-9b60-2f8a41c7e905",
        "/0197f3a2-5c1e-7d43-9b60-2f8a41c7e905",
    ],
)
def test_sign_in_leads_to_our_own_pages_only(edge: Ward, landing: str) -> None:
    answer = sign_in(edge, landing=landing)

    assert (answer.status_code, answer.headers["location"]) == (303, "/worklist")


@pytest.mark.parametrize("landing", ["/alerts", "/alerts?site=north", "/alerts/0197f3a2-5c1e-7d43-9b60-2f8a41c7e905"])
def test_sign_in_leads_to_the_alert_that_a_notice_named(edge: Ward, landing: str) -> None:
    assert sign_in(edge, landing=landing).headers["location"] == landing


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:9999"},
    ],
)
def test_a_form_sent_from_another_site_is_refused(edge: Ward, headers: dict[str, str]) -> None:
    signed_in = sign_in(edge, "viewer", "/worklist", **headers)
    signed_out = edge.client.post("/sign-out", headers=headers, follow_redirects=False)

    for answer in (signed_in, signed_out):
        assert (answer.status_code, answer.json()["code"]) == (403, "other_origin")
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["http://localhost", "https://localhost"])
def test_a_form_of_our_own_is_taken_behind_a_proxy_too(edge: Ward, origin: str) -> None:
    assert sign_in(edge, "viewer", "/worklist", Origin=origin).status_code == 303


def test_a_session_opens_pages_and_not_the_api(edge: Ward) -> None:
    sign_in(edge)

    assert edge.client.get("/api/v1/patients").status_code == 401


@pytest.mark.parametrize("presented", ["session:viewer", "viewer", "cw_viewer", "cw_viewer_"])
def test_the_id_of_a_key_is_no_key_even_while_its_session_lives(edge: Ward, presented: str) -> None:
    sign_in(edge)
    assert edge.client.get("/worklist").status_code == 200

    answer = edge.client.get("/api/v1/patients", headers={"Authorization": f"Bearer {presented}"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "change", [lambda text: text[:-8] + text[-8:][::-1], lambda text: "admin" + text[6:], lambda _: "a.1.b"]
)
def test_a_cookie_that_was_altered_is_worth_nothing(edge: Ward, change: object) -> None:
    sign_in(edge)
    sealed = edge.client.cookies[sessions.COOKIE]
    assert callable(change)

    client = TestClient(edge.client.app, base_url="http://localhost", cookies={sessions.COOKIE: change(sealed)})

    assert client.get("/worklist").status_code == 401


def test_a_seal_holds_for_its_house_only(edge: Ward) -> None:
    until = edge.clock() + timedelta(hours=1)
    session = sessions.Session("viewer", until.replace(microsecond=0), "0123456789abcdef")
    sealed = sessions.sealed(session, b"a" * 32)

    assert sessions.opened(sealed, b"a" * 32, edge.clock()) == session
    assert sessions.opened(sealed, b"b" * 32, edge.clock()) is None
    assert sessions.opened(sealed, b"a" * 32, until) is None
    assert sessions.opened(None, b"a" * 32, edge.clock()) is None


def test_a_form_too_large_is_413(edge: Ward) -> None:
    assert edge.client.post("/sign-in", content=b"key=" + b"x" * 2_000_000).status_code == 413
