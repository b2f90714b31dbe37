"""Speaks bytes to a served application, and tells the answers apart that came back over one connection."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer as it came: status, headers in small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """Connect to a served application."""
    place = urlsplit(address)
    with socket.create_connection((str(place.hostname), place.port), timeout=LONGEST_WAIT_SECONDS) as line:
        yield line


def spoken(address: str, *pieces: bytes) -> list[Heard]:
    """Send these bytes, listen until the server hangs up, and return every answer."""
    with connected(address) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
        except OSError:
            pass  # the server hung up before it had read everything; what it said may still be heard
        return answers_in(heard(line))


def heard(line: socket.socket) -> bytes:
    """Return everything until the server hangs up."""
    everything = b""
    while True:
        try:
            part = line.recv(65_536)
        except ConnectionResetError:
            return everything
        if not part:
            return everything
        everything += part


def answers_in(everything: bytes) -> list[Heard]:
    """Return the answers in what was heard; every one must be whole."""
    found: list[Heard] = []
    while everything:
        head, separator, everything = everything.partition(b"\r\n\r\n")
        assert separator, "an answer that breaks off"
        status, *lines = head.decode("latin-1").split("\r\n")
        assert status.startswith("HTTP/1.1 "), status
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0"))
        assert len(everything) >= length
        found.append(Heard(int(status.split()[1]), headers, everything[:length]))
        everything = everything[length:]
    return found
