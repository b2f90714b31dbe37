"""The outermost room: every request gets an id, security headers, a count, and never a stack trace; most a log line."""

import traceback
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

import structlog
from opentelemetry.trace import format_trace_id, get_current_span
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import own_path
from api.forwarding import WATCHED
from api.hardening import SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY
from api.metrics import RequestMetrics
from api.pages.failures import failure_response
from api.problems import PROBLEM, ProblemDetails
from workflow.identifiers import new_secret

REQUEST_ID_LETTERS = 16
NO_ROUTE = "no route"
STATIC = "/static/"
# What the framework answers itself, without leaving its route in the scope.
WITHOUT_PARAMETERS = frozenset({"/openapi.json"})
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ALWAYS: Final = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
# Answers hold patient data; only our static files never do.
_OVER_TLS: Final = (b"strict-transport-security", STRICT_TRANSPORT_SECURITY.encode())
_NEVER_STORED: Final = (b"cache-control", b"no-store")
_REVALIDATED: Final = (b"cache-control", b"no-cache")


class Edge:
    """Wraps the application; its log line holds the route's template, never the path with ids or the query."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything unforeseen is answered 500 and logged without its message."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(scope, send)
        scope.setdefault("state", {})["request_id"] = seen.request_id
        # Whatever is logged on the way, in threads too, can be told by it.
        with structlog.contextvars.bound_contextvars(request_id=seen.request_id, **_trace()):
            try:
                await self.app(scope, receive, seen.send)
            except ClientDisconnect:
                pass  # the client went away in mid-request: nothing was begun, and nobody waits for an answer
            except Exception as error:  # noqa: BLE001 -- the last resort: whatever it is, the client gets a problem
                _log_failure(error, scope)
                if not seen.started:
                    await failure_response(Request(scope), _internal(seen.request_id))(scope, receive, seen.send)
            finally:
                self._note(scope, seen)

    def _note(self, scope: Scope, seen: "_Seen") -> None:
        seconds = perf_counter() - seen.began
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER"
        route = route_template(scope)
        self.metrics.note(method, route, seen.status, seconds)
        code = scope["state"].get(PROBLEM)
        if code is not None:
            self.metrics.note_problem(code, seen.status)
        if route in WATCHED and seen.status < HTTPStatus.BAD_REQUEST:
            return  # asked every few seconds by machines: what people look for in the log would drown
        structlog.get_logger().info(
            "request",
            method=method,
            route=route,
            status=seen.status,
            ms=round(seconds * 1000, 1),
            **({} if code is None else {"code": code}),
        )


class _Seen:
    """What passed through `send`: the status, and whether the answer has begun."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send, self._scope = send, scope
        self._caching = _REVALIDATED if own_path(scope).startswith(STATIC) else _NEVER_STORED
        self.began = perf_counter()
        self.request_id = new_secret()[:REQUEST_ID_LETTERS]
        self.started = False
        # Where the client goes away before an answer: what proxies call that.
        self.status = 499

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = [*message.get("headers", ())]
            # By now the scope says what a proxy said of the client's own connection.
            over_tls = (_OVER_TLS,) if self._scope["scheme"] == "https" else ()
            request_id = (b"x-request-id", self.request_id.encode())
            message["headers"] = [*headers, self._caching, *_ALWAYS, *over_tls, request_id]
        await self._send(message)


def route_template(scope: Scope) -> str:
    """Return the template of the route that answered, like `/api/v1/patients/{patient_id}`."""
    route: Any = scope.get("route")
    if route is not None:
        return str(route.path_format)
    path = own_path(scope)
    if path.startswith(STATIC):
        return f"{STATIC}{{file}}"
    return path if path in WITHOUT_PARAMETERS else NO_ROUTE


def _trace() -> dict[str, str]:
    """Return the id of the trace that this request belongs to, where it is traced."""
    span = get_current_span().get_span_context()
    return {"trace_id": format_trace_id(span.trace_id)} if span.is_valid else {}


def _log_failure(error: Exception, scope: Scope) -> None:
    """Say where it broke and of what kind: messages and values stay out, they may quote a patient's row."""
    frames = traceback.extract_tb(error.__traceback__)
    structlog.get_logger().error(
        "request failed",
        error=type(error).__name__,
        caused_by=type(error.__cause__).__name__ if error.__cause__ else None,
        where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-12:],
        route=route_template(scope),
    )


def _internal(request_id: str) -> ProblemDetails:
    return ProblemDetails(
        status=500,
        code="internal_error",
        title="Something broke here",
        detail="This is a fault of ours. Tell whoever runs this server the request id. Trying again with the same "
        "Idempotency-Key is safe: what was stored already is not stored twice.",
        more={"request_id": request_id},
    )
