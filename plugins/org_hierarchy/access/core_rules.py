"""Resources and rules of what is there without us: stock's rows, the cashier's, the kernel's, and our own tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import use_directory
from saleor_o2o.kernel.scope import use_organisation

from ..audit_names import AuditNames
from ..models import CustomerHome, OrderAttribution, OrgUnit, Staff
from ..paths import keys_of
from .grants import Reach
from .policy import Organised
from .registry import declare, scoped

ORDERS = ("order.manage_orders",)
PRODUCTS = ("product.manage_products",)
USERS = ("account.manage_users",)


def install() -> None:
    """Declare and register; called once when the app is ready."""
    _declare()
    _rules_of_the_tree()
    _rules_of_trade()
    _rules_of_the_kernel()
    use_organisation(Organised())
    use_directory(AuditNames())


def _declare() -> None:
    declare(
        "order", _("订单"),
        {
            "view": _("查看"), "create": _("代客下单"), "edit": _("修改"), "fulfil": _("发货"), "cancel": _("取消"),
            "refund": _("退款"), "price": _("改价"), "export": _("导出"), "delete": _("删除草稿"),
        },
        saleor=dict.fromkeys(("view", "create", "edit", "fulfil", "cancel", "refund", "price", "delete"), ORDERS),
    )  # fmt: skip
    declare(
        "customer", _("顾客"),
        {"view": _("查看"), "edit": _("修改"), "unmask": _("查看完整手机号和证件号"), "export": _("导出")},
        saleor={"view": USERS, "edit": USERS},
    )  # fmt: skip
    declare(
        "payment", _("资金"),
        {
            "view": _("查看"), "export": _("导出"), "refund": _("退款与登记人工退回"),
            "close": _("查询与关闭支付、重新处理通知"),
            "risk": _("风控放行与拒绝"), "transfer_check": _("转账到账确认（出纳）"),
            "transfer_confirm": _("转账复核（会计）"), "configure": _("支付方式与限额"), "blacklist": _("支付黑名单"),
        },
        saleor={"view": ORDERS},
    )  # fmt: skip
    declare(
        "product",
        _("商品与库存"),
        {"view": _("查看"), "edit": _("修改")},
        saleor={"edit": PRODUCTS, "view": PRODUCTS},
    )
    declare(
        "promotion", _("促销"), {"view": _("查看"), "edit": _("修改")},
        saleor={"view": ("discount.manage_discounts",), "edit": ("discount.manage_discounts",)},
    )  # fmt: skip
    declare(
        "org_unit", _("机构"),
        {
            "view": _("查看"), "create": _("新建下级"), "edit": _("修改"), "move": _("变更隶属"),
            "close": _("停用与撤并"), "import": _("导入"), "export": _("导出"), "account": _("结算账户"),
        },
    )  # fmt: skip
    # Nobody gets stock's account.manage_staff: it reaches every login of the city and knows nothing of hand-over.
    declare(
        "staff", _("人员"),
        {
            "view": _("查看"), "create": _("新建"), "edit": _("修改"), "leave": _("离职交接"),
            "import": _("导入"), "unmask": _("查看完整手机号和证件号"), "export": _("导出"), "delegate": _("临时委托"),
        },
    )  # fmt: skip
    declare(
        "role",
        _("角色"),
        {
            "view": _("查看"),
            "create": _("新建"),
            "edit": _("修改"),
            "grant": _("授予"),
            "confirm": _("复核授权"),
        },
    )
    declare("audit", _("审计"), {"view": _("查看"), "export": _("导出")})
    declare("system", _("系统"), {"view": _("查看系统记录")})


def _rules_of_the_tree() -> None:
    from .. import models

    scoped(models.OrgUnit, "org_unit", unit="self")
    scoped(models.UnitVersion, "org_unit", unit="unit")
    scoped(models.PlannedMove, "org_unit", unit="unit")
    scoped(models.SettlementAccount, "org_unit", unit="unit")
    scoped(models.Department, "org_unit", unit="unit")
    scoped(models.Post, "role", rows=_made_at_or_above)
    scoped(models.Staff, "staff", unit="unit", owner="user_id")
    scoped(models.StaffPost, "staff", unit="unit", owner="staff__user_id")
    scoped(models.Role, "role", rows=_made_at_or_above)
    scoped(models.RoleGrant, "role", unit="unit", owner="staff__user_id")
    scoped(models.OrderAttribution, "order", unit="unit", owner="operator_id")


def _made_at_or_above(reach: Reach) -> Q:
    """The company's roles and posts, what the units in reach made, and what was made above for them to use."""
    above = {key for path in reach.paths for key in keys_of(path)}
    return Q(owner__isnull=True) | Q(owner__in=sorted(above)) | reach.on_units("owner")


