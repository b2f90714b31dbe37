"""The same request sent again: it gets its first answer, and nothing is done twice."""

import json

from workflow.domain.actor import Actor
from workflow.persistence.outcome import Answer as StoredAnswer
from workflow.persistence.patient_reads import find_answer
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.services.errors import IdempotencyMismatchError
from workflow.services.house import Answer, Once


def first_answer(unit: UnitOfWork, actor: Actor, once: Once, patient_ids: tuple[str, ...] = ()) -> Answer | None:
    """Return what the same request was answered before; raises IdempotencyMismatchError for another request.

    The answer is noted as given again, for these patients, or for the one whose registration is answered.
    """
    stored = find_answer(unit.connection, actor.id, once.key) if once.key else None
    if stored is None:
        return None
    if stored.request_hash != once.request_digest:
        raise IdempotencyMismatchError("this Idempotency-Key was used with another request; send a new key")
    for patient_id in patient_ids or (json.loads(stored.body).get("id"),):
        unit.note("replay_answer", patient_id=patient_id)
    unit.database.tally.note_repeat()
    return Answer(stored.status, stored.body, stored.version)


def stored_answer(actor: Actor, once: Once, answer: Answer) -> StoredAnswer | None:
    """Return what a repeated request is answered from; None where no key was sent."""
    if once.key is None:
        return None
    return StoredAnswer(
        actor_id=actor.id,
        key=once.key,
        request_hash=once.request_digest,
        status=answer.status,
        body=answer.body,
        version=answer.version,
    )
