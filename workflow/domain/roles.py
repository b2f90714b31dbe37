"""Roles and what each may do, in one ordered place."""

from enum import IntEnum
from typing import Self

from workflow.domain.errors import CoursewatchError


class UnknownRoleError(CoursewatchError):
    """The role is not one of viewer, nurse, clinician, coordinator, admin."""


class Role(IntEnum):
    """A role includes every right of the roles below it."""

    VIEWER = 1
    NURSE = 2
    CLINICIAN = 3
    COORDINATOR = 4
    ADMIN = 5

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the role called `name`; raises UnknownRoleError naming the allowed ones."""
        try:
            return cls[name.upper()]
        except KeyError:
            allowed = ", ".join(role.label for role in cls)
            message = f"role must be one of {allowed}"
            raise UnknownRoleError(message) from None

    @property
    def label(self) -> str:
        """The role's name as the outside writes it."""
        return self.name.lower()


# Contract §2: a clinician decides, a coordinator hands patients over; all else any nurse may record.
DECISIONS = frozenset({"block_decision", "consolidation_decided", "treatment_intent_changed", "confirmed"})
HAND_OVERS = frozenset({"site_changed"})


def role_needed_for(fact_type: str) -> Role:
    """Return the lowest role that may record a fact of this type."""
    if fact_type in HAND_OVERS:
        return Role.COORDINATOR
    return Role.CLINICIAN if fact_type in DECISIONS else Role.NURSE
