"""The pretended distributor of scenic tickets: envelopes, calendar, inventory, orders, statements. Over real HTTP."""

from __future__ import annotations

import csv
import hashlib
import io
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from scenic_support import Agency, number, weekday

from sandbox.client import SandboxClient, wait_until

DAY = weekday()


@pytest.fixture
def agency(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Agency:
    control.call("POST", "/scenic/server", {"url": ""})
    control.call("POST", "/scenic/options", {"audit": "", "refund_seconds": 1800, "lock_seconds": 900})
    return Agency(sandbox_directory, sandbox_url)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"sign": "00" * 32}, "BAD_SIGN"),
        ({"account": "someone"}, "BAD_ACCOUNT"),
        ({"timestamp": str(int(time.time()) - 900)}, "STALE"),
        ({"nonce": ""}, "REPLAYED"),
    ],
)
def test_an_envelope_that_cannot_be_believed(agency: Agency, other: dict[str, str], code: str) -> None:
    # when
    answer = agency.send(agency.envelope("balance.get", {}, **other))

    # then
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_the_same_envelope_counts_once(agency: Agency) -> None:
    # given
    body = agency.envelope("balance.get", {})

    # when
    codes = [agency.send(body).json()["code"] for _ in range(2)]

    # then
    assert codes == ["0", "REPLAYED"]


def test_a_changed_word_breaks_the_signature(agency: Agency) -> None:
    # given
    body = agency.envelope("order.cancel", {"outOrderNo": "PW1234567"})

    # when
    answer = agency.send(body | {"method": "order.pay"})

    # then
    assert answer.json()["code"] == "BAD_SIGN"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"account": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_envelope(agency: Agency, body: bytes) -> None:
    # when
    answer = httpx.post(agency.url, content=body, trust_env=False)

    # then
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("nothing.here", {}),
        ("calendar.get", {"productCode": "WL01-A", "from": "2026-02-30", "to": "2026-03-01"}),
        ("calendar.get", {"productCode": "WL01-A", "from": "2026-12-01", "to": "2099-01-01"}),
        ("order.create", {"outOrderNo": "PW/../1"}),
        ("order.create", {"outOrderNo": "PW00000001", "date": str(DAY), "lines": "many"}),
        ("order.refund", {"outRefundNo": "TP00000001", "quantity": "all"}),
        ("product.list", {"page": 0}),
    ],
)
def test_nonsense_is_refused_in_words(agency: Agency, method: str, data: dict[str, Any]) -> None:
    # when
    code, _told = agency.ask(method, **data)

    # then
    assert code in ("BAD_PARAM", "BAD_CONTACT", "NO_ORDER", "PAST_DATE")


def test_products_are_real_spots_and_pages_end(agency: Agency) -> None:
    # when
    first = agency.done("product.list", page=1, size=20)
    second = agency.done("product.list", page=2, size=20)

    # then
    assert (len(first["products"]), first["total"]) == (20, len(first["products"]) + len(second["products"]))
    names = {product["spot"]["spotName"] for product in first["products"] + second["products"]}
    assert {"武隆天生三桥景区", "大足石刻宝顶山", "金佛山西坡", "长江索道", "重庆欢乐谷"} <= names


def test_the_calendar_knows_weekends_slots_and_its_end(agency: Agency) -> None:
    # given
    first, last = date.today() + timedelta(days=1), date.today() + timedelta(days=92)

    # when
    park = agency.done("calendar.get", productCode="YB01-A", **{"from": str(first), "to": str(last)})["days"]
    caves = agency.done("calendar.get", productCode="DZ01-A", **{"from": str(DAY), "to": str(DAY)})["days"][0]

    # then
    assert len(park) == 92
    saturday = next(day for day in park if date.fromisoformat(day["date"]).weekday() == 5)
    wednesday = next(day for day in park if date.fromisoformat(day["date"]).weekday() == 2)
    assert (saturday["marketPrice"], wednesday["marketPrice"]) == (23000, 21000)
    assert (caves["slots"][0]["slot"], caves["slots"][0]["stock"]) == ("08:30-10:30", 400)
    assert caves["stock"] == 1600


