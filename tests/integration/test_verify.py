"""Whatever is changed behind the program's back is named: facts, what is kept beside them, seals, whole patients."""

from dataclasses import replace

from tests.integration.recorded import SHARED, Recorded, add, course, owner
from tests.introduced import changing
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites

COPY = (
    "INSERT INTO fact (patient_id, seq, lineage, recorded_at, prev_hash, hash, op, type, occurred_on, certainty, "
    "payload, payload_sha256, actor_id) SELECT patient_id, seq + 1, seq + 1, recorded_at, hash, 'forged', op, type, "
    "occurred_on, certainty, payload, payload_sha256, actor_id FROM fact WHERE patient_id = :a AND seq = "
)
FORGED_AT_END = f"{COPY} 6"
FORGED_BETWEEN = (
    "UPDATE fact SET seq = seq + 100 WHERE patient_id = :a AND seq > 3",
    "UPDATE fact SET seq = seq - 99 WHERE patient_id = :a AND seq > 3",
    f"{COPY} 3",
    "UPDATE patient SET last_seq = 7 WHERE id = :a",
)
SWAPPED = (
    "UPDATE fact SET seq = 104 WHERE patient_id = :a AND seq = 4",
    "UPDATE fact SET seq = 4, lineage = 4 WHERE patient_id = :a AND seq = 5",
    "UPDATE fact SET seq = 5 WHERE patient_id = :a AND seq = 104",
)
# What was done, and what is said of it.
TAMPERED: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "a date": (
        ("UPDATE fact SET occurred_on = '2025-01-08' WHERE patient_id = :a AND seq = 4",),
        ["chain: patient X, f4: the row was altered or put in"],
    ),
    "who recorded it": (
        ("UPDATE fact SET actor_id = 'somebody' WHERE patient_id = :b AND seq = 3",),
        ["chain: patient X, f3: the row was altered or put in"],
    ),
    "a payload": (
        ('UPDATE fact SET payload = \'{"element":"R2"}\' WHERE patient_id = :a AND seq = 4',),
        ["chain: patient X, f4: the payload was altered"],
    ),
    "a payload that is no JSON any more": (
        ("UPDATE fact SET payload = 'R2' WHERE patient_id = :a AND seq = 4",),
        ["chain: patient X, f4: the payload was altered"],
    ),
    "a payload with its digest": (
        ("UPDATE fact SET payload = '{}', payload_sha256 = 'x' WHERE patient_id = :a AND seq = 4",),
        ["chain: patient X, f4: the row was altered or put in"],
    ),
    "a note": (
        ("UPDATE fact SET note = 'never said' WHERE patient_id = :a AND seq = 2",),
        ["chain: patient X, f2: the note, the override or the reason was altered"],
    ),
    "a fact removed": (
        ("DELETE FROM fact WHERE patient_id = :a AND seq = 3",),
        ["chain: patient X, f3: it is missing"],
    ),
    "the first facts removed": (
        ("DELETE FROM fact WHERE patient_id = :a AND seq < 3",),
        ["chain: patient X, f1: it and all up to f2 are missing"],
    ),
    "the newest facts removed": (
        ("DELETE FROM fact WHERE patient_id = :a AND seq > 4",),
        ["chain: patient X, f5: it and all up to f6 are missing"],
    ),
    "every fact removed": (
        ("DELETE FROM fact WHERE patient_id = :a",),
        ["chain: patient X, f1: it and all up to f6 are missing"],
    ),
    "a fact put in at the end": (
        (FORGED_AT_END,),
        [
            "chain: patient X, f7: the row was altered or put in",
            "chain: patient X, f7: it stands behind the patient's newest fact: it was put in",
        ],
    ),
    "a fact put in at the end with the patient's head": (
        (FORGED_AT_END, "UPDATE patient SET last_seq = 7, head_hash = 'forged' WHERE id = :a"),
        ["chain: patient X, f7: the row was altered or put in"],
    ),
    "a fact put in between": (
        FORGED_BETWEEN,
        [
            "chain: patient X, f4: the row was altered or put in",
            "chain: patient X, f5: it was recorded as f4: facts were swapped or renumbered",
            "chain: patient X, f6: it was recorded as f5: facts were swapped or renumbered",
            "chain: patient X, f7: it was recorded as f6: facts were swapped or renumbered",
        ],
    ),
    "two facts swapped": (
        SWAPPED,
        [
            "chain: patient X, f4: it was recorded as f5: facts were swapped or renumbered",
            "chain: patient X, f5: it was recorded as f4: facts were swapped or renumbered",
        ],
    ),
    "a patient's head": (
        ("UPDATE patient SET head_hash = 'x' WHERE id = :a",),
        ["chain: patient X, the patient's row: head_hash was altered, or the newest fact is another one"],
    ),
    "a patient's last_seq": (
        ("UPDATE patient SET last_seq = 60 WHERE id = :a",),
        ["chain: patient X, the patient's row: last_seq was altered"],
    ),
    "a patient's version": (
        ("UPDATE patient SET version = 7 WHERE id = :a",),
        ["patient: patient X, the patient's row: version was altered"],
    ),
    "a patient's columns": (
        (
            (
                "UPDATE patient SET site_id = 'hamburg', pseudonym = 'Z', owner = 'x', deputy = 'x', "
                "last_contact_on = '2024-01-01', silent_from = NULL, registered_at = '2024-01-01 00:00:00.000000', "
                "changed_at = '2024-01-01 00:00:00.000000' WHERE id = :a"
            ),
        ),
        [
            f"patient: patient X, the patient's row: {name} was altered"
            for name in (
                *("site_id", "pseudonym", "owner", "deputy", "last_contact_on", "silent_from"),
                *("registered_at", "changed_at"),
            )
        ],
    ),
    "the snapshot": (
        ("UPDATE patient SET state_json = replace(state_json, 'reinduction.block', 'follow_up') WHERE id = :a",),
        ["snapshot: patient X: it is not the fold of the facts: it was altered"],
    ),
    "the snapshot, which cannot be read": (
        ("UPDATE patient SET state_json = 'gone' WHERE id = :a",),
        ["snapshot: patient X: it is not the fold of the facts: it was altered"],
    ),
    "the rules that folded a patient": (
        ("UPDATE patient SET engine = 'others' WHERE id = :a",),
        [
            (
                "engine: patient X: was folded by other rules, so only the chain was checked: "
                "run `coursewatch db upgrade`, then verify again"
            )
        ],
    ),
    "who treats": (
        ("UPDATE patient_site SET site_id = 'hamburg' WHERE patient_id = :a",),
        [
            "membership: patient X, patient_site treating: it follows from no fact: it was put in or altered",
            "membership: patient X, patient_site treating: it is missing",
        ],
    ),
    "another site let in": (
        (
            (
                "INSERT INTO patient_site (patient_id, site_id, since_at, role) VALUES (:a, 'hamburg', "
                "'2024-01-01 00:00:00.000000', 'shared')"
            ),
        ),
        ["membership: patient X, patient_site shared: it follows from no fact: it was put in or altered"],
    ),
    "a shared care removed": (
        ("DELETE FROM patient_site WHERE patient_id = :b AND role = 'shared'",),
        ["membership: patient X, patient_site shared: it is missing"],
    ),
    "a patient removed and their facts left": (
        ("DELETE FROM patient WHERE id = :a",),
        [
            f"patient: patient X: the patient's row is missing and rows of {table} are left"
            for table in ("fact", "state_span", "window_span", "patient_site")
        ],
    ),
}


