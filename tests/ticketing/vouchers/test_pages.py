"""Pages: the camera's page answers, devices are registered, redemptions taken back, the report counts; the API."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader
from saleor.account.models import User

from plugins.ticketing.admission.models import (
    Device,
    EntryRule,
    Quota,
    Redemption,
    Scan,
    ScanConflict,
    Session,
    Voucher,
    VoucherKey,
)
from plugins.ticketing.admission.vouchers.codes import in_fours
from plugins.ticketing.admission.vouchers.places import Post
from plugins.ticketing.admission.vouchers.printing import pdf_url, print_url
from plugins.ticketing.admission.vouchers.services.expiring import expire_due
from plugins.ticketing.admission.vouchers.services.syncing import Entry, sync
from plugins.ticketing.kernel.models import RefundItem, RefundRequest, TicketOrder
from saleor_o2o.kernel.clock import frozen, midnight, now, today
from tests.buying.shopper import ask
from tests.orgs import person

from .conftest import World, scan
from .test_offline import NO_SKEW
from .test_redeeming import qr

ALL = [
    *(f"voucher.{one}" for one in ("view", "redeem", "reverse", "reissue", "resolve", "report", "export", "rules")),
    "gate.view", "gate.edit", "gate.switch", "admission.view",
]  # fmt: skip
REDEEM = """mutation($number: String!, $text: String!, $confirm: Boolean!, $people: Int) {
  ticketRedeem(number: $number, text: $text, confirm: $confirm, people: $people) {
    said { answer words title admitted left } errors { code message field hint } } }"""
MINE = """query($number: String!) { ticketVouchers(orderNumber: $number) {
  number orderNumber title code standing uses used left needsDocument voidWhy printUrl pdfUrl
  kept { qr rotating secret step digits } } }"""


def office(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_admission_{name}", args=args)


@pytest.fixture
def boss(world: World) -> User:
    return person(world.org["C11"], "all", ALL)


def posted(client: Client, told: Any) -> Any:
    return client.post(page("scan_verify_ask"), json.dumps(told), content_type="application/json")


def test_the_page_for_a_camera(world: World, boss: User) -> None:
    # given
    client, voucher = office(boss), world.voucher(world.family, 3)

    # when
    shown = client.get(page("scan_verify")).content.decode()
    looked = posted(client, {"number": "a", "text": qr(voucher), "confirm": False, "gate": "east"}).json()
    done = posted(
        client, {"number": "b", "text": qr(voucher), "confirm": True, "people": 2, "gate": "east"}
    ).json()
    again = posted(
        client, {"number": "b", "text": qr(voucher), "confirm": True, "people": 2, "gate": "east"}
    ).json()

    # then
    assert "天生三桥 东门" in shown and "大足正门" not in shown
    assert (looked["answer"], looked["where"]) == ("passed", "天生三桥 东门")
    assert (done["label"], done["admitted"], done["left"]) == ("通过", 2, 1)
    assert again == done
    scan_ = Scan.objects.get()
    assert (scan_.operator, scan_.gate, scan_.unit) == (boss, world.east, world.org["C11"])
    for bad in ("[]", "{", '{"number": 1}', "[" * 100_000):
        assert client.post(page("scan_verify_ask"), bad, content_type="application/json").status_code == 400
    assert posted(client, {"number": "c", "text": "x", "gate": "far"}).json()["error"] == "没有这个检票口"
    assert client.get(page("scan_verify_ask")).status_code == 405
    far = office(person(world.org["C11"], "looker", ["voucher.view"]))
    assert far.get(page("scan_verify")).status_code == 403
    assert posted(far, {"number": "d", "text": "x"}).status_code == 403


def test_lists_and_pages_of_rows(world: World, boss: User) -> None:
    # given
    client, voucher = office(boss), world.voucher()
    scan(world.at(world.west), qr(voucher))
    sync(world.at(world.east), [Entry("1", qr(voucher), now(), 1)], NO_SKEW, steady=True)

    # then
    rows = {
        "voucher": voucher, "scan": Scan.objects.order_by("pk")[0], "scanconflict": ScanConflict.objects.get(),
        "redemption": Redemption.objects.order_by("pk")[0], "device": Device.objects.order_by("pk")[0],
    }  # fmt: skip
    for name, row in rows.items():
        assert client.get(page(f"{name}_changelist")).status_code == 200, name
        shown = client.get(page(f"{name}_change", row.pk)).content.decode()
        assert "天生三桥" in shown or name == "scanconflict", name
        assert voucher.code not in shown and "13800001234" not in shown
    other = office(person(world.org["C21"], "other", ALL))
    for name, row in rows.items():
        assert other.get(page(f"{name}_change", row.pk)).status_code in {302, 404}, name
    # the whole code finds it; a part of it does not
    assert voucher.number in client.get(page("voucher_changelist"), {"q": voucher.code}).content.decode()
    assert (
        voucher.number not in client.get(page("voucher_changelist"), {"q": voucher.code[:8]}).content.decode()
    )
    # a conflict waits on the home page
    assert "检票冲突" in client.get(reverse("admin:index")).content.decode()
    client.post(page("scanconflict_resolve", ScanConflict.objects.get().pk), {"reason": "已补票"})
    assert ScanConflict.objects.get().state == "done"


def test_devices_are_registered_set_closed_and_keyed_anew(world: World, boss: User) -> None:
    # given
    client = office(boss)
    told = {
        "code": "G-7",
        "name": "七号机",
        "kind": "handheld",
        "gate": "east",
        "direction": "in",
        "active": "on",
    }

    # when
    shown = client.post(page("device_register"), told).content.decode()

    # then
    device = Device.objects.get()
    assert device.secret in shown and device.unit == world.org["C11"]
    assert device.secret not in client.get(page("device_change", device.pk)).content.decode()
    assert "设备号已登记" in client.post(page("device_register"), told).content.decode()
    client.post(page("device_switch", device.pk))
    client.post(page("device_set", device.pk), {"name": "七号手持", "direction": "both", "reentry": "on"})
    device.refresh_from_db()
    assert (device.is_open, device.direction, device.reentry, device.active) == (False, "both", True, False)
    before = device.secret
    assert (
        before
        not in client.post(
            page("device_rekey", device.pk), {"overlap": "30", "reason": "例行更换"}
        ).content.decode()
    )
    device.refresh_from_db()
    assert device.secret != before and device.old_secret == before
    assert "旧密钥有效至" in client.get(page("device_change", device.pk)).content.decode()
    again = client.post(page("device_rekey", device.pk), {"overlap": "0", "reason": ""})
    assert again.status_code == 200 and device.secret == Device.objects.get().secret  # not without a reason


def test_a_device_of_another_county_is_nobodys_business(world: World, boss: User) -> None:
    # given: the walk of all pages cannot plant a gate, which is a venue's or a spot's
    told = {
        "code": "G-8",
        "name": "八号机",
        "kind": "handheld",
        "gate": "east",
        "direction": "in",
        "active": "on",
    }
    office(boss).post(page("device_register"), told)
    device = Device.objects.get()
    stranger = office(person(world.org["C12"], "stranger", ALL))

    # then
    assert "G-8" in office(boss).get(page("device_changelist")).content.decode()
    assert "G-8" not in stranger.get(page("device_changelist")).content.decode()
    for name in ("device_change", "device_switch", "device_set", "device_rekey"):
        assert stranger.get(page(name, device.pk)).status_code in (302, 404, 405)
        assert "G-8" not in stranger.post(page(name, device.pk), {"name": "抢"}, follow=True).content.decode()
    after = Device.objects.get()
    assert (after.name, after.secret, after.is_open) == (device.name, device.secret, device.is_open)


def words(answer: Any) -> str:
    """The text of a PDF file."""
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.content)).pages)


def test_vouchers_are_made_anew_sent_and_printed(world: World, boss: User) -> None:
    # given
    client, voucher = office(boss), world.voucher()

    # when
    client.post(page("voucher_reissue", voucher.pk), {"reason": "截图外传"})
    client.post(page("voucher_send", voucher.pk))
    twice = client.post(page("voucher_send", voucher.pk)).content.decode()
    paper = client.get(page("voucher_print", voucher.pk)).content.decode()

    # then
    fresh = Voucher.objects.get(pk=voucher.pk)
    assert fresh.code != voucher.code and fresh.sent_count == 1
    assert "刚刚发送过" in twice
    assert "<svg" in paper and fresh.code[:4] in paper
    # the link of the paper: good for an hour, of one voucher, and nothing without its signature
    address = urlsplit(print_url(fresh)).path
    assert Client().get(address).status_code == 200
    assert Client().get(address[:-3] + "x/").status_code == 404
    # and the file says the same; a void one has no code
    kept = Client().get(urlsplit(pdf_url(fresh)).path)
    assert kept["Content-Type"] == "application/pdf" and kept["Cache-Control"] == "no-store"
    assert in_fours(fresh.code) in words(kept) and "天生三桥" in words(kept) and fresh.number in words(kept)
    assert words(client.get(page("voucher_pdf", voucher.pk))) == words(kept)
    Voucher.objects.filter(pk=fresh.pk).update(void_at=now(), void_why="test")
    gone = words(client.get(page("voucher_pdf", voucher.pk)))
    assert "已作废" in gone and fresh.code[:4] not in gone
    assert Client().get(urlsplit(pdf_url(fresh)).path.replace("/pdf", "x/pdf")).status_code == 404


def test_a_rule_of_entry(world: World, boss: User) -> None:
    # given
    client = office(boss)
    told = {
        "product": str(world.product.pk),
        "rotating": "on",
        "doors_minutes": "60",
        "unused": "settle",
        "reason": "合同约定",
    }

    # when
    client.post(page("entryrule_begin"), told)

    # then
    rule = EntryRule.objects.get()
    assert (rule.rotating, rule.documents, rule.doors_minutes, rule.unused) == (True, False, 60, "settle")
    client.post(page("entryrule_set", rule.pk), {**told, "rotating": "", "reason": "改回普通码"})
    rule.refresh_from_db()
    assert not rule.rotating
    assert "动态二维码" in client.get(page("entryrule_changelist")).content.decode()


def test_a_scan_says_where_and_is_taken_back_by_somebody_else(world: World, boss: User) -> None:
    # given: one at the gate by the boss, one at the counter by the clerk
    client = office(boss)
    gate = world.east
    own = scan(Post(world.org["CQ"], gate, None, boss), qr(world.voucher()))
    theirs = scan(world.counter(), qr(world.voucher(world.family, 3)), people=1)
    assert own.passed and theirs.passed

    # when
    hers, others = (client.get(page("scan_change", one.scan)).content.decode() for one in (own, theirs))

    # then: half of all places have a gate of this name
    assert f"{gate.spot} {gate.name}" in hers
    assert f"{gate.spot} {gate.name}" in client.get(page("scan_changelist")).content.decode()
    assert page("scan_reverse", own.scan) not in hers
    assert page("scan_reverse", theirs.scan) in others


def test_the_report_counts_what_was_redeemed(world: World, boss: User) -> None:
    # given
    client, voucher = office(boss), world.voucher(world.family, 3)
    first = scan(world.counter(), qr(voucher), people=2)
    scan(world.at(world.east), qr(voucher), people=1)
    client.post(page("scan_reverse", first.scan), {"reason": "扫错了人群"})

    # when
    shown = client.get(page("redemption_report")).content.decode()
    book = client.get(page("redemption_report"), {"format": "xlsx"})
    below, beside = (client.get(page("redemption_report"), {"unit": code}) for code in ("C11", "C12"))

    # then: one person of three, a third of 100.00 and of 125.00
    assert "天生三桥门票" in shown and "¥33.33" in shown and "¥41.66" in shown
    assert "<td>景区门票</td>" in shown and "<td>scenic</td>" not in shown
    assert book.status_code == 200
    assert (below.context["cards"][0][1], beside.context["cards"][0][1]) == (1, 0)
    assert office(world.clerk).get(page("redemption_report")).status_code == 403


def test_who_never_came_is_not_counted_among_those_who_did(world: World, boss: User) -> None:
    # given: one of three came, the others are paid for all the same once it is over
    EntryRule.objects.create(product=world.product, unused="settle", reason="合同")
    voucher = world.voucher(world.family, 3)
    scan(world.at(world.east), qr(voucher), people=1)
    with frozen(voucher.valid_until + timedelta(days=4)):
        expire_due()
        # when
        seen = office(boss).get(page("redemption_report"))
    # then: the columns of every table sum up to the cards above
    told = {table.title: table for table in seen.context["tables"]}
    assert list(told["按产品、票类"].headers) == [
        "产品", "票类", "核销人次", "过期未用", "供应商结算", "确认收入",
    ]  # fmt: skip
    assert [row[2:] for row in told["按产品、票类"].rows] == [(1, 2, "¥100.00", "¥125.00")]
    assert seen.context["cards"][0][1] == 1
    for title in ("按供应商", "按售票机构", "按渠道", "按检票口"):
        rows = told[title].rows
        assert (sum(row[-4] for row in rows), sum(row[-3] for row in rows)) == (1, 2), title


def test_the_report_counts_what_was_sold_given_back_and_earned(world: World) -> None:
    # given: a family of three, one of whom is in; an adult who gave back for 100.00; one sold elsewhere
    family = world.voucher(world.family, 3)
    scan(world.counter(), qr(family), people=1)
    order = world.order((world.adult, 1), product={"channel": "counter"})
    refund = RefundRequest.objects.create(
        number="TP1", key="TP1", ticket_order=order, cause="passenger", unit=order.unit, due="100.00",
        supplier_due="0.00", state="paying",
    )  # fmt: skip
    RefundItem.objects.create(
        refund=refund, ticket=order.tickets.get(), face="125.00", fee="25.00", due="100.00"
    )
    elsewhere = world.order((world.adult, 1))
    TicketOrder.objects.filter(pk=elsewhere.pk).update(unit=world.org["B211"])
    start = midnight(today()) + timedelta(hours=19)
    session = Session.objects.create(
        product=world.product, name="晚场", starts_at=start, ends_at=start + timedelta(hours=2),
        opens_at=start - timedelta(days=30), closes_at=start, state="on_sale",
    )  # fmt: skip
    Quota.objects.create(product=world.product, name="总量", session=session, capacity=8, taken=6)
    Quota.objects.create(product=world.product, name="总量", day=today(), capacity=30, taken=3)
    Voucher.objects.filter(pk=family.pk).update(session=session)
    seller = person(world.org["C11"], "seller", ["ticket.report", "admission.view"])

    # when
    answer = office(seller).get(page("admissionproduct_report"))

    # then
    told = {table.title: [list(map(str, row)) for row in table.rows] for table in answer.context["tables"]}
    assert told["按产品、票类"] == [
        ["天生三桥门票", "家庭票", "1", "¥125.00", "0", "¥0.00", "¥0.00"],
        ["天生三桥门票", "成人票", "1", "¥125.00", "1", "¥100.00", "¥25.00"],
    ]
    assert told["按渠道"] == [
        ["—", "1", "¥125.00", "0", "¥0.00", "¥0.00"],
        ["网点柜台", "1", "¥125.00", "1", "¥100.00", "¥25.00"],
    ]
    when = f"{start:%Y-%m-%d %H:%M}"
    assert told["场次上座"] == [["天生三桥门票", "晚场", when, "8", "6", "75.0 %", "3", "1", "66.7 %"]]
    assert told["日期容量"] == [["天生三桥门票", "总量", str(today()), "30", "3", "10.0 %"]]
    assert told["收入确认"] == [["天生三桥门票", "¥250.00", "¥125.00", "¥41.66", "¥83.34"]]
    drawn = {str(name): json.loads(data) for name, _kind, data, _options in answer.context["charts"]}
    days = drawn["每日出票"]  # those without any too
    assert (days["labels"][-1], days["datasets"][0]["data"]) == (f"{today():%m-%d}", [0.0] * 30 + [2.0])
    assert office(seller).get(page("admissionproduct_report"), {"format": "xlsx"}).status_code == 403
    assert office(world.clerk).get(page("admissionproduct_report")).status_code == 403
    full = person(world.org["CQ"], "accountant", ["ticket.report", "ticket.export", "admission.view"])
    book = office(full).get(page("admissionproduct_report"), {"format": "xlsx", "unit": "C21"})
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content)))["按售票机构"]
    assert [cell.value for cell in sheet[3]][1:3] == [1, Decimal("125.00")]


def test_units_of_one_name_are_two_rows(world: World) -> None:
    # given: two outlets of one name that sold a ticket each, both of which came
    orders = [world.order((world.adult, 1)) for _at in range(2)]
    other = world.org["B211"]
    TicketOrder.objects.filter(pk=orders[1].pk).update(unit=other)
    units = sorted((orders[0].unit, other), key=lambda one: one.code)
    for unit in units:
        type(unit).objects.filter(pk=unit.pk).update(name="新华街支局")
    for order in orders:
        assert scan(world.counter(), qr(Voucher.objects.get(ticket_order=order))).passed
    rights = ["ticket.report", "admission.view", "voucher.report", "voucher.view"]
    client = office(person(world.org["CQ"], "reader", rights))

    # when
    tables = {
        (name, table.title): [row[0] for row in table.rows]
        for name in ("redemption_report", "admissionproduct_report")
        for table in client.get(page(name)).context["tables"]
    }

    # then: told apart by their codes; what has a name of its own has no code
    for name in ("redemption_report", "admissionproduct_report"):
        assert tables[name, "按售票机构"] == [f"新华街支局（{unit.code}）" for unit in units]
        assert tables[name, "按产品、票类"] == ["天生三桥门票"]


def test_keys_are_the_city_s(world: World, boss: User) -> None:
    # given
    world.voucher()
    chief = office(person(world.org["CQ"], "chief", ["voucher.keys", "voucher.view"]))

    # then
    chief.post(page("voucherkey_rotate"))
    assert VoucherKey.objects.count() == 2
    old = VoucherKey.objects.order_by("pk")[0]
    shown = chief.get(page("voucherkey_change", old.pk)).content.decode()
    assert old.public in shown and old.private not in shown and old.master not in shown
    chief.post(page("voucherkey_withdraw", old.pk), {"reason": "泄露"})
    old.refresh_from_db()
    assert old.withdrawn_at is not None
    assert office(boss).post(page("voucherkey_rotate")).status_code == 403


def test_the_api_of_whoever_bought_and_of_the_staff(world: World) -> None:
    # given
    shopper = get_user_model().objects.create_user("shopper@example.com", "password")
    stranger = get_user_model().objects.create_user("stranger@example.com", "password")
    EntryRule.objects.create(product=world.product, rotating=True, reason="热门")
    order = world.order((world.adult, 1), (world.family, 3))
    TicketOrder.objects.filter(pk=order.pk).update(user=shopper)

    # when
    mine = ask(MINE, {"number": order.number}, shopper)["ticketVouchers"]

    # then
    assert [(one["uses"], one["left"], one["standing"]) for one in mine] == [
        (1, 1, "usable"),
        (3, 3, "usable"),
    ]
    assert mine[0]["kept"]["rotating"] and len(mine[0]["kept"]["secret"]) == 64
    assert mine[0]["code"].replace(" ", "") == Voucher.objects.order_by("pk")[0].code
    assert ask(MINE, {"number": order.number}, stranger)["ticketVouchers"] == []
    send = "mutation($n: String!) { ticketVoucherSend(number: $n) { voucher { number } errors { code } } }"
    assert ask(send, {"n": mine[0]["number"]}, shopper)["ticketVoucherSend"]["errors"] == []
    assert ask(send, {"n": mine[0]["number"]}, shopper)["ticketVoucherSend"]["errors"] == [
        {"code": "TOO_OFTEN"}
    ]
    assert ask(send, {"n": mine[0]["number"]}, stranger)["ticketVoucherSend"]["errors"] == [
        {"code": "NOT_FOUND"}
    ]

    # when: a clerk
    code = mine[1]["code"]
    told = {"number": "api-1", "text": code, "confirm": True, "people": 2}
    said = ask(REDEEM, told, world.clerk)["ticketRedeem"]
    assert (said["said"]["answer"], said["said"]["admitted"], said["said"]["left"]) == ("PASSED", 2, 1)
    assert (
        ask(REDEEM, {**told, "number": "api-2", "people": -1}, world.clerk)["ticketRedeem"]["errors"][0][
            "code"
        ]
        == "MALFORMED"
    )
    assert ask(REDEEM, told, shopper)["ticketRedeem"]["errors"][0]["code"] == "PERMISSION_DENIED"
