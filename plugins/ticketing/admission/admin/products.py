"""票务产品与票类: kept, priced by day, put on sale, looked at as shoppers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from plugins.ticketing.kernel.access import REPORT, SELL
from plugins.ticketing.kernel.admin.phones import phone_options
from plugins.ticketing.kernel.choices import Silence
from plugins.ticketing.kernel.engine.wording import rule_text
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.selecting import rule_for
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import at, badge, column, link, link_to, moment, money, state, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan as in_yuan
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import NotAllowed, rows_for

from ..access import EDIT, STOCK
from ..candidates import Visit
from ..choices import (
    ProductKind,
    ProductState,
    SaleChannel,
    SessionState,
    ValidMode,
)
from ..models import AdmissionProduct, ReplyRule, ScenicSpot, TicketClass, Venue
from ..models.replies import LONGEST
from ..selectors import DayShown, SessionShown, calendar, products_shown, sessions_shown, slots_shown
from ..services.calendar import days_of, make_slots, price_days
from ..services.catalogue import add_class, change_class, change_product, make_product, move_product
from ..services.common import invalid
from ..services.replies import set_reply_rule, who_may_answer
from ..services.stock import make_quota, quota_of_all_days, quotas_for_days
from ..services.wishing import rule_keys
from . import counter
from .fields import day, form_of, initial_of, number, one_of, row_of, several, text, weekdays, yuan
from .reporting import report

_PRODUCT = (
    "name", "summary", "description", "notices", "spot", "spots", "venue", "returns_daily_at", "waiting_hours",
    "name_change_hours",
)  # fmt: skip
_CHANGED = (
    "name", "summary", "description", "notices", "returns_daily_at", "waiting_hours", "proof_needed",
    "name_change_hours",
)  # fmt: skip
_CLASS = (
    "name", "audience", "include", "people", "age_from", "age_below", "id_types", "category", "price", "market_price",
    "cost", "settlement_price", "min_per_order", "max_per_order", "max_per_person", "advance_days", "cut_off",
    "valid_mode", "valid_days", "uses", "real_name", "exchange_mode", "verify_mode", "postage", "mail_days", "channels",
    "fee_key", "rank",
    "active",
)  # fmt: skip
_MOVES = {
    "put_on_sale": (_("上架"), (ProductState.DRAFT, ProductState.PAUSED)),
    "pause": (_("暂停销售"), (ProductState.ON_SALE,)),
    "end": (_("下架"), (ProductState.DRAFT, ProductState.ON_SALE, ProductState.PAUSED)),
}

_KINDS: dict[str, Any] = dict(ProductKind.choices)
_STATES: dict[str, Any] = dict(ProductState.choices)


@admin.register(AdmissionProduct)
class ProductAdmin(ActingAdmin):
    """Products that a unit or those above it sell."""

    begins = (
        (_("门票售票"), "point_of_sale", "counter", SELL),
        (_("售票报表"), "monitoring", "report", REPORT),
        (_("新增产品"), "add", "make", EDIT),
    )
    list_display = ("name", "c_kind", "c_place", "c_unit", "c_state", "c_supplier")
    list_display_links = ("name",)
    list_filter = (
        choice("kind", "种类", _KINDS), choice("state", "状态", _STATES),
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("unit", "spot", "venue", "supplier")
    search_fields = ("name", "code", "spot__name", "venue__name")
    details = (
        (None, ("name", "code", "c_kind", "c_state", "c_unit", "c_supplier", "c_place", "returns_daily_at",
                "waiting_hours", "name_change_hours", "c_proof", "c_reply", "c_made", "summary", "notices")),
    )  # fmt: skip

    c_kind = column("get_kind_display", "种类", lambda show: show(), order="kind")
    c_unit = column("unit__name", "销售机构")
    c_state = state("state", "状态", _STATES)
    c_supplier = column("supplier__name", "供应商", lambda name: name or _("自营"))
    c_made = moment("made_at", "建立时间")
    c_proof = yes_no("proof_needed", "购买前安全验证")

    @admin.display(description=_("退票答复约定"))
    def c_reply(self, row: AdmissionProduct) -> str:
        rule = ReplyRule.objects.select_related("unit").filter(product=row, needed=True).first()
        if rule is None:
            return str(_("不须商家答复"))
        told = {"unit": rule.unit.name, "hours": rule.hours, "silence": rule.get_silence_display()}
        return str(_("%(unit)s 在 %(hours)d 小时内答复，逾期%(silence)s") % told)

    @admin.display(description=_("景区、场馆"))
    def c_place(self, row: AdmissionProduct) -> str:
        if row.kind == ProductKind.COMBO:
            return "、".join(str(one) for one in row.spots.all())
        return str(row.venue or row.spot or "—")

    def tables(self, request: HttpRequest, obj: AdmissionProduct) -> list[Table]:
        classes = [
            (link("o2o_admission_ticketclass", one.pk, one.name), one.get_audience_display(), in_yuan(one.price),
             one.get_valid_mode_display(), one.get_real_name_display(), _("在售") if one.active else _("停售"))
            for one in obj.classes.all()
        ]  # fmt: skip
        sessions = [
            (link("o2o_admission_session", one.pk, at(one.starts_at)), one.name,
             badge(one.state, dict(SessionState.choices)))
            for one in obj.sessions.order_by("-starts_at")[:30]
        ]  # fmt: skip
        return [
            Table("票类", ("票名", "人群", "售价", "有效方式", "实名", "状态"), classes),
            Table("场次", ("开始", "场次", "状态"), sessions),
        ]

    def doors(self, request: HttpRequest, obj: AdmissionProduct) -> Sequence[Mapping[str, Any]]:
        found = [door(_("游客看到的页面"), "visibility", self.address("preview", obj.pk))]
        if self.may(request, EDIT, obj):
            found += [
                door(_("修改"), "edit", self.address("edit", obj.pk)),
                door(_("新增票类"), "confirmation_number", self.address("class", obj.pk)),
                door(_("退票答复约定"), "quickreply", self.address("reply", obj.pk)),
                door(_("批量定价"), "calendar_month", self.address("prices", obj.pk)),
                door(_("生成时段"), "schedule", self.address("slots", obj.pk)),
                door(_("排场次"), "event", f"{reverse('admin:o2o_admission_session_make')}?product={obj.pk}"),
            ]
            found += [
                door(words, "swap_horiz", f"{self.address('move', obj.pk)}?to={to}")
                for to, (words, states) in _MOVES.items()
                if obj.state in states
            ]
        if self.may(request, STOCK, obj):
            found.append(door(_("批量设配额"), "inventory_2", self.address("quotas", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("report/", self.report_view, "report"),
            self.own("counter/", self.counter_view, "counter"),
            path(
                "counter/ask/<str:name>/", self.admin_site.admin_view(self.ask_view), name=self._page("ask")
            ),
            self.own("make/", self.make_view, "make"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/move/", self.move_view, "move"),
            self.own("<int:pk>/class/", self.class_view, "class"),
            self.own("<int:pk>/reply/", self.reply_view, "reply"),
            self.own("<int:pk>/prices/", self.prices_view, "prices"),
            self.own("<int:pk>/slots/", self.slots_view, "slots"),
            self.own("<int:pk>/quotas/", self.quotas_view, "quotas"),
            self.own("<int:pk>/preview/", self.preview_view, "preview"),
            *super().get_urls(),
        ]

    def counter_view(self, request: HttpRequest) -> HttpResponse:
        """Product, day, time, how many, money: by the keyboard alone."""
        user: Any = request.user
        if not user.has_perm(SELL):
            raise PermissionDenied
        try:
            unit = desk_of(user, SELL)
        except NotAllowed:
            raise PermissionDenied from None
        told = {
            "ask": reverse(f"admin:{self._page('ask')}", args=["NAME"]),
            "till": reverse("admin:o2o_counter_sales_countersale_ask", args=["NAME"]),
            "today": today().isoformat(),
            "phone": phone_options(user),
            "products": counter.on_sale(),
        }
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("门票售票"), "options": told,
            "unit": unit,
        }  # fmt: skip
        return TemplateResponse(request, "o2o_admission/counter.html", context)

    def ask_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """What the counter asks."""
        return counter.answer(request, name)

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """What was sold, by product, session, channel, unit and hour."""
        return report(self, request)

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A new product."""
        user: Any = request.user
        if not user.has_perm(EDIT):
            raise PermissionDenied
        rows = {
            "spot": rows_for(user, ScenicSpot),
            "spots": rows_for(user, ScenicSpot),
            "venue": rows_for(user, Venue),
        }
        units = rows_for(user, OrgUnit, EDIT).filter(level__lte=3).order_by("path")
        kind = form_of(AdmissionProduct, ("kind", "code", *_PRODUCT), rows, unit=row_of(_("销售机构"), units))
        form = kind(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            spots = list(told.pop("spots"))
            made = make_product(user, told.pop("unit"), spots=spots, **told)
            return str(_("已新增“%(name)s”，请添加票类") % {"name": made.name})

        return self.act(request, _("新增产品"), form, do, reverse(f"admin:{self._page('changelist')}"))

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change what is told of it."""
        row: AdmissionProduct = self.row(request, pk, EDIT)
        form = form_of(AdmissionProduct, _CHANGED)(
            request.POST if request.method == "POST" else None, initial=initial_of(row, _CHANGED)
        )

        def do(told: dict[str, Any]) -> str:
            change_product(request.user, row, **told)
            return str(_("已保存"))

        return self.act(request, f"{_('修改产品')} {row}", form, do, self.page_of(pk))

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put on sale, pause, end."""
        row: AdmissionProduct = self.row(request, pk, EDIT)
        to = request.GET.get("to", "")
        if to not in _MOVES:
            raise PermissionDenied

        def do(_told: dict[str, Any]) -> str:
            return str(move_product(request.user, row, to).get_state_display())

        form = forms.Form(request.POST if request.method == "POST" else None)
        return self.act(request, f"{_MOVES[to][0]}：{row}", form, do, self.page_of(pk))

    def class_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new ticket class."""
        row: AdmissionProduct = self.row(request, pk, EDIT)
        first = initial_of(TicketClass(), _CLASS)
        if row.trade == "show":
            first["valid_mode"] = ValidMode.SESSION
        form = form_of(TicketClass, ("code", *_CLASS))(
            request.POST if request.method == "POST" else None, initial=first
        )

        def do(told: dict[str, Any]) -> str:
            add_class(request.user, row, **told)
            return str(_("已新增票类"))

        return self.act(request, f"{_('新增票类')}：{row}", form, do, self.page_of(pk))

    def reply_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whether refunds wait for a merchant's word."""
        row: AdmissionProduct = self.row(request, pk, EDIT)
        units = {str(one.pk): one for one in who_may_answer(row)}
        form = form_of(
            TicketClass, (),
            needed=forms.BooleanField(
                label=_("退票须商家答复"), required=False, widget=UnfoldBooleanSwitchWidget,
                help_text=_("只对客户自己原因的退票；取消、延期等不等答复"),
            ),
            unit=one_of(_("答复机构"), [(pk, one.name) for pk, one in units.items()]),
            hours=number(_("答复时限（小时）"), least=1, most=LONGEST, help_text=_("不晚于开场（游玩日）")),
            silence=one_of(_("逾期未答复"), Silence.choices), reason=text(_("依据"), 200),
        )(request.POST if request.method == "POST" else None, initial=_reply_initial(row))  # fmt: skip

        def do(told: dict[str, Any]) -> str:
            set_reply_rule(request.user, row, **{**told, "unit": units[told["unit"]]})
            return str(_("已保存，对之后申请的退票生效"))

        note = _("其间票停用；商家不同意的由平台审核，不直接拒绝客户。")
        return self.act(request, f"{_('退票答复约定')}：{row}", form, do, self.page_of(pk), note=note)

    def prices_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Prices of a period, by weekdays."""
        row: AdmissionProduct = self.row(request, pk, EDIT)
        kind = form_of(
            TicketClass, (), ticket_class=row_of(_("票类"), row.classes.all()), first=day(_("自")), last=day(_("至")),
            weekdays=weekdays(), price=yuan(_("售价（元）"), required=False, help_text=_("空：恢复平常价")),
            settlement_price=yuan(_("结算价（元）"), required=False),
            closed=forms.BooleanField(label=_("这些天停售"), required=False),
        )  # fmt: skip
        form = kind(request.POST if request.method == "POST" else None, initial={"first": today()})

        def do(told: dict[str, Any]) -> str:
            count = price_days(
                request.user, told["ticket_class"], told["first"], told["last"], told["price"],
                weekdays=told["weekdays"], settlement_price=told["settlement_price"], closed=told["closed"],
            )  # fmt: skip
            return str(_("已设置 %(count)d 天") % {"count": count})

        note = _("已下单的按下单时的价格。")
        return self.act(request, f"{_('批量定价')}：{row}", form, do, self.page_of(pk), note=note)

    def slots_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Slots of a period, each with a quota."""
        row: AdmissionProduct = self.row(request, pk, EDIT)
        kind = form_of(
            TicketClass, (), first=day(_("自")), last=day(_("至")), weekdays=weekdays(),
            times=text(_("时段"), 500, rows=4, help_text=_("一行一个，如 09:00-11:00")),
            capacity=number(_("每个时段的配额")),
        )  # fmt: skip
        form = kind(request.POST if request.method == "POST" else None, initial={"first": today()})

        @transaction.atomic
        def do(told: dict[str, Any]) -> str:
            made = make_slots(
                request.user,
                row,
                told["first"],
                told["last"],
                _times(told["times"]),
                weekdays=told["weekdays"],
            )
            for slot in made:
                if not slot.quotas.exists():
                    make_quota(request.user, row, told["capacity"], name=str(slot), slot=slot)
            return str(_("共有 %(count)d 个时段") % {"count": len(made)})

        return self.act(request, f"{_('生成时段')}：{row}", form, do, self.page_of(pk))

    def quotas_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Quotas of days in a period, or one for what is sold without a day."""
        row: AdmissionProduct = self.row(request, pk, STOCK)
        without = _("年卡、多次票、任选日的票不按日期卖：起止都不填，设一个不分日期的总量")
        kind = form_of(
            TicketClass, (), first=day(_("自"), required=False, help_text=without), last=day(_("至"), required=False),
            weekdays=weekdays(), capacity=number(_("每天总量"), help_text=_("起止都不填时是不分日期的总量")),
            name=text(_("名称"), 60, required=False),
            channel=one_of(_("渠道"), [("", _("全部渠道")), *SaleChannel.choices], required=False),
            classes=several(_("票类"), [(one.pk, one.name) for one in row.classes.all()], required=False,
                            help_text=_("不选为全部票类共用")),
            alarm_below=number(_("低于此数提醒"), initial=0),
        )  # fmt: skip
        form = kind(request.POST if request.method == "POST" else None, initial={"first": today()})

        def do(told: dict[str, Any]) -> str:
            first, last = told.pop("first"), told.pop("last")
            on, capacity = told.pop("weekdays"), told.pop("capacity")
            told["classes"] = list(row.classes.filter(pk__in=told["classes"]))
            if first is None and last is None:
                fresh = quota_of_all_days(request.user, row, capacity, **told)
                return str(_("已设置不分日期的总量") if fresh else _("已修改不分日期的总量"))
            if first is None or last is None:
                raise invalid(_("请同时填写起止日期，或都不填"), "first" if first is None else "last")
            days = list(days_of(first, last, on))
            made = quotas_for_days(request.user, row, days, capacity, **told)
            return str(_("已设置 %(count)d 天，其中新增 %(made)d 天") % {"count": len(days), "made": made})

        return self.act(request, f"{_('批量设配额')}：{row}", form, do, self.page_of(pk))

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What shoppers see: words, classes, calendar, sessions, rules."""
        self.row(request, pk, "view")
        row = AdmissionProduct.objects.filter(pk=pk).select_related("spot", "venue", "supplier")
        product = row.prefetch_related("classes", "spots").get()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": product.name,
            "product": product,
            "place": product.venue or product.spot,
            "back": self.page_of(pk),
            "hidden": not products_shown().filter(pk=pk).exists(),
            "o2o_tables": _shown(product),
        }
        return TemplateResponse(request, "o2o_admission/preview.html", context)


