"""Subscribe messages: agreed to one by one, one taken before each call, never sent twice; the code of a pick-up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from saleor.account.models import User
from saleor.order.models import Order

from plugins.counter_sales.selectors.sales import pickup_code
from plugins.members.interfaces import IdentityKind, Told, asking_member, bind, tell
from plugins.members.kinds import SmsState
from plugins.members.models import SmsMessage
from plugins.official_account import receivers
from plugins.official_account.models import Account, Consent, Fan, MessageTemplate, Sending
from plugins.official_account.services import sending
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.events import SubOrderReady
from sandbox.client import SandboxClient
from tests.buying.shopper import ask

from .line import Line
from .test_sendings import member_of_account

pytestmark = pytest.mark.django_db

NOTICE = "SandboxNoticeReady"
VALUES = {"number": "1042", "goods": "奉节脐橙", "code": "7K3M9Q"}


@pytest.fixture
def member(line: Line, account: Account) -> User:
    """A member who follows, and a subscribe template alone."""
    line.does("follow")
    user = member_of_account(account)
    MessageTemplate.objects.all().delete()
    MessageTemplate.objects.create(
        account=account, occasion="ready", kind="subscribe", template_id=NOTICE,
        fields={"character_string1": "number", "thing2": "goods", "character_string3": "code"},
    )  # fmt: skip
    return user


def planned(user: User, key: str) -> Sending | None:
    return sending.plan(user.pk, "ready", key, VALUES)


def counts() -> tuple[int, int, int]:
    found = Consent.objects.values_list("left", "given", "used").get()
    return found[0], found[1], found[2]


def state_of(made: Sending | None) -> str:
    assert made is not None
    return str(Sending.objects.get(pk=made.pk).state)


def calls(control: SandboxClient) -> list[int]:
    found = control.call("GET", "/official_account/calls", operation="notice_send")["calls"]
    return [one["errcode"] for one in reversed(found)]


def test_each_consent_is_one_message(line: Line, member: User) -> None:
    # given: nobody is told without having agreed
    assert planned(member, "a") is None

    # when: agreed to two templates at once, then to one; refused in the window, which changes nothing
    line.does("agree", template=NOTICE, more="SandboxNoticeShipped")
    line.does("agree", template=NOTICE)
    line.does("agree", template=NOTICE, accept="no")
    made = [planned(member, key) for key in "bc"]
    late = planned(member, "d")  # planned while two were left, sent when none is
    for one in [*made, late]:
        assert one is not None
        sending.drive(one.pk)
    line.does("sent/finish")

    # then
    assert [state_of(one) for one in [*made, late]] == ["delivered", "delivered", "refused"]
    assert calls(line.control) == [0, 0]
    assert list(Consent.objects.order_by("pk").values_list("template_id", "left", "used")) == [
        (NOTICE, 0, 2), ("SandboxNoticeShipped", 1, 0),
    ]  # fmt: skip
    shown = line.messages()[-1]
    assert (shown["title"], shown["text"]) == ("取货提醒", "订单号：1042\n商品：奉节脐橙\n取货码：7K3M9Q")


def test_switched_off_in_wechats_settings(line: Line, member: User) -> None:
    # given
    line.does("agree", template=NOTICE)
    made = planned(member, "a")

    # when
    line.does("refuse", template=NOTICE)
    assert made is not None
    sending.drive(made.pk)

    # then
    assert (state_of(made), calls(line.control)) == ("refused", [])
    assert counts() == (0, 1, 0)


def test_wechats_refusal_is_believed(line: Line, member: User) -> None:
    # given: two by our books, none by WeChat's
    line.does("agree", template=NOTICE)
    made = planned(member, "a")
    Consent.objects.update(left=2)
    line.control.fault("notice_send", "error", system="official_account", code="43101")

    # when
    assert made is not None
    sending.drive(made.pk)

    # then
    assert (state_of(made), counts()) == ("refused", (0, 1, 1))


@pytest.mark.parametrize("fault", ["answer_lost", "http_500"])
def test_silence_is_never_sent_again(line: Line, member: User, fault: str) -> None:
    # given
    line.does("agree", template=NOTICE)
    made = planned(member, "a")
    assert made is not None
    line.control.fault("notice_send", fault, system="official_account")

    # when
    sending.drive(made.pk)
    Sending.objects.update(next_at=now())
    sending.drive_due()

    # then
    assert (state_of(made), len(calls(line.control)), counts()) == ("lost", 1, (0, 1, 1))


def test_what_was_certainly_not_sent_is_sent_later(line: Line, member: User) -> None:
    # given
    line.does("agree", template=NOTICE)
    made = planned(member, "a")
    assert made is not None
    line.control.fault("notice_send", "error", system="official_account", code="-1")
    sending.drive(made.pk)
    assert (state_of(made), counts()) == ("waiting", (1, 1, 0))

    # when
    Sending.objects.update(next_at=now())
    sending.drive_due()

    # then
    assert (state_of(made), counts()) == ("sent", (0, 1, 1))


def test_a_sender_that_died_is_not_sent_again(line: Line, member: User) -> None:
    # given
    line.does("agree", template=NOTICE)
    made = planned(member, "a")
    assert made is not None and sending._taken(made.pk) is not None

    # when
    Sending.objects.update(next_at=now())
    sending.drive_due()

    # then
    assert (state_of(made), calls(line.control)) == ("lost", [])


def test_a_template_message_comes_before(line: Line, account: Account, member: User) -> None:
    # given: both ways are open
    line.does("agree", template=NOTICE)
    MessageTemplate.objects.create(
        account=account, occasion="ready", template_id="SandboxTemplateReady", fields={"thing2": "goods"}
    )

    # when
    made = planned(member, "a")

    # then: the consent is kept for when it is needed
    assert made is not None and made.template.kind == "template"
    assert counts() == (1, 1, 0)


def test_the_code_of_a_pick_up_is_told_and_kept_encrypted(line: Line, member: User, monkeypatch: Any) -> None:
    # given: an order of the counter with a code, and one without
    line.does("agree", template=NOTICE)
    order = Order.objects.create(user=member, user_email=member.email, currency="CNY")
    monkeypatch.setattr(receivers, "pickup_code_of", lambda key: "7K3M9Q" if key == order.pk else "")

    # when
    receivers.tell_ready(SubOrderReady(sub_order_id=7, order_id=order.pk, mode="pickup"))

    # then
    made = Sending.objects.get()
    values: Any = made.values
    assert values["code"] == "7K3M9Q"
    with connection.cursor() as cursor:
        cursor.execute("SELECT values FROM o2o_official_account_sending")
        assert "7K3M9Q" not in cursor.fetchone()[0]
    other = Order.objects.create(user=member, user_email=member.email, currency="CNY")
    receivers.tell_ready(SubOrderReady(sub_order_id=8, order_id=other.pk, mode="pickup"))
    told: Any = Sending.objects.latest("pk").values
    assert told["code"] == str(other.pk)
    assert pickup_code(other.pk) == ""
    assert Fan.objects.count() == 1


OFFER = "query($on: [WechatOccasion!]!) { wechatNotices(occasions: $on) { templateId occasion title } }"


def offered(who: User | None, *occasions: str) -> list[str]:
    found = ask(OFFER, {"on": list(occasions)}, who)["wechatNotices"]
    return [one["templateId"] for one in found]


def test_what_a_page_may_ask_for(line: Line, account: Account, member: User) -> None:
    # given: another occasion of which a template message tells
    MessageTemplate.objects.create(
        account=account,
        occasion="paid",
        kind="subscribe",
        template_id="SandboxNoticePaid",
        fields={"thing2": "goods"},
    )
    MessageTemplate.objects.create(
        account=account, occasion="paid", template_id="SandboxTemplatePaid", fields={"thing2": "goods"}
    )

    # then: a follower is asked for what he is not told of otherwise; nobody else is asked
    assert offered(member, "READY", "PAID", "REFUNDED") == [NOTICE]
    assert offered(member, "REFUNDED") == []
    assert offered(None, "READY") == []
    assert offered(User.objects.create_user("stranger@example.com", "pass-word"), "READY") == []

    # when: he agrees; the message is used up; he refuses; a month passes
    line.does("agree", template=NOTICE)
    assert offered(member, "READY") == []
    Consent.objects.update(left=0)
    assert offered(member, "READY") == [NOTICE]
    line.does("agree", template=NOTICE, accept="no")
    assert offered(member, "READY") == []
    Consent.objects.update(refused_at=now() - timedelta(days=31))
    assert offered(member, "READY") == [NOTICE]

    # when: he does not follow any more
    line.does("leave")

    # then
    assert offered(member, "READY") == []


@pytest.mark.parametrize("withdrawn", ["in the settings", "told by WeChat"])
def test_without_a_consent_it_goes_by_text(
    line: Line, account: Account, member: User, withdrawn: str
) -> None:
    # given: promised to be told by WeChat, when the consent was there
    told = asking_member(member)
    assert told is not None
    bind(told, IdentityKind.MOBILE, "13800000009")
    MessageTemplate.objects.update(occasion="vehicle_due", fields={"thing2": "what"})
    line.does("agree", template=NOTICE)
    words = {"plate": "渝A***45", "what": "年检", "date": "2026-12-30", "left": "30", "days": "30"}
    assert tell(told, "vehicle_due", "v1", words) == Told.WECHAT
    [row] = Sending.objects.all()

    # when
    if withdrawn == "in the settings":
        line.does("refuse", template=NOTICE)
    else:
        line.control.fault("notice_send", "error", system="official_account", code="43101")
    sending.drive(row.pk)

    # then: a text message, once, even if somebody has the message sent again
    assert (state_of(row), SmsMessage.objects.filter(template="vehicle_due").count()) == ("refused", 1)
    assert Sending.objects.get().result == "对方没有同意微信通知，已改发短信"
    with transaction.atomic():
        move_locked(Sending.objects.select_for_update().get(), "again")
    sending.drive(row.pk)
    assert (state_of(row), SmsMessage.objects.filter(template="vehicle_due").count()) == ("refused", 1)


@pytest.mark.parametrize("last", ["unsent", "unknown"])
def test_what_the_last_try_certainly_did_not_send_goes_by_text(
    line: Line, account: Account, member: User, last: str
) -> None:
    # given: "try again later" all the time
    told = asking_member(member)
    assert told is not None
    bind(told, IdentityKind.MOBILE, "13800000009")
    fields = {"character_string1": "left", "thing2": "what", "character_string3": "days"}
    MessageTemplate.objects.update(occasion="vehicle_due", fields=fields)
    line.does("agree", template=NOTICE)
    words = {"plate": "渝A***45", "what": "年检", "date": "2026-12-30", "left": "30", "days": "30"}
    assert tell(told, "vehicle_due", "v1", words) == Told.WECHAT
    [row] = Sending.objects.all()

    # when: as often as is tried; the last one may have arrived
    for at in range(sending.MAX_ATTEMPTS):
        if at + 1 < sending.MAX_ATTEMPTS or last == "unsent":
            line.control.fault("notice_send", "error", system="official_account", code="-1")
        else:
            line.control.fault("notice_send", "answer_lost", system="official_account")
        assert SmsMessage.objects.filter(template="vehicle_due").count() == 0
        Sending.objects.update(next_at=now())
        sending.drive(row.pk)

    # then: by text, and the consent is there still; or nothing more
    texts = SmsMessage.objects.filter(template="vehicle_due").count()
    expected = {"unsent": ("refused", 1, (1, 1, 0)), "unknown": ("lost", 0, (0, 1, 1))}[last]
    assert (state_of(row), texts, counts()) == expected


@pytest.mark.parametrize("fate", ["left", "blocked", "delivered"])
def test_what_wechat_did_not_deliver_goes_by_text(
    line: Line, account: Account, member: User, fate: str
) -> None:
    # given: a message of a refund, planned for a follower
    told = asking_member(member)
    assert told is not None
    bind(told, IdentityKind.MOBILE, "13800000009")
    fields = {"thing1": "title", "thing2": "what", "thing3": "note"}
    template = MessageTemplate.objects.create(
        account=account, occasion="ticket_refund", template_id="SandboxTemplateTicketRefund", fields=fields
    )
    note = "供应商拒绝退票：该票已经检票上车，请到发车站窗口办理退票手续。"
    words = {"title": "主城—万州", "what": "未退成，票仍有效", "note": note}
    assert tell(told, "ticket_refund", "r1", words) == Told.WECHAT
    row = Sending.objects.get(template=template)

    # when
    if fate == "left":
        line.control.fault("notify", "drop", system="official_account")
        line.does("leave")
        sending.drive(row.pk)
    else:
        sending.drive(row.pk)
        row = Sending.objects.get(pk=row.pk)
        status = "success" if fate == "delivered" else "failed:user block"
        for _time in range(2):
            with transaction.atomic():
                sending.finished(account, row.msgid, status)

    # then: once, and with the whole sentence, of which WeChat takes twenty characters
    texts = SmsMessage.objects.filter(template="ticket_refund")
    if fate == "delivered":
        assert (state_of(row), texts.count()) == ("delivered", 0)
        shown = str(line.messages()[-1])
        assert note[:20] in shown and note[:21] not in shown
        return
    assert texts.count() == 1
    assert "已改发短信" in Sending.objects.get(pk=row.pk).result
    assert state_of(row) == ("refused" if fate == "left" else "bounced")
    kept: Any = Sending.objects.get(pk=row.pk).values
    assert kept["note"] == note


def test_a_message_that_was_queued_before_its_text_had_a_link_goes_by_text_all_the_same(
    line: Line, account: Account, member: User, settings: Any
) -> None:
    # given: words as the version before wrote them, without a link
    told = asking_member(member)
    assert told is not None
    bind(told, IdentityKind.MOBILE, "13800000009")
    MessageTemplate.objects.create(
        account=account,
        occasion="ticket_voucher",
        template_id="SandboxTemplateVoucher",
        fields={"thing1": "title"},
    )
    stored = {"title": "天生三桥", "code": "1234 5678", "days": "2026-12-01", "number": "PW1"}
    with transaction.atomic():
        row = sending.plan(member.pk, "ticket_voucher", "old", stored)
    assert row is not None
    line.control.fault("notify", "drop", system="official_account")
    line.does("leave")

    # when
    sending.drive(row.pk)

    # then: a whole sentence that leads to our pages
    message = SmsMessage.objects.get(template="ticket_voucher")
    assert (state_of(row), message.state) == ("refused", SmsState.SENT)
    text = line.control.texts("13800000009")[0]["text"]
    assert text.endswith(f"请勿转发。查看：{settings.PUBLIC_URL}/h5/") and "入场码 1234 5678" in text


def test_the_order_of_a_message_is_opened_by_it(line: Line, member: User) -> None:
    # given
    MessageTemplate.objects.update(link_url="http://testserver/h5/orders/{number}")
    line.does("agree", template=NOTICE)
    made = planned(member, "a")
    assert made is not None

    # when
    sending.drive(made.pk)

    # then
    assert line.messages()[-1]["url"] == "http://testserver/h5/orders/1042"
