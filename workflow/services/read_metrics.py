"""What an installation tells those who watch it, as named numbers: read briefly, and not at every question anew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.metadata import version
from threading import Lock
from typing import Literal

from workflow.clock import Stopwatch, monotonic
from workflow.domain.actor import SCHEDULER
from workflow.domain.alerts import SEVERITIES
from workflow.persistence.errors import DatabaseBusyError, DatabaseUnavailableError
from workflow.persistence.measures import OpenAlerts, limit_statements, open_alerts
from workflow.persistence.unit_of_work import reading
from workflow.services.house import House
from workflow.services.look_around import Seen, look_around
from workflow.services.run_sweep import SWEEP

# However many scrape, the database is asked once in so many seconds; and no statement may take longer than that.
FRESH_FOR_SECONDS = 5.0
STATEMENT_SECONDS = 1.0
# Who scrapes while another reading hangs is told after so many seconds that the database does not answer.
WAIT_SECONDS = 2.0

_LOOKED_FOR = (DatabaseBusyError.__name__, DatabaseUnavailableError.__name__)

Kind = Literal["gauge", "counter"]
Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One named number in the words of Prometheus, once for each set of labels; no label names a patient or a site."""

    name: str
    says: str
    samples: tuple[Sample, ...]
    kind: Kind = "gauge"


@dataclass(slots=True, kw_only=True)
class Metrics:
    """Reads the numbers of one house; an answer is at most FRESH_FOR_SECONDS old."""

    house: House
    stopwatch: Stopwatch = monotonic
    _last: tuple[float, tuple[Metric, ...]] | None = None
    _reading: Lock = field(default_factory=Lock, repr=False)

    def read(self) -> tuple[Metric, ...]:
        """Return all metrics; where the database does not answer that is one of them, and never an error."""
        return (*self._of_installation(), *of_process(self.house))

    def _of_installation(self) -> tuple[Metric, ...]:
        if not self._reading.acquire(timeout=WAIT_SECONDS):
            return (_up(answers=False),)
        try:
            if self._last is None or self.stopwatch() - self._last[0] > FRESH_FOR_SECONDS:
                self._last = (self.stopwatch(), self._read_anew())
            return self._last[1]
        finally:
            self._reading.release()

    def _read_anew(self) -> tuple[Metric, ...]:
        try:
            with reading(self.house.database, SCHEDULER) as unit:
                limit_statements(unit.connection, STATEMENT_SECONDS)
                seen = look_around(self.house, unit)
                alerts = open_alerts(unit.connection)
        except Exception:  # noqa: BLE001 -- a row that cannot be read must not take the process's own numbers with it
            return (_up(answers=False),)
        return (_up(answers=True), *of_installation(self.house, seen), *_of_alerts(alerts))


