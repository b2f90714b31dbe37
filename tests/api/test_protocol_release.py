"""A hospital brings its own protocol: no course follows it before two different people have signed exactly its text."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.api.people import SECRET_OF_KEYS
from tests.api.releasing import APPROVER, AUTHOR, another_process, chosen, followed, release, signed, ward_with
from tests.api.test_access_rows import acts
from tests.databases import Urls
from tests.introduced import changing
from tests.own_protocols import write_own
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.actors import issue_key
from workflow.persistence.engine import open_database
from workflow.persistence.installation import mark_rehearsal
from workflow.persistence.protocol_signatures import Signature, list_signatures
from workflow.services import protocol_release
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import read_rows

ONCE = {"Idempotency-Key": "0d8f5a3e-97c1-4a52-8b36-6c0f2a9e4d17"}


def test_a_hospitals_own_protocol_from_its_draft_to_its_second_version(database_url: str, own: Path) -> None:
    first = write_own(own)
    with ward_with(own, database_url) as ward:
        patient, clock = ward.relapsed(), ward.clock
        refused = chosen(ward, patient, "home-blocks")
        assert (refused.status_code, refused.json()["code"]) == (409, "protocol_not_released")
        assert "lacks the signature of its author and the signature of its approver" in refused.json()["detail"]
        assert "override" not in refused.json()

        assert signed(ward, "author", AUTHOR, first).json()["release"]["status"] == "draft"
        refused = chosen(ward, patient, "home-blocks@1")
        assert "home-blocks@1 is a draft: it lacks the signature of its approver." in refused.json()["detail"]
        same_person = signed(ward, "approver", AUTHOR, first)
        assert (same_person.status_code, same_person.json()["code"]) == (409, "second_person_needed")
        told = signed(ward, "approver", APPROVER, first).json()["release"]
        assert (told["status"], told["author"]["actor"], told["approver"]["actor"]) == ("released", AUTHOR, APPROVER)

        assert chosen(ward, patient, "home-blocks").status_code == 201
        ward.recorded(patient, "block_started", "2025-02-03", {"element": "B1"})
        assert ward.open_window(patient, "HOME-1")["latest_on"] == "2025-03-03"
        ward.recorded(patient, "block_completed", "2025-02-08", {"given": "as_planned"})

    second = write_own(own, "2", days=35, in_force_from=date(2025, 3, 1))
    with another_process(own, database_url, own.parent, clock) as ward:
        assert chosen(ward, patient, "home-blocks@2", "2025-02-20").json()["code"] == "protocol_not_released"
        # Until then a choice of the id means the version that is released.
        assert chosen(ward, patient, "home-blocks", "2025-03-01").status_code == 201
        assert followed(ward, patient, "2025-03-01") == "home-blocks@1"

        release(ward, second, "home-blocks@2")
        assert chosen(ward, patient, "home-blocks", "2025-03-02").status_code == 201
        assert followed(ward, patient, "2025-03-02") == "home-blocks@2"
        # Whoever is moved to a version waits by its days from the same start on.
        window = ward.open_window(patient, "HOME-1")
        assert (window["latest_on"], window["anchor"]["on"]) == ("2025-03-10", "2025-02-03")
        # What is entered later for an earlier day means what was in force on that day.
        assert chosen(ward, patient, "home-blocks", "2025-02-28").status_code == 201
        assert followed(ward, patient, "2025-02-28") == "home-blocks@1"
        assert followed(ward, patient, "2025-03-02") == "home-blocks@2"


def test_a_signature_is_for_exactly_one_text(database_url: str, own: Path) -> None:
    sha256 = write_own(own)
    with ward_with(own, database_url) as ward:
        refused = signed(ward, "author", AUTHOR, "0" * 64)
        assert (refused.status_code, refused.json()["code"]) == (409, "another_text")
        assert sha256 in refused.json()["detail"]
        for written in (sha256[:12], "HASH", sha256.upper()):
            unread = signed(ward, "author", AUTHOR, written)
            assert unread.status_code == 422
            assert "sha256 must be 64 hex digits, from `coursewatch protocol show ID` or GET /api" in unread.text
        assert signed(ward, "reviewer", AUTHOR, sha256).status_code == 422
        assert signed(ward, "author", AUTHOR, sha256, "home-blocks").status_code == 404
        assert signed(ward, "author", AUTHOR, sha256, "home-blocks@9").status_code == 404

        assert signed(ward, "author", AUTHOR, sha256).status_code == 201
        taken = signed(ward, "author", APPROVER, sha256)
        assert (taken.status_code, taken.json()["code"]) == (409, "already_signed")
        assert f"{AUTHOR} signed home-blocks@1 as its author at 2025-06-30T" in taken.json()["detail"]


def test_a_text_that_still_has_placeholders_is_signed_by_nobody(database_url: str, own: Path) -> None:
    write_own(own)
    file = own / "home-blocks@1" / "protocol.toml"
    text = file.read_text(encoding="utf-8")
    begun = text.replace("Made up for tests", "PLACEHOLDER: for whom").replace("HOME, page 1", "HOME, PLACEHOLDER")
    file.write_text(begun, encoding="utf-8")
    lines = [str(number) for number, line in enumerate(begun.splitlines(), start=1) if "PLACEHOLDER" in line]

    with ward_with(own, database_url) as ward:
        refused = signed(ward, "author", AUTHOR, hashlib.sha256(begun.encode()).hexdigest())

        assert (refused.status_code, refused.json()["code"]) == (409, "placeholder_left")
        assert f"still says PLACEHOLDER in lines {', '.join(lines)} of its protocol.toml" in refused.json()["detail"]
        assert ward.get("/protocols/home-blocks@1", AUTHOR).json()["release"]["author"] is None


def test_a_signature_that_is_sent_again_is_answered_again_and_leaves_its_rows(database_url: str, own: Path) -> None:
    body = {"part": "author", "sha256": write_own(own), "note": "read against the paper"}
    with ward_with(own, database_url) as ward:
        first = ward.post("/protocols/home-blocks@1/signatures", body, AUTHOR, ONCE)
        again = ward.post("/protocols/home-blocks@1/signatures", body, AUTHOR, ONCE)
        other = ward.post("/protocols/home-blocks@1/signatures", body | {"part": "approver"}, AUTHOR, ONCE)

        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        assert first.json()["release"]["author"]["note"] == "read against the paper"
        assert other.json()["code"] == "idempotency_key_reused"
        assert acts(ward)[:2] == [(AUTHOR, "replay_answer"), (AUTHOR, "sign_protocol")]


@pytest.mark.parametrize(
    "second", [("author", APPROVER, "already_signed"), ("approver", AUTHOR, "second_person_needed")]
)
def test_who_is_second_by_a_moment_is_told_who_was_first(
    database_url: str, own: Path, monkeypatch: pytest.MonkeyPatch, second: tuple[str, str, str]
) -> None:
    sha256 = write_own(own)
    with ward_with(own, database_url) as ward:
        assert signed(ward, "author", AUTHOR, sha256).status_code == 201
        # As long as the other transaction is open, its signature is not seen.
        unseen: Iterator[tuple[Signature, ...]] = iter([()])
        monkeypatch.setattr(
            protocol_release, "list_signatures", lambda connection: next(unseen, list_signatures(connection))
        )
        part, who, code = second
        refused = signed(ward, part, who, sha256)

    assert (refused.status_code, refused.json()["code"]) == (409, code)


def test_two_keys_of_one_person_are_one_person(database_url: str, own: Path) -> None:
    sha256 = write_own(own)
    with ward_with(own, database_url) as ward:
        with changing(ward.house.database) as connection:
            issue_key(connection, AUTHOR, key_id="another-key", secret=SECRET_OF_KEYS, at=ward.clock())
        assert signed(ward, "author", AUTHOR, sha256).status_code == 201
        second = signed(ward, "approver", "another_key", sha256)

    assert (second.status_code, second.json()["code"]) == (409, "second_person_needed")


def test_who_signed_is_read_by_everybody(database_url: str, own: Path) -> None:
    sha256 = write_own(own, in_force_from=date(2025, 1, 1))
    with ward_with(own, database_url) as ward:
        release(ward, sha256)
        one = ward.get("/protocols/home-blocks", "viewer").json()
        listed = {line["id"]: line for line in ward.get("/protocols", "viewer").json()["items"]}

        assert one["release"]["approver"]["actor"] == APPROVER
        assert listed["home-blocks"]["release"] == one["release"]
        assert (listed["home-blocks"]["in_force_from"], listed["home-blocks"]["offered"]) == ("2025-01-01", True)
        shipped = {"status": "shipped", "author": None, "approver": None}
        assert listed["all-rez-bfm-2002"]["release"] == shipped


def test_what_one_process_signs_the_others_know_at_once(database_url: str, own: Path) -> None:
    sha256 = write_own(own)
    with ward_with(own, database_url) as ward, another_process(own, database_url, own.parent, ward.clock) as beside:
        patient = ward.relapsed()
        assert chosen(beside, patient, "home-blocks").status_code == 409
        release(ward, sha256)
        assert chosen(beside, patient, "home-blocks").status_code == 201


def test_a_correction_to_a_draft_is_refused_and_one_of_the_day_alone_asks_nobody(database_url: str, own: Path) -> None:
    release_of = write_own(own)
    with ward_with(own, database_url) as ward:
        patient = ward.relapsed()
        choice = {"type": "protocol_chosen", "occurred_on": "2025-01-07", "data": {"protocol": "home-blocks"}}
        to_draft = {"supersedes": "f3", "reason": "typed wrong", "fact": choice}
        refused = ward.post(f"/patients/{patient}/corrections", to_draft)
        assert (refused.status_code, refused.json()["code"]) == (409, "protocol_not_released")
        release(ward, release_of)
        assert ward.post(f"/patients/{patient}/corrections", to_draft).status_code == 200

    with another_process(None, database_url, own.parent, ward.clock) as ward:
        moved = {"supersedes": "f4", "reason": "a day later", "fact": choice | {"occurred_on": "2025-01-08"}}
        assert ward.post(f"/patients/{patient}/corrections", moved).status_code == 200
        assert ward.get(f"/patients/{patient}").json()["protocol"] == "home-blocks@1"


def test_an_import_brings_nobody_onto_a_draft(database_url: str, own: Path) -> None:
    sha256 = write_own(own)
    rows = own.parent / "rows.ndjson"
    registration = {"pseudonym": "ALL-0042", "site": "north", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
    facts: list[dict[str, object]] = [
        {"type": "patient_registered", "occurred_on": "2025-01-06", "data": registration},
        {"type": "relapse_diagnosed", "occurred_on": "2025-01-06", "data": {"relapse_site": "isolated_bm"}},
        {"type": "protocol_chosen", "occurred_on": "2025-01-07", "data": {"protocol": "home-blocks"}},
    ]
    rows.write_text("".join(json.dumps({"patient": "ALL-0042", **fact}) + "\n" for fact in facts), encoding="utf-8")
    with ward_with(own, database_url) as ward:
        refused = import_facts(ward.house, LOCAL_ADMIN, read_rows(rows))
        assert refused.refused_by_code() == {"protocol_not_released": 1}
        release(ward, sha256)
        assert import_facts(ward.house, LOCAL_ADMIN, read_rows(rows)).count("accepted") == 1


def test_in_a_rehearsal_a_draft_may_be_tried_and_is_called_one(database_urls: Urls, own: Path) -> None:
    write_own(own)
    with ward_with(own, database_urls.app) as ward:
        owners = open_database(database_urls.owner, secret=b"unused")
        with owners.write() as connection:
            mark_rehearsal(connection)
        owners.dispose()
        with another_process(own, database_urls.app, own.parent, ward.clock) as rehearsal:
            tried = chosen(rehearsal, rehearsal.relapsed(), "home-blocks")
    assert tried.status_code == 201
    assert [warning["code"] for warning in tried.json()["warnings"]] == ["protocol_is_draft"]
