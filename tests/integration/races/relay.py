"""Stands between the program and PostgreSQL and cuts the line at a commit: before it arrives, or before it is heard."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

SOCKET_NAME = ".s.PGSQL.5432"
COMMIT = b"COMMIT\x00"
PIECE_BYTES = 65_536


@dataclass(slots=True)
class Relay:
    """A line to the server's socket, whole until it is told to be cut at a commit."""

    behind: Path
    commits_left: int | None = None
    arrives: bool = True
    cuts: int = 0
    lock: Lock = field(default_factory=Lock)
    lines: list[socket.socket] = field(default_factory=list)

    def cut_at_commit(self, number: int = 1, *, arrives: bool) -> None:
        """Cut at the n-th commit from now on: one that arrives is carried out, and its success is never heard."""
        with self.lock:
            self.commits_left, self.arrives = number, arrives

    def connect(self, client: socket.socket) -> None:
        """Carry what is said both ways until one side hangs up or the line is cut."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(str(self.behind))
        self.lines += [client, server]
        line = _Line(self, client, server)
        for carry in (line.to_server, line.to_client):
            Thread(target=carry, daemon=True).start()

    def is_to_be_cut(self, said: bytes) -> bool:
        """Whether the line is to be cut at what the client says."""
        with self.lock:
            if self.commits_left is None or COMMIT not in said:
                return False
            self.commits_left -= 1
            if self.commits_left > 0:
                return False
            self.commits_left = None
            self.cuts += 1
            return True


@dataclass(slots=True)
class _Line:
    relay: Relay
    client: socket.socket
    server: socket.socket
    unheard: bool = False

    def to_server(self) -> None:
        with suppress(OSError):
            while said := self.client.recv(PIECE_BYTES):
                if self.relay.is_to_be_cut(said):
                    self.unheard = True
                    if not self.relay.arrives:
                        break
                self.server.sendall(said)
        hang_up(self.client, self.server)

    def to_client(self) -> None:
        with suppress(OSError):
            while said := self.server.recv(PIECE_BYTES):
                if self.unheard:
                    break
                self.client.sendall(said)
        hang_up(self.client, self.server)


def hang_up(*lines: socket.socket) -> None:
    """End connections, whoever still reads from them."""
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


@contextmanager
def relayed(url: str) -> Iterator[tuple[Relay, str]]:
    """Give a relay before the PostgreSQL of this URL, and the URL by which it is reached through the relay."""
    (behind,) = parse_qs(urlsplit(url).query)["host"]
    # A socket's path is short; that of a test's own folder may be too long for it.
    folder = Path(tempfile.mkdtemp(prefix="relay-"))
    relay = Relay(Path(behind) / SOCKET_NAME)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(folder / SOCKET_NAME))
        door.listen()
        porter = Thread(target=_open, args=(door, relay), daemon=True)
        porter.start()
        try:
            yield relay, url.replace(behind, str(folder))
        finally:
            hang_up(door)
            porter.join()
            hang_up(*relay.lines)
            for line in relay.lines:
                line.close()
            shutil.rmtree(folder)


def _open(door: socket.socket, relay: Relay) -> None:
    with suppress(OSError):
        while True:
            relay.connect(door.accept()[0])
