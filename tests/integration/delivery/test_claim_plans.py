"""A claim costs what is due: however many notices lie in the future, none of them is looked at."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import Connection, event, text

from tests.integration.delivery.late_ward import TOLD_AT, LateWard, addresses
from tests.introduced import changing
from workflow.domain.delivery import LEASE
from workflow.persistence.notices import Lease, claim_due, claim_found, find_due

FUTURE, DUE = 20_000, 21
MORE = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many) "
    "INSERT INTO notice (id, alert_id, episode, step, recipient, channel, status, made_at, due_at, planned_at, "
    "attempts, accounted) "
    "SELECT 'future-' || n, alert_id, 1, 1000 + n, recipient, channel, 'pending', made_at, :due_at, :due_at, 0, FALSE "
    "FROM numbers, (SELECT alert_id, recipient, channel, made_at FROM notice LIMIT 1) AS one"
)


@pytest.fixture
def queue(ward: LateWard) -> LateWard:
    """Give a queue of a few notices that are due before very many that are not."""
    ward.more_notices(addresses(DUE - 1))
    with changing(ward.house.database) as connection:
        stamp = datetime(2030, 1, 1).isoformat(" ", "microseconds")  # noqa: DTZ001 -- written as SQLite holds it
        connection.execute(MORE, {"many": FUTURE, "due_at": stamp})
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE notice")
    return ward


def lease() -> Lease:
    return Lease(worker="w1", now=TOLD_AT, length=LEASE, busy=addresses(2))


def sent(connection: Connection, act: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 -- any claim
    """Yield each statement that an act sends, with its parameters, after the act."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:  # noqa: ANN401
        heard.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", hear)
    act()
    event.remove(connection, "before_cursor_execute", hear)
    yield from heard


def test_a_claim_goes_along_the_index_of_what_is_pending_by_its_due_time(queue: LateWard) -> None:
    if queue.house.database.dialect == "sqlite":
        require_index_on_sqlite(queue)
    else:
        require_index_on_postgresql(queue)


def require_index_on_sqlite(queue: LateWard) -> None:
    plans: list[str] = []
    with changing(queue.house.database) as connection:
        ids = find_due(connection, lease(), 10)
        for act in (lambda: find_due(connection, lease(), 10), lambda: claim_found(connection, lease(), ids)):
            for statement, parameters in sent(connection, act):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans += [row[3] for row in rows if "notice" in row[3]]
    assert plans == [
        "SEARCH notice USING INDEX ix_notice_pending (due_at<?)",
        "SEARCH notice USING INDEX sqlite_autoindex_notice_1 (id=?)",
    ]


def require_index_on_postgresql(queue: LateWard) -> None:
    """Count the rows that are looked at, by a plan for these very values and by one that is kept for any."""
    with changing(queue.house.database) as connection:
        ((statement, parameters),) = sent(connection, lambda: claim_due(connection, lease(), 10))
        connection.exec_driver_sql("UPDATE notice SET leased_until = NULL, leased_by = NULL WHERE leased_by = 'w1'")
        names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
        for number, name in enumerate(names, start=1):
            statement = statement.replace(f"%({name})s", f"${number}")
        connection.exec_driver_sql(f"PREPARE claim AS {statement}")
        values = sql.SQL(", ").join(sql.Literal(parameters[name]) for name in names)
        asked = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE claim ({})").format(values)
        for mode in ("force_custom_plan", "force_generic_plan"):
            connection.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
            answer = connection.exec_driver_sql(asked.as_string()).scalar_one()
            (plan,) = answer if isinstance(answer, list) else json.loads(answer)
            nodes = list(nodes_of(plan["Plan"]))
            # What row-level security asks of alerts and sites is asked of nobody who works for all sites.
            asked_for = [node for node in nodes if "Index Name" in node and node["Actual Loops"] > 0]
            assert {node["Index Name"] for node in asked_for} == {"ix_notice_pending", "pk_notice"}
            scans = [node for node in nodes if node.get("Relation Name") == "notice" and "Scan" in node["Node Type"]]
            assert "Seq Scan" not in {scan["Node Type"] for scan in scans}, mode
            looked_at = sum((scan["Actual Rows"] + removed(scan)) * scan["Actual Loops"] for scan in scans)
            assert 10 <= looked_at <= 3 * DUE, mode


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each step of a plan."""
    yield node
    for part in node.get("Plans", ()):
        yield from nodes_of(part)


def removed(scan: dict[str, Any]) -> float:
    return float(sum(value for name, value in scan.items() if name.startswith("Rows Removed by")))
