"""The standard library's SMTP client with one limit for a whole dialogue, so that no server outlasts our patience."""

import io
import smtplib
import socket
import ssl
from typing import TYPE_CHECKING, Any

from workflow.clock import Stopwatch
from workflow.domain.mail_servers import MailServer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Dialogue(smtplib.SMTP):
    """An SMTP client that gives each step what is left of `timeout_seconds` since it was made, which connects.

    A limit that passes later is told as any lost connection is: SMTPServerDisconnected, in the context of a
    TimeoutError. Only the resolver, asked for the server's addresses, keeps its own limits.
    """

    def __init__(
        self,
        server: MailServer,
        trust: ssl.SSLContext,
        *,
        own_name: str,
        timeout_seconds: float,
        stopwatch: Stopwatch,
    ) -> None:
        self._trust = trust if server.security == "tls" else None
        self._stopwatch = stopwatch
        self._ends_at = stopwatch() + timeout_seconds
        super().__init__(server.host, server.port, local_hostname=own_name, timeout=timeout_seconds)

    def left(self) -> float:
        """Return the seconds that are left; raises TimeoutError where there are none."""
        left = self._ends_at - self._stopwatch()
        if left <= 0:
            raise TimeoutError
        return left

    def limited(self) -> socket.socket:
        """Return the connection, limited to the time that is left; raises OSError where there is neither."""
        left = self.left()
        if self.sock is None:
            raise ConnectionError
        self.sock.settimeout(left)
        return self.sock

    def send(self, s: Any) -> None:  # noqa: ANN401 -- as the standard library has it
        """Send within the time that is left."""
        try:
            self.limited()
        except OSError:
            self.close()
            raise smtplib.SMTPServerDisconnected("no time left, or no connection") from None
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer within the time that is left, however slowly it trickles in."""
        if self.file is None:
            self.file = io.BufferedReader(_Incoming(self))
        return super().getreply()

    def starttls(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401 -- as the standard library has it
        """Seal the way within the time that is left."""
        self.limited()
        return super().starttls(*args, **kwargs)

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        connection = self._reached(host, port)
        if self._trust is None:
            return connection
        connection.settimeout(self.left())
        return self._trust.wrap_socket(connection, server_hostname=host)

    def _reached(self, host: str, port: int) -> socket.socket:
        """Connect to the first of the server's addresses that answers; one that is silent may use up the time."""
        fault: OSError = ConnectionError("no address")
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                return socket.create_connection((str(address[0]), port), timeout=self.left())
            except OSError as met:
                fault = met
        raise fault


class _Incoming(io.RawIOBase):
    """What a dialogue receives; each piece is waited for no longer than the dialogue may last."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self._dialogue.limited().recv_into(buffer)
