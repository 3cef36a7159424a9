"""积分规则、等级、清算价: dated data, for the whole city; what was in force is ended, not rewritten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.kernel import audit

from ..kinds import BY_AMOUNT
from ..models import DeductRule, EarnRule, Level, LoyaltyTerms, SettlementRate

RULE_CHANGED = audit.action("loyalty.rule_changed", _("修改积分与等级规则"))


class RulePage(ScopedAdmin):
    """A table of rules: changes are audited, nothing is deleted."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(RULE_CHANGED, obj, before=before, after=audit.snapshot(obj))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        category = form.base_fields.get("category")
        if category is not None:
            category.empty_label = str(_("全部商品"))
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EarnRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """A rule that would give nothing is said to, beside the field; what was typed stays."""

    class Meta:
        model = EarnRule
        fields = (
            "occasion", "line", "category", "rate", "growth_rate", "points", "growth", "streak", "streak_points",
            "months", "valid_from", "valid_to", "note",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = {**(super().clean() or {})}
        occasion = given.get("occasion")
        if occasion is None:  # of one that is there only the end and the note change
            return given
        fixed, by_amount = (any(given.get(name) for name in names) for names in (_FIXED, _RATES))
        if occasion in BY_AMOUNT and fixed:
            self.add_error("points", _("消费按每元计，固定积分和固定成长值请填 0"))
        if occasion not in BY_AMOUNT and by_amount:
            self.add_error("rate", _("签到和推荐给固定的数，每元积分和每元成长值请填 0"))
        if occasion not in BY_AMOUNT and not fixed:
            self.add_error("points", _("请填写给多少积分或成长值"))
        return given


_FIXED, _RATES = ("points", "growth"), ("rate", "growth_rate")


@admin.register(EarnRule)
class EarnRuleAdmin(RulePage):
    """What gives points."""

    form = EarnRuleForm
    list_display = ("c_occasion", "c_for", "c_gives", "c_months", "c_from", "c_to", "note")
    list_display_links = ("c_occasion",)
    list_select_related = ("category",)
    list_filter = ("occasion",)
    fields = (
        "occasion", "line", "category", "rate", "growth_rate", "points", "growth", "streak", "streak_points", "months",
        "valid_from", "valid_to", "note",
    )  # fmt: skip

    c_occasion = column("get_occasion_display", "场合", lambda show: show(), order="occasion")
    c_from = moment("valid_from", "生效")
    c_to = moment("valid_to", "失效")

    @admin.display(description=_("适用"))
    def c_for(self, row: EarnRule) -> str:
        told = [row.category.name if row.category else "", str(row.get_line_display()) if row.line else ""]
        return "、".join(filter(None, told)) or "全部"

    @admin.display(description=_("给多少"))
    def c_gives(self, row: EarnRule) -> str:
        told = [
            f"每元 {row.rate.normalize():f} 积分" if row.rate else "",
            f"每元 {row.growth_rate.normalize():f} 成长值" if row.growth_rate else "",
            f"{row.points} 积分" if row.points else "",
            f"{row.growth} 成长值" if row.growth else "",
            f"每连续 {row.streak} 天另加 {row.streak_points} 积分" if row.streak else "",
        ]
        return "，".join(filter(None, told)) or "不给"

    @admin.display(description=_("积分有效期"))
    def c_months(self, row: EarnRule) -> str:
        return "长期" if row.months is None else f"{row.months} 个月，到月末"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # What members earned by is ended, not rewritten.
        return self.fields[:-2] if obj is not None else ()


@admin.register(Level)
class LevelAdmin(RulePage):
    """The ladder."""

    list_display = ("rank", "name", "code", "threshold", "c_percent", "note")
    list_display_links = ("name",)
    fields = ("code", "name", "rank", "threshold", "points_percent", "note")

    @admin.display(description=_("积分倍率"))
    def c_percent(self, row: Level) -> str:
        return f"{row.points_percent}%"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("code", "rank") if obj is not None else ()


@admin.register(SettlementRate)
class SettlementRateAdmin(RulePage):
    """What a hundred points cost between units, from when on."""

    list_display = ("c_from", "per_hundred", "note")
    list_display_links = ("c_from",)
    fields = ("per_hundred", "valid_from", "note")

    c_from = moment("valid_from", "生效")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("per_hundred", "valid_from") if obj is not None else ()


@admin.register(LoyaltyTerms)
class LoyaltyTermsAdmin(RulePage):
    """How long levels are kept and when members are told, from when on; without a row the form's first values hold."""

    list_display = ("c_from", "c_keep", "c_lower", "c_hand", "c_notice", "c_grace", "note")
    list_display_links = ("c_from",)
    fields = ("keep_months", "lower_steps", "hand_months", "notice_days", "grace_days", "valid_from", "note")

    c_from = moment("valid_from", "生效")
    c_keep = column("keep_months", "保级", lambda months: f"{months} 个月")
    c_lower = column("lower_steps", "到期未达标", lambda steps: f"降 {steps} 级")
    c_notice = column("notice_days", "到期提醒", lambda days: f"提前 {days} 天")
    c_grace = column("grace_days", "退回积分宽限", lambda days: f"{days} 天")

    @admin.display(description=_("补记积分有效期"))
    def c_hand(self, row: LoyaltyTerms) -> str:
        return "长期" if row.hand_months is None else f"{row.hand_months} 个月，到月末"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # what was promised by them is history: newer terms end older ones
        return self.fields[:-1] if obj is not None else ()


@admin.register(DeductRule)
class DeductRuleAdmin(RulePage):
    """How much of goods points may pay."""

    list_display = ("c_for", "c_percent", "c_worth", "c_from", "c_to", "note")
    list_display_links = ("c_for",)
    list_select_related = ("category",)
    fields = ("category", "percent", "per_hundred", "valid_from", "valid_to", "note")

    c_from = moment("valid_from", "生效")
    c_to = moment("valid_to", "失效")

    @admin.display(description=_("适用"))
    def c_for(self, row: DeductRule) -> str:
        return row.category.name if row.category is not None else "全部商品"

    @admin.display(description=_("最多抵扣"))
    def c_percent(self, row: DeductRule) -> str:
        return f"{row.percent}%" if row.percent else "不能用积分"

    @admin.display(description=_("每百分抵"))
    def c_worth(self, row: DeductRule) -> str:
        return f"{row.per_hundred.normalize():f} 元" if row.category_id is None else "—"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields[:-2] if obj is not None else ()
