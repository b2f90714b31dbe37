"""Heartbeats: each run of a job leaves when it ran and what it found, so that its silence can be heard."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workflow.domain.actor import SCHEDULER
from workflow.persistence.errors import PersistenceError
from workflow.persistence.heartbeats import Heartbeat, find_heartbeat, put_heartbeat
from workflow.persistence.unit_of_work import reading, writing
from workflow.services.house import House

# SQLite has one writer: a job that ticks more often than this is noted now and then, not at every tick.
NOTED_EVERY = timedelta(seconds=30)

Report = Mapping[str, object]
Keep = Callable[[Report, Report], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Which job runs, how often, and in which process: a short random id, the same on no two machines."""

    job: str
    period: timedelta
    process: str


@dataclass(slots=True, kw_only=True)
class Pulse:
    """A run that has begun, by the database's clock; `last` is the one before. The run itself fills in its `report`."""

    beat: Beat
    began_at: datetime
    last: Heartbeat | None
    report: Report = field(default_factory=dict)

    @property
    def worth_noting(self) -> bool:
        """Whether this run is to be written down: not where a frequent job was noted a moment ago."""
        if self.last is None or self.beat.period >= NOTED_EVERY:
            return True
        return not timedelta(0) <= self.began_at - self.last.started_at < NOTED_EVERY


def newest(_stored: Report, new: Report) -> Report:
    """Keep nothing of what was stored before."""
    return new


@contextmanager
def beating(house: House, beat: Beat, keep: Keep = newest) -> Iterator[Pulse]:
    """Note the run of a job: one short write when it has ended, none while it runs.

    Of a run that fails only the beginning is noted, and the error goes on. `keep` makes what is stored from the report
    stored before and the new one, while nobody else can note the same job.
    """
    with reading(house.database, SCHEDULER) as unit:
        pulse = Pulse(beat=beat, began_at=unit.instant(), last=find_heartbeat(unit.connection, beat.job))
    try:
        yield pulse
    except Exception:
        # What went wrong is the story, not that a database which is gone takes no note of it either.
        with suppress(PersistenceError):
            _note(house, pulse, None)
        raise
    _note(house, pulse, keep)


def _note(house: House, pulse: Pulse, keep: Keep | None) -> None:
    if not pulse.worth_noting:
        return
    beat = pulse.beat
    with writing(house.database, SCHEDULER) as unit:
        heartbeat = Heartbeat(job=beat.job, process=beat.process, period=beat.period, started_at=pulse.began_at)
        if keep is not None:
            stored = find_heartbeat(unit.connection, beat.job, lock=True)
            heartbeat = Heartbeat(
                job=beat.job,
                process=beat.process,
                period=beat.period,
                started_at=pulse.began_at,
                finished_at=unit.instant(),
                report=keep(stored.report if stored else {}, pulse.report),
            )
        put_heartbeat(unit.connection, heartbeat)
