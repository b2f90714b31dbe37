"""What every request must be before it is looked at: through the right door, of a bounded address, in plain bytes."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.forwarding import Entrance
from api.pages.failures import failure_response
from api.problems import ProblemDetails
from workflow.settings import Settings

# Letters beyond ASCII take up to twelve bytes each in an address.
LONGEST_PATH_BYTES = 4_096
LONGEST_QUERY_BYTES = 16_384
MOST_PARAMETERS = 100
WEBSOCKET_REFUSED: Mapping[str, object] = {"type": "websocket.close", "code": 1008, "reason": ""}


class Admission:
    """Stands within the edge, so that what it refuses has an id, a log line and the security headers as well."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.entrance = Entrance.of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] == "websocket":
            await send(dict(WEBSOCKET_REFUSED))
            return
        refusal = self.entrance.refusal_of(scope) or _unbounded(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await failure_response(Request(scope), refusal)(scope, receive, send)


def _unbounded(scope: Scope) -> ProblemDetails | None:
    """Return what about a request's address or body has no bound that we could hold."""
    query = scope["query_string"]
    path = scope.get("raw_path") or scope["path"].encode()
    if len(path) > LONGEST_PATH_BYTES or len(query) > LONGEST_QUERY_BYTES or query.count(b"&") >= MOST_PARAMETERS:
        return ADDRESS_TOO_LONG
    codings = [value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"]
    return BODY_ENCODED if any(coding != b"identity" for coding in codings) else None


ADDRESS_TOO_LONG = ProblemDetails(
    status=414,
    code="address_too_long",
    title="Address too long",
    detail=f"A path may have {LONGEST_PATH_BYTES} bytes, a query {LONGEST_QUERY_BYTES} and {MOST_PARAMETERS} "
    "parameters.",
)
BODY_ENCODED = ProblemDetails(
    status=415,
    code="body_encoded",
    title="Body encoded",
    detail="A body is read as it is sent; send it without compression and without Content-Encoding.",
)
