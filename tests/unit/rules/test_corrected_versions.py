"""What a corrected version takes over from the one before: reasons, countersignature, pinned body, lineage, window."""

from dataclasses import replace
from datetime import date

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, RELAPSED_ON, PatientFile, a_registered_patient, a_running_block
from tests.unit.rules.correcting import (
    INTERVAL,
    adding,
    corrected,
    r1_on,
    r2_on,
    refused,
    superseding,
    two_blocks,
    voiding,
    with_a_countersignature,
)
from workflow.domain.facts.fact import Override
from workflow.domain.roles import Role

SECOND = "corrections.1"


def early_r2(override: dict[str, str]) -> PatientFile:
    """Return a file whose R2 (f6) started 13 days after R1 with this override."""
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    file.add("block_started", "2025-02-16", element="R2", override=override)
    return file


@pytest.mark.parametrize(("day", "kept"), [("2025-02-15", True), ("2025-02-17", False)])
@pytest.mark.parametrize("override", [OVERRIDE, AS_ORDERED])
def test_an_override_counts_on_where_the_gate_still_asks_for_one(
    override: dict[str, str], day: str, kept: bool
) -> None:
    file = early_r2(override)
    was = file.facts[-1].override

    change = corrected(file, r2_on(day))

    assert was is not None
    # A clinician's reason explains more than a gate; what waits for a countersignature does so only while one asks.
    assert change.facts[0].override == (was if kept or override == OVERRIDE else None)
    assert change.after.unconfirmed == ((6,) if kept and override == AS_ORDERED else ())


def test_an_override_given_anew_takes_the_place_of_the_earlier_one() -> None:
    file = early_r2(AS_ORDERED)

    change = corrected(file, r2_on("2025-02-15", override=OVERRIDE))

    assert change.facts[0].override == Override(**OVERRIDE)
    assert change.after.unconfirmed == ()
    assert [deviation.explained for deviation in change.after.deviations] == [True]


@pytest.mark.parametrize(("day", "waits"), [("2025-02-15", (6,)), ("2025-02-17", ())])
def test_what_an_import_left_unconfirmed_waits_on_while_the_gate_asks(day: str, waits: tuple[int, ...]) -> None:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    draft = r2_on("2025-02-16").draft
    assert draft is not None
    imported = file.propose(draft, Role.COORDINATOR, importing=True)
    file.keep(imported)  # type: ignore[arg-type]
    assert file.state.unconfirmed == (6,)

    assert corrected(file, r2_on(day)).after.unconfirmed == waits


def test_a_countersignature_counts_on_for_the_corrected_version() -> None:
    file = with_a_countersignature()

    again = superseding(7, "block_started", "2025-02-15", element="R2")

    assert file.state.unconfirmed == corrected(file, again).after.unconfirmed == ()


def test_what_is_ordered_and_its_countersignature_are_corrected_together() -> None:
    file = with_a_countersignature()
    start = superseding(7, "block_started", "2025-02-15", element="R2")
    signed = superseding(8, "confirmed", "2025-02-18", fact="f7")

    change = corrected(file, signed, start)

    assert change.after.unconfirmed == ()
    assert change.facts[1].override == Override(**AS_ORDERED)


def test_what_needs_no_countersignature_any_more_is_not_countersigned_in_the_same_batch() -> None:
    file = with_a_countersignature()
    start = superseding(7, "block_started", "2025-02-17", element="R2")
    signed = superseding(8, "confirmed", "2025-02-18", fact="f7", at=SECOND)

    assert refused(file, start, signed).code == "nothing_to_confirm"


def test_a_protocol_chosen_on_another_day_keeps_the_body_that_it_pinned() -> None:
    file = two_blocks()
    file.facts[2] = replace(file.facts[2], protocol_sha="the body of that day")
    today = file.protocols.named("all-rez-bfm-90")
    assert today is not None

    earlier = corrected(file.copy(), superseding(3, "protocol_chosen", "2025-01-07"))
    another = corrected(file.copy(), superseding(3, "protocol_chosen", "2025-01-07", protocol="all-rez-bfm-90"))

    assert earlier.facts[0].protocol_sha == "the body of that day"
    assert another.facts[0].protocol_sha == today.sha256


