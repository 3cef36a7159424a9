"""All of a member on one page: what he says of himself, where he lives, what he ordered, and what others add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from saleor.order.models import Order

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.backoffice.customers import MOST, customer_parts
from saleor_o2o.backoffice.labels import ORDER_STATUS, yuan
from saleor_o2o.backoffice.privacy import masked_person, masked_phone
from saleor_o2o.kernel.masking import HIDDEN, mask_name
from saleor_o2o.kernel.scope import rows_for

from ..models import Member
from ..services.addresses import addresses_of
from ..services.records import PASSENGER, PAYER, TITLE, VEHICLE, records_of


def around(request: HttpRequest, member: Member) -> list[Table]:
    """The parts of the page, those of other plugins last."""
    return [
        _addresses(member),
        *_records(member),
        _orders(request, member),
        *customer_parts(request, member.user),
    ]


def _records(member: Member) -> list[Table]:
    """What there is of passengers, vehicles, payer numbers and invoice titles, masked; nothing of what there is not."""
    travelling = [
        (mask_name(one.name), one.get_kind_display(), one.get_paper_display(), one.masked,
         one.masked_mobile or "—", one.get_verified_display())
        for one in records_of(member, PASSENGER)
    ]  # fmt: skip
    driving = [
        (one.masked, _("新能源") if one.new_energy else "", one.model or "—", one.registered_on or "—",
         one.inspection_due or "—", one.insurance_due or "—")
        for one in records_of(member, VEHICLE)
    ]  # fmt: skip
    paying = [
        (one.get_service_display(), one.biller, one.masked, one.label or "—")
        for one in records_of(member, PAYER)
    ]
    invoiced = [
        (
            "✓" if one.is_default else "",
            one.get_kind_display(),
            mask_name(one.title),
            one.masked_tax_number or "—",
        )
        for one in records_of(member, TITLE)
    ]
    found = (
        Table(
            _("常用旅客"), (_("姓名"), _("类型"), _("证件"), _("证件号"), _("电话"), _("实名")), travelling
        ),
        Table(
            _("车辆"),
            (_("车牌"), _("号牌"), _("品牌型号"), _("注册登记"), _("年检到期"), _("交强险到期")),
            driving,
        ),
        Table(_("缴费户号"), (_("业务"), _("收费单位"), _("户号"), _("备注")), paying),
        Table(_("发票抬头"), (_("默认"), _("类型"), _("抬头"), _("税号")), invoiced),
    )
    return [one for one in found if one.rows]


def _addresses(member: Member) -> Table:
    rows: list[Sequence[Any]] = [
        (
            "✓" if one.o2o_default else "",
            f"{one.country_area}{one.city}{one.city_area} {HIDDEN}",
            masked_person(one),
            masked_phone(one.phone),
            *_served(one),
        )
        for one in addresses_of(member)[:MOST]
    ]
    heads = (_("默认"), _("地址"), _("收件人"), _("电话"), _("服务机构"), _("依据"))
    return Table(_("收货地址"), heads, rows)


def _served(address: Any) -> tuple[str, str]:
    place = getattr(address, "o2o_place", None)
    if place is None or place.unit is None:
        return "—", "—"
    return place.unit.name, place.told or "—"


def _orders(request: HttpRequest, member: Member) -> Table:
    found = (
        rows_for(request.user, Order)
        .filter(user_id=member.user_id)
        .exclude(status="draft")
        .select_related("o2o_attribution__unit")
        .order_by("-pk")[:MOST]
    )
    rows = [
        (
            link("o2o_backoffice_order", one.pk, f"#{one.pk}"),
            at(one.created),
            ORDER_STATUS.get(one.status, one.status),
            yuan(one.total_gross_amount),
            _unit_of(one),
        )
        for one in found
    ]
    heads = (_("订单"), _("下单时间"), _("状态"), _("金额"), _("业绩机构"))
    return Table(_("订单（最近 %(count)d 笔）") % {"count": MOST}, heads, rows)


def _unit_of(order: Any) -> str:
    found = getattr(order, "o2o_attribution", None)
    return found.unit.name if found is not None and found.unit is not None else "—"