def test_an_order_from_check_to_vouchers(agency: Agency, control: SandboxClient) -> None:
    # given
    asked = agency.wanted("DZ01-A", 2, day=DAY, slot="10:30-12:30", people=(0, 1))
    before = agency.done("balance.get")["balance"]

    # when
    checked = agency.done("order.check", **asked)
    locked = agency.done("order.create", **asked)
    paid = agency.done("order.pay", outOrderNo=asked["outOrderNo"], outPayNo="ZF-1-00001")
    again = agency.done("order.pay", outOrderNo=asked["outOrderNo"], outPayNo="ZF-1-00001")
    found = agency.done("order.query", outPayNo="ZF-1-00001")

    # then
    price = asked["lines"][0]["settlePrice"]
    assert checked["lines"] == [{"productCode": "DZ01-A", "stock": 400, "settlePrice": price}]
    assert (locked["status"], locked["vouchers"], paid["status"]) == ("LOCKED", [], "ISSUED")
    assert [voucher["traveller"] for voucher in paid["vouchers"]] == ["游客0", "游客1"]
    assert paid == again == found
    assert before - agency.done("balance.get")["balance"] == price * 2
    message = httpx.get(f"{control.base_url}/phone/messages", trust_env=False).text
    assert paid["vouchers"][0]["code"] in message


def test_the_same_number_is_the_same_order_and_another_question_is_not(
    agency: Agency, control: SandboxClient
) -> None:
    # given
    asked = agency.wanted("WL02-A", 2, day=DAY, people=(0,))

    # when
    first, second = (agency.done("order.create", **asked) for _ in range(2))
    other, _told = agency.ask("order.create", **(asked | {"date": str(DAY + timedelta(days=1))}))

    # then
    assert first == second and other == "CONFLICT"
    assert control.call("GET", f"/scenic/orders/{asked['outOrderNo']}")["copies"] == 2
    [day] = agency.done("calendar.get", productCode="WL02-A", **{"from": str(DAY), "to": str(DAY)})["days"]
    assert day["stock"] == 2998


def test_two_classes_in_one_order(agency: Agency) -> None:
    # given
    asked = agency.wanted("FJ01-A", 2, day=DAY, people=(0,))
    asked["lines"] += agency.wanted("FJ01-E", 1, day=DAY)["lines"]
    asked["lines"][0]["refs"], asked["lines"][1]["refs"] = ["P1", "P2"], ["P3"]

    # when
    locked = agency.done("order.create", **asked)
    paid = agency.done("order.pay", orderNo=locked["orderNo"], outPayNo=number("ZF"))

    # then: one code for each line, for these are not by person
    assert [(one["productCode"], one["quantity"]) for one in paid["vouchers"]] == [
        ("FJ01-A", 2),
        ("FJ01-E", 1),
    ]
    assert paid["totalAmount"] == sum(line["quantity"] * line["settlePrice"] for line in asked["lines"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"settlePrice": 1}, "PRICE_CHANGED"),
        ({"productCode": "XX99"}, "NO_PRODUCT"),
        ({"quantity": 11}, "BAD_PARAM"),
        ({"travellers": []}, "NEED_TRAVELLERS"),
        (
            {"travellers": [{"name": "某人", "idType": "ID", "idNumber": "500101199001010011"}]},
            "BAD_TRAVELLER",
        ),
        ({"travellers": [{"name": 5}]}, "BAD_PARAM"),
    ],
)
def test_a_line_that_is_not_right(agency: Agency, change: dict[str, Any], code: str) -> None:
    # given
    asked = agency.wanted("WL01-A", 1, day=DAY, people=(0,))
    asked["lines"][0] |= change

    # when, then
    assert agency.ask("order.create", **asked)[0] == code


