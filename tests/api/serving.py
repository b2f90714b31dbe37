"""Serves an application to a real browser from a thread of this process, on a port of its own."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from api.wire import SERVED_STRICTLY

LONGEST_START_SECONDS = 30.0


class _Server(uvicorn.Server):
    """A server that says when it can be reached."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.reachable = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Start, then let the waiting thread go on."""
        await super().startup(sockets)  # type: ignore[arg-type]
        self.reachable.set()


@contextmanager
def served(app: ASGIApp, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Yield the address of the application for as long as the block lasts."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        lifespan="off",
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
        **SERVED_STRICTLY,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.reachable.wait(LONGEST_START_SECONDS), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
