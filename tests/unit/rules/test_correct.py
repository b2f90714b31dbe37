"""A correction is judged as if the file had been written right at first: what is refused, kept, and what follows."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts import (
    OVERRIDE,
    RELAPSED_ON,
    PatientFile,
    a_registered_patient,
)
from tests.unit.rules.correcting import (
    INTERVAL,
    adding,
    corrected,
    diagnosed_on,
    r1_on,
    r2_on,
    refused,
    superseding,
    two_blocks,
    voiding,
    with_a_countersignature,
)
from workflow.rules.changes import Change
from workflow.rules.fold import fold

FIRST, SECOND = "corrections.0", "corrections.1"


def with_a_delay() -> PatientFile:
    """Return a file of which R2 (f6) is 5 days late; f7 explains 1 of them."""
    file = two_blocks()
    corrected(file, r2_on("2025-03-01"))
    file.add("delay_explained", "2025-03-02", window=INTERVAL, segments=[{"code": "infection", "days": 1}])
    return file


@pytest.mark.parametrize(
    ("make", "change", "code", "field"),
    [
        (two_blocks, r2_on("2026-07-01"), "in_the_future", "fact.occurred_on"),
        (two_blocks, r2_on("2022-02-28"), "before_anchor", "fact.occurred_on"),
        (
            two_blocks,
            superseding(2, "relapse_diagnosed", "2022-03-01", at=FIRST),
            "before_anchor",
            "corrections.0.fact.occurred_on",
        ),
        (two_blocks, r2_on("2025-02-16"), "too_early", "fact.occurred_on"),
        (two_blocks, r2_on("2025-02-16", at=SECOND), "too_early", "corrections.1.fact.occurred_on"),
        (
            two_blocks,
            superseding(3, "protocol_chosen", RELAPSED_ON, protocol="none-such"),
            "unknown_protocol",
            "fact.data.protocol",
        ),
        (
            with_a_delay,
            superseding(
                8, "delay_explained", "2025-03-02", window="1:TR-001:f9", segments=[{"code": "other", "days": 1}]
            ),
            "no_such_delay",
            "fact.data.window",
        ),
        (
            with_a_delay,
            superseding(8, "delay_explained", "2025-03-02", window=INTERVAL, segments=[{"code": "other", "days": 9}]),
            "segments_exceed_delay",
            "fact.data.segments",
        ),
        (
            with_a_countersignature,
            superseding(8, "confirmed", "2025-02-17", fact="f4"),
            "nothing_to_confirm",
            "fact.data.fact",
        ),
        (two_blocks, diagnosed_on("2025-01-06"), "before_anchor", "fact.data.diagnosis_date"),
        (two_blocks, diagnosed_on("2025-02-04", at=SECOND), "before_anchor", "corrections.1.fact.data.diagnosis_date"),
    ],
)
def test_what_cannot_have_been_so_is_refused_with_its_field(
    make: Callable[[], PatientFile], change: Change, code: str, field: str
) -> None:
    refusal = refused(make(), change)

    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize(
    ("fact_type", "day_inside"),
    [("block_deferred", {"review_on": "2025-02-01"}), ("counts_recorded", {"sampled_on": "2025-02-20"})],
)
def test_days_inside_a_corrected_fact_keep_their_order(fact_type: str, day_inside: dict[str, Any]) -> None:
    file = two_blocks()
    file.add("block_completed", "2025-02-26")
    file.add(fact_type, "2025-02-26")
    change = superseding(8, fact_type, "2025-02-10", **day_inside)

    refusal = refused(file, change)

    assert (refusal.code, refusal.field) == ("date_order", f"fact.data.{next(iter(day_inside))}")


def test_a_gate_is_refused_with_its_arithmetic_and_what_passes_it() -> None:
    refusal = refused(two_blocks(), r2_on("2025-02-16"))

    assert refusal.arithmetic == "2025-02-16 − 2025-02-03 = 13 d < 14 d"
    assert refusal.earliest_on == date(2025, 2, 17)
    assert refusal.override is not None
    corrected(two_blocks(), r2_on("2025-02-16", override=OVERRIDE))


def test_a_diagnosis_behind_facts_names_them_and_passes_together_with_them() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", RELAPSED_ON)

    refusal = refused(file, diagnosed_on("2025-01-06"))
    assert "f2 relapse_diagnosed of 2025-01-06" in refusal.detail
    moved = superseding(2, "relapse_diagnosed", "2025-02-06")
    assert corrected(file, diagnosed_on("2025-01-06"), moved).after.registration.diagnosis_date == date(2025, 1, 6)


@pytest.mark.parametrize(
    ("fact_type", "data"),
    [
        ("counts_recorded", {"sampled_on": "2025-01-04"}),
        ("findings_recorded", {"csf": {"sampled_at": "2025-01-03T08:00:00Z"}}),
    ],
)
def test_a_diagnosis_behind_a_day_inside_a_fact_names_that_fact(fact_type: str, data: dict[str, Any]) -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06")
    file.add(fact_type, "2025-01-06", **data)

    assert "f3" in refused(file, diagnosed_on("2025-01-05")).detail
    assert corrected(file, diagnosed_on("2025-01-05"), voiding(3)).after.conflicts == ()


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (voiding(4), ("f5 block_completed of 2025-02-08",)),
        (r1_on("2025-02-09"), ("f5 block_completed of 2025-02-08",)),
        (superseding(5, "block_completed", "2025-02-02"), ("f5 block_completed of 2025-02-02",)),
        (
            voiding(2),
            (
                "f3 protocol_chosen of 2025-01-06",
                "f4 block_started of 2025-02-03",
                "f5 block_completed of 2025-02-08",
                "f6 block_started of 2025-02-24",
            ),
        ),
    ],
)
def test_facts_that_would_lose_their_step_are_named_and_kept_by_a_clinician_who_says_so(
    change: Change, lost: tuple[str, ...]
) -> None:
    file = two_blocks()

    refusal = refused(file, change)
    assert (refusal.code, refusal.status, refusal.conflicts) == ("makes_conflicts", 409, lost)
    kept = corrected(file, change, keep_conflicts=True)
    assert [f"f{known.fact} {known.type} of {known.occurred_on}" for known in kept.after.conflicts] == list(lost)


def test_a_conflict_that_stands_already_is_made_by_nothing_else() -> None:
    file = two_blocks()
    corrected(file, voiding(4), keep_conflicts=True)

    assert [known.fact for known in corrected(file, r2_on("2025-02-25")).after.conflicts] == [5]


@pytest.mark.parametrize("fact_type", ["died", "lost_to_follow_up", "withdrawn"])
def test_an_end_of_care_is_never_kept_out_by_the_facts_that_it_overtakes(fact_type: str) -> None:
    file = two_blocks()
    file.add(fact_type, "2025-03-10")
    change = superseding(7, fact_type, "2025-02-10")

    assert [known.fact for known in corrected(file, change).after.conflicts] == [6]
    assert [known.fact for known in corrected(two_blocks(), adding(fact_type, "2025-02-10")).after.conflicts] == [6]


def test_beside_another_change_an_end_of_care_keeps_no_conflicts() -> None:
    file = two_blocks()
    file.add("died", "2025-03-10")

    assert refused(file, superseding(7, "died", "2025-02-10"), r1_on("2025-02-04")).conflicts == (
        "f6 block_started of 2025-02-24",
    )


def test_an_end_of_care_itself_must_be_possible_where_it_stands() -> None:
    file = two_blocks()
    file.add("died", "2025-03-10")

    assert refused(file, adding("died", "2025-03-12")).conflicts == ("f8 died of 2025-03-12",)


BATCH = (
    r1_on("2025-02-05"),
    superseding(5, "block_completed", "2025-02-10"),
    r2_on("2025-02-26"),
    superseding(2, "relapse_diagnosed", "2025-01-05"),
    voiding(7),
    superseding(8, "counts_recorded", "2025-02-12"),
    diagnosed_on("2022-02-01"),
)


@given(st.permutations(BATCH))
def test_the_order_within_a_batch_does_not_matter(batch: list[Change]) -> None:
    files = two_blocks(), two_blocks()
    for file in files:
        file.add("note_added", "2025-02-11")
        file.add("counts_recorded", "2025-02-11")

    as_drawn, as_written = corrected(files[0], *batch), corrected(files[1], *BATCH)

    assert as_drawn.after == as_written.after == fold(files[0].facts, files[0].protocols)
    assert set(as_drawn.deviations) == set(as_written.deviations)
    assert {(fact.target_seq, fact.lineage, fact.occurred_on) for fact in as_drawn.facts} == {
        (fact.target_seq, fact.lineage, fact.occurred_on) for fact in as_written.facts
    }