def test_days_that_cannot_be_bought(agency: Agency) -> None:
    # given
    asked = agency.wanted("WS01-A", 1, day=DAY, slot="08:30-13:00", people=(0,))

    # when
    codes = [
        agency.ask("order.create", **(asked | change))[0]
        for change in (
            {"date": str(date.today() - timedelta(days=1))}, {"date": str(date.today() + timedelta(days=120))},
            {"date": str(date.today())}, {"slot": "03:00-04:00"},
        )
    ]  # fmt: skip

    # then: boats are booked a day before
    assert codes == ["PAST_DATE", "TOO_FAR", "CUT_OFF", "BAD_SLOT"]


def test_one_identity_has_one_ticket_a_day(agency: Agency) -> None:
    # given
    asked = agency.wanted("DZ01-A", 1, day=DAY, slot="08:30-10:30", people=(2,))
    agency.done("order.create", **asked)

    # when
    again = agency.ask("order.create", **(asked | {"outOrderNo": number("PW"), "slot": "10:30-12:30"}))[0]
    agency.done("order.cancel", outOrderNo=asked["outOrderNo"])
    after = agency.ask("order.create", **(asked | {"outOrderNo": number("PW"), "slot": "10:30-12:30"}))[0]

    # then
    assert (again, after) == ("ID_LIMIT", "0")


def test_twenty_buyers_and_seven_places(agency: Agency, control: SandboxClient) -> None:
    # given
    control.call("POST", "/scenic/stock", {"product": "HC01-A", "day": str(DAY), "total": 7})
    questions = [agency.wanted("HC01-A", 1, day=DAY, people=(0,)) for _ in range(20)]
    for index, question in enumerate(questions):  # twenty strangers, whose papers are not citizens' cards
        question["lines"][0]["travellers"] = [
            {"name": "客", "idType": "PASSPORT", "idNumber": f"E{index:08d}"}
        ]

    # when
    with ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(lambda asked: agency.ask("order.create", **asked)[0], questions))

    # then
    assert codes == {"0": 7, "SOLD_OUT": 13}


def test_a_lock_that_is_not_paid_frees_its_places(agency: Agency, control: SandboxClient) -> None:
    # given
    asked = agency.wanted("WL03-A", 2, day=DAY, people=(0, 1))
    agency.done("order.create", **asked)

    # when: a quarter of an hour later
    control.set_clock(offset_seconds=901)
    code, _told = agency.ask("order.pay", outOrderNo=asked["outOrderNo"], outPayNo=number("ZF"))

    # then
    assert code == "LOCK_EXPIRED"
    assert agency.done("order.query", outOrderNo=asked["outOrderNo"])["status"] == "CANCELLED"
    [day] = agency.done("calendar.get", productCode="WL03-A", **{"from": str(DAY), "to": str(DAY)})["days"]
    assert day["stock"] == 1000


def test_what_is_paid_cannot_be_cancelled(agency: Agency) -> None:
    # given
    made = agency.issued("WL02-A", 1, day=DAY, people=(0,))

    # when, then
    assert agency.ask("order.cancel", orderNo=made["orderNo"])[0] == "ALREADY_PAID"


def test_without_money_nothing_is_issued(agency: Agency, control: SandboxClient) -> None:
    # given
    control.call("POST", "/scenic/balance", {"amount": 100})
    locked = agency.done("order.create", **agency.wanted("WL02-A", 1, day=DAY, people=(0,)))

    # when
    code, told = agency.ask("order.pay", orderNo=locked["orderNo"], outPayNo=number("ZF"))

    # then
    assert (code, told) == ("NO_BALANCE", {"balance": 100})
    assert agency.done("order.query", orderNo=locked["orderNo"])["status"] == "LOCKED"


