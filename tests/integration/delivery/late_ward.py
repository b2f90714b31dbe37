"""A ward whose patient's next block is late: its clock in the test's hand, its notices waiting to be delivered."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import insert, select, update

from tests.databases import Urls
from tests.introduced import changing, seeing
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.alerts import Notice
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import Attempted, Claimed
from workflow.identifiers import new_id
from workflow.persistence.ledger import ALERT, NOTICE, notice_rows
from workflow.persistence.tables import AttemptTable
from workflow.persistence.tables.base import table_of
from workflow.services import sites
from workflow.services.deliver_notices import claim, settle
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.sweep import SweepReport, sweep
from workflow.settings import Settings

ATTEMPT = table_of(AttemptTable)
WARD = Recipient("email", "ward-3@north.example")
FACTS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}),
    ("protocol_chosen", "2025-01-06", {"protocol": "all-rez-bfm-2002"}),
    ("block_started", "2025-01-07", {"element": "R1"}),
)
RECORDED_AT = datetime(2025, 1, 10, 8, tzinfo=UTC)
# 22 days after the start of R1 the block is late; its site, Berlin, is told at half past seven.
LATE_FROM = datetime(2025, 1, 28, 23, tzinfo=UTC)
TOLD_AT = datetime(2025, 1, 29, 6, 30, tzinfo=UTC)
# Behind those of the notices that a ward makes by itself.
_STEPS = count(100)
SECRETS = ("A-1", "north.example", "late")


@dataclass(slots=True)
class HandClock:
    """A clock that stands where the test puts it."""

    now: datetime = RECORDED_AT

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class LateWard:
    """A house with one patient and whatever stands in its queue."""

    house: House
    clock: HandClock
    patient: str = field(default="")

    def record(self, fact_type: str, on: str, data: dict[str, object]) -> None:
        """Record one fact."""
        raw = {"type": fact_type, "occurred_on": on, "data": data}
        assert record(self.house, LOCAL_ADMIN, self.patient, raw).status == 201

    def sweep(self, at: datetime) -> SweepReport:
        """Let the clock stand there, and sweep."""
        self.clock.now = at
        report = sweep(self.house)
        assert not report.failed
        return report

    def claim(self, worker: str = "w1", *, busy: Iterable[Recipient] = (), limit: int = 10) -> tuple[Claimed, ...]:
        """Claim as a worker."""
        return claim(self.house, worker, busy=tuple(busy), limit=limit)

    def claim_one(self, worker: str = "w1") -> Claimed:
        """Claim the one notice that is due."""
        (claimed,) = self.claim(worker)
        return claimed

    def settle(self, claimed: Claimed, outcome: Attempted) -> None:
        """Settle with the longest wait."""
        settle(self.house, claimed, outcome, chance=lambda: 1.0)

    def more_notices(self, recipients: Iterable[Recipient], due_at: datetime = TOLD_AT) -> list[str]:
        """Put notices of the patient's first alert into the queue, one for each recipient."""
        with changing(self.house.database) as connection:
            alert_id = connection.execute(select(ALERT.c.id).order_by(ALERT.c.id)).scalars().first()
            assert alert_id is not None
            notices = [
                Notice(
                    id=new_id(),
                    alert_id=alert_id,
                    episode=1,
                    step=next(_STEPS),
                    recipient=address,
                    channel=channel,
                    made_at=due_at,
                    due_at=due_at,
                )
                for channel, address in recipients
            ]
            connection.execute(insert(NOTICE), notice_rows(notices))
        return [notice.id for notice in notices]

    def change_alert(self, **columns: object) -> None:
        """Change the stored alerts as nobody does, whose notices are left as they are."""
        with changing(self.house.database) as connection:
            connection.execute(update(ALERT).values(columns))

    def notices(self) -> list[dict[str, object]]:
        """Return what the queue holds, in the order of due times."""
        names = (
            "id",
            "recipient",
            "channel",
            "status",
            "attempts",
            "due_at",
            "leased_by",
            "leased_until",
            "settled_at",
        )
        order = (NOTICE.c.due_at, NOTICE.c.made_at, NOTICE.c.id)
        with seeing(self.house.database) as connection:
            rows = connection.execute(select(*(NOTICE.c[name] for name in names)).order_by(*order)).mappings()
            return [dict(row) for row in rows]

    def notice(self) -> dict[str, object]:
        """Return the one notice."""
        (notice,) = self.notices()
        return notice

    def notice_to(self, recipient: Recipient) -> dict[str, object]:
        """Return the one notice to a recipient."""
        (notice,) = (each for each in self.notices() if (each["channel"], each["recipient"]) == recipient)
        return notice

    def log(self) -> list[tuple[str, str, str | None]]:
        """Return each attempt: worker, outcome, detail; none may hold an address or what the message said."""
        with seeing(self.house.database) as connection:
            rows = connection.execute(select(ATTEMPT).order_by(ATTEMPT.c.id)).all()
        for row in rows:
            assert not any(secret in (row.detail or "") for secret in (*SECRETS, self.patient, "@"))
        return [(row.worker, row.outcome, row.detail) for row in rows]

    def attempts_at(self) -> list[datetime]:
        """Return when each attempt was noted."""
        with seeing(self.house.database) as connection:
            return list(connection.execute(select(ATTEMPT.c.at).order_by(ATTEMPT.c.id)).scalars())

    def alerts(self) -> dict[str, str]:
        """Return the status of each alert by its reminder."""
        with seeing(self.house.database) as connection:
            return {row.reminder: row.status for row in connection.execute(select(ALERT))}


@contextmanager
def late_ward(
    urls: Urls, folder: Path, *, contacts: tuple[str, ...] = (WARD.address,), **variables: str
) -> Iterator[LateWard]:
    """Give a ward that was swept on the morning the block was late, an hour and a half before its site is told."""
    clock = HandClock()
    environment = {"COURSEWATCH_DATABASE": urls.app, "COURSEWATCH_DATA_DIR": str(folder / "data")}
    given = {f"COURSEWATCH_{name}": value for name, value in variables.items()}
    house = build(Settings.from_environment(environment | given), clock=clock)
    try:
        ward = LateWard(house, clock)
        sites.put(house, LOCAL_ADMIN, "berlin", {"time_zone": "Europe/Berlin", "contacts": contacts})
        data = {"pseudonym": "A-1", "site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
        ward.patient = str(json.loads(register(house, LOCAL_ADMIN, data).body)["id"])
        for fact in FACTS:
            ward.record(*fact)
        ward.sweep(LATE_FROM + timedelta(hours=6))
        yield ward
    finally:
        house.close()


def addresses(how_many: int) -> list[Recipient]:
    """Return so many recipients."""
    return [Recipient("email", f"ward-{number}@south.example") for number in range(how_many)]
