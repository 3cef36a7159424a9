"""Campaigns by WeChat, over HTTP to the sandbox: read, tapped, bought; refused and sent as a text; never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from saleor.account.models import User
from saleor.order.models import Order

from plugins.member_operations.errors import OperationsError
from plugins.member_operations.kinds import Way
from plugins.member_operations.models import Campaign, CampaignMessage, ContactRule
from plugins.member_operations.selectors import result_of
from plugins.member_operations.services.sending import drive, settle_due
from plugins.members.models import Member, SmsMessage
from plugins.official_account.errors import OfficialAccountError
from plugins.official_account.models import Account, Fan, MessageTemplate, Sending, openid_index
from plugins.official_account.seeds import TEMPLATES
from plugins.official_account.services import sending
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.ordering.models import OrderProfile
from tests.official_account.line import Line

from .conftest import approved, campaign_of, segment_of, states

CHEN = "oSandboxPersonChenYujiang001"
Make = Callable[..., Member]


@pytest.fixture
def fan(line: Line, account: Account, make: Make, rule: ContactRule) -> Member:
    """A member who follows, and the account's template for campaigns."""
    line.does("follow")
    member = make()
    row = Fan.objects.filter(account=account, openid_index=openid_index(CHEN)).first() or Fan(
        account=account, openid=CHEN, openid_index=openid_index(CHEN)
    )
    row.user, row.is_following, row.seen_at = member.user, True, now()
    row.save()
    template, fields = TEMPLATES["campaign"]
    MessageTemplate.objects.create(account=account, occasion="campaign", template_id=template, fields=fields)
    return member


def by_wechat(manager: User, approver: User, **told: Any) -> Campaign:
    """A campaign of which everybody has been dealt with on our side."""
    values = {"way": Way.WECHAT, "page": "/h5/coupons", "falls_back": True, **told}
    row = approved(manager, approver, **values)
    assert drive(row.pk) >= 1
    return row


def message() -> CampaignMessage:
    return CampaignMessage.objects.get()


def test_read_tapped_and_bought(line: Line, fan: Member, manager: User, approver: User) -> None:
    # given
    row = by_wechat(manager, approver)
    assert (sending.drive_due(), sending.drive_due()) == (1, 0)

    # when: read on the telephone, tapped twice
    shown = line.messages()[-1]
    assert (shown["title"], "王建国，周末鲜果八折" in shown["text"]) == ("会员活动通知", True)
    link = urlsplit(shown["url"]).path
    answers = [Client().get(link) for _tap in range(2)]
    Client().head(link)

    # then: led to the page, counted once; arrived, by WeChat's word
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, "/h5/coupons")}
    assert Client().get("/member_operations/c/invented/")["Location"] == "/h5/"
    line.does("sent/finish")
    assert (settle_due(), states(row)) == (1, [("sent", "")])
    result = result_of(row)
    assert (result.opened, result.bought_after, result.by_text) == (1, 0, 0)

    # when
    order = Order.objects.create(user=fan.user, currency="CNY")
    OrderProfile.objects.create(
        order=order, number="N1", placed_total=9, total=9, paid_at=now() + timedelta(hours=1)
    )

    # then
    assert (result_of(row).bought_after, result_of(row).bought) == (1, 1)


def test_killed_after_wechat_acted_nobody_reads_it_twice(
    line: Line,
    fan: Member,
    manager: User,
    approver: User,
) -> None:
    # given: the answer is lost, as for a worker that dies waiting for it
    row = by_wechat(manager, approver)
    line.control.fault("template_send", "answer_lost", system="official_account")
    sending.drive_due()
    assert (Sending.objects.get().state, settle_due()) == ("waiting", 0)

    # when: the job sends again what it does not know of, and the campaign is driven again
    with frozen(now() + timedelta(minutes=1)):
        sending.drive_due()
    assert drive(row.pk) == 0

    # then
    told = [one for one in line.messages() if one.get("title") == "会员活动通知"]
    assert (len(told), Sending.objects.get().state, SmsMessage.objects.count()) == (1, "sent", 0)


@pytest.mark.parametrize("falls_back", [True, False])
@pytest.mark.parametrize("how", ["unfollowed", "blocked"])
def test_what_wechat_refuses_goes_as_a_text_message_once(
    line: Line,
    fan: Member,
    manager: User,
    approver: User,
    editor: User,
    how: str,
    falls_back: bool,
) -> None:
    # given
    row = by_wechat(manager, approver, falls_back=falls_back)
    if how == "unfollowed":
        line.control.fault("template_send", "error", system="official_account", code="43004")
    sending.drive_due()
    if how == "blocked":
        line.does("sent/finish", status="failed:user block")

    # when: not at night
    quiet = ContactRule.objects.create(quiet_from="00:00", quiet_until="23:59:59", per_day=1)
    before = SmsMessage.objects.count()
    settle_due()
    assert SmsMessage.objects.count() == before
    quiet.delete()
    settle_due()
    settle_due()

    # then
    found = message()
    assert (found.told != "", found.by_text) == (True, falls_back)
    assert (found.state, SmsMessage.objects.count()) == (("sent", 1) if falls_back else ("failed", 0))
    assert result_of(row).by_text == falls_back
    if how == "unfollowed":
        with pytest.raises(OfficialAccountError):
            sending.send_again(editor, Sending.objects.get().pk)


@pytest.mark.parametrize("falls_back", [True, False])
def test_a_subscribe_message_without_consent(
    line: Line, fan: Member, manager: User, approver: User, falls_back: bool
) -> None:
    # given: agreed to once, and that one is used before this one goes
    template = MessageTemplate.objects.get()
    MessageTemplate.objects.update(kind="subscribe")
    kept = Fan.objects.get(user=fan.user).consents.create(template_id=template.template_id, left=1)
    by_wechat(manager, approver, falls_back=falls_back)
    type(kept).objects.update(left=0)

    # when
    sending.drive_due()
    settle_due()

    # then: by text if the campaign says so, and once
    assert (Sending.objects.get().state, SmsMessage.objects.count()) == ("refused", int(falls_back))
    assert message().by_text == falls_back


def test_no_more_today_waits_for_tomorrow(line: Line, fan: Member, manager: User, approver: User) -> None:
    # given
    by_wechat(manager, approver)
    line.control.fault("template_send", "error", system="official_account", code="45009")
    sending.drive_due()

    # then: kept, told so, and no text message instead
    made = Sending.objects.get()
    assert (made.state, settle_due(), SmsMessage.objects.count()) == ("waiting", 0, 0)
    assert made.next_at is not None and timezone.localtime(made.next_at).date() > timezone.localdate()

    # when
    with frozen(made.next_at + timedelta(minutes=1)):
        sending.drive_due()

    # then
    assert [one.get("title") for one in line.messages()].count("会员活动通知") == 1


@pytest.mark.parametrize("falls_back", [True, False])
def test_who_does_not_follow(
    line: Line,
    make: Make,
    rule: ContactRule,
    manager: User,
    approver: User,
    falls_back: bool,
) -> None:
    # given
    make()

    # when
    row = by_wechat(manager, approver, falls_back=falls_back)

    # then
    assert states(row) == [("handed", "")] if falls_back else [("skipped", "not_following")]
    assert (message().by_text, SmsMessage.objects.count()) == (falls_back, int(falls_back))


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "//evil.example", "/h5/../admin/", "/admin/", "/h5/ x"]
)
def test_it_leads_to_the_shop_only(manager: User, page: str) -> None:
    with pytest.raises(OperationsError) as refused:
        campaign_of(manager, segment_of(manager), way=Way.WECHAT, page=page)
    assert refused.value.field == "page"
