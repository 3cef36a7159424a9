"""The pretended distributor's gate, refunds and notices. Over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from scenic_support import Agency, Ear, citizen, listen, number, sign, weekday

from sandbox.client import SandboxClient, SandboxRefused, wait_until

TODAY, DAY = date.today(), weekday()


@pytest.fixture
def agency(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Agency:
    control.call("POST", "/scenic/server", {"url": ""})
    control.call("POST", "/scenic/options", {"audit": "", "refund_seconds": 0, "lock_seconds": 900})
    return Agency(sandbox_directory, sandbox_url)


@pytest.fixture
def ear(agency: Agency, control: SandboxClient) -> Iterator[Ear]:
    ear = Ear()
    stop = listen(ear)
    control.call("POST", "/scenic/server", {"url": ear.url})
    yield ear
    control.call("POST", "/scenic/server", {"url": ""})
    stop()


def tell(control: SandboxClient, path: str, **body: object) -> dict[str, object]:
    return control.call("POST", f"/scenic/{path}", body)


def why(control: SandboxClient, path: str, **body: object) -> str:
    with pytest.raises(SandboxRefused) as refused:
        tell(control, path, **body)
    return refused.value.code


def test_the_gate_lets_people_in_and_tells(agency: Agency, control: SandboxClient, ear: Ear) -> None:
    # given
    made = agency.issued("FJ01-E", 3, day=TODAY)
    code = made["vouchers"][0]["code"]

    # when
    used = tell(control, "consume", code=code, quantity=2)
    envelope, told = ear.next()

    # then
    assert (used["left"], used["people"]) == (1, 2)
    assert (envelope["method"], envelope["sign"]) == ("order.consumed", sign(envelope, agency.secret))
    assert {name: told[name] for name in ("outOrderNo", "code", "quantity", "useQuantity", "orderQuantity")} == {
        "outOrderNo": made["outOrderNo"], "code": code, "quantity": 2, "useQuantity": 2, "orderQuantity": 3,
    }  # fmt: skip
    assert why(control, "consume", code=code, quantity=2) == "TOO_MANY"
    tell(control, "consume", code=code)
    assert why(control, "consume", code=code) == "USED"
    assert agency.done("order.query", orderNo=made["orderNo"])["useStatus"] == "ALL"


def test_the_gate_says_no(agency: Agency, control: SandboxClient) -> None:
    # given
    later = agency.issued("WL02-A", 1, day=DAY, people=(0,))["vouchers"][0]["code"]
    now = agency.issued("FJ01-E", 1, day=TODAY)
    code = now["vouchers"][0]["code"]

    # when, then
    assert why(control, "consume", code="123456789012") == "NO_VOUCHER"
    assert why(control, "consume", code=later) == "TOO_EARLY"
    control.set_clock(offset_seconds=2 * 86400)
    assert why(control, "consume", code=code) == "EXPIRED"
    assert agency.done("order.query", orderNo=now["orderNo"])["expired"] is True


def test_an_identity_number_opens_the_gate_and_a_mistake_is_taken_back(
    agency: Agency, control: SandboxClient, ear: Ear
) -> None:
    # given
    made = agency.issued("DZ02-A", 1, day=TODAY, people=(3,))

    # when
    used = tell(control, "consume", code=citizen(3), gate="北门")
    tell(control, "reverse", use=int(str(used["useNo"])))

    # then
    assert [ear.next()[1]["reversed"] for _ in range(2)] == [False, True]
    assert why(control, "reverse", use=int(str(used["useNo"]))) == "NO_USE"
    assert agency.done("order.query", orderNo=made["orderNo"])["useQuantity"] == 0


def test_an_instant_refund_puts_everything_back(agency: Agency) -> None:
    # given
    made = agency.issued("DZ02-A", 2, day=DAY, people=(0, 1))
    before, price, back = agency.done("balance.get")["balance"], made["lines"][0]["settlePrice"], number("TP")
    code = made["vouchers"][1]["code"]

    # when: one person, named by the code; asked twice
    first, second = (
        agency.done(
            "order.refund", orderNo=made["orderNo"], outRefundNo=back, items=[{"code": code, "quantity": 1}]
        )
        for _ in range(2)
    )

    # then
    assert first == second == agency.done("refund.query", outRefundNo=back)
    assert (first["status"], first["items"]) == ("DONE", [{"code": code, "quantity": 1, "amount": price}])
    assert agency.done("balance.get")["balance"] == before + price
    order = agency.done("order.query", orderNo=made["orderNo"])
    assert (order["reQuantity"], order["refundStatus"]) == (1, "PART")
    [day] = agency.done("calendar.get", productCode="DZ02-A", **{"from": str(DAY), "to": str(DAY)})["days"]
    assert day["stock"] == 499


def test_a_refund_that_is_not_possible(agency: Agency, control: SandboxClient) -> None:
    # given
    used = agency.issued("FJ01-E", 2, day=TODAY)
    tell(control, "consume", code=used["vouchers"][0]["code"], quantity=1)
    never = agency.issued("WL04-V", 1, day=DAY, slot="20:00-21:10", people=(0,))
    soon = agency.issued("WL03-A", 1, day=TODAY + timedelta(days=1), people=(1,))
    number_used = number("TP")
    agency.done("order.refund", orderNo=used["orderNo"], outRefundNo=number_used, quantity=1)

    def code(made: dict[str, object], quantity: int, refund: str = "") -> str:
        return agency.ask(
            "order.refund", orderNo=made["orderNo"], outRefundNo=refund or number("TP"), quantity=quantity
        )[0]

    # when, then
    assert code(used, 1) == "NOT_ENOUGH"
    assert code(never, 1) == "NOT_REFUNDABLE"
    assert code(soon, 1) == "0"  # until the end of the day before
    control.set_clock(offset_seconds=86400)
    assert code(agency.issued("WL03-A", 1, day=TODAY + timedelta(days=1), people=(2,)), 1) == "REFUND_CLOSED"
    assert code(used, 2, number_used) == "CONFLICT"


def test_a_person_audits_a_refund(agency: Agency, control: SandboxClient, ear: Ear) -> None:
    # given
    made = agency.issued("YZ02-A", 3, day=DAY, slot="20:00-21:00", people=(0, 1, 2))
    price, back = made["lines"][0]["settlePrice"], number("TP")
    asked = agency.done("order.refund", orderNo=made["orderNo"], outRefundNo=back, quantity=3)

    # when: while it waits nobody gets in and nobody asks again; then two of three are granted
    again = agency.ask("order.refund", orderNo=made["orderNo"], outRefundNo=number("TP"), quantity=1)[0]
    tell(control, "refunds/decide", number=back, quantity=2, remark="一人已登船")
    _envelope, told = ear.next()

    # then: twenty per cent of each stays there
    assert (asked["status"], again) == ("PENDING", "NOT_ENOUGH")
    kept = price * 20 // 100
    assert (told["status"], told["askedQuantity"], told["remark"]) == ("DONE", 3, "一人已登船")
    assert (told["refundAmount"], told["refundFee"], told["reQuantity"]) == (2 * (price - kept), 2 * kept, 2)
    assert why(control, "refunds/decide", number=back) == "DECIDED"
    assert agency.done("order.query", orderNo=made["orderNo"])["reQuantity"] == 2


@pytest.mark.parametrize(
    ("kind", "params", "status", "quantity"),
    [
        ("refund_rejected", {}, "REJECTED", 0),
        ("partial_refund", {"quantity": 1}, "DONE", 1),
        ("refund_late", {}, "DONE", 2),
    ],
)
def test_audits_on_request(
    agency: Agency,
    control: SandboxClient,
    ear: Ear,
    kind: str,
    params: dict[str, int],
    status: str,
    quantity: int,
) -> None:
    # given
    control.fault("order.refund", kind, system="scenic", delay=60, **params)
    made = agency.issued("FJ01-E", 2, day=DAY)
    back = number("TP")

    # when
    asked = agency.done("order.refund", orderNo=made["orderNo"], outRefundNo=back, quantity=2)
    _envelope, told = ear.next()

    # then
    assert (asked["status"], told["status"], told["reQuantity"]) == ("PENDING", status, quantity)
    assert agency.done("refund.query", outRefundNo=back)["reQuantity"] == quantity


def test_a_refund_waits_for_its_audit_as_long_as_the_rule_says(
    agency: Agency, control: SandboxClient
) -> None:
    # given
    control.call("POST", "/scenic/options", {"refund_seconds": 300})
    made = agency.issued("WL01-S", 1, day=DAY, people=(0,))
    back = number("TP")

    # when
    asked = agency.done("order.refund", orderNo=made["orderNo"], outRefundNo=back, quantity=1)

    # then
    assert asked["status"] == "PENDING"
    wait_until(lambda: agency.done("refund.query", outRefundNo=back)["status"] == "DONE")


def test_late_confirmation_is_told(agency: Agency, control: SandboxClient, ear: Ear) -> None:
    # given: this spot confirms after five minutes
    locked = agency.done("order.create", **agency.wanted("NC01-A", 2, day=DAY, people=(0,)))

    # when
    paid = agency.done("order.pay", orderNo=locked["orderNo"], outPayNo=number("ZF"))
    envelope, told = ear.next()

    # then
    assert (paid["status"], envelope["method"], told["outOrderNo"]) == (
        "ISSUING", "order.issued", locked["outOrderNo"],
    )  # fmt: skip
    assert agency.done("order.query", orderNo=locked["orderNo"])["status"] == "ISSUED"


def test_products_that_change_are_told(agency: Agency, control: SandboxClient, ear: Ear) -> None:
    # when
    tell(control, "product", product="HC01-A", on_sale=False)
    off = ear.next()[1]
    tell(control, "stock", product="WL02-A", day=str(DAY), total=5, settle=4000)
    changes = [ear.next()[1] for _ in range(2)]

    # then
    assert (off["productCode"], off["change"]) == ("HC01-A", "OFF_SALE")
    assert {change["change"] for change in changes} == {"STOCK", "PRICE"}
    assert agency.ask("order.create", **agency_question(agency))[0] == "OFF_SALE"
    assert agency.price("WL02-A", DAY) == 4000
    assert agency.done("product.get", productCode="HC01-A")["onSale"] is False


def agency_question(agency: Agency) -> dict[str, object]:
    asked = agency.wanted("WL02-A", 1, day=DAY, people=(0,))
    asked["lines"][0]["productCode"] = "HC01-A"
    return asked


def test_a_notice_that_is_not_taken_comes_again(agency: Agency, control: SandboxClient, ear: Ear) -> None:
    # given
    ear.codes = ["BUSY", "BUSY"]
    code = agency.issued("FJ01-E", 1, day=TODAY)["vouchers"][0]["code"]

    # when
    tell(control, "consume", code=code)
    told = [ear.next()[1]["noticeNo"] for _ in range(3)]

    # then: the same notice, with a new nonce each time; then it is done
    assert len(set(told)) == 1
    wait_until(lambda: control.call("GET", "/scenic/notices")["notices"][-1]["state"] == "delivered")
    assert ear.quiet()


def test_notices_twice_late_out_of_order_and_spoiled(
    agency: Agency, control: SandboxClient, ear: Ear
) -> None:
    # given
    code = agency.issued("FJ01-E", 9, day=TODAY)["vouchers"][0]["code"]

    # when, then: twice
    control.fault("notify", "duplicate", system="scenic", copies=2)
    tell(control, "consume", code=code, quantity=1)
    assert len({ear.next()[1]["noticeNo"] for _ in range(2)}) == 1

    # when, then: the second overtakes the first
    control.fault("notify", "reorder", system="scenic", delay=5)
    tell(control, "consume", code=code, quantity=2)
    tell(control, "consume", code=code, quantity=3)
    assert [ear.next()[1]["quantity"] for _ in range(2)] == [3, 2]

    # when, then: a wrong signature first, then right
    control.fault("notify", "bad_signature", system="scenic")
    ear.codes = ["BAD_SIGN"]
    tell(control, "consume", code=code, quantity=1)
    envelopes = [ear.next()[0] for _ in range(2)]
    assert [envelope["sign"] == sign(envelope, agency.secret) for envelope in envelopes] == [False, True]

    # when, then: lost until it is sent by hand
    control.fault("notify", "drop", system="scenic")
    tell(control, "consume", code=code, quantity=1)
    assert ear.quiet()
    lost = control.call("GET", "/scenic/notices")["notices"][-1]
    assert (lost["state"], tell(control, "notices/send", id=lost["id"])["taken"]) == ("dropped", [True])


def test_a_notice_a_day_late(agency: Agency, control: SandboxClient, ear: Ear) -> None:
    # given
    code = agency.issued("FJ01-E", 1, day=TODAY)["vouchers"][0]["code"]
    control.fault("notify", "day_late", system="scenic")
    tell(control, "consume", code=code)
    assert ear.quiet()

    # when: a day passes in two seconds
    control.set_clock(ratio=86400)

    # then
    assert ear.next()[1]["code"] == code


def test_the_channel_that_the_platform_tells(agency: Agency, control: SandboxClient) -> None:
    # given: a channel with a key that the platform gave
    tell(control, "channel", key="QD01", secret="s" * 32)
    body = {
        "account": "QD01", "method": "order.consumed", "data": json.dumps({"noticeNo": "N1", "useQuantity": 1}),
        "timestamp": agency.envelope("x", {})["timestamp"], "nonce": "n1",
    }  # fmt: skip
    url = f"{control.base_url}/scenic/channel/hook"

    # when
    right = httpx.post(url, json=body | {"sign": sign(body, "s" * 32)}, trust_env=False)
    wrong = httpx.post(url, json=body | {"sign": "0"}, trust_env=False)
    tell(control, "channel", key="QD01", secret="s" * 32, status=500)
    broken = httpx.post(url, json=body | {"sign": sign(body, "s" * 32)}, trust_env=False)

    # then
    assert (right.status_code, right.json(), wrong.status_code, broken.status_code) == (
        200,
        {"code": "0"},
        401,
        500,
    )
    heard = control.call("GET", "/scenic/received")["received"]
    assert [(one["number"], one["signed"], one["answered"]) for one in heard] == [
        ("N1", 1, 200), ("N1", 0, 401), ("N1", 1, 500),
    ]  # fmt: skip


def test_the_page_lets_people_in(agency: Agency, control: SandboxClient) -> None:
    # given
    made = agency.issued("FJ01-E", 2, day=TODAY)
    code, page = made["vouchers"][0]["code"], f"{control.base_url}/scenic/"

    # when
    told = httpx.post(
        page, data={"deed": "consume", "code": f"SCENIC:{code}", "quantity": "1"}, trust_env=False,
        follow_redirects=True,
    ).text  # fmt: skip
    refused = httpx.post(
        page, data={"deed": "consume", "code": "nobody"}, trust_env=False, follow_redirects=True
    ).text

    # then
    assert "请进：1 人，还剩 1 份" in told and "没有这张票" in refused
    assert agency.done("order.query", orderNo=made["orderNo"])["useQuantity"] == 1


@pytest.mark.parametrize(
    "deed", ["consume", "reverse", "approve", "reject", "stock", "on", "off", "other", ""]
)
def test_buttons_pressed_with_nonsense(agency: Agency, control: SandboxClient, deed: str) -> None:
    # when
    answer = httpx.post(
        f"{control.base_url}/scenic/",
        data={"deed": deed, "use": "x", "day": "y", "quantity": "-1"},
        trust_env=False,
    )

    # then
    assert answer.status_code == 303
