"""External ids: each names one fact of a patient that stands, and is free again once that fact is voided."""

from collections.abc import Iterable, Sequence

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, fact_id
from workflow.persistence.outcome import NewFact
from workflow.services.errors import RefusedError


def require_free_external_id(fact: Fact, versions: Iterable[Fact], at: str = "") -> None:
    """Raise RefusedError where another fact that stands carries the external id of `fact`.

    `versions` is every version of every fact, the new ones too; `at` is where the fact stands in the request.
    """
    if fact.external_id is None or fact.operation == "void":
        return
    known = list(versions)
    voided = {other.lineage for other in known if other.operation == "void"}
    others = {other.lineage for other in known if other.external_id == fact.external_id} - voided - {fact.lineage}
    if others:
        raise external_id_taken(fact_id(min(others)), at)


def external_id_taken(by: str, at: str = "") -> RefusedError:
    """Return the refusal of an external id that another fact stands under."""
    return RefusedError(
        Refusal(
            code="already_exists",
            title="Already there",
            detail=f"external_id is taken by {by} of this patient; send another external_id, or correct that fact.",
            field=f"{at}.external_id" if at else "external_id",
        )
    )


def key_of(fact: Fact) -> str | None:
    """Return the key by which the database itself keeps an external id unique within its patient."""
    return f"external:{fact.external_id}" if fact.external_id else None


def new_facts(facts: Sequence[Fact], versions: Iterable[Fact] = ()) -> tuple[NewFact, ...]:
    """Return facts to store; an external id that any version carries already keeps the key that it has there."""
    carried = {fact.external_id for fact in versions}
    stored = []
    for fact in facts:
        stored.append(NewFact(fact, None if fact.external_id in carried else key_of(fact)))
        carried.add(fact.external_id)
    return tuple(stored)
