"""How many notices one worker delivers in a second, with an empty future and beside 100,000 notices of it."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from threading import Semaphore
from time import perf_counter
from typing import ClassVar

from sqlalchemy import Connection, insert, select

from api.logs import configure_logs
from benchmarks.courses_as_recorded import HandClock, house_at
from scheduler.delivering import Deliveries
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.alerts import Notice
from workflow.domain.messages import Message
from workflow.identifiers import new_id
from workflow.persistence.ledger import ALERT, NOTICE, notice_rows
from workflow.persistence.unit_of_work import reading, writing
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.sites import put
from workflow.services.sweep import sweep

FUTURE = 100_000
NOTICES, RECIPIENTS, ROUNDS = 400, 100, 5
SWEPT_AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
# A notice is one of its kind by its alert, episode, step and recipient.
_STEPS = count(1)
COURSE: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}),
    ("protocol_chosen", "2025-01-06", {"protocol": "all-rez-bfm-2002"}),
    ("block_started", "2025-01-07", {"element": "R1"}),
)


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A channel that delivers at once, and counts."""

    kind: ClassVar[str] = "nowhere"
    delivered: Semaphore = field(default_factory=lambda: Semaphore(0))

    def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002 -- nothing is sent
        """Deliver."""
        self.delivered.release()


def delivered(label: str, environment: Mapping[str, str]) -> None:
    """Print deliveries per second without and with a long queue of future notices, medians, and their ratio."""
    url, folder = environment["COURSEWATCH_DATABASE"], Path(environment["COURSEWATCH_DATA_DIR"])
    with (folder / "log").open("w", encoding="utf-8") as log, house_at(url, folder) as (house, clock):
        # Each attempt is a line of it, as in a server.
        configure_logs(log)
        alert_id = _late(house, clock)
        _rate(house, alert_id, SWEPT_AT)  # warms caches and statement plans up
        alone = median(_rate(house, alert_id, SWEPT_AT) for _ in range(ROUNDS))
        with writing(house.database, LOCAL_ADMIN, bounded=False) as unit:
            for number in range(FUTURE // 10_000):
                _queue(unit.connection, alert_id, SWEPT_AT + timedelta(days=30 + number), 10_000)
        beside = median(_rate(house, alert_id, SWEPT_AT) for _ in range(ROUNDS))
        configure_logs()
    print(
        f"{label}: deliveries {alone:,.0f}/s, beside {FUTURE:,} future notices {beside:,.0f}/s, "
        f"ratio of medians {beside / alone:.2f} ({ROUNDS} rounds of {NOTICES} notices to {RECIPIENTS} recipients)",
        flush=True,
    )


def _late(house: House, clock: HandClock) -> str:
    """Make one patient whose block is late, and return the id of an alert of theirs."""
    clock.now = SWEPT_AT
    put(house, LOCAL_ADMIN, "berlin", {"time_zone": "Europe/Berlin"})
    data: dict[str, object] = {"site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
    patient = json.loads(register(house, LOCAL_ADMIN, {**data, "pseudonym": "bench"}).body)["id"]
    for fact_type, on, payload in COURSE:
        record(house, LOCAL_ADMIN, patient, {"type": fact_type, "occurred_on": on, "data": payload})
    sweep(house)
    with reading(house.database, LOCAL_ADMIN) as unit:
        return str(unit.connection.execute(select(ALERT.c.id).limit(1)).scalar_one())


def _rate(house: House, alert_id: str, due_at: datetime) -> float:
    with writing(house.database, LOCAL_ADMIN, bounded=False) as unit:
        _queue(unit.connection, alert_id, due_at, NOTICES)
    channel = Nowhere()
    begun = perf_counter()
    with closing(Deliveries(house, {channel.kind: channel}, new_id())) as worker:
        worker.tick()
        for _ in range(NOTICES):
            channel.delivered.acquire()
    return NOTICES / (perf_counter() - begun)


def _queue(connection: Connection, alert_id: str, due_at: datetime, many: int) -> None:
    notices = [
        Notice(
            id=new_id(),
            alert_id=alert_id,
            episode=1,
            step=next(_STEPS),
            recipient=f"ward-{number % RECIPIENTS}",
            channel=Nowhere.kind,
            made_at=due_at,
            due_at=due_at,
        )
        for number in range(many)
    ]
    connection.execute(insert(NOTICE), notice_rows(notices))
