"""Who may do what: roles in one order, grants at sites, codes that people give as reasons."""

import pytest

from workflow.domain.actor import LOCAL_ADMIN, Actor, Grant
from workflow.domain.facts.types import FACT_TYPES
from workflow.domain.reasons import CLINICIAN_OVERRIDES, OVERRIDE_OFFER
from workflow.domain.roles import Role, UnknownRoleError, role_needed_for


def test_a_role_includes_every_right_of_those_below() -> None:
    assert [role.label for role in sorted(Role)] == ["viewer", "nurse", "clinician", "coordinator", "admin"]


@pytest.mark.parametrize("role", Role)
def test_a_role_is_found_by_the_name_it_shows(role: Role) -> None:
    assert Role.named(role.label) is role


def test_an_unknown_role_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownRoleError, match="one of viewer, nurse, clinician, coordinator, admin"):
        Role.named("doctor")


def test_decisions_need_a_clinician_handing_over_a_coordinator_and_everything_else_a_nurse() -> None:
    needed = {role: {kind for kind in FACT_TYPES if role_needed_for(kind) is role} for role in Role}

    assert needed[Role.CLINICIAN] == {
        "block_decision",
        "consolidation_decided",
        "treatment_intent_changed",
        "confirmed",
    }
    assert needed[Role.COORDINATOR] == {"site_changed"}
    assert needed[Role.VIEWER] == needed[Role.ADMIN] == set()
    assert "owner_changed" in needed[Role.NURSE]


def ward_nurse() -> Actor:
    return Actor("a1", "ward_nurse", (Grant(Role.NURSE, "berlin"), Grant(Role.VIEWER, "hamburg")))


def test_an_actor_sees_the_sites_granted() -> None:
    assert ward_nurse().sites == frozenset({"berlin", "hamburg"})
    assert LOCAL_ADMIN.sites is None
    assert Actor("a2", "other_hospital", ()).sites == frozenset()


@pytest.mark.parametrize(
    ("sites", "role"),
    [
        ({"berlin"}, Role.NURSE),
        ({"hamburg"}, Role.VIEWER),
        ({"berlin", "hamburg"}, Role.NURSE),
        ({"vienna"}, None),
        (set(), None),
    ],
)
def test_the_role_is_the_highest_at_any_of_the_patients_sites(sites: set[str], role: Role | None) -> None:
    assert ward_nurse().role_at(frozenset(sites)) == role


def test_a_grant_for_all_sites_counts_at_each_and_everywhere() -> None:
    data_manager = Actor("a3", "data_manager", (Grant(Role.COORDINATOR), Grant(Role.ADMIN, "berlin")))

    assert data_manager.role_at(frozenset({"vienna"})) is Role.COORDINATOR
    assert data_manager.role_at(frozenset({"berlin"})) is Role.ADMIN
    assert data_manager.role_everywhere is Role.COORDINATOR
    assert data_manager.highest_role is Role.ADMIN
    assert ward_nurse().role_everywhere is None
    assert Actor("a4", "viewer", ()).highest_role is None


def test_the_offer_to_override_names_the_codes_and_who_may_use_them() -> None:
    assert OVERRIDE_OFFER["codes"] == list(CLINICIAN_OVERRIDES)
    assert OVERRIDE_OFFER["needs_role"] == "clinician"
    assert OVERRIDE_OFFER["or"] == {"code": "given_as_ordered", "with": "ordered_by", "needs_role": "nurse"}
