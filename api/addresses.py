"""Where a request points, read from what was received: a Host header may be anything, and must break nothing."""

import re

from starlette.requests import Request
from starlette.types import Scope

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:/?#@\[\]\s]+)(?::\d{1,5})?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def own_path(scope: Scope) -> str:
    """Return the path within this application, without the prefix that a proxy serves it under."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def query_of(request: Request) -> str:
    """Return the query as it was sent, without the question mark."""
    return str(request.scope["query_string"], "latin-1")


def base_of(request: Request) -> str:
    """Return the prefix that links need behind a proxy; empty where there is none."""
    return str(request.scope.get("root_path", ""))


def is_this_machine(request: Request) -> bool:
    """Whether the browser names this very machine, so that nothing travels over a network."""
    host = _HOST.fullmatch(request.headers.get("host", ""))
    return host is not None and host[1].lower() in LOOPBACK


def is_own_origin(request: Request, origin: str, public_url: str | None) -> bool:
    """Whether an Origin header names the address that this application is served at."""
    host = request.headers.get("host", "")
    # Behind a proxy that ends TLS our own scheme may read http while the browser says https.
    own = {f"{request.scope['scheme']}://{host}", f"https://{host}"}
    return origin in own or (public_url is not None and origin == public_url.rstrip("/"))
