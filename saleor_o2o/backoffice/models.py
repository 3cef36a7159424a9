"""Saleor's rows under Chinese names: proxies without a table, so that Saleor's own classes stay as they are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from saleor.account import models as account
from saleor.discount import models as discount
from saleor.order import models as order
from saleor.payment import models as payment
from saleor.product import models as product
from saleor.warehouse import models as warehouse


class Order(order.Order):
    """An order."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("订单")


class Payment(payment.Payment):
    """Saleor's side of a payment."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("支付（Saleor）")


class Transaction(payment.Transaction):
    """One movement of a payment."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("交易流水")


class User(account.User):
    """A customer or a member of the staff."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("用户")

    def __str__(self) -> str:
        # Saleor's says the mail address, and titles would show it whole.
        return f"#{self.pk}"


class Product(product.Product):
    """A product."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("商品")


class Stock(warehouse.Stock):
    """What lies in a warehouse."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("库存")


class Warehouse(warehouse.Warehouse):
    """A warehouse."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("仓库")


class Voucher(discount.Voucher):
    """A voucher."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("优惠券")
