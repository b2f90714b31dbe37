"""Lets writes wait for their turn without holding a thread: many threads before one writer cost more than the write."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, fail_after
from starlette.concurrency import run_in_threadpool

from workflow.persistence.errors import DatabaseBusyError
from workflow.services.house import House

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Turns:
    """The turns to write to a house's database: as many at once as it takes, each waited for as long as for a lock."""

    def __init__(self, house: House) -> None:
        self._house = house

    @cached_property
    def _limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._house.database.writers)

    async def carry_out(self, act: Callable[Given, Result], /, *args: Given.args, **named: Given.kwargs) -> Result:
        """Call `act` in a thread, in turn; raises DatabaseBusyError where the turn does not come within the limit."""
        writer = object()
        try:
            with fail_after(self._house.settings.lock_timeout_seconds):
                await self._limiter.acquire_on_behalf_of(writer)
        except TimeoutError:
            raise DatabaseBusyError("too many writes are waiting for the database; try again") from None
        try:
            # What has begun is carried to its end: only the wait is limited here, the database limits the rest.
            return await run_in_threadpool(partial(act, *args, **named))
        finally:
            self._limiter.release_on_behalf_of(writer)
