"""A choice pins what its name means on its own day, entered late or corrected; drafts and what is gone are refused."""

from datetime import date

import pytest

from tests.facts import PatientFile, a_registered_patient
from tests.unit.protocols.texts import SOUND
from tests.unit.rules.correcting import corrected, refused, superseding
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.judgement import Accepted

MARCH = date(2025, 3, 1)


def version(name: str, in_force_from: date | None) -> Protocol:
    text = SOUND.replace('version = "1"', f'version = "{name}"')
    return parse_protocol(f"in_force_from = {in_force_from}\n{text}" if in_force_from else text, name)


FIRST, SECOND = version("1", date(2025, 1, 1)), version("2", MARCH)
BOTH = Protocols([FIRST, SECOND])


def relapsed(protocols: Protocols = BOTH) -> PatientFile:
    file = a_registered_patient(protocols)
    file.add("relapse_diagnosed", "2025-01-06")
    return file


def pinned(file: PatientFile) -> Protocol | None:
    course = file.state.course
    return file.protocols.pinned(course.protocol_sha) if course else None


def codes(recorded: Accepted) -> set[str]:
    return {warning.code for warning in recorded.warnings}


@pytest.mark.parametrize(("on", "meant"), [("2025-02-28", FIRST), ("2025-03-01", SECOND), ("2025-06-01", SECOND)])
def test_a_choice_by_the_id_pins_what_was_in_force_on_its_day(on: str, meant: Protocol) -> None:
    file = relapsed()
    file.add("protocol_chosen", on, protocol="small")

    assert pinned(file) is meant


def test_a_choice_entered_late_pins_what_was_in_force_on_its_day() -> None:
    file = relapsed()
    file.add("protocol_chosen", "2025-04-01", protocol="small")
    late = file.add("protocol_chosen", "2025-02-01", protocol="small")

    assert late.fact.protocol_sha == FIRST.sha256
    assert pinned(file) is SECOND


def test_before_the_first_version_a_choice_must_name_one() -> None:
    file = relapsed(Protocols([SECOND]))

    refusal = file.refused("protocol_chosen", "2025-02-28", protocol="small")

    assert (refusal.code, refusal.status, refusal.field) == ("protocol_not_in_force", 422, "data.protocol")
    assert "no version of small was in force on 2025-02-28; name one: small@2." in refusal.detail
    named = file.add("protocol_chosen", "2025-02-28", protocol="small@2")
    assert named.fact.protocol_sha == SECOND.sha256
    (told,) = (warning for warning in named.warnings if warning.code == "not_in_force_yet")
    assert "small@2 is in force from 2025-03-01 on, and it is chosen for 2025-02-28" in told.message
    assert "not_in_force_yet" not in codes(file.add("protocol_chosen", "2025-03-01", protocol="small@2"))


@pytest.mark.parametrize(
    ("from_day", "to_day", "pins"),
    [
        ("2025-02-01", "2025-02-28", FIRST),
        ("2025-02-01", "2025-03-01", SECOND),
        ("2025-03-01", "2025-02-28", FIRST),
        ("2025-03-01", "2025-04-01", SECOND),
    ],
)
def test_a_choice_moved_to_another_day_pins_what_was_in_force_on_that_day(
    from_day: str, to_day: str, pins: Protocol
) -> None:
    file = relapsed()
    file.add("protocol_chosen", from_day, protocol="small")

    change = corrected(file, superseding(3, "protocol_chosen", to_day, protocol="small"))

    assert change.facts[0].protocol_sha == pins.sha256


def test_a_choice_is_not_moved_before_the_first_version() -> None:
    file = relapsed()
    file.add("protocol_chosen", "2025-03-01", protocol="small")
    file.protocols = Protocols([SECOND])

    refusal = refused(file, superseding(3, "protocol_chosen", "2025-02-01", protocol="small"))

    assert refusal.code == "protocol_not_in_force"


@pytest.mark.parametrize(
    ("missing", "lacks"),
    [
        (("author", "approver"), "the signature of its author and the signature of its approver"),
        (("approver",), "the signature of its approver"),
    ],
)
def test_a_draft_is_refused_with_what_it_lacks_and_how_it_gets_it(missing: tuple[str, ...], lacks: str) -> None:
    file = relapsed(Protocols([FIRST], drafts={FIRST.sha256: missing}))

    refusal = file.refused("protocol_chosen", "2025-02-01", protocol="small")

    assert (refusal.code, refusal.status, refusal.override) == ("protocol_not_released", 409, None)
    assert f"small@1 is a draft: it lacks {lacks}." in refusal.detail
    assert f"`coursewatch protocol sign small@1 --as {missing[0]}`" in refusal.detail
    assert FIRST.sha256 in refusal.detail


def test_what_is_offered_no_more_is_refused_by_id_and_by_version() -> None:
    file = relapsed(Protocols([FIRST, parse_protocol(SOUND.replace('"small"', '"other"'), "other")]))
    file.protocols = Protocols(file.protocols.versions, withdrawn=[FIRST.sha256])

    for name in ("small", "small@1"):
        refusal = file.refused("protocol_chosen", "2025-02-01", protocol=name)
        assert (refusal.code, refusal.status) == ("protocol_not_offered", 409)
        assert refusal.detail.endswith("Offered: other.")


def test_what_a_course_follows_already_may_be_put_right_when_it_is_offered_no_more() -> None:
    file = relapsed()
    file.add("protocol_chosen", "2025-02-01", protocol="small@1")
    file.protocols = Protocols([FIRST, SECOND], withdrawn=[FIRST.sha256])

    change = corrected(file, superseding(3, "protocol_chosen", "2025-02-02", protocol="small@1"))

    assert change.facts[0].protocol_sha == FIRST.sha256
    assert change.facts[0].occurred_on == date(2025, 2, 2)
