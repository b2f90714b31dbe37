"""A server at each size: POST facts against a bare insert on the same PostgreSQL, health, metrics, and memory."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import median
from threading import Event
from time import perf_counter
from urllib.request import Request, urlopen

from benchmarks import course
from benchmarks.courses_as_recorded import NOW
from benchmarks.load import CONNECTIONS, Call, answers_of, timed_round
from benchmarks.scale.databases import Place
from benchmarks.scale.ending import end_courses
from benchmarks.scale.figures import Sizes, interleaved, milliseconds
from benchmarks.scale.processes import most_megabytes, processor_seconds, running
from benchmarks.server import coursewatch, served
from workflow.identifiers import new_key_id

ROUNDS, PATIENTS_A_ROUND, ASKED = 5, 48, 9
REQUESTS = PATIENTS_A_ROUND * course.FACTS_A_COURSE
SCHEDULER_WORKS_SECONDS = 15
POSTED = "POST-"


def measure(places: Mapping[int, Place]) -> Iterator[str]:
    """Yield requests a second of both routes at each size, the time of health and metrics, and the memory."""
    with ExitStack() as stack:
        servers = {size: _Facts(stack, place) for size, place in places.items()}
        rounds: dict[int, list[_Round]] = {size: [] for size in places}
        for _ in range(ROUNDS + 1):
            for size, server in servers.items():
                rounds[size].append(server.round())
        for size, taken in rounds.items():
            # The first round warms caches and statement plans up.
            yield _told(size, taken[1:])
        yield _two_processes(stack, places[min(places)], servers[min(places)])
        for path in ("/health/ready", "/metrics"):
            asks = {size: milliseconds(partial(server.get, path)) for size, server in servers.items()}
            yield str(Sizes(f"GET {path}", "ms", interleaved(asks, ASKED)))
        for size, server in servers.items():
            yield f"memory of the api process at {size:,} patients: {most_megabytes(server.process):,.0f} MB at most"
    for size, place in places.items():
        end_courses(place, POSTED)
        yield f"memory of a scheduler process at {size:,} patients: {_scheduler(place):,.0f} MB at most"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """Requests a second of both, and the processor time in milliseconds that a request takes in each process."""

    theirs: float
    ours: float
    their_milliseconds: float
    our_milliseconds: float


def _told(size: int, rounds: list[_Round]) -> str:
    mine, bare = median(each.ours for each in rounds), median(each.theirs for each in rounds)
    return (
        f"POST facts at {size:,} patients: {mine:,.0f}/s, bare insert {bare:,.0f}/s, ratio {mine / bare:.2f} "
        f"({len(rounds)} rounds of {REQUESTS}, {CONNECTIONS} connections); processor time of the process a request "
        f"{median(each.our_milliseconds for each in rounds):.2f} ms, "
        f"bare {median(each.their_milliseconds for each in rounds):.2f} ms"
    )


def _two_processes(stack: ExitStack, place: Place, first: "_Facts") -> str:
    """Tell what a second api process adds, rounds with one and with both in turn."""
    second = _Facts(stack, place)
    alone, both = [], []
    for _ in range(ROUNDS + 1):
        alone.append(first.post(first.scripts()))
        scripts = first.scripts(), second.scripts()
        begun = perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda server, told: server.post(told), (first, second), scripts))
        both.append(2 * REQUESTS / (perf_counter() - begun))
    one, two = median(alone[1:]), median(both[1:])
    return f"POST facts with one api process {one:,.0f}/s, with two {two:,.0f}/s, ratio {two / one:.2f}"


class _Facts:
    """One server with a database of so many patients, and the reference's server beside it."""

    def __init__(self, stack: ExitStack, place: Place) -> None:
        environment = place.environment
        key = coursewatch("key", "create", f"bench-{new_key_id()}", "--role", "admin", environment=environment)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._port, self.process = stack.enter_context(served("api.main:app_from_environment", environment))
        bare = environment | {"BARE_DATABASE": place.owner}
        self._bare, self._bare_process = stack.enter_context(served("benchmarks.bare:app_from_environment", bare))

    def round(self) -> "_Round":
        """Return the requests a second of the reference and of ours, one after the other, and what each costs."""
        scripts = self.scripts()
        reference = [[Call("/bare", call.body) for call in script] for script in scripts]
        before = [processor_seconds(process) for process in (self._bare_process, self.process)]
        rates = timed_round(self._bare, reference), self.post(scripts)
        after = [processor_seconds(process) for process in (self._bare_process, self.process)]
        costs = [(spent - begun) * 1000 / REQUESTS for begun, spent in zip(before, after, strict=True)]
        return _Round(theirs=rates[0], ours=rates[1], their_milliseconds=costs[0], our_milliseconds=costs[1])

    def scripts(self) -> list[list[Call]]:
        """Register patients, and return what is then recorded of each."""
        calls = [_registration(number) for number in range(PATIENTS_A_ROUND)]
        return [course.facts(str(answer["id"])) for answer in answers_of(self._port, calls, self._headers)]

    def post(self, scripts: list[list[Call]]) -> float:
        """Record facts, and return how many in a second."""
        return timed_round(self._port, scripts, self._headers)

    def get(self, path: str) -> None:
        """Ask for a page of the watching machines; readiness may say no, for nobody sweeps here."""
        request = Request(f"http://127.0.0.1:{self._port}{path}")
        try:
            with urlopen(request) as answer:  # noqa: S310 -- our own server
                answer.read()
        except OSError as refused:
            if getattr(refused, "code", None) != 503:  # noqa: PLR2004 -- unavailable, and asked all the same
                raise


def _registration(number: int) -> Call:
    call = course.registration(number)
    return Call(call.path, {**call.body, "pseudonym": f"{POSTED}{new_key_id()}", "site": "berlin"})


def _scheduler(place: Place) -> float:
    """Return the most memory of a scheduler that works for some seconds on the day on which the courses end."""
    with running("scheduler", environment=place.environment | {"COURSEWATCH_NOW": NOW.isoformat()}) as process:
        # It sweeps and delivers at once, and then once a period; nothing of this can be waited for from outside.
        Event().wait(SCHEDULER_WORKS_SECONDS)
        return most_megabytes(process)
