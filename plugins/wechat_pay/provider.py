"""WeChat Pay v3 behind the cashier's port. Amounts cross this line in fen; see docs of each call in the port."""

from __future__ import annotations

import json
import re
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from wechatpayv3 import WeChatPayType

from saleor_o2o.cashier.ports import (
    Method,
    PayInstructions,
    PayRequest,
    ProviderRefused,
    ProviderUnknown,
    RefundFact,
    RefundRequest,
    RefundState,
    TradeFact,
    TradeState,
)

from .client import call, client

_TYPES = {
    Method.WECHAT_NATIVE: WeChatPayType.NATIVE,
    Method.WECHAT_JSAPI: WeChatPayType.JSAPI,
    Method.WECHAT_H5: WeChatPayType.H5,
}
#: After any refund, even a partial one, a paid trade says REFUND.
_PAID_STATES = frozenset({"SUCCESS", "REFUND"})
_CLOSED_STATES = frozenset({"CLOSED", "REVOKED", "PAYERROR"})
_REFUND_STATES = {
    "SUCCESS": RefundState.SUCCEEDED,
    "CLOSED": RefundState.CLOSED,
    "PROCESSING": RefundState.PROCESSING,
    "ABNORMAL": RefundState.ABNORMAL,
}
#: What WeChat's ids and event types are made of; also what a database can hold.
_WORD = re.compile(r"[!-~]{1,64}")
_ABSENT = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})


