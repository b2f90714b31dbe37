"""What was sent once is not worth anything to whoever sends it again: keys, cookies, versions, idempotency."""

from datetime import timedelta

from starlette.testclient import TestClient

from api import sessions
from tests.api.attacks.harmless import harmless
from tests.api.people import key_of
from tests.api.ward import BASE, Ward, as_person
from workflow.persistence.actors import revoke_key

NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
ONCE = {"Idempotency-Key": "one-and-the-same"}


def notes(ward: Ward, patient: str) -> int:
    history = ward.get(f"/patients/{patient}/history").json()["items"]
    return sum(item["type"] == "note_added" for item in history)


def test_an_idempotency_key_is_its_senders_own(ward: Ward) -> None:
    """Another actor with the same key gets neither the first one's answer nor its place."""
    patient = ward.in_first_block()
    path = f"/patients/{patient}/facts"

    first = ward.post(path, NOTE, "treating_doctor", ONCE)
    again = ward.post(path, NOTE, "treating_doctor", ONCE)
    stranger = ward.post(path, NOTE, "other_hospital", ONCE)
    colleague = ward.post(path, NOTE, "ward_nurse", ONCE)

    assert (first.status_code, again.content) == (201, first.content)
    harmless(stranger, 404)
    harmless(colleague, 201)
    assert colleague.json()["fact"]["recorded_by"] == "ward_nurse"
    assert notes(ward, patient) == 2


def test_an_idempotency_key_stands_for_one_request_alone(ward: Ward) -> None:
    patient, other = ward.in_first_block(), ward.in_first_block(pseudonym="ALL-0008")
    ward.post(f"/patients/{patient}/facts", NOTE, "treating_doctor", ONCE)

    for path, body in (
        (f"/patients/{patient}/facts", {**NOTE, "note": "another body"}),
        (f"/patients/{other}/facts", NOTE),
        (f"/patients/{patient}/facts?preview=false", NOTE),
        (f"/patients/{patient}/corrections", {"voids": "f2", "reason": "x"}),
    ):
        harmless(ward.post(path, body, "treating_doctor", ONCE), 422)
    assert (notes(ward, patient), notes(ward, other)) == (1, 0)


def test_a_repeated_request_is_answered_to_those_only_who_may_still_ask(ward: Ward) -> None:
    patient = ward.in_first_block()
    path = f"/patients/{patient}/facts"
    ward.post(path, NOTE, "treating_doctor", ONCE)
    with ward.house.database.write() as connection:
        assert revoke_key(connection, "treating-doctor", at=ward.clock())
    ward.clock.now += timedelta(seconds=6)

    replayed = ward.post(path, NOTE, "treating_doctor", ONCE)

    harmless(replayed, 401)
    assert notes_by_admin(ward, patient) == 1


def notes_by_admin(ward: Ward, patient: str) -> int:
    history = ward.get(f"/patients/{patient}/history", "admin").json()["items"]
    return sum(item["type"] == "note_added" for item in history)


def test_a_version_that_is_not_the_current_one_writes_nothing(edge: Ward) -> None:
    patient = edge.in_first_block()
    assert edge.get(f"/patients/{patient}").json()["version"] == 4
    longest = f'"{"9" * 5000}"'
    for tag in (
        *('"0"', '"1"', '"05"', '"999999999"', '"-1"'),
        *('"4", "3"', '""', "4", '"4', 'W/"3"', '"4\x00"', longest),
    ):
        answer = edge.post(f"/patients/{patient}/facts", NOTE, "treating_doctor", {"If-Match": tag})

        harmless(answer, 412, 422)
    assert notes(edge, patient) == 0


def test_a_cookie_of_a_revoked_key_opens_nothing(edge: Ward) -> None:
    edge.client.post("/sign-in", data={"key": key_of("viewer")})
    kept = edge.client.cookies[sessions.COOKIE]
    with edge.house.database.write() as connection:
        assert revoke_key(connection, "viewer", at=edge.clock())
    edge.clock.now += timedelta(seconds=6)

    thief = TestClient(edge.client.app, base_url="http://localhost", cookies={sessions.COOKIE: kept})

    harmless(thief.get("/worklist"), 401)


def test_a_cookie_is_worth_nothing_after_sign_out(edge: Ward) -> None:
    edge.client.post("/sign-in", data={"key": key_of("viewer")})
    kept = edge.client.cookies[sessions.COOKIE]
    thief = TestClient(edge.client.app, base_url="http://localhost", cookies={sessions.COOKIE: kept})
    assert thief.get("/worklist").status_code == 200

    edge.client.post("/sign-out")

    harmless(thief.get("/worklist"), 401)


def test_a_cookie_is_no_key_and_a_key_is_no_cookie(edge: Ward) -> None:
    edge.client.post("/sign-in", data={"key": key_of("viewer")})
    cookie = edge.client.cookies[sessions.COOKIE]

    harmless(edge.client.get(f"{BASE}/patients", headers={"Authorization": f"Bearer {cookie}"}), 401)
    for text in (key_of("viewer"), "viewer", as_person("viewer")["Authorization"]):
        impostor = TestClient(edge.client.app, base_url="http://localhost")
        harmless(impostor.get("/worklist", headers={"Cookie": f"{sessions.COOKIE}={text}"}), 401)
