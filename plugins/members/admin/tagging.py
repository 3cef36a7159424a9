"""会员标签: the words of a unit, and which of them stand on a member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, staff_of
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..models import Tag
from ..permissions import EDIT
from ..services.tagging import TAG_MADE, make_tag, set_tags, usable_tags
from .forms import TagsForm

TAG_EDITED = audit.action("members.tag_edited", _("修改会员标签"))


@admin.register(Tag)
class TagAdmin(ScopedAdmin):
    """Tags of the units in reach, and of those above; only the former are changed. One that is not used is put off."""

    list_display = ("name", "c_unit", "note", "is_active", "c_made")
    list_select_related = ("unit",)
    search_fields = ("name",)
    search_help_text = _("标签")
    fields = ("unit", "name", "note", "is_active")

    c_unit = column("unit__name", "所属机构", order="unit__path")
    c_made = moment("made_at", "建立时间")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "unit":
            kwargs["queryset"] = rows_for(request.user, OrgUnit, EDIT).order_by("path")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(Tag.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(TAG_EDITED if change else TAG_MADE, obj, before=before, after=audit.snapshot(obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policy_for(Tag).may(request.user, EDIT, Tag)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return rows_for(request.user, OrgUnit, EDIT).filter(pk=obj.unit_id).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TagFilter(admin.SimpleListFilter):
    """Members with one of the tags that somebody may use."""

    title = _("标签")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(tag.pk), tag.name) for tag in usable_tags(request.user)[:100]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        told = self.value() or ""
        if not (told.isascii() and told.isdecimal() and len(told) < 18):
            return queryset
        return queryset.filter(tags__tag__in=usable_tags(request.user).filter(pk=int(told)))


def tags_view(page: Any) -> Callable[[HttpRequest, int], HttpResponse]:
    """The page below a member's."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        member = page.row(request, pk, EDIT)
        told = request.POST if request.method == "POST" else None
        worn = [one.tag_id for one in member.tags.all()]
        form = TagsForm(request.user, told, initial={"tags": worn})

        @transaction.atomic
        def do(data: dict[str, Any]) -> str:
            wanted = list(data["tags"])
            if data["new"].strip():
                staff = staff_of(request.user)
                unit = staff.unit if staff is not None else OrgUnit.objects.get(parent__isnull=True)
                wanted.append(make_tag(request.user, unit, data["new"]))
            done = set_tags(request.user, member, wanted)
            return str(_("已设置标签") if done else _("标签没有变化"))

        shown: HttpResponse = page.act(
            request, _("标签"), form, do, page.page_of(pk), facts=page._facts(member),
            buttons=(("do", "1", _("保存"), ""),),
        )  # fmt: skip
        return shown

    return view
