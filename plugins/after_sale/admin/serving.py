"""代客售后: somebody at the counter or on the telephone; find the order, choose, and decide at once or leave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import limit_at
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.scope import OutOfScope, policy_for, rows_for
from saleor_o2o.ordering.interfaces import find_orders

from ..buyers import masked_buyer
from ..choices import FOR_SOMEBODY, Kind, Reason
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..models import AfterSale
from ..permissions import APPLY, DECIDE
from ..places import counter_address
from ..selectors import LineOffer, PartOffer, may_apply, offers_of, unit_of
from ..services.applying import Wanted
from ..services.serving import Yes, serve
from ..swapping import swaps_for, warranties

_APPLY_PAGE = "admin:o2o_after_sale_aftersale_apply"
RECORD_PAGE = "admin:o2o_after_sale_complaint_record"


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line of the form: what can be asked for, and what was typed."""

    offer: LineOffer
    quantity: str
    amount: str
    damaged: str
    swap: str
    swaps: list[Any]

    @property
    def most(self) -> int:
        """The most pieces."""
        return int(self.offer.left.quantity)


def apply_view(page: Any, request: HttpRequest) -> HttpResponse:
    """Find an order (`q`), or apply for one (`order`)."""
    if not policy_for(AfterSale).may(request.user, APPLY, AfterSale):
        raise PermissionDenied
    key = request.GET.get("order", "")
    return _form(page, request, key) if key else find_view(page, request, _("代客售后"), _APPLY_PAGE)


