"""The one machine answers alone from its arguments: for any type, for every state, from many threads."""

from concurrent.futures import ThreadPoolExecutor

from tests.spec.chart_paths import reach
from workflow.domain.chart import STATES, TRANSITIONS
from workflow.domain.facts.read import read_payload
from workflow.protocols.checks.chart import chart_problems
from workflow.rules.machine import GUARDS, destinations, fire, possible_facts


def test_a_type_that_the_chart_does_not_know_has_no_arrow() -> None:
    state = reach("mrd_check").state
    note = read_payload("note_added", {"text": "seen"})

    assert fire(state, "patient_registered", note) is None
    assert fire(state, "to_deceased", note) is None
    assert fire(state, "", note) is None


def test_every_guard_named_by_the_chart_exists_and_is_used() -> None:
    named = {name.partition(":")[0] for arrow in TRANSITIONS for name in arrow.when}
    assert named == set(GUARDS)


def test_the_chart_holds_together() -> None:
    assert chart_problems() == []


def test_eight_threads_get_the_same_answers_as_one() -> None:
    patients = {state: reach(state).state for state in STATES}
    died = read_payload("died", {})

    def answers(_: int) -> list[str | None]:
        fired = (fire(patient, "died", died) for patient in patients.values())
        return [arrow.dest if arrow else None for arrow in fired]

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(answers, range(64)))
    assert all(answer == told[0] for answer in told)
    assert told[0].count("deceased") == len(STATES) - 1


def test_where_a_fact_can_lead_depends_on_the_patient_and_what_it_will_say() -> None:
    assert set(destinations(reach("mrd_check").state, "consolidation_decided")) == {
        "hsct.preparation",
        "consolidation.recovery",
        "bridging.recovery",
    }
    assert destinations(reach("mrd_check").state, "block_started") == ("consolidation.block",)
    assert destinations(reach("registered").state, "block_started") == ()
    assert destinations(reach("registered").state, "response_assessed") == ()
    assert destinations(reach("lost_to_follow_up").state, "care_resumed") == ("mrd_check",)


def test_after_death_only_papers_are_possible() -> None:
    assert set(possible_facts("deceased")) == {
        "note_added",
        "delay_explained",
        "confirmed",
        "owner_changed",
        "contact_recorded",
    }
