"""会员卡: what each is good for, what became of it, and what may be done with it at a counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.members.interfaces import device_of
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, link_to, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..choices import CardState
from ..models import Card
from ..permissions import CARD_ACTIVATE, CARD_EXPORT, CARD_FREEZE, CARD_SELL, CARD_VIEW, CARD_VOID
from ..services.cards import (
    activate_at_counter,
    counter_code,
    replace_card,
    report_loss_at_counter,
    set_frozen,
    take_back_loss,
    void_card,
)
from ..services.stock import sell_cards, stock_of
from .desks import desk
from .forms import CardBeginForm, CardReplaceForm, CardSaleForm

STATE = dict(CardState.choices)


@admin.register(Card)
class CardAdmin(ActingAdmin):
    """Cards that the units in reach have, and those of the members in reach."""

    begins = (
        (_("库存"), "inventory_2", "stock", CARD_VIEW),
        (_("登记售卡"), "sell", "sell", CARD_SELL),
        (_("柜台激活"), "how_to_reg", "begin", CARD_ACTIVATE),
    )
    list_display = ("number", "c_plan", "c_state", "c_unit", "c_way", "c_sold", "c_membership", "c_until")
    list_display_links = ("number",)
    list_select_related = ("plan", "unit", "membership", "handout")
    list_filter = (("state", ChoicesDropdownFilter), "plan")
    search_fields = ("number", "batch__number")
    search_help_text = _("卡号、批次号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "c_plan", "c_batch", "c_unit", "c_way", "c_sold", "sold_slip", "c_membership",
                "c_activated", "c_replaces", "c_until",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "会员卡", CARD_EXPORT,
        (
            Cell("卡号", "number"), Cell("方案", "plan__name"), Cell("状态", lambda row: row.get_state_display()),
            Cell("所在机构", "unit__name"), Cell("售出时间", "sold_at"), Cell("订单", "sold_slip"),
            Cell("激活时间", "activated_at"),
        ),
        related=("plan", "unit"),
    )  # fmt: skip

    c_plan = column("plan__name", "方案")
    c_unit = column("unit__name", "所在机构", order="unit__path")
    c_way = column("handout__number", "调拨中", order=None)
    c_sold = moment("sold_at", "售出")
    c_until = moment("good_until", "激活截止")
    c_activated = moment("activated_at", "激活")
    c_membership = link_to("membership", "会员资格", "o2o_memberships_membership")
    c_batch = link_to("batch", "批次", "o2o_memberships_cardbatch")
    c_replaces = link_to("replaces", "补自", "o2o_memberships_card")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Card) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: Card) -> Sequence[Table]:
        return [moves_of(obj, STATE)]

    def doors(self, request: HttpRequest, obj: Card) -> Sequence[Mapping[str, Any]]:
        found = []
        if self.may(request, CARD_ACTIVATE, obj):
            if obj.state == CardState.ACTIVE:
                found.append(door(_("挂失"), "report", self.address("lose", obj.pk)))
            if obj.state == CardState.LOST:
                found.append(door(_("补办新卡"), "add_card", self.address("replace", obj.pk)))
                found.append(door(_("解除挂失"), "undo", self.address("find", obj.pk)))
        if self.may(request, CARD_FREEZE, obj):
            if obj.state in (CardState.ACTIVE, CardState.LOST):
                found.append(door(_("冻结"), "ac_unit", self.address("freeze", obj.pk)))
            if obj.state == CardState.FROZEN:
                found.append(door(_("解冻"), "lock_open", self.address("freeze", obj.pk)))
        if self.may(request, CARD_VOID, obj) and obj.state not in (CardState.EXPIRED, CardState.VOID):
            found.append(door(_("注销"), "block", self.address("void", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("stock/", self.stock_view, "stock"),
            self.own("sell/", self.sell_view, "sell"),
            self.own("begin/", self.begin_view, "begin"),
            self.own("<int:pk>/lose/", self.lose_view, "lose"),
            self.own("<int:pk>/find/", self.find_view, "find"),
            self.own("<int:pk>/replace/", self.replace_view, "replace"),
            self.own("<int:pk>/freeze/", self.freeze_view, "freeze"),
            self.own("<int:pk>/void/", self.void_view, "void"),
            *super().get_urls(),
        ]

    def stock_view(self, request: HttpRequest) -> HttpResponse:
        """Who has how many: on the shelf, on the way, sold and not activated, activated. One statement."""
        user: Any = request.user
        if not user.has_perm(CARD_VIEW):
            raise PermissionDenied
        rows = [
            (row["unit__name"], row["plan__name"], row["shelf"], row["way"], row["sold"], row["used"])
            for row in stock_of(rows_for(user, Card))
        ]
        headers = ("机构", "方案", "可售", "调拨中", "已售未激活", "已激活")
        return self.act(
            request, _("会员卡库存"), forms.Form(), lambda _told: "", reverse(f"admin:{self._page('changelist')}"),
            table=Table(str(_("各机构")), headers, rows), buttons=(), only_look=True,
        )  # fmt: skip

    def sell_view(self, request: HttpRequest) -> HttpResponse:
        """Which cards a customer got for a paid order."""
        unit = desk(request, CARD_SELL)
        form = CardSaleForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            done = sell_cards(request.user, told["numbers"].split(), told["order_number"])
            return str(_("已登记售出 %(count)d 张，顾客可以激活了") % {"count": len(done)})

        note = _("先按“会员卡（实体卡）”商品开单收款，再登记交给顾客的卡号；没登记的卡不能激活。")
        return self.act(
            request, _("登记售卡"), form, do, reverse(f"admin:{self._page('changelist')}"),
            facts=((_("售卡机构"), unit.name),), note=note,
        )  # fmt: skip

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """For the member who stands there."""
        unit = desk(request, CARD_ACTIVATE)
        sending = request.method == "POST" and "send" in request.POST
        form: forms.Form = CardBeginForm(
            request.POST if request.method == "POST" and not sending else None,
            initial=request.POST.dict() if sending else None,
        )
        if sending:
            self._send(request, request.POST.get("member", "")[:60])

        def do(told: dict[str, Any]) -> str:
            device = device_of(request, "", "")
            activate_at_counter(request.user, told["number"], told["member"], told["code"], device)
            return str(_("已激活 %(number)s") % {"number": told["number"]})

        return self.act(
            request, _("柜台激活会员卡"), form, do, reverse(f"admin:{self._page('changelist')}"),
            facts=((_("办理机构"), unit.name),), note=_("填卡号和会员，先发验证码，会员念出后激活。"),
            only_look=sending,
            buttons=(("send", "1", _("发送验证码"), "secondary"), ("do", "1", _("激活"), "")),
        )  # fmt: skip

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new card from the own stock."""
        row: Card = self.row(request, pk, CARD_ACTIVATE)
        desk(request, CARD_ACTIVATE)
        member = row.membership.member if row.membership is not None else None
        sending = request.method == "POST" and "send" in request.POST
        form: forms.Form = CardReplaceForm(
            request.POST if request.method == "POST" and not sending else None,
            initial=request.POST.dict() if sending else None,
        )
        if sending and member is not None:
            self._send(request, member.number)

        def do(told: dict[str, Any]) -> str:
            done = replace_card(request.user, pk, told["number"], told["code"], device_of(request, "", ""))
            return str(_("已补办 %(number)s，旧卡已注销") % {"number": done.number})

        facts = ((_("旧卡"), row.number), (_("会员号"), member.number if member is not None else "—"))
        return self.act(
            request, _("补办会员卡"), form, do, self.page_of(pk), facts=facts, only_look=sending,
            note=_("新卡须在本机构库存里；请会员念出验证码。"),
            buttons=(("send", "1", _("发送验证码"), "secondary"), ("do", "1", _("补办"), "")),
        )  # fmt: skip

    def lose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Also by telephone."""
        return self._reasoned(
            request, pk, CARD_ACTIVATE, _("挂失会员卡"), _("已挂失，卡立即不能使用"), report_loss_at_counter
        )

    def find_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It was found."""
        return self._reasoned(request, pk, CARD_ACTIVATE, _("解除挂失"), _("卡可以继续使用"), take_back_loss)

    def void_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Worthless from now on."""
        note = _("注销不能撤销；会员资格不受影响。")
        return self._reasoned(request, pk, CARD_VOID, _("注销会员卡"), _("已注销"), void_card, note)

    def freeze_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The membership's benefits rest meanwhile."""
        frozen = self.row(request, pk, CARD_FREEZE).state != CardState.FROZEN
        words = (_("冻结会员卡"), _("已冻结，权益暂停")) if frozen else (_("解冻会员卡"), _("已解冻"))
        return self._reasoned(
            request, pk, CARD_FREEZE, *words, lambda by, key, why: set_frozen(by, key, frozen, why)
        )

    def _reasoned(
        self, request: HttpRequest, pk: int, right: str, title: Any, said: Any, act: Any, note: Any = ""
    ) -> HttpResponse:
        row: Card = self.row(request, pk, right)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            act(request.user, pk, told["reason"])
            return str(said)

        return self.act(request, f"{title} {row.number}", form, do, self.page_of(pk), note=note)

    def _send(self, request: HttpRequest, member: str) -> None:
        try:
            counter_code(request.user, member, device_of(request, "", ""))
        except DomainError as error:
            messages.error(request, error.in_words)
        else:
            messages.info(request, _("验证码已发到会员手机，请会员念出"))
