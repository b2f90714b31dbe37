"""What a list shows of a patient without walking the chart, which for a page of past courses would cost the most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from workflow.domain.facts.fact import Fact, payload_of
from workflow.domain.facts.registration import OwnerChanged, PatientRegistered
from workflow.domain.windows import Window
from workflow.protocols.model import Protocols
from workflow.rules.step import contact_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What of the fold depends on no state: every state takes a change of owner, and every fact may be a contact."""

    pseudonym: str
    owner: str | None
    deputy: str | None
    last_contact_on: date | None


def glance(facts: Sequence[Fact]) -> Glance:
    """Return it from the facts that count, in their order, the registration first."""
    owners = [fact.data for fact in facts if isinstance(fact.data, OwnerChanged)]
    contacts = (contact_on(fact) for fact in facts[1:])
    return Glance(
        pseudonym=payload_of(facts[0], PatientRegistered).pseudonym,
        owner=owners[-1].actor if owners else None,
        deputy=owners[-1].deputy if owners else None,
        last_contact_on=max((day for day in contacts if day is not None), default=None),
    )


def as_it_waited(window: Window, later: Sequence[Fact], protocols: Protocols) -> Window | None:
    """Return an open window of a day as it was before the `later` facts; None where only the fold can tell.

    The window is by the thresholds that it had on that day. What came later may have ended it or moved them, which is
    taken back; it may also have met one of several expectations, or moved the review.
    """
    if not later:
        return window
    # Of daily work there is no rule among the protocols: only the fold can tell what was awaited then.
    rule = protocols.rule_of(window.protocol, window.rule)
    if rule is None or len(rule.expects) > 1 or any(fact.type == "block_deferred" for fact in later):
        return None
    awaited = tuple(expectation.label for expectation in rule.expects)
    return replace(window, end=None, ended_on=None, ended_by=None, ended_because=None, expects=awaited)
