"""Places, maps, products, calendars, sessions: kept by those who may; seeds; how many statements shoppers cost."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.access import CANCEL, EDIT, STOCK, VIEW
from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.inventory.availability import sessions_left
from plugins.ticketing.admission.layouts import from_json, read_layout
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    Gate,
    PriceDay,
    Quota,
    Session,
    SessionSeat,
    Slot,
    TicketClass,
    Venue,
)
from plugins.ticketing.admission.seeds import seed, theatre_plan
from plugins.ticketing.admission.selectors import calendar, products_shown, session_shown, sessions_shown
from plugins.ticketing.admission.services import alarms
from plugins.ticketing.admission.services.calendar import price_days
from plugins.ticketing.admission.services.catalogue import add_class, change_class, change_product
from plugins.ticketing.admission.services.maps import draw_map, plan_of, redraw_map
from plugins.ticketing.admission.services.places import make_gate, make_place, switch_gate
from plugins.ticketing.admission.services.sessions import cancel_session, make_session, move_session
from plugins.ticketing.admission.services.stock import block_seats, make_quota, watch_session
from plugins.ticketing.admission.todo import todo
from saleor_o2o.kernel.clock import SHANGHAI, frozen, now, today
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for
from tests.orgs import person

from .conftest import Park, Show

D = Decimal


class Context:
    """What seeds are given."""

    def __init__(self) -> None:
        self.created: dict[str, int] = {}

    def say(self, words: str) -> None:
        self.created[words] = 0

    def count(self, what: str, number: int) -> None:
        self.created[what] = number


# -- seat plans ------------------------------------------------------------------------------

CSV = "区域,排,座,等级,不售,列序\n池座,1,1,A,,1\n池座,1,3,A,,2\n池座,1,5,A,是,4\n池座,2,1,B,,\n"


def test_a_plan_from_a_table_and_back_from_json(show: Show) -> None:
    for encoding in ("utf-8", "gb18030"):
        layout = read_layout("plan.csv", CSV.encode(encoding))
        assert [(one.row, one.number, one.line, one.place, one.category, one.blocked) for one in layout.seats] == [
            ("1", "1", 1, 1, "A", False), ("1", "3", 1, 2, "A", False), ("1", "5", 1, 4, "A", True),
            ("2", "1", 2, 1, "B", False),
        ]  # fmt: skip
    made = draw_map(None, show.map.hall, layout)
    assert made.version == 2
    again = from_json(json.loads(json.dumps(plan_of(made))))
    assert (again.seats, dict(again.categories)) == (layout.seats, dict(layout.categories))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("plan.csv", "区域,排,座\n池座,1,1\n", "缺少列：等级"),
        ("plan.csv", CSV + "池座,1,3,A,,7\n", "池座1排3座 出现了两次"),
        ("plan.csv", CSV + "池座,1,9,A,,4\n", "池座1排9座 与另一个座位在同一位置"),
        ("plan.csv", CSV + "池座,1,9,A,,x\n", "第 6 行：列序须为数字"),
        ("plan.csv", CSV + "池座,1,9,,,9\n", "池座1排9座：区域、排、座、等级都要填，且不能太长"),
        ("plan.csv", "区域,排,座,等级\n", "座位图里没有座位"),
        ("plan.json", "{", "不是有效的 JSON 文件"),
        ("plan.json", "[1]", "座位图内容不完整"),
        (
            "plan.json",
            '{"zones": [{"name": "池座", "rows": [{"row": "1", "cells": [7]}]}]}',
            "座位图内容不完整",
        ),
        ("plan.xlsx", "x", None),
        ("plan.pdf", "x", "只能导入 CSV、Excel（.xlsx）或 JSON 文件"),
    ],
)
def test_plans_that_cannot_be_taken_say_why(db: None, name: str, data: str, words: str | None) -> None:
    with pytest.raises(AdmissionError) as refused:
        read_layout(name, data.encode())
    assert refused.value.code.value == "MAP_INVALID"
    assert words is None or refused.value.message == words


def test_a_map_in_use_never_changes(show: Show) -> None:
    with pytest.raises(AdmissionError) as refused:
        redraw_map(None, show.map, theatre_plan())
    assert refused.value.code.value == "MAP_STATE"
    draft = draw_map(None, show.map.hall, theatre_plan())
    with pytest.raises(AdmissionError):
        make_session(
            None,
            show.product,
            starts_at=now() + timedelta(days=1),
            ends_at=now() + timedelta(days=2),
            seat_map=draft,
        )


# -- sessions --------------------------------------------------------------------------------


def test_a_hall_has_one_session_at_a_time_and_none_in_the_past(show: Show) -> None:
    first = show.session

    def make(start: Any, end: Any) -> str:
        with pytest.raises(AdmissionError) as refused:
            make_session(None, show.product, starts_at=start, ends_at=end, seat_map=show.map)
        return str(refused.value.message)

    at = f"{first.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}"
    assert make(first.starts_at + timedelta(hours=1), first.ends_at) == f"这个厅 {at} 已有场次"
    assert make(now() - timedelta(hours=3), now() - timedelta(hours=1)) == "场次时间已经过去"
    assert make(first.ends_at, first.starts_at) == "结束须晚于开始"
    made = make_session(
        None,
        show.product,
        starts_at=first.ends_at,
        ends_at=first.ends_at + timedelta(hours=2),
        seat_map=show.map,
    )
    assert SessionSeat.objects.filter(session=made, state="free").count() == 38
    unseated = make_session(
        None,
        show.product,
        starts_at=first.ends_at + timedelta(days=1),
        ends_at=first.ends_at + timedelta(days=2),
    )
    with pytest.raises(AdmissionError) as refused:
        move_session(None, unseated, "open")
    assert refused.value.message == "这个场次没有座位图，也没有配额"


def test_a_cancelled_session_sells_nothing(show: Show, keeper: User) -> None:
    from saleor_o2o.kernel.models import EventRecord

    quota = make_quota(None, show.product, 50, session=show.session)
    with pytest.raises(AdmissionError):
        cancel_session(keeper, show.session, " ")
    cancel_session(keeper, show.session, "演员生病")
    assert set(SessionSeat.objects.values_list("state", "note")) == {("blocked", "场次取消")}
    quota.refresh_from_db()
    assert (quota.capacity, quota.taken) == (0, 0)
    record = EventRecord.objects.get(name="admission.session_cancelled")
    assert record.payload == {"session_id": show.session.pk, "reason": "演员生病"}


def test_seats_are_kept_back_and_let_go_all_or_none(show: Show, keeper: User) -> None:
    seats = [show.seat("1", "1"), show.seat("1", "2")]
    assert block_seats(keeper, show.session, seats, "媒体") == 2
    with pytest.raises(AdmissionError):
        block_seats(keeper, show.session, [seats[0], show.seat("1", "3")], "媒体")
    assert SessionSeat.objects.filter(state="blocked", note="媒体").count() == 2
    assert block_seats(keeper, show.session, seats, "", blocked=False) == 2
    assert SessionSeat.objects.filter(state="free").count() == 38


def test_sessions_end_and_quotas_tell_when_they_run_low(show: Show, park: Park) -> None:
    from django.db import transaction

    from plugins.ticketing.admission.inventory import take
    from saleor_o2o.kernel.models import EventRecord

    make_quota(None, park.product, 10, day=park.day, alarm_below=8)
    assert alarms.watch_quotas() == 0
    with transaction.atomic():
        take("W1", [park.wish(3)], now() + timedelta(minutes=15))
    assert alarms.watch_quotas() == 1
    assert alarms.watch_quotas() == 0
    assert EventRecord.objects.get(name="admission.quota_low").payload["left"] == 7
    with frozen(show.session.ends_at):
        assert alarms.end_sessions() == 1
    assert Session.objects.get().state == "ended"


def test_what_runs_low_is_told_once_until_there_is_enough_again(
    show: Show, park: Park, keeper: User, org: dict[str, OrgUnit]
) -> None:
    # given: a slot's quota, and a hall of which ten are blocked
    slot = Slot.objects.create(product=park.product, day=park.day, starts=time(9), ends=time(11))
    quota = make_quota(keeper, park.product, 10, slot=slot, alarm_below=4)
    watch_session(keeper, show.session, 31)
    wide = Quota.objects.filter(pk=quota.pk)
    wide.update(taken=7)
    seats = [show.seat("1", str(n)) for n in range(1, 11)]
    block_seats(keeper, show.session, seats, "媒体")
    clerk = person(org["O1111"], "clerk", [VIEW])

    # when
    for _time in range(2):
        alarms.watch_quotas()
        alarms.watch_seats()

    # then
    names = ("admission.quota_low", "admission.seats_low")
    told = EventRecord.objects.filter(name__in=names).order_by("pk").values_list("name", "payload__left")
    assert list(told) == [("admission.quota_low", 3), ("admission.seats_low", 28)]
    day = show.session.starts_at.astimezone(SHANGHAI).date()
    with CaptureQueriesContext(connection) as statements:
        matters = todo(keeper)
    assert [(one.title, one.note) for one in matters] == [
        (f"低库存：{park.product} {park.day} {quota.name}", "剩 3，低于 4"),
        (f"低库存：{show.product} {day}", "剩 28，低于 31"),
    ]
    assert len([one for one in statements if "union" in one["sql"].lower()]) == 1
    assert todo(clerk) == []

    # when: somebody gives back, the seats are sold after all; then it runs low again
    wide.update(taken=6)
    block_seats(keeper, show.session, seats, "", blocked=False)
    alarms.watch_quotas()
    alarms.watch_seats()
    assert todo(keeper) == []
    wide.update(taken=8)
    alarms.watch_quotas()

    # then
    assert list(told.all())[2:] == [("admission.quota_low", 2)]


# -- who may ---------------------------------------------------------------------------------


def test_who_may_keep_products(show: Show, org: dict[str, OrgUnit], keeper: User) -> None:
    clerk = person(org["O1111"], "clerk", [VIEW])
    county = person(org["C11"], "county", [VIEW, EDIT, STOCK, CANCEL])
    shopper = User.objects.create_user("shopper@example.com", "pass-word")
    change_product(keeper, show.product, name="新年交响音乐会")
    # a clerk below the unit that sells sees the product and may not change it; a shopper does not see the row
    for who, what in ((clerk, NotAllowed), (shopper, OutOfScope)):
        with pytest.raises(what):
            change_product(who, show.product, name="别的")
        with pytest.raises(what):
            cancel_session(who, show.session, "没有原因的取消")
        with pytest.raises(what):
            block_seats(who, show.session, [show.seat("1", "1")], "自用")
    assert AdmissionProduct.objects.get().name == "新年交响音乐会"
    # what a county sells the other county does not see
    other = person(org["C12"], "other", [VIEW, EDIT])
    own = make_product_of(county, org["C11"])
    with pytest.raises(OutOfScope):
        change_product(other, own, name="别的")
    with pytest.raises(NotAllowed):
        make_product_of(other, org["C11"], code="second")
    venue = make_place(county, Venue, org["C11"], "county-hall", name="文化馆", address="甲县")
    gate = make_gate(county, venue, "county-east", "东门")
    assert list(rows_for(county, Gate)) == [gate]
    assert not rows_for(other, Gate).exists()
    with pytest.raises(OutOfScope):
        switch_gate(other, gate, active=False)


def make_product_of(by: User, unit: OrgUnit, code: str = "first") -> AdmissionProduct:
    from plugins.ticketing.admission.services.catalogue import make_product

    return make_product(by, unit, code=code, kind="year_card", name="年卡")


# -- what shoppers see -------------------------------------------------------------------------


def test_a_hundred_sessions_cost_three_statements(show: Show) -> None:
    make_quota(None, show.product, 30, name="全部场次")
    start = show.session.ends_at
    for at in range(30):
        begin = start + timedelta(hours=3 * at)
        made = make_session(
            None, show.product, starts_at=begin, ends_at=begin + timedelta(hours=2), seat_map=show.map
        )
        if at % 2:
            make_quota(None, show.product, 5, session=made)
    sessions = list(Session.objects.order_by("starts_at"))
    kinds = list(show.product.classes.order_by("rank", "pk"))
    with CaptureQueriesContext(connection) as many:
        lefts = sessions_left(sessions, kinds, "online")
    with CaptureQueriesContext(connection) as one:
        sessions_left(sessions[:1], kinds, "online")
    # with the sessions themselves that is three
    assert len(many) == len(one) == 2
    assert lefts[sessions[0].pk] == {show.front.pk: 22, show.student.pk: 22, show.back.pk: 16}
    assert lefts[sessions[2].pk][show.front.pk] == 5


def test_what_a_shopper_sees_of_a_session(show: Show) -> None:
    SessionSeat.objects.filter(seat=show.seat("1", "1")).update(state="blocked")
    shown = session_shown(show.session.pk)
    assert shown is not None
    assert [(one.kind.code, one.price, one.left, one.open) for one in shown.classes] == [
        ("a", D("380.00"), 21, True), ("a-student", D("190.00"), 21, True), ("b", D("180.00"), 16, True),
    ]  # fmt: skip
    # two classes of the front seats share them
    assert shown.left == 37
    product = products_shown().get()
    with CaptureQueriesContext(connection) as queries:
        assert len(sessions_shown(product)) == 1
    assert len(queries) == 4


def test_the_calendar_by_weekday(park: Park) -> None:
    first, last = today(), today() + timedelta(days=13)
    assert price_days(None, park.adult, first, last, D("135.00"), weekdays=(6, 7)) == 4
    make_quota(None, park.product, 40)
    make_quota(None, park.product, 6, day=park.day)
    product = products_shown(kinds=["scenic"], search="天生 武隆").get()
    with CaptureQueriesContext(connection) as queries:
        days = calendar(product, first, 14)
    assert len(queries) == 3
    prices = {one.day: one.classes[0].price for one in days}
    assert {one.isoweekday(): price for one, price in prices.items()} == {
        **{at: D("125.00") for at in range(1, 6)}, 6: D("135.00"), 7: D("135.00"),
    }  # fmt: skip
    assert {one.day: one.left for one in days}[park.day] == 6
    assert days[-1].left == 40
    assert price_days(None, park.adult, first, last, None) == 14
    assert not PriceDay.objects.exists()
    with pytest.raises(AdmissionError):
        price_days(None, park.adult, date(2027, 1, 2), date(2027, 1, 1), D(1))


@pytest.mark.timeout(300)
def test_seeds_write_once_and_everything_can_be_bought(org: dict[str, OrgUnit]) -> None:
    context = Context()
    seed(context)  # type: ignore[arg-type]
    assert context.created == {"票务产品": 11}
    seats = SessionSeat.objects.filter(session__product__code="teahouse")
    assert seats.count() == 2 * 954
    assert seats.filter(state="blocked", note="工作票").count() == 20
    counts = (Quota.objects.count(), Session.objects.count(), SessionSeat.objects.count())
    again = Context()
    seed(again)  # type: ignore[arg-type]
    assert again.created == {"票务产品": 0}
    assert counts == (Quota.objects.count(), Session.objects.count(), SessionSeat.objects.count())
    for product in products_shown():
        days, sessions = calendar(product, today() + timedelta(days=1), 2), sessions_shown(product)
        assert product.kind == "year_card" or any(one.left for one in (*days, *sessions)), product


def test_paper_by_post_is_sold_online_only_and_each_on_its_own_sheet(park: Park) -> None:
    # when
    mail = {"exchange_mode": "paper_mail", "verify_mode": "each"}
    with pytest.raises(AdmissionError) as everywhere:
        add_class(None, park.product, code="late", name="新票", price=D(1), **mail)
    with pytest.raises(AdmissionError) as together:
        change_class(None, park.adult, exchange_mode="on_site", verify_mode="partial")
    with pytest.raises(AdmissionError) as dear:
        change_class(None, park.adult, postage=D(1000))
    made = add_class(None, park.product, code="post", name="新票", price=D(1), channels=["online"], **mail)

    # then
    fields = [one.value.field for one in (everywhere, together, dear)]
    assert fields == ["channels", "verify_mode", "postage"]
    assert (made.exchange_mode, TicketClass.objects.get(pk=park.adult.pk).exchange_mode) == (
        "paper_mail",
        "qr",
    )
