"""The merchant's configuration: edited in the Saleor dashboard, secrets encrypted before they are stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ValidationError
from saleor.plugins.models import PluginConfiguration

from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.kernel.crypto import DecryptionError, decrypt, encrypt

logger = logging.getLogger(__name__)

GATEWAY = "o2o.wechat_pay"
OFFICIAL_GATEWAYS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")

MCHID, APPID, SERIAL = "商户号", "AppID", "商户证书序列号"
PRIVATE_KEY, APIV3_KEY = "商户私钥", "APIv3密钥"
PUBLIC_KEY_ID, PUBLIC_KEY = "微信支付公钥ID", "微信支付公钥"
BASE_URL, NOTIFY_URL = "接口地址", "通知地址"

#: name → (is it a secret, help for the person who fills it in)
FIELDS: dict[str, tuple[bool, str]] = {
    MCHID: (False, "微信支付商户平台中的 10 位商户号"),
    APPID: (False, "与商户号绑定的公众号、小程序 AppID"),
    SERIAL: (False, "商户 API 证书的序列号（40 位十六进制）"),
    PRIVATE_KEY: (True, "apiclient_key.pem 的全文；保存后加密，不再显示"),
    APIV3_KEY: (True, "商户平台设置的 32 位 APIv3 密钥；保存后加密，不再显示"),
    PUBLIC_KEY_ID: (False, "以 PUB_KEY_ID_ 开头；留空则使用平台证书模式"),
    PUBLIC_KEY: (False, "微信支付公钥 PEM 全文；平台证书模式下留空"),
    BASE_URL: (False, "微信支付接口地址，一般不用改"),
    NOTIFY_URL: (False, "微信支付回调地址；留空则按本站地址生成"),
}
REQUIRED = (MCHID, APPID, SERIAL, PRIVATE_KEY, APIV3_KEY)
_SEALED = "enc:"


@dataclass(frozen=True)
class MerchantConfig:
    """A complete configuration, decrypted; never logged (its repr shows no secret)."""

    mchid: str
    appid: str
    serial: str
    private_key: str
    apiv3_key: str
    public_key_id: str
    public_key: str
    base_url: str
    notify_url: str

    def __repr__(self) -> str:
        return f"MerchantConfig(mchid={self.mchid!r}, base_url={self.base_url!r})"


def normalise_pem(text: str) -> str:
    r"""Undo what copying does to a PEM: escaped ``\n``, carriage returns, blanks around it."""
    return text.replace("\\n", "\n").replace("\r", "").strip()


def seal(items: list[dict[str, Any]]) -> None:
    """Encrypt the secret values of a configuration in place; sealed ones stay as they are."""
    for item in items:
        secret = FIELDS.get(item["name"], (False, ""))[0]
        value = item.get("value")
        if secret and value and not value.startswith(_SEALED):
            item["value"] = _SEALED + encrypt(normalise_pem(value))


def open_values(items: list[dict[str, Any]]) -> dict[str, str]:
    """The configuration's values by name, secrets decrypted, PEMs normalised."""
    return {item["name"]: _opened(item["name"], str(item.get("value") or "")) for item in items}


def _opened(name: str, value: str) -> str:
    if not value.startswith(_SEALED):
        return normalise_pem(value)
    try:
        return decrypt(value.removeprefix(_SEALED))
    except DecryptionError:  # sealed with a key that was taken away, or not by us at all
        logger.error("the stored value of %s cannot be decrypted: enter it again", name)
        return ""


def problems(values: dict[str, str]) -> dict[str, str]:
    """What is wrong with a configuration, by field name, in the words of the person who fills it in."""
    found = {name: "必填" for name in REQUIRED if not values.get(name)}
    key = values.get(PRIVATE_KEY)
    if key:
        try:
            usable = isinstance(load_pem_private_key(key.encode(), password=None), RSAPrivateKey)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            usable = False
        if not usable:
            found[PRIVATE_KEY] = "不是有效的 PEM 私钥，请粘贴 apiclient_key.pem 的全文"
    if values.get(APIV3_KEY) and len(values[APIV3_KEY].encode()) != 32:
        found[APIV3_KEY] = "APIv3 密钥必须正好 32 位"
    if bool(values.get(PUBLIC_KEY_ID)) != bool(values.get(PUBLIC_KEY)):
        found[PUBLIC_KEY] = "微信支付公钥和公钥ID要么都填，要么都不填"
    elif values.get(PUBLIC_KEY):
        try:
            usable = isinstance(load_pem_public_key(values[PUBLIC_KEY].encode()), RSAPublicKey)
        except (ValueError, UnsupportedAlgorithm):
            usable = False
        if not usable:
            found[PUBLIC_KEY] = "不是有效的 PEM 公钥"
    base = values.get(BASE_URL) or OFFICIAL_GATEWAYS[0]
    if base not in OFFICIAL_GATEWAYS and not settings.O2O_SANDBOX_ALLOWED:
        found[BASE_URL] = "生产环境只能使用微信支付官方接口地址"
    return found


def validate(values: dict[str, str]) -> None:
    """Raise ValidationError with one Chinese message per wrong field."""
    wrong = problems(values)
    if wrong:
        raise ValidationError(
            {
                "configuration": [
                    ValidationError(f"{name}：{text}", code="invalid") for name, text in wrong.items()
                ]
            }
        )


def load_merchant(*, for_new_payment: bool = False) -> MerchantConfig:
    """Read the configuration. Raises CashierError NOT_CONFIGURED where it is incomplete, or off for a new payment."""
    row = PluginConfiguration.objects.filter(identifier=GATEWAY).first()
    values = open_values(row.configuration) if row is not None else {}
    if row is None or (for_new_payment and not row.active) or not all(values.get(name) for name in REQUIRED):
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    return MerchantConfig(
        mchid=values[MCHID],
        appid=values[APPID],
        serial=values[SERIAL],
        private_key=values[PRIVATE_KEY],
        apiv3_key=values[APIV3_KEY],
        public_key_id=values.get(PUBLIC_KEY_ID, ""),
        public_key=values.get(PUBLIC_KEY, ""),
        base_url=(values.get(BASE_URL) or OFFICIAL_GATEWAYS[0]).rstrip("/"),
        notify_url=values.get(NOTIFY_URL) or f"{settings.PUBLIC_URL.rstrip('/')}/hooks/wechat_pay/notify",
    )


def require_usable(config: MerchantConfig) -> None:
    """Raise CashierError NOT_CONFIGURED for keys that nothing can be signed or verified with."""
    values = {
        MCHID: config.mchid,
        APPID: config.appid,
        SERIAL: config.serial,
        PRIVATE_KEY: config.private_key,
        APIV3_KEY: config.apiv3_key,
        PUBLIC_KEY_ID: config.public_key_id,
        PUBLIC_KEY: config.public_key,
        BASE_URL: config.base_url,
    }
    if problems(values):
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
