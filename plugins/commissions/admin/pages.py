"""What the pages of commissions share: the frame, gates, words and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import BusinessScope, may_at
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..calculating import Effect
from ..channel_types import channel_label
from ..choices import Base, Kind, Rank, TierMeasure, TierMode
from ..engine.facts import Rule
from ..engine.wording import percent, plain
from ..models import CommissionRule

BUSINESS: dict[str, Any] = dict(BusinessScope.choices)
STANDING = {
    "proposed": _("待复核"), "planned": _("待生效"), "current": _("生效中"), "past": _("已失效"),
}  # fmt: skip
#: The heading of a column of `summary_of`.
RATES = "市 / 片区 / 区县 / 支局 / 网点 / 店员"
STANDING_COLOURS = {"proposed": "warning", "planned": "info", "current": "success", "past": "default"}


class OwnPagesAdmin(ReadOnlyAdmin):
    """A read-only admin class with pages of its own beside the list and the details."""

    #: Address, name and view of each page.
    pages: Sequence[tuple[str, str, Callable[..., HttpResponse]]] = ()

    def get_urls(self) -> list[Any]:
        def door(address: str, name: str, view: Callable[..., HttpResponse]) -> Any:
            def call(request: HttpRequest, **kwargs: Any) -> HttpResponse:
                return view(self, request, **kwargs)

            return path(address, self.admin_site.admin_view(call), name=f"o2o_commissions_{name}")

        return [*[door(*page) for page in self.pages], *super().get_urls()]


def page(
    model_admin: Any, request: HttpRequest, template: str, title: Any, **context: Any
) -> TemplateResponse:
    """A page of ours in the back office's frame."""
    shared = {
        **model_admin.admin_site.each_context(request), "opts": model_admin.opts, "title": title, **context,
    }  # fmt: skip
    return TemplateResponse(request, f"o2o_commissions/{template}", shared)


def row_or_404(request: HttpRequest, rows: QuerySet[Any] | type[Any], pk: Any) -> Any:
    """A row in reach. Raises Http404."""
    try:
        return get_row(request.user, rows, pk=pk)
    except OutOfScope:
        raise Http404 from None


def need(request: HttpRequest, permission: str, unit: Any = None) -> None:
    """Raise PermissionDenied unless the permission is held: at a unit, or anywhere."""
    user: Any = request.user
    if not (user.has_perm(permission) if unit is None else may_at(user, permission, unit)):
        raise PermissionDenied


def address(name: str, *args: Any) -> str:
    """The address of one of our pages."""
    return reverse(f"admin:o2o_commissions_{name}", args=args)


def button(title: Any, icon: str, href: str, *, strong: bool = False) -> Mapping[str, Any]:
    """A button above a list or a page of details, as unfold draws it."""
    from unfold.enums import ActionVariant

    variant = ActionVariant.PRIMARY if strong else ActionVariant.DEFAULT
    return {"title": title, "path": href, "icon": icon, "variant": variant}


def with_buttons(response: Any, where: str, buttons: Sequence[Mapping[str, Any]]) -> Any:
    """Put buttons on a page that unfold draws: `actions_list` or `actions_detail`."""
    if isinstance(response, TemplateResponse):
        response.context_data = {**(response.context_data or {})}
        response.context_data[where] = [*response.context_data.get(where, ()), *buttons]
    return response


def refused(request: HttpRequest, error: DomainError) -> None:
    """Tell why nothing was done."""
    messages.error(request, error.in_words)


def rate_text(rule: Rule, rate: Decimal | None) -> str:
    """`12%`, `2.50 元`, or a dash for a rank without a rate."""
    if rate is None:
        return "—"
    return percent(rate) if rule.is_ratio else _("%(amount)s 元") % {"amount": f"{rate:.2f}"}


def tiers_table(rule: Rule) -> Table:
    """The rates of a rule: a row for each tier, a column for each rank."""
    tiered = rule.kind == Kind.TIERED
    headers = [*(["月累计自"] if tiered else []), *[str(rank.label) for rank in Rank]]
    rows = [
        [*([plain(tier.start)] if tiered else []), *[rate_text(rule, tier.rates.get(rank)) for rank in Rank]]
        for tier in rule.tiers
    ]
    return Table(str(_("各级合计（上级包含下级）")), headers, rows)


def kind_text(rule: Rule | CommissionRule) -> str:
    """`按比例 · 实付`, `阶梯比例（超额累进） · 毛利`, `每票/每件`."""
    text = str(Kind(rule.kind).label)
    if rule.kind == Kind.TIERED:
        text += f"（{TierMode(rule.tier_mode).label}，{TierMeasure(rule.tier_measure).label}）"
    return f"{text} · {Base(rule.base).label}" if rule.kind in (Kind.RATIO, Kind.TIERED) else text


def dimension_text(rule: Rule | CommissionRule) -> str:
    """`农产品 · 时令鲜果 · 社区微店`."""
    parts = [
        str(BUSINESS.get(rule.business, rule.business)),
        rule.category_name or str(_("全部分类")),
        channel_label(rule.channel_type) if rule.channel_type else str(_("全部渠道")),
    ]
    return " · ".join(parts)


def summary_of(rule: Rule) -> str:
    """The rates of the first tier in one line: `12% / 11% / — / 8% / 5% / 2%`."""
    text = " / ".join(rate_text(rule, rule.tiers[0].rates.get(rank)) for rank in Rank)
    more = len(rule.tiers) - 1
    return text + (_("（另有 %(more)s 档）") % {"more": more} if more else "")


def effect_rows(effects: Sequence[Effect]) -> list[tuple[str, str, Decimal, Any]]:
    """A preview for the page: the rule, the month's volume before the sale, the sale, before and after."""
    return [
        (
            dimension_text(effect.rule),
            _("本月已售 %(volume)s") % {"volume": plain(effect.volume)} if effect.volume else "",
            effect.paid,
            effect.cells(),
        )
        for effect in effects
    ]
