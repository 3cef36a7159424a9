"""Keys come and go side by side: a new one is added, both count, the old one is retired."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..checks import checked_key, fingerprint_of, normalise_pem
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

    One that was retired counts again, as the newest: WeChat lets a merchant go back to its public key and its
    certificates. Raises WechatPayError INVALID, KEY_KNOWN (it is in force).
    """
    serial, value, until = checked_key(kind, serial, value)
    lock_rows(MerchantAccount.objects.filter(pk=account.pk))
    refuse_in_force(account, kind, value)
    fingerprint = fingerprint_of(value)
    key, _made = AccountKey.objects.update_or_create(
        account=account, kind=kind, fingerprint=fingerprint,
        defaults={"serial": serial, "value": value, "valid_from": now(), "valid_to": until},
    )  # fmt: skip
    audit.record(KEY_ADDED, account, after={"kind": kind, "serial": serial, "fingerprint": fingerprint})
    return key


def refuse_in_force(account: MerchantAccount, kind: str, value: str) -> None:
    """Raise WechatPayError KEY_KNOWN when the account has this key, and it counts."""
    moment = now()
    known = account.keys.filter(kind=kind, fingerprint=fingerprint_of(value))
    if any(key.in_force(moment) for key in known):
        raise WechatPayError(Code.KEY_KNOWN, "value")


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
    # A certificate is known by its serial: people paste the same one with other blanks around it.
    certificates = account.keys.filter(kind=KeyKind.PLATFORM_CERTIFICATE)
    known = set(certificates.values_list("serial", flat=True))
    for serial, text, certificate in found:
        if serial in known:
            continue
        pem = normalise_pem(text)
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
