"""Which keys and which patterns never reach a log line or an audit entry in the clear."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .masking import HIDDEN, mask_bank_card, mask_id_number, mask_phone

Mask = Callable[[str], str]

# A key is secret when it contains one of these words, in any spelling (apiKey, API_KEY, x-api-key).
_SECRET_WORDS = (
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "apikey",
    "apiv3",
    "privatekey",
    "signature",
    "credential",
    "sessionid",
    "sessionkey",
    "openid",
    "unionid",
    "cvv",
    "pincode",
)

_masks: dict[str, Mask] = {}

_SECRET_PAIR = re.compile(
    r"""(?ix)
    (?P<key>[\w-]*?(?:password|passwd|secret|token|authorization|cookie|api[_-]?(?:v3[_-]?)?key|private[_-]?key
        |signature|credential|session[_-]?(?:id|key)|openid|unionid|cvv)[\w-]*)
    (?P<between>["']?\s*[:=]\s*)
    (?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:Bearer|JWT|Basic|WECHATPAY2-SHA256-RSA2048)\s+[^\s,;&}\]]+|[^\s,;&}\])]+)
    """
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)")
_ID_NUMBER = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_BANK_CARD = re.compile(r"(?<!\d)(?:62\d{14,17}|[45]\d{15})(?!\d)")


def register_sensitive(*keys: str, mask: Mask | None = None) -> None:
    """Name keys whose values are hidden in logs and audit entries; `mask` shows part of it instead."""
    for key in keys:
        _masks[_normal(key)] = mask or _hide


def is_sensitive(key: str) -> bool:
    """True when values under this key are hidden."""
    return _mask_of(key) is not None


def redact(value: Any, key: str = "") -> Any:
    """Return `value` with secrets and personal data hidden, in nested mappings and sequences too."""
    mask = _mask_of(key) if key else None
    if mask is not None:
        return value if value is None or value == "" else mask(str(value))
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {name: redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    return value


def redact_text(text: str) -> str:
    """Hide secret-looking `key=value` pairs, private keys, phones, ID numbers and bank cards in a text."""
    text = _PRIVATE_KEY.sub(HIDDEN, text)
    text = _SECRET_PAIR.sub(lambda match: f"{match['key']}{match['between']}{HIDDEN}", text)
    text = _ID_NUMBER.sub(lambda match: mask_id_number(match[0]), text)
    text = _BANK_CARD.sub(lambda match: mask_bank_card(match[0]), text)
    return _PHONE.sub(lambda match: mask_phone(match[0]), text)


def _normal(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def _mask_of(key: str) -> Mask | None:
    normal = _normal(key)
    mask = _masks.get(normal)
    if mask is None and any(word in normal for word in _SECRET_WORDS):
        return _hide
    return mask


def _hide(value: str) -> str:
    return HIDDEN


register_sensitive("phone", "mobile", "telephone", "contact_phone", "receiver_phone", mask=mask_phone)
register_sensitive("id_number", "id_card", "id_card_number", "identity_number", mask=mask_id_number)
register_sensitive("bank_account", "bank_card", "card_number", "account_number", mask=mask_bank_card)
