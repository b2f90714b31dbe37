"""What storage must hold of a patient besides the facts, worked out from them: to check it, or to write it anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.persistence.evidence import SiteHistory
from workflow.persistence.mapping import Columns, window_to_row
from workflow.persistence.rows import state_to_row
from workflow.protocols.model import Protocols
from workflow.rules.known_spans import known_spans
from workflow.rules.silence import silent_from


@dataclass(frozen=True, slots=True)
class Rules:
    """What patients are folded with, the hash of it that their rows name, and what the sites have set, by id."""

    protocols: Protocols
    engine: str
    sites: Mapping[str, SiteHistory]


@dataclass(frozen=True, slots=True)
class KnownRows:
    """A patient as known now, what follows for their row, and the span rows of every knowledge, without ids.

    `instants` is how many transactions recorded something: the patient's version.
    """

    state: PatientState
    patient: Columns
    states: list[Columns]
    windows: list[Columns]
    instants: int


def known_rows(patient_id: str, facts: Sequence[Fact], rules: Rules) -> KnownRows:
    """Return what the facts of a patient call for; raises NotRegisteredError where they register nobody."""
    known = known_spans(facts, rules.protocols)
    return KnownRows(
        state=known.state,
        patient=_patient_columns(known.state, rules),
        states=[
            state_to_row(each.span)
            | {"patient_id": patient_id, "known_from": each.known_from, "known_to": each.known_to}
            for each in known.states
        ],
        windows=[
            window_to_row(each.span)
            | {"patient_id": patient_id, "known_from": each.known_from, "known_to": each.known_to}
            for each in known.windows
        ],
        instants=known.instants,
    )


def _patient_columns(state: PatientState, rules: Rules) -> Columns:
    site = rules.sites.get(state.registration.site)
    return {
        "site_id": state.registration.site,
        "pseudonym": state.registration.pseudonym,
        "owner": state.owner,
        "deputy": state.deputy,
        "last_contact_on": state.last_contact_on,
        "silent_from": silent_from(state, rules.protocols, site.silent_after_days if site else None),
    }
