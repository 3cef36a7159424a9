"""Codes: bound once, taken once, counted, reset by another; and what a login without one may reach."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from plugins.login_security.errors import LockedOut, WrongCode
from plugins.login_security.models import LoginRecord, LoginState, RecoveryCode, StaffLogin
from plugins.login_security.services import factor
from plugins.login_security.services.accounts import reset_factor
from plugins.org_hierarchy.interfaces import OrgError
from plugins.org_hierarchy.models import Role
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import person
from tests.threads import kinds, meeting, together

from .conftest import (
    ENROL,
    ME,
    MINE,
    VERIFY,
    Office,
    ask,
    code_now,
    enrol,
    log_in,
    staff_token,
    token_of,
)

pytestmark = pytest.mark.django_db


def browser(office: Office) -> Client:
    client = Client()
    assert log_in("finance@example.com", client=client).status_code == 302
    return client


def test_without_a_second_factor_finance_reaches_the_binding_page_only(office: Office) -> None:
    # given
    client = browser(office)

    # then
    for page in ("/admin/", "/admin/o2o_cashier_refund/", MINE, "/admin/password_change/"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, ENROL), page
    answer = client.get(ENROL)
    assert answer.status_code == 200 and "<svg" in answer.content.decode()
    assert "您的岗位要求登录时二次验证" in answer.content.decode()
    assert answer["Cache-Control"].startswith("max-age=0")
    assert client.get(VERIFY)["Location"] == ENROL


def test_binding_then_verifying(office: Office) -> None:
    # given
    client = browser(office)
    client.get(ENROL)
    secret = LoginState.objects.get(user=office.finance).secret

    # when: a wrong code, then the right one
    answer = client.post(ENROL, {"otp": "000000"})
    assert "验证码不正确" in answer.content.decode()
    assert client.get("/admin/")["Location"] == ENROL
    answer = client.post(ENROL, {"otp": code_now(secret, steps=-1)})

    # then: the recovery codes, once; and the home page
    codes = answer.context["codes"]
    assert len(set(codes)) == 10 and all(code in answer.content.decode() for code in codes)
    assert client.get("/admin/").status_code == 200
    assert client.get(ENROL)["Location"] == MINE
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM o2o_login_security_loginstate t")
        assert secret not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(t::text, ' ') FROM o2o_login_security_recoverycode t")
        assert codes[0].replace("-", "") not in cursor.fetchone()[0]

    # when: another login
    other = browser(office)

    # then
    assert other.get("/admin/")["Location"] == VERIFY
    assert other.post(VERIFY, {"otp": "12"}).status_code == 200
    assert other.post(VERIFY, {"otp": code_now(secret)}).status_code == 302
    assert other.get("/admin/").status_code == 200
    outcomes = LoginRecord.objects.filter(user=office.finance).values_list("outcome", flat=True)
    assert list(outcomes) == ["code_ok", "code_wrong", "success", "code_ok", "success"]


def test_a_code_counts_once(office: Office) -> None:
    # given
    secret, _codes = enrol(office.finance)
    code = code_now(secret)
    factor.verify(office.finance, code)

    # then: not again, and nothing older; the next one is new
    for used in (code, code_now(secret, steps=-1)):
        with pytest.raises(WrongCode):
            factor.verify(office.finance, used)
    factor.verify(office.finance, f" {code_now(secret, steps=1)[:3]} {code_now(secret, steps=1)[3:]}")
    with pytest.raises(WrongCode):
        factor.verify(office.finance, code_now(secret, steps=2))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\x00\x00", "9" * 500])
def test_what_is_no_code(office: Office, code: str) -> None:
    enrol(office.finance)
    with pytest.raises(WrongCode):
        factor.verify(office.finance, code)


def test_wrong_codes_lock_the_codes(office: Office) -> None:
    # given
    secret, codes = enrol(office.finance)
    for _number in range(5):
        with pytest.raises(WrongCode):
            factor.verify(office.finance, "000000")

    # then: neither a code nor a recovery code
    for code in (code_now(secret), codes[0]):
        with pytest.raises(LockedOut):
            factor.verify(office.finance, code)

    # when
    with frozen(now() + timedelta(minutes=16)):
        factor.verify(office.finance, code_now(secret))


def test_recovery_codes_count_once_each(office: Office) -> None:
    # given
    _secret, codes = enrol(office.finance)

    # when
    factor.verify(office.finance, codes[3].lower())

    # then
    with pytest.raises(WrongCode):
        factor.verify(office.finance, codes[3])
    factor.verify(office.finance, codes[4].replace("-", " "))
    assert RecoveryCode.objects.filter(used_at__isnull=True).count() == 8
    lines = AuditEntry.objects.filter(action="login_security.recovery_code_used").order_by("pk")
    assert [line.after for line in lines] == [{"left": 9}, {"left": 8}]


def test_new_recovery_codes_void_the_old(office: Office) -> None:
    # given
    secret, codes = enrol(office.finance)
    client = browser(office)
    client.post(VERIFY, {"otp": code_now(secret)})

    # when
    answer = client.post(MINE, {"act": "renew", "otp": code_now(secret, steps=1)})

    # then
    fresh = answer.context["codes"]
    with pytest.raises(WrongCode):
        factor.verify(office.finance, codes[0])
    factor.verify(office.finance, fresh[0])


@pytest.mark.django_db(transaction=True)
def test_one_code_used_eight_times_at_once_counts_once(office: Office, settings: Any) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 60
    settings.O2O_LOGIN = {**settings.O2O_LOGIN, "FAILURES": 50}
    secret, codes = enrol(office.finance)
    for code in (code_now(secret), codes[0]):
        # when
        results = together(*[partial(factor.verify, office.finance, code)] * 8)

        # then
        assert kinds(results) == ["LoginState"] + ["WrongCode"] * 7


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_code_counts_more_than_once(
    office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    settings.O2O_LOGIN = {**settings.O2O_LOGIN, "FAILURES": 50}
    secret, _codes = enrol(office.finance)
    meet = meeting(8)

    def unlocked(user: Any) -> LoginState:
        found = LoginState.objects.get(user_id=user.pk)
        meet()
        return found

    monkeypatch.setattr(factor, "lock_state", unlocked)

    # when
    results = together(*[partial(factor.verify, office.finance, code_now(secret))] * 8)

    # then
    assert kinds(results).count("LoginState") > 1


def test_tokens_need_the_code(office: Office) -> None:
    # given: not bound yet
    answer = token_of(office.finance)
    assert answer["data"]["tokenCreate"] is None
    assert answer["errors"][0]["extensions"]["code"] == "SECOND_FACTOR_REQUIRED"
    assert "还没有绑定" in answer["errors"][0]["message"]
    assert staff_token(office.finance)["errors"][0]["code"] == "SECOND_FACTOR_REQUIRED"

    # when: bound
    secret, codes = enrol(office.finance)

    # then
    assert token_of(office.finance)["errors"][0]["extensions"]["field"] == "otp"
    assert staff_token(office.finance)["errors"][0]["code"] == "SECOND_FACTOR_REQUIRED"
    assert staff_token(office.finance, "000000")["errors"][0]["code"] == "INVALID"
    assert staff_token(office.finance, code_now(secret), "wrong")["errors"][0]["code"] == "PERMISSION_DENIED"
    made = staff_token(office.finance, code_now(secret))
    assert made["errors"] == [] and made["user"] == {"email": "finance@example.com"}
    assert ask(ME, token=made["token"])["data"]["me"] == {"email": "finance@example.com"}
    assert staff_token(office.finance, codes[0])["token"]


def test_refreshed_tokens_remember_the_code(office: Office) -> None:
    # given
    secret, _codes = enrol(office.finance)
    token = staff_token(office.finance, code_now(secret))["token"]

    # when
    refresh = "mutation($token: String!) { tokenRefresh(token: $token) { token } }"
    fresh = ask(refresh, {"token": token})["data"]["tokenRefresh"]["token"]

    # then
    assert ask(ME, token=fresh)["data"]["me"] == {"email": "finance@example.com"}


def test_others_log_in_as_ever(office: Office) -> None:
    # given
    made = token_of(office.clerk)["data"]["tokenCreate"]

    # then
    assert made["user"] == {"email": "clerk@example.com"} and made["errors"] == []
    assert ask(ME, token=made["token"])["data"]["me"] == {"email": "clerk@example.com"}
    assert staff_token(office.clerk)["token"]
    client = Client()
    log_in("clerk@example.com", client=client)
    assert client.get("/admin/").status_code == 200


def test_a_token_from_before_the_role_needed_a_code_is_refused(office: Office) -> None:
    # given
    token = token_of(office.clerk)["data"]["tokenCreate"]["token"]
    assert ask(ME, token=token)["data"]["me"]

    # when
    Role.objects.filter(grants__staff__user=office.clerk).update(needs_second_factor=True)

    # then
    answer = ask(ME, token=token)
    assert answer["data"] == {"me": None} or "errors" in answer
    assert "二次验证" in str(answer["errors"])


RESETTERS = {
    "chief": None,
    "finance": OutOfScope,
    "self": OrgError,
    "looks": NotAllowed,
    "abroad": OutOfScope,
}


@pytest.mark.parametrize(("who", "refused"), RESETTERS.items())
def test_who_resets_a_second_factor(office: Office, who: str, refused: type[Exception] | None) -> None:
    # given
    _secret, _codes = enrol(office.finance)
    staff = StaffLogin.objects.get(user=office.finance)
    if who == "self":
        staff = StaffLogin.objects.get(user=office.chief)
    people = {
        "chief": office.chief,
        "self": office.chief,
        "finance": office.finance,
        "looks": person(office.units["C11"], "looks", ["staff.view"]),
        "abroad": person(office.units["C21"], "abroad", ["staff.view", "staff.edit"]),
    }

    # then
    if refused:
        with pytest.raises(refused):
            reset_factor(people[who], staff)
        assert LoginState.objects.get(user=office.finance).confirmed_at is not None
        return
    reset_factor(people[who], staff)
    state = LoginState.objects.get(user=office.finance)
    assert (state.secret, state.confirmed_at, state.epoch) == ("", None, 1)
    assert not RecoveryCode.objects.exists()
    line = AuditEntry.objects.get(action="login_security.second_factor_reset")
    assert (line.before, line.after) == ({"enrolled": True}, {"enrolled": False})


def test_after_a_reset_the_old_session_is_over_and_binding_starts_anew(office: Office) -> None:
    # given
    secret, _codes = enrol(office.finance)
    client = browser(office)
    client.post(VERIFY, {"otp": code_now(secret)})
    assert client.get("/admin/").status_code == 200
    page = f"/admin/o2o_login_security/stafflogin/{office.finance.o2o_staff.pk}/change/"
    chief = Client()
    log_in("chief@example.com", client=chief)
    assert "重置二次验证" in chief.get(page).content.decode()

    # when
    assert chief.post(page, {"act": "reset"}).status_code == 302

    # then
    assert "/admin/login/" in client.get("/admin/")["Location"]
    assert browser(office).get("/admin/")["Location"] == ENROL
    assert factor.start(office.finance) != secret


def test_nothing_secret_is_said(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    # given
    with caplog.at_level(logging.DEBUG):
        client = browser(office)
        client.get(ENROL)
        secret = LoginState.objects.get(user=office.finance).secret
        codes = client.post(ENROL, {"otp": code_now(secret, steps=-1)}).context["codes"]
        factor.verify(office.finance, codes[0])
        staff_token(office.finance, code_now(secret))

    # then
    told = caplog.text + str(list(AuditEntry.objects.values()))
    for word in (secret, codes[0], codes[0].replace("-", ""), code_now(secret), "pass-word"):
        assert word not in told