def test_amending_once_at_the_same_price(agency: Agency) -> None:
    # given
    made = agency.issued("DZ02-A", 1, day=DAY, people=(0,))
    other, first, second = DAY + timedelta(days=1), number("GQ"), number("GQ")

    # when
    told = agency.done("order.amend", orderNo=made["orderNo"], outAmendNo=first, date=str(other))
    again = agency.done("order.amend", orderNo=made["orderNo"], outAmendNo=first, date=str(other))
    code, _told = agency.ask("order.amend", orderNo=made["orderNo"], outAmendNo=second, date=str(DAY))

    # then
    assert (told["date"], told == again, code) == (str(other), True, "AMENDED")
    assert agency.done("order.query", outAmendNo=first)["date"] == str(other)
    days = agency.done("calendar.get", productCode="DZ02-A", **{"from": str(DAY), "to": str(other)})["days"]
    assert [day["stock"] for day in days] == [500, 499]


def test_amending_onto_the_last_place_that_is_held_for_it(agency: Agency, control: SandboxClient) -> None:
    # given: one place left on the other day, and it is ours already
    made = agency.issued("DZ02-A", 1, day=DAY, people=(0,))
    other = DAY + timedelta(days=1)
    control.call("POST", "/scenic/stock", {"product": "DZ02-A", "day": str(other), "total": 1})
    held = agency.done("order.create", **agency.wanted("DZ02-A", 1, day=other, people=(1,)))
    plain, _told = agency.ask(
        "order.amend", orderNo=made["orderNo"], outAmendNo=number("GQ"), date=str(other)
    )

    # when
    told = agency.done(
        "order.amend", orderNo=made["orderNo"], outAmendNo=number("GQ"), date=str(other),
        heldOrderNo=held["orderNo"],
    )  # fmt: skip

    # then
    assert (plain, told["date"]) == ("SOLD_OUT", str(other))
    assert agency.done("order.query", orderNo=held["orderNo"])["status"] == "CANCELLED"
    days = agency.done("calendar.get", productCode="DZ02-A", **{"from": str(DAY), "to": str(other)})["days"]
    assert [day["stock"] for day in days] == [500, 0]


def test_codes_are_sent_again_but_not_all_the_time(agency: Agency, control: SandboxClient) -> None:
    # given
    made = agency.issued("WL02-A", 1, day=DAY, people=(0,))

    # when
    codes = [agency.ask("order.resend", orderNo=made["orderNo"])[0] for _ in range(2)]
    for minute in range(1, 6):
        control.set_clock(offset_seconds=minute * 61)
        codes.append(agency.ask("order.resend", orderNo=made["orderNo"])[0])

    # then: once a minute, five a day
    assert codes == ["0", "TOO_OFTEN", "0", "0", "0", "0", "TOO_OFTEN"]


def test_the_statement_of_a_day(agency: Agency, control: SandboxClient) -> None:
    # given: two tickets bought, one given back for ten per cent
    made = agency.issued("YB01-A", 2, day=DAY, people=(0, 1))
    price, back = made["lines"][0]["settlePrice"], number("TP")
    agency.done("order.refund", orderNo=made["orderNo"], outRefundNo=back, quantity=1)
    early = agency.ask("statement.get", date=str(date.today()))[0]

    # when
    control.set_clock(offset_seconds=2 * 86400)
    told = agency.done("statement.get", date=str(date.today()))
    file = httpx.get(told["url"], trust_env=False)

    # then
    assert early == "NOT_READY"
    assert (file.status_code, hashlib.sha256(file.content).hexdigest()) == (200, told["sha256"])
    rows = list(csv.DictReader(io.StringIO(file.text)))
    fee = price * 10 // 100
    assert [(row["业务"], row["票码"], row["金额(分)"], row["手续费(分)"]) for row in rows] == [
        ("付款", made["vouchers"][0]["code"], str(price), "0"),
        ("付款", made["vouchers"][1]["code"], str(price), "0"),
        ("退票", made["vouchers"][0]["code"], str(price - fee), str(fee)),
    ]
    assert (told["amount"], told["fee"]) == (-2 * price + price - fee, fee)
    assert rows[2]["平台单号"] == back
    assert httpx.get(f"{told['url']}x", trust_env=False).status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"), [("down", 503), ("http_500", 500), ("http_429", 429), ("answer_lost", 502)]
)
def test_it_can_be_out_of_order(agency: Agency, control: SandboxClient, kind: str, status: int) -> None:
    # given
    control.fault("balance.get", kind, system="scenic")

    # when
    answers = [agency.send(agency.envelope("balance.get", {})).status_code for _ in range(2)]

    # then
    assert answers == [status, 200]


