"""Real mail to a real server: for each way it takes, the rows that the log of deliveries holds afterwards."""

import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from api.logs import configure_logs
from scheduler.channels.registry import open_channels
from scheduler.delivering import Deliveries
from tests.databases import Urls
from tests.integration.channels.post_office import (
    HANG_UP,
    SILENCE,
    Conduct,
    PostOffice,
    opened_post_office,
)
from tests.integration.delivery.late_ward import TOLD_AT, WARD, LateWard, late_ward
from workflow.domain.delivery import LEASE
from workflow.domain.mail_servers import MailServer
from workflow.rules.backoff import LONGEST_WAIT

SENDER = "coursewatch@hospital.example"
SPEC = [
    # step, what the server does there, notice's status, outcome and detail of the attempt, messages it took
    ("QUIT", "221 Bye", "delivered", "delivered", None, 1),
    ("RCPT", "450 4.2.1 Later", "pending", "temporary", "email: RCPT answered 450 4.2.1", 0),
    ("RCPT", "550 5.1.1 No such " + WARD.address, "dead", "permanent", "email: RCPT answered 550 5.1.1", 0),
    ("dot", "552 5.3.4 Too long", "dead", "permanent", "email: DATA answered 552 5.3.4", 1),
    ("MAIL", SILENCE, "pending", "temporary", "email: no answer in time", 0),
    ("dot", HANG_UP, "pending", "temporary", "email: the connection was lost", 1),
    ("greeting", HANG_UP, "pending", "temporary", "email: the connection was lost", 0),
]


@contextmanager
def mailing_ward(urls: Urls, folder: Path, port: int) -> Iterator[LateWard]:
    """Give a ward whose mail goes to a server at this port, its notice due."""
    post = f"smtp://127.0.0.1:{port}"
    with late_ward(urls, folder, PUBLIC_URL="https://cw.example", SMTP_URL=post, MAIL_FROM=SENDER) as ward:
        ward.clock.now = TOLD_AT
        yield ward


def deliver(ward: LateWard, worker_id: str = "w1") -> None:
    """Let a worker do what is due, and end."""
    with closing(Deliveries(ward.house, open_channels(ward.house.settings, ward.clock), worker_id)) as worker:
        worker.tick()


def identities(office: PostOffice) -> list[str]:
    contents = (envelope.content for envelope in office.taken)
    return [str(message_from_bytes(content, policy=default)["Message-ID"]) for content in contents if content]  # type: ignore[arg-type]


@pytest.mark.parametrize(("step", "does", "status", "outcome", "detail", "taken"), SPEC)
def test_each_way_that_mail_takes_leaves_its_rows(
    database_urls: Urls,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    step: str,
    does: str,
    status: str,
    outcome: str,
    detail: str | None,
    taken: int,
) -> None:
    if does == SILENCE:
        monkeypatch.setattr("scheduler.delivering.SEND_WITHIN_SECONDS", 0.3)
    with opened_post_office(Conduct(at={step: does})) as office:
        with mailing_ward(database_urls, tmp_path, office.port) as ward:
            deliver(ward)
            notice = ward.notice()
            assert (notice["status"], notice["attempts"], notice["leased_by"]) == (status, 1, None)
            assert ward.log() == [("w1", outcome, detail)]
            if status == "pending":
                assert TOLD_AT < notice["due_at"] <= TOLD_AT + LONGEST_WAIT  # type: ignore[operator]
            else:
                assert (notice["due_at"], notice["settled_at"]) == (TOLD_AT, TOLD_AT)
        assert len(office.taken) == taken


def test_a_message_that_was_taken_unheard_is_sent_again_under_the_same_message_id(
    database_urls: Urls, tmp_path: Path
) -> None:
    conduct = Conduct(at={"dot": HANG_UP})
    with opened_post_office(conduct) as office, mailing_ward(database_urls, tmp_path, office.port) as ward:
        deliver(ward)
        ward.clock.now += LONGEST_WAIT
        deliver(ward, "w2")
        assert [worker for worker, *_ in ward.log()] == ["w1", "w2"]
        assert identities(office) == [f"<{ward.notice()['id']}@hospital.example>"] * 2


def test_a_worker_that_died_after_sending_costs_one_repetition(database_urls: Urls, tmp_path: Path) -> None:
    with opened_post_office(Conduct()) as office, mailing_ward(database_urls, tmp_path, office.port) as ward:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Deliveries, "_note_delivered", lambda *_: None)
            deliver(ward, "dead")
        assert (ward.notice()["leased_by"], ward.log(), len(office.taken)) == ("dead", [], 1)
        deliver(ward)
        assert len(office.taken) == 1
        ward.clock.now += LEASE
        deliver(ward)
        assert (ward.notice()["status"], ward.log()) == ("delivered", [("w1", "delivered", None)])
        assert len(set(identities(office))) == 1
        assert len(office.taken) == 2


def test_nobody_at_the_servers_door_is_a_failure_that_may_pass(database_urls: Urls, tmp_path: Path) -> None:
    with opened_post_office(Conduct()) as office:
        port = office.port
    with mailing_ward(database_urls, tmp_path, port) as ward:
        log = io.StringIO()
        configure_logs(log)
        deliver(ward)
        configure_logs()
        assert (ward.notice()["status"], ward.log()) == (
            "pending",
            [("w1", "temporary", "email: nobody listens there")],
        )
    (told,) = [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "attempted"]
    assert (told["level"], told["server"]) == ("warning", f"127.0.0.1:{port}")
    assert WARD.address not in log.getvalue()


def test_mail_that_is_not_set_up_waits_and_says_what_to_set_and_goes_out_once_it_is(
    database_urls: Urls, tmp_path: Path
) -> None:
    with late_ward(database_urls, tmp_path) as ward:
        ward.clock.now = TOLD_AT
        deliver(ward)
        said = "email: not set up; set COURSEWATCH_SMTP_URL, COURSEWATCH_MAIL_FROM and COURSEWATCH_PUBLIC_URL"
        assert (ward.notice()["status"], ward.log()) == ("pending", [("w1", "temporary", said)])
        ward.clock.now += LONGEST_WAIT
        with opened_post_office(Conduct()) as office:
            settings = ward.house.settings.with_(smtp=_server(office.port), mail_from=SENDER)
            with closing(Deliveries(ward.house, open_channels(settings, ward.clock), "w2")) as worker:
                worker.tick()
        assert (ward.notice()["status"], len(office.taken)) == ("delivered", 1)


def _server(port: int) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, security="none")
