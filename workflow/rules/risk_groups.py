"""Whether a course is one of those that a rule is for: the groups of a risk scheme, as the course stands classified."""

from workflow.domain.patient import Course
from workflow.protocols.for_whom import InGroups


def is_in(course: Course, groups: InGroups) -> bool | None:
    """Whether the relapse is in one of these groups; None where its group is not known.

    The schemes are made for the first relapse: from the second on there is no group to be in (domain model §2).
    """
    if course.number > 1:
        return False
    known = course.classification.risk.items() if course.classification else ()
    group = next((group for scheme, group in known if scheme == groups.scheme), None)
    return None if group is None else group in groups.groups


def in_words(groups: InGroups) -> str:
    """Return the groups with their scheme, without which a group says nothing: `S4 of ALL_REZ_BFM_95`."""
    return f"{' or '.join(groups.groups)} of {groups.scheme}"
