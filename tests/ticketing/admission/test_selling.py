"""From what somebody wants to a ticket order: what is refused, what it costs, what is limited."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.errors import AdmissionError, AdmissionErrorCode
from plugins.ticketing.admission.models import LimitUse, Quota, SessionSeat, Taking
from plugins.ticketing.admission.services import limits, terms
from plugins.ticketing.admission.services.calendar import make_slots, price_days
from plugins.ticketing.admission.services.catalogue import change_class, move_product
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.sessions import move_session, postpone_session
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.services.terms import look, named_of, terms_of
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk, wish_for
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.passengers import SCENIC, Passenger, passenger
from plugins.ticketing.kernel.services.holding import close
from saleor_o2o.kernel.clock import SHANGHAI, frozen, midnight, now, today

from ..test_passengers import number
from .conftest import Park, Show, show_of

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def person(birth: date = date(1990, 3, 7), sequence: int = 12, type_: str = "adult") -> Passenger:
    return passenger("张三", "id_card", number(birth, sequence), type_, None, today(), SCENIC)


def ask(show: Show, count: int = 2, seats: list[int] | None = None, **more: Any) -> Ask:
    chosen = seats or [None] * count  # type: ignore[list-item]
    return Ask(
        show.product.pk, [TicketAsk(show.front.pk, seat=seat) for seat in chosen], "online", session=show.session.pk,
        **more,
    )  # fmt: skip


def visit(park: Park, count: int = 2, day: date | None = None, **more: Any) -> Ask:
    return Ask(park.product.pk, [TicketAsk(park.adult.pk)] * count, "online", day=day or park.day, **more)


def refusal(of: Ask, **more: Any) -> str:
    with pytest.raises((AdmissionError, TicketError)) as refused:
        hold_admission(of, key="key-00000009", user=None, **more)
    return str(refused.value.code.value)


def test_a_hold_takes_the_seats_at_the_price_of_the_day(show: Show) -> None:
    # given the price of the session's day
    day = show.session.starts_at.astimezone(SHANGHAI).date()
    price_days(None, show.front, day, day, D("420.00"), settlement_price=D("300.00"))
    # when two of the best seats are held
    order = hold_admission(ask(show, contact="王五", mobile="13800000001"), key="key-00000001", user=None)
    # then there are two tickets with seats, prices and what they cost us
    tickets = list(order.tickets.order_by("pk"))
    assert (order.state, order.total, order.key) == ("held", D("840.00"), f"session:{show.session.pk}")
    assert [(one.price, one.cost, one.fare) for one in tickets] == [(D("420.00"), D("300.00"), "a")] * 2
    held = {seat.label for seat in SessionSeat.objects.filter(hold=order.number)}
    assert {one.seat for one in tickets} == held
    assert len(held) == 2
    assert order.place["place"] == "音乐厅"
    # and the same key is the same order
    assert hold_admission(ask(show), key="key-00000001", user=None).pk == order.pk
    assert SessionSeat.objects.filter(state="held").count() == 2
    # and closing it frees them
    close(order.pk, "不要了")
    assert SessionSeat.objects.filter(state="held").count() == 0


@pytest.mark.parametrize(("uses", "people", "lets_in"), [(0, 1, 1), (0, 2, 2), (3, 1, 3), (1, 2, 2)])
def test_a_card_lets_in_its_people_a_day_or_its_number_of_times(
    park: Park, uses: int, people: int, lets_in: int
) -> None:
    # given a card without a number of uses, or for some
    make_quota(None, park.product, 10)
    change_class(None, park.adult, valid_mode="multi", valid_days=365, uses=uses, people=people)
    # when
    order = hold_admission(visit(park, 1), key="card-12345678", user=None)
    # then: at a gate all that are left are let in at once; of a year card nobody but its owner
    assert [ticket.uses for ticket in order.tickets.all()] == [lets_in]


def test_chosen_seats_and_the_words_of_a_refusal(show: Show) -> None:
    seats = [show.seat("2", "5"), show.seat("2", "6")]
    order = hold_admission(ask(show, seats=seats), key="key-00000001", user=None)
    assert sorted(order.tickets.values_list("seat", flat=True)) == ["池座2排5座", "池座2排6座"]
    # somebody who wants one of them hears which, and nothing is written
    with pytest.raises(AdmissionError) as refused:
        hold_admission(
            ask(show, seats=[show.seat("2", "6"), show.seat("2", "7")]), key="key-00000002", user=None
        )
    assert refused.value.in_words == "池座2排6座 已被别人选走，或不能购买。请重新选座"
    assert Taking.objects.count() == 1


def test_sessions_that_cannot_be_bought_now(show: Show, org: dict[str, Any]) -> None:
    session = show.session
    session.opens_at = now() + timedelta(days=1)
    session.save(update_fields=["opens_at"])
    assert refusal(ask(show)) == "NOT_YET_OPEN"
    with frozen(session.starts_at + timedelta(minutes=1)):
        assert refusal(ask(show)) == "SALE_CLOSED"
    with frozen(session.ends_at):
        assert refusal(ask(show)) == "SESSION_OVER"
    session = move_session(None, session, "pause")
    assert refusal(ask(show)) == "SESSION_STATE"
    move_session(None, session, "open")
    # put off to a later day, the sale goes on until then
    later = postpone_session(None, session, session.starts_at + timedelta(days=7), "演员档期调整")
    assert later.closes_at == later.starts_at
    with frozen(later.starts_at - timedelta(hours=1)):
        assert hold_admission(ask(show), key="key-00000001", user=None).state == "held"
    assert refusal(Ask(show.product.pk, [TicketAsk(show.front.pk)], "online")) == "INVALID"
    assert refusal(Ask(show.product.pk, [TicketAsk(show.front.pk)], "online", session=10**9)) == "NOT_FOUND"
    assert refusal(Ask(10**9, [TicketAsk(show.front.pk)], "online")) == "NOT_FOUND"
    move_product(None, show.product, "pause")
    assert refusal(ask(show)) == "NOT_ON_SALE"


def test_days_that_cannot_be_bought_now(park: Park) -> None:
    make_quota(None, park.product, 3, day=park.day)
    # given that it is bought until 18:00 of the day before
    change_class(None, park.adult, advance_days=1, cut_off=time(18))
    evening = midnight(park.day) - timedelta(hours=6)
    with frozen(evening - timedelta(seconds=1)):
        assert hold_admission(visit(park), key="key-00000001", user=None).total == D("250.00")
    with frozen(evening):
        assert refusal(visit(park)) == "TOO_LATE"
    assert refusal(visit(park, day=today() - timedelta(days=1))) == "SESSION_OVER"
    assert refusal(visit(park, day=park.day + timedelta(days=1))) == "NOT_ON_SALE"
    assert refusal(visit(park, 2)) == "SOLD_OUT"
    price_days(None, park.adult, park.day, park.day, None, closed=True)
    assert refusal(visit(park, 1)) == "NOT_ON_SALE"
    assert refusal(Ask(park.product.pk, [TicketAsk(park.adult.pk)], "phone", day=None)) == "INVALID"
    change_class(None, park.adult, channels=["counter"])
    assert refusal(visit(park, 1)) == "NOT_ON_SALE"


def test_a_slot_has_its_own_time_and_quota(park: Park) -> None:
    change_class(None, park.adult, valid_mode="slot")
    early, late = make_slots(
        None, park.product, park.day, park.day, [(time(9), time(11)), (time(13), time(15))]
    )
    make_quota(None, park.product, 5, day=park.day)
    make_quota(None, park.product, 2, slot=early)
    make_quota(None, park.product, 9, slot=late)
    order = hold_admission(visit(park, 2, slot=early.pk), key="key-00000001", user=None)
    ticket = order.tickets.first()
    assert ticket is not None
    assert (ticket.valid_from, ticket.valid_until) == (
        midnight(park.day) + timedelta(hours=9), midnight(park.day) + timedelta(hours=11),
    )  # fmt: skip
    assert refusal(visit(park, 1, slot=early.pk)) == "SOLD_OUT"
    assert refusal(visit(park, 4, slot=late.pk)) == "SOLD_OUT"  # the day has three left
    assert refusal(visit(park, 1)) == "INVALID"
    assert list(Quota.objects.order_by("pk").values_list("taken", flat=True)) == [2, 2, 0]


def test_people_papers_ages_and_counts(park: Park) -> None:
    make_quota(None, park.product, 50, day=park.day)
    change_class(None, park.adult, real_name="each", id_types=["id_card"], min_per_order=2, max_per_order=4)

    def tickets(*people: Passenger | None) -> Ask:
        return Ask(
            park.product.pk,
            [TicketAsk(park.adult.pk, passenger=one) for one in people],
            "online",
            day=park.day,
        )

    one, two = person(), person(sequence=34)
    assert refusal(tickets(one)) == "COUNT"
    assert refusal(tickets(one, None)) == "INVALID"
    assert refusal(tickets(one, one)) == "LIMIT_REACHED"
    pass_ = passenger("李四", "passport", "E12345678", "adult", date(1980, 1, 1), today(), SCENIC)
    assert refusal(tickets(one, pass_)) == "INVALID"
    assert hold_admission(tickets(one, two), key="key-00000001", user=None).tickets.count() == 2
    # a child's ticket on the day when it turns fourteen
    birthday = park.day.replace(year=park.day.year - 14)
    grown = passenger("小明", "id_card", number(birthday, 21), "child", None, today(), SCENIC)
    young = passenger(
        "小红", "id_card", number(birthday + timedelta(days=1), 43), "child", None, today(), SCENIC
    )
    child = [TicketAsk(park.child.pk, passenger=young)]
    assert (
        refusal(Ask(park.product.pk, [TicketAsk(park.child.pk, passenger=grown)], "online", day=park.day))
        == "INVALID"
    )
    assert hold_admission(
        Ask(park.product.pk, child, "online", day=park.day), key="key-00000002", user=None
    ).total == D("62.50")


def test_limits_count_until_the_hold_is_let_go(show: Show, django_user_model: type[User]) -> None:
    # given four a session for an account, two for a mobile
    limits.set_limit(None, show.product, "account", "session", 4)
    limits.set_limit(None, show.product, "mobile", "product", 2)
    user = User.objects.create_user("fan@example.com", "pass-word")
    assert refusal(ask(show)) == "LIMIT_FACT_MISSING"
    first = hold_admission(ask(show, mobile="13800000001"), key="key-00000001", user=user)
    with pytest.raises(AdmissionError) as refused:
        hold_admission(ask(show, 1, mobile="13800000001"), key="key-00000002", user=user)
    assert refused.value.in_words == "同一手机号整个产品最多买 2 张。没有付款的订单取消后可以重新购买"
    hold_admission(ask(show, mobile="13800000002"), key="key-00000003", user=user)
    with pytest.raises(AdmissionError) as refused:
        hold_admission(ask(show, 1, mobile="13800000003"), key="key-00000004", user=user)
    assert refused.value.code.value == "LIMIT_REACHED"
    # nothing of what was refused counts
    assert sorted(LimitUse.objects.values_list("taken", flat=True)) == [2, 2, 4]
    assert SessionSeat.objects.filter(state="held").count() == 4
    # when the first order is closed, its two may be bought again
    close(first.pk, "不要了")
    assert hold_admission(ask(show, mobile="13800000001"), key="key-00000005", user=user).state == "held"


def test_the_rule_of_the_moment_is_kept(show: Show) -> None:
    from plugins.ticketing.kernel.seeds import TEMPLATES, _written

    for template in TEMPLATES:
        if template.trade == "show":
            _written(template)
    change_class(None, show.front, fee_key="HOT")
    wanted = ask(show, 1)
    wish = wish_for(wanted, terms_of(wanted, look(wanted)))
    assert wish.wants[0].refund_rule is not None
    assert wish.wants[0].refund_rule["name"] == "演出退票（开售后 24 小时免费）"


def statements(of: Ask, key: str) -> list[str]:
    """The statements of a hold, whether it comes about or not."""
    with CaptureQueriesContext(connection) as log:
        try:
            hold_admission(of, key=key, user=None)
        except AdmissionError as error:
            assert error.code == AdmissionErrorCode.SOLD_OUT, error
    return [one["sql"] for one in log.captured_queries]


def test_a_hold_costs_the_same_for_any_number_of_seats_and_less_for_whom_nothing_is_left(
    show: Show, org: dict[str, OrgUnit]
) -> None:
    show = show_of(org["CQ"], [(str(row), "A" * 20) for row in range(1, 6)], "体育馆")
    make_quota(None, show.product, 100, session=show.session)
    for at, count in enumerate((1, 1, 2, 8)):
        # what is kept in memory is read, once more after the first one has made our own account; and in which row
        # such a party tries first
        hold_admission(ask(show, count), key=f"key-0000000{at}", user=None)
    # when two seats are held, and eight
    told = [statements(ask(show, count), f"key-0000001{count}") for count in (2, 8)]
    # then both cost as many statements: key and terms, quotas with seats, the taking, order with tickets, the quota
    # that everybody waits for as the last thing, and the transaction's two (numbers come out of a block)
    assert [len(one) for one in told] == [7, 7], told[1]
    assert told[1][-2].startswith("UPDATE o2o_admission_quota")
    # and whoever comes when nothing is left hears it from two looks, and nothing is written, not even begun
    Quota.objects.filter(session=show.session).update(capacity=22)
    refused = statements(ask(show, 2), "key-00000020")
    assert len(refused) == 2, refused
    assert not any(one.startswith(("BEGIN", "INSERT", "UPDATE")) for one in refused)


def test_what_is_kept_in_memory_counts_no_longer_than_its_rows(show: Show) -> None:
    day = show.session.starts_at.astimezone(SHANGHAI).date()

    def price(key: str) -> Decimal:
        return hold_admission(ask(show, 1), key=f"key-0000000{key}", user=None).total

    # given a price that was asked for before
    assert (price("1"), price("2")) == (D("380.00"), D("380.00"))
    # then the next buyer pays what the class costs by now, and what its day costs
    change_class(None, show.front, price=D("400.00"))
    assert price("3") == D("400.00")
    price_days(None, show.front, day, day, D("420.00"))
    assert price("4") == D("420.00")
    # and hears of limits, of a pause, and of the pause's end
    limits.set_limit(None, show.product, "mobile", "session", 1)
    assert refusal(ask(show, 2, mobile="13800000001")) == "LIMIT_REACHED"
    move_session(None, show.session, "pause")
    assert refusal(ask(show, 1)) == "SESSION_STATE"
    move_session(None, show.session, "open")
    assert refusal(ask(show, 2, mobile="13800000001")) == "LIMIT_REACHED"


def test_what_was_asked_for_longest_ago_is_forgotten_first(
    show: Show, park: Park, org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a process that remembers two products; the first one is asked for again
    monkeypatch.setattr(terms, "MOST", 2)
    monkeypatch.setattr(terms, "_names", OrderedDict())
    named_of(show.product.code)
    named_of(park.product.code)
    named_of(show.product.code, guess=True)

    # when: a third one comes
    named_of(show_of(org["CQ"], [("1", "AABB")], "小剧场").product.code)

    def statements(code: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert named_of(code, guess=True) is not None
        return len(asked)

    # then: it took the place of the second, not of the first
    assert [statements(show.product.code), statements(park.product.code)] == [0, 1]
