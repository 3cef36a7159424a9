"""Signatures and encryption of API v3: verify the merchant's requests, sign our answers, seal resources."""

from __future__ import annotations

import re
import secrets
import string
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.wechat_pay.errors import ApiError
from sandbox.wechat_pay.keys import Keys

SCHEME = "WECHATPAY2-SHA256-RSA2048"
TIMESTAMP_WINDOW = 300  # seconds
_PAIR = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')
_ALPHABET = string.ascii_letters + string.digits


class KeyMode(StrEnum):
    """Which key of WeChat's the merchant verifies with: the platform certificate, or the newer public key."""

    PUBLIC_KEY = "public_key"
    CERTIFICATE = "certificate"


class Spoil(StrEnum):
    """Ways to make a signature wrong on purpose."""

    BAD_SIGNATURE = "bad_signature"
    SIGNTEST = "signtest"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a merchant's client signs. `target` is the raw path with its query, without our own prefix."""

    method: str
    target: str
    body: bytes
    authorization: str


def verify_request(request: Signed, keys: Keys, now: float) -> None:
    """Accept the merchant's signature, or raise ApiError SIGN_ERROR. now: real epoch seconds."""
    scheme, _, rest = request.authorization.partition(" ")
    if scheme != SCHEME:
        raise ApiError("SIGN_ERROR", f"Authorization 的认证类型应为 {SCHEME}")
    pairs: dict[str, str] = {}
    for part in rest.split(","):
        match = _PAIR.fullmatch(part)
        if not match:
            raise ApiError("SIGN_ERROR", "Authorization 的格式错误")
        pairs[match[1]] = match[2]
    missing = {"mchid", "nonce_str", "signature", "timestamp", "serial_no"} - pairs.keys()
    if missing:
        raise ApiError("SIGN_ERROR", f"Authorization 缺少 {'、'.join(sorted(missing))}")
    if pairs["mchid"] != keys.mchid or pairs["serial_no"].upper() != keys.merchant_serial:
        raise ApiError("SIGN_ERROR", "商户号与商户API证书序列号不匹配，或证书不存在")
    if not pairs["timestamp"].isascii() or not pairs["timestamp"].isdigit() or len(pairs["timestamp"]) > 12:
        raise ApiError("SIGN_ERROR", "Authorization 的 timestamp 错误")
    if abs(now - int(pairs["timestamp"])) > TIMESTAMP_WINDOW:
        raise ApiError("SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    head = f"{request.method}\n{request.target}\n{pairs['timestamp']}\n{pairs['nonce_str']}\n"
    try:
        signature = b64decode(pairs["signature"], validate=True)
        keys.merchant_public_key.verify(signature, head.encode() + request.body + b"\n", PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        raise ApiError("SIGN_ERROR", "签名错误，请检查后再试") from None


def choose_mode(serial_header: str, keys: Keys, mode: KeyMode) -> KeyMode:
    """The key an answer is signed with: the one the request names, else the merchant's mode.

    Raises ApiError PARAM_ERROR when the header names a key this merchant does not have.
    """
    known = {
        KeyMode.PUBLIC_KEY: keys.public_key_id,
        KeyMode.CERTIFICATE: keys.platform_serial,
    }
    if not serial_header or serial_header == known[mode]:
        return mode
    raise ApiError("PARAM_ERROR", "请求头 Wechatpay-Serial 不是本商户可用的平台证书序列号或微信支付公钥ID")


def signed_headers(
    body: bytes, keys: Keys, mode: KeyMode, now: float, spoil: Spoil | None = None
) -> dict[str, str]:
    """The five signature headers over `body`, which may be spoilt on purpose."""
    timestamp = str(int(now) - (3600 if spoil is Spoil.STALE else 0))
    nonce = random_text(32)
    text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    if spoil is Spoil.BAD_SIGNATURE:
        text += b"not what was sent"
    serial, key = _signer(keys, mode)
    signature = b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()
    if spoil is Spoil.SIGNTEST:
        signature = "WECHATPAY/SIGNTEST/" + signature
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": SCHEME,
    }


def _signer(keys: Keys, mode: KeyMode) -> tuple[str, rsa.RSAPrivateKey]:
    if mode is KeyMode.PUBLIC_KEY:
        return keys.public_key_id, keys.public_key_private
    return keys.platform_serial, keys.platform_key


def seal(plaintext: bytes, keys: Keys, associated_data: str) -> dict[str, str]:
    """AEAD_AES_256_GCM under the APIv3 key, as in certificates and notifications."""
    nonce = random_text(12)
    sealed = AESGCM(keys.apiv3_key.encode()).encrypt(nonce.encode(), plaintext, associated_data.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated_data,
        "ciphertext": b64encode(sealed).decode(),
    }


def verify_pay_sign(lines: list[str], signature: str, keys: Keys) -> bool:
    """Whether the shop's browser parameters carry the merchant's signature. lines: in their order."""
    try:
        raw = b64decode(signature, validate=True)
        keys.merchant_public_key.verify(
            raw, "".join(f"{line}\n" for line in lines).encode(), PKCS1v15(), SHA256()
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def random_text(length: int) -> str:
    """Letters and digits from the system's random source."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
