"""From a draft to phones: frozen at submission, approved by another, capped, quiet, opted in, stopped, killed."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from saleor.account.models import User

from plugins.approvals.interfaces import ApprovalError, approve, open_request, reject
from plugins.coupons.models import Coupon, CouponTemplate
from plugins.coupons.services.templates import move_template
from plugins.member_operations.errors import OperationsError
from plugins.member_operations.models import Campaign, ContactRule
from plugins.member_operations.selectors import result_of
from plugins.member_operations.services import sending
from plugins.member_operations.services.campaigns import save_campaign, stop_campaign, submit_campaign
from plugins.member_operations.services.sending import drive, due, settle_due
from plugins.member_operations.texts import as_text_message, pieces
from plugins.members.models import Member, SmsMessage
from plugins.members.services.sms import deliver
from plugins.official_account.models import Account, Fan, MessageTemplate, Sending
from plugins.org_hierarchy.interfaces import Deed, OrgUnit, bar
from saleor_o2o.kernel.clock import frozen, midnight, now, today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from sandbox.client import SandboxClient
from tests.orgs import person

from .conftest import APPROVER, MANAGER, Make, approved, campaign_of, segment_of, states

pytestmark = pytest.mark.usefixtures("rule")


def test_only_those_who_may_be_reached_are(
    manager: User, approver: User, org: dict[str, OrgUnit], make: Make, sms: SandboxClient
) -> None:
    # given: one who is reached, one who was today, one who never agreed, one on the blacklist, one without a mobile
    reached, capped, silent, black, dumb, barred = (
        make(),
        make(),
        make(marketing=False),
        make(),
        make(),
        make(),
    )
    bar(barred.user_id, [Deed.MARKETING])
    before = approved(manager, approver, name="早先的", segment=segment_of(manager, registered=30))
    before.messages.exclude(member=capped).delete()
    drive(before.pk)
    campaign = approved(manager, approver, segment=segment_of(manager, registered=30))
    Member.objects.filter(pk=black.pk).update(status="blacklisted")
    dumb.identities.all().delete()
    late = make()

    # when: every task comes twice
    for _twice in range(2):
        drive(campaign.pk)
    for message in SmsMessage.objects.order_by("pk"):
        for _twice in range(2):
            deliver(message.pk)
    settle_due()

    # then
    assert campaign.planned == 6
    assert states(campaign) == [
        ("sent", ""), ("capped", ""), ("skipped", "no_consent"), ("skipped", "not_active"), ("skipped", "no_mobile"),
        ("skipped", "forbidden"),
    ]  # fmt: skip
    assert Campaign.objects.get(pk=campaign.pk).state == "done"
    [text] = sms.texts(reached.identities.get().value)
    assert "王建国，周末鲜果八折" in text["text"] and "可在会员资料里关闭营销信息" in text["text"]
    assert len(sms.texts()) == 2
    assert [sms.texts(one.identities.get().value) for one in (silent, black, late)] == [[], [], []]
    told = result_of(campaign)
    assert (told.reached, told.bought, told.states) == (1, 0, {"sent": 1, "capped": 1, "skipped": 4})


def test_what_the_gateway_refuses_has_failed(
    manager: User, approver: User, make: Make, sms: SandboxClient
) -> None:
    # given
    campaign = approved(manager, approver, segment=_with(make, manager))
    drive(campaign.pk)
    [message] = SmsMessage.objects.all()
    SmsMessage.objects.filter(pk=message.pk).update(state="refused")

    # when
    settle_due()

    # then: it does not count against the member
    assert states(campaign) == [("failed", "")]
    assert not sending.is_capped(campaign.messages.get().member, ContactRule.objects.get(), now())


def _with(make: Make, manager: User) -> Any:
    make()
    return segment_of(manager)


def test_nobody_gets_it_twice_when_a_worker_dies(
    manager: User, approver: User, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the worker dies after the text was written, before the message is settled
    campaign = approved(manager, approver, segment=_with(make, manager))
    settle = sending._settle

    def die(*_told: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(sending, "_settle", die)
    with pytest.raises(SystemExit):
        drive(campaign.pk)

    # then: nothing was written, so nothing was sent
    assert SmsMessage.objects.count() == 0
    assert states(campaign) == [("planned", "")]

    # when another takes it up, again and again
    monkeypatch.setattr(sending, "_settle", settle)
    for _again in range(3):
        drive(campaign.pk)

    # then
    assert SmsMessage.objects.count() == 1


def test_quiet_hours_and_the_time_that_was_set(manager: User, approver: User, make: Make) -> None:
    # given: quiet from nine in the evening to nine in the morning; a campaign for tomorrow
    ContactRule.objects.update(quiet_from=time(21), quiet_until=time(9))
    noon = midnight(today()) + timedelta(days=1, hours=12)
    campaign = approved(manager, approver, segment=_with(make, manager), starts_at=noon)
    assert (due(), campaign.state) == ([], "scheduled")

    # when / then
    with frozen(noon - timedelta(minutes=1)):
        assert (drive(campaign.pk), due()) == (0, [])
    with frozen(noon + timedelta(hours=10)):  # 22:00
        assert (drive(campaign.pk), due()) == (0, [campaign.pk])
    with frozen(noon + timedelta(hours=1)):
        assert drive(campaign.pk) == 1
    assert states(campaign) == [("handed", "")]


def test_a_day_and_a_month_have_their_caps(manager: User, approver: User, make: Make) -> None:
    # given: one a day, three in thirty days
    make()
    segment = segment_of(manager, opted_in=True)
    noon = midnight(today()) + timedelta(hours=12)
    found = []

    # when: five days running, then a month later
    for day in (0, 1, 2, 3, 40):
        with frozen(noon + timedelta(days=day)):
            campaign = approved(manager, approver, segment=segment)
            drive(campaign.pk)
            found += [state for state, _why in states(campaign)]

    # then
    assert found == ["handed", "handed", "handed", "capped", "handed"]


def test_stopped_is_stopped(
    manager: User, approver: User, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: half of them have been reached
    segment = segment_of(manager)
    for _one in range(4):
        make()
    campaign = approved(manager, approver, segment=segment)
    monkeypatch.setattr(sending, "BATCH", 2)
    drive(campaign.pk)

    # when
    left = stop_campaign(manager, campaign, "价格写错了")
    drive(campaign.pk)

    # then
    assert left == 2
    assert [state for state, _why in states(campaign)] == ["handed", "handed", "stopped", "stopped"]
    with pytest.raises(OperationsError, match="已停止"):
        stop_campaign(manager, campaign, "再停一次")


def test_a_gift_is_within_the_coupons_limits(
    manager: User, approver: User, org: dict[str, OrgUnit], make: Make
) -> None:
    # given: two coupons for three members, one of whom is silent: a gift needs no consent to advertising
    template = CouponTemplate.objects.create(
        code="G1", name="回归礼", owner=org["B111"], amount=10, valid_days=30, quantity=2
    )
    move_template(template, "publish")
    make(marketing=False), make(), make()
    campaign = approved(manager, approver, way="coupon", coupon=template, text="不用")

    # when
    for _twice in range(2):
        drive(campaign.pk)

    # then
    assert states(campaign) == [("sent", ""), ("sent", ""), ("skipped", "no_coupon")]
    assert Coupon.objects.count() == 2
    Coupon.objects.filter(pk=Coupon.objects.order_by("pk")[0].pk).update(state="used")
    assert result_of(campaign).coupons_used == 1


def test_wechat_reaches_followers_only(manager: User, approver: User, make: Make) -> None:
    # given nobody who follows
    campaign = approved(manager, approver, segment=_with(make, manager), way="wechat")

    # when
    drive(campaign.pk)

    # then
    assert states(campaign) == [("skipped", "not_following")]
    assert Sending.objects.count() == 0


def test_wechat_tells_followers_once_and_says_what_became_of_it(
    manager: User, approver: User, org: dict[str, OrgUnit], make: Make
) -> None:
    # given: three who follow, an account with a template for campaigns
    account = Account.objects.create(code="oa1", name="公众号", unit=org["CQ"], appid="wx1", state="active")
    MessageTemplate.objects.create(
        account=account,
        occasion="campaign",
        template_id="T-campaign-0001",
        fields={"thing1": "title", "thing2": "text"},
    )
    for number in range(3):
        Fan.objects.create(account=account, openid=f"o{number}", openid_index=f"i{number}", user=make().user)
    campaign = approved(manager, approver, way="wechat")

    # when
    for _twice in range(2):
        drive(campaign.pk)
    rows = list(Sending.objects.order_by("pk"))
    Sending.objects.filter(pk=rows[0].pk).update(state="delivered")
    Sending.objects.filter(pk=rows[1].pk).update(state="bounced")
    settle_due()

    # then: what waits at WeChat waits here
    assert [{name: row.values[name] for name in ("title", "text")} for row in rows] == [
        {"title": "周末鲜果", "text": "王建国，周末鲜果八折"}
    ] * 3
    assert len({row.values["_link"] for row in rows}) == 3
    assert [state for state, _why in states(campaign)] == ["sent", "failed", "handed"]


def test_who_decides_and_what_a_rejection_leaves(
    manager: User, approver: User, org: dict[str, OrgUnit], make: Make
) -> None:
    # given
    make()
    both = person(org["C11"], "both", [*MANAGER, *APPROVER])
    own, row = submit_campaign(both, campaign_of(both)), submit_campaign(manager, campaign_of(manager))

    # when / then: never oneself, never out of scope, nobody beside
    request = open_request(own)
    assert request is not None
    with pytest.raises(ApprovalError):
        approve(request, both)
    other = person(org["B121"], "other", MANAGER)
    with pytest.raises(OutOfScope):
        stop_campaign(other, row, "不是我的")
    with pytest.raises(NotAllowed):
        stop_campaign(approver, approved(manager, approver), "没有权限")
    with pytest.raises(OperationsError, match="待审批"):
        save_campaign(manager, campaign=row, name="改", segment=row.segment, way="sms", text="改")

    # when
    request = open_request(row)
    assert request is not None
    reject(request, approver, "内容再改改")

    # then: a draft without members, that can be submitted again
    row = Campaign.objects.get(pk=row.pk)
    assert (row.state, row.planned, row.messages.count()) == ("draft", 0, 0)
    assert submit_campaign(manager, row).planned == 1


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": " "}, "name"),
        ({"text": ""}, "text"),
        ({"text": "长" * 301}, "text"),
        ({"way": "coupon"}, "coupon"),
        ({"way": "letter"}, "way"),
        ({"starts_at": "far"}, "starts_at"),
    ],
)
def test_what_cannot_be_sent_is_said(manager: User, told: dict[str, Any], field: str) -> None:
    # when
    if told.get("starts_at"):
        told = {"starts_at": now() + timedelta(days=91)}
    with pytest.raises(OperationsError) as refused:
        campaign_of(manager, **told)

    # then
    assert refused.value.field == field
    assert Campaign.objects.count() == 0


def test_nobody_there(manager: User) -> None:
    # when / then
    with pytest.raises(OperationsError, match="没有符合条件的会员"):
        submit_campaign(manager, campaign_of(manager))
    assert Campaign.objects.get().state == "draft"


def test_length_is_billed_by_pieces() -> None:
    # given: what stands around every text
    around = len(as_text_message(""))

    # then: alone up to 70 characters, in parts of 67 beyond
    assert [pieces("字" * (length - around)) for length in (70, 71, 134, 135)] == [1, 2, 2, 3]