def test_a_protocol_entered_for_the_wrong_patient_keeps_the_body_that_it_pinned_there() -> None:
    chosen = replace(two_blocks().facts[2], protocol_sha="the body of that day")
    file = a_registered_patient()
    file.add("relapse_diagnosed", RELAPSED_ON)

    change = corrected(file, replace(adding("protocol_chosen", RELAPSED_ON), earlier=chosen))

    assert change.facts[0].protocol_sha == "the body of that day"


@pytest.mark.parametrize(("day", "kept"), [("2025-02-16", True), ("2025-02-17", False)])
def test_a_start_entered_for_the_wrong_patient_brings_its_reason_where_the_gate_asks(day: str, kept: bool) -> None:
    given = early_r2(AS_ORDERED).facts[-1]
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")

    change = corrected(file, replace(adding("block_started", day, element="R2"), earlier=given))

    assert change.facts[0].override == (given.override if kept else None)
    assert change.after.unconfirmed == ((6,) if kept else ())


def test_a_later_block_that_becomes_early_gets_its_verdict_and_is_no_conflict() -> None:
    file = a_running_block("2025-02-03")
    file.add("block_started", "2025-02-24", element="R2")

    change = corrected(file, r1_on("2025-02-12"))

    (early,) = [deviation for deviation in change.deviations if deviation.kind == "early"]
    assert (early.window, early.days, early.explained) == (INTERVAL, 12, False)
    assert change.after.conflicts == ()
    assert change.facts[0].override is None


def test_a_superseding_version_keeps_lineage_and_window_whatever_number_it_has() -> None:
    file = two_blocks()

    first = corrected(file, r1_on("2025-02-04"))
    second = corrected(file, superseding(7, "block_started", "2025-02-05", element="R1"))

    assert [(fact.id, fact.lineage, fact.target_seq) for fact in (*first.facts, *second.facts)] == [
        ("f7", 4, 4),
        ("f8", 4, 7),
    ]
    met, still_open = (window for window in second.after.windows if window.rule == "TR-001")
    assert (met.id, met.anchor_on, met.ended_by) == (INTERVAL, date(2025, 2, 5), 6)
    assert still_open.id == "1:TR-001:f6"


def test_what_is_voided_and_recorded_anew_is_another_lineage() -> None:
    file = two_blocks()

    corrected(file, voiding(6))
    file.add("block_started", "2025-02-25", element="R2")

    assert [window.id for window in file.state.windows if window.rule == "TR-001"] == [INTERVAL, "1:TR-001:f8"]


def test_a_void_says_what_it_takes_back_and_why_and_nothing_else() -> None:
    file = two_blocks()
    file.facts[5] = replace(file.facts[5], note="of the ward round", external_id="row-6")

    (void,) = corrected(file, voiding(6)).facts

    assert (void.operation, void.type, void.occurred_on) == ("void", "block_started", date(2025, 2, 24))
    assert (void.reason, void.note, void.external_id, void.recorded_by) == (
        "entered wrongly",
        None,
        None,
        "clinician",
    )


@pytest.mark.parametrize(("draft_says", "kept"), [(None, "row-6"), ("row-7", "row-7")])
def test_a_superseding_version_goes_on_with_the_external_id_unless_it_brings_its_own(
    draft_says: str | None, kept: str
) -> None:
    file = two_blocks()
    file.facts[5] = replace(file.facts[5], external_id="row-6")
    change = r2_on("2025-02-25")
    assert change.draft is not None

    right = corrected(file, replace(change, draft=replace(change.draft, external_id=draft_says)))

    assert right.facts[0].external_id == kept
