"""会员分群: conditions with the number of people shown before anything is kept, and who they are, masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, masked_mobiles
from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, column, link, moment, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import policy_for

from ..conditions import CONDITIONS, cleaned, in_words
from ..models import Campaign, Segment
from ..permissions import CAMPAIGN_CREATE, SEGMENT_EDIT
from ..selectors import audience
from ..services.segments import save_segment
from .forms import SegmentForm
from .reports import report_view

#: Members shown on a segment's page.
SHOWN = 50
_HEADERS = ("会员号", "姓名", "手机号", "归属机构", "最近购买", "12 个月单数", "12 个月金额")


@admin.register(Segment)
class SegmentAdmin(ActingAdmin):
    """Segments of one's units and of those above."""

    list_display = ("name", "c_unit", "c_short", "note", "c_active", "c_made")
    list_display_links = ("name",)
    list_select_related = ("unit", "made_by")
    list_filter = ("is_active",)
    search_fields = ("name",)
    search_help_text = _("名称")
    ordering = ("-is_active", "-pk")
    details = ((None, ("name", "c_active", "c_unit", "c_by", "c_words", "note", "c_people", "c_made")),)

    c_unit = column("unit__name", "所属机构", order="unit__path")
    c_by = column("made_by__first_name", "建立人", order=None)
    c_active = yes_no("is_active", "启用")
    c_made = moment("made_at", "建立时间")

    @admin.display(description=_("条件"))
    def c_words(self, row: Segment) -> str:
        return in_words(row.conditions, row.match) or "—"

    @admin.display(description=_("条件"))
    def c_short(self, row: Segment) -> str:
        return in_words(row.conditions, row.match, named=False) or "—"

    @admin.display(description=_("现在的人数"))
    def c_people(self, row: Any) -> str:
        return _people(row.o2o_people)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.o2o_people = audience(request.user, row.conditions, row.match).count()
        return row

    def tables(self, request: HttpRequest, obj: Segment) -> Sequence[Table]:
        if not policy_for(Member).may(request.user, "view", Member):
            return ()
        return (_members(request.user, obj.conditions, obj.match),)

    def doors(self, request: HttpRequest, obj: Segment) -> Sequence[Mapping[str, Any]]:
        found = []
        if may_at(request.user, SEGMENT_EDIT, obj.unit):
            found.append(door(_("修改"), "edit", self.address("edit", obj.pk)))
        if obj.is_active and policy_for(Campaign).may(request.user, CAMPAIGN_CREATE, Campaign):
            address = reverse("admin:o2o_member_operations_campaign_new")
            found.append(door(_("新建活动"), "campaign", f"{address}?segment={obj.pk}"))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("report/", self.report_view, "report"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context is not None and policy_for(Segment).may(request.user, SEGMENT_EDIT, Segment):
            button = door(_("新建分群"), "group_add", reverse(f"admin:{self._page('new')}"))
            context["actions_list"] = [*context.get("actions_list", ()), button]
        return response

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """会员报表."""
        return report_view(self, request)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """新建分群."""
        if not policy_for(Segment).may(request.user, SEGMENT_EDIT, Segment):
            raise PermissionDenied
        return self._write(request, None)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改分群."""
        row = self.row(request, pk, "segment.view")
        if not may_at(request.user, SEGMENT_EDIT, row.unit):
            raise PermissionDenied
        return self._write(request, row)

    def _write(self, request: HttpRequest, row: Segment | None) -> HttpResponse:
        typed = request.POST if request.method == "POST" else None
        form = SegmentForm(request.user, typed, initial=_initial(row))
        looking = typed is not None and "look" in typed
        facts: list[tuple[Any, Any]] = []
        table = None
        if looking and form.is_valid():
            try:
                conditions = cleaned(form.conditions())
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                match = form.cleaned_data["match"]
                people = audience(request.user, conditions, match).count()
                facts = [(_("条件"), in_words(conditions, match)), (_("现在的人数"), _people(people))]
                if policy_for(Member).may(request.user, "view", Member):
                    table = _members(request.user, conditions, match, 5)

        def do(data: dict[str, Any]) -> str:
            save_segment(
                request.user, data["name"], form.conditions(), match=data["match"], note=data["note"],
                is_active=data["is_active"], segment=row,
            )  # fmt: skip
            return str(_("已保存分群"))

        back = self.page_of(row.pk) if row is not None else reverse(f"admin:{self._page('changelist')}")
        title = _("修改分群") if row is not None else _("新建分群")
        return self.act(
            request, title, form, do, back, facts=facts, table=table, only_look=looking,
            note=_("没填的不作条件。人数只算您看得到的、状态正常的会员。"),
            buttons=(("do", "1", _("保存"), ""), ("look", "1", _("查看人数"), "secondary")),
        )  # fmt: skip


def _initial(row: Segment | None) -> dict[str, Any]:
    if row is None:
        return {"is_active": True}
    told: dict[str, Any] = {
        "name": row.name,
        "note": row.note,
        "match": row.match,
        "is_active": row.is_active,
    }
    for name, value in row.conditions.items():
        if name == "communities":
            told[name] = " ".join(value)
        elif name == "follows":
            told[name] = "yes" if value else "no"
        elif name in CONDITIONS:
            told[name] = value
    return told


def _people(count: int) -> str:
    return str(_("%(count)s 人") % {"count": f"{count:,}"})


def _members(user: Any, conditions: Mapping[str, Any], match: str, most: int = SHOWN) -> Table:
    rows = (
        audience(user, conditions, match).select_related("user", "home_unit", "o2o_figures").order_by("-pk")
    )
    found = list(rows[:most])
    mobiles = masked_mobiles([row.pk for row in found])
    return Table(
        f"会员（前 {most} 位）",
        _HEADERS,
        [
            (link("o2o_members_member", row.pk, row.number), masked_person(row.user), mobiles.get(row.pk, "—"),
             row.home_unit.name if row.home_unit else "—", *_bought(row))
            for row in found
        ],
    )  # fmt: skip


def _bought(row: Any) -> tuple[Any, Any, Any]:
    figures = getattr(row, "o2o_figures", None)
    if figures is None or figures.last_at is None:
        return "—", 0, yuan(0)
    return at(figures.last_at), figures.orders_year, yuan(figures.spent_year)
