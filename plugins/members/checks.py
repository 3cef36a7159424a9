"""System checks: can the platform send text messages, and is there an agreement to agree to?"""

from __future__ import annotations

from typing import Any

from django.core.checks import Error, Tags, Warning, register

from .ports import SmsNotConfigured
from .services.agreements import agreement_text
from .services.registering import current_agreement
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


@register()
def agreement_is_there(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuse to start where members would agree to words that nobody can read."""
    version = current_agreement()
    if agreement_text(version):
        return []
    return [
        Error(
            f"没有会员协议 {version} 的全文：plugins/members/agreements/{version}.zh.md",
            id="o2o_members.E001",
        )
    ]
