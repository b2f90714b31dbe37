"""Of whom nothing had been heard at a pair of clocks: in SQL what rules.silence tells of the fold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Date, Select, case, cast, func, or_, select, type_coerce, union_all

from workflow.domain.chart import IN_TREATMENT
from workflow.persistence.patients import STATE
from workflow.persistence.span_parts import At, spans_at
from workflow.persistence.standing import AsOf
from workflow.persistence.tables import FactTable
from workflow.persistence.tables.base import table_of

FACT = table_of(FactTable)
CONTACT = "contact_recorded"
# The canonical text of a contact begins so, and goes on with its day: its fields are written in alphabetical order.
CONTACT_BEGINS = '{"on":"'
_DAY_LETTERS = len("2026-01-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many days without news are no silence: by site, else by protocol (id@version), else `days`.

    `no_news` are the fact types that tell nothing of the patient.
    """

    days: int = 7
    by_site: Mapping[str, int] = field(default_factory=dict)
    by_protocol: Mapping[str, int] = field(default_factory=dict)
    no_news: frozenset[str] = frozenset()

    @property
    def longest(self) -> int:
        """The longest of all of them."""
        return max(self.days, *self.by_site.values(), *self.by_protocol.values())


def silent_then(at: At, patience: Patience) -> Select[tuple[str]]:
    """Return the select of the ids of patients in treatment of whom nothing had been heard for too long."""
    columns = [STATE.c.patient_id, STATE.c.site_id, STATE.c.protocol]
    in_treatment_rows = union_all(*spans_at(STATE, at, columns, STATE.c.state.in_(IN_TREATMENT)))
    in_treatment = in_treatment_rows.cte("in_treatment").prefix_with("MATERIALIZED")
    as_of = AsOf(at.today, in_treatment.c.site_id)
    heard = (
        _heard(at, patience, since=as_of.first - timedelta(days=patience.longest), until=as_of.last)
        .cte("heard")
        .prefix_with("MATERIALIZED")
    )
    last = heard.c.last_contact_on
    heard_of = in_treatment.outerjoin(heard, heard.c.patient_id == in_treatment.c.patient_id)
    since = _heard_since(as_of, patience, in_treatment.c.site_id, in_treatment.c.protocol)
    return select(in_treatment.c.patient_id).select_from(heard_of).where(or_(last.is_(None), last < since))


def _heard(at: At, patience: Patience, *, since: date, until: date) -> Select[tuple[str, date]]:
    """Return the last contact of everybody heard of on or after a day, by the facts that counted at these clocks.

    A contact lies on or before the day of its fact, so the facts of these days are all that may tell of one.
    """
    correction = FACT.alias("correction")
    corrected = select(correction.c.seq).where(
        correction.c.patient_id == FACT.c.patient_id, correction.c.target_seq == FACT.c.seq
    )
    conditions = [FACT.c.occurred_on >= since, FACT.c.op != "void", FACT.c.type.not_in(sorted(patience.no_news))]
    # What was recorded lies at most a day ahead of any other site's calendar.
    last_day = at.today if isinstance(at.today, date) else until + timedelta(days=2)
    conditions.append(FACT.c.occurred_on <= last_day)
    if at.known_at is not None:
        conditions.append(FACT.c.recorded_at <= at.known_at)
        corrected = corrected.where(correction.c.recorded_at <= at.known_at)
    last = func.max(_contact_on(at)).label("last_contact_on")
    return select(FACT.c.patient_id, last).where(*conditions, ~corrected.exists()).group_by(FACT.c.patient_id)


def _contact_on(at: At) -> ColumnElement[date]:
    letters = func.substr(FACT.c.payload, len(CONTACT_BEGINS) + 1, _DAY_LETTERS)
    # SQLite keeps dates as such letters; casting them there would make a number of them.
    day = cast(letters, Date()) if at.dialect == "postgresql" else type_coerce(letters, Date())
    return case((FACT.c.type == CONTACT, day), else_=FACT.c.occurred_on)


def _heard_since(
    as_of: AsOf, patience: Patience, site_id: ColumnElement[str], protocol: ColumnElement[str | None]
) -> ColumnElement[date]:
    """Return the first day on which a contact is recent enough."""
    classes = [
        (of.in_(sorted(name for name, days in limits.items() if days == limit)), as_of.day(-limit))
        for of, limits in ((site_id, patience.by_site), (protocol, patience.by_protocol))
        for limit in sorted(set(limits.values()))
    ]
    otherwise = as_of.day(-patience.days)
    return case(*classes, else_=otherwise) if classes else otherwise
