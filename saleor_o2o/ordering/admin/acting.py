"""What the staff does on the order desk: marks, prices, cancels, sends, prints. Each asks for its own permission."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from saleor.order.models import OrderLine

from saleor_o2o.kernel.audit import directory
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for

from ..access import CANCEL, EDIT, FULFIL, PRICE, effective, orders_for
from ..choices import CancelReason, Flag
from ..models import OrderProfile
from ..printing import note_printed, picking_lists, slips
from ..services.cancelling import cancel_unpaid
from ..services.marking import MOST, mark_orders
from ..services.pricing import NewPrice, change_price
from ..services.sending import send_orders

#: Reasons that the staff may give; the others are said by programs.
REASONS = (
    CancelReason.STAFF,
    CancelReason.BUYER,
    CancelReason.SUPPLIER,
    CancelReason.RISK,
    CancelReason.OTHER,
)


def flag_of(row: OrderProfile) -> Any:
    """The flag as a coloured dot with its name."""
    if not row.flag:
        return "—"
    return format_html('<span class="o2o-flag o2o-flag-{}">{}</span>', row.flag, row.get_flag_display())


def unit_name(path: str) -> str:
    """The unit at the end of a path, as people call it."""
    known = directory()
    return known.names((), [path]).get(path, "") if known is not None and path else ""


def onward(
    page: Any, request: HttpRequest, chosen: QuerySet[OrderProfile], name: str, permission: str
) -> Any:
    """From the list's action to the page that does it, with those of the chosen that the user may do it to."""
    allowed = rows_for(request.user, chosen, effective(request.user, permission))
    keys = list(allowed.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not keys:
        messages.error(request, _("您没有对所选订单执行此操作的权限"))
        return None
    if len(keys) > MOST:
        messages.error(request, _("每次最多 200 张订单"))
        return None
    ids = ",".join(map(str, keys))
    return HttpResponseRedirect(f"{reverse('admin:' + page._page(name))}?ids={ids}")


def _chosen(request: HttpRequest, permission: str) -> list[int]:
    """The orders in the address, all of them or 404 and 403."""
    given = (request.GET.get("ids") or "").split(",")
    try:
        return orders_for(
            request.user,
            [int(one) for one in given if one.isascii() and one.isdigit()][: MOST + 1],
            permission,
        )
    except OutOfScope:
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None


def _context(page: Any, request: HttpRequest, title: Any, keys: Sequence[int], **more: Any) -> dict[str, Any]:
    profiles = list(OrderProfile.objects.filter(pk__in=keys).select_related("order").order_by("-pk"))
    return {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "profiles": profiles,
        "ids": ",".join(map(str, keys)),
        "back": _back(page, keys),
        **more,
    }


def _back(page: Any, keys: Sequence[int]) -> str:
    if len(keys) == 1:
        return reverse(f"admin:{page._page('change')}", args=[keys[0]])
    return reverse(f"admin:{page._page('changelist')}")


def mark(page: Any, request: HttpRequest) -> HttpResponse:
    """标记与备注: one order or many. What was typed stays when it is refused."""
    keys = _chosen(request, EDIT)
    first = OrderProfile.objects.get(pk=keys[0]) if len(keys) == 1 else None
    typed = {
        "flag": request.POST.get("flag", first.flag if first else "keep")[:10],
        "remark": request.POST.get("remark", first.remark if first else ""),
        "write": bool(request.POST.get("write")) or first is not None,
    }
    error = None
    if request.method == "POST":
        try:
            changed = mark_orders(
                keys,
                flag=None if typed["flag"] == "keep" else str(typed["flag"]),
                remark=str(typed["remark"]) if typed["write"] else None,
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("已更新 %(count)s 张订单") % {"count": changed})
            return HttpResponseRedirect(_back(page, keys))
    context = _context(
        page, request, _("标记与备注"), keys, typed=typed, error=error, flags=Flag.choices, many=first is None
    )
    return TemplateResponse(request, "o2o_ordering/mark.html", context)


def price(page: Any, request: HttpRequest) -> HttpResponse:
    """改价: new unit prices and freight, with the reason."""
    keys = _chosen(request, PRICE)
    if len(keys) != 1:
        raise Http404
    profile = OrderProfile.objects.select_related("order").get(pk=keys[0])
    lines = list(profile.order.lines.order_by("pk"))
    typed = {
        "reason": request.POST.get("reason", "")[:200],
        "shipping": request.POST.get("shipping", str(profile.order.shipping_price_gross_amount))[:20],
        "seen": request.POST.get("seen", str(profile.order.total_gross_amount))[:20],
    }
    rows = [
        (line, request.POST.get(f"unit-{line.pk}", str(line.unit_price_gross_amount))[:20]) for line in lines
    ]
    error = None
    if request.method == "POST":
        try:
            wanted = _wanted(rows, typed)
            changed = change_price(request.user, profile.pk, wanted)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("已改价，现应付 ¥%(total)s") % {"total": f"{changed.total:,.2f}"})
            return HttpResponseRedirect(_back(page, keys))
    context = _context(page, request, _("改价"), keys, rows=rows, typed=typed, error=error, profile=profile)
    return TemplateResponse(request, "o2o_ordering/price.html", context)