def _times(told: str) -> list[tuple[Any, Any]]:
    found = []
    field = forms.TimeField(input_formats=["%H:%M"])
    for line in filter(None, (one.strip() for one in told.splitlines())):
        start, dash, end = line.replace("—", "-").replace("–", "-").replace("：", ":").partition("-")
        try:
            found.append((field.clean(start.strip()), field.clean(end.strip())))
        except forms.ValidationError:
            dash = ""
        if not dash:
            raise invalid(_("“%(line)s”不是时段，应如 09:00-11:00") % {"line": line[:20]}, "times")
    return found


def _shown(product: AdmissionProduct) -> list[Table]:
    """Calendar, slots of the first day, sessions and refund rules, as shoppers see them."""
    tables = []
    days = calendar(product, today(), 14)
    if days:
        tables.append(
            Table("近两周", ("日期", "最低价", "余票", "说明"), [
                (f"{one.day:%m-%d}", _from(one), str(one.left),
                 "；".join(f"{kind.kind.name} {in_yuan(kind.price)}" for kind in one.classes))
                for one in days
            ])
        )  # fmt: skip
        slots = slots_shown(product, today() + timedelta(days=1))
        if slots:
            tables.append(
                Table("明天的时段", ("时段", "余票"), [
                    (str(one.slot), str(max((kind.left for kind in one.classes), default=0))) for one in slots
                ])
            )  # fmt: skip
    sessions = sessions_shown(product)
    if sessions:
        tables.append(
            Table("场次", ("开始", "场次", "最低价", "余票", "状态"), [
                (at(one.session.starts_at), one.session.name, _from(one), str(one.left),
                 badge(one.session.state, dict(SessionState.choices)))
                for one in sessions
            ])
        )  # fmt: skip
    tables.append(Table("退票规则", ("票类", "规则"), _rules(product)))
    return tables


