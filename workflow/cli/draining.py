"""The server of `serve` and `api`, which ends in three steps: not ready, no longer accepting, finished."""

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from api.draining import Draining
from workflow.clock import monotonic

# What was begun may take so long after the last connection was accepted: longer than a transaction that waits for its
# turn, for a lock and for the commit (3 + 3 + 5 + 5 s). Whoever ends the process must give it this and the draining.
FINISHED_WITHIN_SECONDS = 20
_CLOSING = (b"connection", b"close")


class DrainingServer(uvicorn.Server):
    """Serves until a signal ends it; SIGTERM lets it answer as not ready for `drain_seconds` first.

    Meanwhile it serves everybody, and each answer asks to connect anew, elsewhere. A second signal, and Ctrl-C, which a
    person sends who wants to see the end, skip that. What runs then is finished within the limit of `config`.
    """

    def __init__(
        self, config: uvicorn.Config, draining: Draining, drain_seconds: float, on_started: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._draining, self._drain_seconds, self._on_started = draining, drain_seconds, on_started
        self._drained_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so once requests are answered."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal: the first SIGTERM begins the draining, every other one ends the server."""
        if sig == signal.SIGTERM and self._drain_seconds > 0 and not (self._draining.begun or self.should_exit):
            self._begin()
            # As uvicorn keeps those that it ends by, to raise them once more at the end.
            self._captured_signals.append(sig)
            return
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Say whether it is time to end; asked ten times a second."""
        if self._drained_at is not None and monotonic() >= self._drained_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def _begin(self) -> None:
        self._draining.begun = True
        self._drained_at = monotonic() + self._drain_seconds
        # Now, and whenever uvicorn makes its headers anew.
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSING]
        self.config.encoded_headers.append(_CLOSING)
