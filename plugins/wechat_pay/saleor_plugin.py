"""WeChat Pay as a gateway in Saleor's plugin list and dashboard: thin, the cashier does the work."""

from __future__ import annotations

from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField
from saleor.plugins.models import PluginConfiguration

from saleor_o2o.cashier.saleor_gateway import DeferredGatewayPlugin

from .configuration import BASE_URL, FIELDS, GATEWAY, OFFICIAL_GATEWAYS, open_values, seal, validate


class WechatPayPlugin(DeferredGatewayPlugin):
    """微信支付 (direct merchant, API v3)."""

    PLUGIN_ID = GATEWAY
    PLUGIN_NAME = "微信支付"
    PLUGIN_DESCRIPTION = "微信支付 APIv3 直连商户：扫码、公众号、手机浏览器支付与原路退款。"
    DEFAULT_ACTIVE = False
    DEFAULT_CONFIGURATION = [
        {"name": name, "value": OFFICIAL_GATEWAYS[0] if name == BASE_URL else None} for name in FIELDS
    ]
    CONFIG_STRUCTURE = {
        name: {
            "type": ConfigurationTypeField.SECRET if secret else ConfigurationTypeField.STRING,
            "help_text": help_text,
            "label": name,
        }
        for name, (secret, help_text) in FIELDS.items()
    }

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: PluginConfiguration) -> None:
        """Seal new secrets, then refuse to switch on an incomplete or unusable configuration."""
        seal(plugin_configuration.configuration)
        if plugin_configuration.active:
            validate(open_values(plugin_configuration.configuration))

    # Stock lists a gateway only if the method is defined on its own class.
    def process_payment(self, payment_information: Any, previous_value: Any) -> Any:
        """See :meth:`DeferredGatewayPlugin.process_payment`."""
        return super().process_payment(payment_information, previous_value)

    def get_payment_config(self, previous_value: Any) -> Any:
        """Nothing that a browser would need."""
        return [] if self.active else previous_value
