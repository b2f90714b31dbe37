"""HTTP as it comes over the wire: every request has one reading and a bounded size and time, or its connection ends."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.hardening import SECURITY_HEADERS
from api.problems import PROBLEM_JSON, type_of

# Addresses included; a browser sends 2 KiB, and HAProxy takes no more than 16 by itself.
LARGEST_HEAD_BYTES = 32_768
MOST_HEADERS = 100
# A file is open for each connection, and many systems allow a process 1,024.
MOST_CONNECTIONS = 500
# From the first byte, or from the connection on, until the head is there; then until the body is; then for the answer.
HEAD_SECONDS = 10.0
BODY_SECONDS = 60.0
ANSWER_SECONDS = 120.0
# Longer than proxies keep a connection that they may use again: who ends it first loses no request.
KEEP_ALIVE_SECONDS = 20
# Chunks of one byte take five more to say so.
MOST_FRAMING_PER_BYTE = 8
SPOKEN: Final = frozenset({"1.0", "1.1"})
_ONCE: Final = frozenset({b"host", b"content-length", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class WireRefusal:
    """Why a connection ends before anything behind it is asked."""

    status: HTTPStatus
    code: str
    detail: str


MALFORMED = WireRefusal(
    HTTPStatus.BAD_REQUEST, "malformed_request", "This is no HTTP/1.1 request, or one that could be read in two ways."
)
HEAD_TOO_LARGE = WireRefusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head_too_large",
    f"Address and headers may have {LARGEST_HEAD_BYTES} bytes and {MOST_HEADERS} headers.",
)
NO_UPGRADE = WireRefusal(
    HTTPStatus.BAD_REQUEST, "no_upgrade", "Only HTTP/1.1 is spoken here: no WebSocket, no other protocol, no tunnel."
)
TOO_SLOW = WireRefusal(HTTPStatus.REQUEST_TIMEOUT, "too_slow", "The request did not arrive in time; send it again.")
TOO_MANY = WireRefusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "too_many_connections", "Too many connections are open; try again in a moment."
)


class RefusedOnTheWireError(Exception):
    """Ends the parser's work on a request; what it is answered stands in `refusal`."""


class StrictProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits, and without anything that two readers could read differently.

    What it refuses is answered as problem+json with the security headers, unless another answer is still to be given
    on the connection: then the connection just ends, so that no answer is ever taken for that of another request.
    """

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 -- uvicorn's own arguments, handed on
        super().__init__(*args, **named)
        self.refusal: WireRefusal | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.in_head = False
        self.in_body = False
        self.headers_seen = 0
        self.head_bytes = 0
        # Bytes since the head that is being read began, without the piece in which it began.
        self.unfinished_bytes = 0
        self.body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Begin, or refuse where too many are open."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(TOO_MANY)
            return
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock of a connection that is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; whatever is not exactly HTTP/1.1 ends the connection."""
        if self.transport.is_closing():
            return
        if self.timer is None:
            self._wait(HEAD_SECONDS)
        self._unset_keepalive_if_required()
        began_before = self.in_head or self.in_body
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(NO_UPGRADE)
            return
        except httptools.HttpParserError:
            self._refuse(self.refusal or MALFORMED)
            return
        if began_before:
            self._bound(len(data))

    def _bound(self, received: int) -> None:
        """Refuse heads, trailers and chunk sizes that never come to an end: the parser would keep all of it."""
        self.unfinished_bytes += received
        if self.in_head and self.unfinished_bytes > LARGEST_HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE)
        elif self.in_body and self.unfinished_bytes - self.body_bytes > (
            LARGEST_HEAD_BYTES + MOST_FRAMING_PER_BYTE * self.body_bytes
        ):
            self._refuse(MALFORMED)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.in_head = True
        self.headers_seen = self.head_bytes = self.unfinished_bytes = self.body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers come too late to be believed, and are left out."""
        self.headers_seen += 1
        self._count_head(len(name) + len(value))
        if self.headers_seen > MOST_HEADERS:
            self._stop(HEAD_TOO_LARGE)
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request on, if it has exactly one reading."""
        if self.parser.should_upgrade():
            self._stop(NO_UPGRADE)
        if not self._has_one_reading():
            self._stop(MALFORMED)
        self.in_head, self.in_body = False, True
        self.unfinished_bytes = 0
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self.body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for the answer from now on."""
        self.in_body = False
        super().on_message_complete()
        self._wait_for_what_is_left()

    def on_response_complete(self) -> None:
        """Go on to the next request, which may have come already."""
        super().on_response_complete()
        if not self.in_head and not self.in_body:
            self._wait_for_what_is_left()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing more is asked."""
        super().timeout_keep_alive_handler()
        self._wait_for_what_is_left()

    def _has_one_reading(self) -> bool:
        """Whether every reader of this head, proxies included, finds the same request and the same end of it."""
        names = [name for name, _ in self.headers]
        if any(names.count(name) > 1 for name in _ONCE):
            return False
        headers = dict(self.headers)
        coding = headers.get(b"transfer-encoding")
        if coding is not None and (
            coding.strip().lower() != b"chunked" or b"content-length" in headers or self._version() != "1.1"
        ):
            return False
        if self._version() not in SPOKEN or (self._version() == "1.1" and b"host" not in headers):
            return False
        # Nothing but a path of ours: no other host in the address, no tunnel, no fragment, nothing beyond ASCII.
        return (self.url.startswith(b"/") and self.url.isascii() and b"#" not in self.url) or (
            self.url == b"*" and self.parser.get_method() == b"OPTIONS"
        )

    def _version(self) -> str:
        return str(self.parser.get_http_version())

    def _count_head(self, more: int) -> None:
        self.head_bytes += more
        if self.head_bytes > LARGEST_HEAD_BYTES:
            self._stop(HEAD_TOO_LARGE)

    def _stop(self, refusal: WireRefusal) -> None:
        """End the parser's work from within one of its callbacks."""
        self.refusal = refusal
        raise RefusedOnTheWireError

    def _wait_for_what_is_left(self) -> None:
        # One that is closed goes on until all was taken that was written: for ever, if nobody takes it.
        if self._unanswered() is None and not self.transport.is_closing():
            self._stop_waiting()
        else:
            self._wait(ANSWER_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self.timer = self.loop.call_later(seconds, self._waited_too_long)

    def _stop_waiting(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _waited_too_long(self) -> None:
        """End a connection that held its place for too long; only who began a request gets an answer."""
        self.timer = None
        if not self.transport.is_closing() and (self.in_head or (self.in_body and self._unanswered())):
            self._refuse(TOO_SLOW)
        else:
            # Nothing was asked, or nobody takes the answer: what is still to be written would wait for ever.
            self.transport.abort()

    def _refuse(self, refusal: WireRefusal) -> None:
        self._stop_waiting()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        structlog.get_logger().warning(
            "connection refused", code=refusal.code, status=int(refusal.status), peer=self.client and self.client[0]
        )
        if not self._owes_another_answer():
            self.transport.write(_answer(refusal))
        self._hang_up()

    def _unanswered(self) -> RequestResponseCycle | None:
        """Return the last request that was handed on, where its answer is not complete."""
        last: RequestResponseCycle | None = self.cycle
        return None if last is None or last.response_complete else last

    def _owes_another_answer(self) -> bool:
        asked = self._unanswered()
        return asked is not None and (asked.response_started or bool(self.pipeline) or not self.in_body)

    def _hang_up(self) -> None:
        """End the connection, and let the application know: who is asked nothing more writes nothing more."""
        self.pipeline.clear()
        asked = self._unanswered()
        if asked is not None:
            asked.disconnected = True
            asked.message_event.set()
        self.transport.close()
        self._wait(ANSWER_SECONDS)


def _answer(refusal: WireRefusal) -> bytes:
    body = json.dumps(
        {
            "type": type_of(refusal.code),
            "title": refusal.status.phrase,
            "status": int(refusal.status),
            "code": refusal.code,
            "detail": refusal.detail,
        }
    ).encode()
    headers = {
        "Content-Type": PROBLEM_JSON,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Cache-Control": "no-store",
        **SECURITY_HEADERS,
    }
    status = f"HTTP/1.1 {int(refusal.status)} {refusal.status.phrase}"
    return "\r\n".join([status, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode() + body


# What uvicorn is told wherever it serves: nothing that comes with a request makes it believe in a proxy, and it neither
# speaks WebSocket nor tells its name.
SERVED_STRICTLY: Final[Mapping[str, Any]] = {
    "http": StrictProtocol,
    "loop": "api.handshakes:Loop",
    "ws": "none",
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "timeout_keep_alive": KEEP_ALIVE_SECONDS,
}
