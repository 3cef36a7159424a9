"""分账: requests with their receivers, returns, who may receive; sharing by hand is for exceptions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from saleor.order.models import Order
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.naming import NamesActors
from saleor_o2o.backoffice.columns import at, badge, column, link_to, moment, money, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import error_words, yuan
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for, rows_for

from ..models import MerchantAccount, Receiver, ReceiverType, Relation, Share, ShareLine, ShareState
from ..permissions import SHARE
from ..services import returning, sharing
from .acting import ActingAdmin, choice, text

STATE = dict(ShareState.choices)
RESULT = {"PENDING": "待分账", "SUCCESS": "分账成功", "CLOSED": "已关闭"}


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=UnfoldAdminDecimalFieldWidget,
    )


class _Keyed(forms.Form):
    """Sending a form twice does it once."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ShareForm(_Keyed):
    """One receiver of one order."""

    order = text("订单号", 12)
    trade_number = text("商户订单号", 32, required=False, help_text="合单付款的订单请填写子单号")
    receiver = forms.ModelChoiceField(
        label="分账接收方", queryset=Receiver.objects.none(), required=False, widget=UnfoldAdminSelectWidget,
        help_text="留空则不分账，只解冻剩余资金",
    )  # fmt: skip
    amount = forms.DecimalField(
        label="分账金额（元）",
        max_digits=12,
        decimal_places=2,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    unfreeze = forms.BooleanField(label="同时解冻剩余资金（之后不能再分）", required=False)
    description = text("说明", 80)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = rows_for(user, Receiver).filter(added_at__isnull=False).select_related("account")
        self.fields["receiver"].queryset = known  # type: ignore[attr-defined]


class ReturnForm(_Keyed):
    """How much comes back."""

    amount = _amount("回退金额（元）")
    description = text("回退原因", 80)


class ReceiverForm(forms.Form):
    """Who may receive."""

    account = forms.ModelChoiceField(
        label="微信商户号", queryset=MerchantAccount.objects.none(), widget=UnfoldAdminSelectWidget
    )
    type = choice("接收方类型", ReceiverType.choices)
    receiver = text("接收方账号", 64, help_text="商户号，或个人的 openid")
    name = text("商户全称 / 个人姓名", 60, required=False, help_text="商户必填，须与微信登记一致；加密传送")
    relation = choice("与我方关系", Relation.choices)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = rows_for(user, MerchantAccount)  # type: ignore[attr-defined]


@admin.register(Share)
class ShareAdmin(NamesActors, ActingAdmin):
    """Requests."""

    actor_field = "requested_by"

    list_display = (
        "number",
        "c_order",
        "c_account",
        "c_amount",
        "c_shared",
        "c_frees",
        "c_state",
        "c_created",
        "c_finished",
        "c_error",
    )
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("account", "order")
    search_fields = ("=number", "=trade_number", "=provider_trade", "=order__pk")
    search_help_text = "分账单号、商户订单号、微信支付单号、订单号"
    details = (
        (
            None,
            (
                "number",
                "c_order",
                "c_account",
                "trade_number",
                "provider_trade",
                "c_amount",
                "c_state",
                "description",
            ),
        ),
        ("时间", ("c_created", "c_finished", "try_count", "c_error", "c_by", "provider_ref")),
    )

    c_order = link_to("order", "订单", "o2o_backoffice_order")
    c_account = column("account", "微信商户号", str, order="account")
    c_amount = money("trade_amount", "支付金额")
    c_shared = money("o2o_shared", "分账金额")
    c_frees = column("unfreezes", "解冻剩余资金", lambda yes: "是" if yes else "—")
    c_by = column("o2o_actor", "申请人", order=None)
    c_error = column("last_error", "最近错误", error_words)
    c_state = state("state", "状态", STATE)
    c_created = moment("created_at", "申请时间")
    c_finished = moment("finished_at", "完成时间")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        found: QuerySet[Share] = super().get_queryset(request)
        return found.annotate(o2o_shared=Coalesce(Sum("lines__amount"), Decimal(0)))

    def get_urls(self) -> list[Any]:
        return [
            self.own("share/", self.share_view, "share"),
            self.own("line/<int:pk>/return/", self.return_view, "return"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Share) -> list[Table]:
        may = policy_for(Share).may(request.user, SHARE, obj)
        lines, backs = [], []
        for line in obj.lines.select_related("receiver").prefetch_related("returns"):
            left, todo = returning.left_of(line), "—"
            if may and left > 0 and line.receiver.type == ReceiverType.MERCHANT_ID:
                address = reverse(f"admin:{self._page('return')}", args=[line.pk])
                todo = format_html('<a class="o2o-link" href="{}">回退</a>', address)
            lines.append(
                (line.receiver.masked, line.receiver.get_relation_display(), yuan(line.amount),
                 badge(line.result, RESULT), line.fail_reason or "—", yuan(left), todo)
            )  # fmt: skip
            backs += [
                (
                    one.number,
                    line.receiver.masked,
                    yuan(one.amount),
                    badge(one.state, STATE),
                    at(one.finished_at),
                    error_words(one.last_error),
                )
                for one in line.returns.all()
            ]
        return [
            Table("接收方", ("账号", "关系", "金额", "结果", "失败原因", "仍在对方", "操作"), lines),
            Table("回退", ("回退单号", "接收方", "金额", "状态", "完成时间", "错误"), backs),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        user: Any = request.user
        context = getattr(response, "context_data", None)
        if context is not None and user.has_perm(SHARE):
            button = door("手工分账", "call_split", reverse(f"admin:{self._page('share')}"))
            context["actions_list"] = [*context.get("actions_list", ()), button]
        return response

    def share_view(self, request: HttpRequest) -> HttpResponse:
        """Share, or free the rest, by hand."""
        user: Any = request.user
        if not user.has_perm(SHARE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            number = values["order"].strip().lstrip("#")
            if not number.isascii() or not number.isdigit() or len(number) > 9:
                raise OutOfScope
            order = get_row(user, Order, pk=int(number))
            key = f"desk:{values['key']}"
            if values["receiver"] is None:
                made = sharing.unfreeze(
                    order, key, trade_number=values["trade_number"], description=values["description"]
                )
            else:
                wanted = sharing.Wanted(
                    values["receiver"], values["amount"] or Decimal(0), values["description"]
                )
                made = sharing.share(
                    order, [wanted], key, trade_number=values["trade_number"], unfreeze=values["unfreeze"]
                )
            return f"已提交分账单 {made.number}"

        form = ShareForm(user, request.POST or None, initial={"key": uuid4().hex})
        back = reverse(f"admin:{self._page('changelist')}")
        intro = (
            "付款满 1 分钟后可分，最多占订单 30%，30 天后自动解冻；结果由系统查询。"
            "分给商户的，退款时系统先按比例要回；分给个人的要不回来，退款时由本商户的余额垫付。"
        )
        return self.act(request, "手工分账", form, do, back, intro)

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a share back."""
        user: Any = request.user
        try:
            line = get_row(user, ShareLine, pk=pk)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(ShareLine).may(user, SHARE, line):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            made = returning.give_back(line, values["amount"], f"desk:{values['key']}", values["description"])
            return f"已提交回退单 {made.number}"

        form = ReturnForm(
            request.POST or None, initial={"key": uuid4().hex, "amount": returning.left_of(line)}
        )
        back = reverse(f"admin:{self._page('change')}", args=[line.share_id])
        return self.act(request, f"分账回退：{line.receiver.masked}", form, do, back)


@admin.register(Receiver)
class ReceiverAdmin(ActingAdmin):
    """Who may receive."""

    list_display = ("c_receiver", "c_type", "c_account", "c_relation", "c_known", "c_added", "c_error")
    list_display_links = ("c_receiver",)
    list_select_related = ("account",)
    search_fields = ("=receiver",)
    search_help_text = "接收方账号"
    details = (
        (
            None,
            (
                "c_receiver",
                "c_type",
                "c_account",
                "c_relation",
                "c_known",
                "c_added",
                "c_removed",
                "c_error",
            ),
        ),
    )

    c_receiver = column("masked", "接收方账号", order="receiver")
    c_type = column("get_type_display", "类型", lambda name: name(), order="type")
    c_relation = column("get_relation_display", "关系", lambda name: name(), order="relation")
    c_account = column("account", "微信商户号", str, order="account")
    c_known = column("is_known", "状态", lambda known: "可分账" if known else "未登记", order=None)
    c_added = moment("added_at", "添加时间")
    c_removed = moment("removed_at", "移除时间")
    c_error = column("last_error", "最近错误", error_words)

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-receiver/", self.add_receiver_view, "add_receiver"),
            self.own("<int:pk>/remove/", self.remove_view, "remove"),
            *super().get_urls(),
        ]

    def doors(self, request: HttpRequest, obj: Receiver) -> Any:
        if not obj.is_known or not policy_for(Receiver).may(request.user, SHARE, obj):
            return ()
        return [door("移除", "person_remove", reverse(f"admin:{self._page('remove')}", args=[obj.pk]))]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        user: Any = request.user
        context = getattr(response, "context_data", None)
        if context is not None and user.has_perm(SHARE):
            button = door("添加接收方", "person_add", reverse(f"admin:{self._page('add_receiver')}"))
            context["actions_list"] = [*context.get("actions_list", ()), button]
        return response

    def add_receiver_view(self, request: HttpRequest) -> HttpResponse:
        """Make somebody known at WeChat."""
        user: Any = request.user
        if not user.has_perm(SHARE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            if not policy_for(MerchantAccount).may(user, SHARE, values["account"]):
                raise PermissionDenied
            sharing.add_receiver(
                values["account"], values["type"], values["receiver"], values["name"], values["relation"]
            )
            return "已在微信支付登记"

        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, "添加分账接收方", ReceiverForm(user, request.POST or None), do, back)

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have WeChat forget somebody."""
        row: Receiver = self.row(request, pk)
        if not policy_for(Receiver).may(request.user, SHARE, row):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            sharing.remove_receiver(row)
            return "已移除"

        back = reverse(f"admin:{self._page('change')}", args=[pk])
        return self.act(request, f"移除接收方 {row.masked}", forms.Form(request.POST or None), do, back)
