"""限购、缺货登记、排队放行、抽签."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.services.reach import typed_key
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, column, link_to, moment, state, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from ..access import EDIT
from ..choices import DrawState, EntryState, LimitBy, LimitPer, WaitingState
from ..models import AdmissionProduct, Draw, LimitRule, SaleQueue, Session, TicketClass, Waiting
from ..services.drawing import cancel_draw, draw_lots, make_draw, standing
from ..services.limits import set_limit
from ..services.queueing import length, set_queue
from .fields import MomentField, form_of, number, one_of, row_of

_WAITING: dict[str, Any] = dict(WaitingState.choices)


class _Begun(ActingAdmin):
    """Pages whose rows are set by one form."""

    begins = ((_("设置"), "add", "make", EDIT),)

    def get_urls(self) -> list[Any]:
        return [self.own("make/", self.make_view, "make"), *super().get_urls()]

    def _form(self, request: HttpRequest) -> forms.Form:
        raise NotImplementedError

    def _do(self, user: Any, told: dict[str, Any]) -> str:
        raise NotImplementedError

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Set it."""
        user: Any = request.user
        if not user.has_perm(EDIT):
            raise PermissionDenied
        form = self._form(request)
        back = reverse(f"admin:{self._page('changelist')}")
        title = f"{_('设置')}{self.opts.verbose_name}"
        return self.act(request, title, form, lambda told: self._do(user, told), back)


@admin.register(LimitRule)
class LimitRuleAdmin(_Begun):
    """Limits."""

    list_display = ("c_product", "c_by", "c_per", "most", "c_active")
    list_display_links = ("c_by",)
    list_select_related = ("product",)
    details = ((None, ("c_product", "c_by", "c_per", "most", "c_active")),)

    c_product = link_to("product", "产品", "o2o_admission_admissionproduct")
    c_by = column("get_by_display", "按", lambda show: show(), order="by")
    c_per = column("get_per_display", "范围", lambda show: show(), order="per")
    c_active = yes_no("active", "启用")

    def _form(self, request: HttpRequest) -> forms.Form:
        kind = form_of(
            LimitRule, ("active",), product=row_of(_("产品"), rows_for(request.user, AdmissionProduct, EDIT)),
            by=one_of(_("按"), LimitBy.choices), per=one_of(_("范围"), LimitPer.choices),
            most=number(_("最多（张）"), least=1),
        )  # fmt: skip
        return kind(request.POST if request.method == "POST" else None, initial={"active": True})

    def _do(self, user: Any, told: dict[str, Any]) -> str:
        set_limit(user, told["product"], told["by"], told["per"], told["most"], active=told["active"])
        return str(_("已设置；同样的规则以这次为准"))


@admin.register(SaleQueue)
class SaleQueueAdmin(_Begun):
    """Queues."""

    list_display = (
        "c_product",
        "per_minute",
        "pass_minutes",
        "c_started",
        "last_number",
        "c_waiting",
        "c_active",
    )
    list_display_links = ("per_minute",)
    list_select_related = ("product",)
    details = (
        (None, ("c_product", "per_minute", "pass_minutes", "c_started", "last_number", "c_waiting", "c_active")),
    )  # fmt: skip

    c_product = link_to("product", "产品", "o2o_admission_admissionproduct")
    c_started = moment("started_at", "开始放行")
    c_active = yes_no("active", "启用")

    @admin.display(description=_("排队中"))
    def c_waiting(self, row: SaleQueue) -> int:
        return length(row)

    def _form(self, request: HttpRequest) -> forms.Form:
        kind = form_of(
            SaleQueue, ("active",), product=row_of(_("产品"), rows_for(request.user, AdmissionProduct, EDIT)),
            per_minute=number(_("每分钟放行"), least=1, most=100_000),
            pass_minutes=number(_("放行后有效（分钟）"), least=1, most=240),
            started_at=MomentField(
                label=_("开始放行"), required=False,
                help_text=_("不填：立即开始，正在放行的不中断。填以后的时间：到那时才（继续）放行，已取的号保留"),
            ),
        )  # fmt: skip
        first: dict[str, Any] = {"active": True, "per_minute": 300, "pass_minutes": 10}
        there = (
            rows_for(request.user, SaleQueue).filter(product=typed_key(request.GET.get("product"))).first()
        )
        if there is not None:
            first = {name: getattr(there, name) for name in first} | {"product": there.product_id}
        return kind(request.POST if request.method == "POST" else None, initial=first)

    def doors(self, request: HttpRequest, obj: SaleQueue) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, EDIT, obj):
            return ()
        page = reverse(f"admin:{self._page('make')}")
        return [door(_("调整"), "tune", f"{page}?product={obj.product_id}")]

    def _do(self, user: Any, told: dict[str, Any]) -> str:
        product = told.pop("product")
        queue = set_queue(user, product, told.pop("per_minute"), **told)
        waiting = length(queue)
        return str(
            _("已设置；正在排队的 %(count)d 人号码不变") % {"count": waiting} if waiting else _("已设置")
        )


