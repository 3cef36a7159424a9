"""Who sees which pages: the kernel's scope policies, told in Saleor's own permissions.

Saleor's groups know thirteen permissions and break on others, so the back office asks for those and adds none.
"""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db.models import Model
from saleor.core.permissions import (
    AccountPermissions,
    BasePermissionEnum,
    DiscountPermissions,
    OrderPermissions,
    ProductPermissions,
)

from saleor_o2o.kernel.scope import ScopeUser, StaffPolicy, use_policy

SEE_ORDERS = OrderPermissions.MANAGE_ORDERS.value
SEE_PRODUCTS = ProductPermissions.MANAGE_PRODUCTS.value


class SeenWith(StaffPolicy):
    """Staff with one of Saleor's permissions see all rows; anything else needs Django's own permission."""

    def __init__(self, permission: BasePermissionEnum) -> None:
        self.permission: str = permission.value

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        return super().may(user, self.permission if action == "view" else action, obj)


def install_policies() -> None:
    """Say for every model of the pages which permission opens it; the kernel's own rows stay with superusers."""
    from saleor_o2o.cashier.models import (
        BlacklistEntry,
        CardMovement,
        MethodRule,
        Notification,
        OfflineTransfer,
        OrderRefund,
        Orphan,
        PartRefund,
        PaymentAttempt,
        PaymentIntent,
        PaymentPart,
        Refund,
        RiskRule,
    )
    from saleor_o2o.ordering.models import (
        OrderDeduction,
        OrderProfile,
        OrderTimeline,
        ProductTypeLine,
        Seller,
        SellerProduct,
        ShippingMethodMode,
        SubOrder,
        SubOrderLine,
        TimerRule,
    )

    from . import models

    orders = SeenWith(OrderPermissions.MANAGE_ORDERS)
    products = SeenWith(ProductPermissions.MANAGE_PRODUCTS)
    opened: dict[type[Model], SeenWith] = {
        models.Order: orders,
        models.Payment: orders,
        models.Transaction: orders,
        PaymentIntent: orders,
        PaymentAttempt: orders,
        Refund: orders,
        PaymentPart: orders,
        OrderRefund: orders,
        OfflineTransfer: orders,
        PartRefund: orders,
        Orphan: orders,
        CardMovement: orders,
        MethodRule: orders,
        RiskRule: orders,
        BlacklistEntry: orders,
        Notification: orders,
        OrderProfile: orders,
        SubOrder: orders,
        SubOrderLine: orders,
        OrderTimeline: orders,
        OrderDeduction: orders,
        Seller: products,
        SellerProduct: products,
        ProductTypeLine: products,
        ShippingMethodMode: products,
        TimerRule: products,
        models.Product: products,
        models.Stock: products,
        models.Warehouse: products,
        models.Voucher: SeenWith(DiscountPermissions.MANAGE_DISCOUNTS),
        models.User: SeenWith(AccountPermissions.MANAGE_USERS),
        Group: SeenWith(AccountPermissions.MANAGE_STAFF),
    }
    for model, policy in opened.items():
        use_policy(policy, model)
