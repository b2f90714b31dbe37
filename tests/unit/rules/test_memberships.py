"""Who cares for a patient, read from the changes of site that count."""

from datetime import UTC, date, datetime

import pytest

from tests.facts import PatientFile, a_draft, a_relapsed_patient
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.judgement import Accepted, Outcome
from workflow.rules.memberships import Care, SharedCare, care_may_change, care_of, end_of


def care(file: PatientFile) -> Care:
    return care_of(file.facts, file.state)


def proposed(file: PatientFile, on: str, to: str, **data: str) -> Outcome:
    return file.propose(a_draft("site_changed", on, override=None, to=to, **data))


def moved(file: PatientFile, on: str, to: str, **data: str) -> Accepted:
    outcome = proposed(file, on, to, **data)
    assert isinstance(outcome, Accepted), outcome
    return file.keep(outcome)


def shared(file: PatientFile, on: str, to: str, **data: str) -> Accepted:
    return moved(file, on, to, role="shared_care", **data)


def test_a_patient_is_treated_where_they_are_registered() -> None:
    assert care(a_relapsed_patient()) == Care("berlin")


def test_the_last_transfer_of_the_course_says_who_treats_whatever_was_recorded_last() -> None:
    file = a_relapsed_patient()
    moved(file, "2025-03-01", "hamburg")
    moved(file, "2025-02-01", "wien")

    assert care(file) == Care("hamburg")


def test_a_transfer_leaves_what_is_shared_with_others_and_ends_the_care_of_the_site_before() -> None:
    file = a_relapsed_patient()
    shared(file, "2025-02-01", "paris", until="2025-04-30")
    shared(file, "2025-02-02", "hamburg")
    moved(file, "2025-03-01", "hamburg")

    paris = SharedCare(site="paris", agreed_with="berlin", until=date(2025, 4, 30))
    assert care(file) == Care("hamburg", (paris,))

    moved(file, "2025-03-02", "wien")
    assert care(file) == Care("wien", (paris,))


def test_shared_care_agreed_anew_replaces_what_was_agreed_before() -> None:
    file = a_relapsed_patient()
    shared(file, "2025-02-01", "paris")
    shared(file, "2025-02-02", "paris", until="2025-02-10")

    assert care(file).shared == (SharedCare(site="paris", agreed_with="berlin", until=date(2025, 2, 10)),)


def test_a_change_of_site_that_lost_its_step_counts_all_the_same() -> None:
    file = a_relapsed_patient()
    moved(file, "2025-03-01", "hamburg")
    shared(file, "2025-03-02", "paris")
    lost = file.propose(a_draft("lost_to_follow_up", "2025-02-01"))
    assert isinstance(lost, Accepted)
    before = care(file)
    file.keep(lost)

    assert [conflict.type for conflict in file.state.conflicts] == ["site_changed", "site_changed"]
    assert care(file) == before
    assert file.state.registration.site == "hamburg"


def test_a_change_of_site_that_was_entered_in_error_changes_nothing() -> None:
    file = a_relapsed_patient()
    entered = moved(file, "2025-03-01", "hamburg")
    file.void(entered.fact)

    assert care(file) == Care("berlin")


def test_other_facts_leave_who_cares_as_it_is() -> None:
    file = a_relapsed_patient()
    before = file.state
    note = file.add("note_added", "2025-02-01")

    assert not care_may_change(before, file.state, [note.fact])


@pytest.mark.parametrize("role", ["transfer", "shared_care"])
def test_the_treating_site_itself_is_refused_with_the_way_out(role: str) -> None:
    file = a_relapsed_patient()
    refused = proposed(file, "2025-02-01", "berlin", role=role)

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.status, refused.field) == ("already_treating", 422, "data.to")
    assert "name the other site" in refused.detail


def test_a_transfer_back_is_a_transfer() -> None:
    file = a_relapsed_patient()
    moved(file, "2025-02-01", "hamburg")
    moved(file, "2025-02-02", "berlin")

    assert care(file) == Care("berlin")


@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN])
def test_only_from_a_coordinator_up_patients_are_handed_over(role: Role) -> None:
    file = a_relapsed_patient()
    refused = file.propose(a_draft("site_changed", "2025-02-01"), role)

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.status) == ("role_needed", 403)
    assert "coordinator" in refused.detail


@pytest.mark.parametrize(
    ("day", "time_zone", "over_at"),
    [
        ("2025-07-31", "UTC", datetime(2025, 8, 1, tzinfo=UTC)),
        ("2025-07-31", "America/New_York", datetime(2025, 8, 1, 4, tzinfo=UTC)),
        # The days on which clocks change are 23 and 25 hours long.
        ("2025-03-30", "Europe/Berlin", datetime(2025, 3, 30, 22, tzinfo=UTC)),
        ("2025-10-26", "Europe/Berlin", datetime(2025, 10, 26, 23, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_of_its_site(day: str, time_zone: str, over_at: datetime) -> None:
    assert end_of(date.fromisoformat(day), time_zone) == over_at
