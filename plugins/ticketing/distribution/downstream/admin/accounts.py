"""分销商: accounts in reach, and what is done with one; the statement of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, may_at
from plugins.ticketing.admission.choices import SaleChannel
from plugins.ticketing.admission.models import TicketClass
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, badge, column, moment, money
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.masking import mask_name, mask_phone
from saleor_o2o.kernel.scope import rows_for

from ..access import EDIT, PRICE, REPORT, TOP_UP
from ..choices import ResellerState
from ..models import Reseller, ResellerEntry, ResellerKey, ResellerOffer
from ..services.accounts import FIELDS, change_reseller, make_reseller, move_reseller
from ..services.keys import make_key
from ..services.prices import set_price, switch_offer
from ..services.topping_up import write_top_up
from .forms import ChangeAccountForm, KeyForm, NewAccountForm, NothingForm, PriceForm, TopUpForm
from .reporting import report

STATES: dict[str, Any] = dict(ResellerState.choices)
_MOVES = {
    "suspend": (_("暂停下单"), "pause", ResellerState.ACTIVE),
    "resume": (_("恢复下单"), "play_arrow", ResellerState.SUSPENDED),
    "close": (_("终止合作"), "block", ""),
}


@admin.register(Reseller)
class ResellerAdmin(ActingAdmin):
    """Who sells our tickets on."""

    begins = ((_("开户"), "add", "make", EDIT), (_("渠道对账单"), "monitoring", "report", REPORT))
    list_display = (
        "code", "c_name", "c_state", "c_balance", "c_credit", "c_contract", "c_last", "c_unit",
    )  # fmt: skip
    list_display_links = ("code", "c_name")
    list_select_related = ("unit",)
    list_filter = (choice("state", "状态", STATES),)
    search_fields = ("code", "name", "contract")
    search_help_text = _("代码、名称、合同号")
    ordering = ("name",)
    details = (
        (
            None,
            (
                "code", "c_name", "c_state", "c_unit", "c_balance", "c_credit", "c_available", "c_low", "c_contract",
                "c_first", "c_last", "c_contact", "c_mobile", "email", "hook", "c_made", "note",
            ),
        ),
    )  # fmt: skip

    c_name = column("name", "名称")
    c_unit = column("unit__name", "签约机构", order="unit__path")
    c_balance = money("balance", "预存款余额")
    c_credit = money("credit", "授信额度")
    c_available = money("available", "可用额度")
    c_low = money("low_below", "低于此数提醒")
    c_contract = column("contract", "合同号")
    c_first = column("first_day", "合同开始")
    c_last = column("last_day", "合同结束")
    c_contact = column("contact", "联系人", mask_name)
    c_mobile = column("mobile", "联系手机", mask_phone)
    c_made = moment("made_at", "开户时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Reseller) -> Any:
        return badge(row.state, STATES)

    def tables(self, request: HttpRequest, obj: Reseller) -> Sequence[Table]:
        offers = rows_for(request.user, ResellerOffer).filter(reseller=obj).select_related("product")
        keys = rows_for(request.user, ResellerKey).filter(reseller=obj)[:5]
        entries = rows_for(request.user, ResellerEntry).filter(reseller=obj)[:20]
        return [
            Table(
                str(_("可售产品")), ("代码", "产品", "可售"),
                [(one.product.code, one.product.name, "是" if one.active else "否") for one in offers[:50]],
            ),
            Table(
                str(_("接口密钥")), ("接口账号", "启用", "失效"),
                [(one.key, at(one.made_at), at(one.ends_at)) for one in keys],
            ),
            Table(
                str(_("最近的预存款明细")), ("时间", "类别", "金额", "余额", "业务单号"),
                [
                    (at(one.at), one.get_kind_display(), yuan(one.amount), yuan(one.after), one.reference)
                    for one in entries
                ],
            ),
        ]  # fmt: skip

    def doors(self, request: HttpRequest, obj: Reseller) -> Sequence[Mapping[str, Any]]:
        found = []
        if self.may(request, TOP_UP, obj) and obj.state != ResellerState.CLOSED:
            found.append(door(_("登记充值"), "savings", self.address("topup", obj.pk)))
        if self.may(request, PRICE, obj) and obj.state != ResellerState.CLOSED:
            found.append(door(_("设置渠道价"), "sell", self.address("price", obj.pk)))
            found.append(door(_("可售产品"), "checklist", self.address("offer", obj.pk)))
        if self.may(request, EDIT, obj):
            found.append(door(_("变更"), "edit", self.address("set", obj.pk)))
            if obj.state != ResellerState.CLOSED:
                found.append(door(_("签发密钥"), "key", self.address("key", obj.pk), rare=True))
            for to, (words, icon, source) in _MOVES.items():
                if obj.state == source or (not source and obj.state != ResellerState.CLOSED):
                    found.append(door(words, icon, f"{self.address('move', obj.pk)}?to={to}", rare=True))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("make/", self.make_view, "make"),
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/set/", self.set_view, "set"),
            self.own("<int:pk>/move/", self.move_view, "move"),
            self.own("<int:pk>/key/", self.key_view, "key"),
            self.own("<int:pk>/price/", self.price_view, "price"),
            self.own("<int:pk>/offer/", self.offer_view, "offer"),
            self.own("<int:pk>/topup/", self.topup_view, "topup"),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """Opening, movements, closing by reseller."""
        return report(self, request)

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A new account."""
        user: Any = request.user
        if not user.has_perm(EDIT):
            raise PermissionDenied
        units = {
            str(unit.pk): unit
            for unit in OrgUnit.objects.filter(level__lte=Level.COUNTY).order_by("path")
            if may_at(user, EDIT, unit)
        }
        form = NewAccountForm(
            request.POST if request.method == "POST" else None,
            units=[(pk, one.name) for pk, one in units.items()],
        )

        def do(told: dict[str, Any]) -> str:
            made = make_reseller(
                user, units[told["unit"]], told["code"], **{name: told[name] for name in FIELDS}
            )
            return str(_("已开户：%(name)s") % {"name": made.name})

        back = reverse(f"admin:{self._page('changelist')}")
        note = _("开户后登记充值、设置渠道价，再签发接口密钥交给对方")
        return self.act(request, _("分销商开户"), form, do, back, note=note)

    def set_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another contract, contact, credit or address."""
        row: Reseller = self.row(request, pk, EDIT)
        initial = {name: getattr(row, name) for name in FIELDS}
        form = ChangeAccountForm(request.POST if request.method == "POST" else None, initial=initial)

        def do(told: dict[str, Any]) -> str:
            change_reseller(request.user, pk, **told)
            return str(_("已保存"))

        return self.act(request, f"{_('变更')} {row.name}", form, do, self.page_of(pk))

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Suspend, resume, close."""
        row: Reseller = self.row(request, pk, EDIT)
        to = request.GET.get("to", "")
        if to not in _MOVES:
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            fresh = move_reseller(request.user, pk, to, told["reason"])
            return str(STATES[fresh.state])

        note = _("已售出的票照常使用、退票、通知；只影响新订单")
        return self.act(request, f"{_MOVES[to][0]} {row.name}", form, do, self.page_of(pk), note=note)

    def key_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new key, shown once."""
        row: Reseller = self.row(request, pk, EDIT)
        form = KeyForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            made = make_key(request.user, pk, at_once=form.cleaned_data["at_once"])
            response = self.act(
                request, _("接口密钥"), forms.Form(), lambda _told: "", self.page_of(pk), buttons=(), only_look=True,
                facts=((_("接口账号"), made.key), (_("密钥"), made.secret)), note=_("离开本页后不再显示。"),
            )  # fmt: skip
            response["Cache-Control"] = "no-store"
            return response
        return self.act(
            request, f"{_('签发密钥')} {row.name}", form, lambda _told: "", self.page_of(pk), only_look=True,
            note=_("密钥只显示一次，请当面或加密交给对方技术人员。"),
        )  # fmt: skip

    def price_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A price for days of visit."""
        row: Reseller = self.row(request, pk, PRICE)
        kinds = {
            str(one.pk): one
            for one in rows_for(request.user, TicketClass.objects.select_related("product"), "view")
            .filter(active=True, channels__contains=[SaleChannel.DISTRIBUTOR])
            .exclude(product__state__in=("draft", "ended"))
            .order_by("product__name", "rank")[:500]
        }
        form = PriceForm(
            request.POST if request.method == "POST" else None,
            kinds=[
                (key, f"{one} 售价 {yuan(one.price)} 结算 {yuan(one.settlement_price)}") for key, one in kinds.items()
            ],
        )  # fmt: skip

        def do(told: dict[str, Any]) -> str:
            set_price(
                request.user, pk, kinds[told["ticket_class"]], told["first_day"], told["last_day"], told["price"],
                told["reason"],
            )  # fmt: skip
            return str(_("已设置，对以后的订单有效，并已通知对方"))

        return self.act(request, f"{_('设置渠道价')} {row.name}", form, do, self.page_of(pk))

    def offer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Which products may be sold."""
        row: Reseller = self.row(request, pk, PRICE)
        offers = {
            one.pk: one
            for one in rows_for(request.user, ResellerOffer, PRICE)
            .filter(reseller=row)
            .select_related("product")
        }
        asked = request.POST.get("offer", "")
        form = NothingForm(request.POST if request.method == "POST" else None)

        def do(_told: dict[str, Any]) -> str:
            found = (
                offers.get(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
            )
            if found is None:
                raise PermissionDenied
            switch_offer(request.user, found.pk, active=not found.active)
            return str(_("已更新可售产品"))

        buttons = [
            ("offer", str(one.pk), f"{_('停售') if one.active else _('开放')} {one.product.name}", "")
            for one in offers.values()
        ]
        note = "" if offers else _("还没有产品：设置渠道价后即可售")
        return self.act(
            request, f"{_('可售产品')} {row.name}", form, do, self.page_of(pk), buttons=buttons, note=note
        )

    def topup_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write a transfer down."""
        row: Reseller = self.row(request, pk, TOP_UP)
        form = TopUpForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            made = write_top_up(request.user, pk, **told)
            return str(_("已登记 %(number)s，由另一位同事复核后入账") % {"number": made.number})

        return self.act(request, f"{_('登记充值')} {row.name}", form, do, self.page_of(pk))