def _rules_of_trade() -> None:
    from saleor.account.models import Address, CustomerEvent, User
    from saleor.discount.models import Voucher
    from saleor.order.models import Fulfillment, FulfillmentLine, Order, OrderEvent, OrderLine
    from saleor.payment.models import Payment, Transaction
    from saleor.product.models import Product
    from saleor.warehouse.models import Stock, Warehouse

    from saleor_o2o.backoffice import models as pages

    def cashiers(name: str) -> type[Model]:
        # The cashier stands above the organisation and may not be imported here.
        return apps.get_model("o2o_cashier", name)

    def orderings(name: str) -> type[Model]:
        return apps.get_model("o2o_ordering", name)

    def by_order(model: type[Model], resource: str, to_order: str) -> None:
        prefix = f"{to_order}__o2o_attribution" if to_order else "o2o_attribution"
        scoped(model, resource, unit=f"{prefix}__unit", owner=f"{prefix}__operator_id")

    by_order(Order, "order", "")
    by_order(pages.Order, "order", "")
    for related in (OrderLine, OrderEvent, Fulfillment):
        by_order(related, "order", "order")
    by_order(FulfillmentLine, "order", "fulfillment__order")
    for money, to_order in (
        (Payment, "order"),
        (pages.Payment, "order"),
        (Transaction, "payment__order"),
        (pages.Transaction, "payment__order"),
        (cashiers("PaymentIntent"), "order"),
        (cashiers("PaymentAttempt"), "intent__order"),
        (cashiers("SubTrade"), "attempt__intent__order"),
        (cashiers("Refund"), "attempt__intent__order"),
        (cashiers("PaymentPart"), "intent__order"),
        (cashiers("OrderRefund"), "intent__order"),
        (cashiers("PartRefund"), "part__intent__order"),
        (cashiers("OfflineTransfer"), "intent__order"),
        (cashiers("Orphan"), "order"),
        (cashiers("CardMovement"), "part__intent__order"),
    ):
        by_order(money, "payment", to_order)
    scoped(cashiers("Notification"), "payment")
    for mine, to_order in (
        ("OrderProfile", "order"),
        ("SubOrder", "order"),
        ("SubOrderLine", "sub_order__order"),
        ("OrderTimeline", "order"),
        ("OrderDeduction", "order"),
    ):
        by_order(orderings(mine), "order", to_order)
    for rule in ("Seller", "SellerProduct", "ProductTypeLine", "ShippingMethodMode", "TimerRule"):
        scoped(orderings(rule), "product", city_wide=True)
    scoped(cashiers("BlacklistEntry"), "payment")
    for rule in ("MethodRule", "RiskRule"):
        scoped(cashiers(rule), "payment", rows=_payment_rules)
    for user in (User, pages.User):
        scoped(user, "customer", rows=_customers, also={"staff": _colleagues})
    tie_customers("taken_in", _taken_in)
    for hanging, of in ((CustomerEvent, _events_of), (Address, _addresses_of)):
        scoped(hanging, "customer", rows=of(_customers), also={"staff": of(_colleagues)})
    for goods in (Product, pages.Product, Stock, pages.Stock, Warehouse, pages.Warehouse):
        scoped(goods, "product", city_wide=True)
    for voucher in (Voucher, pages.Voucher):
        scoped(voucher, "promotion", city_wide=True)
    scoped(Group, "role")


