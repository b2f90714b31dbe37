"""Protocols that are gone, unreadable or newer than a process: the courses that follow them lose nothing by it."""

import logging
from pathlib import Path

import pytest

from tests.api.releasing import another_process, chosen, release, ward_with
from tests.api.ward import Ward
from tests.own_protocols import write_own
from workflow import bootstrap
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.model import Protocol
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
    with ward_with(own, database_url) as before:
        sha256 = write_own(own)
        with another_process(own, database_url, own.parent, before.clock) as after:
            patient = on_its_own_protocol(after, sha256)
            window = after.open_window(patient, "HOME-1")

            refused = before.record(patient, "block_completed", "2025-01-14", {"given": "as_planned"})
            assert (refused.status_code, refused.json()["code"]) == (503, "restart_needed")
            assert "home-blocks@1, which this process was started before; restart it" in refused.json()["detail"]
            assert run_sweep(before.house, "0a1b2c3d").report.failed == {"OutdatedProcessError": 1}
            assert after.open_window(patient, "HOME-1") == window
