"""Payment methods, risk and the blacklist in the staff's words: lists, one form each, and "stop"."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from saleor_o2o.cashier.models import BlacklistEntry, BlacklistKind, Effect, MethodRule, RiskRule
from saleor_o2o.cashier.ports import Method
from saleor_o2o.cashier.services.offering import TITLES
from saleor_o2o.cashier.services.rulebook import (
    BLACKLIST,
    CONFIGURE,
    blacklist,
    end_rule,
    make_rule,
    unlist,
)
from saleor_o2o.cashier.tenders import tenders
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..columns import badge, column, moment
from ..doors import door
from ..labels import yuan
from .acting import ActingAdmin
from .filters import choice

EFFECT: dict[str, Any] = dict(Effect.choices)
KIND: dict[str, Any] = dict(BlacklistKind.choices)
IN_FORCE = {"running": "生效中", "open": "未开始", "closed": "已停止"}


def method_titles() -> dict[str, str]:
    """Every way to pay: the providers' and ours."""
    found = {one.value: str(TITLES.get(one.value, one.value)) for one in Method}
    return {**found, **{kind: str(tender.title) for kind, tender in sorted(tenders().items())}}


def lines() -> list[tuple[str, Any]]:
    """The business lines of ordering."""
    field = apps.get_model("o2o_ordering", "OrderProfile")._meta.get_field("line")
    return [(value, label) for value, label in field.choices or () if value != "mixed"]


def units_of(user: Any) -> list[tuple[int, str]]:
    """Units that the user may make rules for, as far as a county."""
    if not apps.is_installed("plugins.org_hierarchy"):
        return []
    found = rows_for(user, apps.get_model("o2o_org_hierarchy", "OrgUnit"), CONFIGURE).filter(level__lte=4)
    return [(unit.pk, f"{'　' * (unit.level - 1)}{unit.name}") for unit in found.order_by("path")[:500]]


def speaks_for_city(user: Any) -> bool:
    """True for whoever may make rules without a unit: for all of them."""
    if user.is_superuser or not apps.is_installed("plugins.org_hierarchy"):
        return True
    units = apps.get_model("o2o_org_hierarchy", "OrgUnit")
    root = units.objects.filter(parent__isnull=True)
    return rows_for(user, units, CONFIGURE).filter(pk__in=root.values("pk")).exists()


def in_force(rule: Any) -> str:
    """Whether a rule counts now."""
    moment_ = now()
    if rule.valid_to is not None and rule.valid_to <= moment_:
        return "closed"
    return "open" if rule.valid_from > moment_ else "running"