class WechatPayProvider:
    """See :class:`saleor_o2o.cashier.ports.Provider`."""

    title = "微信支付"
    methods: tuple[Method, ...] = (Method.WECHAT_NATIVE, Method.WECHAT_JSAPI, Method.WECHAT_H5)
    # WeChat Pay v3, 申请退款: within 365 days, at most 50 refunds of one trade, a minute apart.
    refund_days = 365
    refund_count = 50
    refund_gap = 60.0

    def start(self, request: PayRequest) -> PayInstructions:
        """Prepay. The same number and parameters give the same trade."""
        api, config = client(for_new_payment=True)
        arguments: dict[str, Any] = {
            "description": request.description[:120],
            "out_trade_no": request.number,
            "amount": {"total": request.amount_fen, "currency": "CNY"},
            "time_expire": timezone.localtime(request.expires_at).isoformat(timespec="seconds"),
            "pay_type": _TYPES[request.method],
        }
        if request.method is Method.WECHAT_JSAPI:
            arguments["payer"] = {"openid": request.payer_id}
        if request.method is Method.WECHAT_H5:
            arguments["scene_info"] = {
                "payer_client_ip": request.payer_ip or "127.0.0.1",
                "h5_info": {"type": "Wap"},
            }
        answer = call(lambda: api.pay(**arguments))
        if request.method is Method.WECHAT_NATIVE:
            return PayInstructions(code_url=_needed(answer, "code_url"))
        if request.method is Method.WECHAT_H5:
            return PayInstructions(h5_url=_needed(answer, "h5_url"))
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        package = f"prepay_id={_needed(answer, 'prepay_id')}"
        return PayInstructions(
            jsapi={
                "app_id": config.appid,
                "time_stamp": stamp,
                "nonce_str": nonce,
                "package": package,
                "sign_type": "RSA",
                "pay_sign": api.sign([config.appid, stamp, nonce, package]),
            }
        )

    def query(self, number: str) -> TradeFact:
        """Ask for a trade by our number."""
        api, config = client()
        try:
            answer = call(lambda: api.query(out_trade_no=number))
        except ProviderRefused as refusal:
            if refusal.code in _ABSENT:
                return TradeFact(number=number, state=TradeState.ABSENT)
            raise
        return self._trade(answer, config.mchid, config.appid, number)

    def close(self, number: str) -> None:
        """Close a trade; WeChat says 204 also for a closed or unknown number."""
        api, _config = client()
        call(lambda: api.close(out_trade_no=number))

    def refund(self, request: RefundRequest) -> RefundFact:
        """Send a refund; 200 means accepted only."""
        api, _config = client()
        answer = call(
            lambda: api.refund(
                out_refund_no=request.number,
                out_trade_no=request.trade_number,
                amount={"refund": request.amount_fen, "total": request.total_fen, "currency": "CNY"},
                reason=request.reason[:80],
            )
        )
        return self._refund(answer, request.number, answer.get("status", ""))

    def query_refund(self, number: str) -> RefundFact:
        """Ask for a refund by our number."""
        api, _config = client()
        try:
            answer = call(lambda: api.query_refund(out_refund_no=number))
        except ProviderRefused as refusal:
            if refusal.code in _ABSENT:
                return RefundFact(number=number, state=RefundState.ABSENT)
            raise
        return self._refund(answer, number, answer.get("status", ""))

    def read_notification(self, headers: dict[str, str], body: bytes) -> TradeFact | RefundFact:
        """Verify and decrypt. Raises ProviderRefused: BAD_SIGNATURE, UNKNOWN_EVENT, MALFORMED, WRONG_MERCHANT."""
        api, config = client()
        if config.public_key_id and headers.get("Wechatpay-Serial") != config.public_key_id:
            # The library would go and fetch certificates for whoever names an unknown key.
            raise ProviderRefused("BAD_SIGNATURE", "unknown key id")
        try:
            message = api.callback(headers, body)
        except Exception as error:  # bare ones of the library: headers, key id, JSON
            raise ProviderRefused("BAD_SIGNATURE", type(error).__name__) from error
        if not message:
            raise ProviderRefused("BAD_SIGNATURE", "")
        event, plain = str(message.get("event_type", "")), message.get("resource")
        if not isinstance(plain, dict):
            raise ProviderRefused("MALFORMED", "")
        if event == "TRANSACTION.SUCCESS":
            return self._trade(plain, config.mchid, config.appid)
        if event.startswith("REFUND."):
            if plain.get("mchid") != config.mchid:
                raise ProviderRefused("WRONG_MERCHANT", "")
            # Here the field is refund_status; in the API's answers it is status.
            return self._refund(plain, str(plain.get("out_refund_no", "")), plain.get("refund_status", ""))
        raise ProviderRefused("UNKNOWN_EVENT", event[:60])

    @staticmethod
    def _trade(plain: dict[str, Any], mchid: str, appid: str, number: str | None = None) -> TradeFact:
        if plain.get("mchid") != mchid or plain.get("appid") != appid:
            raise ProviderRefused("WRONG_MERCHANT", "")
        if number is not None and plain.get("out_trade_no") != number:
            raise ProviderRefused("WRONG_NUMBER", "")
        state = str(plain.get("trade_state", ""))
        amount = plain.get("amount") or {}
        if state in _PAID_STATES:
            total = amount.get("total")
            if not isinstance(total, int) or not plain.get("out_trade_no"):
                raise ProviderRefused("MALFORMED", "")
            return TradeFact(
                number=str(plain["out_trade_no"]),
                state=TradeState.PAID,
                amount_fen=total,
                currency=str(amount.get("currency", "CNY")),
                provider_ref=str(plain.get("transaction_id", ""))[:64],
                paid_at=_moment(plain.get("success_time")),
            )
        return TradeFact(
            number=str(plain.get("out_trade_no", "")),
            state=TradeState.CLOSED if state in _CLOSED_STATES else TradeState.UNPAID,
        )

    @staticmethod
    def _refund(plain: dict[str, Any], number: str, status: str) -> RefundFact:
        state = _REFUND_STATES.get(status)
        if state is None or not number:
            raise ProviderRefused("MALFORMED", "")
        refund_fen = (plain.get("amount") or {}).get("refund", 0)
        return RefundFact(
            number=number,
            state=state,
            amount_fen=refund_fen if isinstance(refund_fen, int) else 0,
            provider_ref=str(plain.get("refund_id", ""))[:64],
            finished_at=_moment(plain.get("success_time")),
        )


def _needed(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderUnknown("INCOMPLETE_ANSWER")
    return value


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or moment > timezone.now() + timedelta(days=1):
        return None
    return moment


def outline(body: bytes) -> tuple[str | None, str]:
    """The notification's id and event type, unverified, for the inbox; ``(None, "")`` for anything unreadable."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(data, dict):
        return None, ""
    ident, kind = data.get("id"), data.get("event_type")
    if not isinstance(ident, str) or not _WORD.fullmatch(ident):
        return None, ""
    return ident, kind if isinstance(kind, str) and _WORD.fullmatch(kind) else ""
