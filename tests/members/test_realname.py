"""A member's real name: asked of the register once, asked for until it answers, then the register's word counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from plugins.members import realname_http
from plugins.members.interfaces import bind, member_by
from plugins.members.kinds import CheckState
from plugins.members.models import Member, MemberProfile, Passenger, RealNameCheck
from plugins.members.services import realname
from plugins.members.services.records import PASSENGER, save_record
from plugins.members.services.signing_in import sign_in
from plugins.members.tasks import check_waiting
from saleor_o2o.kernel.clock import frozen, now
from sandbox.client import SandboxClient

from .asking import ERRORS, OTHER, ask, codes_of, phone, somebody
from .test_profile import UPDATE
from .test_records import ID_NUMBER

pytestmark = pytest.mark.django_db

PROFILE = "profile { realName realNameHint birthday gender }"
SUBMIT = f"""mutation($name: String!, $id: String!, $agreed: Boolean = true) {{
  memberRealNameSubmit(name: $name, idNumber: $id, agreed: $agreed) {{ member {{ name {PROFILE} }} {ERRORS} }} }}"""
MINE = f"{{ myMember {{ name {PROFILE} identities {{ kind masked }} }} }}"
TOLD = {"name": "王建国", "id": ID_NUMBER}


def token_of(member: Member) -> str:
    return sign_in(member, phone()).token


def checks(sms: SandboxClient) -> list[dict[str, Any]]:
    """What the register was asked."""
    found: list[dict[str, Any]] = sms.call("GET", "/realname/checks")["checks"]
    return found


def test_a_name_that_belongs_to_the_number_is_the_member_s(sms: SandboxClient) -> None:
    # given: called otherwise, with the same passenger
    member = somebody(name="建国哥")
    save_record(member, PASSENGER, {"name": "王建国", "number": ID_NUMBER})
    token = token_of(member)
    assert codes_of(ask(SUBMIT, {**TOLD, "agreed": False}, token)) == ["AGREEMENT_REQUIRED"]

    # when
    assert ask(SUBMIT, TOLD, token)["errors"] == []

    # then
    mine = ask(MINE, token=token)
    assert mine["name"] == "王建国"
    assert mine["profile"] == {
        "realName": "PASSED", "realNameHint": "", "birthday": "1990-03-07", "gender": "MALE",
    }  # fmt: skip
    assert {"kind": "ID_NUMBER", "masked": "110***********8515"} in mine["identities"]
    assert member_by("id_number", ID_NUMBER) == member and Passenger.objects.get().verified == "passed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id_number FROM o2o_members_realnamecheck")
        assert not any(word in str(cursor.fetchall()) for word in ("王建国", ID_NUMBER))
    # and what the register said is not changed by oneself
    for told in ({"name": "别名"}, {"birthday": "1991-01-01"}):
        assert codes_of(ask(UPDATE, {"input": told}, token)) == ["INVALID"]
    assert codes_of(ask(SUBMIT, TOLD, token)) == ["INVALID"]
    assert len(checks(sms)) == 1


def test_a_name_of_another_is_told_and_may_be_tried_again(sms: SandboxClient) -> None:
    # given
    member = somebody(name="王建国")
    token = token_of(member)

    # when
    ask(SUBMIT, {**TOLD, "name": "王不符"}, token)

    # then
    assert ask(MINE, token=token)["profile"]["realName"] == "MISMATCHED"
    assert (
        not MemberProfile.objects.exclude(birthday=None).exists()
        and member_by("id_number", ID_NUMBER) is None
    )
    ask(SUBMIT, TOLD, token)
    assert ask(MINE, token=token)["profile"]["realName"] == "PASSED"


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"name": "", "id": ID_NUMBER}, "REQUIRED", "name"),
        ({"name": "1", "id": ID_NUMBER}, "INVALID", "name"),
        ({"name": "王😀", "id": ID_NUMBER}, "INVALID", "name"),
        ({"name": "王建国", "id": "110101199003078516"}, "ID_NUMBER_INVALID", "idNumber"),
    ],
)
def test_what_cannot_be_is_not_asked(sms: SandboxClient, told: dict[str, str], code: str, field: str) -> None:
    # when
    answer = ask(SUBMIT, told, token_of(somebody()))

    # then
    assert codes_of(answer) == [code] and answer["errors"][0]["field"] == field
    assert checks(sms) == [] and not RealNameCheck.objects.exists()
    assert codes_of(ask(SUBMIT, TOLD)) == ["SIGN_IN_REQUIRED"]


def test_another_s_number_is_not_taken(sms: SandboxClient) -> None:
    # given
    other = somebody(OTHER)
    bind(other, "id_number", ID_NUMBER)
    member = somebody(name="老王")
    token = token_of(member)

    # when
    ask(SUBMIT, TOLD, token)

    # then: nobody is told whose it is
    mine = ask(MINE, token=token)
    assert (mine["name"], mine["profile"]["realName"]) == ("老王", "NONE")
    assert "网点合并会员" in mine["profile"]["realNameHint"] and member_by("id_number", ID_NUMBER) == other


@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "not_json"])
def test_without_an_answer_the_same_number_is_asked_for(sms: SandboxClient, fault: str) -> None:
    # given
    token = token_of(somebody())
    sms.fault("ask", fault, system="realname")

    # when
    ask(SUBMIT, TOLD, token)
    assert ask(MINE, token=token)["profile"]["realName"] == "SUBMITTED"
    assert (
        ask(SUBMIT, TOLD, token)["errors"] == [] and RealNameCheck.objects.count() == 1
    )  # meanwhile: the same
    assert check_waiting() == 0  # not at once
    with frozen(now() + timedelta(seconds=90)):
        assert check_waiting() == 1

    # then
    assert ask(MINE, token=token)["profile"]["realName"] == "PASSED"
    [asked] = checks(sms)
    assert asked["copies"] == 1


def test_a_register_that_never_answers_is_given_up(sms: SandboxClient) -> None:
    # given
    token = token_of(somebody())
    sms.fault("*", "http_500", system="realname", times=None)
    ask(SUBMIT, TOLD, token)

    # when
    with frozen(now() + timedelta(days=3)):
        check_waiting()

    # then
    assert RealNameCheck.objects.get().state == CheckState.REFUSED
    assert "没有答复" in ask(MINE, token=token)["profile"]["realNameHint"]


def test_five_a_day(sms: SandboxClient) -> None:
    # given
    token = token_of(somebody())
    for _ in range(realname.PER_DAY):
        assert ask(SUBMIT, {**TOLD, "name": "王不符"}, token)["errors"] == []

    # then
    assert codes_of(ask(SUBMIT, TOLD, token)) == ["TOO_OFTEN"]


def test_keys_are_in_no_repr(sms: SandboxClient) -> None:
    # then
    config = realname_http.load()
    assert config.key not in repr(config) and config.secret not in repr(config)
    assert date(1990, 3, 7)
