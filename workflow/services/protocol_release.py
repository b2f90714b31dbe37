"""The release of an installation's own protocols: two people sign exactly one text before any course may follow it."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection

from workflow.domain.actor import Actor
from workflow.domain.errors import Refusal
from workflow.domain.facts.base import Text
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.read import read_model
from workflow.domain.roles import Role
from workflow.persistence.errors import IdempotencyKeyTakenError, PartSignedError, SignedByThemError
from workflow.persistence.patient_writes import remember_answer
from workflow.persistence.protocol_signatures import Part, Signature, list_signatures, store_signature
from workflow.persistence.unit_of_work import UnitOfWork, writing
from workflow.protocols.files.beginning import PLACEHOLDER
from workflow.protocols.model import Drafts, Protocol, Protocols
from workflow.services import answers
from workflow.services.errors import NotFoundError, RefusedError
from workflow.services.house import NOT_ONCE, Answer, House, Once, require_role_everywhere
from workflow.services.repeated_requests import first_answer, stored_answer

_CHOICE = "protocol_chosen"
PARTS: tuple[Part, ...] = ("author", "approver")
_SHA256 = r"^[0-9a-f]{64}$"


def _read_sha256(text: str) -> str:
    if not re.fullmatch(_SHA256, text):
        message = "must be 64 hex digits, from `coursewatch protocol show ID` or GET /api/v1/protocols/{ref}"
        raise PydanticCustomError("sha256_format", message)
    return text


class SignatureRequest(BaseModel):
    """Which part of the release is signed, and the hash of exactly the text that was read."""

    model_config = ConfigDict(extra="forbid", strict=True)
    part: Annotated[Part, Field(description="author: wrote it or answers for its content; approver: another person.")]
    sha256: Annotated[
        str,
        AfterValidator(_read_sha256),
        Field(description="Of the text, as the protocol shows.", json_schema_extra={"pattern": _SHA256}),
    ]
    note: Annotated[Text | None, Field(description="What was checked, against which document.")] = None


def sign(house: House, actor: Actor, ref: str, raw: Mapping[str, object], *, once: Once = NOT_ONCE) -> Answer:
    """Sign a protocol version (`id@version`) as its author or its approver: 201 with its release.

    Raises NotAllowedError below a clinician for all sites, NotFoundError, InvalidInputError, IdempotencyMismatchError,
    and RefusedError where the text is another one or still holds a PLACEHOLDER, the part is signed, or the same person
    signed the other part.
    """
    require_role_everywhere(actor, Role.CLINICIAN)
    wanted = read_model(SignatureRequest, raw)
    protocol = version_called(house.protocols, ref)
    try:
        return _signed(house, actor, protocol, wanted, once)
    except (IdempotencyKeyTakenError, PartSignedError, SignedByThemError):
        # Somebody else was first by a moment; now that is seen, and answered as what it is.
        return _signed(house, actor, protocol, wanted, once)


def version_called(protocols: Protocols, ref: str) -> Protocol:
    """Return the version called `id@version`, never by its id alone; raises NotFoundError naming those there are."""
    protocol = protocols.named(ref)
    if protocol is None or protocol.ref != ref:
        known = ", ".join(version.ref for version in protocols.versions)
        raise NotFoundError(f"no such protocol version; known: {known}")
    return protocol


def protocols_for(house: House, connection: Connection, drafts: Iterable[FactDraft | None]) -> Protocols:
    """Return the protocols that these drafts are judged with; a choice, as they are released at this moment.

    Whichever process took the signatures. Costs a statement for a choice where the installation has protocols of its
    own, and nothing elsewhere.
    """
    if not house.protocols.drafts or all(draft is None or draft.type != _CHOICE for draft in drafts):
        return house.protocols
    return released_by(house.protocols, list_signatures(connection))


def released_by(protocols: Protocols, signatures: Iterable[Signature]) -> Protocols:
    """Return the protocols of which those are drafts that lack one of these signatures."""
    signed = {(signature.sha256, signature.part) for signature in signatures}
    missing = {sha: tuple(part for part in PARTS if (sha, part) not in signed) for sha in protocols.drafts}
    drafts: Drafts = {sha: parts for sha, parts in missing.items() if parts}
    return Protocols(protocols.versions, withdrawn=protocols.withdrawn, drafts=drafts)


def who_signed(signatures: Iterable[Signature]) -> Mapping[str, str]:
    """Return who signed which part and when, in words, by the content hash of what was signed."""
    found: dict[str, list[str]] = {}
    for signature in signatures:
        said = f"{signature.actor_id} as its {signature.part} on {signature.signed_at:%Y-%m-%d at %H:%M} UTC"
        found.setdefault(signature.sha256, []).append(said)
    return {sha256: " and ".join(said) for sha256, said in found.items()}


def standing(house: House, protocol: Protocol, signatures: Iterable[Signature]) -> answers.Shape:
    """Return how a version stands in this installation: whether it is offered, and its release."""
    offered = protocol.sha256 not in house.protocols.withdrawn
    return {"offered": offered, "release": release_shape(house, protocol, signatures)}


def release_shape(house: House, protocol: Protocol, signatures: Iterable[Signature]) -> answers.Shape:
    """Return whether a version may be chosen, who released it and when."""
    signed = {signature.part: signature for signature in signatures if signature.sha256 == protocol.sha256}
    own = protocol.sha256 in house.protocols.drafts
    status = "shipped" if not own else "released" if len(signed) == len(PARTS) else "draft"
    return {"status": status, **{part: _signature_shape(signed.get(part)) for part in PARTS}}


def _signed(house: House, actor: Actor, protocol: Protocol, wanted: SignatureRequest, once: Once) -> Answer:
    with writing(house.database, actor) as unit:
        answer = first_answer(unit, actor, once)
        if answer is not None:
            return answer
        _require_signable(unit, protocol, wanted)
        signature = Signature(
            sha256=protocol.sha256,
            part=wanted.part,
            actor_id=actor.id,
            signed_at=unit.instant(),
            note=wanted.note,
        )
        store_signature(unit.connection, signature)
        release = release_shape(house, protocol, list_signatures(unit.connection))
        shape: answers.Shape = {"protocol": protocol.ref, "sha256": protocol.sha256, "release": release}
        answer = Answer(201, answers.to_json(shape))
        stored = stored_answer(actor, once, answer)
        if stored is not None:
            remember_answer(unit.connection, stored, unit.instant())
        unit.note("sign_protocol")
        return answer


def _require_signable(unit: UnitOfWork, protocol: Protocol, wanted: SignatureRequest) -> None:
    if wanted.sha256 != protocol.sha256:
        raise RefusedError(_another_text(protocol))
    unwritten = [str(line) for line, text in enumerate(protocol.body.splitlines(), start=1) if PLACEHOLDER in text]
    if unwritten:
        raise RefusedError(_still_to_be_written(protocol, unwritten))
    for known in list_signatures(unit.connection):
        if known.sha256 != protocol.sha256:
            continue
        if known.part == wanted.part:
            raise RefusedError(_signed_already(protocol, known))
        if known.actor_id == unit.actor.id:
            raise RefusedError(_second_person_needed(protocol, known))


def _another_text(protocol: Protocol) -> Refusal:
    return Refusal(
        code="another_text",
        title="Another text",
        detail=f"sha256 is not that of {protocol.ref} here, which is {protocol.sha256}; read that text, then sign it.",
        field="sha256",
    )


def _still_to_be_written(protocol: Protocol, lines: list[str]) -> Refusal:
    return Refusal(
        code="placeholder_left",
        title="Not written to its end",
        detail=f"{protocol.ref} still says {PLACEHOLDER} in line{'s' if len(lines) > 1 else ''} {', '.join(lines)} of "
        "its protocol.toml: write what is stated there, restart, and sign that text.",
        field="sha256",
    )


def _signed_already(protocol: Protocol, known: Signature) -> Refusal:
    return Refusal(
        code="already_signed",
        title="Signed already",
        detail=f"{known.actor_id} signed {protocol.ref} as its {known.part} at {answers.instant(known.signed_at)}.",
        field="part",
    )


def _second_person_needed(protocol: Protocol, known: Signature) -> Refusal:
    return Refusal(
        code="second_person_needed",
        title="A second person is needed",
        detail=f"{known.actor_id} signed {protocol.ref} as its {known.part}; its release takes two different people.",
        field="part",
    )


def _signature_shape(signature: Signature | None) -> answers.Shape | None:
    if signature is None:
        return None
    return {"actor": signature.actor_id, "signed_at": signature.signed_at, "note": signature.note}
