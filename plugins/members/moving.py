"""How stock's rows of a customer move when two members become one, and what stays where it is."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from saleor.account.models import CustomerEvent, CustomerNote, User
from saleor.checkout.models import Checkout
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.wishlist.models import Wishlist

from plugins.org_hierarchy.interfaces import move_label, register_customer_move
from saleor_o2o.kernel.errors import Text

#: Rows with a foreign key to the customer, by what they are called in the record of a merge.
FOLLOWING: dict[str, tuple[type[Model], str, Text]] = {
    "stock.orders": (Order, "user", _("订单")),
    "stock.checkouts": (Checkout, "user", _("购物车")),
    "stock.events": (CustomerEvent, "user", _("操作记录")),
    "stock.notes": (CustomerNote, "customer", _("备注")),
    "stock.gift_cards": (GiftCard, "user", _("礼品卡")),
}
#: What the merge itself moves.
OWN: dict[str, Text] = {
    "members.identities": _("身份"),
    "members.visits": _("服务过的机构"),
    "members.profile": _("资料"),
    "members.records": _("旅客、户号、车辆、抬头、收藏、标签"),
}


def install() -> None:
    """Register; called once when the app is ready."""
    for name, (model, field, label) in FOLLOWING.items():
        register_customer_move(name, _by_key(model, field), label)
    register_customer_move("stock.addresses", _addresses, _("地址"))
    register_customer_move("stock.wishlist", _wishlist, _("心愿单"))


def label_of(name: str) -> str:
    """What to call moved rows in front of people."""
    return str(OWN[name]) if name in OWN else move_label(name)


def _by_key(model: type[Model], field: str) -> Any:
    def move(old: User, new: User) -> int:
        return int(model._default_manager.filter(**{field: old}).update(**{field: new}))

    return move


def _addresses(old: User, new: User) -> int:
    """Addresses go along; the default ones only where there were none."""
    found = list(old.addresses.all())
    new.addresses.add(*found)
    old.addresses.clear()
    for name in ("default_shipping_address", "default_billing_address"):
        if getattr(new, f"{name}_id") is None and getattr(old, f"{name}_id") is not None:
            setattr(new, f"{name}_id", getattr(old, f"{name}_id"))
        setattr(old, f"{name}_id", None)
    new.save(update_fields=["default_shipping_address", "default_billing_address"])
    old.save(update_fields=["default_shipping_address", "default_billing_address"])
    return len(found)


def _wishlist(old: User, new: User) -> int:
    """A wish list is one's only one: it goes along where there was none."""
    if Wishlist.objects.filter(user=new).exists():
        return 0
    return int(Wishlist.objects.filter(user=old).update(user=new))
