"""WeChat Pay v3 behind the cashier's port. Amounts cross this line in fen; see docs of each call in the port."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from wechatpayv3 import WeChatPayType

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import (
    Method,
    PayInstructions,
    PayRequest,
    ProviderRefused,
    ProviderUnknown,
    RefundFact,
    RefundRef,
    RefundRequest,
    RefundState,
    TradeFact,
    TradeRef,
    TradeState,
)

from . import choosing
from .client import Api, api_of, call
from .keyring import codes_of_accounts
from .reading import ABSENT, combined_fact, needed, refund_fact, trade_fact

_TYPES = {
    Method.WECHAT_NATIVE: WeChatPayType.NATIVE,
    Method.WECHAT_JSAPI: WeChatPayType.JSAPI,
    Method.WECHAT_MINI: WeChatPayType.JSAPI,  # the same call with the mini-program's appid
    Method.WECHAT_H5: WeChatPayType.H5,
    Method.WECHAT_CODE: WeChatPayType.CODEPAY,
}
_BRIDGED = (Method.WECHAT_JSAPI, Method.WECHAT_MINI)
#: The header (ours) that says at whose address a notification arrived.
ACCOUNT_HEADER = "O2O-Account"


class WechatPayProvider:
    """See :class:`saleor_o2o.cashier.ports.Provider`."""

    title = "微信支付"
    methods: tuple[Method, ...] = tuple(_TYPES)
    # WeChat Pay v3, 申请退款: within 365 days, at most 50 refunds of one trade, a minute apart.
    refund_days = 365
    refund_count = 50
    refund_gap = 60.0
    # 下单: prepay_id and code_url live for two hours, h5_url for five minutes.
    lifetimes: Mapping[Method, timedelta] = {
        Method.WECHAT_NATIVE: timedelta(hours=2),
        Method.WECHAT_JSAPI: timedelta(hours=2),
        Method.WECHAT_MINI: timedelta(hours=2),
        Method.WECHAT_H5: timedelta(minutes=5),
    }
    combine_most: int | None = 50  # 合单下单: at most fifty sub_orders
    combines = frozenset({Method.WECHAT_NATIVE, Method.WECHAT_JSAPI, Method.WECHAT_MINI, Method.WECHAT_H5})

    def account_for(self, order_id: int, seller: str, method: Method) -> str:
        """The seller's own account, else the nearest unit's, else the default one."""
        return choosing.account_for(order_id, seller, method)

    def account_titles(self) -> dict[str, str]:
        """The names of the merchant accounts with their numbers at WeChat."""
        return choosing.titles()

    def start(self, request: PayRequest) -> PayInstructions:
        """Prepay, or charge a payment code. The same number and parameters give the same trade."""
        require_switched_on()
        api = api_of(request.account, for_new_payment=True)
        if request.method is Method.WECHAT_CODE:
            return PayInstructions(fact=self._charge(api, request))
        answer = call(self._combined(api, request) if request.subs else self._single(api, request))
        if request.method is Method.WECHAT_NATIVE:
            return PayInstructions(code_url=needed(answer, "code_url"))
        if request.method is Method.WECHAT_H5:
            return PayInstructions(h5_url=needed(answer, "h5_url"))
        appid, stamp, nonce = _appid(api, request.method), str(int(time.time())), secrets.token_hex(16)
        package = f"prepay_id={needed(answer, 'prepay_id')}"
        return PayInstructions(
            jsapi={
                "app_id": appid,
                "time_stamp": stamp,
                "nonce_str": nonce,
                "package": package,
                "sign_type": "RSA",
                "pay_sign": api.pay.sign([appid, stamp, nonce, package]),
            }
        )

    @staticmethod
    def _single(api: Api, request: PayRequest) -> Callable[[], tuple[int, Any]]:
        arguments: dict[str, Any] = {
            "description": request.description[:120],
            "out_trade_no": request.number,
            "amount": {"total": request.amount_fen, "currency": "CNY"},
            "time_expire": _until(request),
            "pay_type": _TYPES[request.method],
            "appid": _appid(api, request.method),
        }
        if request.method in _BRIDGED:
            arguments["payer"] = {"openid": request.payer_id}
        if request.method is Method.WECHAT_H5:
            arguments["scene_info"] = _scene(request)
        if api.ring.shares:
            arguments["settle_info"] = {"profit_sharing": True}
        return lambda: api.pay.pay(**arguments)

    @staticmethod
    def _combined(api: Api, request: PayRequest) -> Callable[[], tuple[int, Any]]:
        parts = []
        for sub in request.subs:
            ring = api_of(sub.account).ring
            part: dict[str, Any] = {
                "mchid": ring.mchid,
                "attach": sub.number,
                "amount": {"total_amount": sub.amount_fen, "currency": "CNY"},
                "out_trade_no": sub.number,
                "description": f"{request.description} {sub.description}".strip()[:120],
            }
            if ring.shares:
                part["settle_info"] = {"profit_sharing": True}
            parts.append(part)
        arguments: dict[str, Any] = {
            "combine_out_trade_no": request.number,
            "sub_orders": parts,
            "time_expire": _until(request),
            "pay_type": _TYPES[request.method],
            "combine_appid": _appid(api, request.method),
        }
        if request.method in _BRIDGED:
            arguments["combine_payer_info"] = {"openid": request.payer_id}
        if request.method is Method.WECHAT_H5:
            arguments["scene_info"] = _scene(request)
        return lambda: api.pay.combine_pay(**arguments)

    @staticmethod
    def _charge(api: Api, request: PayRequest) -> TradeFact:
        """Answered at once; 202 USERPAYING: the payer is asked for the password."""
        scene: dict[str, Any] = {"store_info": {"id": request.store[:32] or "0"}}
        if request.device:
            scene["device_id"] = request.device[:32]
        if request.payer_ip:
            scene["device_ip"] = request.payer_ip
        arguments: dict[str, Any] = {
            "description": request.description[:120],
            "out_trade_no": request.number,
            "amount": {"total": request.amount_fen, "currency": "CNY"},
            "payer": {"auth_code": request.auth_code},
            "scene_info": scene,
            "pay_type": WeChatPayType.CODEPAY,
        }
        if api.ring.shares:
            arguments["settle_info"] = {"profit_sharing": True}
        try:
            answer = call(lambda: api.pay.pay(**arguments))
        except ProviderUnknown as silence:
            if silence.code != "USERPAYING":
                raise
            return TradeFact(request.number, TradeState.UNPAID, account=api.ring.code)
        return trade_fact(answer, api.ring, request.number)

    def query(self, trade: TradeRef) -> TradeFact:
        """Ask for a trade; a combined one by the number of the whole."""
        api = api_of(trade.account)
        try:
            if trade.subs:
                answer = call(lambda: api.pay.combine_query(combine_out_trade_no=trade.number))
                return combined_fact(answer, api.ring, trade.number)
            answer = call(lambda: api.pay.query(out_trade_no=trade.number))
        except ProviderRefused as refusal:
            if refusal.code in ABSENT:
                return TradeFact(number=trade.number, state=TradeState.ABSENT, account=api.ring.code)
            raise
        return trade_fact(answer, api.ring, trade.number)

    def close(self, trade: TradeRef) -> None:
        """Close a trade; WeChat says 204 also for a closed or unknown number. A payment code's is taken back."""
        api = api_of(trade.account)
        if trade.method is Method.WECHAT_CODE:
            self._reverse(api, trade)
        elif trade.subs:
            parts = [
                {"mchid": api_of(sub.account).ring.mchid, "out_trade_no": sub.number} for sub in trade.subs
            ]
            call(lambda: api.pay.combine_close(trade.number, parts))
        else:
            call(lambda: api.pay.close(out_trade_no=trade.number))

    def _reverse(self, api: Api, trade: TradeRef) -> None:
        """Ask, take back, ask again: only what WeChat then calls over is over. A paid trade is refused, not taken
        back."""
        if self.query(trade).state is TradeState.PAID:
            raise ProviderRefused("ORDERPAID", "")
        call(lambda: api.pay.codepay_reverse(out_trade_no=trade.number))
        state = self.query(trade).state
        if state is TradeState.PAID:
            raise ProviderRefused("ORDERPAID", "")
        if state is TradeState.UNPAID:
            raise ProviderUnknown("STILL_PAYING")

    def refund(self, request: RefundRequest) -> RefundFact:
        """Send a refund; 200 means accepted only. What was shared of the trade comes back first."""
        from .services.returning import free_for_refund

        free_for_refund(request.trade_number, request.number, request.amount_fen)
        api = api_of(request.account)
        answer = call(
            lambda: api.pay.refund(
                out_refund_no=request.number,
                out_trade_no=request.trade_number,
                amount={"refund": request.amount_fen, "total": request.total_fen, "currency": "CNY"},
                reason=request.reason[:80],
            )
        )
        return refund_fact(answer, request.number, answer.get("status", ""), api.ring.code)

    def query_refund(self, refund: RefundRef) -> RefundFact:
        """Ask for a refund by our number."""
        api = api_of(refund.account)
        try:
            answer = call(lambda: api.pay.query_refund(out_refund_no=refund.number))
        except ProviderRefused as refusal:
            if refusal.code in ABSENT:
                return RefundFact(number=refund.number, state=RefundState.ABSENT, account=api.ring.code)
            raise
        return refund_fact(answer, refund.number, answer.get("status", ""), api.ring.code)

    def read_notification(
        self, headers: dict[str, str], body: bytes
    ) -> TradeFact | RefundFact | Callable[[], None]:
        """Verify and decrypt. Raises ProviderRefused: BAD_SIGNATURE, UNKNOWN_EVENT, MALFORMED, WRONG_MERCHANT.

        The address says which account is meant; at the address that all had before, each is tried.
        """
        named = headers.get(ACCOUNT_HEADER, "")
        try:
            text = body.decode()
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ProviderRefused("MALFORMED", "") from error
        verified = configured = False
        for code in [named] if named else codes_of_accounts():
            try:
                api = api_of(code)
            except CashierError:
                continue
            configured = True
            if not api.core.verified(headers, text):
                continue
            verified = True
            sealed = data.get("resource") if isinstance(data, dict) else None
            plain = api.core.unseal(sealed) if isinstance(sealed, dict) else None
            if plain is not None and isinstance(sealed, dict):
                return self._fact(api, data, str(sealed.get("original_type", "")), plain)
        if not configured:
            raise ProviderUnknown("NOT_CONFIGURED")
        raise ProviderRefused("MALFORMED" if verified else "BAD_SIGNATURE", "")

    @staticmethod
    def _fact(
        api: Api, data: dict[str, Any], original: str, text: str
    ) -> TradeFact | RefundFact | Callable[[], None]:
        event = str(data.get("event_type", ""))
        try:
            plain = json.loads(text)
        except ValueError as error:
            raise ProviderRefused("MALFORMED", "") from error
        if not isinstance(plain, dict):
            raise ProviderRefused("MALFORMED", "")
        if original == "profitsharing" or event.startswith("PROFITSHARING."):
            from .services.sharing import note_shared

            return lambda: note_shared(plain)
        if event == "TRANSACTION.SUCCESS":
            if "combine_out_trade_no" in plain:
                return combined_fact(plain, api.ring)
            return trade_fact(plain, api.ring)
        if event.startswith("REFUND."):
            if plain.get("mchid") != api.ring.mchid:
                raise ProviderRefused("WRONG_MERCHANT", "")
            # Here the field is refund_status; in the API's answers it is status.
            number, status = str(plain.get("out_refund_no", "")), str(plain.get("refund_status", ""))
            return refund_fact(plain, number, status, api.ring.code)
        raise ProviderRefused("UNKNOWN_EVENT", event[:60])


def require_switched_on() -> None:
    """Raise CashierError NOT_CONFIGURED while the gateway is switched off in the dashboard: no new payments then."""
    from .configuration import is_switched_on

    if not is_switched_on():
        from saleor_o2o.cashier.error_codes import CashierErrorCode

        raise CashierError(CashierErrorCode.NOT_CONFIGURED)


def _appid(api: Api, method: Method) -> str:
    return api.ring.mini_appid if method is Method.WECHAT_MINI else api.ring.appid


def _until(request: PayRequest) -> str:
    return timezone.localtime(request.expires_at).isoformat(timespec="seconds")


def _scene(request: PayRequest) -> dict[str, Any]:
    return {"payer_client_ip": request.payer_ip or "127.0.0.1", "h5_info": {"type": "Wap"}}
