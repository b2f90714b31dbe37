"""Requests hidden in requests: over one connection nothing is ever answered that a proxy would not have seen as one."""

import json

from api.hardening import SECURITY_HEADERS
from api.wire import LARGEST_HEAD_BYTES, MOST_HEADERS
from tests.api.attacks.wire import Heard, connected, heard, spoken
from tests.api.people import key_of
from tests.api.serving import served
from tests.api.ward import BASE, REGISTRATION, Ward

HOST = b"Host: localhost\r\n"
KEY = f"Authorization: Bearer {key_of('admin')}\r\n".encode()
HIDDEN_BODY = json.dumps({**REGISTRATION, "pseudonym": "HIDDEN-1"}).encode()
# What would register a patient, if it were ever taken for a request.
HIDDEN = (
    f"POST {BASE}/patients HTTP/1.1\r\n".encode()
    + HOST
    + KEY
    + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(HIDDEN_BODY)
    + HIDDEN_BODY
)
POST = b"POST /api/v1/patients/search HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"


def length(text: object) -> bytes:
    return f"Content-Length: {text}\r\n".encode()


REFUSED: dict[str, bytes] = {
    "length and chunks": POST + length(5) + CHUNKED + b"\r\n" + END + HIDDEN,
    "chunks and length": POST + CHUNKED + length(5) + b"\r\n" + END + HIDDEN,
    "two lengths": POST + length(0) + length(len(HIDDEN)) + b"\r\n" + HIDDEN,
    "the same length twice": POST + length(0) + length(0) + b"\r\n" + HIDDEN,
    "a list of lengths": POST + length("0, 0") + b"\r\n" + HIDDEN,
    "a length with a sign": POST + length("+0") + b"\r\n" + HIDDEN,
    "a negative length": POST + length(-1) + b"\r\n" + HIDDEN,
    "a length in another base": POST + length("0x0") + b"\r\n" + HIDDEN,
    "a length with an underscore": POST + length("1_0") + b"\r\n" + HIDDEN,
    "a length beyond all": POST + length("9" * 40) + b"\r\n" + HIDDEN,
    "a length with a space before the colon": POST + b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "chunks with a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n" + END + HIDDEN,
    "chunks with a tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + END + HIDDEN,
    "unknown chunks": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + END + HIDDEN,
    "chunks that are none": POST + b"Transfer-Encoding: identity\r\n\r\n" + HIDDEN,
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + END + HIDDEN,
    "packed chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + END + HIDDEN,
    "chunks twice": POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + END + HIDDEN,
    "the same chunks twice": POST + CHUNKED + CHUNKED + b"\r\n" + END + HIDDEN,
    "chunks of HTTP/1.0": POST.replace(b"HTTP/1.1", b"HTTP/1.0") + CHUNKED + b"\r\n" + END + HIDDEN,
    "a chunk beyond all": POST + CHUNKED + b"\r\nFFFFFFFFFFFFFFFFFF\r\n" + HIDDEN,
    "a chunk that wraps around": POST + CHUNKED + b"\r\n10000000000000000\r\n" + HIDDEN,
    "a chunk with a prefix": POST + CHUNKED + b"\r\n0x0\r\n\r\n" + HIDDEN,
    "a chunk with a sign": POST + CHUNKED + b"\r\n-1\r\n\r\n" + HIDDEN,
    "a chunk that is longer than it says": POST + CHUNKED + b"\r\n2\r\nabXX" + END + HIDDEN,
    "chunks with bare line feeds": POST + CHUNKED + b"\r\n0\n\n" + HIDDEN,
    "an extension with a bare line feed": POST + CHUNKED + b"\r\n2;\nxx\r\nab\r\n" + END + HIDDEN,
    "a folded header": POST + b"X: a\r\n Content-Length: 0\r\n\r\n" + HIDDEN,
    "a bare line feed": POST + b"X: a\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a bare carriage return": POST + b"X: a\rContent-Length: 0\r\n\r\n" + HIDDEN,
    "a NUL": POST + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a header without a colon": POST + b"Content-Length\r\n\r\n" + HIDDEN,
    "a header without a name": POST + b": chunked\r\n\r\n" + HIDDEN,
    "another host in the address": b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\n" + HOST + b"\r\n" + HIDDEN,
    "no host": b"GET / HTTP/1.1\r\n\r\n" + HIDDEN,
    "a fragment": b"GET /#a HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "a blank in the address": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "letters beyond ASCII in the address": b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "a tunnel": b"CONNECT localhost:22 HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "a WebSocket": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    + HIDDEN,
    "HTTP/2 over it": b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + HIDDEN,
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "HTTP/2 by its name": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n" + HIDDEN,
    "HTTP/0.9": b"GET /\r\n\r\n" + HIDDEN,
    "HTTP/1.2": b"GET / HTTP/1.2\r\n" + HOST + b"\r\n" + HIDDEN,
    "an unknown method": b"FROB / HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + HIDDEN,
    "too many headers": POST + b"X: a\r\n" * (MOST_HEADERS + 1) + b"\r\n" + HIDDEN,
    "a header too large": POST + b"X: " + b"a" * LARGEST_HEAD_BYTES + b"\r\n\r\n" + HIDDEN,
    "an address too large": b"GET /" + b"a" * LARGEST_HEAD_BYTES + b" HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "a header that never ends": POST + b"X: " + b"a" * 1_000_000,
    "a trailer that never ends": POST + KEY + CHUNKED + b"\r\n0\r\nX: " + b"a" * 1_000_000,
    "an extension that never ends": POST + KEY + CHUNKED + b"\r\n1;" + b"a" * 1_000_000,
}


