"""Turns what the house raises into answers: one table from exception to problem."""

from dataclasses import replace
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.addresses import own_path
from api.pages.failures import failure_response
from api.problems import EdgeError, ProblemDetails, invalid_input, of_status, parameter_problem
from workflow.domain.errors import InvalidInputError
from workflow.persistence.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    PersistenceError,
    StaleVersionError,
    UnknownFactError,
)
from workflow.services.answers import refusal_shape
from workflow.services.errors import OutdatedProcessError, RefusedError, ServiceError

RETRY_AFTER_SECONDS = 1


def answer_errors(app: FastAPI) -> None:
    """Register a handler for everything that a route may raise on purpose."""
    app.add_exception_handler(EdgeError, _handled)
    app.add_exception_handler(InvalidInputError, _handled)
    app.add_exception_handler(ServiceError, _handled)
    app.add_exception_handler(PersistenceError, _handled)
    app.add_exception_handler(UnknownFactError, _handled)
    app.add_exception_handler(RequestValidationError, _handled)
    app.add_exception_handler(HTTPException, _handled)


async def _handled(request: Request, error: Exception) -> Response:
    details = details_of(error)
    if details.status == HTTPStatus.METHOD_NOT_ALLOWED:
        details = replace(details, headers={"Allow": ", ".join(allowed_methods(request))})
    return failure_response(request, details)


def allowed_methods(request: Request) -> list[str]:
    """Return every method that this address takes: routes that differ only by method each know their own."""
    path = own_path(request.scope)
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if isinstance(route.original_route, Route) and route.path_regex.match(path):
            methods |= route.methods or set()
    return sorted(methods)


def details_of(error: Exception) -> ProblemDetails:
    """Return what an error says to the outside; re-raises what it does not know."""
    if isinstance(error, EdgeError):
        return error.details
    if isinstance(error, InvalidInputError):
        return invalid_input(error.problems)
    if isinstance(error, RefusedError):
        return ProblemDetails(
            status=error.status,
            code=error.code,
            title=error.title,
            detail=str(error),
            more=refusal_shape(error.refusal),
        )
    if isinstance(error, ServiceError):
        return ProblemDetails(status=error.status, code=error.code, title=error.title, detail=str(error))
    if isinstance(error, RequestValidationError):
        return invalid_input(parameter_problem(found["loc"][1:], found) for found in error.errors())
    if isinstance(error, HTTPException):
        return of_status(error.status_code)
    if isinstance(error, StaleVersionError):
        return ProblemDetails(
            status=412,
            code="stale_version",
            title="Stale version",
            detail="The patient has changed meanwhile; read it again and send what still holds.",
        )
    if isinstance(error, DatabaseBusyError | DatabaseUnavailableError | UnknownFactError):
        return _restart_needed() if isinstance(error, UnknownFactError) else _unavailable()
    raise error


def _restart_needed() -> ProblemDetails:
    return ProblemDetails(
        status=OutdatedProcessError.status,
        code=OutdatedProcessError.code,
        title=OutdatedProcessError.title,
        detail="A fact of this patient cannot be read by this process: one of a newer release recorded it, or it was "
        "altered (`coursewatch db verify` says so). Start all processes of the newest release.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _unavailable() -> ProblemDetails:
    return ProblemDetails(
        status=503,
        code="database_unavailable",
        title="Database unavailable",
        detail="The database did not answer in time. Try again with the same Idempotency-Key: "
        "what was stored already is not stored twice.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )
