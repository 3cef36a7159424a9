"""短信记录 and 短信限次, for the city: what was sent to whom (never what it said), and how much may be asked for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, ScopedAdmin
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.scope import policy_for

from ..errors import MemberError
from ..kinds import SmsState
from ..limits import DEFAULTS
from ..models import SmsLimit, SmsMessage
from ..services.sms import mobile_index
from ..texts import TITLES
from ..values import clean_mobile
from .looks import coloured

LIMIT_SET = audit.action("members.sms_limit_set", _("设置短信限次"))


@admin.register(SmsMessage)
class SmsMessageAdmin(ReadOnlyAdmin):
    """Every text message, by its number or the whole number it went to."""

    list_display = (
        "number",
        "c_mobile",
        "c_template",
        "c_state",
        "c_failure",
        "c_attempts",
        "c_made",
        "c_over",
    )
    list_display_links = ("number",)
    list_filter = (("state", ChoicesDropdownFilter), ("made_at", titled(RangeDateFilter, "时间")))
    list_filter_submit = True
    search_fields = ("number",)
    search_help_text = _("短信编号或完整手机号")
    ordering = ("-pk",)
    details = (
        (
            None,
            ("c_number", "c_mobile", "c_template", "c_state", "c_failure", "c_attempts", "c_made", "c_over"),
        ),
        ("短信平台", ("c_receipt", "c_tried")),
    )

    c_number = column("number", "短信编号")
    c_template = column("template", "内容", lambda key: str(TITLES.get(key, key)))
    c_failure = column("failure", "原因")
    c_attempts = column("attempts", "次数")
    c_receipt = column("receipt", "回执号")
    c_made = moment("made_at", "时间")
    c_tried = moment("tried_at", "最近发送")
    c_over = moment("over_at", "结束时间")

    @admin.display(description=_("手机号"))
    def c_mobile(self, message: SmsMessage) -> str:
        return message.masked

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, message: SmsMessage) -> Any:
        return coloured(message.state, dict(SmsState.choices))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        try:
            return queryset.filter(mobile_index=mobile_index(clean_mobile(word))), False
        except MemberError:
            return queryset.filter(number__iexact=word), False


@admin.register(SmsLimit)
class SmsLimitAdmin(ScopedAdmin):
    """Limits from a day on; a subject without any row has the platform's own."""

    list_display = ("c_subject", "seconds", "most", "valid_from", "note")
    list_filter = (("subject", ChoicesDropdownFilter),)
    fields = ("subject", "seconds", "most", "valid_from", "note")

    c_subject = column("get_subject_display", "按什么", lambda show: show(), order="subject")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        told = "；".join(
            f"{subject.label} " + "、".join(f"{seconds} 秒 {most} 条" for seconds, most in spans.items())
            for subject, spans in DEFAULTS.items()
        )
        texts = {"most": _("0 表示这个时间内不限。没有设置的按平台默认：%(told)s") % {"told": told}}
        return super().get_form(request, obj, change, help_texts=texts, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(SmsLimit.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(LIMIT_SET, obj, before=before, after=audit.snapshot(obj))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record(LIMIT_SET, obj, before=audit.snapshot(obj))
        super().delete_model(request, obj)

    def _may_set(self, request: HttpRequest) -> bool:
        return policy_for(SmsLimit).may(request.user, "sms.configure", SmsLimit)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_set(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_set(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_set(request)
