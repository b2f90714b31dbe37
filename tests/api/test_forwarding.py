"""Behind a proxy: only what it forwards is answered, only over TLS, and nobody else is believed about either."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from api import sessions
from api.app import create_app
from api.forwarding import WATCHED
from tests.api.attacks.harmless import harmless
from tests.api.people import key_of
from tests.api.ward import BASE, Ward, as_person
from workflow.services.house import House

PROXY, SECOND_PROXY, STRANGER, PROMETHEUS = "172.20.0.5", "172.20.0.6", "172.20.0.9", "172.20.0.7"
OVER_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.8.7"}


@contextmanager
def behind(ward: Ward, peer: str, **settings: Any) -> Iterator[TestClient]:  # noqa: ANN401 -- whatever a setting is
    """Yield a client that connects from `peer` to the same house with other settings."""
    parts = {name: getattr(ward.house, name) for name in ward.house.__slots__ if not name.startswith("_")}
    house = House(**{**parts, "settings": ward.house.settings.with_(**settings)})
    with TestClient(create_app(house), base_url="http://localhost", client=(peer, 50000)) as client:
        yield client


def through_proxy(ward: Ward, peer: str = PROXY, **settings: Any) -> Any:  # noqa: ANN401 -- the context manager above
    proxies = (ip_network(PROXY), ip_network(f"{SECOND_PROXY}/32"))
    return behind(ward, peer, trusted_proxies=proxies, watched_from=(ip_network(PROMETHEUS),), **settings)


def refused_as(answer: Response, status: int, code: str) -> None:
    harmless(answer, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_what_comes_around_the_proxy_is_not_answered(edge: Ward) -> None:
    with through_proxy(edge, STRANGER) as client:
        for headers in ({}, OVER_TLS, {**OVER_TLS, "X-Forwarded-For": PROXY}, {"X-Real-IP": PROXY}):
            for path in (f"{BASE}/patients", "/worklist", "/static/coursewatch.css", "/openapi.json", *WATCHED):
                refused_as(client.get(path, headers={**as_person("viewer"), **headers}), 403, "not_through_proxy")


def test_a_person_who_came_around_the_proxy_reads_why(edge: Ward) -> None:
    with through_proxy(edge, STRANGER) as client:
        page = client.get("/worklist", headers={"Accept": "text/html"})

    harmless(page, 403)
    assert "answers only what comes through its proxy" in page.text


def test_what_did_not_come_over_tls_is_not_answered(edge: Ward) -> None:
    with through_proxy(edge) as client:
        for said in ([], ["http"], ["https, http"], ["http, https"], ["https", "https"], ["https", "http"], ["wss"]):
            forwarded = [("X-Forwarded-Proto", scheme) for scheme in said]
            read = client.get(f"{BASE}/patients", headers=[*as_person("viewer").items(), *forwarded])
            refused_as(read, 403, "tls_needed")
            refused_as(client.post("/sign-in", data={"key": key_of("viewer")}, headers=forwarded), 403, "tls_needed")


def test_what_the_proxy_forwards_over_tls_is_answered_and_stays_so(edge: Ward) -> None:
    with through_proxy(edge) as client:
        answer = client.get(f"{BASE}/patients", headers={**as_person("viewer"), **OVER_TLS})

    harmless(answer, 200)
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("peer", [PROXY, PROMETHEUS, "127.0.0.1", "::1", "::ffff:127.0.0.1", f"::ffff:{PROXY}"])
def test_who_watches_asks_without_tls_and_for_nothing_else(edge: Ward, peer: str) -> None:
    with through_proxy(edge, peer) as client:
        for path in WATCHED:
            # Nobody sweeps here, so it is not ready: what counts is that it says so.
            assert client.get(path).status_code in {200, 503}
        assert client.get(f"{BASE}/patients", headers=as_person("viewer")).status_code == 403
        assert client.get("/metrics/").status_code == 403


def test_without_proxies_too_only_who_is_named_and_this_machine_watch(edge: Ward) -> None:
    for peer, statuses in (
        *((peer, {200, 503}) for peer in (PROMETHEUS, f"::ffff:{PROMETHEUS}", "127.0.0.1", "::1")),
        (STRANGER, {403}),
    ):
        with behind(edge, peer, watched_from=(ip_network(PROMETHEUS),)) as client:
            for path in WATCHED:
                # Nobody is believed to have sent it for another.
                assert client.get(path, headers={"X-Forwarded-For": PROMETHEUS}).status_code in statuses, (peer, path)
            assert client.get(f"{BASE}/patients", headers=as_person("viewer")).status_code == 200

    with behind(edge, STRANGER, watched_from=(ip_network(PROMETHEUS),)) as client:
        for path in WATCHED:
            refused_as(client.get(path), 403, "not_a_watcher")


def test_where_nobody_is_named_whoever_reaches_the_port_watches(edge: Ward) -> None:
    with behind(edge, STRANGER) as client:
        for path in WATCHED:
            assert client.get(path).status_code in {200, 503}


def test_who_sent_it_is_the_last_that_our_proxies_did_not_send(edge: Ward) -> None:
    with through_proxy(edge) as client:
        for forwarded, sender in (
            ("10.9.8.7", "10.9.8.7"),
            ("6.6.6.6, 10.9.8.7", "10.9.8.7"),
            (f"10.9.8.7, {SECOND_PROXY}", "10.9.8.7"),
            (f"6.6.6.6, 10.9.8.7, {SECOND_PROXY}, {SECOND_PROXY}", "10.9.8.7"),
            ("2001:db8::1", "2001:db8::/64"),
            ("nonsense", PROXY),
            ("10.9.8.7, nonsense", PROXY),
            ("", PROXY),
            (SECOND_PROXY, PROXY),
            ("9" * 5000, PROXY),
        ):
            headers = {**OVER_TLS, "X-Forwarded-For": forwarded, "Authorization": "Bearer cw_viewer_wrong"}
            harmless(client.get(f"{BASE}/patients", headers=headers), 401)

            counts = client.app.state.wrong_keys.counts
            assert {who for who in counts if isinstance(who, str)} == {sender}
            counts.clear()


def test_without_proxies_nobody_is_believed_to_be_one(edge: Ward) -> None:
    answer = edge.client.get("/sign-in", headers={**OVER_TLS, "Host": "ward.example"})

    harmless(answer, 200)
    assert "is not encrypted" in answer.text
    assert "strict-transport-security" not in answer.headers


def test_over_tls_the_session_is_a_cookie_of_this_host_alone(edge: Ward) -> None:
    key = {"key": key_of("viewer")}
    with through_proxy(edge) as client:
        opened = client.post("/sign-in", data=key, headers=OVER_TLS, follow_redirects=False)
        cookie = opened.headers["set-cookie"]
        name = "__Host-" + sessions.COOKIE
        sealed = cookie.removeprefix(f"{name}=").partition(";")[0]

        assert cookie.startswith(f"{name}=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        client.cookies.clear()
        assert client.get("/worklist", headers={**OVER_TLS, "Cookie": f"{name}={sealed}"}).status_code == 200
        # One that was planted without TLS has another name, and is not looked at.
        planted = client.get("/worklist", headers={**OVER_TLS, "Cookie": f"{sessions.COOKIE}={sealed}"})
        assert planted.status_code == 401
        over = client.post("/sign-out", headers={**OVER_TLS, "Cookie": f"{name}={sealed}"}, follow_redirects=False)
        assert "Secure" in over.headers["set-cookie"]
        assert client.get("/worklist", headers={**OVER_TLS, "Cookie": f"{name}={sealed}"}).status_code == 401


def test_below_a_path_of_the_proxys_the_cookie_is_one_over_tls() -> None:
    assert sessions.cookie_name("/coursewatch", encrypted=True) == "__Secure-coursewatch_session"
    assert sessions.cookie_name("/coursewatch", encrypted=False) == sessions.COOKIE


def test_where_the_public_address_is_known_no_other_name_is_answered(edge: Ward) -> None:
    with behind(edge, "127.0.0.1", public_url="https://cw.example.org") as client:
        for host, status in (
            *(("cw.example.org", 401), ("CW.example.org", 401), ("cw.example.org:443", 401), ("localhost", 401)),
            *(("127.0.0.1:8000", 401), ("evil.example", 421), ("cw.example.org.evil.example", 421), ("", 421)),
            *(("cw.example.org:8443", 421), ("a@cw.example.org", 421), ("cw.example.org, evil.example", 421)),
        ):
            harmless(client.get(f"{BASE}/patients", headers={"Host": host}), status)
            # Whoever watches asks by an address that no patient's browser knows.
            assert client.get("/health/live", headers={"Host": host}).status_code == 200


def test_through_a_proxy_even_localhost_is_another_name(edge: Ward) -> None:
    with through_proxy(edge, public_url="https://cw.example.org") as client:
        refused_as(client.get(f"{BASE}/patients", headers={**OVER_TLS, "Host": "localhost"}), 421, "other_host")
        named = client.get(f"{BASE}/patients", headers={**OVER_TLS, "Host": "cw.example.org"})
        assert named.status_code == 401


def test_no_websocket_is_opened(edge: Ward) -> None:
    for path in ("/", "/worklist", f"{BASE}/patients"):
        with pytest.raises(WebSocketDisconnect), edge.client.websocket_connect(path):
            pass
