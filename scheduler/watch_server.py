"""Serves what a scheduler process tells those who watch it: alive, ready, and its metrics; nothing else, to anybody."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6, socket
from threading import BoundedSemaphore, Thread
from typing import ClassVar

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from workflow.domain.errors import CoursewatchError

JSON = "application/json"
MOST_AT_ONCE = 16
REQUEST_SECONDS = 5.0
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_log = structlog.stdlib.get_logger("scheduler")


class CannotBeWatchedError(CoursewatchError):
    """The address of COURSEWATCH_WATCH_HOST and _PORT cannot be listened on."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its HTTP status, its media type and its text."""

    status: int
    media_type: str
    body: bytes


# What is asked, by path; each is called in a thread of its own.
Answers = Mapping[str, Callable[[], Told]]


def answers_of(ready: Callable[[], tuple[int, str]], metrics: Callable[[], bytes]) -> Answers:
    """Return what a process answers: `ready` gives status and JSON, `metrics` the text format of Prometheus."""

    def told_ready() -> Told:
        status, body = ready()
        return Told(status, JSON, body.encode())

    return {
        "/health/live": lambda: Told(HTTPStatus.OK, JSON, b'{"status":"alive"}'),
        "/health/ready": told_ready,
        "/metrics": lambda: Told(HTTPStatus.OK, CONTENT_TYPE_LATEST, metrics()),
    }


class _Server(ThreadingHTTPServer):
    """A server whose threads are few, and end with the process."""

    daemon_threads = True
    answers: Answers

    def __init__(self, host: str, port: int, answers: Answers) -> None:
        self.answers = answers
        self._free = BoundedSemaphore(MOST_AT_ONCE)
        if ":" in host:
            self.address_family = AF_INET6
        super().__init__((host, port), _Handler)

    def process_request(self, request: socket, client_address: object) -> None:  # type: ignore[override]
        """Answer in a thread; who comes when all are busy is sent away."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket, client_address: object) -> None:  # type: ignore[override]
        """Answer one request, and be free again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away: who watches comes again."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD of the paths there are."""

    server: _Server
    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float] = REQUEST_SECONDS

    def do_GET(self) -> None:
        """Answer."""
        self._tell(self._told())

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self._tell(self._told())

    def _told(self) -> Told:
        path = self.path.partition("?")[0]
        answer = self.server.answers.get(path)
        if answer is None:
            return Told(HTTPStatus.NOT_FOUND, JSON, b'{"status":"nothing here"}')
        try:
            told = answer()
        except Exception as fault:  # noqa: BLE001 -- its message may quote a row; the next one who asks is answered
            _log.error("watch_failed", error=type(fault).__name__)
            return Told(HTTPStatus.INTERNAL_SERVER_ERROR, JSON, b'{"status":"broken"}')
        if told.status >= HTTPStatus.BAD_REQUEST:
            _log.warning("watch_refused", route=path, status=int(told.status))
        return told

    def _tell(self, told: Told) -> None:
        self.close_connection = True
        self.send_response_only(told.status)
        for name, value in {**HEADERS, "Content-Type": told.media_type}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(told.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(told.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what is no request of ours, without repeating it."""
        self.command = getattr(self, "command", None) or "GET"
        self._tell(Told(code, JSON, b'{"status":"refused"}'))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing of what is answered well: it is asked every few seconds, and paths may be anything."""


@contextmanager
def watch_served(host: str, port: int, answers: Answers) -> Iterator[int]:
    """Serve until the block is left; yields the port. Raises CannotBeWatchedError."""
    try:
        server = _Server(host, port, answers)
    except OSError as fault:
        raise CannotBeWatchedError(
            f"cannot listen on {host}, port {port}: {fault.strerror}; set COURSEWATCH_WATCH_HOST and _PORT to an "
            "address of this machine that is free, or unset COURSEWATCH_WATCH_PORT"
        ) from None
    thread = Thread(target=server.serve_forever, name="watch server", kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
