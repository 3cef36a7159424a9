"""The shopper's API and the staff's pages: for those concerned; nobody else learns that anything exists."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from graphql_jwt.shortcuts import get_token
from PIL import Image
from saleor.account.models import User

from plugins.after_sale.models import AfterSale, Complaint, Picture
from plugins.after_sale.services import complaining
from plugins.after_sale.services.deciding import refuse
from plugins.after_sale.services.returning import ship_back
from plugins.after_sale.todo import todo
from saleor_o2o.ordering.models import OrderTimeline
from tests.buying.shopper import ask
from tests.orgs import again

from .conftest import KEY, D, Shop

APPLY = """mutation($key: String!, $input: AfterSaleInput!, $photos: [Upload!]) {
  afterSaleApply(key: $key, input: $input, photos: $photos) {
    afterSale { number state amount freight } errors { field message hint code } } }"""
OFFERS = """query($token: String!) { afterSaleOffers(orderToken: $token) { subOrderNumber mayApply mayReturn freight
  lines { lineId productName quantity returnable amount isOpen } } }"""
MINE = """{ myAfterSales { number state stateText amount lines { productName quantity amount }
  evidence { party data } complaint { number state statements { party text } } } }"""
ONE = "query($number: String!) { myAfterSale(number: $number) { number } }"
WITHDRAW = "mutation($number: String!) { afterSaleWithdraw(number: $number) { afterSale { state } errors { code } } }"
SWAPS = """query($token: String!) { afterSaleOffers(orderToken: $token) { subOrderNumber repairUntil
  swaps { lineId variantId name inStock } } }"""
RECEIVE = """mutation($number: String!) { afterSaleReceive(number: $number) { afterSale { state } errors { code } } }"""
CHOOSE = (
    """mutation($number: String!) { afterSaleChoose(number: $number, refund: true) { errors { code } } }"""
)
ALL = """query($number: String, $state: AfterSaleState) { afterSales(number: $number, state: $state) {
  number state lines { id quantity } } }"""
HANDLE = """mutation($number: String!, $act: AfterSaleAct!, $seen: AfterSaleState, $why: String, $returnTo: String,
  $lines: [AfterSaleFoundInput!], $freight: Decimal) { afterSaleHandle(number: $number, act: $act, seen: $seen,
  why: $why, returnTo: $returnTo, lines: $lines, freight: $freight) { afterSale { state } errors { code } } }"""
SENT = "{ myAfterSales { state outcome outWaybill lines { wanted } } }"
SALE = "admin:o2o_after_sale_aftersale_change"


def jpeg() -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (40, 30), "orange")
    exif = picture.getexif()
    exif[0x0110] = "a telephone"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def with_picture(user: User, variables: dict[str, Any], content: bytes) -> Any:
    """A multipart request as Saleor's clients send it."""
    answer = (
        Client()
        .post(
            "/graphql/",
            {
                "operations": json.dumps({"query": APPLY, "variables": variables}),
                "map": json.dumps({"0": ["variables.photos.0"]}),
                "0": SimpleUploadedFile("坏果.jpg", content, "image/jpeg"),
            },
            headers={"authorization": f"JWT {get_token(user)}"},
        )
        .json()
    )
    assert "errors" not in answer, answer
    return answer["data"]["afterSaleApply"]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_shopper_applies_with_a_picture(shop: Shop) -> None:
    # given
    order = shop.buy()
    [offer] = ask(OFFERS, {"token": order.token}, shop.shopper)["afterSaleOffers"]
    assert (offer["mayApply"], offer["mayReturn"], offer["freight"]) == (True, False, 10.0)
    told = {
        "subOrderNumber": offer["subOrderNumber"], "kind": "REFUND", "reason": "QUALITY", "text": "坏了",
        "lines": [{"lineId": offer["lines"][0]["lineId"], "quantity": 1}],
    }  # fmt: skip

    # when
    done = with_picture(shop.shopper, {"key": f"{KEY}1", "input": told, "photos": [None]}, jpeg())

    # then: encoded anew, without what the camera noted
    assert done["errors"] == []
    assert b"a telephone" not in bytes(Picture.objects.get().content)
    [mine] = ask(MINE, {}, shop.shopper)["myAfterSales"]
    assert (mine["stateText"], mine["evidence"][0]["party"]) == ("待商家处理", "BUYER")
    assert base64.b64decode(mine["evidence"][0]["data"])[:2] == b"\xff\xd8"

    # then: no picture, no after-sale
    done = with_picture(shop.shopper, {"key": f"{KEY}2", "input": told, "photos": [None]}, b"no picture")
    assert (done["afterSale"], done["errors"][0]["code"]) == (None, "PHOTO_INVALID")


