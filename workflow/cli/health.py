"""`coursewatch health`: asks a process for its health; run every few seconds, so it reads nothing heavy in."""

import os
import socket
import sys
from collections.abc import Sequence

LIMIT_SECONDS = 3.0
HEALTHY, UNHEALTHY, CONTRADICTED = 0, 1, 2
LIVE, READY = "/health/live", "/health/ready"
# Every option has its variable; whoever sets it for this one waits a moment longer.
_READY_VARIABLE = "COURSEWATCH_HEALTH_READY"
_PORTS = {"http": 80, "https": 443}
_EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104 -- compared with what was set, never listened on
_LOOPBACK = {"127.0.0.1", "::1"}
_LONGEST_STATUS_LINE = 1024
# Readiness is told in less than 2 KiB.
_LONGEST_ANSWER = 65536
_LONGEST_WORD = 80


class UnhealthyError(Exception):
    """Why a process does not count as healthy, in one line."""


def asked(arguments: Sequence[str]) -> int | None:
    """Ask as the arguments after `health` say, and return the exit code; None where they are no plain question."""
    urls = [argument for argument in arguments if argument != "--ready"]
    if len(urls) > 1 or any(url.startswith("-") for url in urls) or _READY_VARIABLE in os.environ:
        return None
    return answered(urls[0] if urls else None, ready="--ready" in arguments)


def answered(url: str | None, *, ready: bool) -> int:
    """Return 0 where the process answers 200, else 1 with a line on stderr; 2 where address and --ready contradict.

    Of readiness the line says what is wrong; warnings are told, too, where it is ready.
    """
    try:
        address = _address(url, ready=ready) if url else default_url(ready=ready)
    except _ContradictionError as contradiction:
        _say(str(contradiction))
        return CONTRADICTED
    told = ""
    try:
        status, body = _answer_of(address)
        told = _told(body)
    except UnhealthyError as unhealthy:
        why = str(unhealthy)
    except OSError as fault:
        why = fault.strerror or str(fault) or type(fault).__name__
    else:
        if status == 200:  # noqa: PLR2004 -- HTTP's own number; its names would cost a fifth of the time
            if told:
                _say(f"healthy, but: {address}: {told}")
            return HEALTHY
        why = f"answered {status}" + (f": {told}" if told else "")
    _say(f"not healthy: {address}: {why}")
    return UNHEALTHY


def _say(what: str) -> None:
    print(f"coursewatch: {what}", file=sys.stderr)  # noqa: T201 -- this is where the command speaks


class _ContradictionError(Exception):
    """The address names one thing to ask and --ready another."""


def _address(url: str, *, ready: bool) -> str:
    """Return what is asked: a URL that names no path is where a process answers, any other is asked as it is.

    Raises _ContradictionError for --ready with a path that is not readiness.
    """
    scheme, _, rest = url.partition("://")
    place, _, path = rest.partition("/")
    if scheme not in _PORTS or not place:
        return url
    if not path:
        return f"{scheme}://{place}{READY if ready else LIVE}"
    if ready and not url.endswith(READY):
        raise _ContradictionError(
            f"--ready asks {READY}, and the address names /{path}: give {scheme}://{place} with --ready, or the "
            "address without it"
        )
    return url


def default_url(*, ready: bool) -> str:
    """Return where the process of this environment answers."""
    host = os.environ.get("COURSEWATCH_HOST", "").strip()
    host = "127.0.0.1" if host in _EVERYWHERE else host
    port = os.environ.get("COURSEWATCH_PORT", "").strip() or "8000"
    scheme = "https" if os.environ.get("COURSEWATCH_TLS_CERTIFICATE_FILE", "").strip() else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{READY if ready else LIVE}"


def _answer_of(url: str) -> tuple[int, bytes]:
    """Return the status that a URL answers with, and what it says of readiness; raises UnhealthyError, OSError.

    A certificate is verified, except on loopback: nobody else can answer there, and it names the outside.
    """
    scheme, host, port, path = _parts(url)
    plain = socket.create_connection((host, port), LIMIT_SECONDS)
    with plain if scheme == "http" else _wrapped(plain, host) as line:
        name = f"[{host}]" if ":" in host else host
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode("ascii"))
        answer = _received(line, b"", until=b"\r\n", most=_LONGEST_STATUS_LINE)
        words = answer.split(b"\r\n")[0].split(b" ")
        if not words[0].startswith(b"HTTP/1.") or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004
            raise UnhealthyError("answered no HTTP" if answer else "hung up without an answer")
        if path.endswith(READY):
            answer = _received(line, answer, until=None, most=_LONGEST_ANSWER)
    return int(words[1]), answer.partition(b"\r\n\r\n")[2]


def _received(line: socket.socket, answer: bytes, *, until: bytes | None, most: int) -> bytes:
    """Return an answer with what comes after it: until these bytes are in it, or there is no more."""
    while (until is None or until not in answer) and len(answer) < most:
        part = line.recv(_LONGEST_STATUS_LINE)
        if not part:
            break
        answer += part
    return answer


def _told(body: bytes) -> str:
    """Return what readiness says that somebody should look at; nothing where it says nothing that is understood."""
    if not body.startswith(b"{"):
        return ""
    import json

    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    parts = [
        f"{name}: {said[name]}" for name in ("database", "sweep") if _is_word(said.get(name)) and said[name] != "ok"
    ]
    warnings = said.get("warnings")
    named = [word for word in warnings if _is_word(word)] if isinstance(warnings, list) else []
    if named:
        parts.append(f"warnings: {', '.join(named)}")
    if not parts and said.get("status") == "draining":
        parts.append("draining: it was told to end")
    return "; ".join(parts)


def _is_word(said: object) -> bool:
    """Whether what was answered may be shown: somebody else may answer at that address."""
    return isinstance(said, str) and said.isprintable() and len(said) <= _LONGEST_WORD


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
