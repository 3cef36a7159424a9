"""车辆到期: cars of members in reach whose inspection or insurance ends soon; what was done is noted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet, Value
from django.db.models.functions import Coalesce, Least
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, column, link, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.clock import today

from ..kinds import Due, IdentityKind
from ..models import MemberIdentity, Vehicle, VehicleReminder
from ..permissions import EDIT
from ..selectors import members_by_text
from ..services.reminding import STEPS, done_at_counter, due_soon

#: What is not broken over two lines.
WHOLE = '<span class="o2o-whole">{}</span>'


class DueFilter(DropdownFilter):
    """By what ends when; without a choice: within sixty days, and what ended lately."""

    title = _("到期")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        near = [(str(days), _("%(days)d 天内") % {"days": days}) for days in STEPS]
        return [*near, ("over", _("已过期（90 天内）")), ("all", _("全部车辆"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if wanted == "all":
            return queryset
        if wanted == "over":
            return queryset.filter(due_soon(-1))
        return queryset.filter(due_soon(int(wanted) if wanted in {str(one) for one in STEPS} else max(STEPS)))


class DoneForm(forms.Form):
    """What was done, and until when it is good now."""

    kind = forms.ChoiceField(label=_("已办理"), choices=Due.choices, widget=UnfoldAdminSelectWidget)
    due = forms.DateField(
        label=_("新的到期日期"), required=False, widget=UnfoldAdminSingleDateWidget,
        help_text=_("不填：交强险一年后；年检两年后，注册登记满十年或日期不详为一年后"),
    )  # fmt: skip


@admin.register(Vehicle)
class VehicleAdmin(ActingAdmin):
    """The nearest date first."""

    list_display = (
        "c_plate", "c_member", "c_name", "c_mobile", "c_inspection", "c_insurance", "c_told", "c_remind", "c_home",
    )  # fmt: skip
    list_display_links = ("c_plate",)
    list_filter = (DueFilter,)
    list_filter_submit = True
    list_select_related = ("member__user", "member__home_unit")
    search_fields = ("member__number",)
    search_help_text = _("完整的会员号、手机号、卡号或证件号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_plate",
                "c_member",
                "c_name",
                "c_mobile",
                "model",
                "registered_on",
                "c_inspection",
                "c_insurance",
                "c_remind",
                "c_home",
            ),
        ),
    )

    c_plate = column("masked", "车牌", lambda plate: format_html(WHOLE, plate), order=None)
    c_remind = yes_no("remind", "提醒")
    c_home = column("member__home_unit__name", "归属机构", order="member__home_unit__path")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        live = MemberIdentity.objects.filter(
            kind=IdentityKind.MOBILE, is_primary=True, released_at__isnull=True
        )
        rows = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("member__identities", live, "o2o_mobiles"), "reminders")

    def get_ordering(self, request: HttpRequest) -> Any:
        far = Value(date(9999, 1, 1))
        nearest = Least(Coalesce("inspection_due", far), Coalesce("insurance_due", far))
        return (nearest.asc(), "-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(member__in=[one.pk for one in members_by_text(search_term)]), False

    @admin.display(description=_("会员"))
    def c_member(self, row: Vehicle) -> Any:
        return link("o2o_members_member", row.member_id, row.member.number)

    @admin.display(description=_("姓名"))
    def c_name(self, row: Vehicle) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("手机号"))
    def c_mobile(self, row: Any) -> str:
        mobiles = row.member.o2o_mobiles
        return mobiles[0].masked if mobiles else "—"

    @admin.display(description=_("年检"), ordering="inspection_due")
    def c_inspection(self, row: Vehicle) -> str:
        return _in_words(row.inspection_due)

    @admin.display(description=_("交强险"), ordering="insurance_due")
    def c_insurance(self, row: Vehicle) -> str:
        return _in_words(row.insurance_due)

    @admin.display(description=_("最近提醒"))
    def c_told(self, row: Vehicle) -> str:
        told: VehicleReminder | None = next(iter(row.reminders.all()), None)
        return f"{told.at.date():%m-%d} {told.get_way_display()}" if told is not None else "—"

    def called(self, obj: Vehicle) -> str:
        return obj.masked

    def tables(self, request: HttpRequest, obj: Vehicle) -> Sequence[Table]:
        rows = [
            (at(one.at), one.get_kind_display(), one.due, f"{one.days} 天", one.get_way_display())
            for one in obj.reminders.all()[:50]
        ]
        return [Table(str(_("提醒记录")), ("时间", "事项", "到期", "提前", "方式"), rows)]

    def doors(self, request: HttpRequest, obj: Vehicle) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, EDIT, obj):
            return []
        return [door(_("登记已办理"), "task_alt", self.address("done", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/done/", self.done_view, "done"), *super().get_urls()]

    def done_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Inspection or insurance was done: the next date counts."""
        row = self.row(request, pk, EDIT)

        def do(told: dict[str, Any]) -> str:
            kind = Due(told["kind"])
            saved = done_at_counter(request.user, pk, kind, told["due"])
            words = {"what": kind.label, "day": f"{getattr(saved, kind.field):%Y-%m-%d}"}
            return str(_("%(what)s下次到期：%(day)s") % words)

        form = DoneForm(request.POST if request.method == "POST" else None)
        facts = (
            (_("车牌"), row.masked), (_("年检到期"), row.inspection_due or "—"),
            (_("交强险到期"), row.insurance_due or "—"),
        )  # fmt: skip
        return self.act(request, _("登记已办理"), form, do, self.page_of(pk), facts=facts)


def _in_words(due: date | None) -> str:
    if due is None:
        return "—"
    left = (due - today()).days
    if left > max(STEPS):
        return format_html(WHOLE, f"{due:%Y-%m-%d}")
    words = _("已过 %(days)d 天") if left < 0 else _("还有 %(days)d 天")
    return format_html(f"{WHOLE} {WHOLE}", f"{due:%Y-%m-%d}", words % {"days": abs(left)})