@admin.register(Draw)
class DrawAdmin(_Begun):
    """Draws."""

    list_display = ("c_class", "c_session", "units", "c_opens", "c_closes", "c_state")
    list_display_links = ("c_class",)
    list_select_related = ("ticket_class__product", "session")
    details = (
        (None, ("c_class", "c_session", "units", "most_each", "c_opens", "c_closes", "pay_hours", "c_state", "c_drawn",
                "seed_digest", "c_seed")),
    )  # fmt: skip

    c_class = column("ticket_class", "票类", str, order=None)
    c_session = link_to("session", "场次", "o2o_admission_session")
    c_opens = moment("opens_at", "登记开始")
    c_closes = moment("closes_at", "登记截止")
    c_drawn = moment("drawn_at", "抽签时间")
    c_state = state("state", "状态", dict(DrawState.choices))

    @admin.display(description=_("种子"))
    def c_seed(self, row: Draw) -> str:
        return row.seed if row.state == DrawState.DRAWN else str(_("抽签后公布"))

    def tables(self, request: HttpRequest, obj: Draw) -> list[Table]:
        rows = [
            (str(one.place or "—"), str(one.pk), str(one.quantity), one.get_state_display(), at(one.made_at))
            for one in obj.entries.all()[:500]
        ]
        counted = standing(obj)
        title = "，".join(f"{EntryState(one).label} {count}" for one, count in counted.items()) or str(
            _("还没有人登记")
        )
        return [Table(title, ("签位", "登记号", "张数", "结果", "登记时间"), rows)]

    def doors(self, request: HttpRequest, obj: Draw) -> Sequence[Mapping[str, Any]]:
        if obj.state != DrawState.OPEN or not self.may(request, EDIT, obj):
            return ()
        found = [door(_("取消抽签"), "block", self.address("cancel", obj.pk))]
        if obj.closes_at <= now():
            found.insert(0, door(_("抽签"), "casino", self.address("lots", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/lots/", self.lots_view, "lots"),
            self.own("<int:pk>/cancel/", self.cancel_view, "cancel"),
            *super().get_urls(),
        ]

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call it off."""
        row: Draw = self.row(request, pk, EDIT)

        def do(told: dict[str, Any]) -> str:
            cancel_draw(request.user, row, told["reason"])
            return str(_("已取消抽签，登记的人会收到通知；这个票类现在可以直接购买"))

        form = ReasonForm(request.POST if request.method == "POST" else None)
        note = _("取消后不能恢复。事由会发给每位登记的人。")
        return self.act(request, f"{_('取消抽签')}：{row}", form, do, self.page_of(pk), note=note)

    def lots_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Draw."""
        row: Draw = self.row(request, pk, EDIT)

        def do(_told: dict[str, Any]) -> str:
            draw_lots(request.user, row)
            return str(_("已抽签，中签人会收到通知"))

        form = forms.Form(request.POST if request.method == "POST" else None)
        note = _(
            "只能抽一次；登记截止一小时后没有人抽，系统自动抽。"
            "次序由建立时就定下的种子决定，抽签后公布种子，任何人可以核对。"
        )
        return self.act(request, f"{_('抽签')}：{row}", form, do, self.page_of(pk), note=note)

    def _form(self, request: HttpRequest) -> forms.Form:
        kinds = (
            rows_for(request.user, TicketClass, EDIT).filter(valid_mode="session").select_related("product")
        )
        sessions = rows_for(request.user, Session, EDIT).filter(starts_at__gt=now()).select_related("product")
        kind = form_of(
            Draw, (), ticket_class=row_of(_("票类"), kinds), session=row_of(_("场次"), sessions),
            units=number(_("名额（张）"), least=1), most_each=number(_("每人最多"), least=1, most=10, initial=2),
            opens_at=MomentField(label=_("登记开始")), closes_at=MomentField(label=_("登记截止")),
            pay_hours=number(_("中签后付款（小时）"), least=1, most=168, initial=24),
        )  # fmt: skip
        return kind(request.POST if request.method == "POST" else None)

    def _do(self, user: Any, told: dict[str, Any]) -> str:
        make_draw(
            user, told["ticket_class"], told["session"], told["units"], told["opens_at"], told["closes_at"],
            most_each=told["most_each"], pay_hours=told["pay_hours"],
        )  # fmt: skip
        return str(_("已设置；抽签结束前这个票类不能直接购买"))


@admin.register(Waiting)
class WaitingAdmin(ReadOnlyAdmin):
    """Who waits."""

    list_display = ("c_class", "c_when", "quantity", "c_state", "c_made", "c_until", "order_number")
    list_display_links = ("c_class",)
    list_filter = (choice("state", "状态", _WAITING),)
    list_filter_submit = True
    list_select_related = ("ticket_class__product", "session", "slot")
    search_fields = ("ticket_class__product__name", "order_number")
    details = ((None, ("c_class", "c_when", "quantity", "c_state", "c_made", "c_until", "order_number")),)

    c_class = column("ticket_class", "票类", str, order=None)
    c_state = state("state", "状态", _WAITING)
    c_made = moment("made_at", "登记时间")
    c_until = moment("offered_until", "保留至")

    @admin.display(description=_("日期、场次、时段"))
    def c_when(self, row: Waiting) -> str:
        return at(row.session.starts_at) if row.session is not None else str(row.slot or row.day or "—")