def find_view(page: Any, request: HttpRequest, title: Any, then: str) -> HttpResponse:
    """Find the order of the customer (`q`); `then` names the page that takes it (`?order=`)."""
    typed = request.GET.get("q", "")[:80]
    found = find_orders(request.user, typed, APPLY)
    if len(found) == 1 and request.GET.get("go"):
        return HttpResponseRedirect(f"{reverse(then)}?order={found[0].pk}")
    rows = [{"profile": one, "buyer": masked_buyer(one.order)} for one in found]
    context = {
        **page.admin_site.each_context(request), "opts": page.opts, "title": title, "typed": typed,
        "rows": rows, "asked": bool(typed.strip()),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_after_sale/find.html", context)


def profile_served(user: Any, key: str) -> Any:
    """The order of a customer whom the user may serve, as its address says it. Raises Http404 for any other."""
    profiles = rows_for(user, apps.get_model("o2o_ordering", "OrderProfile"), APPLY).select_related(
        "order__shipping_address", "order__billing_address", "order__user"
    )
    found = (
        profiles.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 10 else None
    )
    if found is None:
        raise Http404
    return found


def _form(page: Any, request: HttpRequest, key: str) -> HttpResponse:
    user: Any = request.user
    profile = profile_served(user, key)
    offers = [one for one in offers_of(profile.pk) if one.part.paid_at is not None]
    error: DomainError | None = None
    if request.method == "POST":
        try:
            row, refusal = _serve(request, profile.pk, offers)
        except OutOfScope:
            raise Http404 from None
        except DomainError as refused:
            error = refused
        else:
            if refusal is not None:
                said = refusal.in_words
                messages.warning(request, _("已登记，但没有同意：%(why)s") % {"why": said})
            else:
                messages.success(request, _("已登记，现在是“%(state)s”") % {"state": row.get_state_display()})
            return HttpResponseRedirect(reverse("admin:o2o_after_sale_aftersale_change", args=[row.pk]))
    unit = unit_of(profile.pk)
    context = {
        **page.admin_site.each_context(request), "opts": page.opts, "title": _("代客售后"), "profile": profile,
        "buyer": masked_buyer(profile.order), "unit": unit, "error": error, "typed": request.POST,
        "parts": _parts(request, offers), "kinds": Kind.choices, "reasons": Reason.choices,
        "vias": [(one.value, one.label) for one in FOR_SOMEBODY],
        "key": request.POST.get("key", "")[:64] or uuid4().hex,
        "may_decide": policy_for(apps.get_model("order", "Order")).may(user, DECIDE, profile.order),
        "limit": limit_at(user, "refund", unit), "return_to": request.POST.get("return_to") or counter_address(unit),
        "back": reverse(_APPLY_PAGE),
    }  # fmt: skip
    return TemplateResponse(request, "o2o_after_sale/apply.html", context)


def _parts(request: HttpRequest, offers: list[PartOffer]) -> list[dict[str, Any]]:
    """The parts with their lines as they were typed; at first everything that is left."""
    posted = request.POST
    swaps = swaps_for([line.line for offer in offers for line in offer.lines if line.sent])
    repaired = warranties([offer.part.pk for offer in offers])
    chosen = posted.get("part") or next((str(one.part.pk) for one in offers if may_apply(one.part)), "")
    return [
        {
            "offer": offer,
            "open": may_apply(offer.part) or bool(repaired.get(offer.part.pk)),
            "chosen": chosen == str(offer.part.pk),
            "lines": [
                TypedLine(
                    line,
                    posted.get(f"q_{line.line.pk}", "" if line.is_open else str(line.left.quantity)),
                    posted.get(f"a_{line.line.pk}", ""),
                    posted.get(f"d_{line.line.pk}", ""),
                    posted.get(f"s_{line.line.pk}", ""),
                    [
                        {
                            "key": str(one.variant.pk),
                            "name": one.variant.name or one.variant.sku,
                            "here": one.in_stock,
                        }
                        for one in swaps.get(line.line.pk, ())
                    ],
                )
                for line in offer.lines
            ],
        }
        for offer in offers
    ]


def _serve(
    request: HttpRequest, order_id: int, offers: list[PartOffer]
) -> tuple[AfterSale, DomainError | None]:
    posted = request.POST
    offer = next((one for one in offers if str(one.part.pk) == posted.get("part")), None)
    if offer is None:
        raise AfterSaleError(Code.REQUIRED, _("请选择要办理的子订单"), "part")
    kind = posted.get("kind", "")
    lines: dict[int, tuple[int, Decimal | None]] = {}
    swaps: dict[int, int] = {}
    damaged: dict[int, int] = {}
    for one in offer.lines:
        pk = one.line.pk
        count = _count(posted, f"q_{pk}")
        amount = _yuan(posted, f"a_{pk}") if kind == Kind.REFUND else None
        if not count and amount is None:
            continue
        lines[pk] = (count, amount)
        swap = posted.get(f"s_{pk}", "")
        if kind == Kind.EXCHANGE and swap.isascii() and swap.isdigit() and len(swap) < 10:
            swaps[pk] = int(swap)
        damaged[pk] = _count(posted, f"d_{pk}")
    if not lines:
        raise AfterSaleError(Code.REQUIRED, _("请填写要办理的数量或金额"), "lines")
    wanted = Wanted(offer.part.pk, kind, posted.get("reason", ""), posted.get("text", ""), lines, swaps)
    yes = None
    if posted.get("act") == "agree":
        here = bool(posted.get("goods_here")) and kind != Kind.REFUND
        yes = Yes(here, damaged, posted.get("return_to", "")[:200], posted.get("why", ""))
    return serve(
        request.user, order_id, wanted, key=posted.get("key", ""), via=posted.get("via", ""),
        photos=request.FILES.getlist("photos"), yes=yes,
    )  # fmt: skip


def _count(posted: Mapping[str, str], name: str) -> int:
    text = (posted.get(name) or "").strip()
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise AfterSaleError(Code.QUANTITY_INVALID, _("数量须为整数"), name)
    return int(text)


def _yuan(posted: Mapping[str, str], name: str) -> Decimal | None:
    text = (posted.get(name) or "").strip()[:20]
    if not text:
        return None
    try:
        return parse_yuan(text, name)
    except DomainError as error:
        raise AfterSaleError(Code.AMOUNT_INVALID, error.message, name) from error


def install() -> None:
    """Put 申请售后 on the pages of orders and of the counter's sales."""

    def doors(request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        order = getattr(row, "order", None)
        if order is None or not policy_for(type(order)).may(request.user, APPLY, order):
            return []
        if getattr(row, "paid_at", None) is None:
            return []
        return [
            door(words, icon, f"{reverse(page)}?order={order.pk}")
            for words, icon, page in (
                (_("代客售后"), "assignment_return", _APPLY_PAGE),
                (_("登记投诉"), "record_voice_over", RECORD_PAGE),
            )
        ]

    for label in ("o2o_ordering.OrderProfile", "o2o_counter_sales.CounterSale"):
        if (
            apps.is_installed(f"plugins.{label.partition('.')[0].removeprefix('o2o_')}")
            or "ordering" in label
        ):
            add_doors(apps.get_model(label), doors)
