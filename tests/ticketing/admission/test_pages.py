"""Pages of admission for those who run it: what they do with them, and what bad input does not."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.access import EDIT, VIEW
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    Draw,
    Hall,
    LimitRule,
    PriceDay,
    Quota,
    Reserve,
    SaleQueue,
    ScenicSpot,
    SeatMap,
    Session,
    SessionSeat,
    Slot,
    TicketClass,
    Venue,
)
from plugins.ticketing.admission.services.maps import plan_of
from plugins.ticketing.admission.services.sessions import make_session
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from tests.orgs import person
from tests.threads import meeting_before_save, together

from .conftest import Park, Show


@pytest.fixture
def office(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def page(model: str, name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_admission_{model}_{name}", args=args)


def moment(days: int, hour: int = 19) -> str:
    return f"{today() + timedelta(days=days)}T{hour:02d}:30"


def done(client: Client, address: str, /, **told: Any) -> None:
    """Posted, and accepted: it leads on."""
    answer = client.post(address, {"do": "1", **told})
    assert answer.status_code == 302, answer.content.decode()[-6000:]


def test_a_hall_is_drawn_imported_saved_and_put_to_use(office: Client, org: dict[str, OrgUnit]) -> None:
    # a venue with a gate and a hall
    done(
        office,
        page("venue", "make"),
        unit=org["CQ"].pk,
        code="opera",
        name="川剧院",
        address="渝中区",
        active="on",
    )
    venue = Venue.objects.get()
    done(office, page("venue", "gate", venue.pk), code="opera-east", name="东门")
    done(office, page("venue", "hall", venue.pk), name="大厅", capacity="400")
    hall = Hall.objects.get()
    # an empty grid, drawn in the browser
    done(office, page("hall", "grid", hall.pk), zone="池座", rows="3", seats="10")
    drawn = SeatMap.objects.get()
    assert office.get(page("seatmap", "draw", drawn.pk)).status_code == 200
    plan = plan_of(drawn)
    plan["zones"][0]["rows"][0]["cells"][4] = None
    plan["zones"][0]["rows"][1]["cells"][0]["b"] = 1
    # saved as a browser does, whose token is read from the same body
    office.handler.enforce_csrf_checks = True
    token = office.cookies["csrftoken"].value
    answer = office.post(
        page("seatmap", "draw", drawn.pk), {"plan": json.dumps(plan), "csrfmiddlewaretoken": token}
    )
    office.handler.enforce_csrf_checks = False
    assert (answer.status_code, answer.json()) == (200, {"saved": 29})
    for broken in (
        "",
        "{",
        "[]",
        json.dumps({"zones": []}),
        json.dumps({"zones": [{"name": 1, "rows": [5]}]}),
    ):
        answer = office.post(page("seatmap", "draw", drawn.pk), {"plan": broken})
        assert answer.status_code == 400, broken
        assert answer.json()["error"]
    assert drawn.seats.count() == 29
    # a file
    file = SimpleUploadedFile("plan.csv", "区域,排,座,等级\n池座,1,1,A\n池座,1,2,A\n".encode())
    done(office, page("hall", "import", hall.pk), file=file)
    assert SeatMap.objects.get(version=2).seats.count() == 2
    refused = office.post(
        page("hall", "import", hall.pk), {"do": "1", "file": SimpleUploadedFile("a.csv", b"x")}
    )
    assert "缺少列" in refused.content.decode()
    # put to use, it does not change any more
    done(office, page("seatmap", "publish", drawn.pk))
    answer = office.post(page("seatmap", "draw", drawn.pk), {"plan": json.dumps(plan)})
    assert answer.status_code == 400
    copied = office.post(page("seatmap", "copy", drawn.pk), {"do": "1"})
    assert copied["Location"] == page("seatmap", "draw", SeatMap.objects.get(version=3).pk)
    done(office, page("seatmap", "retire", drawn.pk))
    again = office.get(page("seatmap", "plan", drawn.pk)).json()
    assert sum(bool(cell) for row in again["zones"][0]["rows"] for cell in row["cells"]) == 29
    for name, row in (("venue", venue), ("hall", hall), ("seatmap", drawn), ("gate", venue.gates.get())):
        assert office.get(page(name, "change", row.pk)).status_code == 200
        assert office.get(page(name, "changelist")).status_code == 200


def test_a_product_from_its_beginning_to_the_shoppers_page(office: Client, org: dict[str, OrgUnit]) -> None:
    done(office, page("scenicspot", "make"), unit=org["CQ"].pk, code="cave", name="芙蓉洞", address="武隆区", level="5",
         active="on")  # fmt: skip
    spot = ScenicSpot.objects.get()
    done(office, page("admissionproduct", "make"), unit=org["CQ"].pk, code="cave-day", kind="scenic", name="芙蓉洞门票",
         spot=spot.pk, name_change_hours="0")  # fmt: skip
    product = AdmissionProduct.objects.get()
    form = office.get(page("admissionproduct", "class", product.pk)).context["form"]
    told = {name: value for name, value in form.initial.items() if value or value == 0}
    told |= {"code": "adult", "name": "成人票", "price": "120.00", "active": "on", "do": "1"}
    answer = office.post(page("admissionproduct", "class", product.pk), told)
    assert answer.status_code == 302, answer.context["form"].errors
    kind = TicketClass.objects.get()
    assert (kind.price, kind.valid_mode, kind.channels) == (
        120,
        "day",
        ["online", "counter", "phone", "distributor"],
    )
    first, last = str(today()), str(today() + timedelta(days=13))
    done(office, page("admissionproduct", "prices", product.pk), ticket_class=kind.pk, first=first, last=last,
         weekdays=["6", "7"], price="150.00")  # fmt: skip
    assert PriceDay.objects.filter(price=150).count() == 4
    done(
        office,
        page("admissionproduct", "quotas", product.pk),
        first=first,
        last=last,
        capacity="500",
        alarm_below="20",
    )
    assert Quota.objects.count() == 14
    done(office, page("admissionproduct", "slots", product.pk), first=first, last=first,
         times="09:00-11:00\n13：00—15:00", capacity="50")  # fmt: skip
    assert Slot.objects.count() == 2
    wrong = office.post(
        page("admissionproduct", "slots", product.pk),
        {"do": "1", "first": first, "last": first, "times": "九点", "capacity": "5"},
    )
    assert "不是时段" in wrong.content.decode()
    across = office.post(
        page("admissionproduct", "slots", product.pk),
        {"do": "1", "first": first, "last": last, "times": "10:00-12:00", "capacity": "5"},
    )
    assert "09:00–11:00 已有时段，与 10:00–12:00 重叠" in across.content.decode()
    assert Slot.objects.count() == 2
    done(office, page("ticketclass", "edit", kind.pk), **{**told, "price": "118.00"})
    done(
        office,
        page("admissionproduct", "edit", product.pk),
        name="芙蓉洞成人票",
        summary="溶洞",
        name_change_hours="24",
    )
    done(office, page("admissionproduct", "move", product.pk) + "?to=put_on_sale")
    shown = office.get(page("admissionproduct", "preview", product.pk)).content.decode()
    assert "¥150.00" in shown
    assert "芙蓉洞成人票" in shown
    for name, row in (
        ("admissionproduct", product),
        ("ticketclass", kind),
        ("scenicspot", spot),
        ("quota", Quota.objects.latest("pk")),
    ):
        assert office.get(page(name, "change", row.pk)).status_code == 200
        assert office.get(page(name, "changelist")).status_code == 200


def test_the_list_of_quotas_begins_with_today(office: Client, park: Park) -> None:
    # given quotas of days behind and before us, of one without a day and of a session
    Quota.objects.all().delete()
    for away in (-2, -1, 1, 0, 30):
        day = today() + timedelta(days=away)
        Quota.objects.create(product=park.product, name=f"{away:+d}", day=day, capacity=5)
    Quota.objects.create(product=park.product, name="任一天", capacity=5)
    soon = now() + timedelta(days=2)
    session = Session.objects.create(
        product=park.product, name="夜场", starts_at=soon, ends_at=soon + timedelta(hours=2), opens_at=now(),
        closes_at=soon,
    )  # fmt: skip
    Quota.objects.create(product=park.product, name="夜场", session=session, capacity=5)

    # when
    rows = office.get(page("quota", "changelist")).context["cl"].result_list

    # then: what can be sold, by day; what is over at the end
    assert [one.name for one in rows] == ["+0", "任一天", "+1", "夜场", "+30", "-1", "-2"]


def test_what_is_sold_without_a_day_gets_a_quota_without_a_day(office: Client, park: Park) -> None:
    # given a year card made at these pages, which nobody can buy without a quota
    address = page("admissionproduct", "quotas", park.product.pk)
    before = set(Quota.objects.values_list("pk", flat=True))
    # when
    done(office, address, first="", last="", capacity="50", name="年卡", alarm_below="0")
    # then
    made = Quota.objects.exclude(pk__in=before).get()
    assert (made.day, made.session, made.slot, made.capacity, made.name) == (None, None, None, 50, "年卡")
    # when it is set again, it is the same one
    done(office, address, first="", last="", capacity="60", name="年卡", alarm_below="5")
    again = Quota.objects.exclude(pk__in=before).get()
    assert (again.pk, again.capacity, again.alarm_below) == (made.pk, 60, 5)
    # and half of a period is no period
    half = office.post(
        address, {"do": "1", "first": str(today()), "last": "", "capacity": "5", "alarm_below": "0"}
    )
    assert "请同时填写起止日期，或都不填" in half.content.decode()


def test_sessions_and_the_board_of_seats(office: Client, show: Show) -> None:
    done(office, page("session", "make"), product=show.product.pk, seat_map=show.map.pk, starts_at=moment(20),
         ends_at=moment(20, 21), days="3")  # fmt: skip
    assert Session.objects.count() == 4
    fresh = Session.objects.order_by("-starts_at").first()
    assert fresh is not None
    refused = office.post(
        page("session", "make"),
        {
            "do": "1",
            "product": show.product.pk,
            "seat_map": show.map.pk,
            "starts_at": moment(20),
            "ends_at": moment(20, 21),
            "days": "1",
        },
    )
    assert "19:30 已有场次" in refused.content.decode()
    done(office, page("session", "move", fresh.pk) + "?to=open")
    board = page("session", "board", show.session.pk)
    assert office.get(board).status_code == 200
    seats = f"{show.seat('1', '1')},{show.seat('1', '2')}"
    assert office.post(board, {"seats": seats, "note": "媒体", "block": "1"}).status_code == 302
    assert SessionSeat.objects.filter(state="blocked", note="媒体").count() == 2
    again = office.post(board, {"seats": seats + ",x,999999999", "note": "媒体", "block": "1"})
    assert "当前不能这样操作" in again.content.decode()
    assert f'value="{seats},999999999"' in again.content.decode() and 'value="媒体"' in again.content.decode()
    odd = office.post(board, {"seats": f"{seats},{'9' * 5000}", "note": "a\0b", "block": "1"})
    assert "当前不能这样操作" in odd.content.decode()
    assert office.post(board, {"seats": seats, "free": "1"}).status_code == 302
    done(office, page("session", "alarm", show.session.pk), alarm_below="5")
    assert Session.objects.get(pk=show.session.pk).alarm_below == 5
    done(office, page("session", "postpone", show.session.pk), starts_at=moment(15), reason="演员档期调整")
    done(office, page("session", "cancel", show.session.pk), reason="演员生病，无法演出")
    assert Session.objects.get(pk=show.session.pk).state == "cancelled"
    assert office.get(page("session", "change", show.session.pk)).status_code == 200
    assert office.get(page("session", "changelist")).status_code == 200


def test_quotas_limits_queues_and_draws(office: Client, show: Show, park: Park) -> None:
    from plugins.ticketing.admission.services.stock import make_quota

    quota = make_quota(None, park.product, 50, day=park.day)
    done(office, page("quota", "resize", quota.pk), capacity="60", alarm_below="5")
    done(office, page("quota", "reserve", quota.pk), quantity="10", reason="导游踩线")
    low = office.post(page("quota", "resize", quota.pk), {"do": "1", "capacity": "9", "alarm_below": "0"})
    assert "总量不能少于它" in low.content.decode()
    done(office, page("reserve", "release", Reserve.objects.get().pk))
    done(
        office,
        page("limitrule", "make"),
        product=show.product.pk,
        by="account",
        per="session",
        most="4",
        active="on",
    )
    done(office, page("salequeue", "make"), product=show.product.pk, per_minute="300", pass_minutes="10",
         started_at=moment(1), active="on")  # fmt: skip
    done(office, page("draw", "make"), ticket_class=show.back.pk, session=show.session.pk, units="10", most_each="2",
         opens_at=moment(1, 9), closes_at=moment(2, 9), pay_hours="24")  # fmt: skip
    draw = Draw.objects.get()
    assert draw.seed not in office.get(page("draw", "change", draw.pk)).content.decode()
    early = office.post(page("draw", "lots", draw.pk), {"do": "1"})
    assert "登记还没有截止" in early.content.decode()
    for name, row in (("quota", quota), ("limitrule", LimitRule.objects.get()), ("salequeue", SaleQueue.objects.get()),
                      ("reserve", Reserve.objects.get())):  # fmt: skip
        assert office.get(page(name, "change", row.pk)).status_code == 200
        assert office.get(page(name, "changelist")).status_code == 200
    for name in ("taking", "waiting", "draw"):
        assert office.get(page(name, "changelist")).status_code == 200


def test_who_only_looks_changes_nothing(show: Show, org: dict[str, OrgUnit]) -> None:
    client = Client()
    client.force_login(person(org["O1111"], "clerk", [VIEW]))
    assert client.get(page("session", "board", show.session.pk)).status_code == 200
    assert client.get(page("admissionproduct", "preview", show.product.pk)).status_code == 200
    for address in (
        page("session", "make"), page("session", "cancel", show.session.pk), page("admissionproduct", "make"),
        page("admissionproduct", "edit", show.product.pk), page("seatmap", "publish", show.map.pk),
        page("limitrule", "make"), page("draw", "make"), page("salequeue", "make"), page("venue", "make"),
    ):  # fmt: skip
        assert client.post(address, {"do": "1"}).status_code == 403, address
    seats = str(show.seat("1", "1"))
    assert (
        client.post(
            page("session", "board", show.session.pk), {"seats": seats, "note": "自用", "block": "1"}
        ).status_code
        == 403
    )
    assert SessionSeat.objects.filter(state="blocked").count() == 0
    assert Session.objects.get().starts_at > now()


def test_sessions_of_a_week_are_made_all_or_none(office: Client, show: Show) -> None:
    # given: the hall is taken on one evening of the week after next
    start = show.session.starts_at.astimezone(SHANGHAI) + timedelta(days=7)
    third = start + timedelta(days=2)
    make_session(
        None,
        show.product,
        starts_at=third,
        ends_at=third + timedelta(hours=1),
        hall=show.map.hall,
        name="包场",
    )
    told = {
        "do": "1", "product": show.product.pk, "seat_map": show.map.pk, "days": "7", "name": "巡演",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}", "ends_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    # when
    answer = office.post(page("session", "make"), told)
    # then: which evening it is, and not two of seven
    assert f"这个厅 {third:%m-%d %H:%M} 已有场次" in answer.content.decode()
    assert not Session.objects.filter(name="巡演").exists()


def test_slots_come_with_their_quotas_or_not_at_all(org: dict[str, OrgUnit], park: Park) -> None:
    # given: somebody who keeps products, and has no say over what is sold of them
    client, day = Client(), str(park.day)
    client.force_login(person(org["CQ"], "planner", [VIEW, EDIT]))
    # when
    told = {"do": "1", "first": day, "last": day, "times": "09:00-11:00", "capacity": "5"}
    assert client.post(page("admissionproduct", "slots", park.product.pk), told).status_code == 403
    # then
    assert not Slot.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_a_time_makes_one_and_says_so(
    keeper: User, org: dict[str, OrgUnit]
) -> None:
    told = {
        "do": "1",
        "unit": org["CQ"].pk,
        "code": "opera",
        "name": "川剧院",
        "address": "渝中区",
        "active": "on",
    }

    def send() -> int:
        client = Client()
        client.force_login(keeper)
        answer = client.post(page("venue", "make"), told)
        if answer.status_code == 200:
            assert "同样的内容刚刚已经提交" in answer.content.decode()
            assert 'value="opera"' in answer.content.decode()
        return answer.status_code

    # when: both have looked before either has written
    with meeting_before_save(Venue, 2):
        told_both = together(send, send)
    # then
    assert sorted(told_both) == [200, 302]
    assert Venue.objects.count() == 1