def _payment_rules(reach: Reach) -> Q:
    """The city's own are everybody's to read; a unit's belong to the unit."""
    if not reach.paths and not reach.units:
        return Q(unit_key__isnull=True)
    units = OrgUnit.objects.filter(reach.on_units("")).order_by().values("pk")
    return Q(unit_key__isnull=True) | Q(unit_key__in=units)


#: Conditions by which else a customer belongs to units: bound by a channel, known at a counter.
_ties: dict[str, Callable[[Reach], Q]] = {}


def tie_customers(name: str, rows: Callable[[Reach], Q]) -> None:
    """Let people see customers for another reason than an order: `rows(reach)` is a condition on users.

    Raises ValueError for a name that is taken.
    """
    if name in _ties:
        raise ValueError(f"customers are already tied by {name!r}")
    _ties[name] = rows


def _customers(reach: Reach) -> Q:
    """Customers with an order in reach, or tied to a unit in reach."""
    customers = Q(is_staff=False)
    if reach.everything:
        return customers
    orders = OrderAttribution.objects.filter(order__user_id=OuterRef("pk"))
    condition = Q(Exists(orders.filter(_or_own(reach, "unit", "operator_id"))))
    for rows in _ties.values():
        condition |= rows(reach)
    return customers & condition


def _taken_in(reach: Reach) -> Q:
    homes = CustomerHome.objects.filter(customer_id=OuterRef("pk"))
    return Q(Exists(homes.filter(_or_own(reach, "unit", "made_by_id"))))


def _colleagues(reach: Reach) -> Q:
    """Staff with a file in reach."""
    staff = Q(is_staff=True)
    if reach.everything:
        return staff
    files = Staff.objects.filter(user_id=OuterRef("pk"))
    return staff & Q(Exists(files.filter(_or_own(reach, "unit", "user_id"))))


def _events_of(people: Callable[[Reach], Q]) -> Callable[[Reach], Q]:
    """What happened to a customer; not what happened to orders that others look after."""

    def rows(reach: Reach) -> Q:
        about = Q(user__in=_users(people, reach))
        if reach.everything:
            return about
        order = "order__o2o_attribution"
        return about & (Q(order__isnull=True) | _or_own(reach, f"{order}__unit", f"{order}__operator_id"))

    return rows


def _addresses_of(people: Callable[[Reach], Q]) -> Callable[[Reach], Q]:
    def rows(reach: Reach) -> Q:
        from saleor.account.models import User

        kept = User.addresses.through.objects.filter(user__in=_users(people, reach))
        return Q(pk__in=kept.values("address_id"))

    return rows


def _users(people: Callable[[Reach], Q], reach: Reach) -> Any:
    from saleor.account.models import User

    return User.objects.filter(people(reach)).order_by().values("pk")


def _or_own(reach: Reach, unit: str, owner: str) -> Q:
    condition = reach.on_units(unit)
    return condition | Q(**{owner: reach.own}) if reach.own is not None else condition


def _rules_of_the_kernel() -> None:
    from saleor_o2o.kernel.models import (
        AuditEntry,
        EventDelivery,
        EventRecord,
        IdempotencyRecord,
        StateMove,
    )

    scoped(AuditEntry, "audit", rows=_audit)
    for record in (StateMove, EventRecord, EventDelivery, IdempotencyRecord):
        scoped(record, "system")


def _audit(reach: Reach) -> Q:
    """Lines of units in reach, under the path of the time; and one's own."""
    condition = Q(pk__in=[])
    for path in sorted(reach.paths):
        condition |= Q(org_path__startswith=path)
    if reach.units:
        condition |= Q(org_path__in=OrgUnit.objects.filter(pk__in=sorted(reach.units)).values("path"))
    if reach.own is not None:
        condition |= Q(actor=f"user:{reach.own}")
    return condition
