"""Where a patient is cared for once facts are recorded: who reads and writes, and what the treating site has set."""

from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.persistence.outcome import LockedPatient, Membership
from workflow.persistence.patient_reads import DEFAULT_TIME_ZONE, load_facts
from workflow.persistence.pseudonyms import carried_by_another
from workflow.persistence.sites import find_site
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.memberships import SharedCare, care_may_change, care_of, end_of


def memberships_after(
    unit: UnitOfWork, locked: LockedPatient, before: PatientState, state: PatientState, new: tuple[Fact, ...]
) -> tuple[Membership, ...] | None:
    """Return who reads and writes from now on, where the new facts can change that; `state` is the patient with them.

    `before` is the patient without them, by the same rules. Shared care that has ended by now is left out.
    """
    if not care_may_change(before, state, new):
        return None
    care = care_of((*load_facts(unit.connection, locked.id), *new), state)
    shared = (_membership(unit, known) for known in care.shared if known.site != care.treating)
    return (
        Membership(site_id=care.treating, role="treating"),
        *(known for known in shared if known.until_at is None or known.until_at > locked.now),
    )


def _membership(unit: UnitOfWork, known: SharedCare) -> Membership:
    if known.until is None:
        return Membership(site_id=known.site, role="shared")
    setting = find_site(unit.connection, known.agreed_with)
    time_zone = setting.time_zone if setting else DEFAULT_TIME_ZONE
    return Membership(site_id=known.site, role="shared", until_at=end_of(known.until, time_zone))


def moves_onto_another(
    unit: UnitOfWork,
    state: PatientState,
    *,
    home: str | None,
    known_as: str | None = None,
    patient_id: str | None,
) -> bool:
    """Whether a patient comes to a site that knows somebody else by their pseudonym.

    Until now they were treated at `home`, and carried the pseudonym `known_as`, where that can have changed.
    """
    site, pseudonym = state.registration.site, state.registration.pseudonym
    if (site, pseudonym) == (home, known_as or pseudonym):
        return False
    return carried_by_another(unit.connection, pseudonym, site, but=patient_id)


def treating_site(unit: UnitOfWork, locked: LockedPatient | None, state: PatientState) -> SitePractice:
    """Return the practice of the site that treats the patient of this state; looked up only where the lock lacks it."""
    site_id = state.registration.site
    if locked is not None and site_id == locked.treating_site:
        return locked.practice
    setting = find_site(unit.connection, site_id)
    return setting.practice if setting else SitePractice(id=site_id, time_zone=DEFAULT_TIME_ZONE)
