"""The keys that sign vouchers: made when the first voucher is, changed by people, withdrawn when one got out."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import may_for_city
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.numbering import SHORT_ALPHABET
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed

from ...models import VoucherKey
from .. import codes
from ..access import KEYS
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..locks import VoucherLock

MADE = audit.action("ticketing.voucher_key_made", _("启用凭证密钥"))
WITHDRAWN = audit.action("ticketing.voucher_key_withdrawn", _("停用凭证密钥"))
#: Seconds that a process believes what it has read of the keys: so long a withdrawn one still counts elsewhere.
KEEP = 30.0


@dataclass(frozen=True)
class Key:
    """A key in memory; its secrets show in no repr."""

    code: str
    private: Ed25519PrivateKey = field(repr=False)
    public: Ed25519PublicKey = field(repr=False)
    master: bytes = field(repr=False)
    withdrawn: bool


_read: dict[str, Key] = {}
_read_at = float("-inf")


def key_of(code: str) -> Key | None:
    """The key of a code; None for one that is unknown or was withdrawn."""
    found = _keys().get(code) or _keys(fresh=True).get(code)
    return found if found is not None and not found.withdrawn else None


def signing_key() -> Key:
    """The newest key in force; the first time, one is made. In a transaction."""
    for fresh in (False, True):
        for key in _keys(fresh=fresh).values():
            if not key.withdrawn:
                return key
    advisory_lock(VoucherLock.KEY)
    if not VoucherKey.objects.filter(withdrawn_at=None).exists():
        _make(None)
    return next(key for key in _keys(fresh=True).values() if not key.withdrawn)


def public_keys() -> dict[str, str]:
    """Public keys in force, hexadecimal by code: for gates."""
    return dict(VoucherKey.objects.filter(withdrawn_at=None).values_list("code", "public"))


def rotate(by: Any) -> VoucherKey:
    """A new key signs from now on; what older ones signed stays good. Raises NotAllowed."""
    _require(by)
    with transaction.atomic():
        made = _make(by)
    forget()
    return made


def withdraw(by: Any, pk: int, reason: str) -> VoucherKey:
    """Nothing that this key signed is good any more: its vouchers have to be made anew (by the short code they still
    are). Raises NotAllowed, NOT_FOUND, REQUIRED."""
    _require(by)
    told = reason.strip()[:200]
    if not told:
        raise VoucherError(Code.REQUIRED, _("请写明事由"), "reason")
    with transaction.atomic():
        row = VoucherKey.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None:
            raise VoucherError(Code.NOT_FOUND, _("没有这个密钥"))
        if row.withdrawn_at is None:
            row.withdrawn_at = now()
            row.save(update_fields=["withdrawn_at"])
            audit.record(WITHDRAWN, row, after={"reason": told}, actor=actor_label(by))
    forget()
    return row


def forget() -> None:
    """Read the keys anew next time."""
    global _read_at
    _read_at = float("-inf")
    _read.clear()


def _require(by: Any) -> None:
    if not may_for_city(by, KEYS):
        raise NotAllowed


def _make(by: Any) -> VoucherKey:
    private = Ed25519PrivateKey.generate()
    code = "".join(secrets.choice(SHORT_ALPHABET) for _place in range(5)).lower()
    made = VoucherKey.objects.create(
        code=code,
        public=private.public_key().public_bytes_raw().hex(),
        private=private.private_bytes_raw().hex(),
        master=secrets.token_bytes(32).hex(),
    )
    audit.record(MADE, made, after={"code": code}, actor=actor_label(by) if by is not None else None)
    return made


def _keys(*, fresh: bool = False) -> dict[str, Key]:
    global _read_at
    if fresh or time.monotonic() - _read_at > KEEP:
        found = {}
        for row in VoucherKey.objects.order_by("-pk"):
            private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(row.private))
            found[row.code] = Key(
                row.code,
                private,
                private.public_key(),
                bytes.fromhex(row.master),
                row.withdrawn_at is not None,
            )
        _read.clear()
        _read.update(found)
        _read_at = time.monotonic()
    return _read


def secret_of(key: Key, product: int, session: int) -> bytes:
    """The secret of the time codes of what this key signed for a session or product."""
    return codes.session_secret(key.master, product, session)
