"""Codes, registration, login: over the API, with real messages."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from plugins.login_security.models import LoginThrottle
from plugins.members.models import Member, MemberSession, SmsMessage, VerificationCode
from plugins.members.services import codes
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry, EventRecord
from sandbox.client import SandboxClient

from .asking import (
    AGREED,
    ME,
    MINE,
    MOBILE,
    OTHER,
    PASSWORD,
    SIGN_IN,
    STATUS,
    TOKEN,
    ask,
    codes_of,
    enter,
    later,
    read_code,
    send,
    somebody,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def test_somebody_new_becomes_a_member(sms: SandboxClient) -> None:
    # when
    asked = send()
    text = sms.texts(MOBILE)[0]["text"]
    made = ask(SIGN_IN, {"mobile": MOBILE, "code": read_code(sms), "agreement": AGREED, "name": " 小渝🌶️ "})

    # then
    assert (asked["againAfter"], asked["errors"]) == (60, [])
    assert text.startswith("【渝邮生活】验证码 ") and "请勿告诉他人" in text
    assert (made["created"], made["errors"]) == (True, [])
    member = Member.objects.get()
    assert made["member"] == {
        "number": member.number, "name": "小渝🌶️", "status": "ACTIVE", "mobile": "139****1111", "hasPassword": False,
        "agreement": AGREED,
        "identities": [
            {"id": str(member.identities.get().pk), "kind": "MOBILE", "masked": "139****1111", "isPrimary": True}
        ],
    }  # fmt: skip
    assert made["user"] == {"email": f"{member.number.lower()}@member.invalid"}
    assert (member.number.startswith("M26") and len(member.number) == 11) or len(member.number) == 12
    assert ask(ME, token=made["token"]) == made["user"]
    assert ask(MINE, token=made["token"]) == made["member"]
    assert ask(STATUS, {"ticket": asked["ticket"]}) == "SENT"
    assert EventRecord.objects.filter(name="members.registered").count() == 1
    assert AuditEntry.objects.filter(action="members.registered").count() == 1


def test_the_same_number_logs_in_the_second_time(sms: SandboxClient) -> None:
    # given
    first = enter(sms)
    later()

    # when: as people type it
    assert send("+86 139-0000-１１１１")["errors"] == []
    second = ask(
        SIGN_IN, {"mobile": "８６13900001111", "code": f" {read_code(sms)[:3]} {read_code(sms)[3:]}"}
    )

    # then
    assert (second["created"], second["errors"]) == (False, [])
    assert second["member"]["number"] == first["member"]["number"]
    assert Member.objects.count() == 1


def test_without_agreeing_nobody_registers_and_the_code_stays_good(sms: SandboxClient) -> None:
    # given
    send()
    code = read_code(sms)

    # when
    refused = [ask(SIGN_IN, {"mobile": MOBILE, "code": code, "agreement": text}) for text in ("", "2020-01")]

    # then
    assert [codes_of(one) for one in refused] == [["AGREEMENT_REQUIRED"]] * 2
    assert Member.objects.count() == 0
    assert ask(SIGN_IN, {"mobile": MOBILE, "code": code, "agreement": AGREED})["created"] is True


def test_a_code_is_good_once_for_its_purpose_its_number_and_five_minutes(sms: SandboxClient) -> None:
    # given
    somebody()
    somebody(OTHER)
    send()
    code = read_code(sms)
    wrong = {"mobile": MOBILE, "code": "000000" if code != "000000" else "111111"}

    # then
    assert codes_of(ask(SIGN_IN, wrong)) == ["CODE_WRONG"]
    assert codes_of(ask(SIGN_IN, {"mobile": OTHER, "code": code})) == ["CODE_WRONG"]
    with frozen(now() + timedelta(minutes=5, seconds=1)):
        assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": code})) == ["CODE_WRONG"]
    assert ask(SIGN_IN, {"mobile": MOBILE, "code": code})["errors"] == []
    assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": code})) == ["CODE_WRONG"]
    later()
    send(purpose="RESET_PASSWORD")
    assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": read_code(sms)})) == ["CODE_WRONG"]


def test_a_newer_code_makes_the_older_void(sms: SandboxClient) -> None:
    # given
    somebody()
    send()
    old = read_code(sms)
    later()
    send()

    # then
    if old != read_code(sms):
        assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": old})) == ["CODE_WRONG"]
    assert ask(SIGN_IN, {"mobile": MOBILE, "code": read_code(sms)})["errors"] == []


def test_five_wrong_tries_void_a_code_and_lock_the_number(sms: SandboxClient) -> None:
    # given
    somebody()
    send()
    code = read_code(sms)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    # when
    tries = [codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": wrong})) for _ in range(5)]
    locked = ask(SIGN_IN, {"mobile": MOBILE, "code": code})
    LoginThrottle.objects.all().delete()
    still = codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": code}))

    # then
    assert tries == [["CODE_WRONG"]] * 5
    assert codes_of(locked) == ["LOCKED_OUT"] and locked["errors"][0]["hint"] == "请稍后再试，或到网点办理"
    assert still == ["CODE_WRONG"]
    assert MemberSession.objects.count() == 0


@pytest.mark.parametrize(
    "mobile", ["", "1390000111", "12900001111", "139000011111", "１２３", "手机号", "🐼" * 11]
)
def test_what_is_no_number(sms: SandboxClient, mobile: str) -> None:
    # then
    assert codes_of(send(mobile)) == ["MOBILE_INVALID"]
    assert codes_of(ask(SIGN_IN, {"mobile": mobile, "code": "123456"})) == ["MOBILE_INVALID"]
    assert VerificationCode.objects.count() == 0


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "'; --", "9" * 5000])
def test_what_is_no_code(sms: SandboxClient, code: str) -> None:
    # given
    somebody()
    send()

    # then
    assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": code})) == ["CODE_WRONG"]


def test_any_identity_and_the_password(sms: SandboxClient) -> None:
    # given
    from plugins.members.interfaces import bind

    member = somebody(password="pass-word-1")
    bind(member, "username", "Xiao_Yu")
    bind(member, "card", "6201 0000 0017")
    bind(member, "id_number", "11010119900307707x")
    number = member.number

    # then
    for login in (
        MOBILE, " 139 0000 1111", number, number.lower(), "xiao_yu", "XIAO_YU", "620100000017", "11010119900307707X",
        member.user.email,
    ):  # fmt: skip
        answer = ask(PASSWORD, {"login": login, "password": "pass-word-1"})
        assert (login, answer["errors"]) == (login, [])
        assert answer["member"]["number"] == number


def test_failures_count_for_the_member_whatever_was_typed(sms: SandboxClient) -> None:
    # given
    from plugins.members.interfaces import bind

    member = somebody(password="pass-word-1")
    bind(member, "username", "xiaoyu")

    # when: five times, by three names
    names = [MOBILE, "xiaoyu", member.number, MOBILE, "xiaoyu"]
    wrong = [ask(PASSWORD, {"login": name, "password": "nonsense"}) for name in names]
    nobody = [ask(PASSWORD, {"login": "13999999999", "password": "nonsense"}) for _ in range(6)]

    # then: right passwords wait too, at every door; nobody's name reads the same
    assert [codes_of(one) for one in wrong] == [["WRONG_PASSWORD"]] * 5
    assert codes_of(ask(PASSWORD, {"login": MOBILE, "password": "pass-word-1"})) == ["LOCKED_OUT"]
    stock = ask(TOKEN, {"email": member.user.email, "password": "pass-word-1"})
    assert codes_of(stock) == ["LOCKED_OUT"]
    assert [codes_of(one) for one in nobody] == [["WRONG_PASSWORD"]] * 5 + [["LOCKED_OUT"]]
    assert nobody[0]["errors"] == wrong[0]["errors"]


def test_the_answers_do_not_say_who_is_a_member(sms: SandboxClient) -> None:
    # given
    somebody()

    # when
    member, stranger = ([send(mobile, purpose) for purpose in ("SIGN_IN",)] for mobile in (MOBILE, OTHER))
    later()
    known, unknown = send(MOBILE, "RESET_PASSWORD"), send(OTHER, "RESET_PASSWORD")

    # then: to the byte but for the ticket; the code of a member is on the phone, and nowhere else
    for one, two in ((member[0], stranger[0]), (known, unknown)):
        assert {**one, "ticket": ""} == {**two, "ticket": ""}
    assert len(sms.texts(MOBILE)) == 2 and len(sms.texts(OTHER)) == 1
    VerificationCode.objects.update(asked_at=now() - timedelta(seconds=5))
    assert ask(STATUS, {"ticket": known["ticket"]}) == ask(STATUS, {"ticket": unknown["ticket"]}) == "SENT"
    assert codes_of(send(MOBILE, "COUNTER")) == ["INVALID"]
    assert codes_of(send(MOBILE, "BIND_MOBILE")) == codes_of(send(None, "CONFIRM")) == ["SIGN_IN_REQUIRED"]


def test_codes_and_numbers_are_nowhere_in_the_clear(
    sms: SandboxClient, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    with caplog.at_level(logging.DEBUG, logger="plugins"):
        enter(sms)
    code = read_code(sms)

    # when
    with connection.cursor() as cursor:
        texts = []
        for table in ("verificationcode", "smsmessage", "memberidentity", "member", "membersession"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM o2o_members_{table} t")
            texts.append(cursor.fetchone()[0] or "")

    # then
    stored = " ".join(texts)
    logged = " ".join(one.getMessage() for one in caplog.records if not one.name.startswith("http"))
    assert MOBILE not in stored and MOBILE not in logged
    assert code not in logged
    assert SmsMessage.objects.get().parameters == {}
    assert code not in VerificationCode.objects.get().digest


def test_the_same_code_checked_twice_at_the_same_moment_is_used_once(sms: SandboxClient) -> None:
    # given: an interleaving: both were right, then one works
    somebody()
    send()
    code = read_code(sms)
    from .asking import phone

    one = codes.check(MOBILE, codes.Purpose.SIGN_IN, code, phone())
    two = codes.check(MOBILE, codes.Purpose.SIGN_IN, code, phone())

    # when
    codes.use(one)

    # then
    with pytest.raises(codes.CodeWrong):
        codes.use(two)


def test_one_more_than_the_limits_allow(sms: SandboxClient) -> None:
    # when
    first, second = send(), send()

    # then: says when, and sends nothing
    assert first["errors"] == []
    [error] = second["errors"]
    assert error["code"] == "TOO_OFTEN" and 55 <= error["retryAfter"] <= 61
    assert error["hint"] == f"请 {error['retryAfter']} 秒后再试"
    assert len(sms.texts(MOBILE)) == 1

    # when: a minute apart, five in an hour
    answers = []
    for _ in range(5):
        later()
        answers.append(send())

    # then
    assert [codes_of(one) for one in answers] == [[]] * 4 + [["TOO_OFTEN"]]
    assert "分钟后再试" in answers[-1]["errors"][0]["hint"]


def test_limits_per_device_and_network_are_dated_rows(sms: SandboxClient, settings: Any) -> None:
    # given
    from plugins.members.models import SmsLimit
    from saleor_o2o.kernel.clock import today

    settings.O2O_LOGIN = {**settings.O2O_LOGIN, "TRUSTED_PROXIES": 0}
    SmsLimit.objects.create(subject="device", seconds=3600, most=2)
    SmsLimit.objects.create(subject="device", seconds=3600, most=99, valid_from=today() + timedelta(days=1))
    SmsLimit.objects.create(subject="network", seconds=3600, most=4, valid_from=today() - timedelta(days=2))
    SmsLimit.objects.create(subject="network", seconds=3600, most=3, valid_from=today() - timedelta(days=1))
    device = {"key": "abc", "name": ""}

    # when: other numbers each time
    one_device = [codes_of(send(f"1391111000{n}", device=device)) for n in range(3)]
    no_device = [codes_of(send(f"1391111001{n}")) for n in range(2)]

    # then: the device's third is refused, the network's fourth
    assert one_device == [[], [], ["TOO_OFTEN"]]
    assert no_device == [[], ["TOO_OFTEN"]]
    with frozen(now() + timedelta(days=1)):
        assert codes_of(send("13911110020", device=device)) == []


def test_a_member_who_is_frozen_is_told_only_with_the_right_code(sms: SandboxClient) -> None:
    # given
    member = somebody(password="pass-word-1")
    Member.objects.filter(pk=member.pk).update(status="frozen")
    member.user.is_active = False
    member.user.save()
    send()
    code = read_code(sms)

    # then
    wrong = {"mobile": MOBILE, "code": f"{(int(code) + 1) % 1_000_000:06d}"}
    assert codes_of(ask(SIGN_IN, wrong)) == ["CODE_WRONG"]
    assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": code})) == ["MEMBER_NOT_ACTIVE"]
    assert codes_of(ask(PASSWORD, {"login": MOBILE, "password": "wrong"})) == ["WRONG_PASSWORD"]
    assert codes_of(ask(PASSWORD, {"login": MOBILE, "password": "pass-word-1"})) == ["MEMBER_NOT_ACTIVE"]
    assert MemberSession.objects.count() == 0
