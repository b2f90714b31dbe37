"""The lists at each size: today's worklist, worklists and censuses of the past."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

from benchmarks.courses_as_recorded import NOW, house_at
from benchmarks.lists import PAST
from benchmarks.scale.databases import Place
from benchmarks.scale.figures import Measure, Sizes, interleaved, milliseconds
from benchmarks.scale.ward_courses import SITES
from workflow.domain.actor import LOCAL_ADMIN, Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.pages import Page
from workflow.services.clocks import Clocks
from workflow.services.count_states import CensusFilter, counted
from workflow.services.house import House
from workflow.services.read_worklist import Wanted, listed

ROUNDS, PAST_ROUNDS = 11, 3
# A server gives up after five seconds; what would take longer is measured all the same, and told.
STATEMENT_SECONDS = 120.0
# On the day before, nearly all of a loaded database waited for something; in a year before, few did.
CLOCKS = (Clocks(as_of=NOW.date() - timedelta(days=1)), *PAST)
# Somebody of one site has each row checked; the copies stand at all four.
PEOPLE = {"all sites": LOCAL_ADMIN, "one site": Actor("bench", "bench", (Grant(Role.VIEWER, SITES[0]),))}


def measure(places: Mapping[int, Place]) -> Iterator[str]:
    """Yield the milliseconds of each list at each size, medians of interleaved rounds, and the ratios."""
    with ExitStack() as stack:
        houses = {}
        for size, place in places.items():
            house = house_at(place.app, place.folder, statement_timeout_seconds=STATEMENT_SECONDS)
            houses[size], clock = stack.enter_context(house)
            clock.now = NOW
        for who, actor in PEOPLE.items():
            yield _told(f"worklist today, {who}", houses, partial(_worklist, actor=actor), ROUNDS)
        for clocks in CLOCKS:
            at = f"as_of {clocks.as_of or '-'}, known_at {clocks.known_at.date() if clocks.known_at else '-'}"
            for who, actor in PEOPLE.items():
                past = partial(_past, actor=actor, clocks=clocks)
                yield _told(f"worklist {at}, {who}", houses, past, PAST_ROUNDS)
                census = partial(_census, actor=actor, clocks=clocks)
                yield _told(f"census {at}, {who}", houses, census, PAST_ROUNDS)


def _told(what: str, houses: Mapping[int, House], ask: Callable[[House], object], rounds: int) -> str:
    measures: dict[int, Measure] = {size: milliseconds(partial(ask, house)) for size, house in houses.items()}
    return str(Sizes(what, "ms", interleaved(measures, rounds)))


def _worklist(house: House, *, actor: Actor) -> object:
    return listed(house, actor, Wanted(), Page())


def _past(house: House, *, actor: Actor, clocks: Clocks) -> object:
    return listed(house, actor, Wanted(as_of=clocks.as_of, known_at=clocks.known_at), Page())


def _census(house: House, *, actor: Actor, clocks: Clocks) -> object:
    return counted(house, actor, CensusFilter(), clocks)
