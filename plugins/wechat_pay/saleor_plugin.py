"""WeChat Pay as a gateway in Saleor's plugin list and dashboard: a switch. Accounts and keys are on pages of their
own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from saleor.plugins.models import PluginConfiguration

from saleor_o2o.cashier.saleor_gateway import DeferredGatewayPlugin

from .configuration import has_account
from .keyring import GATEWAY


class WechatPayPlugin(DeferredGatewayPlugin):
    """微信支付 (direct merchant, API v3)."""

    PLUGIN_ID = GATEWAY
    PLUGIN_NAME = "微信支付"
    PLUGIN_DESCRIPTION = (
        "微信支付 APIv3 直连商户：扫码、公众号、小程序、手机浏览器、付款码、合单、分账与退款。"
        "商户号与密钥在管理后台“微信商户号”里维护；这里只开关新的收款。"
    )
    DEFAULT_ACTIVE = False
    DEFAULT_CONFIGURATION: list[dict[str, Any]] = []
    CONFIG_STRUCTURE: dict[str, Any] = {}

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: PluginConfiguration) -> None:
        """Refuse to switch on without an account."""
        if plugin_configuration.active and not has_account():
            words = "还没有默认商户号：请先在管理后台“微信商户号”里添加"
            raise ValidationError({"configuration": [ValidationError(words, code="invalid")]})

    # Stock lists a gateway only if the method is defined on its own class.
    def process_payment(self, payment_information: Any, previous_value: Any) -> Any:
        """See :meth:`DeferredGatewayPlugin.process_payment`."""
        return super().process_payment(payment_information, previous_value)

    def get_payment_config(self, previous_value: Any) -> Any:
        """Nothing that a browser would need."""
        return [] if self.active else previous_value
