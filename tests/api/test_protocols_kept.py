"""Protocols that are gone, unreadable or newer than a process: the courses that follow them lose nothing by it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.releasing import another_process, chosen, release, ward_with
from tests.api.ward import Ward
from tests.own_protocols import write_own
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.model import Protocol
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import rows_of
from workflow.services.run_sweep import run_sweep


def on_its_own_protocol(ward: Ward, sha256: str, pseudonym: str = "ALL-0007") -> str:
    """Return the id of a patient whose first block by the hospital's protocol started on 2025-01-08."""
    release(ward, sha256)
    patient = ward.relapsed(pseudonym=pseudonym)
    assert chosen(ward, patient, "home-blocks@1", "2025-01-08").status_code == 201
    ward.recorded(patient, "block_started", "2025-01-08", {"element": "B1"})
    return patient


def test_a_protocol_that_was_taken_away_stays_readable_and_is_offered_no_more(database_url: str, own: Path) -> None:
    sha256 = write_own(own)
    with ward_with(own, database_url) as ward:
        patient, other = on_its_own_protocol(ward, sha256), ward.relapsed(pseudonym="ALL-0008")

    with another_process(None, database_url, own.parent, ward.clock) as ward:
        ward.recorded(patient, "block_completed", "2025-01-14", {"given": "as_planned"})
        assert ward.open_window(patient, "HOME-1")["latest_on"] == "2025-02-05"
        line = ward.get("/protocols/home-blocks").json()
        assert (line["offered"], line["release"]["status"]) == (False, "released")
        for name in ("home-blocks", "home-blocks@1"):
            refused = chosen(ward, other, name)
            assert (refused.status_code, refused.json()["code"]) == (409, "protocol_not_offered")
            assert "home-blocks" not in refused.json()["detail"].partition("Offered: ")[2]


def test_a_stored_body_that_this_release_cannot_read_leaves_its_courses_readable(
    database_url: str, own: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sha256 = write_own(own)
    with ward_with(own, database_url) as ward:
        patient = on_its_own_protocol(ward, sha256)
    monkeypatch.setattr(bootstrap, "parse_protocol", _of_an_older_grammar)

    with (
        caplog.at_level(logging.WARNING),
        another_process(None, database_url, own.parent, ward.clock) as ward,
    ):
        read = ward.get(f"/patients/{patient}").json()
        assert (read["protocol"], read["state"]) == ("home-blocks@1", "reinduction.block")
        assert ward.get(f"/patients/{patient}/history").status_code == 200
        ward.recorded(patient, "block_completed", "2025-01-14", {"given": "as_planned"})
        started = ward.recorded(patient, "block_started", "2025-02-05", {"element": "B1"})
        assert "protocol_not_loaded" in {warning["code"] for warning in started["warnings"]}
        assert chosen(ward, ward.relapsed(pseudonym="ALL-0008"), "home-blocks@1").json()["code"] == "unknown_protocol"

    assert "home-blocks@1 is stored and this release cannot read it" in caplog.text
    assert "ALL-0007" not in caplog.text


def _of_an_older_grammar(text: str, name: str) -> Protocol:
    if name.startswith("home-blocks"):
        raise ProtocolError([])
    return parse_protocol(text, name)


def test_a_process_from_before_a_protocol_touches_none_of_its_courses(database_url: str, own: Path) -> None:
    with before_and_after(database_url, own) as (before, after, patient):
        window = after.open_window(patient, "HOME-1")

        refused = before.record(patient, "block_completed", "2025-01-14", {"given": "as_planned"})
        assert (refused.status_code, refused.json()["code"]) == (503, "restart_needed")
        assert "home-blocks@1, which this process was started before; restart it" in refused.json()["detail"]
        assert run_sweep(before.house, "0a1b2c3d").report.failed == {"OutdatedProcessError": 1}
        assert after.open_window(patient, "HOME-1") == window


def test_a_process_from_before_a_protocol_tells_nothing_wrong_of_its_courses(database_url: str, own: Path) -> None:
    with before_and_after(database_url, own) as (before, after, patient):
        window = after.open_window(patient, "HOME-1")["id"]
        after.recorded(patient, "block_completed", "2025-01-14", {"given": "as_planned"})
        after.recorded(patient, "block_started", "2025-03-20", {"element": "B1"})
        for path in ("", "/windows", f"/windows/{window}/explanation", "/next-steps", "/history"):
            read = before.get(f"/patients/{patient}{path}")
            assert (path, read.status_code, read.json()["code"]) == (path, 503, "restart_needed")

        # What lists show of windows is stored, so it is right; where they would have to fold, they say so.
        wanted = {"as_of": "2025-03-01", "status": "late"}
        (row,), (of_the_new) = (ward.get("/worklist", **wanted).json()["items"] for ward in (before, after))
        assert [row] == of_the_new
        assert (row["window"]["id"], row["status"], row["days_past_latest"]) == (window, "late", 24)
        (line,), (known,) = (ward.get("/patients", **wanted).json()["items"] for ward in (before, after))
        assert (line["restart_needed"], line["windows"]) == (True, [])
        assert "restart_needed" not in known
        # Before the choice nothing is missing.
        assert before.get(f"/patients/{patient}", as_of="2025-01-07").status_code == 200


def test_a_process_from_before_a_protocol_imports_nothing_into_its_courses(database_url: str, own: Path) -> None:
    with before_and_after(database_url, own) as (before, _, _):
        before.relapsed(pseudonym="ALL-0008")
        rows = [
            {"patient": name, "type": "note_added", "occurred_on": "2025-01-09", "data": {"text": "called"}}
            for name in ("ALL-0007", "ALL-0008")
        ]

        done = import_facts(
            before.house, LOCAL_ADMIN, list(rows_of("\n".join(map(json.dumps, rows)).encode(), "rows.ndjson"))
        )

    assert [(row.outcome, row.code) for row in done.rows] == [("refused", "restart_needed"), ("accepted", None)]
    assert done.faulty


@contextmanager
def before_and_after(database_url: str, own: Path) -> Iterator[tuple[Ward, Ward, str]]:
    """Open a ward before its own protocol was written, and after: with a patient who follows it."""
    with ward_with(own, database_url) as before:
        sha256 = write_own(own)
        with another_process(own, database_url, own.parent, before.clock) as after:
            yield before, after, on_its_own_protocol(after, sha256)
