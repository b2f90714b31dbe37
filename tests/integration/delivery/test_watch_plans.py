"""Watching costs what is due: however much lies in the future or behind, none of it is looked at."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import Connection, text, update

from tests.databases import Urls
from tests.integration.crowds import copy_alerts, copy_patients
from tests.integration.delivery.late_ward import TOLD_AT, LateWard, addresses
from tests.integration.delivery.test_attempts import LATER
from tests.integration.delivery.test_claim_plans import nodes_of, removed, sent
from tests.integration.recorded import owner
from tests.introduced import changing, seeing
from workflow.knowledge.reminders import NOT_DELIVERED
from workflow.persistence.backlog import COUNTED_AT_MOST, Place, backlog
from workflow.persistence.due_patients import who_waits
from workflow.persistence.measures import ALERTS_COUNTED_AT_MOST, LOST_NOTICE_ALERTS, open_alerts, queue_of_notices
from workflow.persistence.patients import PATIENT
from workflow.rules.backoff import LONGEST_WAIT

MANY, DUE, FEW = 5_000, 11, 3
LAST = Place(2, "z rules taken back", "judged-14999")
NOTICES = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many) "
    "INSERT INTO notice (id, alert_id, episode, step, recipient, channel, status, made_at, due_at, planned_at, "
    "attempts, accounted) "
    "SELECT :status || n, alert_id, 1, :steps + n, recipient, channel, :status, made_at, :due_at, :due_at, 0, TRUE "
    "FROM numbers, (SELECT alert_id, recipient, channel, made_at FROM notice LIMIT 1) AS one"
)
_COLUMNS = "patient_id, course, rule, reminder, stage, severity, threshold_on, raised_at, episode, step, proof"
_PAST = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
INSERT INTO alert (id, window_key, status, OTHERS)
SELECT 'past-' || n, 'past-' || n, 'resolved', OTHERS FROM numbers, (SELECT OTHERS FROM alert LIMIT 1) AS one
"""
ALERTS = text(_PAST.replace("OTHERS", _COLUMNS))
Read = Callable[[Connection], object]


@pytest.fixture
def years(ward: LateWard, database_urls: Urls) -> LateWard:
    """Give a house where little is due, beside many notices to come, many dead, and many resolved alerts.

    Of many patients nearly all were judged anew since the tables were looked at for planning.
    """
    ward.more_notices(addresses(DUE - 1))
    stamp = datetime(2030, 1, 1).isoformat(" ", "microseconds")  # noqa: DTZ001 -- written as SQLite holds it
    with changing(ward.house.database) as connection:
        copy_patients(connection, "judged", MANY, LAST.judged_by)
    look_for_planning(database_urls, "patient")
    with changing(ward.house.database) as connection:
        connection.execute(update(PATIENT).values(judged_by=ward.house.judged_by))
        for number, rules in enumerate((None, "0 rules of before", LAST.judged_by)):
            copy_patients(connection, f"waiting-{number}", FEW, rules)
        connection.execute(NOTICES, {"many": MANY, "status": "pending", "steps": 1_000, "due_at": stamp})
        connection.execute(NOTICES, {"many": MANY, "status": "dead", "steps": 100_000, "due_at": stamp})
        connection.execute(ALERTS, {"many": MANY})
    look_for_planning(database_urls, "notice, alert")
    return ward


def look_for_planning(urls: Urls, tables: str) -> None:
    """Let PostgreSQL look at these tables now, which only their owner may ask for."""
    with owner(urls) as database, database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {tables}")


def reads(ward: LateWard) -> dict[str, Read]:
    return {
        "queue": lambda connection: queue_of_notices(connection, now=TOLD_AT, longest_wait=LONGEST_WAIT),
        "alerts": open_alerts,
        "waiting": lambda connection: who_waits(connection, now=TOLD_AT, judged_by=ward.house.judged_by),
        "backlog": lambda connection: backlog(connection, judged_by=ward.house.judged_by),
        # As far as it goes in what others have judged: it passes over nobody who has been judged since.
        "further": lambda connection: backlog(connection, judged_by=ward.house.judged_by, behind=LAST),
    }


