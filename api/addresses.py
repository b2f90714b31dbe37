"""Where a request points, read from what was received: a Host header may be anything, and must break nothing."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import Request
from starlette.types import Scope

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:/?#@\[\]\s]+)(?::\d{1,5})?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
Address = IPv4Address | IPv6Address


def address_in(text: str) -> Address | None:
    """Return the IP address that a text is, or None where it is none; IPv4 in the clothes of IPv6 is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket that takes both kinds shows each IPv4 address so.
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def own_path(scope: Scope) -> str:
    """Return the path within this application, without the prefix that a proxy serves it under."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def query_of(request: Request) -> str:
    """Return the query as it was sent, without the question mark."""
    return str(request.scope["query_string"], "latin-1")


def base_of(request: Request) -> str:
    """Return the prefix that links need behind a proxy; empty where there is none."""
    return str(request.scope.get("root_path", ""))


def host_of(header: str) -> str | None:
    """Return the name in a Host header in small letters, without its port; None where there is none to be read."""
    host = _HOST.fullmatch(header)
    return None if host is None else host[1].lower()


def is_this_machine(request: Request) -> bool:
    """Whether the browser names this very machine, so that nothing travels over a network."""
    return host_of(request.headers.get("host", "")) in LOOPBACK


def is_encrypted(request: Request) -> bool:
    """Whether the request came over TLS, ours or that of a proxy we believe."""
    return bool(request.scope["scheme"] == "https")


def is_own_origin(request: Request, origin: str, public_url: str | None) -> bool:
    """Whether an Origin header names the address that this application is served at."""
    host = request.headers.get("host", "")
    # Behind a proxy that ends TLS our own scheme may read http while the browser says https.
    own = {f"{request.scope['scheme']}://{host}", f"https://{host}"}
    return origin in own or (public_url is not None and origin == public_url.rstrip("/"))
