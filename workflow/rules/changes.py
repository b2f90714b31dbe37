"""What a correction proposes, and which versions of which facts it may touch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft, Moved, fact_id, payload_json
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role, role_needed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a file: `draft` supersedes version `target`; without a draft it is voided, without target added.

    `target` is a fact's seq. `moved` is the other end where a fact changes patients, `earlier` the fact as entered
    there: its override counts on where a gate asks for one, and a protocol keeps its body. `at` is where the change
    stands in the request.
    """

    draft: FactDraft | None = None
    target: int | None = None
    reason: str | None = None
    earlier: Fact | None = None
    moved: Moved | None = None
    at: str = ""

    @property
    def verb(self) -> str:
        """The field by which a request names the target."""
        return "voids" if self.draft is None else "supersedes"


def placed(refusal: Refusal, change: Change, *, within: str = "fact") -> Refusal:
    """Return a refusal with its field as the request names it."""
    if change.moved is not None:
        return replace(refusal, field=change.at)
    path = ".".join(part for part in (change.at, within, refusal.field) if part)
    return replace(refusal, field=path or None)


def not_correctable(changes: Sequence[Change], facts: Sequence[Fact], role: Role) -> Refusal | None:
    """Return why a version cannot be corrected so by this role, or None; `facts` is every version of every fact."""
    by_seq = {fact.seq: fact for fact in facts}
    seen: set[int] = set()
    for change in changes:
        for refusal in _objections(change, by_seq, seen, role):
            return placed(refusal, change, within="")
        if change.target is not None:
            seen.add(change.target)
    return None


def _objections(change: Change, by_seq: dict[int, Fact], seen: set[int], role: Role) -> Iterator[Refusal]:
    target = by_seq.get(change.target) if change.target is not None else None
    if change.target is not None:
        if target is None:
            yield _refusal(
                "unknown_fact", change, f"{fact_id(change.target)} is no fact of this patient; see the history"
            )
            return
        if change.target in seen:
            yield _refusal("corrected_twice", change, f"{target.id} stands twice in this batch; correct it once")
        yield from _corrected_before(change, target, by_seq)
        yield from _of_another_kind(change, target)
    yield from _role(change, target, role)


def _corrected_before(change: Change, target: Fact, by_seq: dict[int, Fact]) -> Iterator[Refusal]:
    if target.operation == "void":
        yield _refusal(
            "already_corrected",
            change,
            f"{target.id} says that a fact was entered in error; record it anew",
            status=409,
        )
    by = _last_correction(target, by_seq)
    if by is None:
        return
    at = f"{by.recorded_at:%Y-%m-%d %H:%M} UTC"
    if by.moved is not None:
        done, way_out = f"moved to another patient by {by.id}", "correct it there"
    elif by.operation == "void":
        done, way_out = f"voided by {by.id}", "record the fact anew"
    else:
        done, way_out = f"superseded by {by.id}", f"read it, and correct {by.id} if it is wrong still"
    yield _refusal(
        "already_corrected", change, f"{target.id} was {done} of {by.recorded_by} at {at}; {way_out}", status=409
    )


def _last_correction(target: Fact, by_seq: dict[int, Fact]) -> Fact | None:
    """Return the newest version of a fact that this one was a version of, or None where this is the newest."""
    by_target = {fact.target_seq: fact for fact in by_seq.values() if fact.target_seq is not None}
    by = by_target.get(target.seq)
    while by is not None and by.seq in by_target:
        by = by_target[by.seq]
    return by


def _of_another_kind(change: Change, target: Fact) -> Iterator[Refusal]:
    draft = change.draft
    if draft is None:
        if target.type == REGISTRATION:
            yield _refusal("registration_stays", change, f"{target.id} registers the patient; supersede it instead")
    elif draft.type != target.type:
        way_out = f"void it, and record the {draft.type} as a fact of its own"
        if target.type == REGISTRATION:
            way_out = f"record the {draft.type} as a fact of its own"
        detail = f"{target.id} is a {target.type}; {way_out}"
        yield replace(_refusal("type_differs", change, detail), field="fact.type")
    elif _says_nothing_new(draft, target):
        yield _refusal("changes_nothing", change, f"{target.id} says the same already; change something or leave it")


def _says_nothing_new(draft: FactDraft, target: Fact) -> bool:
    if draft.override not in (None, target.override) or draft.external_id not in (None, target.external_id):
        return False
    return _says(draft) == _says(target)


def _says(fact: Fact | FactDraft) -> tuple[object, ...]:
    return (fact.occurred_on, payload_json(fact.data), fact.certainty, fact.note)


def _role(change: Change, target: Fact | None, role: Role) -> Iterator[Refusal]:
    types = [fact.type for fact in (target, change.draft) if fact is not None]
    needed = max(Role.CLINICIAN, *(role_needed_for(each) for each in types))
    what, field = " and ".join(dict.fromkeys(types)), None
    if change.draft is not None and target is not None and _site(change.draft) != _site(target):
        # Whoever changes where a patient was registered hands them over.
        needed, what, field = max(needed, Role.COORDINATOR), "data.site of the registration", "fact.data.site"
    if role < needed:
        yield Refusal(
            code="role_needed",
            title="Another role is needed",
            detail=f"correcting {what} needs the role {needed.label}; this key has {role.label}.",
            status=403,
            field=field,
        )


def _site(fact: Fact | FactDraft) -> str | None:
    return fact.data.site if isinstance(fact.data, PatientRegistered) else None


def _refusal(code: str, change: Change, detail: str, *, status: int = 422) -> Refusal:
    return Refusal(code=code, title="Not correctable so", detail=f"{detail}.", status=status, field=change.verb)