def _money(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, max_digits=12, decimal_places=2, min_value=0, help_text=help_text,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip


class Moment(forms.DateTimeField):
    """A moment typed in the browser's own field."""

    def __init__(self, label: Any, help_text: Any = "") -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
        super().__init__(label=label, required=False, help_text=help_text, widget=widget)


class WhereForm(forms.Form):
    """Where and when."""

    channel = forms.CharField(
        label=_("渠道"), max_length=40, required=False, help_text=_("渠道类型或代码；留空：全部渠道"),
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip
    line = forms.ChoiceField(label=_("业务线"), required=False, widget=UnfoldAdminSelectWidget)
    unit_key = forms.TypedChoiceField(
        label=_("机构（含下级）"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
    )
    valid_from = Moment(_("生效时间"), _("留空：立即"))
    valid_to = Moment(_("失效时间"), _("留空：一直有效"))
    words = forms.CharField(
        label=_("给顾客看的说明"), max_length=100, required=False, help_text=_("不可用时显示；留空用通用说明"),
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", _("全部业务")), *lines()]  # type: ignore[attr-defined]
        whole = [("", _("全市"))] if speaks_for_city(user) else [("", _("请选择"))]
        self.fields["unit_key"].choices = [*whole, *units_of(user)]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What was typed, for the service."""
        given = dict(self.cleaned_data)
        given["valid_from"] = given["valid_from"] or now()
        return given


class MethodForm(WhereForm):
    """A method, offered or not, with limits."""

    method = forms.ChoiceField(label=_("支付方式"), widget=UnfoldAdminSelectWidget)
    is_offered = forms.BooleanField(
        label=_("开放"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )
    min_amount = _money(_("单笔最低（元）"))
    max_amount = _money(_("单笔最高（元）"))
    daily_amount = _money(_("每人每日上限（元）"))
    field_order = (
        "method",
        "is_offered",
        "channel",
        "line",
        "unit_key",
        "min_amount",
        "max_amount",
        "daily_amount",
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["method"].choices = list(method_titles().items())  # type: ignore[attr-defined]


class RiskForm(WhereForm):
    """What is looked at or refused."""

    effect = forms.ChoiceField(label=_("处理方式"), choices=Effect.choices, widget=UnfoldAdminSelectWidget)
    min_amount = _money(_("单笔达到（元）"))
    daily_amount = _money(_("同一顾客当日累计超过（元）"))
    daily_count = forms.IntegerField(
        label=_("同一顾客当日笔数超过"), required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    field_order = ("effect", "min_amount", "daily_amount", "daily_count", "channel", "line", "unit_key")


class BlacklistForm(forms.Form):
    """Who, why, until when."""

    kind = forms.ChoiceField(label=_("类型"), choices=BlacklistKind.choices, widget=UnfoldAdminSelectWidget)
    value = forms.CharField(label=_("内容"), max_length=128, widget=UnfoldAdminTextInputWidget)
    effect = forms.ChoiceField(label=_("处理方式"), choices=Effect.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("原因"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    until = Moment(_("失效时间"), _("留空：一直有效"))


class _Rules(ActingAdmin):
    """A list with "new", a page with "stop"."""

    permission = CONFIGURE
    list_filter_submit = True

    c_from = moment("valid_from", "生效时间")
    c_to = moment("valid_to", "失效时间")
    c_state = column("pk", "状态", order=None)

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("<int:pk>/stop/", self.stop_view, "stop"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: Any = super().changelist_view(request, extra_context)
        if getattr(response, "context_data", None) is not None and self._may_make(request):
            button = {
                "title": _("新增"), "icon": "add", "path": reverse(f"admin:{self._page('new')}"),
                "variant": ActionVariant.PRIMARY,
            }  # fmt: skip
            found = [*response.context_data.get("actions_list", ()), button]
            response.context_data = {**response.context_data, "actions_list": found}
        return response

    def doors(self, request: HttpRequest, obj: Any) -> list[Any]:
        if in_force(obj) == "closed" or not self.may(request, self.permission, obj):
            return []
        return [door(_("停止"), "block", self.address("stop", obj.pk))]

    def _may_make(self, request: HttpRequest) -> bool:
        return policy_for(self.model).may(request.user, self.permission, self.model)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """A new one."""
        if not self._may_make(request):
            raise PermissionDenied
        back = reverse(f"admin:{self._page('changelist')}")
        form = self.form_for(request)
        return self.act(request, self.new_title, form, lambda _v: self.make(request, form), back)

    new_title: Any = ""

    def form_for(self, request: HttpRequest) -> Any:
        """The form of a new one."""
        raise NotImplementedError

    def make(self, request: HttpRequest, form: Any) -> str:
        """Write it; a word of success."""
        raise NotImplementedError

    def stop(self, request: HttpRequest, pk: int) -> None:
        """End it now."""
        end_rule(request.user, self.model, pk)

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End one now; it stays in the list."""
        rule = self.row(request, pk, self.permission)

        def do(_values: dict[str, Any]) -> str:
            self.stop(request, pk)
            return str(_("已停止，记录保留"))

        since = timezone.localtime(rule.valid_from).strftime("%Y-%m-%d %H:%M")
        facts = [(_("规则"), str(rule)), (_("生效时间"), since)]
        return self.act(
            request, _("停止"), forms.Form(request.POST or None), do, self.page_of(pk), facts=facts
        )


def _state_column(self: Any, obj: Any) -> Any:
    return badge(in_force(obj), IN_FORCE)


_state_column.short_description = "状态"  # type: ignore[attr-defined]


def _unit(obj: Any) -> str:
    if obj.unit_key is None:
        return "全市"
    if not apps.is_installed("plugins.org_hierarchy"):
        return str(obj.unit_key)
    unit = apps.get_model("o2o_org_hierarchy", "OrgUnit").objects.filter(pk=obj.unit_key).first()
    return unit.name if unit is not None else str(obj.unit_key)


def _unit_column(self: Any, obj: Any) -> str:
    return _unit(obj)


_unit_column.short_description = "机构"  # type: ignore[attr-defined]

_WHERE = ("c_channel", "c_line", "c_unit")


@admin.register(MethodRule)
class MethodRuleAdmin(_Rules):
    """Which methods are offered where."""

    list_display = (
        "c_method", "c_offered", *_WHERE, "c_min", "c_max", "c_daily", "c_from", "c_to", "c_state",
    )  # fmt: skip
    list_display_links = ("c_method",)
    list_filter = (choice("is_offered", "开放", {"True": "开放", "False": "不开放"}),)
    search_fields = ("method", "channel", "line")
    search_help_text = "方式、渠道、业务线代码"
    details = (
        (None, ("c_method", "c_offered", *_WHERE, "c_state", "c_min", "c_max", "c_daily", "words")),
        ("时间", ("c_from", "c_to", "made_by")),
    )
    new_title = _("新增支付方式规则")

    c_method = column("method", "支付方式", lambda method: method_titles().get(method, method))
    c_offered = column("is_offered", "开放", lambda yes: "开放" if yes else "不开放")
    c_channel = column("channel", "渠道")
    c_line = column("line", "业务线", lambda line: dict(lines()).get(line, line))
    c_unit = _unit_column
    c_min = column("min_amount", "单笔最低", yuan)
    c_max = column("max_amount", "单笔最高", yuan)
    c_daily = column("daily_amount", "每人每日", yuan)
    c_state = _state_column

    def form_for(self, request: HttpRequest) -> MethodForm:
        return MethodForm(request.user, request.POST or None)

    def make(self, request: HttpRequest, form: MethodForm) -> str:
        make_rule(request.user, MethodRule, city=speaks_for_city(request.user), **form.values())
        return str(_("已保存"))


@admin.register(RiskRule)
class RiskRuleAdmin(_Rules):
    """What is refused or looked at."""

    list_display = (
        "c_effect", *_WHERE, "c_min", "c_daily", "daily_count", "c_from", "c_to", "c_state",
    )  # fmt: skip
    list_display_links = ("c_effect",)
    list_filter = (choice("effect", "处理方式", EFFECT),)
    details = (
        (None, ("c_effect", *_WHERE, "c_state", "c_min", "c_daily", "daily_count", "words")),
        ("时间", ("c_from", "c_to", "made_by")),
    )
    new_title = _("新增风控规则")

    c_effect = column("effect", "处理方式", EFFECT.get)
    c_channel = column("channel", "渠道")
    c_line = column("line", "业务线", lambda line: dict(lines()).get(line, line))
    c_unit = _unit_column
    c_min = column("min_amount", "单笔达到", yuan)
    c_daily = column("daily_amount", "当日累计超过", yuan)
    c_state = _state_column

    def form_for(self, request: HttpRequest) -> RiskForm:
        return RiskForm(request.user, request.POST or None)

    def make(self, request: HttpRequest, form: RiskForm) -> str:
        make_rule(request.user, RiskRule, city=speaks_for_city(request.user), **form.values())
        return str(_("已保存"))


@admin.register(BlacklistEntry)
class BlacklistAdmin(_Rules):
    """Payers who are refused or looked at. Values are masked."""

    permission = BLACKLIST
    list_display = ("c_kind", "label", "c_effect", "reason", "made_by", "c_from", "c_to", "c_state")
    list_display_links = ("label",)
    list_filter = (choice("kind", "类型", KIND), choice("effect", "处理方式", EFFECT))
    details = ((None, ("c_kind", "label", "c_effect", "c_state", "reason", "made_by", "c_from", "c_to")),)
    new_title = _("加入黑名单")

    c_kind = column("kind", "类型", KIND.get)
    c_effect = column("effect", "处理方式", EFFECT.get)
    c_state = _state_column

    def form_for(self, request: HttpRequest) -> BlacklistForm:
        return BlacklistForm(request.POST or None)

    def make(self, request: HttpRequest, form: BlacklistForm) -> str:
        given = form.cleaned_data
        blacklist(
            request.user, given["kind"], given["value"], effect=given["effect"], reason=given["reason"],
            until=given["until"],
        )  # fmt: skip
        return str(_("已加入黑名单"))

    def stop(self, request: HttpRequest, pk: int) -> None:
        unlist(request.user, pk)
