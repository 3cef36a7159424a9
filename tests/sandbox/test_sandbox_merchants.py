"""Payment codes, combined orders, profit sharing, bills and keys that change, with the real client library."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_support import Merchant, Shop, number
from wechatpayv3 import WeChatPayType
from wechatpayv3.utils import load_private_key

from sandbox.client import SandboxClient, SandboxRefused, wait_until
from sandbox.people import PEOPLE
from sandbox.wechat_pay.barcode import code128c

CHINA = timezone(timedelta(hours=8))


@pytest.fixture(autouse=True)
def first_keys(control: SandboxClient) -> Any:
    yield
    control.rotate("none")
    control.options(password_above=100_000, sharing_ratio=3000, sharing_delay=30, bill_hour=False)


@pytest.fixture
def seller(sandbox_url: str, sandbox_directory: Path, shop: Shop) -> Merchant:
    """Another merchant of the city."""
    return Merchant(sandbox_directory / "wechat_pay/merchants/1900009192", sandbox_url, shop.url)


def scan(
    merchant: Merchant, control: SandboxClient, out_trade_no: str, total: int = 3990
) -> tuple[int, dict]:
    return merchant.answer(
        merchant.client.pay(
            description="奉节脐橙",
            out_trade_no=out_trade_no,
            amount={"total": total, "currency": "CNY"},
            payer={"auth_code": control.code(PEOPLE[0].openid)},
            scene_info={"store_info": {"id": "5001"}},
            pay_type=WeChatPayType.CODEPAY,
        )
    )


def test_a_payment_code_pays_at_once_and_tells_nobody(
    merchant: Merchant, control: SandboxClient, shop: Shop
) -> None:
    status, paid = scan(merchant, control, number("CODE"))
    assert (status, paid["trade_state"], paid["trade_type"]) == (200, "SUCCESS", "MICROPAY")
    assert shop.quiet(0.2)


def test_the_password_is_asked_above_an_amount(merchant: Merchant, control: SandboxClient) -> None:
    # given
    control.options(password_above=1000)
    out = number("CODE")

    # when
    status, told = scan(merchant, control, out)
    control.password(out)

    # then
    assert (status, told["code"]) == (202, "USERPAYING")
    assert merchant.query(out)[1]["trade_state"] == "SUCCESS"


def test_a_reversal_closes_what_is_unpaid_and_gives_back_what_is_paid(
    merchant: Merchant, control: SandboxClient
) -> None:
    # given
    paid, asked = number("CODE"), number("CODE")
    scan(merchant, control, paid)
    control.set_clock(offset_seconds=120)  # another minute, another code
    control.fault("codepay", "userpaying")
    scan(merchant, control, asked)

    # when
    answers = [merchant.answer(merchant.client.codepay_reverse(one)) for one in (paid, asked)]

    # then
    assert [status for status, _body in answers] == [200, 200]
    assert [merchant.query(one)[1]["trade_state"] for one in (paid, asked)] == ["REVOKED", "REVOKED"]
    with pytest.raises(SandboxRefused):
        control.password(asked)


def test_a_code_is_used_once(merchant: Merchant, control: SandboxClient) -> None:
    assert scan(merchant, control, number("CODE"))[0] == 200
    status, told = scan(merchant, control, number("CODE"))
    assert (status, told["code"]) == (400, "AUTH_CODE_USED")


def combined(merchant: Merchant, out: str) -> tuple[int, dict[str, Any]]:
    subs = [
        {
            "mchid": mchid,
            "attach": "x",
            "amount": {"total_amount": fen, "currency": "CNY"},
            "out_trade_no": f"{out}-{mchid[-1]}",
            "description": "脐橙",
        }
        for mchid, fen in (("1900009191", 1000), ("1900009192", 501))
    ]
    return merchant.answer(merchant.client.combine_pay(out, subs, pay_type=WeChatPayType.NATIVE))


def test_a_combined_order_is_paid_as_a_whole(
    merchant: Merchant, seller: Merchant, control: SandboxClient, shop: Shop
) -> None:
    # given
    out = number("ALL")
    assert combined(merchant, out)[0] == 200

    # when
    control.pay(out)
    told = merchant.open(shop.next())

    # then
    assert {one["trade_state"] for one in told["resource"]["sub_orders"]} == {"SUCCESS"}
    assert seller.refund(f"{out}-2", number("R"), 500, 501)[0] == 200
    assert merchant.refund(f"{out}-2", number("R"), 1, 501)[0] == 404
    assert merchant.query(f"{out}-1")[0] == 404  # only the combined query knows it


def test_closing_names_every_part(merchant: Merchant, control: SandboxClient) -> None:
    # given
    out = number("ALL")
    combined(merchant, out)
    parts = [{"mchid": f"190000919{n}", "out_trade_no": f"{out}-{n}"} for n in (1, 2)]

    # when / then
    assert merchant.answer(merchant.client.combine_close(out, parts[:1]))[0] == 400
    assert merchant.answer(merchant.client.combine_close(out, parts))[0] == 204
    with pytest.raises(SandboxRefused):
        control.pay(out)


def shared_order(merchant: Merchant, control: SandboxClient, shop: Shop) -> str:
    """The transaction of a paid order of 39.90 whose money is frozen."""
    out = number("PS")
    merchant.prepay(out, settle_info={"profit_sharing": True})
    paid = control.pay(out)
    shop.next()
    control.set_clock(offset_seconds=120)
    return str(paid["transaction_id"])


def test_shares_keep_the_rules(merchant: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    transaction = shared_order(merchant, control, shop)
    pay = merchant.client

    def share(out: str, amount: int) -> tuple[int, dict[str, Any]]:
        receivers = [
            {"type": "MERCHANT_ID", "account": "1900009192", "amount": amount, "description": "货款"}
        ]
        return merchant.answer(pay.profitsharing_order(transaction, out, receivers, False))

    # when / then
    assert share("S1", 100)[1]["message"].startswith("分账接收方关系不存在")
    added = pay.profitsharing_add_receiver("MERCHANT_ID", "1900009192", "SUPPLIER", name="奉节果农合作社")
    assert added[0] == 200
    assert share("S1", 1198)[1]["message"] == "分账金额超出最大分账比例"
    status, made = share("S1", 1197)
    assert (status, made["state"]) == (200, "PROCESSING")
    assert share("S1", 1197)[1]["order_id"] == made["order_id"]
    assert share("S1", 1196)[1]["message"] == "分账接收方与原请求不一致"
    wait_until(
        lambda: merchant.answer(pay.profitsharing_order_query(transaction, "S1"))[1]["state"] == "FINISHED"
    )
    left = merchant.answer(pay.profitsharing_amount_query(transaction))[1]
    assert left["unsplit_amount"] == 3990 - 24 - 1197
    back = merchant.answer(pay.profitsharing_return("B1", "1900009192", 1198, "退", out_order_no="S1"))
    assert back[0] == 400
    assert pay.profitsharing_return("B1", "1900009192", 1197, "退", out_order_no="S1")[0] == 200


def test_a_bill_is_made_of_the_trades(
    merchant: Merchant, control: SandboxClient, shop: Shop, paid: str
) -> None:
    # given
    control.age(1)
    day = f"{datetime.now(CHINA) - timedelta(days=1):%Y-%m-%d}"

    # when
    status, told = merchant.answer(merchant.client.trade_bill(day))
    _status, raw = merchant.client.download_bill(told["download_url"])

    # then
    content = gzip.decompress(raw)
    assert status == 200
    assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == told["hash_value"]
    assert f"`{paid}," in content.decode()
    empty = f"{datetime.now(CHINA) - timedelta(days=9):%Y-%m-%d}"
    assert merchant.answer(merchant.client.trade_bill(empty))[1]["code"] == "NO_STATEMENT_EXIST"
    today = f"{datetime.now(CHINA):%Y-%m-%d}"
    assert merchant.answer(merchant.client.trade_bill(today))[1]["code"] == "INVALID_REQUEST"


def test_old_and_new_merchant_certificates_sign(
    sandbox_url: str, sandbox_directory: Path, control: SandboxClient, shop: Shop, merchant: Merchant
) -> None:
    # given
    made = control.rotate("merchant")
    folder = sandbox_directory / "wechat_pay"

    # when
    other = Merchant(folder, sandbox_url, shop.url)
    other.client._core._cert_serial_no = made["serial"]
    other.client._core._private_key = load_private_key((folder / made["file"]).read_text())

    # then
    assert [merchant.prepay(number("K"))[0], other.prepay(number("K"))[0]] == [200, 200]


def test_one_merchant_cannot_touch_anothers_order(merchant: Merchant, seller: Merchant, paid: str) -> None:
    assert seller.query(paid)[0] == 404
    assert seller.refund(paid, number("R"), 1)[0] == 404
    assert seller.close(paid)[0] == 204
    assert merchant.query(paid)[1]["trade_state"] == "SUCCESS"


def test_bars_are_code_128_c() -> None:
    """Start C, the pairs 12 and 34, check 82 = (105 + 12 + 2·34) mod 103, stop."""
    svg = code128c("1234", module=1, height=1)
    runs = [part for part in svg.split('d="')[1].split('"')[0].split("z") if part]
    assert len(runs) == 3 * 4 + 4
    assert runs[0].startswith("M10 0h2")
    with pytest.raises(ValueError, match="pairs"):
        code128c("123")


def test_the_phone_shows_bars_number_and_prompt(
    sandbox_url: str, merchant: Merchant, control: SandboxClient
) -> None:
    # given
    control.fault("codepay", "userpaying")
    out = number("CODE")
    scan(merchant, control, out)

    # when
    with httpx.Client(base_url=sandbox_url, trust_env=False, follow_redirects=True) as phone:
        page = phone.get("/phone/code").text
        bars = phone.get("/phone/barcode.svg", params={"text": control.code(PEOPLE[0].openid)})
        done = phone.post("/phone/password", data={"number": out, "action": "pay"})

    # then
    assert "输入密码并支付" in page
    assert bars.headers["content-type"].startswith("image/svg")
    assert "支付成功" in done.text
    assert merchant.query(out)[1]["trade_state"] == "SUCCESS"
