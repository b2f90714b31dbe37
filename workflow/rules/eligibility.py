"""For whom a protocol is, beside what is on file of the patient: told when the protocol is chosen, never refused."""

from collections.abc import Iterator
from datetime import date

from workflow.domain.calendar import add_months
from workflow.domain.patient import Course, PatientState
from workflow.knowledge.mrd import MrdPoint, read_mrd
from workflow.protocols.for_whom import Bounds, Conditions, Eligibility
from workflow.rules.mrd_filing import results_that_count
from workflow.rules.risk_groups import in_words, is_in

# Whether a condition holds (None: nobody can say), and what is on file about it, in words.
Finding = tuple[bool | None, str]
_MONTHS_A_YEAR = 12


def findings(asked: Eligibility, state: PatientState, on: date) -> tuple[Finding, ...]:
    """Return each condition that is stated as it stands on a day; none where people answer the whole entry."""
    course = state.course
    if course is None:
        return ()
    return (*_of_the_patient(asked.conditions, state, on), *_of_the_course(asked.conditions, course))


def holds(found: tuple[Finding, ...]) -> bool | None:
    """Whether an entry holds: any one of its conditions is enough; None where nobody can say yet."""
    answers = {answer for answer, _ in found}
    if True in answers:
        return True
    return None if None in answers or not found else False


def regimens(state: PatientState) -> int:
    """Return how many regimens are on file: frontline therapy, and each attempt at a remission that has a block.

    Relapses before the first one here were treated elsewhere and count as one each. It is what is on file: neither
    what was given elsewhere beside that, nor what was never entered, can be counted.
    """
    elsewhere = state.courses[0].number - 1 if state.courses else 0
    attempts = {(course.number, block.attempt) for course in state.courses for block in course.blocks}
    return 1 + elsewhere + len(attempts)


def age_on(birth_date: date, on: date) -> int:
    """Return the completed years of life on a day; who was born on 29 February is a year older on 28 February."""
    years = on.year - birth_date.year
    return years if add_months(birth_date, years * _MONTHS_A_YEAR) <= on else years - 1


def _of_the_patient(stated: Conditions, state: PatientState, on: date) -> Iterator[Finding]:
    registration = state.registration
    if "phenotype" in stated:
        yield registration.phenotype == stated["phenotype"], f"phenotype {registration.phenotype}"
    if "ph_status" in stated:
        known = registration.ph_status if registration.ph_status != "unknown" else None
        yield None if known is None else known == stated["ph_status"], f"Ph {known or 'not known'}"
    if "age_years" in stated:
        yield _of_age(stated["age_years"], registration.birth_date, on)
    if "prior_regimens" in stated:
        count = regimens(state)
        yield stated["prior_regimens"].hold(count), f"{count} earlier {'regimen' if count == 1 else 'regimens'}"


def _of_age(years: Bounds, birth_date: date | None, on: date) -> Finding:
    if birth_date is None:
        return None, "no date of birth"
    age = age_on(birth_date, on)
    return years.hold(age), f"age {age}"


def _of_the_course(stated: Conditions, course: Course) -> Iterator[Finding]:
    if "relapse_number" in stated:
        yield stated["relapse_number"].hold(course.number), f"relapse {course.number}"
    if "in_remission" in stated:
        remission = _in_remission(course)
        fits = None if remission is None else remission is stated["in_remission"]
        yield fits, _remission_in_words(remission=remission)
    if "mrd_from" in stated:
        point = MrdPoint(positive_from=stated["mrd_from"], negative_below=stated["mrd_from"])
        read = read_mrd(results_that_count(course), point)
        yield None if read.level is None else read.level == "positive", f"MRD {read.text}"
    if "risk" in stated:
        member = is_in(course, stated["risk"])
        yield member, _membership_in_words(course, in_words(stated["risk"]), member=member)


def _in_remission(course: Course) -> bool | None:
    """Whether the patient is in remission; None once treatment has begun and nobody has assessed it."""
    if course.response is None and course.blocks and not course.reinduction_failed:
        return None
    return course.in_remission


def _remission_in_words(*, remission: bool | None) -> str:
    if remission is None:
        return "response not assessed"
    return "in remission" if remission else "not in remission"


def _membership_in_words(course: Course, groups: str, *, member: bool | None) -> str:
    if course.number > 1:
        return f"no risk group, since relapse {course.number} has none"
    if member is None:
        return f"risk group not known ({groups})"
    return groups if member else f"not {groups}"
