"""Demo: accounts of the sandbox's merchants, the city's own and two sellers'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import Product

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.ordering.models import Seller, SellerProduct

from .keyring import GATEWAY
from .models import MerchantAccount
from .services.accounts import add_account

#: Merchant number at the sandbox → (account code, name as registered there, word in the names of the seller's goods).
SELLERS = {
    "1900009192": ("fengjie", "奉节果农合作社", "脐橙"),
    "1900009193": ("jiangjin", "江津花椒坊", "花椒"),
}


def seed(context: Any) -> None:
    """Switch WeChat Pay on with the sandbox's key material; says so and does nothing where there is none."""
    folder = Path(settings.SANDBOX_DIR) / "wechat_pay"
    if not settings.O2O_SANDBOX_ALLOWED or not (folder / "merchant.json").is_file():
        context.say("微信支付：没有找到沙箱的商户密钥，跳过")
        return
    configure_from_sandbox(folder, settings.SANDBOX_URL)
    for mchid, (code, name, word) in SELLERS.items():
        own = folder / "merchants" / mchid
        if (own / "merchant.json").is_file():
            seller = _seller_of(code, name, word)
            account_from_sandbox(own, settings.SANDBOX_URL, code=code, name=name, seller=seller)
    context.say(f"微信支付：已接入沙箱商户 {MerchantAccount.objects.count()} 个")


def _seller_of(code: str, name: str, word: str) -> str:
    """Whose goods these are: the seller of the shop's seeds, or one of ours where the goods have none yet."""
    goods = Product.objects.filter(name__contains=word)
    known = SellerProduct.objects.filter(product__in=goods).select_related("seller").first()
    if known is not None:
        return known.seller.code
    seller, _made = Seller.objects.get_or_create(code=code, defaults={"name": name})
    for product in goods:
        SellerProduct.objects.get_or_create(product=product, defaults={"seller": seller})
    return seller.code


def configure_from_sandbox(folder: Path, sandbox_url: str, notify_url: str = "") -> MerchantAccount:
    """Write the default account from a sandbox's folder and switch WeChat Pay on."""
    account = account_from_sandbox(
        folder, sandbox_url, code="main", name="重庆邮政便民生活", notify_url=notify_url, is_default=True
    )
    PluginConfiguration.objects.update_or_create(
        identifier=GATEWAY, defaults={"active": True, "configuration": []}
    )
    return account


def account_from_sandbox(
    folder: Path,
    sandbox_url: str,
    *,
    code: str,
    name: str,
    seller: str = "",
    notify_url: str = "",
    is_default: bool = False,
) -> MerchantAccount:
    """Write an account from a merchant's folder, once; the address of the sandbox and of notifications is kept up."""
    base_url = f"{sandbox_url.rstrip('/')}/wechat_pay"
    known = MerchantAccount.objects.filter(code=code).first()
    if known is not None:
        MerchantAccount.objects.filter(pk=known.pk).update(base_url=base_url, notify_url=notify_url)
        return MerchantAccount.objects.get(pk=known.pk)
    merchant = json.loads((folder / "merchant.json").read_text())
    root = OrgUnit.objects.filter(parent__isnull=True).order_by("pk").first()
    return add_account(
        {
            "code": code,
            "name": name,
            "mchid": merchant["mchid"],
            "appid": merchant["appid"],
            "mini_appid": merchant.get("mini_appid", ""),
            "seller": seller,
            "unit_id": root.pk if root else None,
            "is_default": is_default,
            "shares": is_default,
            "base_url": base_url,
            "notify_url": notify_url,
            "serial": merchant["cert_serial_no"],
            "private_key": (folder / merchant["private_key_file"]).read_text(),
            "apiv3_key": merchant["apiv3_key"],
            "public_key_id": merchant["public_key_id"],
            "public_key": (folder / merchant["public_key_file"]).read_text(),
        }
    )
