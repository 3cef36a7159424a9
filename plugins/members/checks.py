"""System checks: can the platform send text messages?"""

from __future__ import annotations

from typing import Any

from django.core.checks import Tags, Warning, register

from .ports import SmsNotConfigured
from .services.sms import gateway


@register(Tags.security, deploy=True)
def sms_is_configured(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """Warn where nobody could log in by a code."""
    try:
        gateway()
    except (SmsNotConfigured, ImportError) as error:
        detail = getattr(error, "detail", type(error).__name__)
        return [Warning(f"短信服务没有配置好（{detail}）：会员收不到验证码", id="o2o_members.W001")]
    return []
