"""The pages of people and roles: who opens them, what they do, what they never show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import Address, User
from saleor.order.models import Order

from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import (
    Department,
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
from plugins.org_hierarchy.services.staffing import change_file
from plugins.org_hierarchy.todo import todo
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, grant, person, small_org

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
P = "admin:o2o_org_hierarchy_"
CHIEF = (
    "staff.view", "staff.create", "staff.edit", "staff.leave", "staff.unmask", "staff.delegate", "staff.export",
    "role.view", "role.create", "role.edit", "role.grant", "role.confirm", "order.view", "org_unit.view",
    "org_unit.edit",
)  # fmt: skip


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def chief(org: dict[str, OrgUnit]) -> User:
    return person(org["C11"], "chief", CHIEF, limits={"refund": "500.00"})


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> User:
    return person(org["B111"], "clerk", ["order.view"])


@pytest.fixture
def visit(settings: Any) -> Callable[..., Any]:
    settings.O2O_UNASSIGNED_STAFF_GLOBAL = False

    clients: dict[User | None, Client] = {}

    def go(user: User | None, name: str, *args: Any, data: dict[str, Any] | None = None, **query: Any) -> Any:
        client = clients.get(user)
        if client is None:
            client = clients[user] = Client()
            if user is not None:
                client.force_login(user, backend=BACKEND)
        address = reverse(P + name, args=args)
        return client.get(address, query) if data is None else client.post(address, data)

    return go


@pytest.fixture
def counter(org: dict[str, OrgUnit]) -> Post:
    role = Role.objects.create(code="counter", name="柜台", level=Level.BRANCH, permissions=["order.view"])
    return Post.objects.create(code="counter", name="营业员", level=Level.BRANCH, role=role)


@pytest.mark.parametrize("part", range(3))
def test_who_opens_what(
    org: dict[str, OrgUnit], chief: User, clerk: User, visit: Any, counter: Post, part: int
) -> None:
    # given
    shopper = User.objects.create_user("x@example.com", "pass-word")
    looker = person(org["C11"], "looker", ["staff.view", "role.view", "org_unit.view"])
    abroad = person(org["C12"], "abroad", CHIEF)
    root = User.objects.create_superuser("root@example.com", "pass-word")
    hall = Department.objects.create(unit=org["C11"], code="hall", name="大厅")
    staff = clerk.o2o_staff
    held = StaffPost.objects.create(staff=staff, post=counter, unit=org["B111"])
    waiting = RoleGrant.objects.create(
        staff=staff, role=counter.role, unit=org["B111"], state=GrantState.PENDING, granted_by="system"
    )
    custom = Role.objects.create(
        code="own", name="本县", level=4, owner=org["C11"], permissions=["order.view"]
    )
    local = Post.objects.create(code="local", name="本县岗", level=4, owner=org["C11"], role=custom)
    #             page, arguments, chief, looker, clerk (no right), abroad (other county)
    table: list[tuple[str, tuple[Any, ...], int, int, int, int]] = [
        ("staff_changelist", (), 200, 200, 403, 200),
        ("staff_change", (staff.pk,), 200, 200, 403, 404),
        ("staff_hire", (), 200, 403, 403, 200),
        ("staff_edit", (staff.pk,), 200, 403, 404, 404),
        ("staff_assign", (staff.pk,), 200, 403, 404, 404),
        ("staff_grant", (staff.pk,), 200, 403, 404, 404),
        ("staff_transfer", (staff.pk,), 200, 403, 404, 404),
        ("staff_disable", (staff.pk,), 200, 403, 404, 404),
        ("staff_leave", (staff.pk,), 200, 403, 404, 404),
        ("staff_handover", (staff.pk,), 200, 403, 404, 404),
        ("staff_change_post", (held.pk,), 200, 403, 404, 404),
        ("staff_end_post", (held.pk,), 200, 403, 404, 404),
        ("staff_delegate", (), 200, 403, 403, 200),
        ("staff_reveal", ("o2o_org_hierarchy.staff", staff.pk), 200, 403, 404, 404),
        ("post_changelist", (), 200, 200, 403, 200),
        ("post_change", (counter.pk,), 200, 200, 403, 200),
        ("department_changelist", (), 200, 200, 403, 200),
        ("department_add", (), 403, 403, 403, 403),
        ("department_new", (), 200, 403, 403, 200),
        ("department_edit", (hall.pk,), 200, 403, 404, 404),
        ("department_switch", (hall.pk,), 200, 403, 404, 404),
        ("post_new", (), 200, 403, 403, 200),
        ("post_edit", (local.pk,), 200, 403, 404, 404),
        ("post_edit", (counter.pk,), 403, 403, 404, 403),
        ("post_switch", (local.pk,), 200, 403, 404, 404),
        ("staff_activation", (staff.pk,), 200, 403, 404, 404),
        ("role_changelist", (), 200, 200, 403, 200),
        ("role_change", (custom.pk,), 200, 200, 403, 404),
        ("role_new", (), 200, 403, 403, 200),
        ("role_edit", (custom.pk,), 200, 403, 404, 404),
        ("role_edit", (counter.role.pk,), 403, 403, 404, 403),
        ("role_switch", (custom.pk,), 200, 403, 404, 404),
        ("rolegrant_changelist", (), 200, 200, 403, 200),
        ("rolegrant_change", (waiting.pk,), 200, 200, 403, 404),
        ("rolegrant_confirm", (waiting.pk,), 200, 403, 404, 404),
        ("rolegrant_refuse", (waiting.pk,), 200, 403, 404, 404),
        ("rolegrant_revoke", (waiting.pk,), 200, 403, 404, 404),
    ]

    # then
    for name, args, *wanted in table[part::3]:
        for user, status in zip((chief, looker, clerk, abroad), wanted, strict=True):
            assert visit(user, name, *args).status_code == status, (name, user.first_name)
        for nobody in (None, shopper):
            assert visit(nobody, name, *args).status_code == 302, name
    assert visit(root, "staff_change", staff.pk).status_code == 200
    assert visit(root, "role_edit", counter.role.pk).status_code == 200


def test_hiring_with_a_post_from_the_page(
    org: dict[str, OrgUnit], chief: User, visit: Any, counter: Post
) -> None:
    # given
    sent = {
        "unit": org["B111"].pk, "employee_no": "B1-01", "name": "马小丽", "email": "ma@example.com",
        "mobile": "13800001234", "joined_on": today().isoformat(), "post": counter.pk,
    }  # fmt: skip

    # when: once wrong, once right
    wrong = visit(chief, "staff_hire", data={**sent, "mobile": "123", "name": "马小丽丽"})
    done = visit(chief, "staff_hire", data=sent)

    # then
    assert wrong.status_code == 200
    assert "手机号应为 11 位数字" in wrong.content.decode() and "马小丽丽" in wrong.content.decode()
    staff = Staff.objects.get(employee_no="B1-01")
    assert done.status_code == 302 and done.url == reverse(P + "staff_change", args=[staff.pk])
    assert access_of(staff.user).has("order.view")
    shown = visit(chief, "staff_change", staff.pk).content.decode()
    assert "138****1234" in shown and "13800001234" not in shown
    assert AuditEntry.objects.get(action="org_hierarchy.staff.hired").actor == f"user:{chief.pk}"
    assert visit(chief, "staff_hire", data={**sent, "unit": org["B121"].pk}).status_code == 200
    assert Staff.objects.count() == 2


def test_the_units_of_a_grant_are_searched_for(
    org: dict[str, OrgUnit], chief: User, clerk: User, visit: Any
) -> None:
    # given
    role = Role.objects.create(code="reader", name="查阅", level=3, permissions=["order.view"])
    form = {"unit": org["C11"].pk, "role": role.pk, "scope": "units", "reason": "查阅"}
    form |= {"valid_from": today().isoformat()}

    # when: none named, one out of reach, an outlet and a branch
    page = visit(chief, "staff_grant", clerk.o2o_staff.pk).content.decode()
    none = visit(chief, "staff_grant", clerk.o2o_staff.pk, data=form)
    abroad = visit(chief, "staff_grant", clerk.o2o_staff.pk, data={**form, "units": [org["B121"].pk]})
    given = visit(
        chief, "staff_grant", clerk.o2o_staff.pk, data={**form, "units": [org["O1111"].pk, org["B112"].pk]}
    )

    # then: not a list of every unit of the city
    assert org["B112"].name not in page
    assert "请选择指定的机构" in none.content.decode()
    assert "没有这个机构，或不在您的管辖范围内" in abroad.content.decode()
    assert given.status_code == 302
    reach = access_of(again(clerk)).reach("order.view")
    assert reach.units == {org["O1111"].pk, org["B112"].pk}


def test_giving_refusing_and_confirming_on_pages(
    org: dict[str, OrgUnit], chief: User, clerk: User, visit: Any
) -> None:
    # given
    second = person(org["C11"], "second", ["role.view", "role.confirm", "staff.view"])
    taking = Role.objects.create(code="taking", name="导出员", level=4, permissions=["staff.export"])
    wide = Role.objects.create(code="wide", name="太宽", level=4, permissions=["order.cancel"])
    form = {"unit": org["B111"].pk, "scope": "", "valid_from": today().isoformat(), "reason": "旺季"}

    # when
    refused = visit(chief, "staff_grant", clerk.o2o_staff.pk, data={**form, "role": wide.pk})
    given = visit(chief, "staff_grant", clerk.o2o_staff.pk, data={**form, "role": taking.pk})

    # then
    assert "超出您自己的权限" in refused.content.decode() and "订单·取消" in refused.content.decode()
    assert given.status_code == 302
    waiting = RoleGrant.objects.get(role=taking)
    assert waiting.state == GrantState.PENDING
    assert [one.title for one in todo(again(second))] == ["复核授权：clerk · 导出员"]
    assert todo(again(chief)) == [] and todo(again(clerk)) == []
    assert "同意" not in visit(chief, "rolegrant_change", waiting.pk).content.decode()
    own = visit(chief, "rolegrant_confirm", waiting.pk, data={"note": ""})
    assert "都不能复核" in own.content.decode()
    page = visit(second, "rolegrant_change", waiting.pk).content.decode()
    assert "clerk · 导出员 | 授权 |" in " ".join(page.split())
    assert "同意" in page and "人员·导出" in page

    # when
    assert visit(second, "rolegrant_confirm", waiting.pk, data={"note": "已核实"}).status_code == 302

    # then
    assert again(clerk).has_perm("staff.export")
    assert todo(again(second)) == []
    late = visit(second, "rolegrant_refuse", waiting.pk, data={"reason": "晚了"})
    assert "该授权已是“生效”" in late.content.decode()
    assert visit(chief, "rolegrant_revoke", waiting.pk, data={"reason": "旺季结束"}).status_code == 302
    assert not again(clerk).has_perm("staff.export")


def test_the_matrix_keeps_to_ones_own(org: dict[str, OrgUnit], chief: User, visit: Any) -> None:
    # given
    sent = {
        "owner": org["C11"].pk, "code": "county-own", "name": "县自建", "level": "4", "scope": "unit_and_below",
        "limit_refund": "50", "limit_discount": "", "limit_cash": "", "incompatible": [],
    }  # fmt: skip

    # when
    wide = visit(chief, "role_new", data={**sent, "permissions": ["order.view", "order.cancel"]})
    rich = visit(chief, "role_new", data={**sent, "permissions": ["order.view"], "limit_refund": "500.01"})
    odd = visit(chief, "role_new", data={**sent, "permissions": ["order.view"], "limit_refund": "abc"})
    made = visit(chief, "role_new", data={**sent, "permissions": ["order.view"]})

    # then
    assert "您没有的权限：订单·取消" in wide.content.decode()
    assert "退款上限 ¥500.01 高于您的 ¥500.00" in rich.content.decode()
    assert odd.status_code == 200
    role = Role.objects.get(code="county-own")
    assert made.url == reverse(P + "role_change", args=[role.pk])
    assert (role.permissions, role.money_limits, role.owner) == (
        ["order.view"],
        {"refund": "50.00"},
        org["C11"],
    )
    page = visit(chief, "role_edit", role.pk).content.decode()
    assert 'value="order.view" checked' in page
    assert 'value="order.cancel" disabled' in page

    # when
    changed = {**sent, "name": "县自建二", "permissions": ["order.view", "staff.view"]}
    assert visit(chief, "role_edit", role.pk, data=changed).status_code == 302
    assert visit(chief, "role_switch", role.pk, data={}).status_code == 302

    # then
    role.refresh_from_db()
    assert (role.name, role.is_active) == ("县自建二", False)
    assert set(role.permissions) == {"order.view", "staff.view"}


def test_leaving_by_the_hand_over_list(org: dict[str, OrgUnit], chief: User, clerk: User, visit: Any) -> None:
    # given
    heir = person(org["B111"], "heir")
    staff = clerk.o2o_staff
    order = Order.objects.create(total_net_amount=1, total_gross_amount=1, status="unfulfilled")
    OrderAttribution.objects.create(
        order=order, unit=org["B111"], org_path=org["B111"].path, operator=clerk, basis="operator"
    )

    # when
    warned = visit(chief, "staff_leave", staff.pk).content.decode()
    blocked = visit(chief, "staff_leave", staff.pk, data={"reason": "辞职"})
    listed = visit(chief, "staff_handover", staff.pk).content.decode()
    nobody = visit(chief, "staff_handover", staff.pk, data={"kind": "order", "keys": [str(order.pk)]})
    handed = visit(
        chief, "staff_handover", staff.pk,
        data={"kind": "order", "keys": [str(order.pk)], "order-successor": heir.o2o_staff.pk},
    )  # fmt: skip
    left = visit(chief, "staff_leave", staff.pk, data={"reason": "辞职"})

    # then: what is open is told before, with the way to it
    assert "经办未完成的订单 1" in warned and reverse(P + "staff_handover", args=[staff.pk]) in warned
    assert "经办未完成的订单 1 项" in blocked.content.decode()
    assert f"订单 #{order.pk}" in listed
    assert nobody.status_code == 200
    assert handed.status_code == 302 and left.status_code == 302
    assert HandedOver.objects.get().successor == heir.o2o_staff
    assert Staff.objects.get(pk=staff.pk).status == StaffStatus.LEFT
    page = visit(chief, "staff_change", staff.pk).content.decode()
    assert "已交接" in page and "重新入职" in page and "授予角色" not in page


def test_the_whole_number_is_shown_once_asked(
    org: dict[str, OrgUnit], chief: User, clerk: User, visit: Any
) -> None:
    # given
    change_file(None, clerk.o2o_staff, mobile="13900005678")
    key = ("o2o_org_hierarchy.staff", clerk.o2o_staff.pk)

    # when
    empty = visit(chief, "staff_reveal", *key, data={"reason": ""})
    asked = visit(chief, "staff_reveal", *key, data={"reason": "联系本人核实"})

    # then
    assert "13900005678" not in visit(chief, "staff_reveal", *key).content.decode()
    assert "13900005678" not in empty.content.decode()
    assert "13900005678" in asked.content.decode()
    assert "no-store" in asked["Cache-Control"]
    line = AuditEntry.objects.get(action="org_hierarchy.personal_data.shown")
    assert (line.actor, line.org_path) == (f"user:{chief.pk}", org["B111"].path)
    assert visit(chief, "staff_reveal", "auth.group", 1).status_code == 404


def test_lending_from_the_page(org: dict[str, OrgUnit], chief: User, visit: Any) -> None:
    # given
    own = RoleGrant.objects.get(staff=chief.o2o_staff)
    to = person(org["C11"], "deputy").o2o_staff
    sent = {
        "grant": own.pk, "to": to.pk, "valid_from": today().isoformat(),
        "valid_to": (today() + timedelta(days=40)).isoformat(), "reason": "出差",
    }  # fmt: skip

    # then
    assert "最长 30 天" in visit(chief, "staff_delegate", data=sent).content.decode()
    done = visit(chief, "staff_delegate", data={**sent, "valid_to": today().isoformat()})
    lent = RoleGrant.objects.get(source="delegation")
    assert done.url == reverse(P + "rolegrant_change", args=[lent.pk])
    assert lent.state == GrantState.PENDING  # it holds sensitive permissions


@pytest.mark.parametrize(
    "name",
    [
        "staff_changelist",
        "rolegrant_changelist",
        "role_changelist",
        "post_changelist",
        "department_changelist",
    ],
)
def test_lists_cost_the_same_however_long(
    org: dict[str, OrgUnit], chief: User, visit: Any, counter: Post, name: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert visit(chief, name).status_code == 200
        return len(seen)

    def more(prefix: str, count: int) -> None:
        for number in range(count):
            one = person(org["B111"], f"{prefix}{number}").o2o_staff
            StaffPost.objects.create(staff=one, post=counter, unit=org["B111"], is_primary=True)
            grant(one, org["B112"], ["order.view"])

    # given
    more("a", 2)
    visit(chief, name)
    few = cost()

    # when
    more("b", 8)

    # then
    assert cost() == few


def test_a_customers_number_is_behind_a_door_on_the_order(
    org: dict[str, OrgUnit], visit: Any, client: Client
) -> None:
    # given
    address = Address.objects.create(
        first_name="李晓江", street_address_1="中山四路1号", city="渝中区", country_area="重庆市", country="CN",
        phone="+8613800000001",
    )  # fmt: skip
    order = Order.objects.create(
        total_net_amount=1, total_gross_amount=1, user_email="li@example.com", shipping_address=address
    )
    OrderAttribution.objects.create(order=order, unit=org["B111"], org_path=org["B111"].path, basis="test")
    asker = person(org["C11"], "asker", ["order.view", "customer.unmask"])
    looker = person(org["C11"], "looker", ["order.view"])
    abroad = person(org["C12"], "abroad", ["order.view", "customer.unmask"])
    key = ("o2o_backoffice.order", order.pk)
    door = reverse(P + "staff_reveal", args=key)

    # then
    for user, shown in ((asker, True), (looker, False)):
        client.force_login(user, backend=BACKEND)
        page = client.get(reverse("admin:o2o_backoffice_order_change", args=[order.pk])).content.decode()
        assert (door in page) is shown
        assert "13800000001" not in page
    assert visit(looker, "staff_reveal", *key).status_code == 403
    assert visit(abroad, "staff_reveal", *key).status_code == 404
    assert (
        "+8613800000001" in visit(asker, "staff_reveal", *key, data={"reason": "联系送货"}).content.decode()
    )
    line = AuditEntry.objects.get(action="org_hierarchy.personal_data.shown")
    assert (line.subject_id, line.org_path) == (str(order.pk), org["B111"].path)