def _from(one: DayShown | SessionShown) -> str:
    return "—" if one.price_from is None else in_yuan(one.price_from)


def _rules(product: AdmissionProduct) -> list[tuple[str, str]]:
    found = []
    for kind in product.classes.all():
        try:
            keys = rule_keys(Visit(product, [kind], SaleChannel.ONLINE), kind)
            found.append((kind.name, "；".join(rule_text(rule_for(product.trade, "refund", keys, today())))))
        except TicketError as error:
            found.append((kind.name, error.message))
    return found


@admin.register(TicketClass)
class TicketClassAdmin(ActingAdmin):
    """Ticket classes, with their calendar."""

    list_display = ("name", "c_product", "c_audience", "c_price", "c_mode", "c_active")
    list_select_related = ("product",)
    search_fields = ("name", "product__name", "code")
    details = (
        (None, ("name", "code", "c_product", "c_audience", "c_price", "market_price", "cost", "settlement_price",
                "include", "people", "age_from", "age_below", "c_papers", "category", "min_per_order", "max_per_order",
                "max_per_person", "advance_days", "cut_off", "c_mode", "valid_days", "uses", "c_real_name",
                "c_exchange", "c_verify", "c_channels", "fee_key", "c_active")),
    )  # fmt: skip

    c_product = link_to("product", "产品", "o2o_admission_admissionproduct")
    c_audience = column("get_audience_display", "人群", lambda show: show(), order="audience")
    c_price = money("price", "售价")
    c_mode = column("get_valid_mode_display", "有效方式", lambda show: show(), order="valid_mode")
    c_real_name = column("get_real_name_display", "实名", lambda show: show(), order=None)
    c_exchange = column("get_exchange_mode_display", "入园凭证", lambda show: show(), order=None)
    c_verify = column("get_verify_mode_display", "核销方式", lambda show: show(), order=None)
    c_active = yes_no("active", "在售")

    @admin.display(description=_("可用证件"))
    def c_papers(self, row: TicketClass) -> str:
        from saleor_o2o.kernel.documents import DocumentKind

        return "、".join(str(dict(DocumentKind.choices).get(one, one)) for one in row.id_types) or str(
            _("不限")
        )

    @admin.display(description=_("销售渠道"))
    def c_channels(self, row: TicketClass) -> str:
        return "、".join(str(dict(SaleChannel.choices).get(one, one)) for one in row.channels)

    def tables(self, request: HttpRequest, obj: TicketClass) -> list[Table]:
        rows = [
            (str(one.day), _weekday(one.day), in_yuan(one.price), _("停售") if one.closed else "")
            for one in obj.days.filter(day__gte=today())[:62]
        ]
        return [Table("有单独价格的日期", ("日期", "星期", "售价", "说明"), rows)]

    def doors(self, request: HttpRequest, obj: TicketClass) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, EDIT, obj):
            return ()
        prices = reverse("admin:o2o_admission_admissionproduct_prices", args=[obj.product_id])
        return [
            door(_("修改"), "edit", self.address("edit", obj.pk)),
            door(_("批量定价"), "calendar_month", prices),
        ]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/edit/", self.edit_view, "edit"), *super().get_urls()]

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change what later buyers get."""
        row: TicketClass = self.row(request, pk, EDIT)
        form = form_of(TicketClass, _CLASS)(
            request.POST if request.method == "POST" else None, initial=initial_of(row, _CLASS)
        )

        def do(told: dict[str, Any]) -> str:
            change_class(request.user, row, **told)
            return str(_("已保存，以后的购买按它算"))

        return self.act(request, f"{_('修改票类')} {row.name}", form, do, self.page_of(pk))


def _weekday(on: date) -> str:
    return "一二三四五六日"[on.weekday()]


def _reply_initial(row: AdmissionProduct) -> dict[str, Any]:
    rule = ReplyRule.objects.filter(product=row).first()
    if rule is None:
        place = row.spot or row.venue
        return {
            "needed": False, "unit": str((place or row).unit_id), "hours": 24, "silence": Silence.AGREE,
        }  # fmt: skip
    return {
        "needed": rule.needed, "unit": str(rule.unit_id), "hours": rule.hours, "silence": rule.silence,
    }  # fmt: skip
