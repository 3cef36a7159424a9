"""Whether WeChat Pay takes new payments: the switch in the dashboard's plugin list. Accounts and keys are rows."""

from __future__ import annotations

from django.conf import settings
from saleor.plugins.models import PluginConfiguration

from .keyring import GATEWAY
from .models import AccountState, MerchantAccount

OFFICIAL_GATEWAYS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")


def is_switched_on() -> bool:
    """True when new payments are taken; what was begun goes on either way."""
    return PluginConfiguration.objects.filter(identifier=GATEWAY, active=True).exists()


def has_account() -> bool:
    """True when there is a default account to take money."""
    return MerchantAccount.objects.filter(is_default=True, state=AccountState.ACTIVE).exists()


def is_allowed_gateway(address: str) -> bool:
    """True for WeChat's own addresses; others only where the sandbox is allowed."""
    return address in OFFICIAL_GATEWAYS or bool(settings.O2O_SANDBOX_ALLOWED)
