"""The ledger of a held patient judged: the same for a fact, a correction, an import and a sweep."""

from collections.abc import Callable
from datetime import date

from workflow.domain.alerts import DeadNotice, LedgerChanges
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.windows import Window
from workflow.identifiers import new_id
from workflow.persistence.ledger import load_alerts, load_made_notices
from workflow.persistence.outcome import LockedPatient
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.acts import Act
from workflow.rules.explain import explain
from workflow.rules.judge import any_due, judge, judge_act
from workflow.rules.occasion import Occasion, Side
from workflow.services import answers
from workflow.services.house import House


def judged_ledger(
    house: House,
    unit: UnitOfWork,
    locked: LockedPatient,
    sides: tuple[Side, Side],
    *,
    facts: tuple[Fact, ...] = (),
    dead: tuple[DeadNotice, ...] = (),
) -> LedgerChanges:
    """Return what changes in the ledger of a locked patient known as `sides`: before the new facts, and with them.

    The stored ledger is read only where there is something in it to look at.
    """
    before, after = sides
    needed = locked.open_alerts > 0 or bool(dead) or any_due(sides, locked.now)
    ledger = load_alerts(unit.connection, locked.id) if needed else ()
    return judge(before, after, ledger, _occasion(house, unit, locked, facts=facts, dead=dead))


def acted_ledger(
    house: House, unit: UnitOfWork, locked: LockedPatient, side: Side, act: Act
) -> LedgerChanges | Refusal:
    """Return what an act upon an alert of a locked patient changes, or why it is refused."""
    return judge_act(side, load_alerts(unit.connection, locked.id), _occasion(house, unit, locked), act)


def _occasion(
    house: House,
    unit: UnitOfWork,
    locked: LockedPatient,
    *,
    facts: tuple[Fact, ...] = (),
    dead: tuple[DeadNotice, ...] = (),
) -> Occasion:
    made = load_made_notices(unit.connection, locked.id) if locked.open_alerts > 0 else ()
    return Occasion(
        now=locked.now,
        new_id=new_id,
        prove=_prover(house),
        facts=facts,
        # Other rules have promised something else.
        promised_at=locked.next_due_at if locked.judged_by in {None, house.judged_by} else None,
        made=made,
        dead=dead,
    )


def first_ledger(house: House, state: PatientState, site: SitePractice, facts: tuple[Fact, ...]) -> LedgerChanges:
    """Return the ledger of a patient who was not known before: what an import finds open and passed is raised."""
    occasion = Occasion(now=facts[-1].recorded_at, new_id=new_id, prove=_prover(house), facts=facts)
    return judge(None, Side(state, site), (), occasion)


def _prover(house: House) -> Callable[[Side, Window, date], str]:
    def prove(side: Side, window: Window, on: date) -> str:
        explanation = explain(side.state, window.id, on, house.protocols)
        return answers.to_json(answers.explanation_shape(explanation)) if explanation else "{}"

    return prove
