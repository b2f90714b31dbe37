"""Processes of two releases beside each other on one database: each answers by its own rules, and neither harms."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.people import key_of, settle_in
from tests.integration.recorded import Recorded, add, owner
from workflow.clock import utc_now
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.installation import note_rules
from workflow.persistence.outcome import SEVERAL_RULES
from workflow.services.clocks import Clocks
from workflow.services.fold_anew import fold_all_anew
from workflow.services.house import House
from workflow.services.read_patient import one
from workflow.services.sweep import sweep

NEXT_RULES, NEXT_JUDGE = "the rules of the next release", "what it judges by"
NOTE: tuple[str, str, dict[str, object]] = ("note_added", "2025-02-01", {"text": "recorded by the release before"})
# What only the next release knows of a patient.
OF_THE_NEXT = "of_the_next_release"


def of_next_release(house: House) -> House:
    """Return the house of a process of the next release, whose rules are the same under another name."""
    return replace(house, engine=NEXT_RULES, judged_by=NEXT_JUDGE)


@contextmanager
def upgraded(courses: Recorded) -> Iterator[House]:
    """Bring everybody to the next release's rules, as its upgrade does, and give a process of it."""
    following = of_next_release(courses.house)
    with owner(courses.urls) as database:
        with database.write() as connection:
            note_rules(connection, NEXT_JUDGE)
        fold_all_anew(database, following.protocols, NEXT_RULES, lambda _: None)
    yield following


def read(house: House, patient_id: str) -> dict[str, object]:
    answer: dict[str, object] = json.loads(one(house, LOCAL_ADMIN, patient_id, Clocks()).body)
    return answer


def test_what_the_release_before_records_after_the_upgrade_is_read_right_by_both(courses: Recorded) -> None:
    with upgraded(courses) as following:
        add(courses.house, courses.a, *NOTE)
        assert courses.one("SELECT engine FROM patient WHERE id = :a") == SEVERAL_RULES
        assert read(courses.house, courses.a) == read(following, courses.a)
        add(following, courses.a, "block_completed", "2025-02-02", {"given": "as_planned"})
        assert read(courses.house, courses.a) == read(following, courses.a)
        assert read(following, courses.a)["state"] == "reinduction.recovery"


def test_whoever_was_recorded_by_both_is_folded_anew_by_the_next_upgrade(courses: Recorded) -> None:
    add(of_next_release(courses.house), courses.b, *NOTE)
    assert courses.one("SELECT engine FROM patient WHERE id = :b") == SEVERAL_RULES
    with upgraded(courses):
        add(courses.house, courses.a, *NOTE)
        assert courses.one("SELECT engine FROM patient WHERE id = :a") == SEVERAL_RULES
    with upgraded(courses) as following:
        for patient in (":a", ":b"):
            assert courses.one(f"SELECT engine FROM patient WHERE id = {patient}") == NEXT_RULES  # noqa: S608 -- our own
        assert replace(courses, house=following).findings() == []


def snapshot_of_next_release(courses: Recorded, *, readable: bool) -> str:
    """Leave a snapshot of `a` as a release writes it that knows more of a patient than ours, or says it otherwise."""
    stored = json.loads(str(courses.one("SELECT state_json FROM patient WHERE id = :a")))
    told = json.dumps(stored | {OF_THE_NEXT: 1} if readable else {OF_THE_NEXT: stored})
    with owner(courses.urls) as database, database.write() as connection:
        connection.execute(
            text("UPDATE patient SET state_json = :told, engine = :engine WHERE id = :id"),
            {"told": told, "engine": NEXT_RULES, "id": courses.a},
        )
    return told


@pytest.mark.parametrize("readable", [True, False])
def test_a_snapshot_of_the_next_release_is_neither_shortened_nor_lost_by_a_sweep(
    courses: Recorded, *, readable: bool
) -> None:
    told = snapshot_of_next_release(courses, readable=readable)
    courses.tamper("UPDATE patient SET next_due_at = changed_at WHERE id = :a")
    report = sweep(courses.house)
    assert (report.patients, report.failed) == (1, {})
    assert courses.one("SELECT state_json FROM patient WHERE id = :a") == told
    assert courses.one("SELECT engine FROM patient WHERE id = :a") == NEXT_RULES
    assert courses.one("SELECT judged_by FROM patient WHERE id = :a") == courses.house.judged_by


def test_a_snapshot_of_the_next_release_that_cannot_be_read_keeps_nobody_from_work(courses: Recorded) -> None:
    before = read(courses.house, courses.a)
    snapshot_of_next_release(courses, readable=False)
    with calling(courses.house) as client:
        assert client.get(f"/api/v1/patients/{courses.a}").json() == before
        listed = client.get("/api/v1/patients").json()["items"]
        assert {line["id"]: line["state"] for line in listed}[courses.a] == before["state"]
        found = client.post("/api/v1/patients/search", json={"pseudonym": "A-1"}).json()["items"]
        assert [line["state"] for line in found] == [before["state"]]
        fact = dict(zip(("type", "occurred_on", "data"), NOTE, strict=True))
        assert client.post(f"/api/v1/patients/{courses.a}/facts", json=fact).status_code == 201
    assert courses.one("SELECT engine FROM patient WHERE id = :a") == SEVERAL_RULES


def test_a_fact_of_the_next_release_is_left_to_its_processes(courses: Recorded) -> None:
    courses.tamper(
        f"UPDATE patient SET engine = '{NEXT_RULES}' WHERE id = :a",  # noqa: S608 -- our own text
        "UPDATE fact SET type = 'of_the_next_release' WHERE patient_id = :a AND seq = 5",
    )
    fact = dict(zip(("type", "occurred_on", "data"), NOTE, strict=True))
    with calling(courses.house) as client:
        for answer in (
            client.get(f"/api/v1/patients/{courses.a}"),
            client.post(f"/api/v1/patients/{courses.a}/facts", json=fact),
        ):
            assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (
                503,
                "restart_needed",
                "1",
            )
        assert client.post(f"/api/v1/patients/{courses.b}/facts", json=fact).status_code == 201
        assert client.get("/api/v1/patients").status_code == 200


@contextmanager
def calling(house: House) -> Iterator[TestClient]:
    """Give a client with the key of an admin; anything unforeseen is answered, not raised."""
    settle_in(house.database, utc_now)
    with TestClient(
        create_app(house),
        base_url="http://localhost",
        raise_server_exceptions=False,
        headers={"Authorization": f"Bearer {key_of('admin')}"},
    ) as client:
        yield client


def test_schedulers_of_two_releases_do_not_judge_each_others_patients_for_ever(courses: Recorded) -> None:
    sweep(courses.house)
    with upgraded(courses) as following:
        assert sweep(courses.house).patients == 0
        assert sweep(following).patients == 2
        said = courses.one("SELECT count(*) FROM alert_event")
        for house in (courses.house, following) * 3:
            assert sweep(house).patients == 0
        assert courses.one("SELECT count(*) FROM alert_event") == said


def test_the_release_before_still_raises_what_falls_due_and_the_next_one_judges_it_once(courses: Recorded) -> None:
    sweep(courses.house)
    with upgraded(courses) as following:
        sweep(following)
        courses.tamper("UPDATE patient SET next_due_at = changed_at WHERE id = :a")
        assert [sweep(house).patients for house in (courses.house, following) * 2] == [1, 1, 0, 0]


def test_before_any_upgrade_says_so_every_process_judges_everybody_by_its_own_rules(courses: Recorded) -> None:
    sweep(courses.house)
    assert sweep(of_next_release(courses.house)).patients == 2
