"""`coursewatch health`: asks a process for its health; run every few seconds, so it reads nothing heavy in."""

import os
import socket
import sys
from collections.abc import Sequence

LIMIT_SECONDS = 3.0
HEALTHY, UNHEALTHY = 0, 1
LIVE, READY = "/health/live", "/health/ready"
# Every option has its variable; whoever sets it for this one waits a moment longer.
_READY_VARIABLE = "COURSEWATCH_HEALTH_READY"
_PORTS = {"http": 80, "https": 443}
_EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104 -- compared with what was set, never listened on
_LOOPBACK = {"127.0.0.1", "::1"}
_LONGEST_STATUS_LINE = 1024


class UnhealthyError(Exception):
    """Why a process does not count as healthy, in one line."""


def asked(arguments: Sequence[str]) -> int | None:
    """Ask as the arguments after `health` say, and return the exit code; None where they are no plain question."""
    urls = [argument for argument in arguments if argument != "--ready"]
    if len(urls) > 1 or any(url.startswith("-") for url in urls) or _READY_VARIABLE in os.environ:
        return None
    return answered(urls[0] if urls else None, ready="--ready" in arguments)


def answered(url: str | None, *, ready: bool) -> int:
    """Return 0 where the process answers 200, else 1 with a line on stderr."""
    url = url or default_url(ready=ready)
    try:
        status = status_of(url)
    except UnhealthyError as unhealthy:
        why = str(unhealthy)
    except OSError as fault:
        why = fault.strerror or str(fault) or type(fault).__name__
    else:
        if status == 200:  # noqa: PLR2004 -- HTTP's own number; its names would cost a fifth of the time
            return HEALTHY
        why = f"answered {status}"
    print(f"coursewatch: not healthy: {url}: {why}", file=sys.stderr)  # noqa: T201 -- this is where the command speaks
    return UNHEALTHY


def default_url(*, ready: bool) -> str:
    """Return where the process of this environment answers."""
    host = os.environ.get("COURSEWATCH_HOST", "").strip()
    host = "127.0.0.1" if host in _EVERYWHERE else host
    port = os.environ.get("COURSEWATCH_PORT", "").strip() or "8000"
    scheme = "https" if os.environ.get("COURSEWATCH_TLS_CERTIFICATE_FILE", "").strip() else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{READY if ready else LIVE}"


def status_of(url: str) -> int:
    """Return the status that a URL answers with; raises UnhealthyError, OSError.

    A certificate is verified, except on loopback: nobody else can answer there, and it names the outside.
    """
    scheme, host, port, path = _parts(url)
    plain = socket.create_connection((host, port), LIMIT_SECONDS)
    with plain if scheme == "http" else _wrapped(plain, host) as line:
        name = f"[{host}]" if ":" in host else host
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode("ascii"))
        answer = b""
        while b"\r\n" not in answer and len(answer) < _LONGEST_STATUS_LINE:
            part = line.recv(_LONGEST_STATUS_LINE)
            if not part:
                break
            answer += part
    words = answer.split(b"\r\n")[0].split(b" ")
    if not words[0].startswith(b"HTTP/1.") or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004
        raise UnhealthyError("answered no HTTP" if answer else "hung up without an answer")
    return int(words[1])


def _parts(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path; urllib would cost more than all the rest."""
    scheme, separator, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    host, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        host, port = place, str(_PORTS.get(scheme, ""))
    if not (separator and scheme in _PORTS and host and port.isdecimal() and url.isascii() and url.isprintable()):
        raise UnhealthyError("is no address like http://127.0.0.1:8000/health/live")
    return scheme, host.strip("[]"), int(port), slash + path or LIVE


def _wrapped(plain: socket.socket, host: str) -> socket.socket:
    import ssl

    context = ssl.create_default_context()
    if plain.getpeername()[0] in _LOOPBACK:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    with plain:
        return context.wrap_socket(plain, server_hostname=host)
