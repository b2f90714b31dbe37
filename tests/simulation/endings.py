"""What must be true when a simulated year is over and the world has gone quiet."""

from collections import Counter, defaultdict
from datetime import timedelta

from tests.integration.alerts.checks import OF_DELIVERY, Row, require_as_read
from tests.integration.alerts.hospitals import SITES, Rows
from tests.integration.alerts.reading import Looked, moments
from tests.simulation.schedulers import Scheduler
from tests.simulation.world import World
from workflow.domain.actor import LOCAL_ADMIN
from workflow.rules.fold import fold
from workflow.services.verify_database import Hearing, verify_database

# Longer than any course of thresholds, then longer than any night, weekend or feast.
QUIET_DAYS = 60
ROUNDS = 40
NOBODY_IS_TOLD_LATER = timedelta(days=20)


def go_quiet(world: World) -> None:
    """Let the clock be right and the network healthy until nothing is due any more."""
    world.clock.jump(timedelta(0))
    world.network.healthy, world.network.down = True, False
    last = world.schedulers[0]
    for _ in range(3):
        world.clock.true += timedelta(days=QUIET_DAYS / 3)
        _run(world, last)
    for patient_id in world.patients:
        world.histories[patient_id].append(Looked(world.clock()))
    world.clock.true += NOBODY_IS_TOLD_LATER
    for pause in last.deliver():
        world.clock.true += pause


def _run(world: World, scheduler: Scheduler) -> None:
    """Sweep and deliver until neither finds anything."""
    for _ in range(ROUNDS):
        before = len(world.told)
        for steps in (scheduler.sweep(), scheduler.deliver()):
            for pause in steps:
                world.clock.true += pause
        if len(world.told) == before:
            return
    raise AssertionError("the schedulers always find something to do")


def require_all_well(world: World) -> None:
    """Fail unless alerts are as read slowly, no notice is lost, and the database is sound."""
    alerts, notices = world.hospitals.rows("alert"), world.hospitals.rows("notice")
    _require_alerts(world, alerts, notices)
    _require_nothing_new(world)
    _require_notices(world, notices)
    _require_no_news_of_what_is_over(world)
    _require_dead_letters(alerts, notices)
    findings: list[object] = []
    verify_database(world.hospitals.house, LOCAL_ADMIN, Hearing(found=findings.append))
    assert findings == []


def _require_alerts(world: World, alerts: Rows, notices: Rows) -> None:
    own: dict[str, list[Row]] = defaultdict(list)
    patient_of: dict[str, str] = {}
    told: dict[str, list[Row]] = defaultdict(list)
    for row in alerts:
        own[row["patient_id"]].append(row)
        patient_of[row["id"]] = row["patient_id"]
    for row in notices:
        told[patient_of[row["alert_id"]]].append(row)
    protocols = world.hospitals.house.protocols
    for patient_id in world.patients:
        facts = world.hospitals.facts(patient_id)
        assert fold(facts, protocols) == world.hospitals.state(patient_id)
        read = list(moments(facts, world.histories[patient_id], protocols, SITES))
        require_as_read(read, own[patient_id], told[patient_id], sent=True)


def _require_nothing_new(world: World) -> None:
    """Judge everybody once more where nothing is due: nothing must come of it."""
    scheduler = world.schedulers[0]
    names = ("alert", "alert_event", "notice")
    world.clock.true -= NOBODY_IS_TOLD_LATER
    before = [world.hospitals.rows(name) for name in names]
    world.hospitals.judge_anew(world.patients)
    for _ in scheduler.sweep():
        pass
    assert [world.hospitals.rows(name) for name in names] == before


def _require_notices(world: World, notices: Rows) -> None:
    """Every notice is at its end; what was delivered came in, and came again only where somebody could not know."""
    assert {row["status"] for row in notices} <= {"delivered", "withdrawn", "dead"}
    arrived, excused = world.network.arrived, world.network.excused
    assert arrived.keys() <= {row["id"] for row in notices}
    for row in notices:
        if row["status"] == "delivered":
            assert arrived[row["id"]] >= 1, f"lost: {row}"
        assert arrived[row["id"]] <= 1 + excused[row["id"]], f"sent too often: {row}"
    attempts = Counter(row["notice_id"] for row in world.hospitals.rows("attempt"))
    assert attempts == Counter({row["id"]: row["attempts"] for row in notices if row["attempts"]})


def _require_no_news_of_what_is_over(world: World) -> None:
    """No message was begun of an alert that was resolved by then."""
    events: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in world.hospitals.rows("alert_event"):
        events[row["alert_id"]].append((row["id"], row["kind"]))
    for sent in world.sent_messages:
        before = [kind for number, kind in events[sent.alert_id] if number <= sent.last_event]
        assert before[-1] != "resolved", f"told of what was over: {sent}"


def _require_dead_letters(alerts: Rows, notices: Rows) -> None:
    """Every notice that was given up is accounted for, and there is an alert of it only where there was such a one."""
    dead = [row for row in notices if row["status"] == "dead"]
    assert all(row["accounted"] for row in dead)
    by_id = {row["id"]: row for row in alerts}
    about = {by_id[row["alert_id"]]["window_key"] for row in dead if by_id[row["alert_id"]]["reminder"] != OF_DELIVERY}
    assert {row["window_key"] for row in alerts if row["reminder"] == OF_DELIVERY} <= about
