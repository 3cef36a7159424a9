"""Signatures and encryption of API v3: verify the merchant's requests, sign our answers, seal resources."""

from __future__ import annotations

import re
import secrets
import string
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from sandbox.wechat_pay.errors import ApiError
from sandbox.wechat_pay.keys import Keys, Merchant, Signer

SCHEME = "WECHATPAY2-SHA256-RSA2048"
TIMESTAMP_WINDOW = 300  # seconds
_PAIR = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')
# What WeChat documents for sensitive fields: RSA-OAEP with SHA-1.
_OAEP = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)  # noqa: S303
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
    UNKNOWN_SERIAL = "unknown_serial"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a merchant's client signs. `target` is the raw path with its query, without our own prefix."""

    method: str
    target: str
    body: bytes
    authorization: str


def verify_request(request: Signed, keys: Keys, now: float) -> Merchant:
    """Whose signature it is, or raise ApiError SIGN_ERROR. now: real epoch seconds."""
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
    merchant = keys.merchants.get(pairs["mchid"])
    key = merchant.certificates.get(pairs["serial_no"].upper()) if merchant else None
    if merchant is None or key is None:
        raise ApiError("SIGN_ERROR", "商户号与商户API证书序列号不匹配，或证书不存在")
    if not pairs["timestamp"].isascii() or not pairs["timestamp"].isdigit() or len(pairs["timestamp"]) > 12:
        raise ApiError("SIGN_ERROR", "Authorization 的 timestamp 错误")
    if abs(now - int(pairs["timestamp"])) > TIMESTAMP_WINDOW:
        raise ApiError("SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    head = f"{request.method}\n{request.target}\n{pairs['timestamp']}\n{pairs['nonce_str']}\n"
    try:
        signature = b64decode(pairs["signature"], validate=True)
        key.verify(signature, head.encode() + request.body + b"\n", PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        raise ApiError("SIGN_ERROR", "签名错误，请检查后再试") from None
    return merchant


def choose_signer(serial_header: str, keys: Keys, mode: KeyMode) -> Signer:
    """The key an answer is signed with: the one the request names, else the newest of the merchant's mode.

    Raises ApiError PARAM_ERROR when the header names a key that is not in force in this mode.
    """
    if not serial_header:
        return newest(keys, mode)
    for signer in keys.publics if mode is KeyMode.PUBLIC_KEY else keys.platforms:
        if signer.serial == serial_header:
            return signer
    raise ApiError("PARAM_ERROR", "请求头 Wechatpay-Serial 不是本商户可用的平台证书序列号或微信支付公钥ID")


def newest(keys: Keys, mode: KeyMode) -> Signer:
    """The key that notifications are signed with."""
    return (keys.publics if mode is KeyMode.PUBLIC_KEY else keys.platforms)[-1]


def unseal_field(text: str, keys: Keys) -> str | None:
    """A sensitive field that the merchant encrypted for us (RSA-OAEP, SHA-1); None when no key of ours fits."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    for signer in (*keys.publics, *keys.platforms):
        try:
            return signer.key.decrypt(raw, _OAEP).decode()
        except ValueError:
            continue
    return None


def signed_headers(body: bytes, signer: Signer, now: float, spoil: Spoil | None = None) -> dict[str, str]:
    """The five signature headers over `body`, which may be spoilt on purpose."""
    timestamp = str(int(now) - (3600 if spoil is Spoil.STALE else 0))
    nonce = random_text(32)
    text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    if spoil is Spoil.BAD_SIGNATURE:
        text += b"not what was sent"
    signature = b64encode(signer.key.sign(text, PKCS1v15(), SHA256())).decode()
    if spoil is Spoil.SIGNTEST:
        signature = "WECHATPAY/SIGNTEST/" + signature
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature,
        "Wechatpay-Serial": "0" * 40 if spoil is Spoil.UNKNOWN_SERIAL else signer.serial,
        "Wechatpay-Signature-Type": SCHEME,
    }


def seal(plaintext: bytes, apiv3_key: str, associated_data: str) -> dict[str, str]:
    """AEAD_AES_256_GCM under the APIv3 key, as in certificates and notifications."""
    nonce = random_text(12)
    sealed = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plaintext, associated_data.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated_data,
        "ciphertext": b64encode(sealed).decode(),
    }


def verify_pay_sign(lines: list[str], signature: str, merchant: Merchant) -> bool:
    """Whether the shop's browser parameters carry the merchant's signature. lines: in their order."""
    try:
        raw = b64decode(signature, validate=True)
    except ValueError:
        return False
    for key in merchant.certificates.values():
        try:
            key.verify(raw, "".join(f"{line}\n" for line in lines).encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            continue
        return True
    return False


def random_text(length: int) -> str:
    """Letters and digits from the system's random source."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
