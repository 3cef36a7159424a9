"""The activation mail, sent again: when one may, not too often, and written down; what the page says about a login."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit, Staff
from plugins.org_hierarchy.services.staffing import disable, enable, hire
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, person, small_org

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"
SEND = """mutation($staff: String!) { staffActivationSend(staff: $staff) { staff { employeeNo }
  errors { field code message hint } } }"""


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def chief(org: dict[str, OrgUnit]) -> User:
    return person(org["C11"], "chief", ["staff.view", "staff.edit", "staff.create"])


@pytest.fixture
def new(org: dict[str, OrgUnit], chief: User) -> Staff:
    made = hire(chief, org["B111"], employee_no="B1-01", name="马小丽", email="ma@example.com")
    mail.outbox.clear()
    return made


def send(user: User | None, staff: str = "B1-01") -> list[str]:
    headers = {"HTTP_AUTHORIZATION": f"JWT {get_token(again(user))}"} if user else {}
    body = json.dumps({"query": SEND, "variables": {"staff": staff}})
    answer = json.loads(Client().post("/graphql/", body, content_type="application/json", **headers).content)
    assert "errors" not in answer, answer
    return [one["code"] for one in answer["data"]["staffActivationSend"]["errors"]]


def told() -> int:
    return AuditEntry.objects.filter(action="org_hierarchy.staff.activation_sent").count()


def test_again_but_not_too_often(chief: User, new: Staff) -> None:
    # given: it has just gone out
    assert send(chief) == ["TOO_OFTEN"]
    assert (len(mail.outbox), told()) == (0, 0)

    # when: later, five times
    for number in range(1, 7):
        with frozen(now() + timedelta(minutes=6 * number)):
            answer = send(chief)
        assert answer == ([] if number <= 5 else ["TOO_OFTEN"])

    # then
    assert (len(mail.outbox), told()) == (5, 5)
    assert {one.to[0] for one in mail.outbox} == {"ma@example.com"}
    with frozen(now() + timedelta(days=2)):
        assert send(chief) == []


def test_who_may(org: dict[str, OrgUnit], chief: User, new: Staff) -> None:
    # given
    looker = person(org["C11"], "looker", ["staff.view"])
    abroad = person(org["C12"], "abroad", ["staff.view", "staff.edit"])
    shopper = User.objects.create_user("x@example.com", "pass-word")

    # then
    with frozen(now() + timedelta(hours=1)):
        found = [send(user) for user in (None, shopper, looker, abroad)]
    assert found == [["NOT_FOUND"], ["NOT_FOUND"], ["PERMISSION_DENIED"], ["NOT_FOUND"]]
    assert (len(mail.outbox), told()) == (0, 0)


def test_whoever_has_a_password_or_may_not_work_gets_none(chief: User, new: Staff) -> None:
    # given
    with frozen(now() + timedelta(hours=1)):
        disable(chief, new, reason="借调")
        assert send(chief) == ["STAFF_NOT_ACTIVE"]
        enable(chief, new)
        new.user.set_password("a-good-password")
        new.user.save()

        # then
        assert send(chief) == ["ALREADY_ACTIVATED"]
    assert (len(mail.outbox), told()) == (0, 0)


def test_the_page_says_how_the_login_stands(chief: User, new: Staff, settings: Any) -> None:
    # given
    settings.O2O_UNASSIGNED_STAFF_GLOBAL = False
    client = Client()
    client.force_login(chief, backend=BACKEND)
    page = reverse("admin:o2o_org_hierarchy_staff_change", args=[new.pk])
    button = reverse("admin:o2o_org_hierarchy_staff_activation", args=[new.pk])

    # when
    fresh = client.get(page).content.decode()
    refused = client.post(button).content.decode()
    with frozen(now() + timedelta(minutes=6)):
        sent = client.post(button)
    new.user.set_password("a-good-password")
    new.user.save()
    activated = client.get(page).content.decode()

    # then
    assert "未激活，激活邮件已于" in fresh and button in fresh and "再过 90 天未使用将自动停用" in fresh
    assert "未绑定，岗位不要求" in fresh and "近期没有登录记录" in fresh
    assert "分钟后可以再发" in refused
    assert (sent.status_code, len(mail.outbox)) == (302, 1)
    assert "已激活，本人已设置密码" in activated and button not in activated
    listed = reverse("admin:o2o_org_hierarchy_staff_changelist")
    assert "马小丽" not in client.get(listed, {"account": "new"}).content.decode()
    assert "马小丽" in client.get(listed, {"account": "ready"}).content.decode()


def test_whoever_is_let_in_again_has_the_idle_days_before_him(chief: User, new: Staff) -> None:
    # given: not seen for long, switched off for that, and on again
    from plugins.login_security.services.accounts import disable_idle

    Staff.objects.filter(user=chief).update(last_seen_at=now())
    Staff.objects.filter(pk=new.pk).update(created_at=now() - timedelta(days=91))
    assert disable_idle() == 1

    # when
    enable(chief, new)

    # then
    assert disable_idle() == 0
    with frozen(now() + timedelta(days=89)):
        Staff.objects.filter(user=chief).update(last_seen_at=now())
        assert disable_idle() == 0
    with frozen(now() + timedelta(days=91)):
        Staff.objects.filter(user=chief).update(last_seen_at=now())
        assert disable_idle() == 1
