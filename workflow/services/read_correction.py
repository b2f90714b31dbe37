"""Reading corrections and moves from untrusted data: every problem names the field, the rule and the way out."""

import re
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.base import Text
from workflow.domain.facts.read import read_fact, read_model
from workflow.rules.changes import Change

MOST_AT_ONCE = 500
_FACT_ID = r"^f[1-9][0-9]{0,8}$"


def _fact_id(text: str) -> str:
    if not re.fullmatch(_FACT_ID, text):
        raise PydanticCustomError("fact_id", "must be the id of a fact, like f6")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "must say why; it stays readable for ever")
    return text


FactIdText = Annotated[
    str,
    AfterValidator(_fact_id),
    Field(description="A fact's id within its patient.", json_schema_extra={"pattern": _FACT_ID}),
]
Reason = Annotated[Text, AfterValidator(_said)]


def _patient_id(value: object) -> UUID:
    try:
        return UUID(value) if isinstance(value, str) else UUID("")
    except ValueError:
        raise PydanticCustomError(
            "patient_id", "must be the patient's id, not the pseudonym; POST /patients/search tells it"
        ) from None


PatientId = Annotated[UUID, BeforeValidator(_patient_id, json_schema_input_type=UUID)]


class Correction(BaseModel):
    """One version superseded by `fact`, or voided; the reason stays readable for ever."""

    model_config = ConfigDict(extra="forbid", strict=True)
    supersedes: FactIdText | None = None
    voids: FactIdText | None = None
    reason: Reason
    fact: dict[str, object] | None = None


class CorrectionBatch(BaseModel):
    """Corrections that stand or fall together."""

    model_config = ConfigDict(extra="forbid", strict=True)
    corrections: Annotated[list[dict[str, object]], Field(min_length=1, max_length=MOST_AT_ONCE)]
    keep_conflicts: bool = False


class Move(BaseModel):
    """Facts that were entered for the wrong patient, and whose they are."""

    model_config = ConfigDict(extra="forbid", strict=True)
    from_: Annotated[PatientId, Field(alias="from", description="The patient they were entered for.")]
    to: Annotated[PatientId, Field(description="The patient whose they are.")]
    facts: Annotated[list[FactIdText], Field(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Reason
    keep_conflicts: bool = False


def read_corrections(raw: Mapping[str, object]) -> tuple[Change, ...]:
    """Read one correction or a batch of them; raises InvalidInputError with every problem found."""
    if "corrections" not in raw:
        return (_read(_without(raw, "keep_conflicts"), at=""),)
    misplaced = [name for name in Correction.model_fields if name in raw]
    if misplaced:
        raise InvalidInputError([Problem(name, "extra_forbidden", _belongs(name)) for name in misplaced])
    batch = read_model(CorrectionBatch, raw)
    changes: list[Change] = []
    problems: list[Problem] = []
    for place, each in enumerate(batch.corrections):
        try:
            changes.append(_read(each, at=f"corrections.{place}"))
        except InvalidInputError as invalid:
            problems += invalid.problems
    if problems:
        raise InvalidInputError(problems)
    return tuple(changes)


def read_move(raw: Mapping[str, object]) -> Move:
    """Read a move of facts from one patient to another; raises InvalidInputError."""
    move = read_model(Move, raw)
    if move.from_ == move.to:
        raise InvalidInputError([Problem("to", "same_patient", "to is the patient that the facts stand at already")])
    if len(set(move.facts)) < len(move.facts):
        raise InvalidInputError([Problem("facts", "repeated", "facts names a fact more than once; name it once")])
    return move


def seq_of(fact_id: str) -> int:
    """Return the sequence number of a fact's id."""
    return int(fact_id.removeprefix("f"))


def _read(raw: Mapping[str, object], *, at: str) -> Change:
    correction = read_model(Correction, raw, at=at)
    problems = _contradictions(correction, at)
    if problems:
        raise InvalidInputError(problems)
    draft = None
    if correction.fact is not None:
        try:
            draft = read_fact(correction.fact)
        except InvalidInputError as invalid:
            raise InvalidInputError([problem.within(_path(at, "fact")) for problem in invalid.problems]) from None
    target = correction.supersedes or correction.voids or ""
    return Change(draft=draft, target=seq_of(target), reason=correction.reason, at=at)


def _contradictions(correction: Correction, at: str) -> list[Problem]:
    if (correction.supersedes is None) == (correction.voids is None):
        path = _path(at, "supersedes")
        return [Problem(path, "one_of", f"{path} or voids is required, and not both: which fact is wrong?")]
    path = _path(at, "fact")
    if correction.supersedes is not None and correction.fact is None:
        return [Problem(path, "missing", f"{path} is required with supersedes: how is it right?")]
    if correction.voids is not None and correction.fact is not None:
        return [Problem(path, "not_with_voids", f"{path} goes with supersedes; a void only takes back")]
    return []


def _belongs(name: str) -> str:
    return f"{name} belongs into each of the corrections, not beside them"


def _without(raw: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in raw.items() if key != name}


def _path(at: str, field: str) -> str:
    return f"{at}.{field}" if at else field
