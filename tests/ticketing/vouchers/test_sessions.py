"""A session is cancelled or put off: who bought is told, gets all money back, or chooses; and tickets nobody used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from plugins.members.models import SmsMessage
from plugins.official_account.models import Account, Fan, MessageTemplate, Sending, openid_index
from plugins.official_account.seeds import TEMPLATES
from plugins.ticketing.admission.choices import SessionState
from plugins.ticketing.admission.events import SessionCancelled, SessionPostponed
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    EntryRule,
    Redemption,
    Session,
    SessionChange,
    SessionChoice,
    TicketClass,
    Voucher,
)
from plugins.ticketing.admission.services.sessions import cancel_session, postpone_session
from plugins.ticketing.admission.vouchers import receivers
from plugins.ticketing.admission.vouchers.choices import ChoiceKind
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.services import changing
from plugins.ticketing.admission.vouchers.services.changing import (
    choose,
    open_change,
    session_cancelled,
    session_postponed,
)
from plugins.ticketing.admission.vouchers.services.expiring import expire_due
from plugins.ticketing.kernel.models import RefundBatch, Ticket, TicketOrder
from plugins.ticketing.kernel.trades import sold_as
from saleor_o2o.kernel.clock import frozen, midnight, now, today
from tests.buying.shopper import ask
from tests.orgs import person

from .conftest import World, scan
from .test_redeeming import qr

D = Decimal
CHOOSE = """mutation($n: String!, $c: TicketPostponedChoice!) { ticketPostponedChoose(orderNumber: $n, choice: $c) {
  choice refundNumber errors { code } } }"""
POSTPONED = """query($n: String!) { ticketPostponed(orderNumber: $n) {
  wasAt nowAt reason chooseUntil choice refundNumber } }"""


def session_of(world: World, start: datetime) -> Session:
    return Session.objects.create(
        product=world.product, name="晚场", starts_at=start, ends_at=start + timedelta(hours=2),
        opens_at=start - timedelta(days=30), closes_at=start, state=SessionState.ON_SALE,
    )  # fmt: skip


def order_for(world: World, session: Session, *wanted: tuple[TicketClass, int]) -> TicketOrder:
    order = world.order(
        *wanted,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place={"session": session.pk, "name": "演出"},
    )
    TicketOrder.objects.filter(pk=order.pk).update(key=f"session:{session.pk}")
    return TicketOrder.objects.get(pk=order.pk)


@pytest.fixture
def evening(world: World) -> Session:
    return session_of(world, midnight(today()) + timedelta(days=3, hours=19))


def test_doors_open_before_a_session_and_others_are_the_wrong_one(world: World, evening: Session) -> None:
    # given
    order_for(world, evening, (world.adult, 1))
    voucher = Voucher.objects.get()
    other = session_of(world, evening.starts_at - timedelta(hours=4))
    text, gate = qr(voucher), world.at(world.east)

    # then: two hours before, to the second; earlier there is another session, after midnight none
    begin = evening.starts_at - timedelta(hours=2)
    assert voucher.valid_from == begin
    with frozen(begin - timedelta(seconds=1)):
        assert scan(gate, text).answer == "other_session"
    other.delete()
    with frozen(begin - timedelta(seconds=1)):
        assert scan(gate, text).answer == "early"
    with frozen(begin):
        assert scan(gate, text).answer == "passed"


def test_a_gate_of_another_session(world: World, evening: Session) -> None:
    # given
    evening.gates.set([world.west])
    order_for(world, evening, (world.adult, 1))
    voucher = Voucher.objects.get()

    # then
    with frozen(evening.starts_at):
        assert scan(world.at(world.east), qr(voucher)).answer == "other_gate"
        assert scan(world.at(world.west), qr(voucher), session=evening.pk + 1).answer == "other_session"
        assert scan(world.at(world.west), qr(voucher), session=evening.pk).answer == "passed"


@pytest.mark.parametrize("name", ["cancel", "postpone"])
def test_whom_it_touches_is_seen_before(name: str, world: World, evening: Session) -> None:
    # given: three tickets in two orders, one of which went back; an order that is paid and not issued; another evening
    first, second = (
        order_for(world, evening, (world.adult, 1), (world.adult, 1)),
        order_for(world, evening, (world.adult, 1)),
    )
    Ticket.objects.filter(pk=first.tickets.earliest("pk").pk).update(state="refunded")
    waiting = order_for(world, evening, (world.adult, 1))
    TicketOrder.objects.filter(pk=waiting.pk).update(state="paid")
    order_for(world, session_of(world, evening.starts_at + timedelta(days=1)), (world.adult, 1))
    boss = Client()
    boss.force_login(get_user_model().objects.create_superuser("boss@example.com", "password"))

    # when
    page = " ".join(
        strip_tags(
            boss.get(reverse(f"admin:o2o_admission_session_{name}", args=[evening.pk])).content.decode()
        ).split()
    )

    # then
    due = sum(one.price for one in (first.tickets.latest("pk"), second.tickets.get()))
    assert "已售2 单、2 张票" in page
    assert f"票款合计¥{due:.2f}" in page
    assert "已付款未出票1 单" in page


def test_a_cancelled_session_is_refunded_once_and_told_once(world: World, evening: Session) -> None:
    # given
    order_for(world, evening, (world.adult, 1), (world.adult, 1))
    Session.objects.filter(pk=evening.pk).update(state=SessionState.CANCELLED)

    # when
    for _time in range(2):
        session_cancelled(evening.pk, "演员因病")

    # then
    batch = RefundBatch.objects.get()
    assert (batch.key, batch.starts_at, batch.cause, batch.orders) == (
        f"session:{evening.pk}", evening.starts_at, "session_cancelled", 1,
    )  # fmt: skip
    assert SessionChange.objects.get().kind == "cancelled"
    assert SmsMessage.objects.filter(template="session_cancelled").count() == 1


def test_a_cancelled_session_that_nobody_ordered_is_named_in_the_list_of_batches(
    world: World, evening: Session
) -> None:
    # when one is cancelled of which nothing was ever sold
    Session.objects.filter(pk=evening.pk).update(state=SessionState.CANCELLED)
    session_cancelled(evening.pk, "演员因病")
    # then its batch is called as people call the session
    when = evening.starts_at.astimezone(midnight(today()).tzinfo)
    assert RefundBatch.objects.get().title == f"{world.product.name} 晚场 {when:%m-%d %H:%M}"


def test_a_number_that_no_text_reaches_keeps_nobody_from_his_money(world: World, evening: Session) -> None:
    # given: what was typed at a counter
    order = order_for(world, evening, (world.adult, 1))
    order.mobile = "12345"
    order.save()
    order_for(world, evening, (world.adult, 1))
    Session.objects.filter(pk=evening.pk).update(state=SessionState.CANCELLED)

    # when
    session_cancelled(evening.pk, "演员因病")

    # then: the other one is told, and both go back
    assert SmsMessage.objects.filter(template="session_cancelled").count() == 1
    assert RefundBatch.objects.get().orders == 2


def test_who_follows_is_told_by_the_official_account(world: World, evening: Session) -> None:
    # given: two members, one of whom follows
    account = Account.objects.create(
        code="city",
        name="重庆邮政",
        original_id="gh_city",
        appid="wx1234567890",
        unit=world.org["CQ"],
        state="active",
    )
    for occasion in ("ticket_voucher", "session_cancelled"):
        template, fields = TEMPLATES[occasion]
        MessageTemplate.objects.create(
            account=account, occasion=occasion, template_id=template, fields=fields
        )
    users = [get_user_model().objects.create_user(f"m{n}@example.com", "password") for n in range(2)]
    Fan.objects.create(
        account=account, openid="oFollower", openid_index=openid_index("oFollower"), user=users[0]
    )
    world.adult.exchange_mode = "sms"
    world.adult.save()

    # when: they buy, then the session is cancelled
    for user in users:
        order = world.order(
            (world.adult, 1), user=user, starts_at=evening.starts_at, ends_at=evening.ends_at,
            place={"session": evening.pk},
        )  # fmt: skip
        TicketOrder.objects.filter(pk=order.pk).update(key=f"session:{evening.pk}")
    Session.objects.filter(pk=evening.pk).update(state=SessionState.CANCELLED)
    session_cancelled(evening.pk, "演员因病")

    # then: each is told once of each, in the day as it is in Shanghai
    made = list(Sending.objects.order_by("pk").values_list("template__occasion", "fan__user"))
    assert made == [("ticket_voucher", users[0].pk), ("session_cancelled", users[0].pk)]
    texts = list(SmsMessage.objects.order_by("pk").values_list("template", flat=True))
    assert texts == ["ticket_voucher", "session_cancelled"]
    values: Any = Sending.objects.order_by("pk")[0].values
    assert values["days"] == f"{evening.starts_at:%Y-%m-%d}"
    assert list(Voucher.objects.order_by("pk").values_list("sent_count", flat=True)) == [0, 1]


def test_what_is_only_held_ends_with_a_cancelled_session(world: World, evening: Session) -> None:
    # given one who has bought and one who has not paid yet
    bought = order_for(world, evening, (world.adult, 1))
    held = order_for(world, evening, (world.adult, 1))
    TicketOrder.objects.filter(pk=held.pk).update(state="held", held_until=now() + timedelta(minutes=10))
    held.tickets.update(state="held")
    Session.objects.filter(pk=evening.pk).update(state=SessionState.CANCELLED)

    # when
    session_cancelled(evening.pk, "演员因病")

    # then the hold is over, with the reason; what was bought goes back by the batch
    held = TicketOrder.objects.get(pk=held.pk)
    assert (held.state, held.why) == ("closed", "场次取消：演员因病")
    assert list(held.tickets.values_list("state", flat=True)) == ["void"]
    assert TicketOrder.objects.get(pk=bought.pk).state == "issued"


def test_a_postponed_session_moves_everything_along(
    world: World, evening: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    order = order_for(world, evening, (world.adult, 1))
    voucher, before = Voucher.objects.get(), evening.starts_at
    after = before + timedelta(days=10)
    Session.objects.update(starts_at=after, ends_at=after + timedelta(hours=2))

    # when
    for _time in range(2):
        session_postponed(evening.pk, before, after, "舞台检修")

    # then
    order = TicketOrder.objects.get(pk=order.pk)
    moved = Voucher.objects.get()
    assert (order.starts_at, moved.valid_from) == (after, voucher.valid_from + timedelta(days=10))
    assert Ticket.objects.get().valid_from == after
    assert SmsMessage.objects.filter(template="session_postponed").count() == 1
    # the code of before is not good any more at the old time, and the new one is at the new
    with frozen(before):
        assert scan(world.at(world.east), qr(moved)).answer == "early"

    # when: somebody keeps it, then rather has the money, then wants it back
    shopper = get_user_model().objects.create_user("shopper@example.com", "password")
    TicketOrder.objects.filter(pk=order.pk).update(user=shopper)
    refunds: list[Any] = []

    class Made:
        number = "TP1"

    def refund(of: TicketOrder, key: str, **told: Any) -> Any:
        refunds.append((of.pk, key, told["cause"]))
        return Made

    monkeypatch.setattr(changing, "refund_without_asking", refund)
    told = {"n": order.number, "c": "KEEP"}
    change = SessionChange.objects.get()
    assert change.choose_until is not None
    open_ = {
        "wasAt": before.astimezone(UTC).isoformat(), "nowAt": after.astimezone(UTC).isoformat(), "reason": "舞台检修",
        "chooseUntil": change.choose_until.isoformat(), "choice": None, "refundNumber": "",
    }  # fmt: skip
    assert ask(POSTPONED, {"n": order.number}, shopper)["ticketPostponed"] == open_
    assert ask(CHOOSE, told, shopper)["ticketPostponedChoose"] == {
        "choice": "KEEP",
        "refundNumber": "",
        "errors": [],
    }
    for _time in range(2):
        said = ask(CHOOSE, {**told, "c": "REFUND"}, shopper)["ticketPostponedChoose"]
        assert (said["choice"], said["refundNumber"]) == ("REFUND", "TP1")
    assert refunds == [
        (order.pk, f"session-postponed-{SessionChange.objects.get().pk}-{order.pk}", "carrier")
    ]
    chosen = {**open_, "choice": "REFUND", "refundNumber": "TP1"}
    assert ask(POSTPONED, {"n": order.number}, shopper)["ticketPostponed"] == chosen
    assert ask(POSTPONED, {"n": order.number})["ticketPostponed"] is None
    assert ask(POSTPONED, {"n": "no-such"}, shopper)["ticketPostponed"] is None
    with frozen(change.choose_until):
        assert ask(POSTPONED, {"n": order.number}, shopper)["ticketPostponed"] is None
    assert ask(CHOOSE, told, shopper)["ticketPostponedChoose"]["errors"] == [{"code": "ALREADY"}]
    assert ask(CHOOSE, told)["ticketPostponedChoose"]["errors"] == [{"code": "NOT_FOUND"}]
    assert SessionChoice.objects.get().choice == "refund"


def test_the_window_of_choice_ends(world: World, evening: Session) -> None:
    # given
    order = order_for(world, evening, (world.adult, 1))
    later = evening.starts_at + timedelta(days=30)
    Session.objects.update(starts_at=later, ends_at=later + timedelta(hours=2))
    session_postponed(evening.pk, evening.starts_at, later, "舞台检修")
    order = TicketOrder.objects.get(pk=order.pk)

    # then: seven days, to the second
    until = SessionChange.objects.get().choose_until
    assert until is not None and timedelta(days=6, hours=23) < until - now() <= timedelta(days=7)
    with frozen(until - timedelta(seconds=1)):
        assert choose(order, ChoiceKind.KEEP, None).choice == "keep"
    with frozen(until), pytest.raises(VoucherError) as over:
        choose(order, ChoiceKind.KEEP, None)
    assert over.value.code == "WINDOW_OVER"


def test_tickets_are_for_when_their_session_is_however_often_it_moves(world: World, evening: Session) -> None:
    # given
    order = order_for(world, evening, (world.adult, 1))
    first = Voucher.objects.get().valid_from
    one, two, three = (
        evening.starts_at,
        evening.starts_at + timedelta(days=2),
        evening.starts_at + timedelta(days=5),
    )

    def postponed(before: datetime, after: datetime) -> None:
        session_postponed(evening.pk, before, after, "舞台检修")

    def stands() -> tuple[datetime, timedelta]:
        return TicketOrder.objects.get(pk=order.pk).starts_at, Voucher.objects.get().valid_from - first

    # when: twice, and the news of the second is there before the first one's
    Session.objects.update(starts_at=three, ends_at=three + timedelta(hours=2))
    postponed(two, three)
    postponed(one, two)

    # then
    assert stands() == (three, three - one)
    change = open_change(TicketOrder.objects.get(pk=order.pk))
    assert change is not None and change.now_at == three

    # when: back to a time it had before, and once more to the other one; told twice
    for before, after in ((three, one), (one, three), (one, three)):
        Session.objects.update(starts_at=after, ends_at=after + timedelta(hours=2))
        postponed(before, after)

    # then
    assert stands() == (three, three - one)
    assert list(SessionChange.objects.order_by("pk").values_list("now_at", flat=True)) == [three, one, three]


@pytest.mark.parametrize(
    ("unused", "rows"),
    [("keep", [(2, D("0.00"), D("83.34"))]), ("settle", [(2, D("66.67"), D("83.34"))]), ("refund", [])],
)
def test_what_nobody_used(world: World, unused: str, rows: list[Any]) -> None:
    # given: one of three came
    EntryRule.objects.create(product=world.product, unused=unused, reason="合同")
    voucher = world.voucher(world.family, 3)
    scan(world.at(world.east), qr(voucher), people=1)
    end = voucher.valid_until

    # when: gates have two days to tell what they did
    with frozen(end + timedelta(days=2)):
        assert expire_due() == 0
    with frozen(end + timedelta(days=2, seconds=1)):
        assert expire_due() == 1
        assert expire_due() == 0

    # then
    assert Ticket.objects.get().state == "expired"
    found = Redemption.objects.filter(kind="expired").values_list("quantity", "cost", "revenue")
    assert list(found) == rows
    with frozen(end + timedelta(days=3)):
        assert scan(world.at(world.east), qr(voucher)).answer == "expired"


def test_keys_name_what_is_sold(world: World, evening: Session) -> None:
    # then: a product, and that of a session
    assert sold_as("scenic", f"product:{world.product.pk}") == "天生三桥门票"
    assert sold_as("show", f"session:{evening.pk}") == evening.product.name
    nothing = (
        f"session:{evening.pk + 1}",
        "product:0",
        "product:x",
        f"coach:{world.product.pk}",
        "product:" + "9" * 30,
    )
    assert [sold_as("show", key) for key in nothing] == [""] * 5
    assert sold_as("air", "air:MU1") is None

    # and of a show only its sessions: no order is named by the show itself
    AdmissionProduct.objects.filter(pk=evening.product_id).update(kind="show")
    keys = (f"product:{evening.product_id}", f"session:{evening.pk}")
    assert [sold_as("show", key) for key in keys] == ["", evening.product.name]


def test_the_news_is_heard(world: World, evening: Session) -> None:
    # given
    order_for(world, evening, (world.adult, 1))
    keeper = person(world.org["C11"], "keeper", ["admission.view", "admission.cancel"])
    after = evening.starts_at + timedelta(days=1)
    before = evening.starts_at

    # when: the deed of whoever may, and what it tells
    postpone_session(keeper, evening, after, "暴雨停电")
    receivers.postponed(
        SessionPostponed(session_id=evening.pk, before=before, after=after, reason="暴雨停电")
    )
    cancel_session(keeper, Session.objects.get(), "仍未恢复供电")
    receivers.cancelled(SessionCancelled(session_id=evening.pk, reason="仍未恢复供电"))

    # then
    assert sorted(SessionChange.objects.values_list("kind", flat=True)) == ["cancelled", "postponed"]
    assert RefundBatch.objects.get().starts_at == after