@pytest.mark.parametrize("name", ["queue", "alerts", "waiting", "backlog", "further"])
def test_what_is_read_while_watching_goes_along_an_index_of_what_is_due(years: LateWard, name: str) -> None:
    read = reads(years)[name]
    with changing(years.house.database) as connection:
        if years.house.database.dialect == "sqlite":
            plans = list(steps_on_sqlite(connection, read))
            assert [step for step in plans if step.startswith("SCAN ") and " INDEX " not in step] == [], plans
        else:
            assert rows_on_postgresql(connection, read) <= 12 * DUE


def steps_on_sqlite(connection: Connection, read: Read) -> Iterator[str]:
    for statement, parameters in sent(connection, lambda: read(connection)):
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
            if any(table in row[3].split() for table in ("notice", "alert", "patient")):
                yield row[3]


def rows_on_postgresql(connection: Connection, read: Read) -> float:
    """Return how many rows of tables all of its statements look at."""
    looked_at = 0.0
    for statement, parameters in list(sent(connection, lambda: read(connection))):
        asked = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) ") + sql.SQL(statement)
        answer: Any = connection.exec_driver_sql(asked.as_string(), parameters).scalar_one()
        (plan,) = answer if isinstance(answer, list) else json.loads(answer)
        scans = [node for node in nodes_of(plan["Plan"]) if "Relation Name" in node]
        looked_at += sum((scan["Actual Rows"] + removed(scan)) * scan["Actual Loops"] for scan in scans)
    return looked_at


def test_whom_other_rules_have_judged_is_counted_and_found_by_the_rules_then_by_id(years: LateWard) -> None:
    waiting = [f"waiting-{rules}-{10000 + number}" for rules in range(3) for number in range(1, FEW + 1)]
    judged_by, behind, found = years.house.judged_by, None, list[str]()
    with seeing(years.house.database) as connection:
        assert who_waits(connection, now=TOLD_AT, judged_by=judged_by).of_other_rules == len(waiting)
        while page := backlog(connection, judged_by=judged_by, behind=behind):
            behind = page[0]
            found.append(behind.patient_id)
    assert found == waiting


def test_who_waits_is_counted_to_a_thousand(years: LateWard) -> None:
    with seeing(years.house.database) as connection:
        waiting = who_waits(connection, now=TOLD_AT, judged_by="a rules of a release to come")
    assert (waiting.patients, waiting.of_other_rules) == (COUNTED_AT_MOST, COUNTED_AT_MOST)


def test_a_notice_that_reached_nobody_is_told_of_behind_however_many_other_alerts(
    ward: LateWard, database_urls: Urls
) -> None:
    with changing(ward.house.database) as connection:
        copy_patients(connection, "0", 1, ward.house.judged_by)
        copy_alerts(connection, "other", 4 * ALERTS_COUNTED_AT_MOST, "0-10001", reminder="RM-02")
        copy_alerts(connection, "lost", FEW, ward.patient, reminder=NOT_DELIVERED)
    look_for_planning(database_urls, "alert")
    with changing(ward.house.database) as connection:
        found = open_alerts(connection)
        if connection.dialect.name == "postgresql":
            assert rows_on_postgresql(connection, lambda connection: connection.execute(LOST_NOTICE_ALERTS)) == FEW
    assert sum(found.by_severity.values()) == ALERTS_COUNTED_AT_MOST
    assert found.of_lost_notices == FEW


def test_the_oldest_notice_is_one_that_was_tried_in_vain_though_it_is_due_again_later(ward: LateWard) -> None:
    claimed = ward.claim_one()
    with seeing(ward.house.database) as connection:
        assert queue_of_notices(connection, now=TOLD_AT, longest_wait=LONGEST_WAIT).oldest_undelivered_at == TOLD_AT
    ward.settle(claimed, LATER)
    ward.clock.now += timedelta(seconds=30)
    with seeing(ward.house.database) as connection:
        queue = queue_of_notices(connection, now=ward.clock.now, longest_wait=LONGEST_WAIT)
    assert (queue.due, queue.oldest_undelivered_at) == (0, TOLD_AT)
