"""The Django app of WeChat Pay."""

from django.apps import AppConfig


class WechatPayConfig(AppConfig):
    """微信支付。"""

    name = "plugins.wechat_pay"
    label = "o2o_wechat_pay"
    verbose_name = "微信支付"
    default_auto_field = "django.db.models.BigAutoField"
