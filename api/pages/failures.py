"""Shows a failure as a page to people and as problem+json to programs."""

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import own_path
from api.pages.rendering import page
from api.problems import ProblemDetails, note_problem, problem_response

# These are for programs, whatever their Accept header says.
FOR_PROGRAMS = (
    "/api/",
    "/health/",
    "/metrics",
    "/openapi.json",
    "/static/",
    "/reference/protocol.schema.json",
    "/reference/examples.schema.json",
)


def failure_response(request: Request, details: ProblemDetails) -> Response:
    """Return the answer for a failure: a page where a browser asks for one of ours, problem+json otherwise.

    Its code is noted for the line and the count of the request.
    """
    note_problem(request.scope, details)
    if not wants_page(request):
        return problem_response(details)
    failure = page(request, "failure.html", {"details": details}, status=details.status)
    failure.headers.update(details.headers)
    return failure


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer."""
    return not own_path(request.scope).startswith(FOR_PROGRAMS) and "text/html" in request.headers.get("accept", "")
