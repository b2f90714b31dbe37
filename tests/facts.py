"""Builders of drafts, facts and one patient's file, so that a test says only what matters to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflow.domain.errors import Refusal
from workflow.domain.facts.base import Payload
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.read import read_fact, read_payload
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role, role_needed_for
from workflow.domain.windows import Window
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocols
from workflow.rules.fold import fold
from workflow.rules.judgement import Accepted, Circumstances, Outcome, Stamp
from workflow.rules.record import as_fact, record

DIAGNOSED_ON = date(2022, 3, 1)
RELAPSED_ON = date(2025, 1, 6)
TODAY = date(2026, 6, 30)
PROTOCOL = "all-rez-bfm-2002"
FIRST_INSTANT = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
REGISTERED: dict[str, Any] = {
    "pseudonym": "ALL-0007",
    "site": "berlin",
    "diagnosis_date": DIAGNOSED_ON.isoformat(),
    "phenotype": "BCP",
    "frontline_end_date": "2024-03-01",
    "sex": "female",
}
OVERRIDE = {"code": "clinical_decision", "reason": "decided at the tumour board"}
AS_ORDERED = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}
MRD: dict[str, Any] = {
    "timepoint": "AFTER_INDUCTION_COURSE_2",
    "method": "PCR",
    "sample_on": RELAPSED_ON.isoformat(),
    "unit": "fraction",
    "value": "0.0005",
}
# What each fact type carries at least (contract §3.2); `confirmed` and `delay_explained` name what is on file.
LEAST: dict[str, dict[str, Any]] = {
    "relapse_diagnosed": {"relapse_site": "isolated_bm"},
    "findings_recorded": {"cns_mass": False},
    "protocol_chosen": {"protocol": PROTOCOL},
    "block_started": {"element": "R1"},
    "delay_explained": {"window": "1:TR-001:f4", "segments": [{"code": "infection", "days": 1}]},
    "confirmed": {"fact": "f2"},
    "owner_changed": {"actor": "treating_doctor"},
    "contact_recorded": {"on": RELAPSED_ON.isoformat()},
    "block_completed": {"given": "as_planned"},
    "block_decision": {"continue": True, "reason": "in good condition"},
    "block_ended": {"element": "R2", "end": "omitted", "reason": "organ toxicity"},
    "block_deferred": {},
    "counts_recorded": {},
    "toxicity_recorded": {"kind": "mucositis"},
    "mrd_not_available": {"timepoint": "AFTER_INDUCTION_COURSE_2"},
    "therapy_interrupted": {},
    "therapy_resumed": {},
    "hsct_postponed": {"reason": "infection"},
    "treatment_intent_changed": {"intent": "palliative"},
    "site_changed": {"to": "hamburg"},
    "response_assessed": {"marrow_blasts_percent": 1, "final": True},
    "mrd_sampled": {"timepoint": "PRE_HSCT", "method": "FLOW", "sample_on": RELAPSED_ON.isoformat()},
    "mrd_reported": MRD,
    "consolidation_decided": {"decision": "hsct"},
    "donor_search_started": {},
    "donor_found": {},
    "donor_lost": {},
    "donor_search_failed": {},
    "conditioning_started": {},
    "transplanted": {},
    "hsct_cancelled": {"reason": "no donor"},
    "intensive_chemotherapy_completed": {},
    "local_therapy_given": {"target": "cns", "kind": "irradiation"},
    "local_therapy_postponed": {"reason": "after maintenance"},
    "maintenance_started": {},
    "maintenance_completed": {},
    "reinduction_failed": {},
    "appointment_booked": {"for": "block_started", "on": TODAY.isoformat()},
    "second_malignancy_diagnosed": {},
    "died": {},
    "lost_to_follow_up": {},
    "withdrawn": {},
    "care_resumed": {},
    "note_added": {"text": "seen in clinic"},
}


def after_relapse(days: int) -> date:
    """Return the date so many days after the relapse of these builders."""
    return RELAPSED_ON + timedelta(days=days)


def a_draft(
    fact_type: str, on: date | str, /, *, override: Mapping[str, object] | None = None, **data: object
) -> FactDraft:
    """Return a draft read as from outside; `data` replaces the least data, with `for_` and the like for keywords."""
    carried = {name.removesuffix("_"): value for name, value in data.items()}
    raw: dict[str, object] = {
        "type": fact_type,
        "occurred_on": str(on),
        "data": carried or dict(LEAST.get(fact_type, {})),
    }
    return read_fact(raw if override is None else raw | {"override": dict(override)})


def a_registration(on: date = RELAPSED_ON, /, **changes: object) -> Fact:
    """Return the first fact of a patient."""
    data = read_payload(REGISTRATION, dict(REGISTERED) | changes)
    return a_fact(REGISTRATION, on, data, seq=1)


def a_fact(
    fact_type: str, on: date | str, data: Payload | None = None, *, seq: int, lineage: int | None = None
) -> Fact:
    """Return a recorded fact without asking whether it could be recorded."""
    return Fact(
        seq=seq,
        lineage=lineage or seq,
        type=fact_type,
        occurred_on=date.fromisoformat(str(on)),
        data=read_payload(fact_type, dict(LEAST[fact_type])) if data is None else data,
        recorded_at=FIRST_INSTANT + timedelta(minutes=seq),
        recorded_by="ward_nurse",
    )


@dataclass
class PatientFile:
    """One patient as the store keeps them: every fact, and the snapshot that grows with each recording."""

    facts: list[Fact]
    state: PatientState
    protocols: Protocols = field(default_factory=shipped)
    today: date = TODAY

    def copy(self) -> "PatientFile":
        """Return a file that can be written on without changing this one."""
        return replace(self, facts=list(self.facts))

    def open_window(self, rule: str) -> Window | None:
        """Return the open window of a rule; there is at most one."""
        return next((window for window in self.state.open_windows if window.rule == rule), None)

    def propose(
        self, draft: FactDraft, role: Role | None = None, *, importing: bool = False, keep_conflicts: bool = False
    ) -> Outcome:
        """Return what recording would answer to a clinician, or to whoever else the fact needs; nothing is written."""
        role = role or max(Role.CLINICIAN, role_needed_for(draft.type))
        given = self._given(role, importing=importing, keep_conflicts=keep_conflicts)
        return record(self.state, draft, self._stamp(role), given, self.facts)

    def keep(self, accepted: Accepted) -> Accepted:
        """Write what was accepted."""
        self.facts.append(accepted.fact)
        self.state = accepted.after
        return accepted

    def supersede(self, target: Fact, draft: FactDraft) -> Fact:
        """Write a new version of `target` as the draft says, and fold anew."""
        stamp = self._stamp(Role.CLINICIAN)
        return self._corrected(replace(as_fact(draft, stamp, self._given()), operation="supersede"), target)

    def void(self, target: Fact) -> Fact:
        """Write that `target` was entered in error, and fold anew."""
        return self._corrected(replace(target, operation="void"), target)

    def _corrected(self, version: Fact, target: Fact) -> Fact:
        stamp = self._stamp(Role.CLINICIAN)
        version = replace(
            version, seq=stamp.seq, lineage=target.lineage, target_seq=target.seq, recorded_at=stamp.recorded_at
        )
        self.facts.append(version)
        self.state = fold(self.facts, self.protocols)
        return version

    def _stamp(self, role: Role) -> Stamp:
        seq = len(self.facts) + 1
        return Stamp(seq=seq, recorded_at=FIRST_INSTANT + timedelta(minutes=seq), recorded_by=role.label)

    def _given(
        self, role: Role = Role.CLINICIAN, *, importing: bool = False, keep_conflicts: bool = False
    ) -> Circumstances:
        return Circumstances(
            role=role,
            today=self.today,
            protocols=self.protocols,
            importing=importing,
            keep_conflicts=keep_conflicts,
        )

    def add(
        self,
        fact_type: str,
        on: date | str,
        /,
        *,
        role: Role | None = None,
        override: Mapping[str, object] | None = None,
        **data: object,
    ) -> Accepted:
        """Record a fact that must be accepted."""
        outcome = self.propose(a_draft(fact_type, on, override=override, **data), role)
        assert isinstance(outcome, Accepted), outcome
        return self.keep(outcome)

    def refused(
        self,
        fact_type: str,
        on: date | str,
        /,
        *,
        role: Role | None = None,
        override: Mapping[str, object] | None = None,
        **data: object,
    ) -> Refusal:
        """Return the refusal of a fact that must be refused."""
        outcome = self.propose(a_draft(fact_type, on, override=override, **data), role)
        assert isinstance(outcome, Refusal), outcome
        return outcome


def a_registered_patient(protocols: Protocols | None = None, /, **changes: object) -> PatientFile:
    """Return a patient known to the program, without a relapse."""
    known = shipped() if protocols is None else protocols
    facts = [a_registration(**changes)]
    return PatientFile(facts, fold(facts, known), known)


def a_relapsed_patient(**changes: object) -> PatientFile:
    """Return a patient with a first relapse on RELAPSED_ON whose protocol is chosen."""
    file = a_registered_patient(**changes)
    file.add("relapse_diagnosed", RELAPSED_ON)
    file.add("protocol_chosen", RELAPSED_ON)
    return file


def a_running_block(started_on: date | str, element: str = "R1") -> PatientFile:
    """Return a relapsed patient whose first block (fact f4) runs."""
    file = a_relapsed_patient()
    file.add("block_started", started_on, element=element)
    return file
