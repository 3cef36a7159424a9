from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from saleor_o2o.kernel import scope
from saleor_o2o.kernel.scope import (
    NotAllowed,
    OutOfScope,
    ScopePolicy,
    StaffPolicy,
    get_row,
    policy_for,
    require,
    rows_for,
    use_policy,
)

from .models import Box


def user(*perms: str, staff: bool = True, boss: bool = False, active: bool = True) -> Any:
    return SimpleNamespace(
        is_active=active,
        is_staff=staff,
        is_superuser=boss,
        has_perm=lambda perm, obj=None: perm in perms,
    )


VIEW, CHANGE = "o2o_kernel_tests.view_box", "o2o_kernel_tests.change_box"


@pytest.fixture(autouse=True)
def policies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "_default", StaffPolicy())
    monkeypatch.setattr(scope, "_by_model", {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "sees", "change"),
    [
        (AnonymousUser(), False, OutOfScope),
        (user(VIEW, CHANGE, staff=False), False, OutOfScope),
        (user(), False, OutOfScope),
        (user(VIEW), True, NotAllowed),
        (user(VIEW, CHANGE), True, None),
        (user(VIEW, CHANGE, active=False), False, OutOfScope),
        (user(staff=False, boss=True), True, None),
        (user(boss=True, active=False), False, OutOfScope),
    ],
)
def test_the_default_policy(who: Any, sees: bool, change: type[Exception] | None) -> None:
    # given
    box = Box.objects.create()

    # then
    assert list(rows_for(who, Box)) == ([box] if sees else [])
    if sees:
        assert get_row(who, Box.objects.all(), pk=str(box.pk)) == box
    else:
        with pytest.raises(OutOfScope):
            get_row(who, Box, pk=box.pk)
    if change is None:
        require(who, "change", box)
        require(who, CHANGE, box)
    else:
        with pytest.raises(change):
            require(who, "change", box)


@pytest.mark.django_db
@pytest.mark.parametrize("pk", [10**6, "abc", "", None, [1], "1 OR 1=1", "99999999999999999999999"])
def test_missing_and_misshapen_ids_are_not_found(pk: object) -> None:
    Box.objects.create()
    with pytest.raises(OutOfScope) as caught:
        get_row(user(boss=True), Box, pk=pk)
    assert (caught.value.code.value, caught.value.message) == ("NOT_FOUND", "记录不存在")


@pytest.mark.django_db
def test_a_policy_can_be_replaced_for_all_or_for_one_model() -> None:
    # given
    class Stocked:
        def rows(self, user: Any, rows: Any, action: str = "view") -> Any:
            return rows.filter(stock__gt=0)

        def may(self, user: Any, action: str, obj: Any) -> bool:
            return action == "view"

    full, empty = Box.objects.create(stock=1), Box.objects.create(stock=0)

    # when
    use_policy(Stocked(), Box)

    # then
    assert isinstance(Stocked(), ScopePolicy)
    assert isinstance(policy_for(Box), Stocked)
    assert list(rows_for(AnonymousUser(), Box)) == [full]
    with pytest.raises(OutOfScope):
        require(user(boss=True), "view", empty)
    with pytest.raises(NotAllowed):
        require(user(boss=True), "change", full)

    # when
    use_policy(StaffPolicy(), Box)
    use_policy(Stocked())

    # then
    assert list(rows_for(AnonymousUser(), Box)) == []
