"""A fact knows its place in the course, its id, and by what an import knows it again."""

from dataclasses import replace
from datetime import date

import pytest

from tests.facts import LEAST, OVERRIDE, a_draft, a_fact, a_registration
from workflow.domain.facts.fact import Override, fact_id, natural_identity, payload_digest, payload_json, payload_of
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.treatment import BlockStarted, ProtocolChosen
from workflow.domain.facts.types import FACT_TYPES, rank

# contract §4, written off by hand; what is missing here is "the rest".
DAY_ORDER = [
    "patient_registered",
    "care_resumed",
    "relapse_diagnosed",
    "findings_recorded",
    "protocol_chosen",
    "block_completed",
    "block_ended",
    "block_deferred",
    "block_decision",
    "mrd_sampled",
    "response_assessed",
    "mrd_reported",
    "mrd_not_available",
    "reinduction_failed",
    "consolidation_decided",
    "hsct_cancelled",
    "donor_search_started",
    "donor_found",
    "donor_search_failed",
    "block_started",
    "conditioning_started",
    "transplanted",
    "intensive_chemotherapy_completed",
    "local_therapy_given",
    "local_therapy_postponed",
    "maintenance_started",
    "maintenance_completed",
    "second_malignancy_diagnosed",
    "treatment_intent_changed",
    "site_changed",
    "appointment_booked",
    "THE_REST",
    "therapy_interrupted",
    "therapy_resumed",
    "note_added",
    "lost_to_follow_up",
    "withdrawn",
    "died",
]


def test_the_types_of_one_day_stand_in_the_contracts_order() -> None:
    assert sorted(DAY_ORDER, key=rank) == DAY_ORDER
    assert len({rank(name) for name in DAY_ORDER}) == len(DAY_ORDER)


def test_every_type_that_the_order_does_not_name_shares_one_place() -> None:
    rest = {name for name in FACT_TYPES if name not in DAY_ORDER}

    assert {rank(name) for name in rest} == {rank("THE_REST")}
    assert {"counts_recorded", "donor_lost", "confirmed"} <= rest


def test_facts_stand_by_day_then_rank_then_lineage_and_the_registration_first() -> None:
    registration = a_registration(date(2026, 6, 4))
    start = a_fact("block_started", "2025-02-10", seq=2)
    completion = a_fact("block_completed", "2025-02-10", seq=3)
    earlier = a_fact("note_added", "2025-02-09", seq=4)
    corrected = a_fact("note_added", "2025-02-09", seq=9, lineage=3)

    ordered = sorted([start, completion, earlier, corrected, registration], key=lambda fact: fact.order)
    assert ordered == [registration, corrected, earlier, completion, start]


def test_a_fact_is_named_by_its_number() -> None:
    assert a_fact("note_added", "2025-02-09", seq=18).id == "f18"
    assert fact_id(1) == "f1"


@pytest.mark.parametrize(
    ("code", "unconfirmed"),
    [("given_as_ordered", True), ("imported_unconfirmed", True), ("clinical_decision", False), (None, False)],
)
def test_what_a_nurse_or_an_import_passed_waits_for_a_countersignature(code: str | None, unconfirmed: bool) -> None:
    fact = a_fact("block_started", "2025-02-09", seq=5)
    assert replace(fact, override=Override(code=code) if code else None).unconfirmed is unconfirmed


def test_a_payload_is_given_as_the_kind_its_type_has() -> None:
    fact = a_fact("block_started", "2025-02-09", seq=5)

    assert payload_of(fact, BlockStarted).element == "R1"
    with pytest.raises(TypeError, match="a block_started carries no ProtocolChosen"):
        payload_of(fact, ProtocolChosen)


def test_a_payload_is_stored_as_canonical_text() -> None:
    deferred = read_payload(
        "block_deferred", {"review_on": "2025-03-01", "causes": [{"code": "infection"}], "element": "R2"}
    )

    assert payload_json(deferred) == '{"causes":[{"code":"infection"}],"element":"R2","review_on":"2025-03-01"}'
    assert payload_json(read_payload("block_deferred", {"causes": [], "until": None})) == "{}"
    assert payload_json(read_payload("block_decision", {"reason": "läuft", "continue": True})) == (
        '{"continue":true,"reason":"läuft"}'
    )
    assert payload_digest("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_an_import_knows_a_fact_by_type_day_and_data_and_not_by_note_certainty_or_override() -> None:
    plain = a_draft("block_started", "2025-02-09")
    overridden = a_draft("block_started", "2025-02-09", override=OVERRIDE, **LEAST["block_started"])
    other = a_draft("block_started", "2025-02-09", element="R2")
    known, again, different = (
        natural_identity(draft.type, draft.occurred_on, payload_json(draft.data))
        for draft in (plain, overridden, other)
    )

    assert known == again
    assert known != different
