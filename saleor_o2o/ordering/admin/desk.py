"""订单台: every order of every business line, what hangs on it, and what the staff does with it all day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import choice, titled
from saleor_o2o.backoffice.columns import badge, column, link, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_address, masked_email, masked_person, masked_phone
from saleor_o2o.kernel.audit import directory

from ..access import CANCEL, EDIT, EXPORT, FULFIL, PRICE, may
from ..choices import State
from ..finding import HELP, matching
from ..models import OrderProfile
from ..selectors import sub_order_lines_of, sub_orders_of
from . import acting, reporting
from .filters import ChannelFilter, FlagFilter, LineFilter, PaidFilter, SellerFilter, UnitFilter
from .tables import STATE, deduction_tables, lines_table, parts_table, story_table


def _address(row: OrderProfile) -> Any:
    return row.order.shipping_address or row.order.billing_address


def _person(address: Any) -> str:
    return f"{address.last_name}{address.first_name}" if address else ""


def _name_units(rows: Sequence[Any]) -> None:
    """Put the unit's name in the place of its path, for all rows of a chunk together."""
    known = directory()
    names = known.names((), {row.org_path for row in rows if row.org_path}) if known is not None else {}
    for row in rows:
        row.o2o_unit_name = names.get(row.org_path, row.org_path)


def channel_words(kind: str) -> str:
    """What the channels call a kind of channel; the kind itself where they are not on."""
    if not apps.is_installed("plugins.channels"):
        return kind
    choices = apps.get_model("o2o_channels", "Channel")._meta.get_field("type").choices
    return str(dict(choices or ()).get(kind, kind))


ORDERS = Export(
    _("订单台"),
    EXPORT,
    (
        Cell(_("订单号"), "number"),
        Cell(_("商城编号"), "order_id"),
        Cell(_("下单时间"), "placed_at"),
        Cell(_("业务线"), "get_line_display"),
        Cell(_("状态"), "get_state_display"),
        Cell(_("关闭原因"), "get_cancel_reason_display"),
        Cell(_("渠道类型"), lambda row: channel_words(row.channel_type)),
        Cell(_("渠道代码"), "channel_code"),
        Cell(_("下单时机构"), "o2o_unit_name"),
        Cell(_("下单时金额"), "placed_total"),
        Cell(_("订单金额"), "total"),
        Cell(_("已退金额"), "refunded"),
        Cell(_("付款时间"), "paid_at"),
        Cell(_("发货完成时间"), "shipped_at"),
        Cell(_("收货完成时间"), "received_at"),
        Cell(_("完成时间"), "completed_at"),
        Cell(_("标记"), "get_flag_display"),
        Cell(_("备注"), "remark"),
        Cell(
            _("收货人"),
            lambda row: masked_person(_address(row)),
            whole=lambda row: _person(_address(row)),
        ),
        Cell(
            _("手机号"),
            lambda row: masked_phone(_address(row).phone) if _address(row) else "",
            # as people dial it: a leading + would be written as text with a quote before it
            whole=lambda row: str(_address(row).phone).removeprefix("+86") if _address(row) else "",
        ),
    ),
    unmask="customer.unmask",
    related=("order__shipping_address", "order__billing_address"),
    prepare=_name_units,
)