def pseudonyms(ward: Ward) -> set[str]:
    return {patient["pseudonym"] for patient in ward.get("/patients", "admin").json()["items"]}


def assert_refused(answer: Heard) -> None:
    """Assert that what the server itself refuses looks like everything else that is refused."""
    assert answer.status in {400, 431}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name.lower()] == value
    assert json.loads(answer.body)["status"] == answer.status


def test_what_can_be_read_in_two_ways_ends_the_connection_and_hides_nothing(edge: Ward) -> None:
    with served(edge.client.app) as address:
        for name, sent in REFUSED.items():
            answers = spoken(address, sent)

            assert len(answers) == 1, name
            assert_refused(answers[0])
        assert pseudonyms(edge) == set()
        # The hidden request is one that is answered where it is not hidden.
        assert [answer.status for answer in spoken(address, HIDDEN)] == [201]
    assert pseudonyms(edge) == {"HIDDEN-1"}


def test_what_stands_in_a_body_is_no_request(edge: Ward) -> None:
    body = [
        POST + KEY + length(len(HIDDEN)) + b"Connection: close\r\n\r\n" + HIDDEN,
        POST + KEY + CHUNKED + b"Connection: close\r\n\r\n%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END,
        b"GET /health/live HTTP/1.1\r\n" + HOST + length(len(HIDDEN)) + b"Connection: close\r\n\r\n" + HIDDEN,
        b"HEAD / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n" + HIDDEN,
        b"GET /health/live HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n" + HIDDEN,
    ]
    with served(edge.client.app) as address:
        for sent in body[:3]:
            assert [answer.status < 500 for answer in spoken(address, sent)] == [True]
        for sent in body[3:]:
            assert everything_heard(address, sent).count(b"HTTP/1.1 ") == 1
    assert pseudonyms(edge) == set()


def everything_heard(address: str, sent: bytes) -> bytes:
    with connected(address) as line:
        line.sendall(sent)
        return heard(line)


def test_a_header_that_comes_behind_the_body_is_not_believed(edge: Ward) -> None:
    """Otherwise a client could add, behind a proxy's back, what the proxy sets."""
    body = b'{"pseudonym": "x"}'
    chunk = b"%x\r\n%s\r\n0\r\n" % (len(body), body)
    late = b"\r\n" + chunk + KEY + b"X-Forwarded-Proto: https\r\n\r\n"
    with served(edge.client.app) as address:
        (answer,) = spoken(address, POST + CHUNKED + b"Connection: close\r\n" + late)
        # In pieces, so that the application has begun before the trailers are there.
        (in_pieces,) = spoken(address, POST + CHUNKED + b"Connection: close\r\n\r\n", chunk, KEY + b"\r\n")

    assert (answer.status, in_pieces.status) == (401, 401)


def test_requests_behind_each_other_are_answered_in_their_order(edge: Ward) -> None:
    first = b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n"
    last = b"GET /nowhere HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    with served(edge.client.app) as address:
        answers = spoken(address, first + first + last)

    assert [answer.status for answer in answers] == [200, 200, 404]


def test_an_answer_is_never_taken_for_that_of_another_request(edge: Ward) -> None:
    """What is refused while an earlier request waits for its answer ends the connection without a word."""
    slow = b"GET /api/v1/patients HTTP/1.1\r\n" + HOST + KEY + b"\r\n"
    with served(edge.client.app) as address:
        answers = spoken(address, slow + b"GARBAGE\r\n\r\n")

    assert [answer.status for answer in answers] in ([], [200])


def test_headers_that_turn_a_request_into_another_one_turn_nothing(edge: Ward) -> None:
    plain = edge.client.get("/worklist")
    for header in (
        *("X-HTTP-Method-Override: DELETE", "X-HTTP-Method: PUT", "X-Method-Override: PUT"),
        *("X-Original-URL: /metrics", "X-Rewrite-URL: /metrics", "X-Forwarded-Prefix: /evil"),
        *("X-Forwarded-Host: evil.example", "Forwarded: host=evil.example;proto=https", "X-Forwarded-Proto: https"),
    ):
        name, _, value = header.partition(": ")

        turned = edge.client.get("/worklist", headers={name: value})

        assert (turned.status_code, turned.text) == (plain.status_code, plain.text)
        assert "strict-transport-security" not in turned.headers
        assert "evil" not in turned.text
