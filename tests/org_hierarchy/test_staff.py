"""People: hired, appointed, moved, switched off, gone; what they still hold; what they lend."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.error_codes import OrgErrorCode as Code
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.masking import phone_for, reveal
from plugins.org_hierarchy.models import (
    GrantState,
    HandedOver,
    OrderAttribution,
    OrgUnit,
    Post,
    Role,
    RoleGrant,
    Staff,
    StaffPost,
    StaffStatus,
)
from plugins.org_hierarchy.services.activation import activate
from plugins.org_hierarchy.services.delegation import delegate, lendable
from plugins.org_hierarchy.services.grants import confirm_grant, refuse_grant
from plugins.org_hierarchy.services.holdings import hand_over, holdings
from plugins.org_hierarchy.services.posts import assign, change_post, end_post
from plugins.org_hierarchy.services.staffing import (
    change_file,
    come_back,
    disable,
    enable,
    hire,
    leave,
    transfer,
)
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry, StateMove
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove

from ..orgs import again, grant, person, small_org

pytestmark = pytest.mark.django_db

HEAD = (
    "staff.view", "staff.create", "staff.edit", "staff.leave", "staff.delegate", "role.view", "role.grant",
    "order.view", "order.create",
)  # fmt: skip


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def head(org: dict[str, OrgUnit]) -> User:
    """The head of county C11."""
    return person(org["C11"], "head", HEAD)


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> User:
    return person(org["B111"], "clerk")


def post(code: str, *permissions: str, level: int = Level.BRANCH, **more: Any) -> Post:
    role = Role.objects.create(code=code, name=code, level=level, permissions=list(permissions), **more)
    return Post.objects.create(code=code, name=code, level=level, role=role)


def new(by: User | None, unit: OrgUnit, **more: Any) -> Staff:
    values = {"employee_no": "cq-7", "name": "马小丽", "email": "MA@example.com", "mobile": "138 0000 1234"}
    return hire(by, unit, **{**values, **more})


# -- hiring ------------------------------------------------------------------------------------------------------------


def test_the_hired_set_a_password_by_mail_and_log_in(
    org: dict[str, OrgUnit], head: User, django_capture_on_commit_callbacks: Any, client: Client
) -> None:
    # when
    with django_capture_on_commit_callbacks(execute=True):
        staff = new(head, org["B111"])

    # then
    assert (staff.employee_no, staff.user.email, staff.user.is_staff) == ("CQ-7", "ma@example.com", True)
    assert not staff.user.has_usable_password()
    assert phone_for(staff) == "138****1234"
    assert Staff.objects.filter(mobile_index=staff.mobile_index).get() == staff
    assert AuditEntry.objects.get(action="org_hierarchy.staff.hired").after["mobile"] == "***"
    [message] = mail.outbox
    assert message.to == ["ma@example.com"]
    link = re.search(r"https?://[^/]+(/org_hierarchy/activate/\S+)", message.body)
    assert link is not None
    address = link[1].replace("&amp;", "&")

    # when: the person opens it and chooses
    page = client.get(address)
    assert page.status_code == 200 and "ma@example.com" in page.content.decode()
    query = dict(re.findall(r"(email|token)=([^&\s]+)", address))
    sent = {
        "email": "ma@example.com",
        "token": query["token"],
        "password": "gaosuntang-7",
        "again": "gaosuntang-7",
    }
    done = client.post("/org_hierarchy/activate/", sent)

    # then: once
    assert "密码已设置" in done.content.decode()
    assert User.objects.get(pk=staff.user_id).check_password("gaosuntang-7")
    assert "链接无效或已过期" in client.post("/org_hierarchy/activate/", sent).content.decode()
    with pytest.raises(OrgError):
        activate("nobody@example.com", query["token"], "whatever-7")


def test_a_customers_account_becomes_a_login_without_its_password(
    org: dict[str, OrgUnit], head: User
) -> None:
    # given
    User.objects.create_user("ma@example.com", "known-to-others")

    # when
    staff = new(head, org["B111"])

    # then
    assert staff.user.is_staff and not staff.user.has_usable_password()


BAD = {
    "number": ({"employee_no": "工7"}, "employee_no", Code.INVALID),
    "number taken": ({"employee_no": "CLERK"}, "employee_no", None),
    "name": ({"name": "  "}, "name", Code.REQUIRED),
    "address": ({"email": "ma@"}, "email", Code.INVALID),
    "address taken": ({"email": "clerk@example.com"}, "email", Code.CODE_TAKEN),
    "mobile": ({"mobile": "12345"}, "mobile", Code.INVALID),
}


@pytest.mark.parametrize(("wrong", "field", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_hired(
    org: dict[str, OrgUnit], head: User, clerk: User, wrong: dict[str, str], field: str, code: Code | None
) -> None:
    # given
    Staff.objects.filter(user=clerk).update(employee_no="CLERK")

    # when
    with pytest.raises(OrgError) as caught:
        new(head, org["B111"], **wrong)

    # then
    assert caught.value.field == field
    assert caught.value.code == (code or Code.CODE_TAKEN)
    assert Staff.objects.count() == 2


def test_hiring_is_for_ones_own_units(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # then
    with pytest.raises(OutOfScope):
        new(head, org["B121"])
    with pytest.raises(OutOfScope):
        new(clerk, org["B111"])
    assert Staff.objects.count() == 2


# -- posts -------------------------------------------------------------------------------------------------------------


def test_a_post_brings_its_role_and_takes_it_along(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given
    counter, store = post("counter", "order.view", "order.create"), post("store", "order.view")

    # when
    first = assign(head, clerk.o2o_staff, counter, org["B111"])
    second = assign(head, clerk.o2o_staff, store, org["B112"], primary=True)

    # then
    access = access_of(again(clerk))
    assert access.reach("order.view").paths == {org["B111"].path, org["B112"].path}
    first.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (False, True)

    # when
    end_post(head, first, reason="调整")

    # then
    access = access_of(again(clerk))
    assert access.reach("order.view").paths == {org["B112"].path}
    assert not access.has("order.create")
    assert RoleGrant.objects.get(staff_post=first).state == GrantState.REVOKED
    assign(head, clerk.o2o_staff, counter, org["B111"])  # may be taken up again the same day
    assert access_of(again(clerk)).has("order.create")


def test_a_change_of_post_is_one_step(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given: the two do not go together, which a change of post does not make them
    counter, store = post("counter", "order.create"), post("store", "order.view", incompatible=["counter"])
    held = assign(head, clerk.o2o_staff, counter, org["B111"])
    with pytest.raises(OrgError) as caught:
        assign(head, clerk.o2o_staff, store, org["B111"])
    assert caught.value.code == Code.ROLES_INCOMPATIBLE

    # when
    now_held = change_post(head, held, store, org["B112"], reason="轮岗")

    # then
    access = access_of(again(clerk))
    assert (access.has("order.create"), access.has("order.view")) == (False, True)
    assert now_held.is_primary

    # when: next month back again
    later = change_post(head, now_held, counter, org["B111"], valid_from=today() + timedelta(days=30))

    # then: nothing yet
    assert access_of(again(clerk)).has("order.view")
    now_held.refresh_from_db()
    assert now_held.valid_to == later.valid_from - timedelta(days=1)


def test_whoever_holds_less_proposes_and_somebody_who_holds_as_much_decides(
    org: dict[str, OrgUnit], head: User, clerk: User
) -> None:
    # given: the head may not cancel orders
    keeper = post("keeper", "order.cancel")
    second = person(org["C11"], "second", ["role.view", "role.confirm"])
    chief = person(org["A1"], "chief", ["role.view", "role.confirm", "order.cancel"])

    # when
    assign(head, clerk.o2o_staff, keeper, org["B111"])

    # then
    waiting = RoleGrant.objects.get(role=keeper.role)
    assert waiting.state == GrantState.PENDING
    with pytest.raises(OrgError) as caught:
        confirm_grant(second, waiting)
    assert caught.value.code == Code.ROLE_TOO_WIDE
    assert not again(clerk).has_perm("order.cancel")

    # when
    confirm_grant(chief, waiting)

    # then
    assert again(clerk).has_perm("order.cancel")


def test_a_refused_appointment_leaves_no_post(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given
    chief = person(org["A1"], "chief", ["role.view", "role.confirm"])
    held = assign(head, clerk.o2o_staff, post("keeper", "order.cancel"), org["B111"])

    # when
    refuse_grant(chief, held.grants.get(), "人员不合适")

    # then
    held.refresh_from_db()
    assert held.valid_to == today()
    assert held.grants.get().state == GrantState.REFUSED


def test_posts_of_another_level_or_for_oneself(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given
    counter, county = post("counter", "order.view"), post("county", "order.view", level=Level.COUNTY)
    cases = [
        (Code.WRONG_LEVEL, clerk, counter, "C11"),
        (Code.WRONG_LEVEL, clerk, county, "B111"),
        (Code.SAME_PERSON, head, county, "C11"),
    ]

    # then
    for code, who, which, at in cases:
        with pytest.raises(OrgError) as caught:
            assign(head, who.o2o_staff, which, org[at])
        assert caught.value.code == code
    for stranger, refusal in (
        (clerk, OutOfScope),
        (person(org["C11"], "looker", ["staff.view"]), NotAllowed),
    ):
        with pytest.raises(refusal):
            assign(stranger, person(org["B112"], f"x{stranger.pk}").o2o_staff, counter, org["B112"])
    assert StaffPost.objects.count() == 0


# -- moving, off and on, gone ------------------------------------------------------------------------------------------


def test_moving_home_ends_what_was_held_there(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given
    counter = post("counter", "order.view")
    assign(head, clerk.o2o_staff, counter, org["B111"])
    grant(clerk.o2o_staff, org["B112"], ["order.create"])

    # when
    transfer(head, clerk.o2o_staff, org["B112"], reason="支援二支局")

    # then
    staff = Staff.objects.get(user=clerk)
    assert staff.unit == org["B112"]
    access = access_of(again(clerk))
    assert (access.has("order.view"), access.has("order.create")) == (False, True)
    with pytest.raises(OutOfScope):
        transfer(head, staff, org["B121"], reason="到乙县")


def test_off_and_on(org: dict[str, OrgUnit], head: User, clerk: User, client: Client) -> None:
    # given
    assign(head, clerk.o2o_staff, post("counter", "order.view"), org["B111"])

    # when
    disable(head, clerk.o2o_staff, reason="停职检查")

    # then: neither here nor there
    user = again(clerk)
    assert not user.is_active and not user.groups.exists() and not access_of(user).reaches
    with pytest.raises(IllegalMove):
        disable(head, Staff.objects.get(user=clerk), reason="再停一次")

    # when
    enable(head, Staff.objects.get(user=clerk))

    # then
    user = again(clerk)
    assert user.is_active and user.has_perm("order.view") and user.has_perm("order.manage_orders")
    moves = StateMove.objects.filter(subject_type="o2o_org_hierarchy.staff").order_by("pk")
    assert [(move.source, move.target) for move in moves] == [("active", "disabled"), ("disabled", "active")]


def order_of(operator: User, unit: OrgUnit, status: str = "unfulfilled") -> Order:
    order = Order.objects.create(total_net_amount=1, total_gross_amount=1, status=status)
    OrderAttribution.objects.create(
        order=order, unit=unit, org_path=unit.path, operator=operator, basis="operator"
    )
    return order


def test_nobody_leaves_with_something_in_hand(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given: in charge of a unit, two orders on the way and one done
    heir = person(org["B111"], "heir")
    staff = clerk.o2o_staff
    OrgUnit.objects.filter(pk=org["O1111"].pk).update(manager=staff)
    order_of(clerk, org["B111"])
    order_of(clerk, org["B111"], "draft")
    order_of(clerk, org["B111"], "fulfilled")
    assign(head, staff, post("counter", "order.view"), org["B111"])

    # then
    with pytest.raises(OrgError) as caught:
        leave(head, staff, reason="辞职")
    assert caught.value.code == Code.HANDOVER_OPEN
    assert caught.value.message == "clerk还有未交接的事项：负责的机构 1 项、经办未完成的订单 2 项"
    assert again(clerk).is_active

    # when
    hand_over(head, staff, "managed-unit", ["O1111"], heir.o2o_staff)
    keys = [one.key for one in holdings(staff) if one.kind == "order"]
    with pytest.raises(OrgError) as caught:
        hand_over(head, staff, "order", [*keys, "99"], heir.o2o_staff)
    assert caught.value.code == Code.NOT_FOUND
    assert HandedOver.objects.count() == 1  # all of them or none
    hand_over(head, staff, "order", keys, heir.o2o_staff)
    leave(head, staff, reason="辞职")

    # then
    staff = Staff.objects.get(user=clerk)
    assert (staff.status, staff.left_on) == (StaffStatus.LEFT, today())
    assert OrgUnit.objects.get(code="O1111").manager == heir.o2o_staff
    user = again(clerk)
    assert not user.is_active and not user.groups.exists()
    assert set(staff.grants.values_list("state", flat=True)) == {GrantState.REVOKED}
    assert staff.posts.get().valid_to == today()
    assert staff.handed_over.count() == 3

    # when: hired again
    come_back(head, staff, reason="返聘")

    # then: without anything
    user = again(clerk)
    assert user.is_active and not user.has_usable_password() and not access_of(user).reaches


def test_matters_go_to_somebody_else_who_is_there(org: dict[str, OrgUnit], head: User, clerk: User) -> None:
    # given
    order_of(clerk, org["B111"])
    [held] = holdings(clerk.o2o_staff)
    gone = person(org["B111"], "gone").o2o_staff
    Staff.objects.filter(pk=gone.pk).update(status=StaffStatus.LEFT)
    far = person(org["B121"], "far").o2o_staff

    # then
    for heir, code in ((clerk.o2o_staff, Code.SAME_PERSON), (gone, Code.STAFF_NOT_ACTIVE)):
        with pytest.raises(OrgError) as caught:
            hand_over(head, clerk.o2o_staff, "order", [held.key], heir)
        assert caught.value.code == code
    with pytest.raises(OutOfScope):
        hand_over(head, clerk.o2o_staff, "order", [held.key], far)
    assert not HandedOver.objects.exists()


# -- lending -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lender(org: dict[str, OrgUnit]) -> User:
    return person(org["B111"], "lender", ["staff.view", "staff.delegate", "order.view", "order.fulfil"])


def lend(lender: User, to: User, days: int = 3, **more: Any) -> RoleGrant:
    [own] = lendable(lender)
    values = {"valid_from": today(), "valid_to": today() + timedelta(days=days - 1), "reason": "年休假"}
    return delegate(lender, own, to.o2o_staff, **{**values, **more})


def test_a_role_is_lent_for_some_days(org: dict[str, OrgUnit], lender: User, clerk: User) -> None:
    # when
    lent = lend(lender, clerk)

    # then
    assert (lent.state, lent.valid_to) == (GrantState.ACTIVE, today() + timedelta(days=2))
    assert again(clerk).has_perm("order.fulfil")
    with pytest.raises(OrgError) as caught:
        lend(lender, clerk)
    assert caught.value.code == Code.CODE_TAKEN

    # then: not lent on
    third = person(org["B111"], "third")
    assert lendable(again(clerk)) == list(RoleGrant.objects.filter(staff__user=clerk, source="direct"))
    with pytest.raises(OrgError) as caught:
        delegate(again(clerk), lent, third.o2o_staff, valid_from=today(), valid_to=today(), reason="再转一手")
    assert caught.value.code == Code.INVALID


def test_lending_has_its_bounds(org: dict[str, OrgUnit], lender: User, clerk: User, settings: Any) -> None:
    # given
    settings.O2O_DELEGATION_MAX_DAYS = 10
    far = person(org["B121"], "far")
    cases: list[tuple[Code, dict[str, Any]]] = [
        (Code.INVALID, {"days": 11}),
        (Code.INVALID, {"days": 0}),
        (Code.REQUIRED, {"reason": " "}),
        (Code.SAME_PERSON, {"to": lender}),
    ]

    # then
    for code, change in cases:
        with pytest.raises(OrgError) as caught:
            lend(lender, change.pop("to", clerk), **change)
        assert caught.value.code == code
    with pytest.raises(OutOfScope):
        lend(lender, far)
    assert RoleGrant.objects.filter(source="delegation").count() == 0
    lend(lender, clerk, days=10)


def test_what_is_lent_ends_with_what_was_held(
    org: dict[str, OrgUnit], head: User, lender: User, clerk: User
) -> None:
    # given
    lent = lend(lender, clerk)

    # then: it is on the list of what is in hand
    [open_] = holdings(lender.o2o_staff)
    assert (open_.kind, open_.hand) == ("delegation", None)
    with pytest.raises(OrgError):
        leave(head, lender.o2o_staff, reason="辞职")

    # when: the lender's own role ends
    from plugins.org_hierarchy.services.grants import revoke_grant

    [own] = lendable(lender)
    revoke_grant(None, own)

    # then
    lent.refresh_from_db()
    assert lent.state == GrantState.REVOKED
    assert not again(clerk).has_perm("order.fulfil")


# -- whole numbers -----------------------------------------------------------------------------------------------------


def test_a_whole_number_is_for_whoever_may_and_says_why(
    org: dict[str, OrgUnit], head: User, clerk: User
) -> None:
    # given
    change_file(head, clerk.o2o_staff, mobile="13900005678")
    curious = person(org["C11"], "curious", ["staff.view", "staff.unmask"])

    # then
    for user, reason, refusal in (
        (head, "联系本人核实", NotAllowed),
        (curious, "看看", OrgError),
        (person(org["C12"], "abroad", ["staff.view", "staff.unmask"]), "联系本人核实", OutOfScope),
    ):
        with pytest.raises(refusal):
            reveal(user, Staff, clerk.o2o_staff.pk, reason)
    assert not AuditEntry.objects.filter(action="org_hierarchy.personal_data.shown").exists()

    # when
    shown = reveal(curious, Staff, clerk.o2o_staff.pk, "联系本人核实")

    # then
    assert [value for _label, value in shown] == ["13900005678"]
    line = AuditEntry.objects.get(action="org_hierarchy.personal_data.shown")
    assert line.after["reason"] == "联系本人核实" and "13900005678" not in str(line.after)