def of_installation(house: House, seen: Seen) -> Iterable[Metric]:
    """Yield what is seen in the database."""
    told = {"release": version("coursewatch"), "revision": seen.revision or "none", "dialect": house.database.dialect}
    yield Metric("coursewatch_info", "The release that answers and the revision of its database.", ((told, 1.0),))
    yield _one("coursewatch_rehearsal", "1 where the database is marked as rehearsal.", float(seen.rehearsal))
    sweep = seen.job(SWEEP)
    if sweep and sweep.finished_at:
        yield _age("coursewatch_sweep_lag_seconds", "Since the last finished sweep.", seen.ago(sweep.finished_at))
    yield _one("coursewatch_patients_not_judged", "Whom the last sweep could not judge.", seen.not_judged)
    yield _one("coursewatch_patients_waiting", "Who waits for a sweep, counted to 1000.", seen.waiting.patients)
    backlog = "Whom other rules than the last upgrade's have judged, counted to 1000: judged anew a part at a time."
    yield _one("coursewatch_patients_of_other_rules", backlog, seen.waiting.of_other_rules)
    other = "1 where this process judges by other rules than the last upgrade."
    yield _one("coursewatch_other_rules", other, float(seen.other_rules))
    overdue = seen.ago(seen.waiting.oldest_due_at)
    yield _age("coursewatch_oldest_due_patient_seconds", "By which the longest waiting patient is overdue.", overdue)
    yield _one("coursewatch_notices_due", "Notices due and not delivered, counted to 1000.", seen.queue.due)
    undelivered = seen.ago(seen.queue.oldest_undelivered_at)
    yield _age("coursewatch_oldest_undelivered_notice_seconds", "Since the first of them was to go out.", undelivered)
    dead = "Notices that were given up and that no alert tells of yet, counted to 1000."
    yield _one("coursewatch_dead_letters_unaccounted", dead, seen.queue.dead)
    if seen.last_seal_at:
        yield _age(
            "coursewatch_seal_age_seconds",
            "Since the newest seal; none is made while nothing is recorded.",
            seen.ago(seen.last_seal_at),
        )
    if seen.clock_difference is not None:
        ahead = seen.clock_difference.total_seconds()
        yield _one("coursewatch_clock_difference_seconds", "By which this process is ahead of its database.", ahead)
    if seen.free_bytes is not None:
        yield _one("coursewatch_database_free_bytes", "Free space beside the database file.", seen.free_bytes)
    ages = tuple(({"job_name": job.job}, _seconds(seen.ago(job.finished_at or job.started_at))) for job in seen.jobs)
    yield Metric("coursewatch_job_age_seconds", "Since a job of the scheduler last ended well, in any process.", ages)
    periods = tuple(({"job_name": job.job}, job.period.total_seconds()) for job in seen.jobs)
    yield Metric("coursewatch_job_period_seconds", "How often a job of the scheduler runs.", periods)


def of_process(house: House) -> Iterable[Metric]:
    """Yield what has happened between this process and its database; asks nothing."""
    happened = house.database.tally.so_far()
    # Those that alerts look for begin at 0, so that the first of them is seen as one more.
    counts = dict.fromkeys(_LOOKED_FOR, 0) | dict(happened.errors)
    errors = tuple(({"error": name}, float(count)) for name, count in sorted(counts.items()))
    yield Metric(
        "coursewatch_database_errors", "Errors of storage that ended a transaction, by class.", errors, "counter"
    )
    times = tuple(({"awaited": name}, float(waits.times)) for name, waits in happened.waits.items())
    seconds = tuple(({"awaited": name}, waits.seconds) for name, waits in happened.waits.items())
    yield Metric("coursewatch_database_waits", "Turns to write and locks of patients that were got.", times, "counter")
    yield Metric("coursewatch_database_wait_seconds", "Seconds that these were waited for.", seconds, "counter")
    repeated = "Requests that got their first answer again."
    yield replace(_one("coursewatch_repeated_requests", repeated, happened.repeats), kind="counter")
    connections = house.database.connections.items()
    used = tuple(({"pool": name}, float(in_use)) for name, (in_use, _) in connections)
    most = tuple(({"pool": name}, float(limit)) for name, (_, limit) in connections)
    yield Metric("coursewatch_database_connections_in_use", "Connections to the database in use.", used)
    yield Metric("coursewatch_database_connections_limit", "Connections to the database that there may be.", most)


def _of_alerts(alerts: OpenAlerts) -> Iterable[Metric]:
    by_severity = tuple(({"severity": name}, float(alerts.by_severity.get(name, 0))) for name in SEVERITIES)
    yield Metric("coursewatch_alerts_open", "Alerts that are not resolved, counted to 5000 in all.", by_severity)
    lost = "Open alerts that tell of a notice which reached nobody."
    yield _one("coursewatch_lost_notice_alerts_open", lost, alerts.of_lost_notices)


def _up(*, answers: bool) -> Metric:
    return _one("coursewatch_database_up", "1 where the database answers this process.", float(answers))


def _one(name: str, says: str, value: float) -> Metric:
    return Metric(name, says, (({}, float(value)),))


def _age(name: str, says: str, ago: timedelta | None) -> Metric:
    """Return seconds since something; 0 where nothing waits."""
    return _one(name, says, _seconds(ago))


def _seconds(ago: timedelta | None) -> float:
    return 0.0 if ago is None else round(ago.total_seconds(), 3)