def _wanted(rows: Sequence[tuple[OrderLine, str]], typed: dict[str, str]) -> NewPrice:
    units: dict[int, Decimal] = {}
    for line, text in rows:
        unit = parse_yuan(text, f"unit-{line.pk}")
        if unit != line.unit_price_gross_amount:
            units[line.pk] = unit
    return NewPrice(
        typed["reason"], units, parse_yuan(typed["shipping"], "shipping"), parse_yuan(typed["seen"], "seen")
    )


def cancel(page: Any, request: HttpRequest) -> HttpResponse:
    """取消订单: before the money has come, with the reason."""
    keys = _chosen(request, CANCEL)
    if len(keys) != 1:
        raise Http404
    typed, error = request.POST.get("reason", CancelReason.STAFF.value), None
    if request.method == "POST":
        try:
            reason = CancelReason(typed) if typed in CancelReason.values else CancelReason.OTHER
            cancel_unpaid(keys[0], reason, request.user)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("订单已取消，库存已释放"))
            return HttpResponseRedirect(_back(page, keys))
    reasons = [(one.value, one.label) for one in REASONS]
    context = _context(page, request, _("取消订单"), keys, typed=typed, error=error, reasons=reasons)
    return TemplateResponse(request, "o2o_ordering/cancel.html", context)


def ship(page: Any, request: HttpRequest) -> HttpResponse:
    """发货: everything that is left of the orders; each has its own answer."""
    keys = _chosen(request, FULFIL)
    if request.method == "POST":
        try:
            sent = send_orders(keys, request.user)
        except DomainError as refused:
            messages.error(request, refused.in_words)
            return HttpResponseRedirect(_back(page, keys))
        done = sum(1 for one in sent if not one.problem)
        if done:
            messages.success(request, _("已发货 %(count)s 张订单") % {"count": done})
        for one in sent:
            if one.problem:
                messages.error(request, f"{one.number}：{one.problem}")
        return HttpResponseRedirect(_back(page, keys))
    context = _context(page, request, _("发货"), keys)
    return TemplateResponse(request, "o2o_ordering/ship.html", context)


def picking(page: Any, request: HttpRequest) -> HttpResponse:
    """拣货单: a sheet per warehouse. Looking is free, printing is written down."""
    keys = _chosen(request, FULFIL)
    return _paper(page, request, keys, "拣货单", "o2o_ordering/picking.html", picking_lists)


def slip_pages(page: Any, request: HttpRequest) -> HttpResponse:
    """发货单: one to a parcel, masked while it is only looked at; printing is written down."""
    keys = _chosen(request, FULFIL)
    return _paper(page, request, keys, "发货单", "o2o_ordering/slips.html", slips)


def _paper(
    page: Any, request: HttpRequest, keys: list[int], what: str, template: str, make: Any
) -> HttpResponse:
    try:
        sheets = make(keys)
    except DomainError as refused:
        messages.error(request, refused.in_words)
        return HttpResponseRedirect(_back(page, keys))
    printing = request.method == "POST"
    if printing:
        note_printed(keys, what)
    context = {
        "sheets": sheets, "title": what, "printing": printing, "masked": not printing,
        "back": _back(page, keys), "printed_at": now(), "by": request.user.get_username() if printing else "",
    }  # fmt: skip
    return TemplateResponse(request, template, context)
