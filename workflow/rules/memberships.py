"""Which sites care for a patient: read from the changes of site that count, the same way for every path of writing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.registration import PatientRegistered, SiteChanged
from workflow.domain.patient import PatientState
from workflow.rules.fold import effective


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCare:
    """A site that shares the care until the end of a day (None: until further notice).

    `agreed_with` treated the patient when that was agreed: the day ends by its time zone.
    """

    site: str
    agreed_with: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Care:
    """The site that treats a patient, and those that share the care; some of these may have ended by now."""

    treating: str
    shared: tuple[SharedCare, ...] = ()


def care_of(facts: Iterable[Fact], state: PatientState) -> Care:
    """Return who cares for a patient; `facts` is every version of every fact, `state` their fold.

    A transfer ends the care of the site that treated before and leaves what is shared with others. A change of site
    that has lost its step in the chart counts all the same: who treats the patient has to mend it.
    """
    treating = state.registration.site
    shared: dict[str, SharedCare] = {}
    for fact in effective(facts):
        if isinstance(fact.data, PatientRegistered):
            treating = fact.data.site
        elif isinstance(fact.data, SiteChanged):
            to = fact.data.to
            shared.pop(to, None)
            if fact.data.role == "transfer":
                treating = to
            elif to != treating:
                shared[to] = SharedCare(site=to, agreed_with=treating, until=fact.data.until)
    return Care(state.registration.site, tuple(shared.values()))


def care_may_change(before: PatientState, after: PatientState, new: Iterable[Fact]) -> bool:
    """Whether new facts can have changed who cares: a change of site, or of where the patient was registered."""
    return before.registration.site != after.registration.site or any(
        isinstance(fact.data, SiteChanged | PatientRegistered) for fact in new
    )


def end_of(day: date, time_zone: str) -> datetime:
    """Return the instant, in UTC, at which a day is over in an IANA time zone."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(time_zone)).astimezone(UTC)


def already_treating(state: PatientState, draft: FactDraft) -> Refusal | None:
    """Return the refusal of a change of site to the very site that treats the patient, or None."""
    if not isinstance(draft.data, SiteChanged) or draft.data.to != state.registration.site:
        return None
    return Refusal(
        code="already_treating",
        title="Treated there already",
        detail=f"data.to is the site that treats the patient on {draft.occurred_on}; name the other site, "
        "the one that the patient goes to or that shares the care.",
        status=422,
        field="data.to",
    )
