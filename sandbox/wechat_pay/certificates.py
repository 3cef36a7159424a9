"""GET /v3/certificates: the sealed platform certificate, for merchants of the older mode."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.clock import rfc3339
from sandbox.wechat_pay.errors import ApiError
from sandbox.wechat_pay.keys import Merchant
from sandbox.wechat_pay.signing import KeyMode, seal
from sandbox.wechat_pay.system import WechatPay


def certificates(system: WechatPay, merchant: Merchant) -> dict[str, Any]:
    """The list of our certificates in force. Raises ApiError RESOURCE_NOT_EXISTS in public-key mode."""
    if system.options().key_mode is KeyMode.PUBLIC_KEY:
        raise ApiError("RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥")
    listed = []
    for signer in system.keys.platforms:
        if signer.certificate is None:
            continue
        listed.append(
            {
                "serial_no": signer.serial,
                "effective_time": rfc3339(signer.certificate.not_valid_before_utc.timestamp()),
                "expire_time": rfc3339(signer.certificate.not_valid_after_utc.timestamp()),
                "encrypt_certificate": seal(
                    signer.certificate.public_bytes(Encoding.PEM), merchant.apiv3_key, "certificate"
                ),
            }
        )
    return {"data": listed}
