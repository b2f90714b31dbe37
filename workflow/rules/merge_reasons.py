"""Naming, for rows that are refused only because earlier ones were, those earlier rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.domain.facts.base import Payload
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION, rank
from workflow.domain.patient import PatientState
from workflow.protocols.model import Protocols
from workflow.rules.candidates import Place, place_of
from workflow.rules.fold import effective, replay
from workflow.rules.left_out import LeftOut

NOT_POSSIBLE = "not_possible_in_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A refused row as far as it can be read: `data` None where its payload cannot."""

    row: int
    code: str
    type: str
    occurred_on: date | None
    data: Payload | None = None


def because_of(
    facts: Iterable[Fact], refused: Sequence[RefusedRow], protocols: Protocols
) -> dict[int, tuple[int, ...]]:
    """Return, for each row that another refused row explains, the rows to mend first.

    `facts` are all that the patient has now, the accepted rows among them.
    """
    if len(refused) < 2 or all(row.code != NOT_POSSIBLE for row in refused):  # noqa: PLR2004 -- one row and its cause
        return {}
    left_out = LeftOut()
    for row in refused:
        if row.occurred_on is None:
            left_out.refused_undated(row.row, row.type)
    named: dict[int, tuple[int, ...]] = {}
    upcoming = sorted(((_place(row, row.occurred_on), row) for row in refused if row.occurred_on), key=lambda at: at[0])
    state: PatientState | None = None
    for moment in replay(effective(facts), protocols):
        while state is not None and upcoming and upcoming[0][0] < place_of(moment.fact):
            _leave_out(left_out, upcoming.pop(0)[1], state, named)
        state = moment.after
        left_out.taken(moment.fact.type, moment.fact.data, state.state)
    for _, row in upcoming:
        assert state is not None, "replaying yields the registration at least"
        _leave_out(left_out, row, state, named)
    return named


def _leave_out(left_out: LeftOut, row: RefusedRow, state: PatientState, named: dict[int, tuple[int, ...]]) -> None:
    if row.code != NOT_POSSIBLE:
        left_out.refused(row.row, row.type, row.data, state.state)
        return
    because = left_out.not_possible(row.row, row.type, row.data, state.state)
    if because:
        named[row.row] = because


def _place(row: RefusedRow, occurred_on: date) -> Place:
    return (0 if row.type == REGISTRATION else 1, occurred_on, rank(row.type), 1, row.row)
