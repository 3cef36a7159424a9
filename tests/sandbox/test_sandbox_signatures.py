from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_support import Merchant, Shop, number
from wechatpayv3 import utils

from sandbox.client import SandboxClient
from sandbox.wechat_pay.signing import SCHEME

PATH = "/v3/certificates"
HEADERS = {"Accept": "application/json", "User-Agent": "test"}


def authorization(merchant: Merchant, **changes: Any) -> str:
    """A correct Authorization for GET /v3/certificates, with one thing changed."""
    core = merchant.client._core
    values = {
        "path": PATH,
        "method": "GET",
        "mchid": merchant.manifest["mchid"],
        "serial_no": merchant.manifest["cert_serial_no"],
        "private_key": core._private_key,
    }
    return utils.build_authorization(**(values | changes))


def get(url: str, text: str, **headers: str) -> httpx.Response:
    """GET certificates with this Authorization."""
    return httpx.get(
        f"{url}/wechat_pay{PATH}", headers=HEADERS | {"Authorization": text} | headers, trust_env=False
    )


@pytest.fixture
def by_certificate(
    sandbox_url: str, sandbox_directory: Path, control: SandboxClient, shop: Shop
) -> Iterator[Merchant]:
    control.options(key_mode="certificate")
    yield Merchant(sandbox_directory / "wechat_pay", sandbox_url, shop.url, certificates=True)
    control.options(key_mode="public_key")


def test_wrong_signatures_are_refused_unsigned(merchant: Merchant, sandbox_url: str) -> None:
    # given
    good = authorization(merchant)
    wrong = [
        "",
        "Basic abc",
        good.replace("nonce_str", "nonce"),
        good.replace('signature="', 'signature="AAAA'),
        good.replace('timestamp="1', 'timestamp="2'),
        authorization(merchant, mchid="1900000001"),
        authorization(merchant, serial_no="0" * 40),
        authorization(merchant, path="/v3/other"),
        authorization(merchant, method="POST"),
        authorization(merchant, data={"a": 1}),
        f"{SCHEME} nonsense",
    ]

    # when
    answers = [get(sandbox_url, text) for text in wrong]

    # then
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"SIGN_ERROR"}
    assert not any("wechatpay-signature" in answer.headers for answer in answers)


def test_old_timestamp_is_refused(
    merchant: Merchant, sandbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    real = time.time()

    # when
    answers = []
    for age in (-310, -290, 290, 310):
        monkeypatch.setattr(utils.time, "time", lambda age=age: real - age)
        text = authorization(merchant)
        monkeypatch.undo()
        answers.append(get(sandbox_url, text).status_code)

    # then
    assert answers == [401, 404, 404, 401]


def test_order_of_the_pairs_is_free_and_errors_are_signed(merchant: Merchant, sandbox_url: str) -> None:
    # given
    scheme, _, rest = authorization(merchant).partition(" ")
    text = f"{scheme} {', '.join(reversed(rest.split(',')))}"

    # when
    answer = get(sandbox_url, text)

    # then
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")
    assert answer.headers["wechatpay-serial"] == merchant.manifest["public_key_id"]
    assert merchant.client._core._verify_signature(answer.headers, answer.text)


def test_stray_ampersand_is_signed_as_it_stands(merchant: Merchant) -> None:
    # given
    path = f"/v3/pay/transactions/out-trade-no/NOBODY0004?&mchid={merchant.manifest['mchid']}"

    # when
    status, text = merchant.client._core.request(path)

    # then
    assert status == 404
    assert '"ORDER_NOT_EXIST"' in text


def test_certificate_mode_end_to_end(by_certificate: Merchant, control: SandboxClient, shop: Shop) -> None:
    # given
    out_trade_no = number()
    by_certificate.prepay(out_trade_no)

    # when
    control.pay(out_trade_no)
    heard = shop.next()

    # then
    assert heard.headers["Wechatpay-Serial"] == by_certificate.manifest["platform_serial_no"]
    assert by_certificate.open(heard) is not None
    assert by_certificate.query(out_trade_no)[1]["trade_state"] == "SUCCESS"


def test_certificates_are_downloaded(by_certificate: Merchant) -> None:
    # given
    core = by_certificate.client._core
    (known,) = core._certificates

    # when
    core._update_certificates()

    # then
    assert [certificate.serial_number for certificate in core._certificates] == [known.serial_number]


def test_public_key_is_unknown_in_certificate_mode(
    by_certificate: Merchant, sandbox_url: str, sandbox_directory: Path, shop: Shop
) -> None:
    # given
    newer = Merchant(sandbox_directory / "wechat_pay", sandbox_url, shop.url)

    # when
    status, body = newer.query("NOBODY0005")

    # then
    assert (status, body["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "text/html"}, {"User-Agent": ""}, {"Wechatpay-Serial": "PUB_KEY_ID_0"}],
)
def test_header_rules(merchant: Merchant, sandbox_url: str, headers: dict[str, str]) -> None:
    # when
    answer = get(sandbox_url, authorization(merchant), **headers)

    # then
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize("body", ["", "[]", "{", "[" * 30000, '"x"', "null"])
def test_broken_bodies_are_refused(merchant: Merchant, sandbox_url: str, body: str) -> None:
    # given
    path = "/v3/pay/transactions/native"
    text = authorization(merchant, path=path, method="POST", data=body or None)
    headers = HEADERS | {"Authorization": text, "Content-Type": "application/json"}

    # when
    answer = httpx.post(f"{sandbox_url}/wechat_pay{path}", content=body, headers=headers, trust_env=False)

    # then
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_unknown_calls_are_not_found(merchant: Merchant) -> None:
    # when
    status, text = merchant.client._core.request("/v3/pay/transactions/micropay/nothing")

    # then
    assert status == 404
    assert "接口不存在" in text
