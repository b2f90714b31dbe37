"""Which protocol version a choice means on its day, and why one may not be chosen."""

from collections.abc import Iterator

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.treatment import ProtocolChosen
from workflow.protocols.model import Protocol
from workflow.rules.judgement import Caution, Circumstances

_FIELD = "data.protocol"


def version_chosen(draft: FactDraft, given: Circumstances) -> Protocol | None:
    """Return the version that a choice pins, by its name and its own day; None for every other fact."""
    if not isinstance(draft.data, ProtocolChosen):
        return None
    return given.protocols.named(draft.data.protocol, draft.occurred_on)


def not_to_be_chosen(draft: FactDraft, given: Circumstances) -> Refusal | None:
    """Return why this choice cannot be recorded, or None: unknown, not in force yet, offered no more, not released.

    In a rehearsal a draft may be chosen.
    """
    if not isinstance(draft.data, ProtocolChosen):
        return None
    version = version_chosen(draft, given)
    if version is None:
        return _means_nothing(draft.data.protocol, draft, given)
    if version.sha256 in given.protocols.withdrawn:
        return _offered_no_more(version.ref, given)
    if version.sha256 in given.protocols.drafts and not given.rehearsal:
        return _not_released(version, given.protocols.drafts[version.sha256])
    return None


def of_the_version(draft: FactDraft, given: Circumstances) -> Iterator[Caution]:
    """Yield what is to be known of the version chosen: a draft, in a rehearsal alone, or named before its first day."""
    version = version_chosen(draft, given)
    if version is None:
        return
    if version.sha256 in given.protocols.drafts:
        lacks = _signatures(given.protocols.drafts[version.sha256])
        yield Caution("protocol_is_draft", f"{version.ref} is a draft: it lacks {lacks}. It can be chosen here only.")
    if version.in_force_from is not None and draft.occurred_on < version.in_force_from:
        yield Caution(
            "not_in_force_yet",
            f"{version.ref} is in force from {version.in_force_from} on, and it is chosen for {draft.occurred_on}: "
            "intended? The id alone means what was in force on that day.",
        )


def _means_nothing(name: str, draft: FactDraft, given: Circumstances) -> Refusal:
    offered = given.protocols.offered(name)
    if offered:
        refs = ", ".join(version.ref for version in offered)
        return Refusal(
            code="protocol_not_in_force",
            title="Not in force yet",
            detail=f"{_FIELD}: no version of {name} was in force on {draft.occurred_on}; name one: {refs}.",
            status=422,
            field=_FIELD,
        )
    if name in given.protocols.ids:
        return _offered_no_more(name, given)
    known = ", ".join(given.protocols.ids)
    return Refusal(
        code="unknown_protocol",
        title="Unknown protocol",
        detail=f"{_FIELD} is not a protocol here; known: {known} (or id@version).",
        status=422,
        field=_FIELD,
    )


def _offered_no_more(name: str, given: Circumstances) -> Refusal:
    ids = (known for known in given.protocols.ids if given.protocols.offered(known))
    return Refusal(
        code="protocol_not_offered",
        title="Offered no more",
        detail=f"{_FIELD}: {name} is kept for the courses that follow it and is offered no more: neither this release "
        f"nor the folder COURSEWATCH_PROTOCOLS has it. Offered: {', '.join(ids)}.",
        field=_FIELD,
    )


def _not_released(version: Protocol, missing: tuple[str, ...]) -> Refusal:
    return Refusal(
        code="protocol_not_released",
        title="Not released",
        detail=f"{_FIELD}: {version.ref} is a draft: it lacks {_signatures(missing)}. Two different people sign "
        f"exactly this text: POST /api/v1/protocols/{version.ref}/signatures with its sha256 {version.sha256}, or "
        f"`coursewatch protocol sign {version.ref} --as {missing[0]}`.",
        field=_FIELD,
    )


def _signatures(missing: tuple[str, ...]) -> str:
    return " and ".join(f"the signature of its {part}" for part in missing)
