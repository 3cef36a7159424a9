"""Idle accounts, log out everywhere, password rules, and the pages for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from saleor.account.models import User

from plugins.login_security.models import LoginState
from plugins.login_security.services import accounts
from plugins.login_security.services.accounts import disable_idle, soon_idle
from plugins.login_security.todo import todo
from plugins.org_hierarchy.interfaces import Staff, StaffStatus
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from tests.orgs import again, person

from .conftest import ME, MINE, Office, ask, log_in, staff_token, token_of

pytestmark = pytest.mark.django_db

PAGE = "/admin/o2o_login_security/stafflogin/"


def test_idle_people_are_disabled_and_come_back_people_are_not(office: Office) -> None:
    # given: the clerk not seen for 91 days, finance hired 91 days ago and never seen, the chief seen yesterday
    long_ago = now() - timedelta(days=91)
    Staff.objects.filter(user=office.clerk).update(last_seen_at=long_ago)
    Staff.objects.filter(user=office.finance).update(created_at=long_ago)
    Staff.objects.filter(user=office.chief).update(created_at=long_ago, last_seen_at=now())

    # when
    assert [disable_idle(), disable_idle()] == [2, 0]

    # then
    states = dict(Staff.objects.values_list("user__first_name", "status"))
    disabled = StaffStatus.DISABLED
    assert states == {"clerk": disabled, "finance": disabled, "chief": StaffStatus.ACTIVE}
    assert Staff.objects.get(user=office.clerk).status_reason == "连续 90 天未登录，自动停用"
    assert not User.objects.get(pk=office.clerk.pk).is_active
    assert AuditEntry.objects.filter(action="org_hierarchy.staff.disabled").count() == 2


def test_the_login_page_itself_leads_to_the_home_page(office: Office) -> None:
    answer = Client().post("/admin/login/", {"username": "clerk@example.com", "password": "pass-word"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_never_when_switched_off(office: Office, settings: Any) -> None:
    Staff.objects.update(created_at=now() - timedelta(days=900))
    settings.O2O_LOGIN = {**settings.O2O_LOGIN, "IDLE_DAYS": 0}
    assert disable_idle() == 0 and not soon_idle().exists()


def test_a_warning_for_those_who_may_do_something(office: Office) -> None:
    # given: 84 days; abroad as well
    person(office.units["C21"], "far", [])
    Staff.objects.filter(name__in=["clerk", "far"]).update(last_seen_at=now() - timedelta(days=84))

    # then
    assert [one.title for one in todo(office.chief)] == ["1 个账号即将因长期未用停用"]
    assert todo(office.clerk) == []
    chief = Client()
    log_in("chief@example.com", client=chief)
    text = chief.get(PAGE, {"idle": "soon"}).content.decode()
    assert "clerk" in text and "finance" not in text
    assert "即将因长期未用停用" in chief.get("/admin/").content.decode()


def test_seen_is_written_once_an_hour(office: Office, django_assert_num_queries: Any) -> None:
    # given
    client = Client()
    log_in("clerk@example.com", client=client)
    client.get("/admin/")
    first = Staff.objects.get(user=office.clerk).last_seen_at
    assert first is not None

    # then
    with frozen(first + timedelta(minutes=59)):
        client.get("/admin/")
        assert Staff.objects.get(user=office.clerk).last_seen_at == first
    with frozen(first + timedelta(minutes=61)):
        client.get("/admin/")
        assert Staff.objects.get(user=office.clerk).last_seen_at == first + timedelta(minutes=61)
        with django_assert_num_queries(0):
            accounts.seen(Staff(last_seen_at=first + timedelta(minutes=60)))
            accounts.seen(None)


def test_who_asks_at_the_api_is_still_one_statement(office: Office, django_assert_num_queries: Any) -> None:
    # given
    token = token_of(office.clerk)["data"]["tokenCreate"]["token"]
    shopper = User.objects.create_user("s@example.com", "pass-word")
    other = token_of(shopper)["data"]["tokenCreate"]["token"]
    ask(ME, token=token)
    assert Staff.objects.get(user=office.clerk).last_seen_at is not None

    # then
    for one in (token, other):
        with django_assert_num_queries(1):
            assert ask(ME, token=one)["data"]["me"]


def test_logging_out_everywhere_ends_sessions_and_tokens(office: Office) -> None:
    # given
    here, there = Client(), Client()
    for client in (here, there):
        log_in("clerk@example.com", client=client)
    token = token_of(office.clerk)["data"]["tokenCreate"]["token"]

    # when
    assert here.post(MINE, {"act": "logout"}).status_code == 302

    # then
    for client in (here, there):
        assert "/admin/login/" in client.get("/admin/")["Location"]
    assert "登录已失效" in str(ask(ME, token=token)["errors"])

    # when: logged in anew, twice
    for _round in range(2):
        log_in("clerk@example.com", client=here)
        assert here.get("/admin/").status_code == 200
        token = staff_token(office.clerk)["token"]
        assert ask(ME, token=token)["data"]["me"]
        assert "errors" not in ask("mutation { staffLogoutEverywhere { errors { code } } }", token=token)
        assert "登录已失效" in str(ask(ME, token=token)["errors"])
    assert LoginState.objects.get(user=office.clerk).epoch == 3
    answer = ask("mutation { staffLogoutEverywhere { errors { code } } }")["data"]["staffLogoutEverywhere"]
    assert answer == {"errors": [{"code": "PERMISSION_DENIED"}]}


PAGES = {"chief": 200, "looks": 200, "abroad": 404, "clerk": 403}


@pytest.mark.parametrize(("who", "status"), PAGES.items())
def test_the_page_of_a_login(office: Office, who: str, status: int) -> None:
    # given
    person(office.units["C11"], "looks", ["staff.view"])
    person(office.units["C21"], "abroad", ["staff.view", "staff.edit"])
    token_of(office.clerk)
    page = f"{PAGE}{office.clerk.o2o_staff.pk}/change/"
    client = Client()
    log_in(f"{who}@example.com", client=client)

    # then
    answer = client.get(page)
    assert answer.status_code == status
    if status == 200:
        text = answer.content.decode()
        assert "登录记录" in text and "127.0.0.1" in text
        assert ("全部退出" in text) == (who == "chief")
    before = LoginState.objects.filter(epoch__gt=0).count()
    assert client.post(page, {"act": "logout"}).status_code == (302 if status == 200 else 404)
    assert client.post(page, {"act": "explode"}).status_code == (302 if status == 200 else 404)
    assert LoginState.objects.filter(epoch__gt=0).count() - before == int(who == "chief")


VALIDATORS = [
    {"NAME": "plugins.login_security.validators.StaffPasswordValidator"},
]
PASSWORDS = {
    "short-one": False,
    "1234567890": False,
    "clerk-clerk-clerk": False,
    "山高水长路远人多好": False,
    "many-oranges-42": True,
}


@pytest.mark.parametrize(("password", "good"), PASSWORDS.items())
def test_passwords_of_the_staff(office: Office, password: str, good: bool) -> None:
    rules = get_password_validators(VALIDATORS)
    validate_password(password, again(User.objects.create_user("s@example.com", "x")), rules)
    validate_password(password, None, rules)
    if good:
        validate_password(password, office.clerk, rules)
        return
    with pytest.raises(ValidationError):
        validate_password(password, office.clerk, rules)
