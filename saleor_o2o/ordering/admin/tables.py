"""What hangs on an order's page: parts, goods, the story."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, badge, link
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.audit import directory
from saleor_o2o.kernel.request import ANONYMOUS

from ..choices import State
from ..deductions.keeping import kept_of
from ..deductions.taking import SOURCES_KEY
from ..history import entries_of
from ..models import OrderProfile, OrderTimeline, SubOrder, SubOrderLine

STATE = {value: str(label) for value, label in State.choices}
_NOBODY = {ANONYMOUS: "顾客（未登录）", "system": "系统"}


def parts_table(rows: list[SubOrder]) -> Table:
    """The parts with their money."""
    return Table(
        "子订单",
        ("子订单号", "销售方", "仓库", "交付", "状态", "商品", "优惠", "运费", "抵扣", "应付", "自动收货", "售后截止"),
        [
            (link("o2o_ordering_suborder", row.pk, row.number[-2:]), row.seller or "自营", row.warehouse or "—",
             row.get_mode_display(), badge(row.state, STATE), yuan(row.goods), yuan(row.discount),
             yuan(row.shipping), yuan(row.prepaid), yuan(row.total), at(row.receive_by), at(row.after_sale_until))
            for row in rows
        ],
    )  # fmt: skip


def lines_table(lines: list[SubOrderLine]) -> Table:
    """The goods of the parts."""
    return Table(
        "商品明细",
        ("子订单", "商品", "规格", "SKU", "单价", "数量", "已交付", "优惠", "应付"),
        [
            (line.sub_order.number[-2:], line.order_line.product_name, line.order_line.variant_name or "—",
             line.order_line.product_sku, yuan(line.order_line.unit_price_gross_amount), line.quantity,
             line.shipped, yuan(line.discount), yuan(line.total))
            for line in lines
        ],
    )  # fmt: skip


def deduction_tables(order: Any) -> list[Table]:
    """What lowered the order beside sales and vouchers, by thing used and line; none for most orders."""
    if not (order.private_metadata or {}).get(SOURCES_KEY):
        return []
    return [
        Table(
            "优惠明细",
            ("优惠", "名称", "凭据", "商品", "抵扣"),
            [
                (kept.source_title, kept.title, kept.reference,
                 row.order_line.product_name if row.order_line is not None else "运费", yuan(row.amount))
                for kept in kept_of([order.pk]).get(order.pk, [])
                for row in kept.rows
            ],
        )
    ]  # fmt: skip


def story_table(profile: OrderProfile) -> Table:
    """What happened, the newest first: who, when, from where, before and after."""
    entries = entries_of(profile)
    names = _names({entry.actor for entry in entries})
    if profile.order.user_id is not None:
        names[f"user:{profile.order.user_id}"] = "顾客"
    return Table(
        "时间线",
        ("时间", "事项", "说明", "操作者", "来源", "变更"),
        [
            (at(entry.at), entry.get_kind_display(), _wrapped(entry.text), names.get(entry.actor, entry.actor),
             "　".join(filter(None, (entry.source, entry.ip))) or "—", _change(entry))
            for entry in reversed(entries)
        ],
    )  # fmt: skip


def _names(actors: set[str]) -> dict[str, str]:
    known = directory()
    found = known.names(actors, ()) if known is not None else {}
    for actor in actors - found.keys():
        if actor in _NOBODY:
            found[actor] = _NOBODY[actor]
        elif actor.startswith(("task:", "event:")):
            found[actor] = "系统"
        elif actor.startswith("user:"):
            found[actor] = f"用户 {actor[5:]}"
    return found


def _wrapped(text: str) -> Any:
    return format_html('<span class="o2o-order-text">{}</span>', text)


def _change(entry: OrderTimeline) -> Any:
    told = []
    for name in entry.before:
        before, after = entry.before.get(name), entry.after.get(name)
        if before == after or isinstance(before or after, dict | list):
            continue
        words = [STATE.get(str(one), one) for one in (before, after) if one not in (None, "")]
        told.append(" → ".join(str(one) for one in words))
    return format_html('<span class="o2o-order-text">{}</span>', "；".join(told) or "—")
