"""Lets writes wait for their turn without holding a thread: many threads before one writer cost more than the write."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property, partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, fail_after
from opentelemetry.trace import NoOpTracer, Span, Tracer
from starlette.concurrency import run_in_threadpool

from workflow.persistence.errors import DatabaseBusyError
from workflow.services.house import House

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Turns:
    """The turns to write to a house's database: as many at once as it takes, each waited for as long as for a lock."""

    def __init__(self, house: House, tracer: Tracer | None = None) -> None:
        self._house = house
        self._tracer = tracer or NoOpTracer()

    @cached_property
    def _limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._house.database.writers)

    async def carry_out(self, act: Callable[Given, Result], /, *args: Given.args, **named: Given.kwargs) -> Result:
        """Call `act` in a thread, in turn; raises DatabaseBusyError where the turn does not come within the limit."""
        writer = object()
        try:
            with self._span("turn"), fail_after(self._house.settings.lock_timeout_seconds):
                await self._limiter.acquire_on_behalf_of(writer)
        except TimeoutError:
            self._house.database.tally.note_error(DatabaseBusyError)
            raise DatabaseBusyError("too many writes are waiting for the database; try again") from None
        try:
            # What has begun is carried to its end: only the wait is limited here, the database limits the rest.
            with self._span("use case", use_case=_name_of(act)):
                return await run_in_threadpool(partial(act, *args, **named))
        finally:
            self._limiter.release_on_behalf_of(writer)

    def _span(self, name: str, **told: str) -> AbstractContextManager[Span]:
        # What an exception says may quote a patient's row; its class stands in the span of the request.
        return self._tracer.start_as_current_span(
            name,
            attributes={f"coursewatch.{key}": value for key, value in told.items()},
            record_exception=False,
            set_status_on_exception=False,
        )


def _name_of(act: Callable[..., object]) -> str:
    return f"{getattr(act, '__module__', '')}.{getattr(act, '__name__', '')}"
