"""An account is closed: asked for with a proof, cooled off, kept open by what is open, then forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from saleor.account.models import Address, User

from plugins.members.interfaces import bind, member_by, sign_in
from plugins.members.kinds import ClosingState, MemberStatus
from plugins.members.models import Member, MemberClosing, MemberIdentity, MemberProfile, Passenger
from plugins.members.services.addresses import save_address
from plugins.members.services.closing import carry_out, carry_out_due, withdraw
from plugins.members.services.erasing import erase
from plugins.members.services.profiles import edit_profile
from plugins.members.services.records import PASSENGER, save_record
from plugins.members.services.status import change_status
from plugins.members.tasks import close_due
from plugins.org_hierarchy import customers_leaving
from plugins.org_hierarchy.interfaces import ClosingBlocker, OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from sandbox.client import SandboxClient
from tests.orgs import person
from tests.scope.city import rows_at
from tests.threads import together

from .asking import (
    AGREED,
    ERRORS,
    ME,
    MOBILE,
    SIGN_IN,
    ask,
    codes_of,
    enter,
    later,
    phone,
    read_code,
    send,
    somebody,
)
from .test_addresses import told
from .test_pages import browser, page
from .test_records import ID_NUMBER

pytestmark = pytest.mark.django_db

VIEW = "askedAt dueAt blockers { text hint }"
MINE = f"{{ myClosing {{ {VIEW} }} }}"
ASK = f"""mutation($code: String, $password: String, $reason: String) {{
  memberClosingAsk(code: $code, password: $password, reason: $reason) {{ closing {{ {VIEW} }} {ERRORS} }} }}"""
WITHDRAW = f"mutation {{ memberClosingWithdraw {{ closing {{ dueAt }} {ERRORS} }} }}"


def waiting(member: Member, days: int = 15) -> MemberClosing:
    """A wish that waits, written past the proof."""
    Member.objects.filter(pk=member.pk).update(status=MemberStatus.CLOSING)
    return MemberClosing.objects.create(member=member, due_at=now() + timedelta(days=days))


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> list[ClosingBlocker]:
    """What a plugin says is open."""
    found: list[ClosingBlocker] = []
    monkeypatch.setitem(customers_leaving._blockers, "tests", lambda _user: found)
    return found


def test_asked_for_with_a_code_and_withdrawn(sms: SandboxClient) -> None:
    # given
    token = enter(sms)["token"]
    later()

    # when
    assert codes_of(ask(ASK, {}, token)) == ["REQUIRED"]
    assert codes_of(ask(ASK, {"code": "000000"}, token)) == ["CODE_WRONG"]
    send(None, "CONFIRM", token)
    done = ask(ASK, {"code": read_code(sms), "reason": "不用了"}, token)
    again = ask(ASK, {}, token)

    # then: the login stays, so that he can think better of it
    assert done["errors"] == again["errors"] == []
    assert done["closing"]["dueAt"] == again["closing"]["dueAt"]
    assert MemberClosing.objects.get().due_at - now() > timedelta(days=14, hours=23)
    assert "注销" in sms.texts(MOBILE)[0]["text"]
    later()
    send()
    assert ask(SIGN_IN, {"mobile": MOBILE, "code": read_code(sms)})["errors"] == []
    # and withdrawn, twice
    for _ in range(2):
        assert ask(WITHDRAW, token=token) == {"closing": {"dueAt": None}, "errors": []}
    assert Member.objects.get().status == MemberStatus.ACTIVE
    assert [one.state for one in MemberClosing.objects.all()] == [ClosingState.WITHDRAWN]


def test_without_a_mobile_the_password_proves() -> None:
    # given
    member = somebody(password="pass-word-1")
    MemberIdentity.objects.all().delete()
    bind(member, "openid", "o" * 28, "wxapp")
    token = sign_in(member, phone()).token

    # then
    assert (
        codes_of(ask(ASK, {}, token))
        == codes_of(ask(ASK, {"password": "wrong"}, token))
        == ["WRONG_PASSWORD"]
    )
    assert ask(ASK, {"password": "pass-word-1"}, token)["errors"] == []


def test_what_is_open_is_told_and_changes_nothing(
    blocked: list[ClosingBlocker], org: dict[str, OrgUnit]
) -> None:
    # given: an unpaid order, and what another plugin knows of
    member = somebody(password="pass-word-1")
    MemberIdentity.objects.all().delete()
    blocked.append(ClosingBlocker("余额 ¥12.00 没有用完", "请先用完或到网点退款"))
    token = sign_in(member, phone()).token

    # when
    shown = ask(MINE, token=token)
    answer = ask(ASK, {"password": "pass-word-1"}, token)

    # then
    assert shown == {
        "askedAt": None, "dueAt": None,
        "blockers": [{"text": "余额 ¥12.00 没有用完", "hint": "请先用完或到网点退款"}],
    }  # fmt: skip
    assert codes_of(answer) == ["CLOSING_BLOCKED"] and "余额 ¥12.00" in answer["errors"][0]["message"]
    assert Member.objects.get().status == MemberStatus.ACTIVE and not MemberClosing.objects.exists()


def test_orders_and_payments_keep_an_account_open(org: dict[str, OrgUnit]) -> None:
    # given: an order with a payment under way
    member = somebody()
    rows = rows_at(org["B111"], "open")
    rows.order.user = member.user
    rows.order.save()
    type(rows.intent).objects.filter(pk=rows.intent.pk).update(state="pending", order=rows.order)

    # then
    found = [str(one.text) for one in customers_leaving.closing_blockers(member.user)]
    assert "有 1 笔支付没有结束" in found


def test_a_member_is_forgotten_when_the_time_has_come(sms: SandboxClient, org: dict[str, OrgUnit]) -> None:
    # given: everything there is
    token = enter(sms, name="王建国")["token"]
    member = Member.objects.get()
    bind(member, "openid", "openid-of-wang-jianguo-00001", "wxapp")
    edit_profile(member, {"birthday": now().date().replace(year=1980), "building": "3 栋"})
    save_address(member, told())
    save_record(member, PASSENGER, {"name": "王建国", "number": ID_NUMBER})
    rows = rows_at(org["B111"], "past")
    rows.order.user, rows.order.user_email = member.user, "wang@example.com"
    rows.order.shipping_address.first_name = "王建国"
    rows.order.shipping_address.save()
    rows.order.save()
    type(rows.intent).objects.update(state="paid")
    user_id, number = member.user_id, member.number
    waiting(member)

    # when: not before
    assert close_due() == 0
    with frozen(now() + timedelta(days=16)):
        assert close_due() == 1
        assert close_due() == 0 and not carry_out(member.pk)

    # then: orders stay, the person is gone
    member = Member.objects.get()
    assert (member.status, member.agreement, member.number) == (MemberStatus.CLOSED, "", number)
    user = User.objects.get(pk=user_id)
    assert (user.first_name, user.last_name, user.is_active, user.has_usable_password()) == (
        "",
        "",
        False,
        False,
    )
    assert user.email == f"{number.lower()}@member.invalid" and not user.addresses.exists()
    rows.order.refresh_from_db()
    assert rows.order.user_id == user_id and rows.order.user_email == user.email
    assert rows.order.shipping_address.first_name == "王建国"  # where it was sent stays with the order
    assert not MemberProfile.objects.exists() and not Passenger.objects.exists()
    assert "errors" in ask(ME, token=token) or ask(ME, token=token) is None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM o2o_members_memberidentity WHERE value <> '' OR value_index <> ''"
        )
        assert cursor.fetchone() == (0,)
    assert MemberClosing.objects.get().state == ClosingState.DONE
    assert "已注销" in sms.texts(MOBILE)[0]["text"]
    # and the number is free again: whoever has it now is somebody new
    assert (
        member_by("mobile", MOBILE) is None
        and member_by("openid", "openid-of-wang-jianguo-00001", "wxapp") is None
    )
    later()
    assert enter(sms, agreement=AGREED)["created"] is True
    assert Member.objects.count() == 2


def test_what_was_opened_meanwhile_stops_it(sms: SandboxClient, blocked: list[ClosingBlocker]) -> None:
    # given
    member = somebody()
    waiting(member, days=-1)
    blocked.append(ClosingBlocker("有 1 件投诉没有办结"))

    # when
    done = carry_out_due()

    # then: told why, and everything as it was
    assert done == 0
    closing = MemberClosing.objects.get()
    assert (closing.state, closing.outcome) == (ClosingState.STOPPED, "有 1 件投诉没有办结")
    assert Member.objects.get().status == MemberStatus.ACTIVE and member_by("mobile", MOBILE) == member
    assert "投诉没有办结" in sms.texts(MOBILE)[0]["text"]


def test_erasing_twice_is_harmless() -> None:
    # given
    from django.db import transaction

    member = somebody(name="王建国")
    save_address(member, told())

    # when
    for _ in range(2):
        with transaction.atomic():
            erase(Member.objects.get())

    # then
    assert not Address.objects.exists() and User.objects.get().first_name == ""


WHO = {
    "in_reach": ("B111", ["member.view", "member.freeze"], 302),
    "manager": ("CQ", ["member.view", "member.freeze"], 302),
    "looks_only": ("B111", ["member.view"], 403),
    "next_door": ("B112", ["member.view", "member.freeze"], 404),
}


@pytest.mark.parametrize("who", WHO)
def test_who_of_the_staff_may_withdraw(org: dict[str, OrgUnit], who: str) -> None:
    # given
    member = somebody(home_unit=org["B111"])
    waiting(member)
    code, permissions, expected = WHO[who]

    # when
    response = browser(person(org[code], who, permissions)).post(
        page(member, "keep"), {"reason": "顾客来电撤回", "do": "1"}
    )

    # then
    assert response.status_code == expected
    status = Member.objects.values_list("status", flat=True).get()
    assert status == (MemberStatus.ACTIVE if expected == 302 else MemberStatus.CLOSING)


def test_only_who_is_in_order_is_closed(org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody(password="pass-word-1", home_unit=org["B111"])
    MemberIdentity.objects.all().delete()
    token = sign_in(member, phone()).token
    change_status(
        person(org["B111"], "boss", ["member.view", "member.freeze"]), member, "freeze", "怀疑被盗用"
    )

    # then: out at once, and nothing waits
    assert "errors" in ask(ASK, {"password": "pass-word-1"}, token)
    assert not MemberClosing.objects.exists()
    assert withdraw(member) is False


@pytest.mark.django_db(transaction=True)
def test_withdrawn_at_the_last_moment_is_one_or_the_other() -> None:
    # given
    member = somebody()
    waiting(member, days=-1)

    # when
    done = together(
        lambda: carry_out(member.pk),
        lambda: withdraw(Member.objects.get(pk=member.pk)),
        lambda: carry_out(member.pk),
    )

    # then
    assert not any(isinstance(one, Exception) and not isinstance(one, DomainError) for one in done), done
    closing, status = MemberClosing.objects.get(), Member.objects.values_list("status", flat=True).get()
    live: Any = MemberIdentity.objects.filter(released_at__isnull=True).count()
    assert (closing.state, status, live) in (
        (ClosingState.DONE, MemberStatus.CLOSED, 0),
        (ClosingState.WITHDRAWN, MemberStatus.ACTIVE, 1),
    )


def test_asked_for_by_letter(org: dict[str, OrgUnit], sms: SandboxClient) -> None:
    # given
    member = somebody(name="王建国", home_unit=org["B111"])
    clerk = person(org["B111"], "clerk", ["member.view", "member.close"])
    client = browser(clerk)

    # when: without the paper's number nothing happens; with it, once
    refused = client.post(page(member, "close"), {"letter": "1", "reason": ""}).content.decode()
    for _twice in range(2):
        client.post(page(member, "close"), {"letter": "书-2026-0017", "reason": "本人到场"})

    # then: it cools off as every other, the member is told and may withdraw
    closing = MemberClosing.objects.get()
    assert "书面申请的编号" in refused
    assert closing.why == "书面申请 书-2026-0017 本人到场"
    assert Member.objects.get(pk=member.pk).status == MemberStatus.CLOSING
    assert withdraw(Member.objects.get(pk=member.pk)) is True
    blind = browser(person(org["B111"], "blind", ["member.view", "member.freeze"]))
    assert blind.post(page(member, "close"), {"letter": "书-2026-0018"}).status_code == 403


def test_shops_keep_an_account_open_and_followers_are_cut_off(org: dict[str, OrgUnit]) -> None:
    # given: somebody who follows one account, has left another, is bound to a shop
    from plugins.channels.models import Channel, CustomerBinding
    from plugins.official_account.models import Account, Fan

    member = somebody(home_unit=org["B111"])
    shop = Channel.objects.create(
        code="K7W3NQ9X", type="micro_shop", name="小店", unit=org["B111"], owner_user=member.user
    )
    CustomerBinding.objects.create(customer=member.user, channel=shop, basis="first", actor="system")
    accounts = [
        Account.objects.create(code=f"oa{number}", name="公众号", unit=org["CQ"], appid=f"wx{number}")
        for number in (1, 2)
    ]
    stays, gone = (
        Fan.objects.create(
            account=account, openid=f"o{account.pk}", openid_index=f"i{account.pk}", user=member.user, remark="老王",
            is_following=account == accounts[0],
        )
        for account in accounts
    )  # fmt: skip
    assert ["1 家店铺" in str(one.text) for one in customers_leaving.closing_blockers(member.user)] == [True]

    # when
    from django.db import transaction

    with transaction.atomic():
        erase(member)

    # then
    assert CustomerBinding.objects.get().end_reason == "会员注销"
    stays.refresh_from_db(), gone.refresh_from_db()
    assert [(fan.user_id, fan.remark, fan.openid) for fan in (stays, gone)] == [
        (None, "", f"o{accounts[0].pk}"), (None, "", ""),
    ]  # fmt: skip
