"""Stock's Stripe plugin under stock's identifier, in a version that hands out answers which are rows of ours."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from saleor.payment.gateways.stripe.plugin import StripeGatewayPlugin
from saleor.payment.interface import CustomerSource, GatewayResponse, PaymentData
from saleor.plugins.base_plugin import ConfigurationTypeField
from saleor.plugins.models import PluginConfiguration

from saleor_o2o.cashier.errors import CashierError

from .booking import ready_answer
from .configuration import ADDRESS, OFFICIAL, SIGNING_SECRET, account_of, opened, seal, validate
from .wire import Call, speaking


class StripePayPlugin(StripeGatewayPlugin):
    """Stripe as stock's dashboard and storefront know it; the two further fields are for the people who set it up."""

    PLUGIN_DESCRIPTION = "银行卡收款：扣款、授权与请款、3-D Secure、退款。"
    DEFAULT_ACTIVE = False
    DEFAULT_CONFIGURATION = [
        *deepcopy(StripeGatewayPlugin.DEFAULT_CONFIGURATION),
        {"name": SIGNING_SECRET, "value": None},
        {"name": ADDRESS, "value": OFFICIAL},
    ]
    CONFIG_STRUCTURE = {
        **deepcopy(StripeGatewayPlugin.CONFIG_STRUCTURE),
        SIGNING_SECRET: {
            "type": ConfigurationTypeField.SECRET,
            "help_text": "Stripe 后台“Webhook”中的签名密钥（whsec_ 开头）；通知地址为 /hooks/stripe_pay/notify",
            "label": SIGNING_SECRET,
        },
        ADDRESS: {
            "type": ConfigurationTypeField.STRING,
            "help_text": "Stripe 接口地址，一般不用改",
            "label": ADDRESS,
        },
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("public_key", "private_key"):
            self.config.connection_params[name] = opened(self.config.connection_params[name])

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: PluginConfiguration) -> None:
        """Seal new secrets, then refuse to switch on an incomplete or unusable configuration."""
        seal(plugin_configuration.configuration)
        if plugin_configuration.active:
            validate(plugin_configuration.configuration)

    # Every action of stock's gateway functions comes through `bookkeeping`, which has asked Stripe already.
    # Stock lists a gateway only if `process_payment` is defined on its own class.
    def process_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Hand out the ready answer."""
        return self._ready(payment_information, "capture")

    def confirm_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Hand out the ready answer."""
        return self._ready(payment_information, "confirm")

    def authorize_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Hand out the ready answer."""
        return self._ready(payment_information, "auth")

    def capture_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Hand out the ready answer; never raises (its caller reads the answer blindly)."""
        return self._ready(payment_information, "capture")

    def refund_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Hand out the ready answer."""
        return self._ready(payment_information, "refund")

    def void_payment(self, payment_information: PaymentData, previous_value: Any) -> Any:
        """Hand out the ready answer."""
        return self._ready(payment_information, "void")

    @staticmethod
    def _ready(information: PaymentData, kind: str) -> GatewayResponse:
        answer = ready_answer()
        if answer is not None:
            return answer
        return GatewayResponse(
            is_success=False,
            action_required=False,
            kind=kind,
            amount=information.amount,
            currency=information.currency,
            transaction_id=information.token or "",
            error="请通过订单页操作",
            raw_response={},
        )

    def list_payment_sources(self, customer_id: str, previous_value: Any) -> list[CustomerSource]:
        """Stored cards, asked at Stripe; none where it is off or not set up."""
        if not self.active or not customer_id:
            return list(previous_value)
        try:
            account = account_of(self.configuration)
        except CashierError:
            return list(previous_value)
        with speaking(Call(account)):
            return list(super().list_payment_sources(customer_id, previous_value))
