"""Who sees which rows: the five scopes, several grants, dates, and people outside the organisation."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.access.grants import Reach, access_of, union
from plugins.org_hierarchy.models import DataScope, OrderAttribution, OrgUnit, RoleGrant, Staff, StaffStatus
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for, rows_for

from ..orgs import again, grant, person, small_org

pytestmark = pytest.mark.django_db


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


def order_at(unit: OrgUnit, operator: User | None = None) -> Order:
    order = Order.objects.create(total_net_amount=1, total_gross_amount=1)
    OrderAttribution.objects.create(
        order=order, unit=unit, org_path=unit.path, operator=operator, basis="test"
    )
    return order


SCOPES = {
    DataScope.ALL: {"CQ", "B111", "O1111", "B112", "B121", "B211"},
    DataScope.UNIT_AND_BELOW: {"B111", "O1111", "B112"},
    DataScope.UNIT: set(),
    DataScope.UNITS: {"B121"},
    DataScope.SELF: {"B211"},
}


@pytest.mark.parametrize(("scope", "seen"), SCOPES.items())
def test_each_scope_reaches_its_rows(org: dict[str, OrgUnit], scope: str, seen: set[str]) -> None:
    # given: a clerk of county C11, one order at every place, the clerk's own at B211
    clerk = person(org["C11"], "clerk", ["order.view"], scope=scope, units=[org["B121"]])
    orders = {code: order_at(org[code]) for code in ("CQ", "B111", "O1111", "B112", "B121")}
    orders["B211"] = order_at(org["B211"], operator=clerk)

    # then
    found = set(rows_for(clerk, Order).values_list("pk", flat=True))
    assert found == {orders[code].pk for code in seen}
    for code, order in orders.items():
        if code not in seen:
            with pytest.raises(OutOfScope):
                get_row(clerk, Order, pk=order.pk)


def test_no_permission_no_rows(org: dict[str, OrgUnit]) -> None:
    # given
    order_at(org["B111"])
    clerk = person(org["C11"], "clerk", ["staff.view"])

    # then
    assert not rows_for(clerk, Order).exists()
    assert rows_for(clerk, Staff).get().user == clerk


def test_grants_add_up_and_count_within_their_days_only(org: dict[str, OrgUnit]) -> None:
    # given
    clerk = person(org["B111"], "clerk", ["order.view"], limits={"refund": "50.00"})
    far = order_at(org["B211"])
    lent = grant(clerk.o2o_staff, org["A2"], ["order.view", "order.refund"], limits={"refund": "500.00"})
    assert rows_for(again(clerk), Order).get() == far
    assert access_of(again(clerk)).limit("refund") == Decimal("500.00")

    # when: the last day is over, or the first has not come
    for change in ({"valid_to": today() - timedelta(days=1)}, {"valid_from": today() + timedelta(days=1)}):
        RoleGrant.objects.filter(pk=lent.pk).update(**change)
        # then
        assert not rows_for(again(clerk), Order).exists()
        assert access_of(again(clerk)).limit("refund") == Decimal("50.00")
        RoleGrant.objects.filter(pk=lent.pk).update(valid_from=today(), valid_to=today())
        assert rows_for(again(clerk), Order).exists()


def test_may_asks_for_the_reach_of_that_permission(org: dict[str, OrgUnit]) -> None:
    # given: sees the county, refunds for one branch
    clerk = person(org["C11"], "clerk", ["order.view"])
    grant(clerk.o2o_staff, org["B111"], ["order.refund"])
    near, next_door, abroad = order_at(org["B111"]), order_at(org["B112"]), order_at(org["B121"])
    policy = policy_for(Order)

    # then
    user = again(clerk)
    assert [policy.may(user, "view", one) for one in (near, next_door, abroad)] == [True, True, False]
    assert [policy.may(user, "order.refund", one) for one in (near, next_door, abroad)] == [
        True,
        False,
        False,
    ]
    assert policy.may(user, "order.refund", Order)
    assert not policy.may(user, "order.cancel", Order)
    assert user.has_perm("order.refund") and not user.has_perm("order.cancel")


@pytest.mark.parametrize("status", [StaffStatus.DISABLED, StaffStatus.LEFT])
def test_whoever_left_sees_nothing_even_with_stocks_permissions(
    org: dict[str, OrgUnit], status: str, settings: Any
) -> None:
    # given
    clerk = person(org["CQ"], "clerk", ["order.view"], scope=DataScope.ALL)
    order_at(org["B111"])
    Staff.objects.update(status=status)

    # then: also where unassigned staff are let be
    settings.O2O_UNASSIGNED_STAFF_GLOBAL = True
    assert not rows_for(again(clerk), Order).exists()
    assert not again(clerk).has_perm("order.view")


def test_people_outside_the_organisation(org: dict[str, OrgUnit], settings: Any) -> None:
    # given
    order_at(org["B111"])
    root = User.objects.create_superuser("root@example.com", "pass-word")
    stranger = User.objects.create_user("s@example.com", "pass-word", is_staff=True)
    shopper = User.objects.create_user("x@example.com", "pass-word")

    # then
    settings.O2O_UNASSIGNED_STAFF_GLOBAL = False
    assert rows_for(root, Order).count() == 1
    for nobody in (stranger, shopper, AnonymousUser()):
        assert not rows_for(nobody, Order).exists()
        assert not access_of(nobody).reaches


def test_the_units_in_reach(org: dict[str, OrgUnit]) -> None:
    # given
    manager = person(org["C11"], "manager", ["org_unit.view"])

    # then
    codes = set(rows_for(manager, OrgUnit).values_list("code", flat=True))
    assert codes == {"C11", "B111", "B112", "O1111", "O1112"}


def test_customers_are_seen_through_their_orders(org: dict[str, OrgUnit]) -> None:
    # given
    near = User.objects.create_user("near@example.com", "pass-word")
    far = User.objects.create_user("far@example.com", "pass-word")
    for customer, code in ((near, "B111"), (far, "B121")):
        order = order_at(org[code])
        order.user = customer
        order.save(update_fields=["user"])
    clerk = person(org["C11"], "clerk", ["customer.view"])

    # then
    seen = rows_for(clerk, User)
    assert near in seen and far not in seen


def test_reading_the_access_takes_two_statements_whatever_it_holds(
    org: dict[str, OrgUnit], django_assert_num_queries: Any
) -> None:
    # given
    clerk = person(org["C11"], "clerk", ["order.view"], scope=DataScope.UNITS, units=org.values())
    for code in ("B111", "B112", "B121"):
        grant(clerk.o2o_staff, org[code], ["order.view"])

    # then
    with django_assert_num_queries(2):
        assert access_of(clerk).has("order.view")
    with django_assert_num_queries(0):
        assert access_of(clerk).has("order.view")


@pytest.mark.parametrize(("at", "asked_for_units"), [("A1", 0), ("C11", 0), ("B111", 1), ("O1111", 1)])
def test_a_subtree_costs_one_statement_and_a_narrow_one_another_for_its_units(
    org: dict[str, OrgUnit], django_assert_num_queries: Any, at: str, asked_for_units: int
) -> None:
    # given
    clerk = person(org[at], "clerk", ["order.view"])
    within, beyond = order_at(org["O1111"]), order_at(org["B211"])

    # then: wide reaches are found by their path, narrow ones by naming their units, once
    with django_assert_num_queries(1):
        reach = access_of(clerk).reach("order.view")
    with django_assert_num_queries(1 + asked_for_units):
        assert list(rows_for(clerk, Order)) == [within]
    with django_assert_num_queries(1):
        assert beyond not in rows_for(clerk, Order)
    assert reach.covers(org["O1111"].path, org["O1111"].pk)


def test_many_units_are_sent_as_one_array(org: dict[str, OrgUnit]) -> None:
    # given
    order = order_at(org["B111"])
    order_at(org["B121"])

    # when
    found = OrderAttribution.objects.filter(unit_id__among={org["B111"].pk, org["C11"].pk})

    # then
    assert [row.order_id for row in found] == [order.pk]
    assert "ANY ({" in str(found.query)
    assert not OrderAttribution.objects.filter(unit_id__among=[]).exists()


def test_reaches_join_and_contain() -> None:
    # given
    county, branch = Reach(paths=frozenset({"/1/2/"})), Reach(paths=frozenset({"/1/2/3/"}))

    # then
    assert union([branch, county]) == county
    assert county.contains(branch) and not branch.contains(county)
    assert not county.contains(Reach(everything=True))
    assert Reach(everything=True).contains(county)
    assert not branch.contains(Reach(paths=frozenset({"/1/2/30/"})))