@pytest.mark.parametrize("who", ["nobody", "other", "clerk"])
def test_others_learn_nothing(shop: Shop, who: str) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    other = User.objects.create_user("other@example.com", "pass-word")
    user = {"nobody": None, "other": other, "clerk": shop.people["clerk"]}[who]
    told = {"subOrderNumber": shop.part(order).number, "kind": "REFUND", "reason": "QUALITY"}

    # then
    assert ask(OFFERS, {"token": order.token}, user)["afterSaleOffers"] == []
    assert ask(ONE, {"number": row.number}, user)["myAfterSale"] is None
    assert ask(MINE, {}, user)["myAfterSales"] == []
    done = ask(APPLY, {"key": f"{KEY}9", "input": told}, user)["afterSaleApply"]
    assert (done["afterSale"], done["errors"][0]["code"]) == (None, "NOT_FOUND")
    done = ask(WITHDRAW, {"number": row.number}, user)["afterSaleWithdraw"]
    assert done["errors"][0]["code"] == "NOT_FOUND"
    assert AfterSale.objects.get().state == "applied"


def test_the_page_answers_and_shows_the_money_first(shop: Shop) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order, lines={shop.line(order).pk: (2, None)}, text="不想要了")
    clerk = browser(shop.people["clerk"])
    address = reverse(SALE, args=[row.pk])

    # when
    page = clerk.get(address).content.decode()

    # then: masked, with the limit
    assert "李**" in page
    assert "桂英" not in page
    assert "同意退款 ¥79.80" in page
    assert "¥100.00" in page

    # when: refused without a reason, what was typed stays and nothing happens
    page = clerk.post(address, {"act": "refuse", "seen": "applied", "why": ""}).content.decode()
    assert "请填写拒绝原因" in page
    assert AfterSale.objects.get().state == "applied"

    # when
    done = clerk.post(address, {"act": "agree", "seen": "applied"}, follow=True)

    # then
    assert "退款中" in done.content.decode()
    assert "商品已经发出" not in done.content.decode()
    assert AfterSale.objects.get().state == "refunding"


def test_pages_keep_to_the_scope(shop: Shop) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)
    refuse(again(shop.people["clerk"]), row.pk, "已备货")
    made = complaining.arbitrate(shop.shopper, row.number, "没发货", key=f"{KEY}a")
    picture = Picture.objects.create(
        order=order, after_sale=row, party="buyer", content=jpeg(), width=40, height=30
    )
    addresses = [
        reverse(SALE, args=[row.pk]),
        reverse("admin:o2o_after_sale_complaint_change", args=[made.pk]),
        reverse("admin:o2o_after_sale_aftersale_picture", args=[row.pk, picture.pk]),
    ]

    # then
    stranger, viewer = browser(shop.people["stranger"]), browser(shop.people["viewer"])
    for address in addresses:
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {"act": "accept"}).status_code == 404
        assert viewer.get(address).status_code == 200
    assert viewer.post(addresses[1], {"act": "accept"}).status_code == 403
    for name in ("aftersale", "complaint"):
        found = stranger.get(reverse(f"admin:o2o_after_sale_{name}_changelist")).content.decode()
        assert row.number not in found
        assert made.number not in found
    assert Complaint.objects.get().state == "new"


def statements(work: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        work()
    return len(seen)


def test_the_lists_ask_as_much_for_six_as_for_one(shop: Shop) -> None:
    # given: one wish, refused and complained about
    def one_more(number: int) -> None:
        row = shop.ask(shop.buy({shop.pomelo: 1}), str(number))
        refuse(again(shop.people["clerk"]), row.pk, "已备货")
        complaining.arbitrate(shop.shopper, row.number, "没发货", key=f"{KEY}a{number}")

    county = browser(shop.people["county"])
    pages = [reverse(f"admin:o2o_after_sale_{name}_changelist") for name in ("aftersale", "complaint")]
    reads = [lambda page=page: county.get(page) for page in pages]
    reads += [lambda: ask(MINE, {}, shop.shopper), lambda: todo(again(shop.people["county"]))]
    one_more(0)
    for read in reads:
        read()
    before = [statements(read) for read in reads]

    # when
    for number in range(1, 6):
        one_more(number)

    # then
    assert [statements(read) for read in reads] == before
    assert county.get(pages[0]).content.decode().count(">SH") == 6


def test_what_waits_is_on_the_home_page(shop: Shop) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order)

    # then
    assert [one.title for one in todo(again(shop.people["clerk"]))] == ["售后 待商家处理：¥154.70"]
    assert todo(again(shop.people["stranger"])) == []
    assert todo(again(shop.people["viewer"])) == []

    # when
    refuse(again(shop.people["clerk"]), row.pk, "已备货")
    complaining.arbitrate(shop.shopper, row.number, "没发货", key=f"{KEY}a")

    # then
    assert [one.title for one in todo(again(shop.people["county"]))] == ["投诉 新投诉"]
    assert D("154.70") == AfterSale.objects.get().amount


