"""Deliveries a second of one worker: alone, beside a million future notices, and against procrastinate."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from threading import Semaphore
from typing import ClassVar

from api.logs import configure_logs
from benchmarks.scale import procrastinating
from benchmarks.scale.databases import Place, Server, connected
from benchmarks.scale.figures import Rate, Timer, median_rate
from scheduler.delivering import AT_A_TIME, Deliveries
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.messages import Message
from workflow.identifiers import new_id
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.sites import put
from workflow.settings import Settings

FUTURE = 1_000_000
NOTICES, RECIPIENTS, ROUNDS = 1_000, 50, 15
LATE_PATIENTS = 20
JOBS_BESIDE = 40
_QUEUE = """
    INSERT INTO notice (id, alert_id, episode, step, recipient, channel, status, made_at, due_at, planned_at,
        attempts, accounted)
    SELECT uuidv7(), (SELECT id FROM alert ORDER BY id OFFSET number %% (SELECT count(*) FROM alert) LIMIT 1),
        1, (SELECT coalesce(max(step), 0) FROM notice) + number, 'ward-' || number %% %(recipients)s, 'nowhere',
        'pending', now(), now() + %(ahead)s + number * interval '1 millisecond', now() + %(ahead)s, 0, FALSE
    FROM generate_series(1, %(many)s) AS number
"""


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A channel that delivers at once, and counts."""

    kind: ClassVar[str] = "nowhere"
    delivered: Semaphore = field(default_factory=lambda: Semaphore(0))

    def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002 -- nothing is sent
        """Deliver."""
        self.delivered.release()


def measure(server: Server) -> Iterator[str]:
    """Yield the medians and ratios of interleaved rounds."""
    assert procrastinating.CONCURRENCY == AT_A_TIME
    alone, beside = (_place(server, future) for future in (0, FUTURE))
    theirs, theirs_beside = (_reference(server, future) for future in (0, FUTURE))
    rates: dict[str, list[Rate]] = {"alone": [], "beside": [], "theirs": []}
    with _worker(alone) as deliver, _worker(beside) as deliver_beside:
        ours = {"alone": deliver, "beside": deliver_beside}
        for number in range(ROUNDS + 1):
            # Each goes first in turn: whoever follows finds what the other one has left to the disk.
            for name in sorted(ours, reverse=number % 2 == 1):
                rates[name].append(ours[name]())
            rates["theirs"].append(procrastinating.rate(theirs, NOTICES))
    found = {name: median_rate(taken) for name, taken in rates.items()}
    # Of each round's pair, one right after the other: both share what else this machine does.
    pairs = zip(rates["alone"][1:], rates["beside"][1:], strict=True)
    ratios = sorted(beside.per_second / alone.per_second for alone, beside in pairs)
    between = f"ratio {median(ratios):.2f}, of single rounds {ratios[0]:.2f} to {ratios[-1]:.2f}"
    yield _line("Coursewatch", found["alone"], found["beside"], between)
    # Each of its fetches walks over the jobs of the future first.
    slow = procrastinating.rate(theirs_beside, JOBS_BESIDE)
    between = f"ratio {slow.per_second / found['theirs'].per_second:.2f}"
    yield _line(f"procrastinate ({JOBS_BESIDE} jobs only beside)", found["theirs"], slow, between)
    yield (
        f"Coursewatch : procrastinate {found['alone'].per_second / found['theirs'].per_second:.2f} alone, "
        f"{found['beside'].per_second / slow.per_second:,.0f} beside "
        f"({ROUNDS} rounds of {NOTICES:,} to {RECIPIENTS} recipients, {AT_A_TIME} at a time)"
    )


def _line(who: str, alone: Rate, beside: Rate, between: str) -> str:
    return (
        f"{who}: {alone.per_second:,.0f}/s alone ({alone.milliseconds:.2f} ms of the worker's processor time each), "
        f"{beside.per_second:,.1f}/s beside {FUTURE:,} due in a month or later, "
        f"{between}"
    )


def _place(server: Server, future: int) -> Place:
    name = f"delivery_{future}"
    found = server.existing(name)
    if found is None:
        found = server.made(name)
        with _house(found) as house:
            _late_patients(house)
        _queue(found, future, timedelta(days=30))
        with connected(found.superuser) as connection:
            connection.execute("VACUUM (ANALYZE)")
        server.finish(name)
    return found


def _reference(server: Server, future: int) -> Place:
    name = f"procrastinate_{future}"
    found = server.existing(name)
    if found is None:
        found = server.made(name, migrated=False)
        procrastinating.prepare(found, future)
        server.finish(name)
    return found


@contextmanager
def _house(place: Place) -> Iterator[House]:
    """Open the house as a process of the scheduler does, by the database's own clock."""
    settings = Settings(database=place.app, data_dir=place.folder, secret_file=place.folder / "secret")
    house = build(settings)
    try:
        yield house
    finally:
        house.close()


def _late_patients(house: House) -> None:
    """Make patients whose next block is late already, so that an alert of each stands open."""
    today: date = house.clock().date()
    put(house, LOCAL_ADMIN, "berlin", {"time_zone": "Europe/Berlin"})
    for number in range(LATE_PATIENTS):
        data: dict[str, object] = {
            "site": "berlin",
            "pseudonym": f"LATE-{number}",
            "diagnosis_date": (today - timedelta(days=900)).isoformat(),
            "phenotype": "BCP",
        }
        patient = str(json.loads(register(house, LOCAL_ADMIN, data).body)["id"])
        for ago, name, payload in (
            (26, "relapse_diagnosed", {"relapse_site": "isolated_bm"}),
            (26, "protocol_chosen", {"protocol": "all-rez-bfm-2002"}),
            (25, "block_started", {"element": "R1"}),
        ):
            on = (today - timedelta(days=ago)).isoformat()
            record(house, LOCAL_ADMIN, patient, {"type": name, "occurred_on": on, "data": payload})


@contextmanager
def _worker(place: Place) -> Iterator["Deliver"]:
    with (place.folder / "deliveries.log").open("w", encoding="utf-8") as log, _house(place) as house:
        # Each attempt is a line of it, as in a server.
        configure_logs(log)
        yield Deliver(house, place)
    configure_logs()


@dataclass(frozen=True, slots=True)
class Deliver:
    """Queues notices that are due, and delivers them."""

    house: House
    place: Place

    def __call__(self) -> Rate:
        """Return how many notices one worker delivers in a second."""
        _queue(self.place, NOTICES, timedelta(hours=-1))
        channel = Nowhere()
        timer = Timer()
        with closing(Deliveries(self.house, {channel.kind: channel}, new_id())) as worker:
            worker.tick()
            for _ in range(NOTICES):
                channel.delivered.acquire()
        return timer.rate(NOTICES)


def _queue(place: Place, many: int, ahead: timedelta) -> None:
    with connected(place.superuser) as connection:
        connection.execute(_QUEUE, {"many": many, "ahead": ahead, "recipients": RECIPIENTS})
