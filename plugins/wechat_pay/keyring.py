"""An account with the keys that are in force: what a client of WeChat Pay is made of. Decrypted; never logged, never
kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import DecryptionError

from .models import AccountKey, AccountState, KeyKind, MerchantAccount

logger = logging.getLogger(__name__)

GATEWAY = "o2o.wechat_pay"


@dataclass(frozen=True)
class Keyring:
    """Everything that signing, verifying and decrypting needs; of each kind the newest key comes first.

    ``certificates`` and ``public_keys``: pairs of serial and PEM. Its repr shows no secret.
    """

    pk: int
    code: str
    mchid: str
    appid: str
    mini_appid: str
    base_url: str
    notify_url: str
    shares: bool
    serial: str
    private_key: str
    apiv3_keys: tuple[str, ...]
    public_keys: tuple[tuple[str, str], ...]
    certificates: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"Keyring(code={self.code!r}, mchid={self.mchid!r}, base_url={self.base_url!r})"

    def owns(self, appid: object) -> bool:
        """True for one of the account's appids."""
        return isinstance(appid, str) and bool(appid) and appid in (self.appid, self.mini_appid)


def keyring_of(code: str, *, for_new_payment: bool = False) -> Keyring:
    """The keys of an account, read anew: a changed key counts from the next call on. "" is the default account.

    A retired account still serves what was begun with it. Raises CashierError NOT_CONFIGURED: no such account, retired
    (``for_new_payment``), or a key that is missing or cannot be decrypted.
    """
    where = Q(code=code) if code else Q(is_default=True)
    account = MerchantAccount.objects.filter(where).first()
    if account is None or (for_new_payment and account.state != AccountState.ACTIVE):
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    return ring_of(account)


def ring_of(account: MerchantAccount) -> Keyring:
    """The keys of an account. Raises CashierError NOT_CONFIGURED."""
    moment = now()
    try:
        keys = [key for key in account.keys.order_by("-valid_from", "-pk") if key.in_force(moment)]
    except DecryptionError:  # sealed with a field key that was taken away
        logger.error("a key of the merchant account %s cannot be decrypted: enter it again", account.code)
        raise CashierError(CashierErrorCode.NOT_CONFIGURED) from None
    own = _first(keys, KeyKind.API_CERTIFICATE)
    apiv3 = tuple(key.value for key in keys if key.kind == KeyKind.APIV3)
    if own is None or not apiv3:
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    return Keyring(
        pk=account.pk,
        code=account.code,
        mchid=account.mchid,
        appid=account.appid,
        mini_appid=account.mini_appid,
        base_url=account.base_url.rstrip("/"),
        notify_url=account.notify_url or notify_address(account.code),
        shares=account.shares,
        serial=own.serial,
        private_key=own.value,
        apiv3_keys=apiv3,
        public_keys=_pairs(keys, KeyKind.PUBLIC_KEY),
        certificates=_pairs(keys, KeyKind.PLATFORM_CERTIFICATE),
    )


def notify_address(code: str) -> str:
    """Where WeChat tells of an account's payments, each account at an address of its own."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/hooks/wechat_pay/notify/{code}"


def codes_of_accounts() -> list[str]:
    """Codes of all accounts, the default one first: who may have been meant by a notification that names none."""
    return list(MerchantAccount.objects.order_by("-is_default", "pk").values_list("code", flat=True))


def _first(keys: list[AccountKey], kind: KeyKind) -> AccountKey | None:
    return next((key for key in keys if key.kind == kind), None)


def _pairs(keys: list[AccountKey], kind: KeyKind) -> tuple[tuple[str, str], ...]:
    return tuple((key.serial, key.value) for key in keys if key.kind == kind)
