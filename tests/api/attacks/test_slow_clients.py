"""Clients that hold a place and do nothing with it lose it, and nobody else waits for them."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
from starlette.responses import Response

from api import handshakes, wire
from api.wire import StrictProtocol
from tests.api.attacks.wire import LONGEST_WAIT_SECONDS, Heard, answers_in, connected, heard, spoken
from tests.api.people import key_of
from tests.api.serving import served
from tests.api.ward import BASE, Ward
from tests.integration.channels.post_office import CERTIFICATES, trusting

LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HEAD = f"POST {BASE}/patients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key_of('admin')}\r\n".encode()
SHORT_SECONDS, BETWEEN_BYTES_SECONDS = 0.4, 0.02


@pytest.fixture
def address(edge: Ward, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a ward that waits for half a second where it otherwise waits for ten, or for two minutes."""
    for limit in ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(wire, limit, SHORT_SECONDS)
    with served(edge.client.app) as served_at:
        yield served_at


def trickled(address: str, begun: bytes, drop: bytes) -> list[Heard]:
    """Begin a request and send a little more of it, again and again, until the server hangs up."""
    with connected(address) as line:
        line.sendall(begun)
        line.settimeout(BETWEEN_BYTES_SECONDS)
        while True:
            try:
                first = line.recv(65_536)
            except TimeoutError:
                line.sendall(drop)
            except ConnectionResetError:
                return []
            else:
                line.settimeout(LONGEST_WAIT_SECONDS)
                return answers_in(first + (heard(line) if first else b""))


@pytest.mark.parametrize(
    ("begun", "drop"),
    [
        (b"GET /", b"a"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: a\r\n"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"a"),
        (HEAD + b"Content-Length: 1000000\r\n\r\n{", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1", b";a=b"),
    ],
)
def test_a_request_that_trickles_in_is_ended_and_others_are_served_meanwhile(
    edge: Ward, address: str, begun: bytes, drop: bytes
) -> None:
    others: list[int] = []
    meanwhile = threading.Thread(target=lambda: others.extend(answer.status for answer in spoken(address, LIVE)))
    meanwhile.start()

    answers = trickled(address, begun, drop)

    meanwhile.join()
    assert others == [200]
    assert [answer.status for answer in answers] == [408]
    assert json.loads(answers[0].body)["code"] == "too_slow"
    assert edge.get("/patients", "admin").json()["items"] == []


@pytest.mark.parametrize("drop", [b"", b"\r\n"])
def test_a_connection_on_which_nothing_is_asked_ends_without_a_word(address: str, drop: bytes) -> None:
    assert trickled(address, drop, drop) == []


# A record of TLS that is to be 512 bytes long, and of which nothing has come.
CLIENT_HELLO_BEGUN = bytes.fromhex("160301 0200")


@pytest.mark.parametrize("said", [b"", CLIENT_HELLO_BEGUN])
def test_who_connects_over_tls_and_does_not_agree_on_it_is_hung_up_on(
    edge: Ward, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(handshakes, "HANDSHAKE_SECONDS", SHORT_SECONDS)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATES / "localhost.pem")
    with served(edge.client.app, tls) as address, connected(address) as silent:
        silent.sendall(said)

        with connected(address) as line, trusting("localhost").wrap_socket(line, server_hostname="localhost") as asking:
            asking.sendall(LIVE)
            assert [answer.status for answer in answers_in(heard(asking))] == [200]
        assert heard(silent) == b""


def test_a_connection_is_kept_for_the_next_request(address: str) -> None:
    again = LIVE.replace(b"Connection: close\r\n", b"")

    assert [answer.status for answer in spoken(address, again, again, LIVE)] == [200, 200, 200]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what is set as soon as the server has let go of a connection."""
    event = threading.Event()
    lost = StrictProtocol.connection_lost

    def connection_lost(protocol: StrictProtocol, exc: Exception | None) -> None:
        lost(protocol, exc)
        event.set()

    monkeypatch.setattr(StrictProtocol, "connection_lost", connection_lost)
    return event


def test_an_answer_that_nobody_takes_is_not_kept_for_ever(address: str, ended: threading.Event) -> None:
    asked = b"GET /static/swagger/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(address) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # More than the buffers of both ends hold.
        line.sendall(asked * 20)

        assert ended.wait(LONGEST_WAIT_SECONDS)


@pytest.mark.parametrize(
    ("last_header", "then_said"), [(b"", b""), (b"", b"nonsense\r\n\r\n"), (b"Connection: close\r\n", b"")]
)
def test_the_rest_of_an_answer_is_not_kept_for_ever_either(
    ended: threading.Event, monkeypatch: pytest.MonkeyPatch, last_header: bytes, then_said: bytes
) -> None:
    """An answer of one piece is complete as soon as it is handed over, and what nobody takes of it waits."""
    monkeypatch.setattr(wire, "ANSWER_SECONDS", SHORT_SECONDS)
    monkeypatch.setitem(wire.SERVED_STRICTLY, "timeout_keep_alive", SHORT_SECONDS)
    more_than_buffers_hold = Response(b"a" * 20_000_000)
    with served(more_than_buffers_hold) as address, connected(address) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + last_header + b"\r\n")
        assert line.recv(1)
        line.sendall(then_said)

        assert ended.wait(LONGEST_WAIT_SECONDS)


def test_there_are_only_so_many_places_and_they_become_free_again(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_CONNECTIONS", 2)
    for limit in ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(wire, limit, LONGEST_WAIT_SECONDS)
    with connected(address) as one, connected(address) as two:
        one.sendall(b"GET")
        two.sendall(b"GET")

        (refused,) = spoken(address, LIVE)

        assert (refused.status, json.loads(refused.body)["code"]) == (503, "too_many_connections")
        two.sendall(LIVE.removeprefix(b"GET"))
        assert [answer.status for answer in answers_in(heard(two))] == [200]
        assert [answer.status for answer in spoken(address, LIVE)] == [200]
