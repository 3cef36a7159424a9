"""The blacklist: refused in plain words, lifted by another person, ended by its day, nobody merges out of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.order.models import Order

from plugins.after_sale.errors import AfterSaleError
from plugins.after_sale.services.applying import Wanted, apply
from plugins.coupons.choices import Mode
from plugins.coupons.errors import CouponError
from plugins.coupons.services.giving import give
from plugins.members.errors import MemberError
from plugins.members.models import Member, Restriction
from plugins.members.services.merging import preview
from plugins.members.services.restricting import end_due, lift, restrict
from plugins.members.services.status import change_status
from plugins.org_hierarchy.interfaces import Deed, OrgUnit, is_barred
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.buying.shopper import choose_payment, complete, fill_checkout
from tests.coupons.conftest import Make
from tests.coupons.conftest import template as template
from tests.ordering.conftest import Mall
from tests.ordering.conftest import mall as mall
from tests.ordering.conftest import world as world
from tests.orgs import person, small_org

from .asking import OTHER, somebody
from .test_pages import ALL, browser, page

WHY = "多次恶意退货"


@pytest.fixture
def org(mall: Mall) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def buyer(mall: Mall, org: dict[str, OrgUnit]) -> Member:
    """The shopper of the mall, whom B111 looks after."""
    from plugins.members.interfaces import ensure_member

    member = ensure_member(mall.world.customer)
    Member.objects.filter(pk=member.pk).update(home_unit=org["B111"])
    return Member.objects.get(pk=member.pk)


def test_what_is_forbidden_is_refused_in_words(
    mall: Mall, org: dict[str, OrgUnit], buyer: Member, template: Make
) -> None:
    # given
    boss, second = person(org["B111"], "boss", ALL), person(org["B111"], "second", ALL)
    row = restrict(boss, buyer, ["buy", "gifts", "after_sale"], WHY)
    mall.world.customer.refresh_from_db()
    buyer = Member.objects.get(pk=buyer.pk)

    # when: he is logged in, and buys
    checkout = fill_checkout(mall.world, {mall.orange: 1}, mall.world.customer)
    assert choose_payment(checkout)["paymentErrors"] == []
    refused = complete(checkout, mall.world.customer)

    # then: in plain words, and nothing is made
    assert buyer.status == "active" and buyer.user.is_active
    assert "您的账号已被限制购买" in str(refused)
    assert Order.objects.count() == 0
    with pytest.raises(CouponError, match="限制领券"):
        give(template().pk, buyer, Mode.CLAIM, "k")
    with pytest.raises(AfterSaleError, match="不能自助申请售后"):
        apply(buyer.user, 1, Wanted(1, "refund", "changed_mind"), key="key-0000-1")
    assert not is_barred(buyer.user, Deed.MARKETING)

    # when: lifted by another
    with pytest.raises(MemberError, match="不能自己解除"):
        lift(boss, row, "我改主意了")
    done = lift(second, row, "已经核实")

    # then
    assert (done.lifted_by_id, done.lift_reason) == (second.pk, "已经核实")
    assert complete(checkout, mall.world.customer)["checkoutErrors"] == []


def test_no_login_is_the_blacklisted_state(org: dict[str, OrgUnit], buyer: Member) -> None:
    # given
    boss, second = person(org["B111"], "boss", ALL), person(org["C11"], "second", ALL)
    row = restrict(boss, buyer, ["login", "marketing"], WHY, today())
    member = Member.objects.get(pk=buyer.pk)
    assert (member.status, member.user.is_active) == ("blacklisted", False)

    # then: nobody merges or restores out of it, its day does not end it before it is over
    assert "不是正常状态" in preview(somebody(OTHER), member)
    with pytest.raises(MemberError, match="不能自己解除"):
        change_status(boss, member, "restore", "偷偷恢复")
    assert (end_due(), Member.objects.get(pk=buyer.pk).status) == (0, "blacklisted")

    # when
    Restriction.objects.update(until=today() - timedelta(days=1))

    # then: once
    assert (end_due(), end_due()) == (1, 0)
    member = Member.objects.get(pk=buyer.pk)
    assert (member.status, member.user.is_active, is_barred(member.user, Deed.LOGIN)) == (
        "active",
        True,
        False,
    )

    # when a frozen one is put there, and taken off by another or by the day, he is frozen as before
    for ends in ("lifted", "over"):
        member = Member.objects.get(pk=buyer.pk)
        if member.status != "frozen":
            change_status(boss, member, "freeze", "可疑登录")
        listed = restrict(boss, Member.objects.get(pk=buyer.pk), ["login"], WHY, today())
        if ends == "lifted":
            lift(second, listed, "已经核实")
        else:
            Restriction.objects.filter(pk=listed.pk).update(until=today() - timedelta(days=1))
            assert end_due() == 1
        member = Member.objects.get(pk=buyer.pk)
        assert (member.status, member.user.is_active) == ("frozen", False), ends
    change_status(second, member, "restore", "已经核实")

    # when restored by another on the member's page, the list knows
    again = restrict(boss, member, ["login"], WHY)
    change_status(second, Member.objects.get(pk=buyer.pk), "restore", "已经核实")
    again.refresh_from_db()
    assert (again.lifted_by_id, row.pk == again.pk) == (second.pk, False)


@pytest.mark.parametrize(
    ("told", "field"),
    [({"deeds": []}, "deeds"), ({"reason": "短"}, "reason"), ({"until": today() - timedelta(days=1)}, "until"),
     ({"deeds": ["fly"]}, "deeds")],
)  # fmt: skip
def test_what_cannot_be_is_said(
    org: dict[str, OrgUnit], buyer: Member, told: dict[str, Any], field: str
) -> None:
    # when
    with pytest.raises(MemberError) as refused:
        restrict(person(org["B111"], "boss", ALL), buyer, **{"deeds": ["buy"], "reason": WHY, **told})

    # then
    assert refused.value.field == field
    assert Restriction.objects.count() == 0


def test_who_may(org: dict[str, OrgUnit], buyer: Member) -> None:
    # given
    boss = person(org["B111"], "boss", ALL)
    restrict(boss, buyer, ["buy"], WHY)
    with pytest.raises(MemberError, match="已经在黑名单里"):
        restrict(boss, buyer, ["gifts"], WHY)
    row = Restriction.objects.get()

    # when / then: out of reach, without the right, another account of his
    with pytest.raises(OutOfScope):
        lift(person(org["B121"], "beside", ALL), row, "随便解除")
    with pytest.raises(NotAllowed):
        lift(person(org["B111"], "clerk", ["member.view"]), row, "随便解除")
    assert "在黑名单里" in preview(somebody(OTHER), Member.objects.get(pk=buyer.pk))
    assert Restriction.objects.get().ended_at is None

    # the pages: listed, masked, lifted by the second
    second = browser(person(org["B111"], "second", ALL))
    listed = second.get("/admin/o2o_members/restriction/").content.decode()
    assert buyer.number in listed and "购买" in listed
    assert "购买" in second.get(page(buyer)).content.decode()
    told = second.post(f"/admin/o2o_members/restriction/{row.pk}/lift/", {"do": "1", "reason": "核实无误"})
    assert (told.status_code, Restriction.objects.get().lifted_by.first_name) == (302, "second")