def test_an_exchange_through_the_api_and_the_pages(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.send(order)
    [offer] = ask(SWAPS, {"token": order.token}, shop.shopper)["afterSaleOffers"]
    assert [(one["name"], one["inStock"]) for one in offer["swaps"]] == [("5 千克", True), ("一个", True)]
    orange = offer["swaps"][0]
    lines = [{"lineId": orange["lineId"], "quantity": 1, "swapFor": orange["variantId"]}]
    told = {
        "subOrderNumber": offer["subOrderNumber"],
        "kind": "EXCHANGE",
        "reason": "QUALITY",
        "lines": lines,
    }
    made = ask(APPLY, {"key": f"{KEY}1", "input": told}, shop.shopper)["afterSaleApply"]
    assert made["errors"] == []
    row = AfterSale.objects.get()
    address = reverse(SALE, args=[row.pk])
    paper = reverse("admin:o2o_after_sale_aftersale_paper", args=[row.pk])
    clerk = browser(shop.people["clerk"])

    # when: agreed on the page that says what is there
    page = clerk.get(address).content.decode()
    assert "现在有货，同意时预留" in page
    clerk.post(address, {"act": "agree", "seen": "applied", "return_to": "渝中仓"})
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    assert clerk.get(paper).status_code == 404
    clerk.post(address, {"act": "take_in", "seen": "to_receive"})

    # then: the paper is masked until it is printed, which is written down
    assert "13800138000" not in clerk.get(paper).content.decode()
    assert "13800138000" in clerk.post(paper).content.decode()
    assert OrderTimeline.objects.filter(kind="printed", text__contains=row.number).count() == 1
    assert browser(shop.people["viewer"]).get(paper).status_code == 403
    assert browser(shop.people["stranger"]).get(paper).status_code == 404

    # when: a waybill that is none keeps what was typed
    page = clerk.post(
        address, {"act": "send", "seen": "to_send", "carrier": "顺丰", "waybill": "短"}
    ).content.decode()
    assert "运单号应为" in page
    assert 'value="顺丰"' in page
    clerk.post(address, {"act": "send", "seen": "to_send", "carrier": "顺丰", "waybill": "SF1234567"})
    for who, code in ((None, "NOT_FOUND"), (shop.people["clerk"], "NOT_FOUND"), (shop.shopper, None)):
        [done] = ask(RECEIVE, {"number": row.number}, who).values()
        assert [error["code"] for error in done["errors"]] == ([code] if code else [])

    # then
    assert ask(SENT, {}, shop.shopper)["myAfterSales"] == [
        {"state": "FINISHED", "outcome": "SWAPPED", "outWaybill": "SF1234567", "lines": [{"wanted": None}]}
    ]
    [done] = ask(CHOOSE, {"number": row.number}, shop.shopper).values()
    assert done["errors"][0]["code"] == "WRONG_STATE"


@pytest.mark.parametrize(
    ("who", "code", "seen"),
    [
        ("nobody", "NOT_FOUND", 0),
        ("shopper", "NOT_FOUND", 0),
        ("stranger", "NOT_FOUND", 0),
        ("viewer", "PERMISSION_DENIED", 1),
        ("clerk", "", 1),
        ("city", "", 1),
    ],
)
def test_who_may_answer_through_the_api(shop: Shop, who: str, code: str, seen: int) -> None:
    # given
    order = shop.buy()
    row = shop.ask(order, lines={shop.line(order).pk: (2, None)})
    user = {"nobody": None, "shopper": shop.shopper}.get(who) or shop.people.get(who)
    user = again(user) if user is not None else None

    # then
    assert len(ask(ALL, {"state": "APPLIED"}, user)["afterSales"]) == seen
    [done] = ask(HANDLE, {"number": row.number, "act": "AGREE", "seen": "APPLIED"}, user).values()
    assert [error["code"] for error in done["errors"]] == ([code] if code else [])
    assert AfterSale.objects.get().state == ("applied" if code else "refunding")


def test_goods_are_opened_through_the_api(shop: Shop) -> None:
    # given
    order = shop.buy()
    shop.send(order)
    row = shop.ask(order, kind="return", lines={shop.line(order).pk: (2, None)})
    clerk = again(shop.people["clerk"])

    def handle(**told: Any) -> Any:
        [done] = ask(HANDLE, {"number": row.number, **told}, clerk).values()
        return [error["code"] for error in done["errors"]]

    # when
    assert handle(act="AGREE", returnTo="渝中仓") == []
    ship_back(shop.shopper, row.number, "中国邮政", "EMS123456789CN")
    [line] = ask(ALL, {"number": row.number}, clerk)["afterSales"][0]["lines"]
    assert handle(act="ACCEPT_GOODS", lines=[{"lineId": "1234567", "damaged": 1}]) == ["NOT_FOUND"]
    assert handle(act="ACCEPT_GOODS", lines=[{"lineId": line["id"], "amount": "60.00"}]) == ["REQUIRED"]
    assert handle(act="REPAIRED") == ["WRONG_STATE"]
    told = {"lineId": line["id"], "accepted": 2, "damaged": 1, "amount": "60.00"}
    assert handle(act="ACCEPT_GOODS", seen="APPLIED", lines=[told], why="少了三个") == ["CHANGED_MEANWHILE"]
    assert handle(act="ACCEPT_GOODS", lines=[told], why="少了三个", freight="10.00") == []

    # then
    assert (AfterSale.objects.get().state, AfterSale.objects.get().agreed) == ("refunding", D("70.00"))
