"""The base of Saleor gateway plugins whose money arrives after the order: thin, and without any remote call.

Saleor asks; the answers come from the cashier's rows. The provider is spoken to by the cashier's services only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.interface import GatewayResponse, PaymentData
from saleor.plugins.base_plugin import BasePlugin

from .models import IntentState, PaymentIntent


class DeferredGatewayPlugin(BasePlugin):
    """Order first, pay later: AUTH at checkout, CAPTURE once the cashier knows of the money."""

    def _answer(
        self, information: PaymentData, kind: str, token: str, error: str | None = None
    ) -> GatewayResponse:
        return GatewayResponse(
            is_success=error is None,
            action_required=False,
            kind=kind,
            amount=information.amount,
            currency=information.currency,
            transaction_id=token,
            error=error,
            raw_response={},
        )

    def _intent(self, information: PaymentData) -> PaymentIntent | None:
        orders = PaymentIntent.objects.filter(order_id=information.order_id, gateway=self.PLUGIN_ID)
        return orders.order_by("-pk").first() if information.order_id else None

    def process_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """The order is placed; nothing is charged yet. Switched off means: no new payments."""
        if not self.active:
            return self._answer(
                payment_information, TransactionKind.AUTH, "", "这种支付方式已停用，请换一种支付方式"
            )
        return self._answer(payment_information, TransactionKind.AUTH, payment_information.token or "")

    def capture_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Only money that the cashier has confirmed is captured. Never raises (stock reads the answer blindly).

        Also while the plugin is switched off: what was begun before is brought to its end.
        """
        intent = self._intent(payment_information)
        if intent is None or intent.state != IntentState.PAID:
            waiting = "顾客尚未付款，不能确认收款"
            if intent is not None and intent.state == IntentState.REVIEW:
                waiting = "款项已到，正在风控审核，放行后自动确认收款"
            return self._answer(payment_information, TransactionKind.CAPTURE, "", waiting)
        if Decimal(payment_information.amount) != intent.amount:
            return self._answer(
                payment_information, TransactionKind.CAPTURE, "", "只能按应付金额全额确认收款"
            )
        return self._answer(payment_information, TransactionKind.CAPTURE, intent.number)

    def confirm_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Nothing to confirm by hand: the provider's statement decides."""
        return self.capture_payment(payment_information, previous_value)

    def refund_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Write the refund; it is sent after the commit. A refusal is told in the error."""
        from saleor_o2o.kernel.errors import DomainError

        from .services.order_refunds import write_order_refund

        intent = self._intent(payment_information)
        if intent is None:
            return self._answer(payment_information, TransactionKind.REFUND, "", "没有找到这笔支付")
        try:
            refund = write_order_refund(intent.payment, Decimal(payment_information.amount))
        except DomainError as refusal:
            return self._answer(payment_information, TransactionKind.REFUND, "", refusal.message)
        return self._answer(payment_information, TransactionKind.REFUND, refund.number)

    def void_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Closing is the cashier's (``bookkeeping.close_now``); a direct call is answered with what to do."""
        return self._answer(payment_information, TransactionKind.VOID, "", "请在订单页取消订单或作废支付")

    def order_cancelled(self, order: Order, previous_value: Any) -> Any:
        """A cancelled order takes no money: close its payment at the provider once the cancellation is committed.

        Money that waits for people goes back.
        """
        from .tasks import close_payment

        pending = PaymentIntent.objects.filter(
            order=order, gateway=self.PLUGIN_ID, state__in=(IntentState.PENDING, IntentState.REVIEW)
        ).values_list("pk", flat=True)
        for pk in list(pending):
            transaction.on_commit(lambda pk=pk: close_payment.delay(pk, "ORDER_CANCELLED"), robust=True)  # type: ignore[misc]
        return previous_value
