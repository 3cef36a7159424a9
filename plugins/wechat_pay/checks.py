"""What is wrong with a key or an account before anybody relies on it, in the words of the person who fills it in."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text

from .configuration import is_allowed_gateway
from .error_codes import WechatPayErrorCode as Code
from .errors import WechatPayError
from .models import KeyKind

_SERIAL = re.compile(r"[0-9A-F]{40}")
_PUBLIC_KEY_ID = re.compile(r"PUB_KEY_ID_[0-9]{10,60}")


def normalise_pem(text: str) -> str:
    r"""Undo what copying does to a PEM: escaped ``\n``, carriage returns, blanks around it."""
    return text.replace("\\n", "\n").replace("\r", "").strip()


def fingerprint_of(value: str) -> str:
    """What a key may be recognised by without being known: 16 hexadecimal characters."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def checked_key(kind: str, serial: str, value: str) -> tuple[str, str, datetime | None]:
    """A key as it is stored: serial, value, when it ends by itself. Raises WechatPayError INVALID with the field."""
    serial = serial.strip()
    value = normalise_pem(value)
    if kind == KeyKind.APIV3:
        if len(value.encode()) != 32:
            raise _wrong("value", _("APIv3 密钥必须正好 32 位"))
        return "", value, None
    if kind == KeyKind.API_CERTIFICATE:
        if not _SERIAL.fullmatch(serial.upper()):
            raise _wrong("serial", _("商户证书序列号是 40 位十六进制"))
        if not _is_private(value):
            raise _wrong("value", _("不是有效的 PEM 私钥，请粘贴 apiclient_key.pem 的全文"))
        return serial.upper(), value, None
    if kind == KeyKind.PUBLIC_KEY:
        if not _PUBLIC_KEY_ID.fullmatch(serial):
            raise _wrong("serial", _("微信支付公钥 ID 以 PUB_KEY_ID_ 开头"))
        if not _is_public(value):
            raise _wrong("value", _("不是有效的 PEM 公钥"))
        return serial, value, None
    try:
        certificate = x509.load_pem_x509_certificate(value.encode())
    except ValueError:
        raise _wrong("value", _("不是有效的 PEM 证书")) from None
    return f"{certificate.serial_number:X}", value, certificate.not_valid_after_utc


def check_account(values: dict[str, str]) -> None:
    """Raise WechatPayError INVALID for the first wrong field of an account."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", values.get("code", "")):
        raise _wrong("code", _("账户代码用小写字母、数字和短横线"))
    if not re.fullmatch(r"[0-9]{8,12}", values.get("mchid", "")):
        raise _wrong("mchid", _("商户号是 10 位数字"))
    for field, required in (("appid", True), ("mini_appid", False)):
        given = values.get(field, "")
        if (required or given) and not re.fullmatch(r"wx[0-9a-z]{16}", given):
            raise _wrong(field, _("AppID 以 wx 开头，共 18 位"))
    if not is_allowed_gateway(values.get("base_url", "")):
        raise _wrong("base_url", _("生产环境只能使用微信支付官方接口地址"))
    notify = values.get("notify_url", "")
    parts = urlsplit(notify)
    plain = settings.O2O_SANDBOX_ALLOWED and parts.scheme == "http"
    if notify and (not (parts.scheme == "https" or plain) or not parts.hostname or parts.query):
        raise _wrong("notify_url", _("通知地址应为不带参数的 https 地址"))


def _is_private(pem: str) -> bool:
    try:
        return isinstance(load_pem_private_key(pem.encode(), password=None), RSAPrivateKey)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _is_public(pem: str) -> bool:
    try:
        return isinstance(load_pem_public_key(pem.encode()), RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False


def _wrong(field: str, words: Text) -> WechatPayError:
    return WechatPayError(Code.INVALID, field, words)