@admin.register(OrderProfile)
class OrderDesk(ReadOnlyAdmin):
    """The order desk; everything that changes an order goes through the services."""

    list_display = (
        "number", "c_when", "c_line", "c_state", "c_total", "customer", "phone", "c_channel", "c_flag", "c_remark",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (
        choice("state", "状态", STATE),
        LineFilter,
        SellerFilter,
        PaidFilter,
        FlagFilter,
        UnitFilter,
        ChannelFilter,
        ("placed_at", titled(RangeDateFilter, "下单时间")),
    )
    list_filter_submit = True
    list_select_related = ("order__shipping_address", "order__billing_address", "order__user")
    search_fields = ("number",)
    search_help_text = HELP
    ordering = ("-pk",)
    export = ORDERS
    actions = ("mark_chosen", "print_picking", "print_slips", "send_chosen")
    details = (
        (
            None,
            (
                "number", "c_state", "c_line", "c_order", "c_placed", "c_pay_by", "c_total", "c_placed_total",
                "c_refunded", "c_paid", "c_shipped", "c_received", "c_completed", "c_cancel",
            ),
        ),
        ("顾客与收货", ("customer", "phone", "address", "c_method", "c_note")),
        ("客服", ("c_flag", "c_remark", "c_twin")),
        ("归属", ("c_channel", "c_unit")),
    )  # fmt: skip

    c_order = column("order_id", "商城编号", lambda pk: f"#{pk}", order=None)
    c_placed = moment("placed_at", "下单时间")
    c_pay_by = moment("pay_by", "支付截止")
    c_paid = moment("paid_at", "付款")
    c_shipped = moment("shipped_at", "发货完成")
    c_received = moment("received_at", "收货完成")
    c_completed = moment("completed_at", "完成")
    c_total = money("total", "订单金额")
    c_placed_total = money("placed_total", "下单时金额")
    c_refunded = money("refunded", "已退金额")
    c_method = column("order__shipping_method_name", "配送方式", order=None)
    c_note = column("order__customer_note", "顾客留言", order=None)
    c_remark = column("remark", "备注", lambda text: text[:24], order=None)

    class Media:
        css = {"all": ("o2o_ordering/ordering.css",)}

    @admin.display(description=_("下单时间"), ordering="placed_at")
    def c_when(self, row: OrderProfile) -> str:
        """To the minute, so that a row stays a line."""
        return timezone.localtime(row.placed_at).strftime("%y-%m-%d %H:%M")

    @admin.display(description=_("业务线"), ordering="line")
    def c_line(self, row: OrderProfile) -> str:
        return str(row.get_line_display())

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: OrderProfile) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("关闭原因"))
    def c_cancel(self, row: OrderProfile) -> str:
        return str(row.get_cancel_reason_display()) if row.state == State.CLOSED else "—"

    @admin.display(description=_("标记"), ordering="flag")
    def c_flag(self, row: OrderProfile) -> Any:
        return acting.flag_of(row)

    @admin.display(description=_("疑似重复于"))
    def c_twin(self, row: OrderProfile) -> Any:
        if not row.duplicate_of_id:
            return "—"
        return link("o2o_ordering_orderprofile", row.duplicate_of_id, f"#{row.duplicate_of_id}")

    @admin.display(description=_("渠道"))
    def c_channel(self, row: OrderProfile) -> str:
        return " ".join(filter(None, (channel_words(row.channel_type), row.channel_code))) or "—"

    @admin.display(description=_("下单时机构"))
    def c_unit(self, row: OrderProfile) -> str:
        return acting.unit_name(row.org_path) or "—"

    @admin.display(description=_("顾客"))
    def customer(self, row: OrderProfile) -> str:
        """By mail; without one by the name of the address."""
        mail = row.order.user_email or (row.order.user.email if row.order.user else "")
        return masked_email(mail) if mail else masked_person(_address(row))

    @admin.display(description=_("手机号"))
    def phone(self, row: OrderProfile) -> str:
        found = _address(row)
        return masked_phone(found.phone) if found else "—"

    @admin.display(description=_("收货地址"))
    def address(self, row: OrderProfile) -> str:
        return masked_address(row.order.shipping_address)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = matching(search_term)
        return (queryset if found is None else queryset.filter(found)), False

    def tables(self, request: HttpRequest, obj: OrderProfile) -> list[Table]:
        from saleor_o2o.backoffice.admin.orders import money_tables

        return [
            parts_table(sub_orders_of(obj.pk)),
            lines_table(sub_order_lines_of(obj.pk)),
            *deduction_tables(obj.order),
            *money_tables(request, obj.order),
            story_table(obj),
        ]

    # -- what can be done ------------------------------------------------------------------------

    def doors(self, request: HttpRequest, obj: OrderProfile) -> Sequence[Mapping[str, Any]]:
        user, buttons = request.user, []
        waits = obj.state == State.PENDING_PAYMENT
        for shown, permission, title, icon, name in (
            (waits, PRICE, _("改价"), "price_change", "price"),
            (True, EDIT, _("标记与备注"), "flag", "mark"),
            (obj.paid_at is not None, FULFIL, _("拣货单"), "checklist", "picking"),
            (obj.paid_at is not None, FULFIL, _("发货单"), "print", "slips"),
            (
                obj.paid_at is not None and obj.state != State.CLOSED,
                FULFIL,
                _("发货"),
                "local_shipping",
                "ship",
            ),
            (waits, CANCEL, _("取消订单"), "cancel", "cancel"),
        ):
            if shown and may(user, permission, obj):
                buttons.append(door(title, icon, f"{reverse('admin:' + self._page(name))}?ids={obj.pk}"))
        buttons.append(
            door(_("支付与退款"), "payments", reverse("admin:o2o_backoffice_order_change", args=[obj.pk]))
        )
        return buttons

    def get_urls(self) -> list[Any]:
        def own(name: str, view: Any) -> Any:
            def wrapped(request: HttpRequest) -> Any:
                return view(self, request)

            return path(f"{name}/", self.admin_site.admin_view(wrapped), name=self._page(name))

        return [
            own("mark", acting.mark),
            own("price", acting.price),
            own("cancel", acting.cancel),
            own("ship", acting.ship),
            own("picking", acting.picking),
            own("slips", acting.slip_pages),
            own("report", reporting.report),
            *super().get_urls(),
        ]

    def has_mark_permission(self, request: HttpRequest) -> bool:
        """Needed for an action."""
        return may(request.user, EDIT, OrderProfile)

    def has_fulfil_permission(self, request: HttpRequest) -> bool:
        """Needed for an action."""
        return may(request.user, FULFIL, OrderProfile)

    @admin.action(description=_("标记与备注"), permissions=["mark"])
    def mark_chosen(self, request: HttpRequest, chosen: QuerySet[OrderProfile]) -> Any:
        return acting.onward(self, request, chosen, "mark", EDIT)

    @admin.action(description=_("打印拣货单"), permissions=["fulfil"])
    def print_picking(self, request: HttpRequest, chosen: QuerySet[OrderProfile]) -> Any:
        return acting.onward(self, request, chosen, "picking", FULFIL)

    @admin.action(description=_("打印发货单"), permissions=["fulfil"])
    def print_slips(self, request: HttpRequest, chosen: QuerySet[OrderProfile]) -> Any:
        return acting.onward(self, request, chosen, "slips", FULFIL)

    @admin.action(description=_("发货"), permissions=["fulfil"])
    def send_chosen(self, request: HttpRequest, chosen: QuerySet[OrderProfile]) -> Any:
        return acting.onward(self, request, chosen, "ship", FULFIL)
