"""The clients' side of the wire: requests over connections kept open, and clients that hang up too soon."""

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from tests.api.ward import as_person

PATIENT_SECONDS = 60.0
# SO_LINGER with zero seconds: closing resets the connection, as a crashed client or a cut cable does.
ABRUPTLY = struct.pack("ii", 1, 0)


class LostError(Exception):
    """The connection ended before the answer: nobody knows what became of the request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    etag: str | None
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body."""
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def code(self) -> str | None:
        """The stable code of a problem."""
        return self.json().get("code")

    @property
    def version(self) -> int:
        """The patient's version that the answer speaks of."""
        assert self.etag is not None
        return int(self.etag.strip('"'))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A request, addressed to nobody yet."""

    path: str
    body: bytes | None = None
    who: str = "treating_doctor"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """POST with a body, GET without one."""
        return "GET" if self.body is None else "POST"

    def all_headers(self) -> dict[str, str]:
        """Return the headers with who is asking."""
        return {**as_person(self.who), "Content-Type": "application/json", **self.headers}


@dataclass(slots=True)
class Lines:
    """One person's connections, one to each port, opened when first needed and kept; not for several threads."""

    open: dict[int, HTTPConnection] = field(default_factory=dict)

    def ask(self, port: int, letter: Letter) -> Reply:
        """Send a request and return the answer; raises LostError."""
        line = self.open.setdefault(port, HTTPConnection("127.0.0.1", port, timeout=PATIENT_SECONDS))
        try:
            line.request(letter.method, f"/api/v1{letter.path}", letter.body, letter.all_headers())
            answer = line.getresponse()
            return Reply(answer.status, answer.getheader("etag"), answer.read())
        except (HTTPException, OSError) as lost:
            self.open.pop(port).close()
            raise LostError from lost

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self.open.values():
            line.close()
        self.open.clear()


def hang_up(port: int, letter: Letter, *, after: float, abruptly: bool) -> None:
    """Send this part of a request (1.0: all of it) and close the connection without waiting for any answer."""
    body = letter.body or b""
    told = {**letter.all_headers(), "Host": "127.0.0.1", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    whole = f"{letter.method} /api/v1{letter.path} HTTP/1.1\r\n{lines}\r\n".encode() + body
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENT_SECONDS) as line:
            line.sendall(whole[: round(len(whole) * after)])
            if abruptly:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPTLY)
    except OSError:
        return  # the other end was gone first: lost as well
