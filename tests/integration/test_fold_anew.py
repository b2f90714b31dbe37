"""After an upgrade everything kept beside the facts is by the rules of today, at every instant of knowledge."""

import pytest
from sqlalchemy import Connection, create_engine, text

from tests.integration.recorded import Recorded, add
from tests.introduced import seeing
from workflow.bootstrap import migrate
from workflow.persistence.engine import parse_url
from workflow.persistence.migrations import downgrade
from workflow.persistence.outcome import SEVERAL_RULES
from workflow.persistence.tables import METADATA

SPANS = ("state_span", "window_span")
OTHERS = "the rules of the release before"


def as_release_before(courses: Recorded) -> None:
    """Leave the database as the first release had it: its tables, its snapshots, and what its rules had told lists."""
    courses.house.close()
    downgrade(courses.urls.owner, revision="0001")
    engine = create_engine(parse_url(courses.urls.owner))
    with engine.begin() as connection:
        connection.execute(text("UPDATE patient SET engine = :others, state_json = '{}'"), {"others": OTHERS})
        connection.execute(text("DELETE FROM state_span WHERE known_to IS NOT NULL"))
        connection.execute(text("UPDATE window_span SET latest_on = '2025-03-01'"))
    engine.dispose()


def spans(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted(tuple(map(str, row[1:])) for row in connection.execute(METADATA.tables[name].select()))
        for name in SPANS
    }


def told_by(courses: Recorded) -> list[str]:
    """Migrate as the owner and return what was told."""
    told: list[str] = []
    migrate(courses.house.settings.with_(database=courses.urls.owner), tell=told.append)
    return told


def test_a_database_of_the_first_release_is_folded_anew_by_its_upgrade(courses: Recorded) -> None:
    with seeing(courses.house.database) as connection:
        before = spans(connection)
    as_release_before(courses)
    assert told_by(courses) == [
        "Patients are folded anew by the rules of this release …",
        "Folded anew: 2 patients.",
    ]
    with seeing(courses.house.database) as connection:
        assert spans(connection) == before
        sites = connection.execute(text("SELECT DISTINCT site_id FROM state_span")).scalars().all()
        protocols = connection.execute(text("SELECT count(*) FROM state_span WHERE protocol IS NOT NULL")).scalar_one()
    assert sites == ["berlin"]
    assert protocols > 0
    assert courses.findings() == []


def test_who_was_folded_by_the_rules_of_today_is_not_touched(courses: Recorded) -> None:
    assert told_by(courses) == []
    courses.tamper("UPDATE patient SET engine = 'others', version = 60 WHERE id = :a")
    assert told_by(courses)[-1] == "Folded anew: 1 patients."
    # What is recorded, and how often, is no business of rules.
    assert courses.findings() == ["patient: patient A, the patient's row: version was altered"]


def test_a_patient_who_cannot_be_folded_is_told_and_stops_no_other(courses: Recorded) -> None:
    courses.tamper(
        "UPDATE patient SET engine = 'others'", "UPDATE fact SET payload = '{' WHERE patient_id = :a AND seq = 4"
    )
    told = [line.replace(courses.a, "A") for line in told_by(courses)]
    assert told[1:] == [
        "Folded anew: 1 patients.",
        "Patient A could not be folded anew; `coursewatch db verify` says more.",
    ]
    assert courses.findings() == ["chain: patient A, f4: the payload was altered"]


def test_who_is_worked_with_and_cannot_be_folded_is_not_taken_off_those_who_were(
    courses: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    courses.tamper(
        "UPDATE patient SET engine = 'others' WHERE id = :b",
        f"UPDATE patient SET engine = '{SEVERAL_RULES}' WHERE id = :a",  # noqa: S608 -- our own text
        "UPDATE fact SET payload = '{' WHERE patient_id = :a AND seq = 4",
    )

    def all_locked(*_: object, **__: object) -> list[str]:
        return []

    monkeypatch.setattr("workflow.services.fold_anew.lock_stale", all_locked)
    assert told_by(courses)[1] == "Folded anew: 1 patients."
    assert told_by(courses)[1] == "Folded anew: 0 patients."


def test_a_patient_folded_by_other_rules_stays_so_until_all_of_them_is_folded_anew(courses: Recorded) -> None:
    courses.tamper("UPDATE patient SET engine = 'others' WHERE id = :a")
    add(courses.house, courses.a, "note_added", "2025-02-01", {"text": "recorded before the upgrade"})
    (line,) = courses.findings()
    assert line.startswith("engine: patient A: was folded by other rules")
    assert told_by(courses)[-1] == "Folded anew: 1 patients."
    assert courses.findings() == []


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_the_app_role_which_may_delete_nothing_says_who_can(courses: Recorded) -> None:
    courses.tamper("UPDATE patient SET engine = 'others' WHERE id = :a")
    told: list[str] = []
    migrate(courses.house.settings, tell=told.append)
    assert told == [
        "Some patients were folded by other rules; run `coursewatch db upgrade` as the owner of the database."
    ]
