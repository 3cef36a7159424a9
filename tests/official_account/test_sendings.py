"""Template messages: told once, sent once, refused in words, within the day's quota; WeChat's word on what arrived."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order

from plugins.official_account import receivers
from plugins.official_account.errors import OfficialAccountError
from plugins.official_account.models import Account, Fan, MessageTemplate, Occasion, Sending, openid_index
from plugins.official_account.seeds import NOTICES, TEMPLATES
from plugins.official_account.services import sending, templates
from saleor_o2o.cashier.events import OrderRefunded
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.ordering.events import OrderPaid, SubOrderReady, SubOrderShipped
from sandbox.client import SandboxClient
from sandbox.official_account import calls

from .line import Line

pytestmark = pytest.mark.django_db

CHEN = "oSandboxPersonChenYujiang001"
VALUES = {"number": "1042", "goods": "奉节脐橙", "amount": "¥39.90", "time": "2026-01-02 08:30"}


def member_of_account(account: Account) -> User:
    """A member who follows, and the templates of the sandbox."""
    user = User.objects.create_user("member@example.com", "pass-word")
    fan = Fan.objects.filter(account=account, openid_index=openid_index(CHEN)).first()
    fan = fan or Fan(account=account, openid=CHEN, openid_index=openid_index(CHEN))
    fan.user, fan.is_following, fan.seen_at = user, True, now()
    fan.save()
    for occasion, (template_id, words) in TEMPLATES.items():
        MessageTemplate.objects.create(
            account=account, occasion=occasion, template_id=template_id, fields=words
        )
    return user


@pytest.fixture
def member(line: Line, account: Account) -> User:
    line.does("follow")
    return member_of_account(account)


def planned(user: User, key: str = "paid:1") -> Sending:
    made = sending.plan(user.pk, "paid", key, VALUES)
    assert made is not None
    return made


def state_of(made: Sending) -> tuple[str, str]:
    row = Sending.objects.get(pk=made.pk)
    return row.state, row.result


def sent(control: SandboxClient) -> list[int]:
    """What each call was answered with, the oldest first."""
    calls = control.call("GET", "/official_account/calls", operation="template_send")["calls"]
    return [one["errcode"] for one in reversed(calls)]


def test_sent_shown_and_delivered(line: Line, member: User) -> None:
    # when
    made = planned(member)
    sending.drive(made.pk)
    sending.drive(made.pk)

    # then
    shown = line.messages()[-1]
    assert (shown["title"], shown["text"].split("\n")) == (
        "付款成功通知", ["订单号：1042", "商品：奉节脐橙", "金额：¥39.90", "时间：2026-01-02 08:30"],
    )  # fmt: skip
    assert state_of(made) == ("sent", "") and sent(line.control) == [0]
    line.does("sent/finish")
    assert state_of(made) == ("delivered", "")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed:user block", "对方拒收公众号消息"),
        ("failed: system failed", "微信发送失败：failed: system failed"),
    ],
)
def test_not_delivered_is_told(line: Line, member: User, status: str, words: str) -> None:
    # given
    made = planned(member)
    sending.drive(made.pk)

    # when
    line.does("sent/finish", status=status)

    # then
    assert state_of(made) == ("bounced", words)


def test_news_are_told_once_and_only_to_whoever_follows(account: Account, member: User) -> None:
    # then
    assert planned(member, "a") is not None
    assert sending.plan(member.pk, "paid", "a", VALUES) is None
    assert sending.plan(None, "paid", "b", VALUES) is None
    stranger = User.objects.create_user("stranger@example.com", "pass-word")
    assert sending.plan(stranger.pk, "paid", "c", VALUES) is None
    MessageTemplate.objects.filter(occasion="shipped").update(is_active=False)
    assert sending.plan(member.pk, "shipped", "d", VALUES) is None
    Fan.objects.update(is_following=False)
    assert sending.plan(member.pk, "paid", "e", VALUES) is None
    assert Sending.objects.count() == 1


def test_events_of_an_order_become_messages(member: User) -> None:
    # given
    order = Order.objects.create(
        user=member, user_email=member.email, currency="CNY", total_net_amount=39, total_gross_amount=39
    )

    # when
    receivers.tell_paid(OrderPaid(order_id=order.pk, total=order.total_gross_amount))
    receivers.tell_ready(SubOrderReady(sub_order_id=7, order_id=order.pk, mode="pickup"))
    receivers.tell_ready(SubOrderReady(sub_order_id=8, order_id=order.pk, mode="delivery"))
    for quantity in (1, 2):  # two parcels
        receivers.tell_shipped(
            SubOrderShipped(sub_order_id=8, order_id=order.pk, quantity=quantity, whole=False)
        )
    receivers.tell_refunded(OrderRefunded(order_refund_id=3, order_id=order.pk, amount=12, key="k"))  # type: ignore[arg-type]

    # then
    told = Sending.objects.order_by("pk").values_list("template__occasion", "key")
    assert list(told) == [
        ("paid", f"paid:{order.pk}"), ("ready", "ready:7"), ("shipped", "shipped:8"), ("refunded", "refunded:3"),
    ]  # fmt: skip
    assert Sending.objects.latest("pk").values["amount"] == "¥12.00"


def test_who_left_is_known_then(line: Line, member: User) -> None:
    # given: WeChat knows before we do
    made = planned(member)
    line.control.fault("notify", "drop", system="official_account")
    line.does("leave")

    # when
    sending.drive(made.pk)

    # then
    assert state_of(made) == ("refused", "对方没有关注公众号（43004）")
    assert Fan.objects.get().is_following is False


def test_a_bad_template_is_switched_off_and_sent_again_when_mended(
    line: Line, member: User, account: Account, editor: User, abroad: User
) -> None:
    # given
    MessageTemplate.objects.filter(occasion="paid").update(template_id="NoSuchTemplate")
    made = planned(member)
    sending.drive(made.pk)
    template = MessageTemplate.objects.get(occasion="paid")
    assert state_of(made)[0] == "refused"
    assert (template.is_active, template.result.startswith("模板 ID 不正确（40037）")) == (False, True)

    # when
    words = "\n".join(f"{keyword}={word}" for keyword, word in TEMPLATES["paid"][1].items())
    values = {"occasion": "paid", "template_id": "SandboxTemplatePaid", "fields": words, "is_active": True}
    templates.save_template(editor, account.pk, values, template.pk)
    with pytest.raises(NotAllowed):
        sending.send_again(abroad, made.pk)
    sending.send_again(editor, made.pk)
    sending.drive(made.pk)

    # then
    assert state_of(made) == ("sent", "")


def test_no_answer_is_sent_again_but_arrives_once(line: Line, member: User) -> None:
    # given: WeChat has sent it, its answer is lost
    made = planned(member)
    line.control.fault("template_send", "answer_lost", system="official_account")
    sending.drive(made.pk)
    assert state_of(made) == ("waiting", "暂时连不上微信（HTTP_502）。请过几分钟再试")

    # when
    Sending.objects.update(next_at=now())
    assert sending.drive_due() == 1

    # then
    assert state_of(made) == ("sent", "") and sent(line.control) == [0, 0]
    assert sum(one.get("title") == "付款成功通知" for one in line.messages()) == 1


def test_after_ten_minutes_of_silence_it_is_not_sent_again(line: Line, member: User) -> None:
    # given
    made = planned(member)
    line.control.fault("template_send", "http_500", system="official_account", times=None)
    sending.drive(made.pk)

    # when
    Sending.objects.update(next_at=now(), begun_at=now() - timedelta(minutes=9))
    sending.drive_due()

    # then
    assert state_of(made)[0] == "lost"
    assert sending.drive_due() == 0


def test_wechats_quota_waits_for_tomorrow(line: Line, member: User) -> None:
    # given
    made = planned(member)
    line.control.fault("template_send", "error", system="official_account", code="45009")

    # when
    sending.drive(made.pk)

    # then
    row = Sending.objects.get(pk=made.pk)
    assert (row.state, row.next_at) == ("waiting", midnight(today() + timedelta(days=1)))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template_id": "short"}, "template_id"),
        ({"fields": ""}, "keywords"),
        ({"fields": "thing1=secret"}, "keywords"),
        ({"fields": "thing1"}, "keywords"),
        ({"link_url": "javascript:x"}, "link_url"),
        ({"occasion": "birthday"}, "template_id"),
    ],
)
def test_wrong_templates_are_refused(
    account: Account, editor: User, change: dict[str, Any], field: str
) -> None:
    # given
    values = {
        "occasion": "paid",
        "template_id": "SandboxTemplatePaid",
        "fields": "thing2=goods",
        "is_active": True,
    }

    # when
    with pytest.raises(OfficialAccountError) as refusal:
        templates.save_template(editor, account.pk, {**values, **change})

    # then
    assert refusal.value.field == field
    assert MessageTemplate.objects.count() == 0


def test_every_template_of_the_seeds_is_one_of_the_accounts() -> None:
    # given what WeChat's console says of each: which keywords it has
    there = {template_id: set(words) for template_id, (_title, words) in calls.TEMPLATES.items()}
    # then
    asked = {template_id: set(fields) for template_id, fields in TEMPLATES.values()}
    assert {template_id: there.get(template_id) for template_id in asked} == asked
    # and every occasion has one, or a notice to which people agree
    assert set(TEMPLATES) | set(NOTICES) == set(Occasion.values)
    # and people can enter each of them
    for _template_id, fields in TEMPLATES.values():
        lines = "\n".join(f"{keyword}={word}" for keyword, word in fields.items())
        assert templates.read_fields(lines) == fields
