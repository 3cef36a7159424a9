"""节假日: the calendar, and the page on which a year's notice is entered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.enums import ActionVariant

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import badge, moment
from saleor_o2o.kernel.errors import DomainError

from ..kinds import DayKind
from ..models import CalendarDay
from ..services.calendar import may_change, read_notice, remove_day, write_days

WEEKDAYS = "一二三四五六日"


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnlyAdmin):
    """Days that are not what their weekday says."""

    list_display = ("day", "c_weekday", "c_kind", "name", "source", "c_changed")
    list_filter = (("kind", ChoicesDropdownFilter), ("day", RangeDateFilter))
    list_filter_submit = True
    search_fields = ("name", "source")
    search_help_text = _("节日名称或依据")
    date_hierarchy = "day"
    ordering = ("day",)
    list_per_page = 100
    details = ((None, ("day", "c_weekday", "c_kind", "name", "source", "c_changed")),)

    c_changed = moment("changed_at", "更新时间")

    @admin.display(description=_("星期"))
    def c_weekday(self, row: CalendarDay) -> str:
        return f"周{WEEKDAYS[row.day.weekday()]}"

    @admin.display(description=_("类别"), ordering="kind")
    def c_kind(self, row: CalendarDay) -> Any:
        return badge(row.kind, dict(DayKind.choices))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own = [
            path("notice/", view(self.notice_view), name=self._page("notice")),
            path("<path:object_id>/ordinary/", view(self.ordinary_view), name=self._page("ordinary")),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and may_change(request.user):
            button = {
                "title": _("录入放假安排"), "path": reverse(f"admin:{self._page('notice')}"), "icon": "edit_calendar",
                "variant": ActionVariant.PRIMARY,
            }  # fmt: skip
            response.context_data = {**(response.context_data or {}), "actions_list": [button]}
        return response

    def doors(self, request: HttpRequest, obj: CalendarDay) -> list[Any]:
        """Back to an ordinary day."""
        if not may_change(request.user):
            return []
        path_ = reverse(f"admin:{self._page('ordinary')}", args=[obj.pk])
        return [
            {"title": _("改为平常日"), "path": path_, "icon": "event_busy", "variant": ActionVariant.DEFAULT}
        ]

    def notice_view(self, request: HttpRequest) -> HttpResponse:
        """The lines of a notice; what they say of a day takes the place of what was said before."""
        if not may_change(request.user):
            raise PermissionDenied
        form = {name: request.POST.get(name, "") for name in ("notice", "source")}
        error, days = None, None
        if request.method == "POST":
            try:
                days = read_notice(form["notice"])
                if "save" in request.POST:
                    changed = write_days(days, source=form["source"], by=request.user)
                    messages.success(request, _("已保存，%(count)s 天有变化") % {"count": changed})
                    return HttpResponseRedirect(reverse(f"admin:{self._page('changelist')}"))
            except DomainError as refused:
                error, days = refused, None
        there = {row.day: row for row in CalendarDay.objects.filter(day__in=days or ())}
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("录入放假安排"), "form": form,
            "error": error, "back": reverse(f"admin:{self._page('changelist')}"),
            "days": [
                (day, WEEKDAYS[day.weekday()], DayKind(kind).label, name, there.get(day))
                for day, (kind, name) in sorted((days or {}).items())
            ],
        }  # fmt: skip
        return TemplateResponse(request, "o2o_service_map/notice.html", context)

    def ordinary_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then take a day out of the calendar."""
        if not may_change(request.user):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        listing = reverse(f"admin:{self._page('changelist')}")
        if row is None:
            return HttpResponseRedirect(listing)
        if request.method == "POST":
            remove_day(row, by=request.user)
            messages.success(request, _("已改为平常日"))
            return HttpResponseRedirect(listing)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "back": listing,
            "title": _("把 %(day)s 改为平常日") % {"day": row.day},
            "note": _("现为“%(name)s”。改后各网点按平常的星期营业。") % {"name": row.name},
        }  # fmt: skip
        return TemplateResponse(request, "o2o_service_map/ordinary.html", context)