def test_a_lost_answer_did_lock(agency: Agency, control: SandboxClient) -> None:
    # given
    control.fault("order.create", "answer_lost", system="scenic")
    asked = agency.wanted("WL02-A", 1, day=DAY, people=(0,))

    # when
    lost = agency.send(agency.envelope("order.create", asked))

    # then
    assert lost.status_code == 502
    assert agency.done("order.query", outOrderNo=asked["outOrderNo"])["status"] == "LOCKED"


def test_a_timeout_that_did_nothing(agency: Agency, control: SandboxClient) -> None:
    # given
    control.fault("order.create", "timeout", system="scenic", done=False, delay=0.3)
    asked = agency.wanted("WL02-A", 1, day=DAY, people=(0,))

    # when
    late = agency.send(agency.envelope("order.create", asked))

    # then
    assert late.status_code == 504
    assert agency.ask("order.query", outOrderNo=asked["outOrderNo"])[0] == "NO_ORDER"


@pytest.mark.parametrize(("kind", "code"), [("sold_out", "SOLD_OUT"), ("price_changed", "PRICE_CHANGED")])
def test_refusals_on_request(agency: Agency, control: SandboxClient, kind: str, code: str) -> None:
    # given
    asked = agency.wanted("WL02-A", 1, day=DAY, people=(0,))
    control.fault("order.create", kind, system="scenic", out_trade_no=asked["outOrderNo"])

    # when, then
    assert agency.ask("order.create", **asked)[0] == code
    assert agency.ask("order.query", outOrderNo=asked["outOrderNo"])[0] == "NO_ORDER"


def test_late_confirmation_and_none_at_all(agency: Agency, control: SandboxClient) -> None:
    # given
    control.fault("order.pay", "late_confirm", system="scenic", delay=60)
    good = agency.done("order.create", **agency.wanted("WL02-A", 1, day=DAY, people=(0,)))
    bad = agency.done("order.create", **agency.wanted("WL02-A", 2, day=DAY, people=(1,)))
    before = agency.done("balance.get")["balance"]

    # when
    late = agency.done("order.pay", orderNo=good["orderNo"], outPayNo=number("ZF"))
    control.fault("order.pay", "confirm_failed", system="scenic", delay=60)
    never = agency.done("order.pay", orderNo=bad["orderNo"], outPayNo=number("ZF"))

    # then
    assert (late["status"], never["status"]) == ("ISSUING", "ISSUING")
    wait_until(lambda: agency.done("order.query", orderNo=good["orderNo"])["status"] == "ISSUED")
    wait_until(lambda: agency.done("order.query", orderNo=bad["orderNo"])["status"] == "FAILED")
    assert before - agency.done("balance.get")["balance"] == good["totalAmount"]


def test_people_see_orders_and_codes(agency: Agency, control: SandboxClient) -> None:
    # given
    made = agency.issued("WL02-A", 1, day=DAY, people=(0,))

    # when
    page = httpx.get(f"{control.base_url}/scenic/", trust_env=False)

    # then
    assert page.status_code == 200
    assert made["outOrderNo"] in page.text and made["vouchers"][0]["code"] in page.text
