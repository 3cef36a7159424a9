"""The account's configuration: stock's fields and two of ours; secrets are encrypted before they are stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from saleor.payment.interface import GatewayConfig
from saleor.plugins.models import PluginConfiguration

from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.kernel.crypto import DecryptionError, decrypt, encrypt

logger = logging.getLogger(__name__)

GATEWAY = "mirumee.payments.stripe"
OFFICIAL = "https://api.stripe.com"

PUBLIC_KEY, SECRET_KEY = "Public API key", "Secret API key"  # stock's names
STORE_CARDS, AUTO_CAPTURE = "Store customers card", "Automatic payment capture"
SIGNING_SECRET, ADDRESS = "Webhook signing secret", "API address"
_SECRETS = frozenset({SECRET_KEY, SIGNING_SECRET})
_SEALED = "enc:"


@dataclass(frozen=True)
class Account:
    """A complete configuration, decrypted; never logged (its repr shows no secret)."""

    public_key: str
    secret_key: str
    signing_secret: str
    address: str
    store_cards: bool
    auto_capture: bool

    def __repr__(self) -> str:
        return f"Account(address={self.address!r}, auto_capture={self.auto_capture!r})"

    @property
    def stock(self) -> GatewayConfig:
        """As stock's gateway wants it."""
        return GatewayConfig(
            gateway_name="Stripe",
            auto_capture=self.auto_capture,
            connection_params={"public_key": self.public_key, "private_key": self.secret_key},
            store_customer=self.store_cards,
        )


def seal(items: list[dict[str, Any]]) -> None:
    """Encrypt the secret values of a configuration in place; sealed ones stay as they are."""
    for item in items:
        value = item.get("value")
        if item["name"] in _SECRETS and value and not str(value).startswith(_SEALED):
            item["value"] = _SEALED + encrypt(str(value).strip())


def opened(value: Any) -> str:
    """A stored value as it was entered; empty where it cannot be decrypted any more."""
    text = str(value or "").strip()
    if not text.startswith(_SEALED):
        return text
    try:
        return decrypt(text.removeprefix(_SEALED))
    except DecryptionError:
        logger.error("a stored secret of Stripe cannot be decrypted: enter it again")
        return ""


def address_allowed(address: str) -> bool:
    """Stripe's own address always; another one only where the sandbox is allowed, and only on this machine."""
    if address == OFFICIAL:
        return True
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return bool(settings.O2O_SANDBOX_ALLOWED) and host in ("127.0.0.1", "localhost", "::1")


def validate(items: list[dict[str, Any]]) -> None:
    """Raise ValidationError with one message per wrong field."""
    values = {item["name"]: item.get("value") for item in items}
    wrong = {}
    if not opened(values.get(PUBLIC_KEY)).startswith("pk_"):
        wrong[PUBLIC_KEY] = _("应为 pk_ 开头的公钥")
    if not opened(values.get(SECRET_KEY)).startswith(("sk_", "rk_")):
        wrong[SECRET_KEY] = _("应为 sk_ 或 rk_ 开头的密钥")
    # stock's dashboard may switch the gateway on with its two keys; without this one no notification is believed
    signing = opened(values.get(SIGNING_SECRET))
    if signing and not signing.startswith("whsec_"):
        wrong[SIGNING_SECRET] = _("应为 whsec_ 开头的通知签名密钥")
    if not address_allowed(_address(values.get(ADDRESS))):
        wrong[ADDRESS] = _("只能使用 Stripe 官方接口地址")
    if wrong:
        raise ValidationError(
            {
                "configuration": [
                    ValidationError(f"{name}：{text}", code="invalid") for name, text in wrong.items()
                ]
            }
        )


def load_account(*, for_new_payment: bool = False) -> Account:
    """Read the configuration. Raises CashierError NOT_CONFIGURED (also: off for a new payment)."""
    row = PluginConfiguration.objects.filter(identifier=GATEWAY).first()
    if row is None or (for_new_payment and not row.active):
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    return account_of(row.configuration)


def account_of(items: list[dict[str, Any]]) -> Account:
    """A configuration's items as an account. Raises CashierError NOT_CONFIGURED."""
    values = {item["name"]: item.get("value") for item in items}
    account = Account(
        public_key=opened(values.get(PUBLIC_KEY)),
        secret_key=opened(values.get(SECRET_KEY)),
        signing_secret=opened(values.get(SIGNING_SECRET)),
        address=_address(values.get(ADDRESS)),
        store_cards=bool(values.get(STORE_CARDS)),
        auto_capture=bool(values.get(AUTO_CAPTURE, True)),
    )
    if not account.secret_key or not address_allowed(account.address):
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    return account


def _address(value: Any) -> str:
    return str(value or OFFICIAL).strip().rstrip("/")
