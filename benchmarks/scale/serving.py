"""A server at each size: POST facts against a bare insert on the same PostgreSQL, health, metrics, and memory."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from statistics import median
from threading import Event
from urllib.request import Request, urlopen

from benchmarks import course
from benchmarks.courses_as_recorded import NOW
from benchmarks.load import CONNECTIONS, Call, answers_of, timed_round
from benchmarks.scale.databases import Place
from benchmarks.scale.ending import end_courses
from benchmarks.scale.figures import Sizes, interleaved, milliseconds
from benchmarks.scale.processes import most_megabytes, running
from benchmarks.server import coursewatch, served, serving
from workflow.identifiers import new_key_id

ROUNDS, PATIENTS_A_ROUND, ASKED = 5, 48, 9
SCHEDULER_WORKS_SECONDS = 15
POSTED = "POST-"


def measure(places: Mapping[int, Place]) -> Iterator[str]:
    """Yield requests a second of both routes at each size, the time of health and metrics, and the memory."""
    with ExitStack() as stack:
        servers = {size: _Facts(stack, place) for size, place in places.items()}
        theirs: dict[int, list[float]] = {size: [] for size in places}
        ours: dict[int, list[float]] = {size: [] for size in places}
        for _ in range(ROUNDS + 1):
            for size, server in servers.items():
                reference, own = server.round()
                theirs[size].append(reference)
                ours[size].append(own)
        for size in places:
            mine, bare = median(ours[size][1:]), median(theirs[size][1:])
            yield (
                f"POST facts at {size:,} patients: {mine:,.0f}/s, bare insert {bare:,.0f}/s, ratio {mine / bare:.2f} "
                f"({ROUNDS} rounds of {PATIENTS_A_ROUND * course.FACTS_A_COURSE}, {CONNECTIONS} connections)"
            )
        for path in ("/health/ready", "/metrics"):
            asks = {size: milliseconds(partial(server.get, path)) for size, server in servers.items()}
            yield str(Sizes(f"GET {path}", "ms", interleaved(asks, ASKED)))
        for size, server in servers.items():
            yield f"memory of the api process at {size:,} patients: {most_megabytes(server.process):,.0f} MB at most"
    for size, place in places.items():
        end_courses(place, POSTED)
        yield f"memory of a scheduler process at {size:,} patients: {_scheduler(place):,.0f} MB at most"


class _Facts:
    """One server with a database of so many patients, and the reference's server beside it."""

    def __init__(self, stack: ExitStack, place: Place) -> None:
        environment = place.environment
        key = coursewatch("key", "create", f"bench-{new_key_id()}", "--role", "admin", environment=environment)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._port, self.process = stack.enter_context(served("api.main:app_from_environment", environment))
        bare = environment | {"BARE_DATABASE": place.owner}
        self._bare = stack.enter_context(serving("benchmarks.bare:app_from_environment", bare))

    def round(self) -> tuple[float, float]:
        """Return the requests a second of the reference and of ours, one after the other."""
        calls = [_registration(number) for number in range(PATIENTS_A_ROUND)]
        scripts = [course.facts(str(answer["id"])) for answer in answers_of(self._port, calls, self._headers)]
        reference = [[Call("/bare", call.body) for call in script] for script in scripts]
        return timed_round(self._bare, reference), timed_round(self._port, scripts, self._headers)

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
