"""The faults, a row each: how it is made for real, how it is mended, and which alerts must tell of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import psycopg

from tests.alarms.installation import API_1, API_2, SCHEDULER, Installation
from tests.integration.channels.post_office import Conduct, opened_post_office
from tests.moved_clocks import moved_clock

# More than there are connections.
PEOPLE = 24
WAITING = "SELECT count(*) FROM notice WHERE status = 'pending' AND due_at <= now()"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `make` holds it while its block lasts and mends it at the end.

    `stays` are alerts that go on: what they tell is not mended by mending the fault.
    """

    what: str
    alerts: tuple[str, ...]
    make: Callable[[Installation], "Iterator[None]"]
    stays: tuple[str, ...] = ()


def one_api_killed(installed: Installation) -> Iterator[None]:
    installed.kill(API_2)
    yield
    installed.start(API_2)


def both_apis_killed(installed: Installation) -> Iterator[None]:
    installed.kill(API_1)
    installed.kill(API_2)
    yield
    installed.start(API_1)
    installed.start(API_2)


def postgresql_stopped(installed: Installation) -> Iterator[None]:
    installed.server.halt()
    with _hammered(lambda number: installed.fact(_of(installed, number)), people=2):
        yield
    installed.server.go_on()


def a_patient_locked(installed: Installation) -> Iterator[None]:
    with (
        psycopg.connect(installed.server.superuser_url(installed.urls)) as session,
        _hammered(lambda _: installed.fact(installed.patients[0])),
    ):
        session.execute("SELECT 1 FROM patient WHERE id = %s FOR UPDATE", (installed.patients[0],))
        yield


def stale_writes_repeated(installed: Installation) -> Iterator[None]:
    with _hammered(lambda number: installed.fact(_of(installed, number), {"If-Match": '"1"'}), people=2):
        yield


def mail_put_off(installed: Installation) -> Iterator[None]:
    """Let the mail server say 451 to everybody; the hour of the notices is brought forward."""
    installed.end(SCHEDULER)
    with opened_post_office(Conduct(at={"MAIL": "451 4.3.0 not now"})) as office:
        installed.command(_DUE)
        installed.start(SCHEDULER, _mail(office.port))
        yield
        installed.end(SCHEDULER)
    with opened_post_office(Conduct()) as office:
        installed.command(_DUE)
        installed.start(SCHEDULER, _mail(office.port))
        _until(lambda: _count(installed, WAITING) == 0)
        installed.end(SCHEDULER)
    installed.start(SCHEDULER)


def mail_refused(installed: Installation) -> Iterator[None]:
    """Let the mail server know no recipient; one delivered notice is made to go out anew."""
    installed.end(SCHEDULER)
    with opened_post_office(Conduct(at={"RCPT": "550 5.1.1 no such user"})) as office:
        installed.command(_AGAIN)
        installed.start(SCHEDULER, _mail(office.port))
        yield
        installed.end(SCHEDULER)
    installed.start(SCHEDULER)


def a_state_broken(installed: Installation) -> Iterator[None]:
    patient = installed.patients[1]
    installed.command("CREATE TABLE kept AS SELECT id, state_json FROM patient")
    installed.command(_BROKEN.replace("ID", patient))
    yield
    installed.command(_MENDED.replace("ID", patient))
    installed.command("DROP TABLE kept")


def the_scheduler_stopped(installed: Installation) -> Iterator[None]:
    installed.end(SCHEDULER)
    installed.command(_FALLS_DUE.replace("ID", installed.patients[2]))
    yield
    installed.start(SCHEDULER)


def a_clock_ahead(installed: Installation) -> Iterator[None]:
    folder = installed.folder / "clock"
    folder.mkdir()
    clock = moved_clock(folder)
    clock.move(timedelta(minutes=1))
    installed.end(API_2)
    installed.start(API_2, clock.environment)
    yield
    installed.end(API_2)
    installed.start(API_2)


def an_upgrade_to_other_rules(installed: Installation) -> Iterator[None]:
    """Note what the upgrade of another release notes, beside the processes of this one."""
    installed.command("UPDATE installation SET judged_by = 'the rules of another release'")
    yield
    installed.command("UPDATE installation SET judged_by = NULL")


def a_rehearsal(installed: Installation) -> Iterator[None]:
    installed.command("UPDATE installation SET rehearsal = true")
    yield
    installed.command("UPDATE installation SET rehearsal = false")


FAULTS = (
    Fault("one API process is killed", ("ApiDown",), one_api_killed),
    Fault("both API processes are killed", ("NobodyServes",), both_apis_killed),
    Fault("PostgreSQL is stopped while people write", ("DatabaseDown", "ErrorsHigh"), postgresql_stopped),
    Fault(
        "a session holds a patient's lock while people write",
        ("LockTimeouts", "ConnectionsExhausted", "SlowRequests"),
        a_patient_locked,
    ),
    Fault("a client repeats writes to a stale version", ("ConflictsHigh",), stale_writes_repeated),
    Fault("the mail server says 451", ("DeliveryFails", "NoticesUndelivered"), mail_put_off),
    Fault("the mail server knows no recipient (550)", ("DeadLetters",), mail_refused, stays=("DeadLetters",)),
    Fault("a patient's stored state is broken", ("PatientsNotJudged",), a_state_broken),
    Fault(
        "the only scheduler is stopped",
        ("SchedulerDown", "NobodySweeps", "SweepLags", "JobSilent", "SealsOld"),
        the_scheduler_stopped,
    ),
    Fault("the clock of one machine is a minute ahead", ("ClockOff",), a_clock_ahead),
    Fault("the database was upgraded to other rules", ("OtherRules",), an_upgrade_to_other_rules),
    Fault("the database is marked as rehearsal", ("RehearsalInProduction",), a_rehearsal),
)

_BROKEN = "UPDATE patient SET state_json = '{}', next_due_at = now() WHERE id = 'ID'"
_MENDED = "UPDATE patient SET state_json = kept.state_json FROM kept WHERE kept.id = patient.id AND patient.id = 'ID'"
_FALLS_DUE = "UPDATE patient SET next_due_at = now() WHERE id = 'ID'"
_DUE = "UPDATE notice SET due_at = now(), planned_at = now(), leased_until = NULL WHERE status = 'pending'"
_AGAIN = (
    "UPDATE notice SET status = 'pending', settled_at = NULL, due_at = now(), planned_at = now() "
    "WHERE id = (SELECT id FROM notice WHERE channel = 'email' ORDER BY id LIMIT 1)"
)


def _mail(port: int) -> dict[str, str]:
    return {
        "COURSEWATCH_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "COURSEWATCH_MAIL_FROM": "coursewatch@north.example",
        "COURSEWATCH_PUBLIC_URL": "https://coursewatch.north.example",
    }


def _of(installed: Installation, number: int) -> str:
    return installed.patients[number % len(installed.patients)]


def _count(installed: Installation, statement: str) -> int:
    with psycopg.connect(installed.server.superuser_url(installed.urls)) as session:
        row = session.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _until(reached: Callable[[], bool], within: int = 90) -> None:
    for _ in range(within):
        if reached():
            return
        Event().wait(1)
    raise AssertionError("it did not come to that in time")


@contextmanager
def _hammered(act: Callable[[int], object], people: int = PEOPLE) -> Iterator[None]:
    """Let so many people do it again and again, until the block ends."""
    done = Event()

    def work(number: int) -> None:
        while not done.wait(0.05):
            act(number)

    with ThreadPoolExecutor(people) as pool:
        try:
            for number in range(people):
                pool.submit(work, number)
            yield
        finally:
            done.set()
