"""The one place that touches ``wechatpayv3``: its traps are closed here.

- the gateway address is a constant in its core: set after construction;
- no timeout by default: (connect, read) = (3, 10) seconds;
- bare ``Exception`` for anything unverifiable: told apart as "no usable answer";
- an answer whose signature is wrong says nothing: the caller must ask again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import requests
from django.conf import settings
from wechatpayv3 import WeChatPay, WeChatPayType

from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown

from .configuration import MerchantConfig, load_merchant, require_usable

TIMEOUT = (3, 10)

_lock = threading.Lock()
_clients: dict[MerchantConfig, WeChatPay] = {}


def client(*, for_new_payment: bool = False) -> tuple[WeChatPay, MerchantConfig]:
    """A client for the configuration as it is now; rebuilt when the configuration changes, without a restart.

    Switching the plugin off stops new payments only: what was begun is still asked for, closed and refunded.
    Raises CashierError NOT_CONFIGURED; ProviderUnknown where certificate mode cannot fetch the certificates.
    """
    config = load_merchant(for_new_payment=for_new_payment)
    with _lock:
        known = _clients.get(config)
    if known is not None:
        return known, config
    require_usable(config)  # parsing keys takes a tenth of a second: once per configuration
    made = _make(config)
    with _lock:
        _clients.clear()  # an older configuration's keys are not kept
        _clients[config] = made
    return made, config


def _make(config: MerchantConfig) -> WeChatPay:
    public_key = config.public_key or None
    if public_key is None:
        return _make_in_certificate_mode(config)
    made = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=config.mchid,
        private_key=config.private_key,
        cert_serial_no=config.serial,
        appid=config.appid,
        apiv3_key=config.apiv3_key,
        notify_url=config.notify_url,
        timeout=TIMEOUT,
        public_key=public_key,
        public_key_id=config.public_key_id,
    )
    made._core._gate_way = config.base_url
    return made


def _make_in_certificate_mode(config: MerchantConfig) -> WeChatPay:
    """The library's constructor fetches the certificates from its constant address: give it ours first."""
    from wechatpayv3.core import Core

    class _Core(Core):
        def _init_certificates(self) -> None:
            self._gate_way = config.base_url
            super()._init_certificates()

    made = WeChatPay.__new__(WeChatPay)
    made._type, made._mchid, made._appid = WeChatPayType.NATIVE, config.mchid, config.appid
    made._notify_url, made._partner_mode = config.notify_url, False
    try:
        made._core = _Core(
            mchid=config.mchid,
            cert_serial_no=config.serial,
            private_key=config.private_key,
            apiv3_key=config.apiv3_key,
            cert_dir=str(settings.VAR_DIR / "wechat_pay_certificates"),
            timeout=TIMEOUT,
        )
    except Exception as error:  # the library raises a bare Exception when it has no certificate
        raise ProviderUnknown("NO_PLATFORM_CERTIFICATE") from error
    return made


def call(operation: Callable[[], tuple[int, Any]]) -> dict[str, Any]:
    """Run one library call and give its JSON.

    Raises ProviderRefused for a 4xx with WeChat's code, ProviderUnknown for everything that leaves the outcome open:
    no answer, 5xx, 429, 202, an answer that is not signed by WeChat or is not JSON.
    """
    try:
        status, text = operation()
    except requests.Timeout as error:
        raise ProviderUnknown("TIMEOUT") from error
    except requests.RequestException as error:
        raise ProviderUnknown("UNREACHABLE") from error
    except Exception as error:  # bare ones of the library: signature, headers, unknown key id
        raise ProviderUnknown("UNVERIFIABLE_ANSWER") from error
    if status == 204:
        return {}
    try:
        data = json.loads(text) if text else {}
    except ValueError as error:
        raise ProviderUnknown("NOT_JSON") from error
    if not isinstance(data, dict):
        raise ProviderUnknown("NOT_JSON")
    if 200 <= status < 300 and status != 202:
        return data
    code = str(data.get("code", f"HTTP_{status}"))[:64]
    if status >= 500 or status in (202, 429):
        raise ProviderUnknown(code)
    raise ProviderRefused(code, str(data.get("message", ""))[:200])
