"""Keys come and go side by side: a new one is added, both count, the old one is retired."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..checks import checked_key, fingerprint_of
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..models import AccountKey, KeyKind, MerchantAccount

logger = logging.getLogger(__name__)

KEY_ADDED = audit.action("wechat_pay.key_added", _("录入微信商户密钥"))
KEY_RETIRED = audit.action("wechat_pay.key_retired", _("停用微信商户密钥"))
CERTIFICATES_FETCHED = audit.action("wechat_pay.certificates_fetched", _("更新微信支付平台证书"))


@transaction.atomic
def add_key(account: MerchantAccount, kind: str, serial: str, value: str) -> AccountKey:
    """Put a key in force from now on; older ones of its kind stay in force. Locks: the account.

    Raises WechatPayError INVALID, KEY_KNOWN.
    """
    serial, value, until = checked_key(kind, serial, value)
    lock_rows(MerchantAccount.objects.filter(pk=account.pk))
    fingerprint = fingerprint_of(value)
    if account.keys.filter(kind=kind, fingerprint=fingerprint).exists():
        raise WechatPayError(Code.KEY_KNOWN, "value")
    key = AccountKey.objects.create(
        account=account, kind=kind, serial=serial, value=value, fingerprint=fingerprint, valid_to=until
    )
    audit.record(KEY_ADDED, account, after={"kind": kind, "serial": serial, "fingerprint": fingerprint})
    return key


@transaction.atomic
def retire_key(key_pk: int) -> AccountKey:
    """End a key now; the last one of its kind that counts stays. Locks: the account. Raises WechatPayError LAST_KEY.

    Of WeChat's own keys one kind is enough: the public key, or platform certificates.
    """
    account_pk = AccountKey.objects.values_list("account_id", flat=True).get(pk=key_pk)
    lock_rows(MerchantAccount.objects.filter(pk=account_pk))
    key = AccountKey.objects.select_related("account").get(pk=key_pk)
    moment = now()
    others = [one for one in key.account.keys.exclude(pk=key.pk) if one.in_force(moment)]
    platform = (KeyKind.PUBLIC_KEY, KeyKind.PLATFORM_CERTIFICATE)
    kinds = platform if key.kind in platform else (key.kind,)
    if not any(one.kind in kinds for one in others):
        raise WechatPayError(Code.LAST_KEY)
    key.valid_to = moment
    key.save(update_fields=["valid_to"])
    audit.record(KEY_RETIRED, key.account, after={"kind": key.kind, "serial": key.serial})
    return key


def remember_certificates(account_pk: int, found: list[tuple[str, str, Any]]) -> None:
    """Keep the platform certificates that WeChat offered: (serial, PEM, certificate). Known ones stay as they are."""
    account = MerchantAccount.objects.get(pk=account_pk)
    made = []
    for serial, pem, certificate in found:
        _key, created = AccountKey.objects.get_or_create(
            account=account,
            kind=KeyKind.PLATFORM_CERTIFICATE,
            fingerprint=fingerprint_of(pem),
            defaults={
                "serial": serial,
                "value": pem,
                "valid_from": now(),
                "valid_to": certificate.not_valid_after_utc,
            },
        )
        if created:
            made.append(serial)
    if made:
        audit.record(CERTIFICATES_FETCHED, account, after={"serials": made})
        logger.info("merchant account %s: %s new platform certificates", account.code, len(made))
