"""From a patient's course to the question that the published tables answer, asked anew where its parts change."""

from dataclasses import replace

from workflow.domain.case import Case, Response
from workflow.domain.patient import Course, PatientState
from workflow.domain.switches import AS_MOST_SOURCES, Switches
from workflow.knowledge.classify import classify
from workflow.knowledge.response import ResponseReading, read_response
from workflow.protocols.model import Protocols
from workflow.rules.mrd_filing import results_that_count

# The facts that can change a case; all others leave every classification as it stands.
INPUTS = frozenset(
    {
        "relapse_diagnosed",
        "findings_recorded",
        "protocol_chosen",
        "response_assessed",
        "reinduction_failed",
        "mrd_reported",
        "mrd_not_available",
        "transplanted",
        "confirmed",
    }
)
# The chart's remission (domain model §2) counts where nobody recorded blasts in the blood, and knows no counts.
_NOT_ASKED_BY_THE_CHART = frozenset({"blood", "recovery"})


def case_of(state: PatientState, course: Course, protocols: Protocols) -> Case:
    """Return one course of a patient as the tables ask for it, the current one or an earlier one.

    The dates of frontline therapy belong to the first relapse alone: no timing system is made for a later one. MRD
    results that are in doubt, and those of an attempt that is over, are left out.
    """
    registration = state.registration
    first = course.number == 1
    switches = switches_of(course, protocols)
    transplanted = any(earlier.transplanted_on for earlier in state.prior_courses(course.number))
    return Case(
        diagnosis_on=registration.diagnosis_date,
        relapse_on=course.relapse_on,
        phenotype=registration.phenotype,
        relapse_number=course.number,
        frontline_end_on=registration.frontline_end_date if first else None,
        frontline_ongoing=first and registration.frontline_ongoing is True,
        findings=course.findings,
        earlier_csf=course.earlier_csf,
        relapse_site=course.relapse_site,
        sex=registration.sex,
        ph_status=registration.ph_status,
        prior_hsct=registration.prior_hsct is True or transplanted,
        response=_response(course, reading_of(course, protocols), switches),
        mrd=results_that_count(course),
        mrd_not_available=course.mrd_not_available,
        switches=switches,
    )


def switches_of(course: Course, protocols: Protocols) -> Switches:
    """Return what the course's protocol leaves to choose; as most sources say where none is chosen or loaded."""
    protocol = protocols.pinned(course.protocol_sha)
    return protocol.switches if protocol else AS_MOST_SOURCES


def reading_of(course: Course, protocols: Protocols) -> ResponseReading | None:
    """Return how the course's latest assessment reads; None where there is none."""
    if course.response is None:
        return None
    switches = switches_of(course, protocols)
    return read_response(course.response, course.extramedullary, switches, relapse_number=course.number)


def classified(before: PatientState, after: PatientState, fact_type: str, protocols: Protocols) -> PatientState:
    """Return `after` with every course classified whose case this fact has changed; earlier courses keep theirs."""
    if after.course is None or not (fact_type in INPUTS or _blocks_changed_under_results(before, after)):
        return after
    known = {course.number: course for course in before.courses}

    def anew(course: Course) -> Course:
        was = known.get(course.number)
        if was is course:
            return course
        case = case_of(after, course, protocols)
        if was is not None and was.classification is not None and case_of(before, was, protocols) == case:
            return course
        return replace(course, classification=classify(case).classification)

    course, ended = anew(after.course), tuple(anew(course) for course in after.ended_courses)
    if course is after.course and ended == after.ended_courses:
        return after
    return replace(after, course=course, ended_courses=ended)


def _blocks_changed_under_results(before: PatientState, after: PatientState) -> bool:
    """Whether blocks, by far the most frequent facts, may have taken results in or out: where there are results."""
    was, now = before.course, after.course
    return (
        was is not None and now is not None and was.blocks is not now.blocks and bool(was.mrd or was.mrd_not_available)
    )


def _response(course: Course, reading: ResponseReading | None, switches: Switches) -> Response:
    """Read the latest assessment; one that is not final fails nobody (002, Table 2: no day limit is stated).

    After a remission marrow disease is no failure of reinduction: a relapse is to be excluded.
    Where the protocol states no count recovery and nothing else is missing, the chart's remission counts as a complete
    one: it lifts what is conditional on it.
    """
    if course.reinduction_failed:
        return "no_cr"
    if course.response is None or reading is None:
        return "not_assessed"
    if reading.outcome in {"cr", "crp"}:
        return "cr" if reading.outcome == "cr" else "crp"
    if reading.outcome == "no_cr":
        return "no_cr" if course.response.final and not course.was_in_remission else "not_assessed"
    nothing_else_missing = switches.recovery is None and _NOT_ASKED_BY_THE_CHART.issuperset(reading.missing)
    return "cr" if course.in_remission and nothing_else_missing else "not_assessed"
