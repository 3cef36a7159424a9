"""Passwords, user names, mobiles, identities and sessions of one's own."""

from __future__ import annotations

from typing import Any

import pytest
from saleor.account.models import User

from plugins.members.checks import agreement_is_there
from plugins.members.interfaces import bind, member_by, member_of, register, sign_in
from plugins.members.kinds import EndedWhy, Source
from plugins.members.models import Member, MemberIdentity, MemberSession
from plugins.members.services.sessions import end_all
from saleor_o2o.kernel.errors import DomainError
from sandbox.client import SandboxClient

from .asking import (
    AGREE,
    AGREED,
    BIND,
    ME,
    MINE,
    MOBILE,
    OTHER,
    PASSWORD,
    RELEASE,
    RESET,
    SET,
    TOKEN,
    USERNAME,
    ask,
    codes_of,
    enter,
    later,
    phone,
    read_code,
    send,
    somebody,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def refused(token: str) -> bool:
    """True when a token is one of nobody's."""
    return ask(ME, token=token) is None or "errors" in ask(ME, token=token)


def test_a_password_is_set_by_a_code_and_ends_other_logins(sms: SandboxClient, settings: Any) -> None:
    # given: stock's rule, which tests do without; a phone and a browser
    rule = "django.contrib.auth.password_validation.MinimumLengthValidator"
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": rule, "OPTIONS": {"min_length": 8}}]
    here = enter(sms, device={"key": "phone", "name": "手机"})["token"]
    later()
    there = enter(sms, device={"key": "web", "name": "电脑"})["token"]

    # when
    assert codes_of(ask(SET, {"password": "correct-horse"}, here)) == ["REQUIRED"]
    later()
    assert send(None, "CONFIRM", here)["errors"] == []
    code = read_code(sms)
    weak = ask(SET, {"password": "123", "code": code}, here)
    done = ask(SET, {"password": "correct-horse", "code": code}, here)

    # then
    assert codes_of(weak) == ["PASSWORD_WEAK"] and weak["errors"][0]["hint"]
    assert (done["errors"], done["member"]["hasPassword"]) == ([], True)
    assert not refused(here) and refused(there)
    assert codes_of(ask(SET, {"password": "other-horse-2", "code": code}, here)) == ["CODE_WRONG"]
    assert codes_of(ask(SET, {"password": "other-horse-2", "current": "wrong"}, here)) == ["WRONG_PASSWORD"]
    assert ask(SET, {"password": "other-horse-2", "current": "correct-horse"}, here)["errors"] == []
    assert ask(PASSWORD, {"login": MOBILE, "password": "other-horse-2"})["errors"] == []


def test_a_forgotten_password_is_reset_by_a_code(sms: SandboxClient) -> None:
    # given: locked out, and logged in elsewhere
    member = somebody(password="pass-word-1")
    old = sign_in(member, phone()).token
    for _ in range(5):
        ask(PASSWORD, {"login": MOBILE, "password": "nonsense"})

    # when
    send(purpose="RESET_PASSWORD")
    told = {"mobile": MOBILE, "code": read_code(sms), "password": "new-pass-word"}
    answer = ask(RESET, told)

    # then
    assert answer["errors"] == [] and refused(old)
    assert ask(PASSWORD, {"login": MOBILE, "password": "new-pass-word"})["errors"] == []
    assert codes_of(ask(RESET, told)) == ["CODE_WRONG"]
    assert codes_of(ask(RESET, {**told, "mobile": OTHER})) == ["CODE_WRONG"]


def test_names_of_users_are_one_s_own(sms: SandboxClient) -> None:
    # given
    token = enter(sms)["token"]
    bind(somebody(OTHER), "username", "taken_name")

    # then
    for name in ("ab", "1abc", "a" * 21, "小渝小渝", "🐼🐼🐼🐼", "a-b-c"):
        assert codes_of(ask(USERNAME, {"name": name}, token)) == ["USERNAME_INVALID"]
    assert codes_of(ask(USERNAME, {"name": "Taken_Name"}, token)) == ["IDENTITY_TAKEN"]
    assert ask(USERNAME, {"name": "first_name"}, token)["errors"] == []
    assert ask(USERNAME, {"name": "second_name"}, token)["errors"] == []
    assert member_by("username", "FIRST_NAME") is None
    assert member_by("username", "SECOND_NAME") is not None


def test_another_mobile_takes_the_place_of_the_old_one(sms: SandboxClient) -> None:
    # given
    token = enter(sms)["token"]
    later()
    assert send(OTHER, "BIND_MOBILE", token)["errors"] == []
    code = read_code(sms, OTHER)

    # then: the new number in hand is not enough
    assert codes_of(ask(BIND, {"mobile": OTHER, "code": code}, token)) == ["REQUIRED"]

    # when
    send(None, "CONFIRM", token)
    told = {"mobile": OTHER, "code": code, "confirmation": read_code(sms)}
    done = ask(BIND, told, token)

    # then
    assert done["errors"] == [] and done["member"]["mobile"] == "139****2222"
    assert member_by("mobile", MOBILE) is None
    assert member_by("mobile", OTHER) == Member.objects.get()
    assert MemberIdentity.objects.filter(released_at__isnull=False).count() == 1
    assert codes_of(ask(BIND, told, token)) == ["CODE_WRONG"]


def test_a_mobile_of_another_member_is_refused_to_whoever_proved_it(sms: SandboxClient) -> None:
    # given
    somebody(OTHER)
    token = enter(sms)["token"]
    later()
    send(OTHER, "BIND_MOBILE", token)
    send(None, "CONFIRM", token)

    # when
    told = {"mobile": OTHER, "code": read_code(sms, OTHER), "confirmation": read_code(sms)}
    answer = ask(BIND, told, token)

    # then: and both codes stay good, nothing having been done
    assert codes_of(answer) == ["IDENTITY_TAKEN"]
    assert ask(MINE, token=token)["mobile"] == "139****1111"


def test_who_proves_both_mobiles_makes_the_two_members_one(sms: SandboxClient) -> None:
    # given: an account with the number that is to be bound, and one's own
    there = somebody(OTHER)
    token = enter(sms)["token"]
    mine = member_by("mobile", MOBILE)
    assert mine is not None
    later()
    assert send(None, "CONFIRM", token)["errors"] == []
    assert send(OTHER, "BIND_MOBILE", token)["errors"] == []
    proofs = {"mobile": OTHER, "code": read_code(sms, OTHER), "confirmation": read_code(sms)}

    # when: not asked to merge, and with a wrong code
    assert codes_of(ask(BIND, proofs, token)) == ["IDENTITY_TAKEN"]
    wrong = {**proofs, "merge": True, "code": "000000" if proofs["code"] != "000000" else "111111"}
    assert codes_of(ask(BIND, wrong, token)) == ["CODE_WRONG"]

    # then: nothing happened
    assert Member.objects.get(pk=there.pk).status == "active"

    # when: the same proofs, and the wish to merge
    assert ask(BIND, {**proofs, "merge": True}, token)["errors"] == []

    # then: one member, known by the new number alone; the codes are used up
    assert Member.objects.get(pk=there.pk).status == "merged"
    assert member_by("mobile", OTHER) == mine
    assert member_by("mobile", MOBILE) is None
    assert codes_of(ask(BIND, {**proofs, "merge": True}, token)) == ["CODE_WRONG"]


def test_the_last_way_to_log_in_stays(sms: SandboxClient) -> None:
    # given
    made = enter(sms)
    token, member = made["token"], Member.objects.get()
    [mobile] = [one["id"] for one in made["member"]["identities"]]
    stranger = somebody(OTHER).identities.get()

    # then
    assert codes_of(ask(RELEASE, {"id": mobile}, token)) == ["LAST_IDENTITY"]
    for wrong in (str(stranger.pk), "0", "x", "-1", "9" * 40):
        assert codes_of(ask(RELEASE, {"id": wrong}, token)) == ["NOT_FOUND"]
    bind(member, "openid", "oAbCdEfGh123", "wx0001")
    assert ask(RELEASE, {"id": mobile}, token)["errors"] == []
    assert member_by("mobile", MOBILE) is None


def test_openids_are_of_an_account_and_letter_case_counts() -> None:
    # given
    one, two = somebody(), somebody(OTHER)
    bind(one, "openid", "oAbCdEfGh123", "wx0001")

    # when
    bind(two, "openid", "oAbCdEfGh123", "wx0002")
    bind(two, "openid", "oabcdefgh123", "wx0001")

    # then
    assert member_by("openid", "oAbCdEfGh123", "wx0001") == one
    assert member_by("openid", "oAbCdEfGh123", "wx0002") == two
    assert member_by("openid", "oAbCdEfGh123") is None
    with pytest.raises(DomainError) as refusal:
        bind(two, "openid", "oAbCdEfGh123", "wx0001")
    assert str(refusal.value.code.value) == "IDENTITY_TAKEN"
    for kind, value, namespace in (
        ("openid", "oAbCdEfGh123", ""),
        ("mobile", MOBILE, "wx"),
        ("openid", "短", "wx1"),
    ):
        with pytest.raises(DomainError):
            bind(two, kind, value, namespace)


def test_wechat_registers_and_logs_in_through_the_interfaces(rf: Any) -> None:
    # when
    member = register(
        Source.WECHAT, identities=[("openid", "oAbCdEfGh123", "wx0001")], name="渝", agreement=AGREED
    )
    tokens = sign_in(member, phone())

    # then
    assert ask(ME, token=tokens.token) == {"email": f"{member.number.lower()}@member.invalid"}
    request = rf.get("/")
    request.user = tokens.user
    assert member_of(request.user) == member
    assert ask(MINE, token=tokens.token)["mobile"] is None


def test_stock_s_login_is_a_session_too(django_assert_num_queries: Any) -> None:
    # given: somebody who registered in stock's storefront
    User.objects.create_user("old@example.com", "pass-word-1", first_name="老顾客")

    # when
    token = ask(TOKEN, {"email": "old@example.com", "password": "pass-word-1"})["token"]

    # then
    member = Member.objects.get()
    assert (member.source, member.sessions.get().way) == (Source.STOCK, "stock")
    assert ask(MINE, token=token)["number"] == member.number
    refresh = "mutation($token: String!) { tokenRefresh(token: $token) { token } }"
    renewed = ask(refresh, {"token": token})["token"]
    assert not refused(renewed) and MemberSession.objects.count() == 1
    assert ask(PASSWORD, {"login": "OLD@example.com", "password": "pass-word-1"})["errors"] == []

    # when
    end_all(member, EndedWhy.EVERYWHERE)

    # then
    assert refused(token) and refused(renewed)
    verify = "mutation($token: String!) { tokenVerify(token: $token) { user { email } } }"
    assert ask(verify, {"token": token}) is None


def test_who_asks_is_one_statement(django_assert_num_queries: Any) -> None:
    # given
    from graphql_jwt.utils import get_payload

    from plugins.login_security.graphql.tokens import read_claims, user_of

    claims = read_claims(get_payload(sign_in(somebody(), phone()).token))
    assert claims is not None

    # then
    with django_assert_num_queries(1):
        assert user_of(claims) is not None


def test_the_staff_and_nobody_have_no_membership(org: dict[str, Any]) -> None:
    # given
    from tests.orgs import person

    clerk = person(org["B111"], "clerk", ["member.view"])
    token = ask(TOKEN, {"email": clerk.email, "password": "pass-word"})["token"]

    # then
    for who in (token, ""):
        assert ask(MINE, token=who) is None
        for query, told in (
            (USERNAME, {"name": "some_name"}), (SET, {"password": "pass-word-1"}), (AGREE, {"agreement": AGREED}),
            (RELEASE, {"id": "1"}), (BIND, {"mobile": MOBILE, "code": "123456"}),
        ):  # fmt: skip
            assert codes_of(ask(query, told, who)) == ["SIGN_IN_REQUIRED"]
    assert codes_of(ask(PASSWORD, {"login": clerk.email, "password": "pass-word"})) == ["WRONG_PASSWORD"]
    assert Member.objects.count() == 0


def test_agreeing_to_a_newer_agreement(sms: SandboxClient, settings: Any) -> None:
    # given
    token = enter(sms)["token"]
    settings.O2O_MEMBERS = {"AGREEMENT": "2027-01"}

    # then
    assert codes_of(ask(AGREE, {"agreement": AGREED}, token)) == ["AGREEMENT_REQUIRED"]
    assert ask(AGREE, {"agreement": "2027-01"}, token)["member"]["agreement"] == "2027-01"


def test_the_agreement_has_words_and_a_version_without_them_is_told(settings: Any) -> None:
    # given
    text = post_text()

    # then
    assert text.startswith("# 渝邮生活会员服务协议") and "注销" in text
    assert agreement_is_there(None) == []

    # when: a version that nobody wrote, and one that is no file's name
    for version in ("2099-01", "../README"):
        settings.O2O_MEMBERS = {**settings.O2O_MEMBERS, "AGREEMENT": version}

        # then
        assert post_text() == ""
        assert [one.id for one in agreement_is_there(None)] == ["o2o_members.E001"]


def post_text() -> str:
    """What everybody may read."""
    return str(ask("{ memberAgreementText }"))
