"""One relapse described by whoever asks, classified by the published tables; nothing of it is stored."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.calendar import add_days
from workflow.domain.case import Case, Phenotype, PhStatus, Response, Sex
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.base import Code, Day, Entries, Payload, PositiveCount
from workflow.domain.facts.findings import Csf, Findings, RelapseSite
from workflow.domain.facts.read import read_model
from workflow.domain.facts.response import MrdMeasured, MrdTimepoint, not_measurable
from workflow.domain.roles import Role
from workflow.domain.switches import AS_MOST_SOURCES, Switches
from workflow.knowledge.classify import classify
from workflow.persistence.unit_of_work import reading
from workflow.protocols.model import Protocols
from workflow.services import answers
from workflow.services.classification_answers import classification_shape
from workflow.services.house import Answer, House, require_role

MOST_SAMPLES = 100


class CaseRequest(Payload):
    """One relapse as somebody asks about it (contract §3.1): what is absent was not recorded, never normal."""

    diagnosis_date: Day
    relapse_date: Day
    phenotype: Phenotype
    frontline_end_date: Annotated[
        Day | None, Field(description="The end of all antileukaemic frontline therapy, mostly of maintenance.")
    ] = None
    frontline_ongoing: Annotated[bool | None, Field(description="The relapse came on frontline therapy.")] = None
    relapse_number: Annotated[PositiveCount | None, Field(description="Default 1.")] = None
    relapse_site: Annotated[RelapseSite | None, Field(description="As stated; this or findings.")] = None
    findings: Annotated[Findings | None, Field(description="What the site is read from; this or relapse_site.")] = None
    earlier_csf: Annotated[
        tuple[Csf, ...],
        Entries(most=MOST_SAMPLES),
        Field(description="CSF samples before the one in findings."),
    ] = ()
    sex: Sex | None = None
    ph_status: PhStatus | None = None
    prior_hsct: bool | None = None
    response: Annotated[Response | None, Field(description="After reinduction; default not_assessed.")] = None
    mrd: Annotated[tuple[MrdMeasured, ...], Entries(most=MOST_SAMPLES)] = ()
    mrd_not_available: Annotated[
        tuple[MrdTimepoint, ...],
        Entries(most=MOST_SAMPLES),
        Field(description="Time points of which no result will come."),
    ] = ()
    protocol: Annotated[
        Code | None,
        Field(description="id or id@version: the readings that it takes are taken; without it those of most sources."),
    ] = None


def classified(house: House, actor: Actor, raw: Mapping[str, object]) -> Answer:
    """Answer what the tables say of one relapse (contract §3.1): 200; raises InvalidInputError, NotAllowedError."""
    require_role(actor, Role.VIEWER)
    case = read_case(raw, house.protocols, today=today_in(house.settings.time_zone, house.clock()))
    with reading(house.database, actor) as unit:
        unit.note("classify_case")
    shape = classification_shape(classify(case), recommendations=house.settings.recommendations)
    return Answer(200, answers.to_json(shape))


def read_case(raw: Mapping[str, object], protocols: Protocols, *, today: date) -> Case:
    """Read a case from untrusted data; raises InvalidInputError with every problem: field, rule, way out.

    What has happened by `today`, the day of the installation, can be asked about, and what is a day ahead of it.
    """
    request = read_model(CaseRequest, raw)
    problems = [
        *_unknown_protocol(request, protocols),
        *_missing_site(request),
        *_days_ahead(request, today),
        *_impossible_days(request),
        *_impossible_numbers(request),
    ]
    if problems:
        raise InvalidInputError(problems)
    return Case(
        diagnosis_on=request.diagnosis_date,
        relapse_on=request.relapse_date,
        phenotype=request.phenotype,
        relapse_number=request.relapse_number or 1,
        frontline_end_on=request.frontline_end_date,
        frontline_ongoing=request.frontline_ongoing is True,
        findings=request.findings,
        earlier_csf=request.earlier_csf,
        relapse_site=request.relapse_site,
        sex=request.sex,
        ph_status=request.ph_status,
        prior_hsct=request.prior_hsct is True,
        response=request.response or "not_assessed",
        mrd=request.mrd,
        mrd_not_available=request.mrd_not_available,
        switches=_switches(request, protocols),
    )


def _switches(request: CaseRequest, protocols: Protocols) -> Switches:
    protocol = protocols.named(request.protocol) if request.protocol else None
    return protocol.switches if protocol else AS_MOST_SOURCES


def _unknown_protocol(request: CaseRequest, protocols: Protocols) -> Iterator[Problem]:
    if request.protocol is not None and protocols.named(request.protocol) is None:
        message = f"protocol is not a protocol here; known: {', '.join(protocols.ids)} (or id@version)"
        yield Problem("protocol", "unknown_protocol", message)


def _missing_site(request: CaseRequest) -> Iterator[Problem]:
    if request.findings is None and request.relapse_site is None:
        yield Problem("findings", "missing", "findings or relapse_site is required")


def _days_ahead(request: CaseRequest, today: date) -> Iterator[Problem]:
    """Yield the days that no calendar has reached: where it is already tomorrow, it may be tomorrow here."""
    for field in ("diagnosis_date", "relapse_date"):
        if getattr(request, field) > add_days(today, 1):
            yield Problem(field, "in_the_future", f"{field} lies in the future; check it")


def _impossible_days(request: CaseRequest) -> Iterator[Problem]:
    diagnosis, relapse, end = request.diagnosis_date, request.relapse_date, request.frontline_end_date
    if relapse <= diagnosis:
        yield _order("relapse_date", "must lie after diagnosis_date; correct one of them")
    if end is not None and request.frontline_ongoing:
        yield _order("frontline_ongoing", "is true, which excludes frontline_end_date; send one of them")
    if end is not None and end < diagnosis:
        yield _order("frontline_end_date", "lies before diagnosis_date; correct one of them")
    if end is not None and end > relapse > diagnosis:
        way_out = "correct one of them, or send frontline_ongoing: true instead of it"
        yield _order("frontline_end_date", f"lies after relapse_date; {way_out}")
    for place, result in enumerate(request.mrd):
        if result.sample_on is not None and result.sample_on < relapse:
            yield _order(
                f"mrd.{place}.sample_on", "lies before relapse_date: the sample is of no block of this relapse"
            )


def _impossible_numbers(request: CaseRequest) -> Iterator[Problem]:
    for place, result in enumerate(request.mrd):
        for name, rule in not_measurable(result):
            field = f"mrd.{place}.{name}"
            yield Problem(field, "mrd_out_of_range", f"{field} {rule}")


def _order(field: str, message: str) -> Problem:
    return Problem(field, "date_order", f"{field} {message}")
