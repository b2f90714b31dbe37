"""Many people at once who send their errands to any process, and send them again until they have heard an answer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Event, Lock

from tests.integration.races.errands import Errand, Way
from tests.integration.races.wire import Letter, Lines, LostError, Reply, hang_up

PEOPLE = 12
TRIES = 200
LONGEST_WAIT_SECONDS = 120.0
STALE = 412


@dataclass(slots=True)
class Crowd:
    """People who know the ports at which the processes answer now; `heard` is every answer, by errand."""

    ports: Callable[[], Sequence[int]]
    on_done: Callable[[], None] = lambda: None
    heard: dict[int, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    lock: Lock = field(default_factory=Lock)

    def carry_out(self, errands: Sequence[Errand]) -> None:
        """Carry the errands out, begun in their order; raises the first person's failure."""
        done = {errand.number: Event() for errand in errands}
        queue = iter(errands)

        def work() -> None:
            with closing(Lines()) as lines, ThreadPoolExecutor(1) as twin:
                while (errand := self._next(queue)) is not None:
                    if errand.after is not None:
                        assert done[errand.after].wait(LONGEST_WAIT_SECONDS), f"{errand.after} is never done"
                    self._run(errand, lines, twin)
                    done[errand.number].set()
                    self.on_done()

        with ThreadPoolExecutor(PEOPLE) as people:
            for person in [people.submit(work) for _ in range(PEOPLE)]:
                person.result()

    def ask_again(self, errands: Iterable[Errand]) -> None:
        """Send errands that were answered once more."""
        with closing(Lines()) as lines:
            for errand in errands:
                self._deliver(errand, lines, first=errand.number)

    def _next(self, queue: Iterable[Errand]) -> Errand | None:
        with self.lock:
            return next(iter(queue), None)

    def _run(self, errand: Errand, lines: Lines, twin: ThreadPoolExecutor) -> None:
        ports, mine = self.ports(), errand.number
        if errand.way is Way.AT_ONCE:
            other: Future[None] = twin.submit(self._alone, errand, mine + 1)
            self._deliver(errand, lines, first=mine)
            other.result()
            return
        if errand.way in {Way.UNHEARD, Way.CUT_SHORT}:
            part = 1.0 if errand.way is Way.UNHEARD else 0.9
            hang_up(ports[mine % len(ports)], errand.letter, after=part, abruptly=errand.number % 2 == 0)
        self._deliver(errand, lines, first=mine + 1)
        if errand.way is Way.AGAIN:
            self._deliver(errand, lines, first=mine)

    def _alone(self, errand: Errand, first: int) -> None:
        with closing(Lines()) as lines:
            self._deliver(errand, lines, first=first)

    def _deliver(self, errand: Errand, lines: Lines, *, first: int) -> None:
        """Send until an answer is heard; a stale version is read again."""
        for attempt in range(first, first + TRIES):
            ports = self.ports()
            port = ports[attempt % len(ports)]
            try:
                reply = lines.ask(port, self._conditional(errand, lines, port))
            except LostError:
                continue
            if reply.status != STALE:
                with self.lock:
                    self.heard[errand.number].append(reply)
                return
        raise AssertionError(f"no answer to errand {errand.number} ({errand.way.value}) after {TRIES} tries")

    def _conditional(self, errand: Errand, lines: Lines, port: int) -> Letter:
        if errand.way is not Way.IF_MATCH:
            return errand.letter
        read = replace(errand.letter, path=errand.letter.path.removesuffix("/facts"), body=None)
        version = lines.ask(port, read).etag
        if version is None:
            raise LostError
        return replace(errand.letter, headers={**errand.letter.headers, "If-Match": version})
