"""Holds what people were told against what they asked for and against what is stored."""

from collections.abc import Mapping, Sequence
from random import Random

from tests.integration.races.crowd import Crowd
from tests.integration.races.errands import FACTS_A_PATIENT, Errand, registrations
from tests.integration.races.processes import Hospital
from tests.integration.races.soundness import acts_of, facts_of, kept_keys
from tests.integration.races.wire import Reply

Heard = Mapping[int, Sequence[Reply]]


def registered(opened: Hospital, chance: Random, patients: int, day: str) -> list[str]:
    """Register so many patients, some of them twice at once, and return their ids."""
    crowd = Crowd(opened.ports)
    crowd.carry_out(registrations(chance, patients, day))
    for number, replies in crowd.heard.items():
        assert {reply.status for reply in replies} == {201}, replies
        assert len(set(replies)) == 1, f"registration {number} was answered in two ways"
    return [str(crowd.heard[number][0].json()["id"]) for number in range(patients)]


def require_one_application_each(errands: Sequence[Errand], heard: Heard) -> None:
    """Check the answers: the first again to every repeat, refusals as foreseen, and each version given out once."""
    versions: dict[str, list[int]] = {}
    for errand in errands:
        replies = heard[errand.number]
        assert len(set(replies)) == 1, f"errand {errand.number} ({errand.way.value}) was answered in two ways"
        if errand.refused is not None:
            assert (replies[0].status, refusal_code(replies[0])) == errand.refused
            continue
        assert replies[0].status == 201, replies[0].body
        versions.setdefault(errand.letter.path, []).append(replies[0].version)
    for path, given in versions.items():
        assert sorted(given) == list(range(2, FACTS_A_PATIENT + 2)), path


def refusal_code(reply: Reply) -> str:
    """Return the code of the first field that is wrong, or of the problem."""
    problem = reply.json()
    return str(problem["errors"][0]["code"] if "errors" in problem else problem["code"])


def require_what_was_said_is_stored(
    opened: Hospital, patient_ids: Sequence[str], errands: Sequence[Errand], heard: Heard
) -> None:
    """Check the database: what was accepted stands once, as it was answered, and nothing else."""
    stored = {
        (patient_id, f"f{fact.seq}"): fact
        for patient_id in patient_ids
        for fact in facts_of(opened.house, patient_id)[1:]
    }
    accepted = [errand for errand in errands if errand.refused is None]
    for errand in accepted:
        said = heard[errand.number][0].json()
        fact = stored.pop((errand.letter.path.split("/")[2], said["fact"]["id"]))
        assert (fact.type, str(fact.occurred_on)) == (said["fact"]["type"], said["fact"]["occurred_on"])
        assert fact.seq == said["patient"]["version"]
    assert stored == {}
    keys = kept_keys(opened.house)
    assert {errand.key for errand in accepted} <= keys
    assert {errand.key for errand in errands if errand.key in keys} == {errand.key for errand in accepted}
    recorded, replayed = acts_of(opened.house, "record_fact"), acts_of(opened.house, "replay_answer")
    assert {recorded[patient_id] for patient_id in patient_ids} == {FACTS_A_PATIENT}
    heard_again = sum(len(heard[errand.number]) - 1 for errand in accepted)
    assert sum(replayed[patient_id] for patient_id in patient_ids) >= heard_again > 0
