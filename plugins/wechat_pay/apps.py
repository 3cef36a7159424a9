"""The Django app of WeChat Pay."""

from django.apps import AppConfig


class WechatPayConfig(AppConfig):
    """微信支付：把 WeChat Pay v3 接到收银台。"""

    name = "plugins.wechat_pay"
    label = "o2o_wechat_pay"
    verbose_name = "微信支付"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor_o2o.cashier.interfaces import register_provider, register_table

        from . import permissions
        from .fees import fees
        from .keyring import GATEWAY
        from .provider import WechatPayProvider

        permissions.install()
        register_provider(GATEWAY, WechatPayProvider())
        register_table("wechat_pay.fees", 10, fees)