def test_what_was_done_behind_the_programs_back_is_named_for_its_patient_and_nothing_else(courses: Recorded) -> None:
    victims = {act: a_victim(courses, number, TAMPERED[act][0]) for number, act in enumerate(TAMPERED)}
    assert courses.findings() == []
    for act, victim in victims.items():
        replace(courses, a=victim, b=victim).tamper(*TAMPERED[act][0])
    found = courses.findings()
    said = {
        act: sorted(line.replace(victim, "X") for line in found if victim in line) for act, victim in victims.items()
    }
    assert said == {act: sorted(expected) for act, (_, expected) in TAMPERED.items()}
    assert len(found) == sum(len(expected) for _, expected in TAMPERED.values())


def a_victim(courses: Recorded, number: int, statements: tuple[str, ...]) -> str:
    """Record a course for one act of tampering, with shared care where the act is about patient :b."""
    patient_id = course(courses.house, f"V-{number}")
    if any(":b" in statement for statement in statements):
        add(courses.house, patient_id, *SHARED)
    return patient_id


def test_other_patients_are_checked_though_one_cannot_be_read(courses: Recorded) -> None:
    # SQLite keeps anything in any column; PostgreSQL takes only what can be read again.
    unreadable = {"sqlite": "occurred_on = 'some day'", "postgresql": "type = 'unheard_of'"}
    said = {
        "sqlite": "patient: patient A: a row cannot be read: it was altered",
        "postgresql": "chain: patient A, f2: the row was altered or put in",
    }
    dialect = courses.house.database.dialect
    courses.tamper(
        f"UPDATE fact SET {unreadable[dialect]} WHERE patient_id = :a AND seq = 2",  # noqa: S608 -- our own texts
        "UPDATE patient SET version = 9 WHERE id = :b",
    )
    assert courses.findings() == [said[dialect], "patient: patient B, the patient's row: version was altered"]


def test_shared_care_that_ends_is_healthy_before_and_after_whatever_time_zone_its_site_gets_later(
    courses: Recorded,
) -> None:
    house = courses.house
    sites.put(house, LOCAL_ADMIN, "wien", {"time_zone": "Europe/Vienna"})
    add(house, courses.a, *SHARED[:2], {"to": "wien", "role": "shared_care", "until": "2025-03-01"})
    add(house, courses.b, *SHARED[:2], {"to": "wien", "role": "shared_care", "until": "2100-01-01"})
    sites.put(house, LOCAL_ADMIN, "berlin", {"time_zone": "America/New_York", "silent_after_days": 3})
    assert courses.findings() == []
    courses.tamper("UPDATE patient_site SET until_at = NULL WHERE patient_id = :b AND site_id = 'wien'")
    assert courses.findings() == [
        "membership: patient B, patient_site shared: it follows from no fact: it was put in or altered"
    ]


def test_a_guard_that_is_switched_off_is_named(courses: Recorded) -> None:
    with owner(courses.urls) as database, changing(database) as connection:
        if database.dialect == "postgresql":
            off = ["ALTER TABLE fact DISABLE TRIGGER fact_append_only", "DROP TRIGGER seal_append_only ON seal"]
            named = ["fact_append_only", "seal_append_only"]
        else:
            named = ["fact_append_only_update", "seal_append_only_delete"]
            off = [f"DROP TRIGGER {name}" for name in named]
        for statement in off:
            connection.exec_driver_sql(statement)
    why = "is missing or switched off: it keeps rows from being changed"
    assert courses.findings() == [f"guard: the trigger {name}: {why}" for name in named]
