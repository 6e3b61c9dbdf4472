"""The table of roles, written out a second time as the design has it."""

import pytest

from arena.domain import permission
from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import HELD, Principal, Role
from arena.errors import Forbidden
from arena.services.permitting import demand

WHO: dict[Permission, set[str]] = {
    Permission.TAKE_PART: {"anonymous", "rater", "reviewer", "lab", "admin"},
    Permission.READ_BOARDS: {"reader", "reviewer", "trainer", "lab", "admin"},
    Permission.REVIEW: {"reviewer", "lab", "admin"},
    Permission.CONDUCT: {"lab", "admin"},
    Permission.EXPORT: {"trainer", "lab", "admin"},
    Permission.ADMINISTER: {"admin"},
    Permission.OPERATE: {"operator"},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("wanted", list(Permission))
def test_a_role_may_what_the_design_says_and_nothing_else(role: Role, wanted: Permission) -> None:
    principal = Principal(id="x", role=role, workspace="ours")
    if role in WHO[wanted] or (role is Role.RATER and "anonymous" in WHO[wanted]):
        demand(principal, wanted)
    else:
        with pytest.raises(Forbidden, match=f"^This needs the role .*; you are a {role}"):
            demand(principal, wanted)


def test_every_role_stands_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert set(WHO) == set(Permission)


def test_who_has_no_account_is_anonymous_and_who_signed_in_is_not() -> None:
    anonymous = Principal(id="r_1", role=Role.RATER, workspace="ours")
    assert anonymous.held is Role.ANONYMOUS
    assert Principal(id="t_1", role=Role.LAB, workspace="ours").held is Role.LAB


def test_nobody_hands_on_more_than_they_have() -> None:
    handed = {role: {one for one in HELD if not permission.above(one, role)} for role in HELD}
    assert handed[Role.ADMIN] == set(HELD)
    assert handed[Role.LAB] == set(HELD) - {Role.ADMIN}
    assert handed[Role.TRAINER] == {Role.TRAINER, Role.READER}
    assert handed[Role.RATER] == {Role.RATER}
