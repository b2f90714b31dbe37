"""A request sent again after it was carried out gets its first answer, whatever has become of the patient meanwhile."""

import json
from contextlib import closing
from dataclasses import replace
from time import monotonic
from urllib.request import urlopen

import pytest

from tests.api.people import SOUTH
from tests.api.ward import REGISTRATION
from tests.integration.races.bedside import admitted, at_once, in_first_block, next_pseudonym, one_by_one
from tests.integration.races.processes import Hospital
from tests.integration.races.soundness import facts_of
from tests.integration.races.waiting import LONGEST_WAIT_SECONDS
from tests.integration.races.wire import Letter, Lines, hang_up

ROUNDS = 5


def test_a_registration_sent_at_once_under_one_key_is_made_once_and_answered_alike(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        pseudonym = next_pseudonym()
        body = json.dumps({**REGISTRATION, "pseudonym": pseudonym}).encode()
        replies = at_once(opened, [Letter(path="/patients", body=body, headers={"Idempotency-Key": pseudonym})] * 4)
        assert set(replies) == {replies[0]}
        assert replies[0].status == 201
        assert len(facts_of(opened.house, replies[0].json()["id"])) == 1


def test_a_fact_with_an_external_id_sent_again_gets_its_first_answer(opened: Hospital) -> None:
    bed = admitted(opened)
    letter = bed.note("seen", external_id="laboratory-1", Idempotency_Key=bed.id)
    first, again = one_by_one(opened, [letter, letter])
    assert first.status == 201
    assert again == first
    assert len(facts_of(opened.house, bed.id)) == 2


def test_a_hand_over_sent_again_gets_its_first_answer_although_the_patient_is_out_of_reach(opened: Hospital) -> None:
    bed = admitted(opened)
    seen = bed.note("seen", Idempotency_Key=f"note-{bed.id}")
    gone = bed.record("site_changed", "2025-02-01", {"to": SOUTH}, Idempotency_Key=f"gone-{bed.id}")
    hand_over = replace(gone, who="data_manager")
    other = bed.note("seen later", Idempotency_Key=f"later-{bed.id}")

    first_note, first, again, note_again, refused = one_by_one(opened, [seen, hand_over, hand_over, seen, other])

    assert (first_note.status, first.status, refused.status) == (201, 201, 404)
    assert (again, note_again) == (first, first_note)


def test_a_countersignature_sent_again_gets_its_first_answer_after_the_patient_has_left(opened: Hospital) -> None:
    bed = in_first_block(opened)
    as_ordered = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}
    given = bed.record("block_started", "2025-01-20", {"element": "R2"}, override=as_ordered)
    path, headers = f"/patients/{bed.id}/facts/f5/confirmation", {"Idempotency-Key": f"confirm-{bed.id}"}
    confirm = Letter(path=path, body=b"{}", headers=headers)
    hand_over = replace(bed.record("site_changed", "2025-02-01", {"to": SOUTH}), who="data_manager")

    *_, first, gone, again = one_by_one(opened, [replace(given, who="ward_nurse"), confirm, hand_over, confirm])

    assert (first.status, gone.status) == (201, 201)
    assert again == first


def test_a_client_that_hangs_up_in_mid_request_is_no_fault_of_ours_and_may_send_it_again(opened: Hospital) -> None:
    bed, port = admitted(opened), opened.ports()[0]
    letter = bed.note("seen", Idempotency_Key=bed.id)
    before = counted(port, 499)
    hang_up(port, letter, after=0.95, abruptly=False)

    until = monotonic() + LONGEST_WAIT_SECONDS
    while counted(port, 499) == before:
        if monotonic() > until:
            pytest.fail("the server never noticed that the client has gone")
    assert counted(port, 500) == 0
    with closing(Lines()) as lines:
        assert lines.ask(port, letter).status == 201
    assert len(facts_of(opened.house, bed.id)) == 2


def counted(port: int, status: int) -> float:
    """Return how many requests to record a fact ended with this status."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    wanted = ("coursewatch_http_requests_total{", "/facts", f'status="{status}"')
    return sum(float(line.rpartition(" ")[2]) for line in lines if all(part in line for part in wanted))
