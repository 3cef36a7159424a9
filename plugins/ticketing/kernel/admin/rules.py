"""退改规则: versions under dual control, the text for customers, and a page to try a rule on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import choice
from saleor_o2o.backoffice.columns import badge, column, link, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..access import EDIT, PUBLISH, TRY, may_for_city
from ..choices import Cause, FeeKind, RuleState, Trade
from ..engine import Fee, Rule, price_of
from ..engine.wording import rule_text, tier_text
from ..errors import TicketError
from ..models import SCOPE, FeeRule
from ..selecting import in_force, rule_of
from ..services.rules import check, publish, refuse, submit, submit_end, withdraw
from ..trades import strange_codes
from .deciding import Decision
from .forms import EndForm, RuleForm, TryForm, initial_of

STANDING: dict[str, Any] = {
    **dict(RuleState.choices), "planned": _("待生效"), "current": _("生效中"), "past": _("已失效"),
}  # fmt: skip
TRADES: dict[str, Any] = dict(Trade.choices)
KINDS: dict[str, Any] = dict(FeeKind.choices)
STATES: dict[str, Any] = dict(RuleState.choices)
DECISION = Decision(publish, refuse, withdraw, PUBLISH, _("有复核权限的人员"))
#: Shades of the words above that unfold has a colour for.
_COLOURS = {"pending": "warning", "planned": "info", "current": "success", "refused": "danger"}
_LABELS = {
    key: FeeRule._meta.get_field(key).verbose_name  # type: ignore[union-attr]
    for key in ("supplier", "line", "cabin", "product", "session", "ticket_class")
}


def scope_text(row: FeeRule) -> str:
    """`供应商 LCC，舱位/席别 Y`, `全部`."""
    told = [f"{_LABELS[key]} {getattr(row, key)}" for key in reversed(SCOPE) if getattr(row, key)]
    return "，".join(told) or str(_("全部"))


def unknown_words(trade: str, codes: Mapping[str, str]) -> str:
    """What to look at again where a rule is for a code that nothing has; empty where there is nothing."""
    strange = strange_codes(trade, codes)
    found = [f"{_LABELS[key]} {codes[key]}" for key in reversed(SCOPE) if key in strange]
    if not found:
        return ""
    told = {"codes": "、".join(found)}
    return str(_("现在没有%(codes)s，这条规则对哪张票都不起作用；请核对代码") % told)


def said(row: FeeRule) -> tuple[Rule | None, list[str]]:
    """The rule of a row and its lines; one that cannot be read says so instead of breaking the page."""
    try:
        rule = rule_of(row)
        return rule, rule_text(rule)
    except TicketError as error:
        return None, [error.in_words]


def rule_table(rule: Rule) -> Table:
    """The rule as customers read it."""
    return Table(str(_("旅客看到的规则")), (str(_("内容")),), [(line,) for line in rule_text(rule)])


def result_of(rule: Rule, fee: Fee) -> list[tuple[Any, Any]]:
    """What trying came to: the sums, the reasons, and the tiers with the one that spoke."""
    tiers = [
        (f"{'▶ ' if at == fee.tier else ''}{_('第')} {at} {_('档')}", tier_text(tier, rule))
        for at, tier in enumerate(rule.tiers, start=1)
    ]
    return [
        (_("结果"), _("可以办理") if fee.allowed else _("不能办理")),
        (_("手续费"), f"{fee.fee:.2f} 元"),
        (_("应退"), f"{fee.back:.2f} 元"),
        (_("应补"), f"{fee.to_pay:.2f} 元"),
        (_("依据"), Cause(fee.cause).label),
        *((_("说明"), words) for words in fee.words),
        *tiers,
    ]


@admin.register(FeeRule)
class FeeRuleAdmin(ActingAdmin):
    """Every version of every rule, for the whole city."""

    begins = (
        (_("新增规则"), "add", "new", EDIT),
        (_("退改试算"), "calculate", "try_any", TRY),
    )
    list_display = (
        "name",
        "c_trade",
        "c_kind",
        "c_scope",
        "c_first",
        "c_from",
        "c_to",
        "c_version",
        "c_standing",
    )
    list_display_links = ("name",)
    list_filter = (
        choice("trade", "票种", TRADES),
        choice("kind", "业务", KINDS),
        choice("state", "状态", STATES),
    )
    list_filter_submit = True
    search_fields = ("name", *SCOPE)
    search_help_text = _("名称、供应商、线路、产品、场次等代码")
    list_select_related = ("ends",)
    ordering = ("trade", "kind", "name", "-pk")
    details = (
        (None, ("name", "c_trade", "c_kind", "c_scope", "priority", "c_standing", "c_from", "c_to", "c_version",
                "c_ends", "c_reason", "c_made_by", "c_made", "c_decided_by", "c_decided", "c_note")),
    )  # fmt: skip

    c_trade = column("get_trade_display", "票种", lambda show: show(), order="trade")
    c_kind = column("get_kind_display", "业务", lambda show: show(), order="kind")
    c_from = column("valid_from", "生效日期")
    c_to = column("valid_to", "失效日期")
    c_version = column("version", "版本", lambda version: f"v{version}" if version else "—")
    c_reason = column("reason", "事由")
    c_note = column("note", "复核意见")
    c_made = moment("made_at", "提交时间")
    c_decided = moment("decided_at", "复核时间")

    @admin.display(description=_("适用范围"))
    def c_scope(self, row: FeeRule) -> str:
        return scope_text(row)

    @admin.display(description=_("第一档"))
    def c_first(self, row: FeeRule) -> str:
        if row.ends_id is not None:
            return str(_("停用"))
        return said(row)[1][0]

    @admin.display(description=_("状态"), ordering="state")
    def c_standing(self, row: FeeRule) -> Any:
        from django.template.loader import render_to_string

        text = STANDING.get(row.standing, row.standing)
        kind = _COLOURS.get(row.standing, "default")
        return render_to_string("unfold/helpers/label.html", {"type": kind, "text": text})

    @admin.display(description=_("停用的规则"))
    def c_ends(self, row: FeeRule) -> Any:
        return link("o2o_ticketing_feerule", row.ends_id, str(row.ends)) if row.ends_id is not None else "—"

    @admin.display(description=_("提交人"))
    def c_made_by(self, row: FeeRule) -> str:
        return _person(row.made_by)

    @admin.display(description=_("复核人"))
    def c_decided_by(self, row: FeeRule) -> str:
        return _person(row.decided_by)

    def tables(self, request: HttpRequest, obj: FeeRule) -> list[Table]:
        lines = said(obj)[1]
        first = Table(str(_("旅客看到的规则")), (str(_("内容")),), [(line,) for line in lines])
        same = FeeRule.objects.filter(
            trade=obj.trade, kind=obj.kind, priority=obj.priority, **{key: getattr(obj, key) for key in SCOPE}
        ).select_related("made_by", "decided_by")
        rows = [
            (link("o2o_ticketing_feerule", one.pk, str(one)), badge(one.standing, STANDING), str(one.valid_from),
             str(one.valid_to or "—"), one.reason, _person(one.made_by), _person(one.decided_by))
            for one in same.order_by("-valid_from", "-pk")[:50]
        ]  # fmt: skip
        headers = ("版本", "状态", "生效", "失效", "事由", "提交人", "复核人")
        return [first, Table(str(_("版本记录")), headers, rows)]

    def doors(self, request: HttpRequest, obj: FeeRule) -> Sequence[Mapping[str, Any]]:
        found = []
        user: Any = request.user
        edits = may_for_city(user, EDIT)
        if obj.state == RuleState.PENDING and (obj.made_by_id == user.pk or may_for_city(user, PUBLISH)):
            words = _("撤回") if obj.made_by_id == user.pk else _("复核")
            found.append(door(words, "fact_check", self.address("decide", obj.pk)))
        if obj.ends_id is None and edits:
            found.append(door(_("新版本"), "edit", self.address("version", obj.pk)))
            if obj.standing in ("current", "planned"):
                found.append(door(_("停用"), "event_busy", self.address("end", obj.pk)))
        if obj.ends_id is None and user.has_perm(TRY):
            found.append(door(_("试算"), "calculate", self.address("try", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("try/", self.try_view, "try_any"),
            self.own("<int:pk>/version/", self.new_view, "version"),
            self.own("<int:pk>/end/", self.end_view, "end"),
            self.own("<int:pk>/decide/", self.decide_view, "decide"),
            self.own("<int:pk>/try/", self.try_view, "try"),
            *super().get_urls(),
        ]

    def _list(self) -> str:
        return reverse(f"admin:{self._page('changelist')}")

    def new_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """A rule, or a version that follows another one: fill in, look at the text, submit."""
        user: Any = request.user
        if not may_for_city(user, EDIT):
            raise PermissionDenied
        row: FeeRule | None = self.row(request, pk, EDIT) if pk is not None else None
        rule = said(row)[0] if row is not None else None
        initial = initial_of(row, rule) if row is not None and rule is not None else {}
        form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
        looks = request.method == "POST" and "submit" not in request.POST
        table, doubt = None, ""
        if request.method == "POST" and form.is_valid() and form.rule is not None:
            table = rule_table(form.rule)
            if looks:
                try:
                    check(form.rule, form.cleaned_data["valid_from"], form.cleaned_data["valid_to"])
                except DomainError as error:
                    form.add_error(error.field if error.field in form.fields else None, error.in_words)
            doubt = unknown_words(form.cleaned_data["trade"], form.scope())

        def do(told: dict[str, Any]) -> str:
            assert form.rule is not None  # noqa: S101 - a valid form has one
            submit(
                user, form.rule, form.scope(), told["valid_from"], told["reason"], valid_to=told["valid_to"],
                priority=told["priority"],
            )  # fmt: skip
            if doubt:
                messages.warning(request, doubt)
            return str(_("已提交，等待另一位有复核权限的人员发布"))

        buttons = [("look", "1", _("看旅客文字"), "default"), ("submit", "1", _("提交复核"), "")]
        title = _("新增退改规则") if row is None else f"{_('新版本')}：{row.name}"
        back = self._list() if row is None else self.page_of(row.pk)
        return self.act(
            request, title, form, do, back, table=table, buttons=buttons, only_look=looks,
            note=_("已卖出的票按卖出时的规则办理，不受新版本影响。"),
            facts=[(_("请核对"), doubt)] if doubt else (),
        )  # fmt: skip

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask that a rule ends."""
        row: FeeRule = self.row(request, pk, EDIT)
        if not may_for_city(request.user, EDIT):
            raise PermissionDenied
        if row.standing not in ("current", "planned"):
            raise Http404
        form = EndForm(
            request.POST if request.method == "POST" else None, initial={"last_day": max(today(), row.valid_from)}
        )  # fmt: skip

        def do(told: dict[str, Any]) -> str:
            submit_end(request.user, row, told["last_day"], told["reason"])
            return str(_("已提交，等待另一位有复核权限的人员发布"))

        note = _("停用以后，由范围更大的规则计费；没有更大的规则就不能办理。已卖出的票不受影响。")
        return self.act(request, f"{_('停用规则')}：{row.name}", form, do, self.page_of(pk), note=note)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish, refuse or take back."""
        row: FeeRule = DECISION.waiting(request.user, rows_for(request.user, FeeRule), pk)
        facts = [
            (_("票种"), f"{row.get_trade_display()} · {row.get_kind_display()}"),
            (_("适用范围"), scope_text(row)),
            (_("生效日期"), row.valid_from),
            (_("事由"), row.reason),
            (_("提交人"), _person(row.made_by)),
        ]
        if row.ends_id is not None:
            facts.insert(0, (_("停用的规则"), str(row.ends)))
        elif doubt := unknown_words(row.trade, {key: getattr(row, key) for key in SCOPE}):
            facts.append((_("请核对"), doubt))
        table = Table(str(_("旅客看到的规则")), (str(_("内容")),), [(line,) for line in said(row)[1]])
        return DECISION.page(self, request, row, f"{_('复核退改规则')}：{row.name}", facts, table)

    def try_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """What a ticket would cost; nothing is written."""
        user: Any = request.user
        if not user.has_perm(TRY):
            raise PermissionDenied
        rows = self._to_try(request, pk)
        form = TryForm(
            rows, request.POST if request.method == "POST" else None, initial={"rule": pk} if pk is not None else {}
        )  # fmt: skip
        facts: list[tuple[Any, Any]] = []
        if request.method == "POST" and form.is_valid():
            try:
                rule = rule_of(next(row for row in rows if str(row.pk) == form.cleaned_data["rule"]))
                facts = result_of(rule, price_of(rule, form.facts(rule)))
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
        back = self._list() if pk is None else self.page_of(pk)
        return self.act(
            request, _("退改试算"), form, lambda told: "", back, facts=facts, only_look=True,
            buttons=[("try", "1", _("试算"), "")], note=_("试算不写入任何数据。"),
        )  # fmt: skip

    def _to_try(self, request: HttpRequest, pk: int | None) -> list[FeeRule]:
        seen: QuerySet[FeeRule] = rows_for(request.user, FeeRule).filter(ends__isnull=True)
        if pk is not None:
            found = list(seen.filter(pk=pk))
            if not found:
                raise Http404
            return found
        return list(seen.filter(pk__in=in_force(today()).values("pk")).order_by("trade", "kind", "name"))


def _person(user: Any) -> str:
    return "—" if user is None else user.get_full_name() or user.email.split("@")[0]
